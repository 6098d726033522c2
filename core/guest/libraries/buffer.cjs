// The little of Node's Buffer that undici's body code uses. Guest code never sees one.
const { TextDecoder, TextEncoder, atob } = require("isolate-host:lent");

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function isomorphic(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
  return text;
}

class Buffer extends Uint8Array {
  static from(value, encoding) {
    if (typeof value !== "string") return new Buffer(value);
    if (encoding === "base64") return Buffer.from(atob(value.replace(/[^A-Za-z0-9+/]/g, "")), "binary");
    if (encoding !== "binary") return new Buffer(encoder.encode(value).buffer);
    const bytes = new Buffer(value.length);
    for (let i = 0; i < value.length; i++) bytes[i] = value.charCodeAt(i);
    return bytes;
  }
  static allocUnsafe(size) {
    return new Buffer(size);
  }
  static byteLength(text) {
    return encoder.encode(text).length;
  }
  static isBuffer(value) {
    return value instanceof Buffer;
  }
  static concat(parts, length) {
    const joined = new Buffer(length);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
  toString(encoding) {
    return encoding === "latin1" || encoding === "ascii" || encoding === "binary" ? isomorphic(this) : decoder.decode(this);
  }
  equals(other) {
    if (this.length !== other.length) return false;
    for (let i = 0; i < other.length; i++) if (this[i] !== other[i]) return false;
    return true;
  }
  indexOf(needle, from = 0) {
    if (typeof needle === "number") return Uint8Array.prototype.indexOf.call(this, needle, from);
    const last = this.length - needle.length;
    for (let at = Uint8Array.prototype.indexOf.call(this, needle[0], from); at !== -1 && at <= last; at = Uint8Array.prototype.indexOf.call(this, needle[0], at + 1)) {
      let same = 1;
      while (same < needle.length && this[at + same] === needle[same]) same++;
      if (same === needle.length) return at;
    }
    return -1;
  }
}

module.exports = { Buffer };
