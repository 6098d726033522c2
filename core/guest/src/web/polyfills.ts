// Names that ECMAScript has and this V8 lacks, and that code lowered by the TypeScript compiler refers to.
import { apply, asyncIteratorPrototype, Error, iteratorPrototype, root, setPrototypeOf, Symbol } from "../primordials";
import { define, Flags } from "./idl";

function wellKnown(name: "dispose" | "asyncDispose" | "metadata"): symbol {
  const present = (Symbol as unknown as Record<string, symbol | undefined>)[name];
  if (present !== undefined) return present;
  const symbol = Symbol(`Symbol.${name}`);
  define(Symbol, name, symbol, Flags.none);
  return symbol;
}

const makeSuppressedError = () =>
  class SuppressedError extends Error {
    constructor(error: unknown, suppressed: unknown, message: unknown) {
      super(message === undefined ? undefined : `${message}`);
      define(this, "error", error);
      define(this, "suppressed", suppressed);
    }
  };

export function installPolyfills(): void {
  wellKnown("metadata");
  const dispose = wellKnown("dispose");
  const asyncDispose = wellKnown("asyncDispose");
  const methods = {
    [dispose](this: Iterator<unknown>): void {
      const end = this.return;
      if (end !== undefined) apply(end, this, []);
    },
    async [asyncDispose](this: AsyncIterator<unknown>): Promise<void> {
      const end = this.return;
      // lint: guest code asked for it, and it is its own iterator
      if (end !== undefined) await apply(end, this, [undefined]);
    },
  } as Record<symbol, unknown>;
  if (!(dispose in iteratorPrototype)) define(iteratorPrototype, dispose, methods[dispose]);
  if (!(asyncDispose in asyncIteratorPrototype)) define(asyncIteratorPrototype, asyncDispose, methods[asyncDispose]);
  if ("SuppressedError" in root) return;
  const SuppressedError = makeSuppressedError();
  define(SuppressedError.prototype, "name", "SuppressedError");
  define(SuppressedError.prototype, "message", "");
  define(SuppressedError, "name", "SuppressedError", Flags.configurable);
  setPrototypeOf(SuppressedError, Error);
  define(root, "SuppressedError", SuppressedError);
}
