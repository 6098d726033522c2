// The numbers of a Buffer: read and write methods with Node's own checks, over a DataView.
import { coded, invalidArgType, outOfRange } from "./errors.mjs";

function outOfBounds(buffer, offset, size) {
  if (typeof offset !== "number") return invalidArgType("offset", "number", offset);
  if (!Number.isInteger(offset)) return outOfRange("offset", "an integer", offset);
  if (buffer.length < size)
    return coded(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds");
  return outOfRange("offset", `>= 0 and <= ${buffer.length - size}`, offset);
}

function view(buffer, offset, size) {
  if (typeof offset !== "number" || !(offset >= 0 && offset + size <= buffer.length) || !Number.isInteger(offset))
    throw outOfBounds(buffer, offset, size);
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function range(bits, signed, big) {
  const [least, most] = signed
    ? [`-(2${big ? "n" : ""} ** ${bits - 1}${big ? "n" : ""})`, `2${big ? "n" : ""} ** ${bits - 1}${big ? "n" : ""}`]
    : [`0${big ? "n" : ""}`, `2${big ? "n" : ""} ** ${bits}${big ? "n" : ""}`];
  return `>= ${least} and < ${most}`;
}

function checkValue(value, least, most, bits, signed) {
  if (value >= least && value <= most) return;
  const big = bits === 64;
  if (value !== value) return;
  const wide = bits > 32;
  throw outOfRange("value", wide ? range(bits, signed, big) : `>= ${least} and <= ${most}`, value);
}

/** `readInt16LE` and its relatives. */
function addFixed(prototype, kind, bits) {
  const size = bits / 8;
  const signed = kind === "Int";
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const most = 2 ** (bits - (signed ? 1 : 0)) - 1;
  for (const ending of size === 1 ? [""] : ["LE", "BE"]) {
    const little = ending === "LE";
    const get = DataView.prototype[`get${kind}${bits}`];
    const set = DataView.prototype[`set${kind}${bits}`];
    const name = `${kind === "Int" ? "Int" : "UInt"}${bits}${ending}`;
    prototype[`read${name}`] = function (offset = 0) {
      return get.call(view(this, offset, size), offset, little);
    };
    prototype[`write${name}`] = function (value, offset = 0) {
      const number = +value;
      checkValue(number, least, most, bits, signed);
      set.call(view(this, offset, size), offset, number, little);
      return offset + size;
    };
  }
}

function addBig(prototype, kind) {
  const signed = kind === "BigInt64";
  const least = signed ? -(2n ** 63n) : 0n;
  const most = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  for (const ending of ["LE", "BE"]) {
    const little = ending === "LE";
    const get = DataView.prototype[`get${kind}`];
    const set = DataView.prototype[`set${kind}`];
    const name = `${signed ? "BigInt64" : "BigUInt64"}${ending}`;
    prototype[`read${name}`] = function (offset = 0) {
      return get.call(view(this, offset, 8), offset, little);
    };
    prototype[`write${name}`] = function (value, offset = 0) {
      checkValue(value, least, most, 64, signed);
      const target = view(this, offset, 8);
      if (typeof value !== "bigint") throw new TypeError("Cannot mix BigInt and other types, use explicit conversions");
      set.call(target, offset, value, little);
      return offset + 8;
    };
  }
}

function addFloat(prototype, name, bits) {
  const size = bits / 8;
  const get = DataView.prototype[`getFloat${bits}`];
  const set = DataView.prototype[`setFloat${bits}`];
  for (const ending of ["LE", "BE"]) {
    const little = ending === "LE";
    prototype[`read${name}${ending}`] = function (offset = 0) {
      return get.call(view(this, offset, size), offset, little);
    };
    prototype[`write${name}${ending}`] = function (value, offset = 0) {
      set.call(view(this, offset, size), offset, value, little);
      return offset + size;
    };
  }
}

function checkWidth(offset, byteLength) {
  if (offset === undefined) throw invalidArgType("offset", "number", offset);
  if (typeof byteLength !== "number") throw invalidArgType("byteLength", "number", byteLength);
  if (!Number.isInteger(byteLength)) throw outOfRange("byteLength", "an integer", byteLength);
  if (byteLength < 1 || byteLength > 6) throw outOfRange("byteLength", ">= 1 and <= 6", byteLength);
}

/** `readUIntLE(offset, byteLength)` and its relatives: one to six bytes. */
function addVariable(prototype, signed, ending) {
  const name = `${signed ? "Int" : "UInt"}${ending}`;
  const place = (i, size) => (ending === "LE" ? i : size - 1 - i);
  prototype[`read${name}`] = function (offset, byteLength) {
    checkWidth(offset, byteLength);
    view(this, offset, byteLength);
    let value = 0;
    for (let i = byteLength - 1; i >= 0; i--) value = value * 256 + this[offset + place(i, byteLength)];
    return signed && value >= 2 ** (8 * byteLength - 1) ? value - 2 ** (8 * byteLength) : value;
  };
  prototype[`write${name}`] = function (value, offset, byteLength) {
    const number = +value;
    checkWidth(offset === undefined ? offset : 0, byteLength);
    const bits = 8 * byteLength;
    checkValue(number, signed ? -(2 ** (bits - 1)) : 0, 2 ** (bits - (signed ? 1 : 0)) - 1, bits, signed);
    view(this, offset, byteLength);
    let rest = Math.trunc(number) || 0;
    for (let i = 0; i < byteLength; i++) {
      this[offset + place(i, byteLength)] = ((rest % 256) + 256) % 256;
      rest = Math.floor(rest / 256);
    }
    return offset + byteLength;
  };
}

export function addNumbers(prototype) {
  for (const bits of [8, 16, 32]) for (const kind of ["Int", "Uint"]) addFixed(prototype, kind, bits);
  for (const kind of ["BigInt64", "BigUint64"]) addBig(prototype, kind);
  addFloat(prototype, "Float", 32);
  addFloat(prototype, "Double", 64);
  for (const signed of [true, false]) for (const ending of ["LE", "BE"]) addVariable(prototype, signed, ending);
  for (const name of Object.keys(prototype))
    if (/^(read|write)(Big)?UInt/.test(name)) prototype[name.replace("UInt", "Uint")] = prototype[name];
}
