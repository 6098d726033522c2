// Key usages, as a set of bits.
import { fail, p, typeError } from "./platform";
import { forEachString } from "./webidl";

export const ENCRYPT = 1;
export const DECRYPT = 2;
export const SIGN = 4;
export const VERIFY = 8;
export const DERIVE_KEY = 16;
export const DERIVE_BITS = 32;
export const WRAP_KEY = 64;
export const UNWRAP_KEY = 128;

/** In the order of their bits, which is that of the specification. */
const NAMES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];

/** The bit of a usage; 0 = no such usage. */
export function usageBit(name: string): number {
  for (let i = 0; i < NAMES.length; i++) if (NAMES[i] === name) return 1 << i;
  return 0;
}

/** `sequence<KeyUsage>`. */
export function toUsages(value: unknown, where: string): number {
  let usages = 0;
  forEachString(value, `${where}: keyUsages`, (name) => {
    const bit = usageBit(name);
    if (bit === 0) typeError(`${where}: '${name}' is not a key usage`);
    usages |= bit;
  });
  return usages;
}

/** A real array for guest code. */
export function usageNames(usages: number): string[] {
  const names: string[] = [];
  for (let i = 0; i < NAMES.length; i++) if (usages & (1 << i)) p.define(names, names.length, NAMES[i], 7);
  return names;
}

export function checkUsages(usages: number, allowed: number): void {
  if (usages & ~allowed) fail("SyntaxError", "the algorithm does not allow one of the key usages");
}

interface Allowed {
  /** Of secret keys, or of private ones. */
  secret: number;
  public: number;
}

const CIPHER: Allowed = { secret: ENCRYPT | DECRYPT | WRAP_KEY | UNWRAP_KEY, public: 0 };
const DERIVATION: Allowed = { secret: DERIVE_KEY | DERIVE_BITS, public: 0 };
const SIGNATURE: Allowed = { secret: SIGN, public: VERIFY };
const ALLOWED: Record<string, Allowed> = {
  __proto__: null as never,
  "AES-CBC": CIPHER,
  "AES-CTR": CIPHER,
  "AES-GCM": CIPHER,
  "AES-KW": { secret: WRAP_KEY | UNWRAP_KEY, public: 0 },
  HMAC: { secret: SIGN | VERIFY, public: 0 },
  HKDF: DERIVATION,
  PBKDF2: DERIVATION,
  ECDH: DERIVATION,
  X25519: DERIVATION,
  X448: DERIVATION,
  "RSASSA-PKCS1-v1_5": SIGNATURE,
  "RSA-PSS": SIGNATURE,
  ECDSA: SIGNATURE,
  Ed25519: SIGNATURE,
  Ed448: SIGNATURE,
  "RSA-OAEP": { secret: DECRYPT | UNWRAP_KEY, public: ENCRYPT | WRAP_KEY },
};

/** What keys of an algorithm may be used for. */
export function allowedUsages(name: string): Allowed {
  return ALLOWED[name] as Allowed;
}
