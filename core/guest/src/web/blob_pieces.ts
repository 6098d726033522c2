// What a Blob is made of: bytes that are here, and stretches of content that somebody else has and hands out when it is read.
import { type List, list } from "../collections";
import { max, min, typedArrayByteLength, typedArraySet, Uint8Array, uncurry } from "../primordials";
import { subscribe } from "../promises";
import type { Chunk } from "../rpc/chunks";
import { ReadableStream } from "./streams";

/** Bytes that one chunk of a blob's stream has. */
const STREAM_CHUNK = 64 * 1024;

/** Content that is elsewhere. `open` gives a ReadableStream of Uint8Array: exactly the bytes asked for, or an error. */
export interface Remote {
  open(offset: number, length: number): object;
}

export interface RemotePiece {
  readonly remote: Remote;
  offset: number;
  length: number;
}

export type Piece = Chunk | RemotePiece;

const isRemote = (piece: Piece): piece is RemotePiece => "remote" in piece;

export function hasRemote(pieces: List<Piece>): boolean {
  for (let i = 0; i < pieces.length; i++) if (isRemote(pieces[i] as Piece)) return true;
  return false;
}

/** The stretch from `start` to `end` of one piece. */
export function pieceOf(piece: Piece, start: number, end: number): Piece {
  const offset = piece.offset + start;
  const length = end - start;
  return isRemote(piece) ? { remote: piece.remote, offset, length } : { buffer: piece.buffer, offset, length };
}

/** Pieces that are all here, as one. */
export function joinPieces(pieces: List<Piece>, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    const { buffer, offset, length } = pieces[i] as Chunk;
    typedArraySet(bytes, new Uint8Array(buffer, offset, length), at);
    at += length;
  }
  return bytes;
}

interface Reader {
  read(): Promise<unknown>;
  cancel(reason: unknown): Promise<unknown>;
}

const getReader = uncurry(ReadableStream.prototype.getReader) as (stream: object) => Reader;
const probe = getReader(new ReadableStream());
const read = uncurry(probe.read) as (reader: Reader) => Promise<unknown>;
const cancel = uncurry(probe.cancel) as (reader: Reader, reason: unknown) => Promise<unknown>;

type OnBytes = (bytes: Uint8Array<ArrayBuffer> | undefined) => void;
type OnError = (reason: unknown) => void;

/** Reads one piece after the other; nothing is asked for before somebody wants it. */
export class PieceReader {
  readonly #pieces: List<Piece>;
  #index = 0;
  #at = 0;
  #reader: Reader | undefined;

  constructor(pieces: List<Piece>) {
    this.#pieces = pieces;
  }

  /** The next bytes, in a buffer of their own; `undefined` at the end. One call at a time. */
  next(onBytes: OnBytes, onError: OnError): void {
    const piece = this.#pieces[this.#index];
    if (piece === undefined) return onBytes(undefined);
    if (isRemote(piece)) return this.#readRemote(piece, onBytes, onError);
    const end = min(this.#at + STREAM_CHUNK, piece.length);
    const chunk = pieceOf(piece, this.#at, end);
    this.#at = end;
    if (end === piece.length) this.#advance();
    const one: List<Piece> = list();
    one[0] = chunk;
    onBytes(joinPieces(one, chunk.length));
  }

  #advance(): void {
    this.#index++;
    this.#at = 0;
    this.#reader = undefined;
  }

  #readRemote(piece: RemotePiece, onBytes: OnBytes, onError: OnError): void {
    this.#reader ??= getReader(piece.remote.open(piece.offset, piece.length));
    const arrived = (result: unknown) => {
      const { done, value } = result as { done: boolean; value: Uint8Array<ArrayBuffer> };
      if (!done) return onBytes(value);
      this.#advance();
      this.next(onBytes, onError);
    };
    subscribe(read(this.#reader), arrived, onError);
  }

  cancel(reason: unknown): void {
    this.#index = this.#pieces.length;
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) subscribe(cancel(reader, reason), ignore, ignore);
  }
}

function ignore(): void {}

/** All bytes, once they are here. */
export function gatherPieces(
  pieces: List<Piece>,
  size: number,
  onBytes: (bytes: Uint8Array<ArrayBuffer>) => void,
  onError: OnError,
): void {
  const whole = new Uint8Array(size);
  const reader = new PieceReader(pieces);
  let at = 0;
  const step: OnBytes = (bytes) => {
    if (bytes === undefined) return onBytes(whole);
    typedArraySet(whole, bytes, at);
    at += typedArrayByteLength(bytes);
    reader.next(step, onError);
  };
  reader.next(step, onError);
}

/** The pieces between two positions. */
export function slicePieces(pieces: List<Piece>, from: number, to: number, keep: (piece: Piece) => void): void {
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i] as Piece;
    const start = max(from - at, 0);
    const end = min(to - at, piece.length);
    if (start < end) keep(pieceOf(piece, start, end));
    at += piece.length;
  }
}
