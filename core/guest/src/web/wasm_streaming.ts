// WebAssembly.compileStreaming and instantiateStreaming (WebAssembly Web API). The bytes are collected first: V8 compiles
// lazily, so that overlapping compilation with the download would win little.
import { apply, global, Promise, stringToLowerCase, TypeError } from "../primordials";
import { subscribe } from "../promises";
import { isResponse, readResponse, responseBytes, type Response } from "./fetch_classes";
import { define, Flags, isObject } from "./idl";

type Compiler = (source: unknown, imports?: unknown) => Promise<unknown>;

/** The bytes of a response that says it is WebAssembly. */
function bytesOf(source: unknown): Promise<ArrayBuffer> {
  if (!isObject(source) || !isResponse(source))
    throw new TypeError("WebAssembly: the source is not a Response or a promise of one.");
  const response = source as Response;
  const { headers, status } = readResponse(response);
  let type: string | undefined;
  for (let i = 0; i < headers.length; i++)
    if (stringToLowerCase(headers[i]?.[0] as string) === "content-type") type = headers[i]?.[1];
  if (type === undefined || stringToLowerCase(type) !== "application/wasm") {
    throw new TypeError(`WebAssembly: the response has the MIME type '${type ?? ""}', expected 'application/wasm'.`);
  }
  if (status < 200 || status > 299) throw new TypeError(`WebAssembly: the response has the status ${status}.`);
  return responseBytes(response);
}

function streamed(source: unknown, finish: (bytes: unknown) => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const compile = (response: unknown) => {
      try {
        subscribe(bytesOf(response), (bytes) => subscribe(finish(bytes), resolve, reject), reject);
      } catch (error) {
        reject(error);
      }
    };
    // Always in a later microtask: whoever reads the body in this one comes first.
    subscribe(new Promise((fulfil) => fulfil(source)), compile, reject);
  });
}

export function installWasmStreaming(): void {
  const { WebAssembly } = global;
  if (WebAssembly === undefined) return;
  const { compile, instantiate } = WebAssembly as Record<"compile" | "instantiate", Compiler>;
  const methods = {
    compileStreaming(source: unknown): Promise<unknown> {
      return streamed(source, (bytes) => apply(compile, WebAssembly, [bytes]));
    },
    instantiateStreaming(source: unknown, imports: unknown = undefined): Promise<unknown> {
      return streamed(source, (bytes) => apply(instantiate, WebAssembly, [bytes, imports]));
    },
  };
  define(WebAssembly, "compileStreaming", methods.compileStreaming, Flags.all);
  define(WebAssembly, "instantiateStreaming", methods.instantiateStreaming, Flags.all);
}
