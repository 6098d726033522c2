// Segments to buffers and views.
import { Table } from "../collections";
import { construct, DataView, Error, global } from "../primordials";
import type { Decoding, Node } from "./decode";

const constructors = new Table<string, new (buffer: ArrayBuffer) => object>();
constructors.set("DataView", DataView);
// lint: runs when the bundle is loaded
for (const name of [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  // Within a guest: it has no counterpart on the host.
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
]) {
  constructors.set(name, global[name]);
}

/** The typed array or DataView constructor of that name, as it was before guest code ran. */
export function viewConstructor(
  name: string,
): (new (buffer: ArrayBuffer, offset?: number, length?: number) => object) | undefined {
  return constructors.get(name);
}

export function decodeBinary(state: Decoding, node: Node): object {
  const buffer = state.buffers[node.b];
  if (buffer === undefined) throw new Error("A frame lacks a segment");
  if (node.k === "ArrayBuffer") return buffer;
  const constructor = viewConstructor(node.k);
  if (constructor === undefined) throw new Error(`A frame has bytes of an unknown kind '${node.k}'`);
  return construct(constructor, [buffer]);
}
