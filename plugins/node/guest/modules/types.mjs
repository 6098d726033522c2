// util.types, on the tests that the formatter of the surface uses.
import { platform } from "../platform";

const own = platform.types;
const kind = (name) => (value) => own.typedArrayKind(value) === name;
const KINDS = [
  "Uint8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Uint32Array",
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
];
const { typedArrayKind: _, ...tests } = own;
export const types = {
  ...tests,
  isArrayBufferView: ArrayBuffer.isView,
  isTypedArray: (value) => own.typedArrayKind(value) !== undefined,
  ...Object.fromEntries(KINDS.map((name) => [`is${name}`, kind(name)])),
  isSharedArrayBuffer: (value) => own.isAnyArrayBuffer(value) && !own.isArrayBuffer(value),
  isGeneratorObject: (value) => Object.prototype.toString.call(value) === "[object Generator]",
  isProxy: () => false,
  isKeyObject: () => false,
  isCryptoKey: (value) => globalThis.CryptoKey !== undefined && value instanceof globalThis.CryptoKey,
  isEventTarget: (value) => value instanceof globalThis.EventTarget,
};

export default types;
