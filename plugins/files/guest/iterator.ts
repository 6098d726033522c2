// The asynchronous iterator over the entries of a folder, page after page (Web IDL `async iterable`).
import { host, type Kind } from "./host";
import { after, attempt, p, typeError } from "./platform";

type Entry = [name: string, kind: Kind];
type Pick = (name: string, kind: Kind) => unknown;

interface Progress {
  readonly path: string;
  readonly pick: Pick;
  page: Entry[];
  index: number;
  last: string;
  over: boolean;
  /** Calls wait for each other, as in an async generator. */
  turn: unknown;
}

let progressOf: (iterator: object) => Progress;
let prototype: object | undefined;

class DirectoryIterator {
  readonly #progress: Progress;
  static {
    progressOf = (iterator) => (#progress in iterator ? iterator.#progress : typeError("Illegal invocation"));
  }
  constructor(progress: Progress) {
    this.#progress = progress;
    p.setPrototypeOf(this, prototype);
  }
}

const result = (value: unknown, done: boolean) => ({ value, done });

function advance(state: Progress): unknown {
  while (state.index < state.page.length) {
    const entry = state.page[state.index++] as Entry;
    const name = entry[0];
    const kind = entry[1];
    state.last = name;
    // Pipes, devices, links to nowhere: there is no handle for them.
    if (kind === "file" || kind === "directory") return result(state.pick(name, kind), false);
  }
  if (state.over) return result(undefined, true);
  return after(host<Entry[]>("names", state.path, state.last, true), (page) => {
    state.page = page as Entry[];
    state.index = 0;
    state.over = state.page.length === 0;
    return advance(state);
  });
}

const methods = {
  next(this: object): Promise<unknown> {
    return attempt(() => {
      const state = progressOf(this);
      const step = () => advance(state);
      const answer = after(state.turn, step, step);
      state.turn = answer;
      return answer;
    });
  },
  return(this: object, value: unknown = undefined): Promise<unknown> {
    return attempt(() => {
      const state = progressOf(this);
      state.over = true;
      state.page = [];
      return result(value, true);
    });
  },
};

export function installIterator(): void {
  prototype = p.create(p.asyncIteratorPrototype) as object;
  p.define(prototype, "next", methods.next, 7);
  p.define(prototype, "return", methods.return, 7);
  p.define(prototype, p.toStringTagSymbol, "FileSystemDirectoryHandle AsyncIterator", 4);
}

export function directoryIterator(path: string, pick: Pick): object {
  return new DirectoryIterator({ path, pick, page: [], index: 0, last: "", over: false, turn: undefined });
}
