// Random bytes, numbers and identifiers, from the operating system.
import { platform } from "../platform";
import { Buffer } from "./buffer.mjs";
import { checkFunction, invalidArgType, outOfRange } from "./errors.mjs";
import { nextTick } from "./ticks.mjs";

const MOST = 2 ** 31 - 1;
const draw = (size) => Buffer.from(platform.random(size).buffer);

function randomBytes(size, callback) {
  checkNumberOf(size, "size", MOST);
  if (callback === undefined) return draw(size);
  checkFunction(callback, "callback");
  nextTick(callback, null, draw(size));
}

function checkNumberOf(value, name, most) {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  if (!(value >= 0 && value <= most)) throw outOfRange(name, `>= 0 && <= ${most}`, value);
}

function randomFillSync(buffer, offset = 0, size = undefined) {
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : buffer instanceof ArrayBuffer
      ? new Uint8Array(buffer)
      : undefined;
  if (bytes === undefined) throw invalidArgType("buf", ["ArrayBuffer", "ArrayBufferView"], buffer);
  const unit = buffer.BYTES_PER_ELEMENT ?? 1;
  const from = offset * unit;
  const to = size === undefined ? bytes.length : from + size * unit;
  if (from < 0 || from > bytes.length) throw outOfRange("offset", `>= 0 && <= ${bytes.length / unit}`, offset);
  if (to > bytes.length) throw outOfRange("size + offset", `<= ${bytes.length / unit}`, to / unit);
  bytes.set(draw(to - from), from);
  return buffer;
}

function randomFill(buffer, ...rest) {
  const callback = rest.pop();
  checkFunction(callback, "callback");
  nextTick(callback, null, randomFillSync(buffer, ...rest));
}

const SPAN = 2 ** 48 - 1;
function randomInt(min, max, callback) {
  const [least, most, done] = max === undefined || typeof max === "function" ? [0, min, max] : [min, max, callback];
  if (!Number.isSafeInteger(least)) throw invalidArgType("min", "a safe integer", least);
  if (!Number.isSafeInteger(most)) throw invalidArgType("max", "a safe integer", most);
  if (most <= least) throw outOfRange("max", `greater than the value of "min" (${least})`, most);
  const range = most - least;
  if (range > SPAN) throw outOfRange(max === undefined ? "max" : "max - min", `<= ${SPAN}`, range);
  const limit = 2 ** 48 - (2 ** 48 % range);
  let number;
  do number = draw(6).readUIntBE(0, 6);
  while (number >= limit);
  const result = least + (number % range);
  if (done === undefined) return result;
  checkFunction(done, "callback");
  nextTick(done, undefined, result);
}

function randomUUID(options) {
  if (options !== undefined && (options === null || typeof options !== "object"))
    throw invalidArgType("options", "Object", options);
  const bytes = draw(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export const random = {
  randomBytes,
  pseudoRandomBytes: randomBytes,
  prng: randomBytes,
  rng: randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
};
