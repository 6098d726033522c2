// Conversions of Web IDL that the interfaces of this plugin need.
import { fail, p, typeError } from "./platform";

/** Where the bytes of a BufferSource lie at this moment. */
export interface Window {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
}

function isArrayBuffer(value: object): boolean {
  try {
    p.arrayBufferByteLength(value);
    return true;
  } catch {
    return false;
  }
}

/** The buffer under a view or the buffer itself; `undefined` for anything else. Runs no guest code. */
function bufferOf(value: object): object | undefined {
  if (p.typedArrayKind(value) !== undefined) return p.typedArrayBuffer(value);
  if (isArrayBuffer(value)) return value;
  try {
    return p.dataViewBuffer(value);
  } catch {
    return undefined;
  }
}

export function isBufferSource(value: unknown): value is object {
  return typeof value === "object" && value !== null && bufferOf(value) !== undefined;
}

/** `BufferSource`: neither shared nor resizable memory. Checks the type only; the bytes are looked at when they are needed. */
export function bufferSource(value: unknown, what: string): object {
  if (!isBufferSource(value)) typeError(`${what} is not an ArrayBuffer or a view of one`);
  const buffer = bufferOf(value) as object;
  if (!isArrayBuffer(buffer)) typeError(`${what} is shared memory`);
  if (p.arrayBufferResizable(buffer)) typeError(`${what} is a resizable ArrayBuffer`);
  return value;
}

/** A detached buffer has no bytes. */
export function windowOf(source: object): Window {
  const buffer = bufferOf(source) as ArrayBuffer;
  if (p.arrayBufferDetached(buffer)) return { buffer, offset: 0, length: 0 };
  if (p.typedArrayKind(source) !== undefined) {
    return { buffer, offset: p.typedArrayOffset(source), length: p.typedArrayByteLength(source) };
  }
  if (source === buffer) return { buffer, offset: 0, length: p.arrayBufferByteLength(source) };
  return { buffer, offset: p.dataViewOffset(source), length: p.dataViewByteLength(source) };
}

/** A copy in a buffer of its own. */
export function copyOf(source: object): ArrayBuffer {
  const { buffer, offset, length } = windowOf(source);
  const copy = new p.Uint8Array(length);
  if (length > 0) p.typedArraySet(copy, new p.Uint8Array(buffer, offset, length));
  return p.typedArrayBuffer(copy);
}

export function sizeOf(buffer: ArrayBuffer): number {
  return p.arrayBufferByteLength(buffer);
}

export function bytesOf(buffer: ArrayBuffer): Uint8Array {
  return new p.Uint8Array(buffer);
}

/** The first bytes of a buffer, in one of their own. */
export function prefix(buffer: ArrayBuffer, size: number): ArrayBuffer {
  return size === sizeOf(buffer) ? buffer : copyOf(new p.Uint8Array(buffer, 0, size));
}

/** `[EnforceRange] unsigned …`: an integer within bounds, or a TypeError. */
export function enforceRange(value: unknown, most: number, what: string): number {
  const number = +(value as number);
  if (!p.isFinite(number)) typeError(`${what} is not a finite number`);
  const whole: number = p.trunc(number);
  if (whole < 0 || whole > most) typeError(`${what} is outside of 0 to ${most}`);
  return whole + 0;
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Small texts that are compared with names: without regard to ASCII case, and to nothing else. */
export function asciiLower(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const code: number = p.stringCharCodeAt(text, i);
    result += code >= 0x41 && code <= 0x5a ? p.fromCharCode(code + 32) : text[i];
  }
  return result;
}

export function needArguments(count: number, needed: number, where: string): void {
  if (count < needed) typeError(`${where}: ${needed} argument${needed === 1 ? "" : "s"} required, but only ${count} present.`);
}

/** `sequence<DOMString>`, through the argument's own iterator; `take` gets each item. */
export function forEachString(value: unknown, what: string, take: (item: string) => void): void {
  if (!isObject(value) || typeof (value as Iterable<unknown>)[p.iteratorSymbol as typeof Symbol.iterator] !== "function") {
    typeError(`${what} is not a sequence`);
  }
  // lint: Web IDL asks for the argument's iterator
  for (const item of value as Iterable<unknown>) take(`${item as string}`);
}

export function notSupported(message: string): never {
  return fail("NotSupportedError", message);
}
