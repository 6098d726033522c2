// Crypto: random values, and the way to SubtleCrypto.
import { fail, makeBrand, p, random, typeError } from "./platform";
import { makeSubtle, type SubtleCrypto } from "./subtle";
import { bytesOf, needArguments } from "./webidl";

const Brand = makeBrand<SubtleCrypto>();
const MOST = 65536;
const HEX = "0123456789abcdef";

function mine(self: unknown): SubtleCrypto {
  return Brand.of(self) ?? typeError("Illegal invocation");
}

/** Names of the typed arrays of integers. */
function isIntegerArray(kind: string | undefined): boolean {
  if (kind === undefined) return false;
  return p.stringStartsWith(kind, "Int") || p.stringStartsWith(kind, "Uint") || p.stringStartsWith(kind, "Big");
}

export class Crypto {
  constructor() {
    typeError("Illegal constructor");
  }
  get subtle(): SubtleCrypto {
    return mine(this);
  }
  getRandomValues(array: unknown): unknown {
    mine(this);
    needArguments(arguments.length, 1, "Crypto.getRandomValues");
    const kind: string | undefined = p.typedArrayKind(array);
    if (!isIntegerArray(kind)) return refuseArray(array, kind);
    const buffer = p.typedArrayBuffer(array);
    if (isShared(buffer)) typeError("Crypto.getRandomValues: the array lies in shared memory");
    if (p.arrayBufferResizable(buffer)) typeError("Crypto.getRandomValues: the array's buffer is resizable");
    const length: number = p.typedArrayByteLength(array);
    if (length > MOST) fail("QuotaExceededError", `getRandomValues gives at most ${MOST} bytes, not ${length}`);
    if (length > 0) p.typedArraySet(new p.Uint8Array(buffer, p.typedArrayOffset(array), length), bytesOf(random(length)));
    return array;
  }
  randomUUID(): string {
    mine(this);
    const digits = bytesOf(random(16));
    digits[6] = ((digits[6] as number) & 0x0f) | 0x40;
    digits[8] = ((digits[8] as number) & 0x3f) | 0x80;
    let text = "";
    for (let i = 0; i < 16; i++) {
      const byte = digits[i] as number;
      if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
      text += `${HEX[byte >> 4]}${HEX[byte & 15]}`;
    }
    return text;
  }
}

function isShared(buffer: object): boolean {
  try {
    p.arrayBufferByteLength(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A view of another kind is of the wrong type; what is no view is no argument at all. */
function refuseArray(array: unknown, kind: string | undefined): never {
  if (kind === undefined && !isDataView(array)) typeError("Crypto.getRandomValues: the argument is not a view");
  return fail("TypeMismatchError", `getRandomValues fills typed arrays of integers, not ${kind ?? "a DataView"}`);
}

function isDataView(value: unknown): boolean {
  try {
    p.dataViewBuffer(value);
    return true;
  } catch {
    return false;
  }
}

export function makeCrypto(): Crypto {
  const crypto: Crypto = p.create(Crypto.prototype);
  new Brand(crypto, makeSubtle());
  return crypto;
}
