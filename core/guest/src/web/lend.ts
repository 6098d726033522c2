// The kernel's own parts under the names by which libraries ask for globals and for Node's modules. Imported before any
// library; each web module adds what it defines.
import lent from "isolate-host:lent";
import { kindOf } from "../codec/kinds";
import { format, inspect } from "../inspect";
import { types } from "../inspect/types";
import { monotonic } from "../native";
import { typedArrayKind } from "../primordials";
import { AbortController, AbortSignal } from "./abort";
import { DOMException } from "./dom_exception";
import { isObject } from "./idl";
import { queueMicrotask } from "./tasks";

const isKind = (kind: string) => (value: unknown) => isObject(value) && kindOf(value) === kind;
const isTyped = isKind("typed");
const isView = isKind("view");

lent.AbortController = AbortController;
lent.AbortSignal = AbortSignal;
lent.DOMException = DOMException;
lent.queueMicrotask = queueMicrotask;
lent.performance = { now: monotonic };
lent.inspect = inspect;
lent.formatWithOptions = format;
lent.types = {
  isAnyArrayBuffer: types.isAnyArrayBuffer,
  isArrayBuffer: types.isArrayBuffer,
  isArrayBufferView: (value: unknown) => isTyped(value) || isView(value),
  isDataView: isView,
  // Of the two ways of undici to read a record, the one for proxies is the one of Web IDL.
  isProxy: () => true,
  isSharedArrayBuffer: isKind("shared"),
  isTypedArray: isTyped,
  isUint8Array: (value: unknown) => typedArrayKind(value) === "Uint8Array",
};

export default lent;
