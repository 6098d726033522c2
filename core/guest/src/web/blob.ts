// Blob and File (File API). Content is a list of slices of bytes that nobody changes: blobs made of blobs share them.
import { bytesOf } from "../rpc/chunks";
import { copyRange } from "../codec/encode_builtin";
import { append, type List, list } from "../collections";
import { dateNow, max, min, Promise, stringCharCodeAt, stringToLowerCase, trunc, TypeError } from "../primordials";
import { utf8Decode, utf8Encode } from "./encoding";
import { registerCloner } from "./clone_platform";
import { dictionary, exposeInterface, illegal, isObject, requireArguments, sequence } from "./idl";
import lent from "./lend";
import { isBufferSource, nativeEndings, toLongLong } from "./blob_parts";
import { gatherPieces, hasRemote, joinPieces, type Piece, PieceReader, type Remote, slicePieces } from "./blob_pieces";
import { ReadableStream } from "./streams";
import { usv } from "./url_query";

interface Content {
  readonly chunks: List<Piece>;
  readonly size: number;
  readonly type: string;
}

const token = {};
export let contentOf: (blob: object) => Content;
export let isBlob: (value: object) => boolean;

export class Blob {
  readonly #content: Content;
  static {
    contentOf = (blob) => (#content in blob ? blob.#content : illegal());
    isBlob = (value) => #content in value;
  }
  constructor(blobParts: unknown = undefined, options: unknown = undefined, key: unknown = undefined) {
    this.#content = key === token ? (blobParts as Content) : collect(blobParts, options);
  }
  get size(): number {
    return contentOf(this).size;
  }
  get type(): string {
    return contentOf(this).type;
  }
  slice(start: unknown = undefined, end: unknown = undefined, contentType: unknown = undefined): Blob {
    const content = contentOf(this);
    const from = start === undefined ? 0 : position(toLongLong(start), content.size);
    const to = end === undefined ? content.size : position(toLongLong(end), content.size);
    const type = contentType === undefined ? "" : mimeType(`${contentType}`);
    return new Blob(sliceOf(content, from, max(from, to), type), undefined, token);
  }
  stream(): ReadableStream {
    return streamOf(contentOf(this));
  }
  text(): Promise<string> {
    return promised(this, utf8Decode);
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return promised(this, (bytes) => bytes.buffer);
  }
  bytes(): Promise<Uint8Array> {
    return promised(this, (bytes) => bytes);
  }
}

function promised<T>(blob: object, convert: (bytes: Uint8Array<ArrayBuffer>) => T): Promise<T> {
  return new Promise((resolve, reject) => gatherBlob(blob, (bytes) => resolve(convert(bytes)), reject));
}

/** Hands over all bytes: at once, unless some are elsewhere. */
export function gatherBlob(
  blob: object,
  onBytes: (bytes: Uint8Array<ArrayBuffer>) => void,
  onError: (reason: unknown) => void,
): void {
  const { chunks, size } = contentOf(blob);
  if (hasRemote(chunks)) gatherPieces(chunks, size, onBytes, onError);
  else onBytes(joinPieces(chunks, size));
}

function position(relative: number, size: number): number {
  return relative < 0 ? max(size + relative, 0) : min(relative, size);
}

/** Lower case, or nothing when it has a character that is not printable ASCII. */
function mimeType(type: string): string {
  for (let i = 0; i < type.length; i++) {
    const code = stringCharCodeAt(type, i);
    if (code < 0x20 || code > 0x7e) return "";
  }
  return stringToLowerCase(type);
}

function collect(parts: unknown, options: unknown): Content {
  const values: List<unknown> = list();
  if (parts !== undefined) {
    const items = sequence(parts);
    if (items === undefined) throw new TypeError("Blob constructor: the parts must be a sequence.");
    // lint: Web IDL asks for the argument's iterator
    for (const part of items) {
      append(values, isObject(part) && (isBlob(part) || isBufferSource(part)) ? part : usv(part));
    }
  }
  const bag = dictionary(options, "Blob constructor");
  const endings = bag?.endings === undefined ? "transparent" : `${bag.endings}`;
  if (endings !== "transparent" && endings !== "native") throw new TypeError("Blob constructor: endings is not valid.");
  const type = bag?.type === undefined ? "" : mimeType(`${bag.type}`);
  return contentFrom(values, endings === "native", type);
}

function contentFrom(values: List<unknown>, native: boolean, type: string): Content {
  const chunks: List<Piece> = list();
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "object" && value !== null && isBlob(value)) {
      const inner = contentOf(value).chunks;
      for (let j = 0; j < inner.length; j++) size += keep(chunks, inner[j] as Piece);
    } else if (typeof value === "string") {
      const bytes = utf8Encode(native ? nativeEndings(value) : value);
      size += keep(chunks, bytesOf(bytes));
    } else {
      const { buffer, offset, length } = bytesOf(value);
      size += keep(chunks, { buffer: copyRange(buffer, offset, length), offset: 0, length });
    }
  }
  return { chunks, size, type };
}

