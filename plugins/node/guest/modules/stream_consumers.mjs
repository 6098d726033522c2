// node:stream/consumers.
import { Buffer } from "./buffer.mjs";

async function parts(source) {
  const found = [];
  for await (const part of source) found.push(typeof part === "string" ? Buffer.from(part) : part);
  return found;
}

const blob = async (source) => new Blob(await parts(source));
const buffer = async (source) => Buffer.concat((await parts(source)).map((part) => Buffer.from(part)));
const arrayBuffer = async (source) => new Uint8Array(await buffer(source)).buffer;
const text = async (source) => {
  const decoder = new TextDecoder();
  let result = "";
  for await (const part of source) result += typeof part === "string" ? part : decoder.decode(part, { stream: true });
  return result + decoder.decode();
};
const json = async (source) => JSON.parse(await text(source));

export default { arrayBuffer, blob, buffer, json, text };
