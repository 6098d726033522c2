// FileReader (File API §6.2). The bytes of a blob are at hand, so a read takes three tasks: its start, its progress, its end.
import { base64Encode } from "./base64";
import { binaryText, decodedText } from "./blob_text";
import { gatherBlob, contentOf, isBlob } from "./blob";
import { TypeError } from "../primordials";
import { DOMException } from "./dom_exception";
import { trusted } from "./event";
import { EventTarget, fire } from "./event_target";
import { handlerAttribute } from "./handlers";
import { exposeInterface, illegal, isObject, requireArguments } from "./idl";
import { progressEvent } from "./message_event";
import { startTimer } from "./timers";

const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

interface ReaderState {
  readyState: number;
  result: unknown;
  error: DOMException | null;
  /** Tells the tasks of this read from those of one that was aborted. */
  round: number;
}

type Package = (bytes: Uint8Array<ArrayBuffer>, type: string) => unknown;

let readerOf: (reader: object) => ReaderState;

export class FileReader extends EventTarget {
  readonly #state: ReaderState = { readyState: EMPTY, result: null, error: null, round: 0 };
  static {
    readerOf = (reader) => (#state in reader ? reader.#state : illegal());
  }
  get readyState(): number {
    return readerOf(this).readyState;
  }
  get result(): unknown {
    return readerOf(this).result;
  }
  get error(): DOMException | null {
    return readerOf(this).error;
  }
  readAsArrayBuffer(blob: unknown): void {
    requireArguments(arguments.length, 1, "FileReader.readAsArrayBuffer");
    read(this, blob, (bytes) => bytes.buffer);
  }
  readAsBinaryString(blob: unknown): void {
    requireArguments(arguments.length, 1, "FileReader.readAsBinaryString");
    read(this, blob, binaryText);
  }
  readAsText(blob: unknown, encoding: unknown = undefined): void {
    requireArguments(arguments.length, 1, "FileReader.readAsText");
    const label = encoding === undefined ? undefined : `${encoding}`;
    read(this, blob, (bytes, type) => decodedText(bytes, type, label));
  }
  readAsDataURL(blob: unknown): void {
    requireArguments(arguments.length, 1, "FileReader.readAsDataURL");
    read(this, blob, (bytes, type) => `data:${type || "application/octet-stream"};base64,${base64Encode(binaryText(bytes))}`);
  }
  abort(): void {
    const state = readerOf(this);
    const loading = state.readyState === LOADING;
    state.result = null;
    if (!loading) return;
    state.readyState = DONE;
    state.round++;
    announce(this, "abort", 0, 0);
    if (isIdle(state)) announce(this, "loadend", 0, 0);
  }
}

/** Listeners may have started the next read. */
const isIdle = (state: ReaderState): boolean => state.readyState !== LOADING;

function announce(reader: object, type: string, loaded: number, total: number): void {
  fire(reader, trusted(progressEvent(type, loaded, total)));
}

function read(reader: FileReader, blob: unknown, pack: Package): void {
  const state = readerOf(reader);
  if (!isObject(blob) || !isBlob(blob)) throw new TypeError("FileReader: parameter 1 is not of type 'Blob'.");
  if (!isIdle(state)) throw new DOMException("The FileReader is reading already.", "InvalidStateError");
  state.readyState = LOADING;
  state.result = state.error = null;
  const round = ++state.round;
  const { size, type } = contentOf(blob);
  const task = (run: () => void) => startTimer(() => state.round === round && run(), 0);
  task(() => {
    announce(reader, "loadstart", 0, size);
    const onBytes = (bytes: Uint8Array<ArrayBuffer>) => {
      if (size > 0) task(() => announce(reader, "progress", size, size));
      task(() => finish(reader, state, size, () => pack(bytes, type)));
    };
    gatherBlob(blob, onBytes, () => task(() => fail(reader, state, size)));
  });
}

function fail(reader: object, state: ReaderState, size: number): void {
  state.error = new DOMException("The blob cannot be read.", "NotReadableError");
  state.readyState = DONE;
  announce(reader, "error", 0, size);
  if (isIdle(state)) announce(reader, "loadend", 0, size);
}

function finish(reader: object, state: ReaderState, size: number, result: () => unknown): void {
  state.result = result();
  state.readyState = DONE;
  announce(reader, "load", size, size);
  if (isIdle(state)) announce(reader, "loadend", size, size);
}

export function installFileReader(): void {
  exposeInterface(FileReader, "FileReader", { EMPTY, LOADING, DONE });
  const events = ["loadstart", "progress", "load", "abort", "error", "loadend"];
  for (let i = 0; i < events.length; i++) handlerAttribute(FileReader.prototype, events[i] as string);
}