function keep(chunks: List<Piece>, chunk: Piece): number {
  if (chunk.length > 0) append(chunks, chunk);
  return chunk.length;
}

function sliceOf(content: Content, from: number, to: number, type: string): Content {
  const chunks: List<Piece> = list();
  slicePieces(content.chunks, from, to, (piece) => append(chunks, piece));
  return { chunks, size: to - from, type };
}

/** The bytes, unless some are elsewhere: then only the stream has them. */
export function blobBytes(blob: object): Uint8Array<ArrayBuffer> | undefined {
  const { chunks, size } = contentOf(blob);
  return hasRemote(chunks) ? undefined : joinPieces(chunks, size);
}

interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
  readonly byobRequest: { respond(bytes: number): void } | null;
}

function streamOf(content: Content): ReadableStream {
  const reader = new PieceReader(content.chunks);
  const pull = (controller: Controller) =>
    new Promise<void>((resolve, reject) => {
      const onBytes = (bytes: Uint8Array | undefined) => {
        if (bytes !== undefined) controller.enqueue(bytes);
        else {
          controller.close();
          controller.byobRequest?.respond(0);
        }
        resolve();
      };
      reader.next(onBytes, reject);
    });
  const cancel = (reason: unknown) => reader.cancel(reason);
  return new ReadableStream({ __proto__: null, type: "bytes", pull, cancel }, { __proto__: null, highWaterMark: 0 });
}

let fileOf: (file: object) => { name: string; lastModified: number };
export let isFile: (value: object) => boolean;

export class File extends Blob {
  readonly #file: { name: string; lastModified: number };
  static {
    fileOf = (file) => (#file in file ? file.#file : illegal());
    isFile = (value) => #file in value;
  }
  constructor(fileBits: unknown, fileName: unknown, options: unknown = undefined, key: unknown = undefined) {
    requireArguments(arguments.length, 2, "File constructor");
    super(fileBits, options, key);
    const name = usv(fileName);
    const modified = dictionary(options, "File constructor")?.lastModified;
    this.#file = { name, lastModified: modified === undefined ? dateNow() : trunc(toLongLong(modified)) };
  }
  get name(): string {
    return fileOf(this).name;
  }
  get lastModified(): number {
    return fileOf(this).lastModified;
  }
  get webkitRelativePath(): string {
    fileOf(this);
    return "";
  }
}

/** A copy shares the bytes. */
export function cloneBlob(blob: object): Blob {
  if (!isFile(blob)) return new Blob(contentOf(blob), undefined, token);
  const { name, lastModified } = fileOf(blob);
  return new File(contentOf(blob), name, { __proto__: null, lastModified }, token);
}

/** A File whose content is read from elsewhere when somebody wants it. */
export function remoteFile(remote: Remote, size: number, name: string, type: string, lastModified: number): File {
  const chunks: List<Piece> = list();
  keep(chunks, { remote, offset: 0, length: size });
  return new File({ chunks, size, type }, name, { __proto__: null, lastModified }, token);
}

export const describeFile = (file: object) => fileOf(file);

lent.Blob = Blob;
lent.File = File;

export function installBlob(): void {
  exposeInterface(Blob, "Blob");
  exposeInterface(File, "File");
  registerCloner(isBlob, cloneBlob);
}
