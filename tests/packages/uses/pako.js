import * as pako from "pako";
const text = "hello ".repeat(1000);
const packed = pako.gzip(text);
export default [packed.length < 100, pako.ungzip(packed, { to: "string" }) === text, [...pako.deflateRaw("abc")]];
