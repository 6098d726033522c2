// Keys that come in pairs: RSA, elliptic curves, Ed25519, Ed448, X25519 and X448.
import type { Material, Slots } from "./crypto_key";
import { checkJwk, type Jwk, type JwkInput } from "./jwk";
import type { Algorithm } from "./normalize";
import { isAgreement } from "./operations";
import { bytes, fail, p, value } from "./platform";
import type { Import } from "./secret_keys";
import { allowedUsages, checkUsages } from "./usages";
import { bytesOf, notSupported, sizeOf } from "./webidl";

/** What the worker calls a family. */
function kindOf(name: string): string {
  if (p.stringStartsWith(name, "RSA")) return "RSA";
  return name === "ECDSA" || name === "ECDH" ? "EC" : name;
}

function isCurve(name: string | undefined): boolean {
  return name === "P-256" || name === "P-384" || name === "P-521";
}

/** Names, and for RSA the size and exponent that the key itself has. */
function material(type: "public" | "private", algorithm: Algorithm, data: ArrayBuffer): Material {
  const { name } = algorithm;
  const kind = kindOf(name);
  if (kind === "EC") return { type, name, data, curve: algorithm.namedCurve as string };
  if (kind !== "RSA") return { type, name, data };
  const { bits, exponent } = value({ op: "describe", private: type === "private" }, data);
  const list = new p.Uint8Array(exponent.length);
  for (let i = 0; i < exponent.length; i++) list[i] = exponent[i];
  return { type, name, data, hash: algorithm.hash as string, length: bits, exponent: p.typedArrayBuffer(list) };
}

// ------------------------------------------------------------------ generate
/** Exponents other than 3 and 65537 serve nobody; OpenSSL's interface here has no others. */
function exponentOf(given: ArrayBuffer): number {
  const digits = bytesOf(given);
  const length = sizeOf(given);
  let exponent = 0;
  for (let i = 0; i < length; i++) exponent = exponent * 256 + (digits[i] as number);
  if (exponent !== 3 && exponent !== 65537) fail("OperationError", "the public exponent is neither 3 nor 65537");
  return exponent;
}

export interface Pair {
  publicKey: Material;
  privateKey: Material;
}

/** Of a size of which RSA keys are not made in reasonable time there are none. */
const RSA_BITS_MOST = 16384;

export function generatePair(algorithm: Algorithm, usages: number): Pair {
  const { name, modulusLength, namedCurve, publicExponent } = algorithm;
  const allowed = allowedUsages(name);
  const kind = kindOf(name);
  checkUsages(usages, allowed.secret | allowed.public);
  if (kind === "EC" && !isCurve(namedCurve)) notSupported("the named curve is not supported");
  const exponent = kind === "RSA" ? exponentOf(publicExponent as ArrayBuffer) : undefined;
  if (modulusLength !== undefined && (modulusLength < 1024 || modulusLength > RSA_BITS_MOST)) {
    fail("OperationError", `the modulus has less than 1024 or more than ${RSA_BITS_MOST} bits`);
  }
  if ((usages & allowed.secret) === 0) fail("SyntaxError", "the private key would have no usage");
  const secret = bytes({ op: "generate", kind, curve: namedCurve, bits: modulusLength, exponent });
  const open = bytes({ op: "public_of" }, secret);
  return { publicKey: material("public", algorithm, open), privateKey: material("private", algorithm, secret) };
}

// ------------------------------------------------------------------ import
export function importPair(given: Import): Material {
  const { algorithm, format, data, usages } = given;
  if (format === "jwk") return importJwk(given);
  const kind = kindOf(algorithm.name);
  const allowed = allowedUsages(algorithm.name);
  if (format === "raw" && kind === "RSA") notSupported("RSA keys have no raw format");
  const type = format === "pkcs8" ? "private" : "public";
  checkUsages(usages, type === "private" ? allowed.secret : allowed.public);
  checkCurve(algorithm, kind);
  const found = bytes({ op: `import_${format}`, kind, curve: algorithm.namedCurve }, data);
  return material(type, algorithm, found);
}

