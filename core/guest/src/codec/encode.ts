// JavaScript values to value JSON (protocol §3). Text is built directly: `JSON.stringify` on an object would ask guest
// code for `toJSON`. Values of guest code are hostile: getters throw, proxies lie, graphs are deep or cyclic. Encoding
// either succeeds or throws one DataCloneError that names the path, and leaves no lease behind.
import { type List, list, Table } from "../collections";
import { leaseOut, returnHome, unlease } from "../rpc/leases";
import { byteStreamOf, type OpenStream, openByteStream } from "../rpc/producer";
import { apply, asyncIteratorSymbol, bigintToString, hasOwn, jsonStringify } from "../primordials";
import { encodeBinary, encodeDate, encodeRegExp } from "./encode_builtin";
import { encodeErrorObject } from "./encode_error";
import { encodeItems, encodePlain } from "./encode_plain";
import { CloneError, clonePathError } from "./failure";
import { type Kind, kindOf } from "./kinds";
import { codecFor } from "./registry";
import { encodeMap, encodeSet, encodeBox } from "./encode_collections";

/** JSON nesting that a receiver accepts, less what a leaf node adds. */
const MAX_LEVEL = 97;

export interface Encoding {
  /** Containers in the order they were entered, for identity and cycles. */
  seen: Table<object, number>;
  buffers: List<ArrayBuffer> | null;
  /** References leased so far: given back when a later part of the value cannot cross. */
  leases: List<number>;
  /** Byte streams that start once their node is on its way. */
  streams: List<OpenStream> | null;
  path: List<string | number>;
  depth: number;
  /** The party that reads the message (0 broker, 1 client), where that is known; -1: either may. Objects of another party are leased to it anew. */
  reader: number | undefined;
}

export interface Encoded {
  text: string;
  buffers: List<ArrayBuffer> | null;
  streams: List<OpenStream> | null;
}

function begin(reader?: number): Encoding {
  return { seen: new Table(), buffers: null, leases: list(), streams: null, path: list(), depth: 0, reader };
}

function finish(state: Encoding, encodeRoot: () => string, isArguments: boolean): Encoded {
  try {
    return { text: encodeRoot(), buffers: state.buffers, streams: state.streams };
  } catch (error) {
    for (let i = 0; i < state.leases.length; i++) unlease(state.leases[i] as number, 1);
    throw clonePathError(error, state.path, state.depth, isArguments);
  }
}

/** One value. Throws a DOMException named DataCloneError. */
export function encode(value: unknown, reader?: number): Encoded {
  const state = begin(reader);
  return finish(state, () => encodeValue(state, value, 0), false);
}

/** The arguments of a call. */
export function encodeArguments(args: ArrayLike<unknown>, reader?: number): Encoded {
  const state = begin(reader);
  const body = () => {
    // The list itself is a container like any other: it takes number 0.
    state.seen.set(args, 0);
    return encodeItems(state, args, 1);
  };
  return finish(state, body, true);
}

/** What was thrown, whatever it is: an error that cannot cross is reduced until it can. */
export function encodeThrown(value: unknown): Encoded {
  try {
    return encode(value);
  } catch (error) {
    if (typeof value === "symbol") return encode("[a thrown symbol]");
    return reduced(value) ?? encode(error);
  }
}

/** The name, message and stack of an object whose other properties cannot cross. */
function reduced(value: unknown): Encoded | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return { text: encodeErrorObject(begin(), value, 0, true), buffers: null, streams: null };
  } catch {
    return undefined; // not even that can be read
  }
}

export function encodeValue(state: Encoding, value: unknown, level: number): string {
  switch (typeof value) {
    case "string":
      return jsonStringify(value);
    case "number":
      return encodeNumber(value);
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return '{"$":"u"}';
    case "bigint":
      return `{"$":"big","v":"${bigintToString(value, 16)}"}`;
    case "symbol":
      throw new CloneError("a symbol");
    default:
      return value === null ? "null" : encodeObject(state, value as object, level);
  }
}

function encodeNumber(value: number): string {
  if (value - value !== 0) {
    return value !== value ? '{"$":"n","v":"NaN"}' : value > 0 ? '{"$":"n","v":"Infinity"}' : '{"$":"n","v":"-Infinity"}';
  }
  if (value === 0 && 1 / value < 0) return '{"$":"n","v":"-0"}';
  return `${value}`;
}

function encodeObject(state: Encoding, value: object, level: number): string {
  const kind = kindOf(value);
  if (kind === "plain" && !hasOwn(value, asyncIteratorSymbol))
    return enter(state, value, level) ?? encodePlain(state, value, level + 1);
  if (kind === "array") return enter(state, value, level) ?? encodeItems(state, value as ArrayLike<unknown>, level + 1);
  return encodeSpecial(state, value, kind, level);
}

/** Registers a container; answers the back reference when it was met before. */
export function enter(state: Encoding, value: object, level: number): string | undefined {
  const index = state.seen.get(value);
  if (index !== undefined) return `{"$":"ref","i":${index}}`;
  if (level > MAX_LEVEL) throw new CloneError("a value nested more than 100 levels deep");
  state.seen.set(value, state.seen.size);
  return undefined;
}

function encodeSpecial(state: Encoding, value: object, kind: Kind, level: number): string {
  const reference = encodeReference(state, value, kind);
  if (reference !== undefined) return reference;
  const codec = codecFor(value);
  if (codec !== undefined) {
    const known = enter(state, value, level);
    if (known !== undefined) return known;
    const inner = apply(codec.encode, undefined, [value]);
    return `{"$":"x","k":${jsonStringify(codec.name)},"v":${encodeValue(state, inner, level + 1)}}`;
  }
  switch (kind) {
    case "opaque":
    case "symbolbox":
      throw new CloneError("an object that has no value outside its own world");
    case "impostor":
      throw new CloneError("a proxy or an object with a borrowed prototype");
    case "plain":
    case "instance":
      return enter(state, value, level) ?? encodePlain(state, value, level + 1);
    default:
      return enter(state, value, level) ?? encodeBuiltin(state, value, kind, level + 1);
  }
}

function isAsyncIterable(value: object): boolean {
  return typeof (value as AsyncIterable<unknown>)[asyncIteratorSymbol] === "function";
}

/** Functions, promises, iterators and streams stay here; a reference crosses. */
function encodeReference(state: Encoding, value: object, kind: Kind): string | undefined {
  const stream = byteStreamOf(value);
  if (stream !== undefined) return openByteStream(state, stream);
  const home = returnHome(value, state.reader);
  if (home !== undefined) return home;
  if (kind === "function" || kind === "promise" || kind === "iterator") {
    return leaseOut(value, kind, state.leases);
  }
  if ((kind === "instance" || kind === "plain") && isAsyncIterable(value)) return leaseOut(value, "iterator", state.leases);
  return undefined;
}

function encodeBuiltin(state: Encoding, value: object, kind: Kind, level: number): string {
  switch (kind) {
    case "date":
      return encodeDate(value);
    case "regexp":
      return encodeRegExp(value);
    case "map":
      return encodeMap(state, value, level);
    case "set":
      return encodeSet(state, value, level);
    case "error":
      return encodeErrorObject(state, value, level, false);
    case "box":
      return encodeBox(state, value, level);
    default:
      return encodeBinary(state, value, kind);
  }
}
