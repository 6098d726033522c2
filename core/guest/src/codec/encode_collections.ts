// Map, Set and primitive wrapper objects.
import { append, type List, list } from "../collections";
import { bigintValueOf, booleanValueOf, mapForEach, numberValueOf, setForEach, stringValueOf } from "../primordials";
import { type Encoding, encodeValue } from "./encode";

export function encodeMap(state: Encoding, value: object, level: number): string {
  // Taken out first: a getter further down may change the map while it is encoded.
  const items: List<unknown> = list();
  mapForEach(value, (item, key) => {
    append(items, key);
    append(items, item);
  });
  const at = state.depth++;
  let text = '{"$":"map","v":[';
  for (let i = 0; i < items.length; i += 2) {
    const index = i / 2;
    state.path[at] = `keys[${index}]`;
    const key = encodeValue(state, items[i], level + 2);
    state.path[at] = typeof items[i] === "string" ? (items[i] as string) : `values[${index}]`;
    text += `${i > 0 ? "," : ""}[${key},${encodeValue(state, items[i + 1], level + 2)}]`;
  }
  state.depth = at;
  return `${text}]}`;
}

export function encodeSet(state: Encoding, value: object, level: number): string {
  const items: List<unknown> = list();
  setForEach(value, (item) => append(items, item));
  const at = state.depth++;
  let text = '{"$":"set","v":[';
  for (let i = 0; i < items.length; i++) {
    state.path[at] = i;
    text += `${i > 0 ? "," : ""}${encodeValue(state, items[i], level + 1)}`;
  }
  state.depth = at;
  return `${text}]}`;
}

const unwrap: List<(value: object) => unknown> = list();
append(unwrap, numberValueOf);
append(unwrap, stringValueOf);
append(unwrap, booleanValueOf);
append(unwrap, bigintValueOf);

/** The primitive inside `new Number(…)` and the like. */
export function unbox(value: object): unknown {
  for (let i = 0; i < unwrap.length; i++) {
    try {
      return (unwrap[i] as (value: object) => unknown)(value);
    } catch {
      // Another kind of box.
    }
  }
  return undefined;
}

export function encodeBox(state: Encoding, value: object, level: number): string {
  return `{"$":"box","v":${encodeValue(state, unbox(value), level)}}`;
}
