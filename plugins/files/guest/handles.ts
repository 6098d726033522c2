// FileSystemHandle, FileSystemFileHandle, FileSystemDirectoryHandle (File System Standard). A handle is a path: what is there is
// found out when it is used.
import { openFile } from "./file";
import { host, type Kind } from "./host";
import { directoryIterator } from "./iterator";
import { absolute, folderOf, isName, join, nameOf } from "./paths";
import { after, attempt, dictionary, isObject, needArguments, p, push, sdk, typeError } from "./platform";
import { openWritable } from "./writable";

interface Locator {
  path: string;
  readonly kind: Kind;
}

const token = {};
let locate: (handle: object) => Locator;
let isHandle: (value: object) => boolean;

/** Methods answer with promises, and so do their checks. */
const method = <T>(work: () => unknown): Promise<T> => attempt(work);

export class FileSystemHandle {
  readonly #at: Locator;
  static {
    locate = (handle) => (#at in handle ? handle.#at : typeError("Illegal invocation"));
    isHandle = (value) => #at in value;
  }
  constructor(at: Locator | undefined = undefined, key: unknown = undefined) {
    if (key !== token) typeError("Illegal constructor");
    this.#at = at as Locator;
  }
  get kind(): Kind {
    return locate(this).kind;
  }
  get name(): string {
    return nameOf(locate(this).path);
  }
  isSameEntry(other: unknown): Promise<boolean> {
    const given = arguments.length;
    return method(() => {
      needArguments(given, 1, "FileSystemHandle.isSameEntry");
      const here = locate(this);
      if (!isObject(other) || !isHandle(other)) typeError("isSameEntry: parameter 1 is not of type 'FileSystemHandle'.");
      const there = locate(other);
      return here.kind === there.kind && here.path === there.path;
    });
  }
  /** `move(name)`, `move(folder)` or `move(folder, name)`. */
  move(target: unknown, name: unknown = undefined): Promise<void> {
    const given = arguments.length;
    return method(() => {
      needArguments(given, 1, "FileSystemHandle.move");
      const here = locate(this);
      const intoFolder = isObject(target) && isHandle(target);
      const folder = intoFolder ? folderPath(target) : folderOf(here.path);
      const last = intoFolder ? (name === undefined ? nameOf(here.path) : `${name}`) : `${target}`;
      checkName(last);
      const path = join(folder, last);
      return after(host("rename", here.path, path), () => {
        here.path = path;
      });
    });
  }
  /** As in Chromium; `removeEntry` of the folder does the same. */
  remove(options: unknown = undefined): Promise<void> {
    return method(() => {
      const { path, kind } = locate(this);
      return host("remove", path, kind, !!dictionary(options, "FileSystemHandle.remove").recursive);
    });
  }
  /** What a policy grants was granted by whoever wrote it: there is nobody to ask. */
  queryPermission(): Promise<string> {
    return method(() => {
      locate(this);
      return "granted";
    });
  }
  requestPermission(): Promise<string> {
    return method(() => {
      locate(this);
      return "granted";
    });
  }
}

function folderPath(handle: object): string {
  const { kind, path } = locate(handle);
  return kind === "directory" ? path : typeError("move: the target is not a directory.");
}

function checkName(name: string): void {
  if (!isName(name)) typeError(`'${name}' is not a valid name`);
}

export class FileSystemFileHandle extends FileSystemHandle {
  getFile(): Promise<object> {
    return method(() => {
      const { path } = checked(this, "file");
      return openFile(path, nameOf(path));
    });
  }
  createWritable(options: unknown = undefined): Promise<object> {
    return method(() => {
      const { path } = checked(this, "file");
      const { keepExistingData, mode = "siloed" } = dictionary(options, "FileSystemFileHandle.createWritable");
      if (mode !== "siloed" && mode !== "exclusive") typeError(`createWritable: '${mode}' is not a mode.`);
      return openWritable(path, !!keepExistingData, mode === "exclusive");
    });
  }
}

function checked(handle: object, kind: Kind): Locator {
  const at = locate(handle);
  return at.kind === kind ? at : typeError("Illegal invocation");
}

export class FileSystemDirectoryHandle extends FileSystemHandle {
  getFileHandle(name: unknown, options: unknown = undefined): Promise<object> {
    const given = arguments.length;
    return method(() => {
      needArguments(given, 1, "FileSystemDirectoryHandle.getFileHandle");
      return childHandle(this, `${name}`, "file", options);
    });
  }
  getDirectoryHandle(name: unknown, options: unknown = undefined): Promise<object> {
    const given = arguments.length;
    return method(() => {
      needArguments(given, 1, "FileSystemDirectoryHandle.getDirectoryHandle");
      return childHandle(this, `${name}`, "directory", options);
    });
  }
  removeEntry(name: unknown, options: unknown = undefined): Promise<void> {
    const given = arguments.length;
    return method(() => {
      needArguments(given, 1, "FileSystemDirectoryHandle.removeEntry");
      const { path } = checked(this, "directory");
      const last = `${name}`;
      const { recursive } = dictionary(options, "FileSystemDirectoryHandle.removeEntry");
      checkName(last);
      return host("remove", join(path, last), "any", !!recursive);
    });
  }
  resolve(descendant: unknown): Promise<string[] | null> {
    const given = arguments.length;
    return method(() => {
      needArguments(given, 1, "FileSystemDirectoryHandle.resolve");
      const { path } = checked(this, "directory");
      if (!isObject(descendant) || !isHandle(descendant)) typeError("resolve: parameter 1 is not of type 'FileSystemHandle'.");
      return namesBetween(path, locate(descendant).path);
    });
  }
  entries(): object {
    const { path } = checked(this, "directory");
    return directoryIterator(path, (name, kind) => [name, handleOf(join(path, name), kind)]);
  }
  keys(): object {
    return directoryIterator(checked(this, "directory").path, (name) => name);
  }
  values(): object {
    const { path } = checked(this, "directory");
    return directoryIterator(path, (name, kind) => handleOf(join(path, name), kind));
  }
}

function childHandle(parent: object, name: string, kind: Kind, options: unknown): unknown {
  const { path } = checked(parent, "directory");
  const { create } = dictionary(options, "FileSystemDirectoryHandle");
  checkName(name);
  const at = join(path, name);
  return after(host("get", at, kind, !!create), () => handleOf(at, kind));
}

function namesBetween(folder: string, path: string): string[] | null {
  if (folder === path) return [];
  const prefix = folder === "/" ? "/" : `${folder}/`;
  if (!p.stringStartsWith(path, prefix)) return null;
  const names: string[] = [];
  let from = prefix.length;
  while (from <= path.length) {
    const at: number = p.stringIndexOf(path, "/", from);
    const end = at < 0 ? path.length : at;
    push(names, p.stringSlice(path, from, end));
    from = end + 1;
  }
  return names;
}

function handleOf(path: string, kind: Kind): object {
  const Class = kind === "file" ? FileSystemFileHandle : FileSystemDirectoryHandle;
  return new (Class as new (at: Locator, key: object) => object)({ path, kind }, token);
}

const holder = {
  getDirectory(path: unknown = "/"): Promise<object> {
    return method(() => {
      const at = absolute(`${path}`);
      return after(host("get", at, "directory", false), () => handleOf(at, "directory"));
    });
  },
};

export function installHandles(): void {
  sdk.exposeInterface(FileSystemHandle, "FileSystemHandle");
  sdk.exposeInterface(FileSystemFileHandle, "FileSystemFileHandle");
  sdk.exposeInterface(FileSystemDirectoryHandle, "FileSystemDirectoryHandle");
  const { prototype } = FileSystemDirectoryHandle;
  p.define(prototype, p.asyncIteratorSymbol, prototype.entries);
  sdk.registerCloner(isHandle, (handle: never) => {
    const { path, kind } = locate(handle);
    return handleOf(path, kind);
  });
  sdk.defineGlobal("getDirectory", holder.getDirectory);
}
