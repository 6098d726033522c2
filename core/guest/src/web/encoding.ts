// TextEncoder, TextDecoder and their streams (Encoding Standard); the conversions are those of @exodus/bytes.
import * as bytes from "@exodus/bytes/encoding.js";
import { stringCharCodeAt, stringSlice } from "../primordials";
import lent from "./lend";
import { dictionary, exposeInterface, illegal, requireArguments } from "./idl";
import { TransformStream } from "./streams";

type Inner = InstanceType<typeof bytes.TextDecoder>;

let decoderOf: (decoder: object) => Inner;

export class TextDecoder {
  readonly #inner: Inner;
  static {
    decoderOf = (decoder) => (#inner in decoder ? decoder.#inner : illegal());
  }
  constructor(label: unknown = "utf-8", options: unknown = undefined) {
    const name = `${label}`;
    const bag = dictionary(options, "TextDecoder constructor");
    this.#inner = new bytes.TextDecoder(name, { fatal: !!bag?.fatal, ignoreBOM: !!bag?.ignoreBOM });
  }
  get encoding(): string {
    return decoderOf(this).encoding;
  }
  get fatal(): boolean {
    return decoderOf(this).fatal;
  }
  get ignoreBOM(): boolean {
    return decoderOf(this).ignoreBOM;
  }
  decode(input: unknown = undefined, options: unknown = undefined): string {
    const inner = decoderOf(this);
    return inner.decode(input, { stream: !!dictionary(options, "TextDecoder.decode")?.stream });
  }
}

const encoder = new bytes.TextEncoder();
export const utf8Encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
/** "UTF-8 decode": a byte order mark is dropped, what is malformed replaced. */
export const utf8Decode = (data: Uint8Array): string =>
  new bytes.TextDecoder("utf-8", { fatal: false, ignoreBOM: false }).decode(data);

/** The text of all of `data`, or nothing when no encoding has that label. */
export function decodeWith(label: string, data: Uint8Array): string | undefined {
  let decoder: Inner;
  try {
    decoder = new bytes.TextDecoder(label, { fatal: false, ignoreBOM: false });
  } catch {
    return undefined;
  }
  return decoder.decode(data);
}

export class TextEncoder {
  readonly #brand = true;
  static #check(self: TextEncoder): void {
    if (!(#brand in self)) illegal();
  }
  get encoding(): string {
    TextEncoder.#check(this);
    return "utf-8";
  }
  encode(input: unknown = ""): Uint8Array {
    TextEncoder.#check(this);
    return encoder.encode(`${input}`);
  }
  encodeInto(source: unknown, destination: unknown): { read: number; written: number } {
    TextEncoder.#check(this);
    requireArguments(arguments.length, 2, "TextEncoder.encodeInto");
    return encoder.encodeInto(`${source}`, destination);
  }
}

interface Controller {
  enqueue(chunk: unknown): void;
}

class TextDecoderStream {
  readonly #inner: Inner;
  readonly #pipe: InstanceType<typeof TransformStream>;
  constructor(label: unknown = "utf-8", options: unknown = undefined) {
    const inner = decoderOf(new TextDecoder(label, options));
    const pass = (controller: Controller, text: string) => {
      if (text !== "") controller.enqueue(text);
    };
    this.#inner = inner;
    this.#pipe = new TransformStream({
      __proto__: null,
      transform: (chunk: unknown, controller: Controller) => pass(controller, inner.decode(required(chunk), { stream: true })),
      flush: (controller: Controller) => pass(controller, inner.decode()),
    });
  }
  get encoding(): string {
    return this.#inner.encoding;
  }
  get fatal(): boolean {
    return this.#inner.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#inner.ignoreBOM;
  }
  get readable(): object {
    return this.#pipe.readable;
  }
  get writable(): object {
    return this.#pipe.writable;
  }
}

/** `undefined` is no buffer, although decode() takes it for none. */
const required = (chunk: unknown): unknown => (chunk === undefined ? null : chunk);

class TextEncoderStream {
  readonly #pipe: InstanceType<typeof TransformStream>;
  constructor() {
    // A surrogate that may be the first half of a pair whose second half comes with the next chunk.
    let lead = "";
    this.#pipe = new TransformStream({
      __proto__: null,
      transform(chunk: unknown, controller: Controller) {
        let text = `${lead}${chunk}`;
        const last = text === "" ? 0 : stringCharCodeAt(text, text.length - 1);
        const keeps = last >= 0xd800 && last <= 0xdbff;
        lead = keeps ? stringSlice(text, -1) : "";
        if (keeps) text = stringSlice(text, 0, -1);
        if (text !== "") controller.enqueue(utf8Encode(text));
      },
      flush(controller: Controller) {
        if (lead !== "") controller.enqueue(utf8Encode(lead));
      },
    });
  }
  get encoding(): string {
    void this.#pipe;
    return "utf-8";
  }
  get readable(): object {
    return this.#pipe.readable;
  }
  get writable(): object {
    return this.#pipe.writable;
  }
}

lent.TextDecoder = TextDecoder;
lent.TextEncoder = TextEncoder;

export function installEncoding(): void {
  exposeInterface(TextDecoder, "TextDecoder");
  exposeInterface(TextEncoder, "TextEncoder");
  exposeInterface(TextDecoderStream, "TextDecoderStream");
  exposeInterface(TextEncoderStream, "TextEncoderStream");
}
