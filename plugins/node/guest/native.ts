// The native service of the worker, for node:crypto. Guest code can get hold of whatever the modules hold (they run among
// its patches), so what it could call by that is checked here: bytes are bytes, numbers are numbers, and an order is text
// that only this file writes.
import type { Primordials, Sdk } from "../../../core/guest/types/sdk";
import type { Bytes, NativeCrypto } from "./platform";

const MOST_BYTES = 2 ** 31 - 1;

export function nativeCrypto(sdk: Sdk): NativeCrypto {
  const p: Primordials = sdk.primordials;

  function copy(value: unknown): ArrayBuffer {
    if (p.typedArrayKind(value) !== "Uint8Array") throw new p.TypeError("not a Uint8Array");
    const bytes = new p.Uint8Array(p.typedArrayByteLength(value));
    p.typedArraySet(bytes, value);
    return p.typedArrayBuffer(bytes);
  }
  function count(value: unknown): string {
    if (typeof value !== "number" || !p.isInteger(value) || value < 0 || value > MOST_BYTES)
      throw new p.RangeError("not a count");
    return `${value}`;
  }
  const text = (value: unknown): string => p.jsonStringify(`${value as string}`);

  function run(order: string, a: ArrayBuffer, b?: ArrayBuffer, c?: ArrayBuffer, d?: ArrayBuffer): Bytes {
    const result = sdk.compute(order, a, b as ArrayBuffer, c as ArrayBuffer, d as ArrayBuffer);
    if (result === undefined) throw new p.RangeError("there is not enough memory for the result");
    if (typeof result !== "string") return new p.Uint8Array(result);
    throw new p.Error(p.stringSlice(result, p.stringIndexOf(result, ":") + 1));
  }

  return {
    random(size) {
      const buffer = sdk.random(+count(size));
      if (buffer === undefined) throw new p.RangeError("there is not enough memory for the result");
      return new p.Uint8Array(buffer);
    },
    digest: (hash, data) => run(`{"op":"digest","hash":${text(hash)}}`, copy(data)),
    hmac: (hash, key, data) => run(`{"op":"hmac","hash":${text(hash)}}`, copy(key), copy(data)),
    pbkdf2: (hash, password, salt, iterations, bytes) =>
      run(
        `{"op":"pbkdf2","hash":${text(hash)},"iterations":${count(iterations)},"bytes":${count(bytes)}}`,
        copy(password),
        copy(salt),
      ),
    hkdf: (hash, key, salt, info, bytes) =>
      run(`{"op":"hkdf","hash":${text(hash)},"bytes":${count(bytes)}}`, copy(key), copy(salt), copy(info)),
    scrypt: (password, salt, cost, blockSize, parallelization, bytes) =>
      run(
        `{"op":"scrypt","n":${count(cost)},"r":${count(blockSize)},"p":${count(parallelization)},"bytes":${count(bytes)}}`,
        copy(password),
        copy(salt),
      ),
    aes: (mode, encrypt, key, data, iv, extra) =>
      run(
        `{"op":"aes","mode":${text(mode)},"encrypt":${encrypt === true},"bits":128,"tag":128}`,
        copy(key),
        copy(data),
        copy(iv),
        extra === undefined ? undefined : copy(extra),
      ),
  };
}
