const { default: c } = await load("crypto");
const { Buffer: B } = await load("buffer");
for (const h of ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256", "sha3-256", "blake2b512", "blake2s256", "SHA256", "RSA-SHA256"]) for (const e of ["hex", "base64", "base64url", "latin1", undefined]) {
  check(["hash", h, e], () => c.createHash(h).update("abc").update(B.from([1, 2])).digest(e));
  if (!/sha3|blake/.test(h)) check(["hmac", h, e], () => c.createHmac(h, "key").update("h\u00e9llo", "utf8").digest(e));
}
check("hash encodings", () => [c.createHash("md5").update("616263", "hex").digest("hex"), c.createHash("md5").digest("hex"), c.hash("sha1", "abc")]);
check("hash twice", () => { const h = c.createHash("md5"); h.digest(); return h.digest(); });
check("hash late", () => { const h = c.createHash("md5"); h.digest(); return h.update("x"); });
check("hash copy", () => { const h = c.createHash("sha1").update("a"); const k = h.copy().update("b"); return [h.digest("hex"), k.digest("hex")]; });
check("hash type", () => c.createHash("md5").update(5));
check("hash instance", () => [c.createHash("md5") instanceof c.Hash, c.createHmac("md5", "k") instanceof c.Hmac, c.Hash("md5").update("a").digest("hex")]);
check("pbkdf2", () => [c.pbkdf2Sync("p", "s", 100, 20, "sha512").toString("hex"), c.pbkdf2Sync(B.from("p"), B.from("s"), 1, 8, "sha1").toString("hex")]);
check("pbkdf2 bad", () => c.pbkdf2Sync("p", "s", 1, 8, "nope"));
check("pbkdf2 zero", () => c.pbkdf2Sync("p", "s", 0, 8, "sha1"));
check("hkdf", () => B.from(c.hkdfSync("sha256", "key", "salt", "info", 42)).toString("hex"));
check("scrypt", () => [c.scryptSync("p", "salt", 32).toString("hex"), c.scryptSync("p", "salt", 16, { N: 1024, r: 4, p: 2 }).toString("hex")]);
await checkAsync("callbacks", () => new Promise((r) => c.pbkdf2("p", "s", 1, 8, "sha1", (e, k) => r([e, k.toString("hex")]))));
check("equal", () => [c.timingSafeEqual(B.from("ab"), B.from("ab")), c.timingSafeEqual(B.from("ab"), new Uint8Array([1, 2]))]);
check("equal lengths", () => c.timingSafeEqual(B.from("ab"), B.from("a")));
for (const [name, iv] of [["aes-128-cbc", 16], ["aes-256-cbc", 16], ["aes-256-ctr", 16], ["aes-128-gcm", 12], ["AES-256-GCM", 12]]) check(["cipher", name], () => {
  const key = B.alloc(name.match(/\d+/)[0] / 8, 7), v = B.alloc(iv, 3), isGcm = /gcm/i.test(name);
  const e = c.createCipheriv(name, key, v); if (isGcm) e.setAAD(B.from("extra"));
  const hex = e.update("hello ", "utf8", "hex") + e.update("world", "utf8", "hex") + e.final("hex");
  const d = c.createDecipheriv(name, key, v); if (isGcm) { d.setAAD(B.from("extra")); d.setAuthTag(e.getAuthTag()); }
  return [hex, isGcm && e.getAuthTag().toString("hex"), d.update(hex, "hex", "utf8") + d.final("utf8")];
});
check("cipher key", () => c.createCipheriv("aes-256-cbc", B.alloc(5), B.alloc(16)));
check("cipher iv", () => c.createCipheriv("aes-256-cbc", B.alloc(32), B.alloc(5)));
check("tampered", () => { const d = c.createDecipheriv("aes-128-gcm", B.alloc(16), B.alloc(12)); d.setAuthTag(B.alloc(16)); d.update("00", "hex"); return d.final(); });
check("random", () => [c.randomBytes(8).length, c.randomUUID().length, c.randomInt(1), c.randomInt(5, 6), c.randomFillSync(B.alloc(4)).length, B.isBuffer(c.randomBytes(1))]);
check("random bad", () => c.randomBytes(-1));
check("int bad", () => c.randomInt(5, 5));
await checkAsync("random callback", () => new Promise((r) => c.randomBytes(4, (e, b) => r([e, b.length]))));
await checkAsync("webcrypto", async () => [B.from(await c.subtle.digest("SHA-256", B.from("abc"))).toString("hex"), c.webcrypto.subtle === c.subtle, c.getRandomValues(new Uint8Array(2)).length]);
