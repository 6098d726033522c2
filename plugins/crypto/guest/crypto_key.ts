// CryptoKey: what it shows is a copy; what counts lies under a brand that guest code can neither read nor forge.
import { fail, makeBrand, p, typeError } from "./platform";
import { usageNames } from "./usages";
import { bytesOf, copyOf } from "./webidl";

export type KeyType = "public" | "private" | "secret";

/** The key itself. `data`: raw bytes of a secret, else PKCS #8 or SPKI in DER. Never changed, so that clones share it. */
export interface Material {
  readonly type: KeyType;
  readonly name: string;
  readonly data: ArrayBuffer;
  readonly hash?: string;
  readonly curve?: string;
  /** Bits of a secret or of a modulus. */
  readonly length?: number;
  readonly exponent?: ArrayBuffer;
}

export interface Slots extends Material {
  readonly extractable: boolean;
  readonly usages: number;
  shownAlgorithm: object | undefined;
  shownUsages: object | undefined;
}

const Brand = makeBrand<Slots>();

/** What a parameter of type `CryptoKey` stands for. */
export function keySlots(value: unknown, where: string): Slots {
  return Brand.of(value) ?? typeError(`${where}: not a CryptoKey`);
}

export function isKey(value: object): boolean {
  return Brand.of(value) !== undefined;
}

function mine(self: unknown): Slots {
  return Brand.of(self) ?? typeError("Illegal invocation");
}

export class CryptoKey {
  constructor() {
    typeError("Illegal constructor");
  }
  get type(): KeyType {
    return mine(this).type;
  }
  get extractable(): boolean {
    return mine(this).extractable;
  }
  get algorithm(): object {
    const slots = mine(this);
    slots.shownAlgorithm ??= showAlgorithm(slots);
    return slots.shownAlgorithm;
  }
  get usages(): object {
    const slots = mine(this);
    slots.shownUsages ??= usageNames(slots.usages);
    return slots.shownUsages;
  }
}

/** A KeyAlgorithm dictionary. */
function showAlgorithm(key: Slots): object {
  const shown = {};
  p.define(shown, "name", key.name, 7);
  if (key.exponent !== undefined) {
    p.define(shown, "modulusLength", key.length, 7);
    p.define(shown, "publicExponent", bytesOf(copyOf(key.exponent)), 7);
  }
  if (key.hash !== undefined) p.define(shown, "hash", hashObject(key.hash), 7);
  if (key.curve !== undefined) p.define(shown, "namedCurve", key.curve, 7);
  if (key.exponent === undefined && key.length !== undefined) p.define(shown, "length", key.length, 7);
  return shown;
}

function hashObject(name: string): object {
  const hash = {};
  p.define(hash, "name", name, 7);
  return hash;
}

export function makeKey(material: Material, extractable: boolean, usages: number): CryptoKey {
  const key: CryptoKey = p.create(CryptoKey.prototype);
  // Without a prototype: members that a kind of key lacks must not be found on what guest code can change.
  const slots = { __proto__: null, ...material, extractable, usages, shownAlgorithm: undefined, shownUsages: undefined };
  new Brand(key, slots as never);
  return key;
}

/** For structuredClone. */
export function cloneKey(key: object): object {
  const slots = Brand.of(key) as Slots;
  return makeKey(slots, slots.extractable, slots.usages);
}

/** The result of an import or a derivation: a key of no use is refused last, as the specification has it. */
export function finishKey(material: Material, extractable: boolean, usages: number): CryptoKey {
  if (material.type !== "public" && usages === 0) fail("SyntaxError", "the key would have no usage");
  return makeKey(material, extractable, usages);
}
