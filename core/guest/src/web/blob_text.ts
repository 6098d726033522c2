// The bytes of a blob as text (File API §6.3 "package data").
import { apply, fromCharCode, mapGet, min, typedArrayLength, typedArraySubarray } from "../primordials";
import { decodeWith } from "./encoding";
import { parseMIMEType } from "./fetch_classes";

const CHUNK = 8192;

/** One character for each byte. */
export function binaryText(bytes: Uint8Array<ArrayBuffer>): string {
  const length = typedArrayLength(bytes);
  let text = "";
  for (let at = 0; at < length; at += CHUNK) {
    text += apply(fromCharCode, undefined, typedArraySubarray(bytes, at, min(at + CHUNK, length)));
  }
  return text;
}

/** What a byte order mark says goes before any label. */
function labelOfMark(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  const first = bytes[0];
  const second = bytes[1];
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0xff && second === 0xfe ? "utf-16le" : undefined;
}

function charsetOf(type: string): string | undefined {
  const mime = parseMIMEType(type);
  return mime === "failure" ? undefined : mapGet(mime.parameters, "charset");
}

/** Decoded by its mark, the label that was asked for, the charset of its type, or as UTF-8. */
export function decodedText(bytes: Uint8Array<ArrayBuffer>, type: string, label: string | undefined): string {
  const mark = labelOfMark(bytes);
  if (mark !== undefined) return decodeWith(mark, bytes) as string;
  if (label !== undefined) {
    const text = decodeWith(label, bytes);
    if (text !== undefined) return text;
  }
  const charset = charsetOf(type);
  return (charset === undefined ? undefined : decodeWith(charset, bytes)) ?? (decodeWith("utf-8", bytes) as string);
}
