// Operations on folders and whole trees.
import type { Facts } from "../host";
import { folderOf, join } from "../paths";
import { after, attempt, p, push, repeat, sdk } from "../platform";
import { ask, nodeError } from "./errors";
import { Dirent, entryName } from "./stats";
import { type Options, options, pathOf } from "./values";

type Entry = [name: string, kind: string];

/** All entries, page after page. */
function list(path: string): Promise<Entry[]> {
  const found: Entry[] = [];
  let last = "";
  const pages = repeat(() =>
    after(ask<Entry[]>({ syscall: "scandir", path }, "names", path, last, false), (page) => {
      const entries = page as Entry[];
      for (let i = 0; i < entries.length; i++) push(found, entries[i] as Entry);
      if (entries.length === 0) return false;
      last = (entries[entries.length - 1] as Entry)[0];
      return true;
    }),
  );
  return after(pages, () => found);
}

/** Calls `visit` for every entry below `root`, folders before what is in them. */
function walk(root: string, recursive: boolean, visit: (folder: string, entry: Entry) => unknown): Promise<void> {
  const waiting: string[] = [root];
  return repeat(() => {
    if (waiting.length === 0) return false;
    const folder = waiting[waiting.length - 1] as string;
    waiting.length--;
    return after(list(folder), (entries) => {
      const all = entries as Entry[];
      for (let i = 0; i < all.length; i++) {
        const entry = all[i] as Entry;
        visit(folder, entry);
        if (recursive && entry[1] === "directory") push(waiting, join(folder, entry[0]));
      }
      return true;
    });
  });
}

const missingOk = (error: unknown): undefined => {
  if ((error as { code?: unknown }).code !== "ENOENT") throw error;
  return undefined;
};

export const folders = {
  mkdir(path: unknown, given: unknown = undefined): Promise<string | undefined> {
    return attempt(() => {
      const at = pathOf(path);
      const recursive = typeof given === "object" && options(given).recursive === true;
      return ask<string | undefined>({ syscall: "mkdir", path: at }, "mkdir", at, recursive);
    });
  },
  readdir(path: unknown, given: unknown = undefined): Promise<unknown[]> {
    return attempt(() => {
      const at = pathOf(path);
      const { encoding, recursive, withFileTypes } = options(given);
      const found: unknown[] = [];
      const prefix = at === "/" ? 1 : at.length + 1;
      const done = walk(at, recursive === true, (folder, entry) => {
        const name = withFileTypes || !recursive ? entry[0] : p.stringSlice(join(folder, entry[0]), prefix);
        const shown = entryName(name, encoding);
        push(found, withFileTypes ? new Dirent(shown, folder, entry[1]) : shown);
      });
      return after(done, () => found);
    });
  },
  rmdir(path: unknown, given: unknown = undefined): Promise<void> {
    return attempt(() => {
      const at = pathOf(path);
      return ask({ syscall: "rmdir", path: at }, "remove", at, "directory", options(given).recursive === true);
    });
  },
  rm(path: unknown, given: unknown = undefined): Promise<void> {
    return attempt(() => {
      const at = pathOf(path);
      const { force, recursive } = options(given);
      const call = { syscall: "rm", path: at };
      const removed = ask<void>(call, "remove", at, recursive ? "any" : "file", recursive === true);
      return force ? after(removed, () => undefined, missingOk) : removed;
    });
  },
  rename(source: unknown, target: unknown): Promise<void> {
    return attempt(() => {
      const path = pathOf(source, "oldPath");
      const dest = pathOf(target, "newPath");
      return ask({ syscall: "rename", path, dest }, "rename", path, dest);
    });
  },
  cp(source: unknown, target: unknown, given: unknown = undefined): Promise<void> {
    return attempt(() => copyTree(pathOf(source, "src"), pathOf(target, "dest"), options(given)));
  },
  realpath(path: unknown): Promise<string> {
    return attempt(() => {
      const at = pathOf(path);
      return after(ask({ syscall: "realpath", path: at }, "stat", at, true), () => at);
    });
  },
  mkdtemp(prefix: unknown): Promise<string> {
    return attempt(() => {
      const start = pathOf(prefix, "prefix");
      return makeUnique(p.stringSlice(`${prefix as string}`, -1) === "/" ? `${start}/` : start, 0);
    });
  },
};

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function makeUnique(prefix: string, tries: number): Promise<string> {
  const bytes = new p.Uint8Array(sdk.random(6) as ArrayBuffer);
  let path = prefix;
  for (let i = 0; i < 6; i++) path += LETTERS[(bytes[i] as number) % LETTERS.length];
  return after(
    ask({ syscall: "mkdtemp", path: `${prefix}XXXXXX` }, "mkdir", path, false),
    () => path,
    (error) => {
      if ((error as { code?: unknown }).code !== "EEXIST" || tries > 20) throw error;
      return makeUnique(prefix, tries + 1);
    },
  );
}

const stat = (path: string) => ask<Facts>({ syscall: "cp", path }, "stat", path, true);

function copyTree(source: string, target: string, bag: Options): Promise<void> {
  return after(allowed(bag, source, target), (pass) => {
    if (!pass) return undefined;
    return after(stat(source), (facts) => {
      if ((facts as Facts).kind !== "directory") return copyFile(source, target, bag);
      if (bag.recursive !== true) throw nodeError("EISDIR", { syscall: "cp", path: source });
      if (p.stringStartsWith(`${target}/`, `${source}/`))
        throw nodeError("EINVAL", { syscall: "cp", path: source, dest: target });
      return after(ask({ syscall: "cp", path: target }, "mkdir", target, true), () => copyEntries(source, target, bag));
    });
  });
}

/** What the caller's filter says. */
const allowed = (bag: Options, source: string, target: string): Promise<boolean> =>
  attempt(() => (typeof bag.filter === "function" ? bag.filter(source, target) : true));

function copyEntries(source: string, target: string, bag: Options): Promise<void> {
  return after(list(source), (entries) => {
    const all = entries as Entry[];
    let i = 0;
    return repeat(() => {
      const entry = all[i++];
      if (entry === undefined) return false;
      return after(copyTree(join(source, entry[0]), join(target, entry[0]), bag), () => true);
    });
  });
}

function copyFile(path: string, dest: string, bag: Options): Promise<unknown> {
  const exclusive = bag.force === false;
  const copied = after(ask({ syscall: "mkdir", path: folderOf(dest) }, "mkdir", folderOf(dest), true), () =>
    ask({ syscall: "cp", path, dest }, "copy", path, dest, exclusive),
  );
  return after(
    copied,
    () => undefined,
    (error) => {
      // Without force, what is there already stays.
      if (exclusive && bag.errorOnExist !== true && (error as { code?: unknown }).code === "EEXIST") return undefined;
      throw error;
    },
  );
}
