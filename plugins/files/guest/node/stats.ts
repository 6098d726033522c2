// Stats, BigIntStats and Dirent.
import type { Facts } from "../host";
import { p, web } from "../platform";
import { buffer } from "./values";

const KINDS = { __proto__: null, isFile: "file", isDirectory: "directory", isSymbolicLink: "symlink" } as unknown as Record<
  string,
  string
>;
const NEVER = ["isBlockDevice", "isCharacterDevice", "isFIFO", "isSocket"];
const FORMATS: Record<string, number> = { __proto__: null as never, file: 0o100000, directory: 0o040000, symlink: 0o120000 };

let kindOf: (stats: object) => string;

export class Stats {
  readonly #kind: string;
  static {
    kindOf = (stats) => (#kind in stats ? stats.#kind : "");
  }
  constructor(facts: Facts, big: boolean) {
    this.#kind = facts.kind;
    const number = big ? (value: number) => p.BigInt(p.trunc(value)) : (value: number) => value;
    const set = (key: string, value: unknown) => p.define(this, key, value, 7);
    set("dev", number(0));
    set("mode", number(facts.mode | (FORMATS[facts.kind] ?? 0)));
    set("nlink", number(facts.nlink));
    set("uid", number(0));
    set("gid", number(0));
    set("rdev", number(0));
    set("blksize", number(4096));
    set("ino", number(facts.ino));
    set("size", number(facts.size));
    set("blocks", number(p.floor((facts.size + 511) / 512)));
    setTimes(set, facts, big);
  }
}

function setTimes(set: (key: string, value: unknown) => void, facts: Facts, big: boolean): void {
  const times: Record<string, number> = { atime: facts.atime, mtime: facts.mtime, ctime: facts.ctime, birthtime: facts.ctime };
  const names: string[] = p.keys(times);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const milliseconds = times[name] as number;
    set(`${name}Ms`, big ? p.BigInt(p.trunc(milliseconds)) : milliseconds);
    if (big) set(`${name}Ns`, p.BigInt(p.trunc(milliseconds * 1e6)));
    set(name, new p.Date(milliseconds));
  }
}

let entryKind: (entry: object) => string;

export class Dirent {
  readonly #kind: string;
  static {
    entryKind = (entry) => (#kind in entry ? entry.#kind : "");
  }
  constructor(name: unknown, parentPath: string, kind: string) {
    this.#kind = kind;
    p.define(this, "name", name, 7);
    p.define(this, "parentPath", parentPath, 7);
    p.define(this, "path", parentPath, 7);
  }
}

function addTests(prototype: object, kind: () => (of: object) => string): void {
  const names: string[] = p.keys(KINDS);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const methods = {
      [name](this: object): boolean {
        return kind()(this) === KINDS[name];
      },
    };
    p.define(prototype, name, methods[name]);
  }
  const never = () => false;
  for (let i = 0; i < NEVER.length; i++) p.define(prototype, NEVER[i] as string, never);
}

export function prepareStats(): void {
  addTests(Stats.prototype, () => kindOf);
  addTests(Dirent.prototype, () => entryKind);
}

/** A name in the encoding that was asked for. */
export const entryName = (name: string, encoding: unknown): unknown =>
  encoding === "buffer" ? buffer(web.utf8Encode(name)) : name;
