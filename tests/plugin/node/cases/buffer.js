const { Buffer: B, default: module } = await load("buffer");
const texts = ["", "a", "abc", "hello world", "h\u00e9llo \u{1f600}", "zz0", "0a0b0", "SGVsbG8", "SGVsbG8=", "SGVs bG8", "__-_", "//+/", "\ud800x", "caf\u00e9\u0101", "a\u0000b", "YQ==YQ=="];
const encodings = ["utf8", "utf-8", "hex", "base64", "base64url", "latin1", "binary", "ascii", "ucs2", "utf16le", "UTF-16LE", "HEX", "Base64"];
for (const text of texts) for (const e of encodings) {
  check(["from", text, e], () => B.from(text, e));
  check(["byteLength", text, e], () => B.byteLength(text, e));
  check(["toString", text, e], () => B.from(text, "utf8").toString(e));
  check(["fill", text, e], () => B.alloc(7).fill(text, e));
  check(["write", text, e], () => { const b = B.alloc(6); return [b.write(text, 1, 4, e), [...b]]; });
  check(["indexOf", text, e], () => B.from("hello world hello").indexOf(text, 2, e));
  check(["lastIndexOf", text, e], () => B.from("hello world hello").lastIndexOf(text, 12, e));
  check(["alloc", text, e], () => B.alloc(5, text, e));
}
for (const bytes of [[0xff, 0xfe, 0xc3, 0x28], [0xe2, 0x82], [0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f], [0xed, 0xa0, 0x80], [0x80, 0x81, 200, 255], []])
  for (const e of encodings) check(["decode", bytes, e], () => B.from(bytes).toString(e));
const methods = Object.getOwnPropertyNames(B.prototype).filter((m) => /^(read|write)./.test(m)).sort();
for (const m of methods) for (const [value, offset] of [[0, 0], [0, 2], [0, -1], [0, 7], [0, 100], [0, undefined], [0, "1"], [0, 1.5], [1, 0], [-1, 0], [127, 1], [128, 0], [255, 0], [256, 0], [65535, 0], [65536, 0], [1.5, 0], [4294967295, 0], [4294967296, 0], [10n, 0], [-5n, 0], ["3", 0], [2n ** 70n, 0], [NaN, 0]]) {
  const b = B.from([1, 2, 3, 250, 251, 0, 9, 8, 7, 200]);
  const wide = /(Int|UInt|Uint)(LE|BE)$/.test(m) ? [3] : [];
  if (m.startsWith("read")) { if (value === 0) check([m, offset], () => String(b[m](offset, ...wide))); }
  else check([m, String(value), offset], () => [b[m](value, offset, ...wide), [...b]]);
}
for (const a of [5, -1, "x", null, undefined, {}, 1e20, NaN, true, Symbol("s")]) {
  check(["alloc", String(a)], () => B.alloc(a).length);
  check(["from", String(a)], () => B.from(a));
  check(["byteLength", String(a)], () => B.byteLength(a));
  check(["concat", String(a)], () => B.concat(a));
}
for (const e of ["nope", 5, null, "utf8", ""]) {
  check(["isEncoding", e], () => B.isEncoding(e));
  check(["toString", e], () => B.from("a").toString(e));
  check(["from", "a", e], () => B.from("a", e));
}
check("toJSON", () => B.from("ab").toJSON());
check("compare", () => [B.compare(B.from("a"), B.from("b")), B.from("abc").equals(B.from("abc")), B.from("abc").compare(B.from("abcd"), 1, 3)]);
check("swap", () => B.from([1, 2, 3, 4, 5, 6, 7, 8]).swap16().swap32().swap64());
for (const n of [16, 32, 64]) check(["swap", n], () => B.from([1])[`swap${n}`]());
check("concat", () => [B.concat([B.from("a"), B.from("bcd")], 3), B.concat([new Uint8Array([1, 2]), B.from("b")], 5), B.concat([])]);
check("concat of others", () => B.concat([[1]]));
check("subarray", () => { const b = B.from("hello"); const s = b.subarray(-3, -1); s[0] = 65; return [s, b, s instanceof B, s.buffer === b.buffer]; });
check("slice", () => { const b = B.from("hello"); const s = b.slice(1, 3); s[0] = 65; return [s.toString(), b.toString()]; });
check("copy", () => { const a = B.from("hello"), b = B.alloc(4); return [a.copy(b, 1, 2), b.toString()]; });
check("copyBytesFrom", () => [B.copyBytesFrom(new Uint16Array([1, 258])), B.copyBytesFrom(new Uint16Array([1, 258, 3]), 1, 1)]);
check("includes", () => [B.from("abc").includes("d"), B.from("abc").includes(98), B.from("abc").includes(B.from("bc"))]);
check("of", () => [B.of(1, 2, 300), B.of() instanceof B]);
check("array buffer", () => { const a = new Uint8Array([1, 2, 3, 4]).buffer; const b = B.from(a, 1, 2); b[0] = 9; return [b, [...new Uint8Array(a)]]; });
check("objects", () => [B.from({ type: "Buffer", data: [1, 2] }), B.from(new String("abc")), B.from({ [Symbol.toPrimitive]() { return "zz"; } }), B.from({ length: 2, 0: 7 }), B.from([256, -1, 1.9, "3"])]);
check("new", () => [new B("abc"), B(3), new B([1, 2])]);
check("slices", () => [B.from("abc").latin1Slice(1), B.from("abc").hexSlice(), B.from("abc").base64urlSlice(0, 2), B.from("abc").utf8Slice(1, 2)]);
check("writes", () => { const b = B.alloc(3); return [b.hexWrite("0a0b"), b.latin1Write("z", 2), [...b]]; });
check("subclass", () => [B.alloc(1) instanceof Uint8Array, Object.getPrototypeOf(B.prototype) === Uint8Array.prototype, B.alloc(2).map((x) => x + 1) instanceof B, B.isBuffer(new Uint8Array(1)), B.isBuffer(B.alloc(1)), B.name, B.poolSize]);
check("enumerable", () => Object.keys(B.from("ab")));
check("entries", () => [[...B.from("ab").entries()], [...B.from("ab").keys()], [...B.from("ab").values()], [...B.from("ab")]]);
check("module", () => [module.isUtf8(B.from([0xff])), module.isUtf8(B.from("é")), module.isAscii(B.from("a")), module.isAscii(B.from("é")), module.transcode(B.from("é"), "utf8", "latin1"), module.atob("YQ=="), module.btoa("a"), module.constants, module.kMaxLength, module.INSPECT_MAX_BYTES, typeof module.Blob, typeof module.File]);
check("toLocaleString", () => [B.prototype.toLocaleString === B.prototype.toString, B.from("abc").toString("utf8", 1, 2), B.from("abc").toString("hex", -1, 9), B.from("abc").toString(undefined, 1)]);
check("range", () => [B.from("abc").toString("latin1", 2, 1), B.from("abcdef").fill("xy", 1, 4), B.from("abcdef").fill(65, 2), B.from("abcdef").fill(B.from("z"), 0, 2)]);
