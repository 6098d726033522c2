// JSON Web Keys: the dictionary of guest code, the checks that all key types share, and the way out.
import { fail, p, typeError, value, bytes } from "./platform";
import { usageBit, usageNames } from "./usages";
import { forEachString, isObject } from "./webidl";

/** Members as strings, save these. The object has no prototype. */
export interface Jwk {
  [name: string]: string | undefined;
}
export interface JwkInput {
  members: Jwk;
  /** Known usages among `key_ops`; `undefined` = there is no such member. */
  operations: number | undefined;
  repeated: boolean;
  ext: boolean | undefined;
  otherPrimes: boolean;
}

/** In the order in which Web IDL reads a dictionary. */
const MEMBERS = ["alg", "crv", "d", "dp", "dq", "e", "ext", "k", "key_ops", "kty", "n", "oth", "p", "q", "qi", "use", "x", "y"];

/** The dictionary conversion. `own`: the object is one that `JSON.parse` made, and nothing on its prototype belongs to it. */
export function readJwk(source: object, own: boolean): JwkInput {
  const input: JwkInput = {
    members: { __proto__: null } as never,
    operations: undefined,
    repeated: false,
    ext: undefined,
    otherPrimes: false,
  };
  for (let i = 0; i < MEMBERS.length; i++) {
    const name = MEMBERS[i] as string;
    if (own && !p.hasOwn(source, name)) continue;
    const member = (source as Record<string, unknown>)[name];
    if (member === undefined) continue;
    if (name === "ext") input.ext = !!member;
    else if (name === "oth") input.otherPrimes = isObject(member) || typeError("'oth' is not a sequence");
    else if (name === "key_ops") readOperations(input, member, own);
    else input.members[name] = `${member as string}`;
  }
  return input;
}

function readOperations(input: JwkInput, given: unknown, own: boolean): void {
  const seen = new p.Set();
  input.operations = 0;
  const take = (name: string) => {
    if (p.setHas(seen, name)) input.repeated = true;
    p.setAdd(seen, name);
    input.operations = (input.operations as number) | usageBit(name);
  };
  if (!own) return forEachString(given, "key_ops", take);
  if (!p.isArray(given)) typeError("key_ops is not a sequence");
  const list = given as unknown[];
  for (let i = 0; i < list.length; i++) take(`${list[i] as string}`);
}

export interface Expected {
  kty: string;
  /** Value of `use` that fits the algorithm. */
  use: string;
  alg?: string | undefined;
  usages: number;
  extractable: boolean;
}

export function checkJwk(jwk: JwkInput, expected: Expected): void {
  const { kty, use, alg } = jwk.members;
  const refuse = (name: string) => fail("DataError", `'${name}' of the JSON Web Key does not fit`);
  if (kty !== expected.kty) refuse("kty");
  if (expected.usages !== 0 && use !== undefined && use !== expected.use) refuse("use");
  if (jwk.operations !== undefined && (jwk.repeated || (jwk.operations & expected.usages) !== expected.usages)) refuse("key_ops");
  if (jwk.ext === false && expected.extractable) refuse("ext");
  if (alg !== undefined && expected.alg !== undefined && alg !== expected.alg) refuse("alg");
}

/** A JSON Web Key on its way out. */
export interface JwkOutput {
  members: Jwk;
  usages: number;
  extractable: boolean;
}

export function jwkObject(jwk: JwkOutput): object {
  const result = {};
  const names: string[] = p.keys(jwk.members);
  for (let i = 0; i < names.length; i++) p.define(result, names[i] as string, jwk.members[names[i] as string], 7);
  p.define(result, "key_ops", usageNames(jwk.usages), 7);
  p.define(result, "ext", jwk.extractable, 7);
  return result;
}

/** The same as UTF-8, for `wrapKey`. No `toJSON` of guest code is asked. */
export function jwkBytes(jwk: JwkOutput): ArrayBuffer {
  const names: string[] = p.keys(jwk.members);
  let text = "";
  for (let i = 0; i < names.length; i++) {
    text += `${p.jsonStringify(names[i])}:${p.jsonStringify(jwk.members[names[i] as string])},`;
  }
  const usages = usageNames(jwk.usages);
  let list = "";
  for (let i = 0; i < usages.length; i++) list += `${i > 0 ? "," : ""}"${usages[i]}"`;
  return bytes({ op: "encode_text", text: `{${text}"key_ops":[${list}],"ext":${jwk.extractable}}` });
}

/** What `unwrapKey` found. */
export function parseJwk(data: ArrayBuffer): JwkInput {
  let parsed: unknown;
  try {
    parsed = p.jsonParse(value({ op: "decode_text" }, data));
  } catch {
    fail("DataError", "the unwrapped data is not JSON");
  }
  if (!isObject(parsed)) fail("DataError", "the unwrapped data is not a JSON object");
  const jwk = readJwk(parsed, true);
  if (jwk.members.kty === undefined) fail("DataError", "the unwrapped data is not a JSON Web Key");
  return jwk;
}
