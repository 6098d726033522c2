/** A folder of a mount. Without a path, the root. */
declare function getDirectory(path?: string): Promise<FileSystemDirectoryHandle>;

interface FileSystemHandle {
  readonly kind: "file" | "directory";
  readonly name: string;
  isSameEntry(other: FileSystemHandle): Promise<boolean>;
  move(name: string): Promise<void>;
  move(folder: FileSystemDirectoryHandle, name?: string): Promise<void>;
  remove(options?: { recursive?: boolean }): Promise<void>;
  queryPermission(): Promise<"granted">;
  requestPermission(): Promise<"granted">;
}

interface FileSystemFileHandle extends FileSystemHandle {
  readonly kind: "file";
  getFile(): Promise<File>;
  createWritable(options?: { keepExistingData?: boolean; mode?: "siloed" | "exclusive" }): Promise<FileSystemWritableFileStream>;
}

interface FileSystemDirectoryHandle extends FileSystemHandle {
  readonly kind: "directory";
  getFileHandle(name: string, options?: { create?: boolean }): Promise<FileSystemFileHandle>;
  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<FileSystemDirectoryHandle>;
  removeEntry(name: string, options?: { recursive?: boolean }): Promise<void>;
  resolve(descendant: FileSystemHandle): Promise<string[] | null>;
  entries(): AsyncIterableIterator<[string, FileSystemFileHandle | FileSystemDirectoryHandle]>;
  keys(): AsyncIterableIterator<string>;
  values(): AsyncIterableIterator<FileSystemFileHandle | FileSystemDirectoryHandle>;
  [Symbol.asyncIterator](): AsyncIterableIterator<[string, FileSystemFileHandle | FileSystemDirectoryHandle]>;
}

type FileSystemWriteChunkType =
  | BufferSource
  | Blob
  | string
  | { type: "write"; position?: number; data: BufferSource | Blob | string }
  | { type: "seek"; position: number }
  | { type: "truncate"; size: number };

interface FileSystemWritableFileStream extends WritableStream {
  write(data: FileSystemWriteChunkType): Promise<void>;
  seek(position: number): Promise<void>;
  truncate(size: number): Promise<void>;
}

declare var FileSystemHandle: { prototype: FileSystemHandle };
declare var FileSystemFileHandle: { prototype: FileSystemFileHandle };
declare var FileSystemDirectoryHandle: { prototype: FileSystemDirectoryHandle };
declare var FileSystemWritableFileStream: { prototype: FileSystemWritableFileStream };

declare module "node:fs/promises" {
  type Path = string | Uint8Array | URL;
  type Data =
    | string
    | ArrayBufferView
    | AsyncIterable<string | ArrayBufferView>
    | Iterable<string | ArrayBufferView>
    | ReadableStream
    | Blob;
  interface Signals {
    signal?: AbortSignal;
  }
  interface Stats {
    readonly size: number;
    readonly mode: number;
    readonly ino: number;
    readonly nlink: number;
    readonly atimeMs: number;
    readonly mtimeMs: number;
    readonly ctimeMs: number;
    readonly atime: Date;
    readonly mtime: Date;
    readonly ctime: Date;
    isFile(): boolean;
    isDirectory(): boolean;
    isSymbolicLink(): boolean;
  }
  interface Dirent {
    readonly name: string;
    readonly parentPath: string;
    isFile(): boolean;
    isDirectory(): boolean;
    isSymbolicLink(): boolean;
  }
  interface FileHandle {
    readonly fd: number;
    read(
      buffer: Uint8Array,
      offset?: number,
      length?: number,
      position?: number | null,
    ): Promise<{ bytesRead: number; buffer: Uint8Array }>;
    write(data: string | ArrayBufferView, ...rest: unknown[]): Promise<{ bytesWritten: number }>;
    readFile(encoding: string | { encoding: string }): Promise<string>;
    readFile(): Promise<Uint8Array>;
    writeFile(data: Data, options?: string | Signals): Promise<void>;
    appendFile(data: Data, options?: string | Signals): Promise<void>;
    stat(): Promise<Stats>;
    truncate(size?: number): Promise<void>;
    utimes(atime: number | string | Date, mtime: number | string | Date): Promise<void>;
    sync(): Promise<void>;
    datasync(): Promise<void>;
    readableWebStream(): ReadableStream<Uint8Array>;
    close(): Promise<void>;
  }
  export function readFile(
    path: Path | FileHandle,
    options: string | ({ encoding: string; flag?: string } & Signals),
  ): Promise<string>;
  export function readFile(path: Path | FileHandle, options?: Signals): Promise<Uint8Array>;
  export function writeFile(
    path: Path | FileHandle,
    data: Data,
    options?: string | ({ encoding?: string; flag?: string } & Signals),
  ): Promise<void>;
  export function appendFile(
    path: Path | FileHandle,
    data: Data,
    options?: string | ({ encoding?: string } & Signals),
  ): Promise<void>;
  export function open(path: Path, flags?: string | number): Promise<FileHandle>;
  export function copyFile(source: Path, target: Path, mode?: number): Promise<void>;
  export function cp(
    source: Path,
    target: Path,
    options?: {
      recursive?: boolean;
      force?: boolean;
      errorOnExist?: boolean;
      filter?(source: string, target: string): boolean | Promise<boolean>;
    },
  ): Promise<void>;
  export function mkdir(path: Path, options?: { recursive?: boolean }): Promise<string | undefined>;
  export function mkdtemp(prefix: Path): Promise<string>;
  export function readdir(path: Path, options: { withFileTypes: true; recursive?: boolean }): Promise<Dirent[]>;
  export function readdir(path: Path, options?: { recursive?: boolean }): Promise<string[]>;
  export function rename(source: Path, target: Path): Promise<void>;
  export function rm(path: Path, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
  export function rmdir(path: Path): Promise<void>;
  export function unlink(path: Path): Promise<void>;
  export function stat(path: Path): Promise<Stats>;
  export function lstat(path: Path): Promise<Stats>;
  export function access(path: Path, mode?: number): Promise<void>;
  export function truncate(path: Path, size?: number): Promise<void>;
  export function utimes(path: Path, atime: number | string | Date, mtime: number | string | Date): Promise<void>;
  export function realpath(path: Path): Promise<string>;
  export const constants: Readonly<Record<string, number>>;
}
