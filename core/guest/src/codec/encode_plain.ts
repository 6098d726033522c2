// Arrays and objects.
import { hasOwn, jsonStringify, keys as keysOf } from "../primordials";
import { type Encoding, encodeValue } from "./encode";

/** The elements of an array, brackets included. `level` is the nesting inside them. */
export function encodeItems(state: Encoding, array: ArrayLike<unknown>, level: number): string {
  const { length } = array;
  const at = state.depth++;
  state.path[at] = "length";
  let text = "[";
  for (let i = 0; i < length; i++) {
    state.path[at] = i;
    const item = array[i];
    if (i > 0) text += ",";
    text += item === undefined && !hasOwn(array, i) ? '{"$":"hole"}' : encodeValue(state, item, level);
  }
  state.depth = at;
  return `${text}]`;
}

export function encodePlain(state: Encoding, value: object, level: number): string {
  const names = keysOf(value);
  for (let i = 0; i < names.length; i++) if (names[i] === "$") return encodePairs(state, value, names, level);
  const at = state.depth++;
  let text = "{";
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    state.path[at] = key;
    text += `${i > 0 ? "," : ""}${jsonStringify(key)}:${encodeValue(state, (value as Record<string, unknown>)[key], level)}`;
  }
  state.depth = at;
  return `${text}}`;
}

/** An object that has a key `$` would look like a node. */
function encodePairs(state: Encoding, value: object, names: string[], level: number): string {
  const at = state.depth++;
  let text = '{"$":"obj","v":[';
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    state.path[at] = key;
    text += `${i > 0 ? "," : ""}[${jsonStringify(key)},${encodeValue(state, (value as Record<string, unknown>)[key], level + 2)}]`;
  }
  state.depth = at;
  return `${text}]}`;
}
