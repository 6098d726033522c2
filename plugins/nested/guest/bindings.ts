// Bindings that guest code writes for a child: read here once, and called when the host asks on the child's behalf.
import type { HandlerContext, Sdk } from "../../../core/guest/types/sdk";
import { type Any, bestEffort, type CallContext, type Options, readOptions } from "./platform";
import { type Sources, sourcesOf } from "./resolver";

const ANSWERED = "console fetch files modules tools";
const FILE_OPERATIONS = ["readFile", "writeFile", "unlink", "readdir", "mkdir", "rmdir", "stat", "rename"];
const FILE_NAMES = ["read_file", "write_file", "unlink", "readdir", "mkdir", "rmdir", "stat", "rename"];

export class Bound {
  readonly #sdk: Sdk;
  readonly #functions: Options;
  #sources: Sources | undefined;
  /** Capabilities of this runtime that the child gets. */
  readonly lent: string[] = [];
  /** What the host has to know about the others. */
  readonly spec: Options;

  constructor(sdk: Sdk, value: unknown, inherit: boolean) {
    const { create, define, keys, stringIncludes, TypeError } = sdk.primordials;
    this.#sdk = sdk;
    this.#functions = create(null);
    this.spec = create(null);
    if (value !== undefined && (typeof value !== "object" || value === null)) throw new TypeError("bindings must be an object");
    const names: string[] = value === undefined ? [] : keys(value as object);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const item = (value as Options)[name];
      if (!stringIncludes(` ${ANSWERED} `, ` ${name} `)) {
        this.#checkOwn(name, item);
        define(this.lent, this.lent.length, name, 7);
      } else if (item !== undefined && item !== null) this.#read(name, item);
    }
    if (inherit && this.#functions.fetch === undefined)
      this.#read("fetch", (request: unknown) => (sdk.primordials.root as Any).fetch(request));
  }

  /** A capability of this runtime is passed on by its own object; nobody can write one. */
  #checkOwn(name: string, item: unknown): void {
    const { TypeError } = this.#sdk.primordials;
    if (item === undefined) throw new TypeError(`bindings.${name} is undefined: this runtime has no '${name}' to pass on`);
    if (this.#sdk.capabilityOf(item) === name) return;
    throw new TypeError(`bindings.${name} must be the '${name}' of this runtime; guest code may answer: ${ANSWERED}`);
  }

  #read(name: string, item: Any): void {
    const { TypeError } = this.#sdk.primordials;
    const wrong = (what: string) => new TypeError(`bindings.${name} must be ${what}`);
    if (name === "fetch" ? typeof item !== "function" : typeof item !== "object")
      throw wrong(name === "fetch" ? "a function" : "an object");
    this.#functions[name] = item;
    if (name === "tools") this.spec.tools = this.#kinds(item);
    else if (name === "files") this.spec.files = this.#operations(item, wrong);
    else if (name === "modules") {
      this.#sources = sourcesOf(item);
      if (this.#sources === undefined) throw wrong("made by createModuleResolver()");
      this.spec.modules = this.#sources.entries;
    } else {
      if (name === "console" && typeof item.onEntry !== "function") throw wrong("an object with a function onEntry");
      this.spec[name] = true;
    }
  }

  #kinds(tools: Options): Options {
    const { create, keys, TypeError } = this.#sdk.primordials;
    const kinds: Options = create(null);
    const names: string[] = keys(tools);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      if (typeof tools[name] !== "function") throw new TypeError(`bindings.tools.${name} must be a function`);
      kinds[name] = this.#sdk.types.isGeneratorFunction?.(tools[name]) ? "generator" : "async";
    }
    return kinds;
  }

  #operations(files: Options, wrong: (what: string) => Error): string[] {
    const { define } = this.#sdk.primordials;
    const found: string[] = [];
    for (let i = 0; i < FILE_OPERATIONS.length; i++)
      if (typeof files[FILE_OPERATIONS[i] as string] === "function") define(found, found.length, FILE_NAMES[i], 7);
    if (found.length === 0)
      throw wrong("an object with some of the functions readFile writeFile unlink readdir mkdir rmdir stat rename");
    return found;
  }

  // ------------------------------------------------------------------ calls of the child
  /** `request` has the signal, which aborts when the child loses interest. */
  answer(request: HandlerContext, capability: string, op: string, args: unknown[], context: CallContext): unknown {
    const { apply, define, isArray } = this.#sdk.primordials;
    define(context, "signal", request.signal, 7);
    if (capability === "lent") return this.#passOn(request, op, args);
    const functions = this.#functions[capability];
    if (capability === "fetch") return apply(functions, undefined, [this.#request(request, args), context]);
    const loader = capability === "modules" ? this.#sources?.loaders[op as Any] : undefined;
    const target = capability === "modules" ? loader : functions?.[op];
    if (typeof target !== "function" || !isArray(args))
      throw new this.#sdk.primordials.TypeError(`There is no ${capability}.${op} to answer`);
    define(args, args.length, context, 7);
    const result = apply(target, capability === "modules" ? undefined : functions, args);
    return capability === "tools" && this.spec.tools[op] === "generator" ? asynchronous(result) : result;
  }

  #request(request: HandlerContext, args: unknown[]): object {
    return new this.#sdk.web.Request(args[0], { signal: request.signal, redirect: args[1] });
  }

  #passOn(request: HandlerContext, name: string, args: unknown[]): unknown {
    for (let i = 0; i < this.lent.length; i++)
      if (this.lent[i] === name)
        return this.#sdk.callOf(name, args[0] as string, args[1] as unknown[], { signal: request.signal });
    throw new this.#sdk.primordials.TypeError(`The capability '${name}' was not passed on`);
  }

  /** A console entry of the child. */
  console(entry: unknown, context: unknown): void {
    const { console } = this.#functions;
    if (console !== undefined)
      bestEffort(this.#sdk, "bindings.console.onEntry", () =>
        this.#sdk.primordials.apply(console.onEntry, console, [entry, context]),
      );
  }
}

/** The host steps through async iterators only; one of a plain generator is read as `for await` would. */
async function* asynchronous(iterator: Any): AsyncGenerator<unknown> {
  return yield* iterator;
}

export function readServer(sdk: Sdk, value: unknown): Any {
  const { onCommand } = readOptions(sdk, "webSockets", value, "onCommand");
  if (onCommand !== undefined && typeof onCommand !== "function")
    throw new sdk.primordials.TypeError("webSockets.onCommand must be a function");
  return onCommand;
}
