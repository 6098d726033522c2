// The error classes of the language by name: those that structured serialization keeps (HTML, StructuredSerializeInternal).
import { Table } from "../collections";
import { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } from "../primordials";

export const nativeErrorPrototypes = new Table<string, object>();
nativeErrorPrototypes.set("EvalError", EvalError.prototype);
nativeErrorPrototypes.set("RangeError", RangeError.prototype);
nativeErrorPrototypes.set("ReferenceError", ReferenceError.prototype);
nativeErrorPrototypes.set("SyntaxError", SyntaxError.prototype);
nativeErrorPrototypes.set("TypeError", TypeError.prototype);
nativeErrorPrototypes.set("URIError", URIError.prototype);
