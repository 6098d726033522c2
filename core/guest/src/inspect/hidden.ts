// How objects of the platform are shown without a method on their prototypes that guest code would find.
import { deleteProperty, getPrototypeOf, symbolFor, WeakMap, weakMapGet, weakMapSet } from "../primordials";

const custom = symbolFor("nodejs.util.inspect.custom");
const inspectors = new WeakMap<object, unknown>();

/** Takes a library's method for `util.inspect` off the prototype. */
export function hideInspector(prototype: object): void {
  weakMapSet(inspectors, prototype, (prototype as Record<symbol, unknown>)[custom]);
  deleteProperty(prototype, custom);
}

/** For the formatter: what takes the place of a method of the value's own. */
export function hiddenInspector(value: object): unknown {
  for (let p: object | null = value; p !== null; p = getPrototypeOf(p)) {
    const found: unknown = weakMapGet(inspectors, p);
    if (found !== undefined) return found;
  }
  return undefined;
}
