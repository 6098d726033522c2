// Web IDL `iterable<K, V>`: entries, keys, values, forEach and the iterator behind them.
import { apply, create, iteratorPrototype, iteratorSymbol, setPrototypeOf, TypeError } from "../primordials";
import { define, Flags, illegal, requireArguments, tag } from "./idl";

type Pair = ArrayLike<unknown>;
type PairsOf = (owner: object) => ArrayLike<Pair>;
type Pick = (pair: Pair) => unknown;

interface Progress {
  owner: object;
  index: number;
  pick: Pick;
}

const toEntry: Pick = (pair) => [pair[0], pair[1]];
const toKey: Pick = (pair) => pair[0];
const toValue: Pick = (pair) => pair[1];

/** `pairsOf` answers the live list, and throws for anything that is no such object. */
export function pairIterable(constructor: { prototype: object }, name: string, pairsOf: PairsOf): void {
  let progressOf: (iterator: object) => Progress;
  class PairIterator {
    readonly #progress: Progress;
    static {
      progressOf = (iterator) => (#progress in iterator ? iterator.#progress : illegal());
    }
    constructor(progress: Progress) {
      this.#progress = progress;
      setPrototypeOf(this, prototype);
    }
    static next(self: object): IteratorResult<unknown> {
      const progress = progressOf(self);
      const pairs = pairsOf(progress.owner);
      if (progress.index >= pairs.length) return { value: undefined, done: true };
      return { value: progress.pick(pairs[progress.index++] as Pair), done: false };
    }
  }
  const prototype = create(iteratorPrototype) as object;
  const methods = {
    next(this: object): IteratorResult<unknown> {
      return PairIterator.next(this);
    },
  };
  define(prototype, "next", methods.next, Flags.all);
  tag(prototype, `${name} Iterator`);
  const open = (owner: object, pick: Pick) => {
    pairsOf(owner);
    return new PairIterator({ owner, index: 0, pick });
  };
  defineMethods(constructor.prototype, name, pairsOf, open);
}

function defineMethods(prototype: object, name: string, pairsOf: PairsOf, open: (owner: object, pick: Pick) => object): void {
  const methods = {
    entries(this: object): object {
      return open(this, toEntry);
    },
    keys(this: object): object {
      return open(this, toKey);
    },
    values(this: object): object {
      return open(this, toValue);
    },
    forEach(this: object, callback: unknown, thisArgument: unknown = undefined): void {
      pairsOf(this);
      requireArguments(arguments.length, 1, `${name}.forEach`);
      if (typeof callback !== "function") throw new TypeError(`${name}.forEach: the callback must be a function.`);
      for (let i = 0; i < pairsOf(this).length; i++) {
        const pair = pairsOf(this)[i] as Pair;
        apply(callback as () => void, thisArgument, [pair[1], pair[0], this]);
      }
    },
  };
  define(prototype, "entries", methods.entries, Flags.all);
  define(prototype, "keys", methods.keys, Flags.all);
  define(prototype, "values", methods.values, Flags.all);
  define(prototype, "forEach", methods.forEach, Flags.all);
  define(prototype, iteratorSymbol, methods.entries);
}