function checkCurve(algorithm: Algorithm, kind: string): void {
  if (kind === "EC" && !isCurve(algorithm.namedCurve)) fail("DataError", "the named curve is not supported");
}

const MEMBERS: Record<string, string[]> = {
  __proto__: null as never,
  RSA: ["n", "e", "d", "p", "q", "dp", "dq", "qi"],
  EC: ["x", "y", "d"],
};
const OKP = ["x", "d"];

function importJwk(given: Import): Material {
  const { algorithm, usages, extractable } = given;
  const jwk = given.jwk as JwkInput;
  const { name, namedCurve } = algorithm;
  const kind = kindOf(name);
  const type = jwk.members.d === undefined ? "public" : "private";
  const allowed = allowedUsages(name);
  checkUsages(usages, type === "private" ? allowed.secret : allowed.public);
  const use = name === "RSA-OAEP" || isAgreement(name) ? "enc" : "sig";
  checkJwk(jwk, { kty: familyType(kind), use, alg: undefined, usages, extractable });
  checkName(jwk.members.alg, name, algorithm.hash, namedCurve);
  if (kind !== "RSA" && jwk.members.crv !== (namedCurve ?? name)) fail("DataError", "'crv' of the JSON Web Key does not fit");
  checkCurve(algorithm, kind);
  if (jwk.otherPrimes) notSupported("RSA keys of more than two primes are not supported");
  const members: Record<string, string> = { __proto__: null as never };
  const names = MEMBERS[kind] ?? OKP;
  for (let i = 0; i < names.length; i++) {
    const member = jwk.members[names[i] as string];
    if (member !== undefined) members[names[i] as string] = member;
  }
  return material(type, algorithm, bytes({ op: "import_jwk", kind, curve: namedCurve, jwk: members }));
}

function familyType(kind: string): string {
  return kind === "RSA" || kind === "EC" ? kind : "OKP";
}

/** The `alg` of a JSON Web Key; `undefined` for key agreement, which has none of its own. */
function registeredName(name: string, hash: string | undefined, curve: string | undefined): string | undefined {
  const suffix: string = hash === undefined ? "" : p.stringSlice(hash, 4);
  if (name === "RSASSA-PKCS1-v1_5") return `RS${suffix}`;
  if (name === "RSA-PSS") return `PS${suffix}`;
  if (name === "RSA-OAEP") return suffix === "1" ? name : `${name}-${suffix}`;
  if (name === "ECDSA") return curve === "P-256" ? "ES256" : curve === "P-384" ? "ES384" : "ES512";
  return isEdwards(name) ? name : undefined;
}

const isEdwards = (name: string): boolean => name === "Ed25519" || name === "Ed448";

function checkName(alg: string | undefined, name: string, hash: string | undefined, curve: string | undefined): void {
  const wanted = registeredName(name, hash, curve);
  if (alg === undefined || wanted === undefined || alg === wanted || (isEdwards(name) && alg === "EdDSA")) return;
  fail("DataError", "'alg' of the JSON Web Key does not fit");
}

// ------------------------------------------------------------------ export
export function pairJwk(key: Slots): Jwk {
  const kind = kindOf(key.name);
  const jwk: Jwk = { __proto__: null as never, kty: familyType(kind) };
  if (kind !== "RSA") jwk.crv = key.curve ?? key.name;
  const alg = key.curve === undefined ? registeredName(key.name, key.hash, undefined) : undefined;
  if (alg !== undefined) jwk.alg = alg;
  const found = value({ op: "export_jwk", kind, private: key.type === "private" }, key.data);
  const names: string[] = p.keys(found);
  for (let i = 0; i < names.length; i++) jwk[names[i] as string] = found[names[i] as string];
  return jwk;
}

export function exportPublicBytes(key: Slots): ArrayBuffer {
  const kind = kindOf(key.name);
  if (kind === "RSA") notSupported("RSA keys have no raw format");
  return bytes({ op: "export_raw", kind }, key.data);
}
