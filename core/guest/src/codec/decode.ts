// Value JSON to JavaScript values. `JSON.parse` made the tree; plain parts are kept as they are and nodes are replaced
// in place, so a frame without nodes costs nothing here.
import { append, type List, list } from "../collections";
import {
  apply,
  BigInt,
  Date,
  deleteProperty,
  Error,
  hasOwn,
  isArray,
  keys,
  Map,
  mapSet,
  Number,
  Object,
  RegExp,
  Set,
  setAdd,
  String,
  stringSlice,
  stringStartsWith,
} from "../primordials";
import { define, Flags } from "../web/idl";
import { decodeBinary } from "./decode_binary";
import { decodeError } from "./decode_error";
import { codecNamed } from "./registry";
import { comeHome, receiveFunction, receiveIterator, receivePromise } from "../rpc/leases";
import { receiveStream } from "../rpc/consumer";

export interface Decoding {
  readonly buffers: List<ArrayBuffer>;
  /** Containers in the order the encoder entered them. */
  readonly containers: List<unknown>;
  /** Where guest code made the call that this answers; errors without a stack get that one. */
  readonly site: object | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: nodes are checked field by field
export type Node = Record<string, any>;

/** A value of a frame that has `buffers`. */
export function decode(value: unknown, buffers: List<ArrayBuffer>, site: object | undefined): unknown {
  return decodeValue({ buffers, containers: list(), site }, value);
}

export function decodeValue(state: Decoding, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return decodeArray(state, value);
  return hasOwn(value, "$") ? decodeNode(state, value as Node) : decodePlain(state, value as Record<string, unknown>);
}

function decodeArray(state: Decoding, array: unknown[]): unknown[] {
  append(state.containers, array);
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (typeof item !== "object" || item === null) continue;
    if (hasOwn(item, "$") && (item as Node).$ === "hole") deleteProperty(array, i);
    else array[i] = decodeValue(state, item);
  }
  return array;
}

function decodePlain(state: Decoding, object: Record<string, unknown>): object {
  append(state.containers, object);
  const names = keys(object);
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    const item = object[key];
    // Own data properties, `__proto__` included: assignment replaces the value and nothing else.
    if (typeof item === "object" && item !== null) object[key] = decodeValue(state, item);
  }
  return object;
}

function decodeNode(state: Decoding, node: Node): unknown {
  switch (node.$) {
    case "u":
      return undefined;
    case "n":
      return node.v === "-0" ? -0 : Number(node.v);
    case "big":
      return decodeBigInt(node.v);
    case "ref":
      return backReference(state, node.i);
    case "date":
      return container(state, new Date(node.v === null ? NaN : node.v));
    case "re":
      return container(state, new RegExp(node.s, node.f));
    case "box":
      return container(state, Object(decodeValue(state, node.v)));
    case "bin":
      return container(state, decodeBinary(state, node));
    case "fn":
      return receiveFunction(node.r, peerOf(node), node.n);
    case "pr":
      return receivePromise(node.r, peerOf(node));
    case "it":
      return receiveIterator(node.r, peerOf(node));
    case "st":
      return receiveStream(node.r, peerOf(node));
    case "own":
      return comeHome(node.r);
    default:
      return decodeStructure(state, node);
  }
}

function decodeStructure(state: Decoding, node: Node): unknown {
  switch (node.$) {
    case "map":
      return decodeMap(state, node.v);
    case "set":
      return decodeSet(state, node.v);
    case "obj":
      return decodePairs(state, node.v);
    case "err":
      return decodeError(state, node);
    case "x":
      return decodeCodec(state, node);
    default:
      throw new Error(`A frame has an unknown node '${node.$}'`);
  }
}

function peerOf(node: Node): number {
  return hasOwn(node, "p") ? node.p : 0;
}

export function container<T>(state: Decoding, value: T): T {
  append(state.containers, value);
  return value;
}

/** A container that is still being built and cannot be referred to yet. */
const unfinished = {};

function backReference(state: Decoding, index: number): unknown {
  const value = index < state.containers.length ? state.containers[index] : unfinished;
  if (value === unfinished) throw new Error("A frame refers to a container that is not there");
  return value;
}

function decodeBigInt(text: string): bigint {
  return stringStartsWith(text, "-") ? -BigInt(`0x${stringSlice(text, 1)}`) : BigInt(`0x${text}`);
}

function decodeMap(state: Decoding, pairs: [unknown, unknown][]): object {
  const map = container(state, new Map());
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as [unknown, unknown];
    const key = decodeValue(state, pair[0]);
    mapSet(map, key, decodeValue(state, pair[1]));
  }
  return map;
}

function decodeSet(state: Decoding, items: unknown[]): object {
  const set = container(state, new Set());
  for (let i = 0; i < items.length; i++) setAdd(set, decodeValue(state, items[i]));
  return set;
}

function decodePairs(state: Decoding, pairs: [string, unknown][]): object {
  const object = container(state, {});
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as [string, unknown];
    define(object, pair[0], decodeValue(state, pair[1]), Flags.all);
  }
  return object;
}

function decodeCodec(state: Decoding, node: Node): unknown {
  const codec = codecNamed(node.k);
  if (codec === undefined) throw new Error(`No codec for the class '${String(node.k)}'`);
  const index = state.containers.length;
  append(state.containers, unfinished);
  const value = apply(codec.decode, undefined, [decodeValue(state, node.v)]);
  state.containers[index] = value;
  return value;
}
