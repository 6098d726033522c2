// URL (URL Standard §6), on whatwg-url's parser.
import module, { type URLImpl } from "whatwg-url/lib/URL-impl.js";
import queryModule, { type QueryImpl } from "whatwg-url/lib/URLSearchParams-impl.js";
import "./encoding";
import { exposeInterface, illegal, requireArguments } from "./idl";
import lent from "./lend";
import { createObjectURL, revokeObjectURL } from "./object_url";
import { absoluteParts, type Parts, partsFromRoot } from "./url_parts";
import { queryFrom, queryOf, type URLSearchParams, usv } from "./url_query";

const { implementation } = module;

/** The parsed URL; for one in its normal form made when something asks for more than its parts. */
let implOf: (url: object) => URLImpl;
/** The parts of a URL that nobody has changed yet; `undefined` = ask the parsed one. */
let partsOf: (url: object) => Parts | undefined;
export let isURL: (value: object) => boolean;

const optional = (base: unknown): string | undefined => (base === undefined ? undefined : usv(base));

/** The parts of a URL in its normal form, whole or by its path from the root of one. */
function normalParts(text: string, base: string | undefined): Parts | undefined {
  if (base === undefined) return absoluteParts(text);
  const from = absoluteParts(base);
  return from === undefined ? undefined : (partsFromRoot(text, from) ?? absoluteParts(text));
}

/** What a query tells of its changes: the URL is parsed then. A class: an object with a getter would be a hidden class of its own. */
class UnparsedURL {
  readonly #parsed: () => object;
  constructor(parsed: () => object) {
    this.#parsed = parsed;
  }
  get _url(): object {
    return this.#parsed();
  }
}

export class URL {
  #impl: URLImpl | undefined;
  #parts: Parts | undefined;
  #query: URLSearchParams | undefined;
  static {
    implOf = (url) => (#impl in url ? url.#parsed() : illegal());
    partsOf = (url) => (#impl in url ? url.#parts : illegal());
    isURL = (value) => #impl in value;
  }
  constructor(url: unknown, base: unknown = undefined) {
    requireArguments(arguments.length, 1, "URL constructor");
    const text = usv(url);
    const from = optional(base);
    this.#parts = normalParts(text, from);
    if (this.#parts === undefined) this.#impl = new implementation(undefined, [text, from]);
  }
  #parsed(): URLImpl {
    if (this.#parts === undefined) return this.#impl as URLImpl;
    const impl = new implementation(undefined, [this.#parts.href, undefined]);
    this.#impl = impl;
    this.#parts = undefined;
    if (this.#query !== undefined) {
      impl._query = queryOf(this.#query);
      impl._query._url = impl;
    }
    return impl;
  }
  /** The list of a query; when it changes, so does the URL, which is parsed then. */
  #queryOfParts({ query }: Parts): QueryImpl {
    const list = new queryModule.implementation(undefined, [query], {});
    list._url = new UnparsedURL(() => this.#parsed()._url);
    return list;
  }
  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, "URL.parse");
    const text = usv(url);
    const from = optional(base);
    return normalParts(text, from) !== undefined || implementation.canParse(text, from) ? new URL(text, from) : null;
  }
  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, "URL.canParse");
    const text = usv(url);
    const from = optional(base);
    return normalParts(text, from) !== undefined || implementation.canParse(text, from);
  }
  static createObjectURL(object: unknown): string {
    requireArguments(arguments.length, 1, "URL.createObjectURL");
    return createObjectURL(object);
  }
  static revokeObjectURL(url: unknown): void {
    requireArguments(arguments.length, 1, "URL.revokeObjectURL");
    revokeObjectURL(`${url}`);
  }
  get href(): string {
    return hrefOf(this);
  }
  set href(value: unknown) {
    implOf(this).href = usv(value);
  }
  get origin(): string {
    return partsOf(this)?.origin ?? implOf(this).origin;
  }
  get protocol(): string {
    return partsOf(this)?.protocol ?? implOf(this).protocol;
  }
  set protocol(value: unknown) {
    implOf(this).protocol = usv(value);
  }
  get username(): string {
    return partsOf(this) === undefined ? implOf(this).username : "";
  }
  set username(value: unknown) {
    implOf(this).username = usv(value);
  }
  get password(): string {
    return partsOf(this) === undefined ? implOf(this).password : "";
  }
  set password(value: unknown) {
    implOf(this).password = usv(value);
  }
  get host(): string {
    return partsOf(this)?.host ?? implOf(this).host;
  }
  set host(value: unknown) {
    implOf(this).host = usv(value);
  }
  get hostname(): string {
    return partsOf(this)?.hostname ?? implOf(this).hostname;
  }
  set hostname(value: unknown) {
    implOf(this).hostname = usv(value);
  }
  get port(): string {
    return partsOf(this)?.port ?? implOf(this).port;
  }
  set port(value: unknown) {
    implOf(this).port = usv(value);
  }
  get pathname(): string {
    return partsOf(this)?.pathname ?? implOf(this).pathname;
  }
  set pathname(value: unknown) {
    implOf(this).pathname = usv(value);
  }
  get search(): string {
    return partsOf(this)?.search ?? implOf(this).search;
  }
  set search(value: unknown) {
    implOf(this).search = usv(value);
  }
  get searchParams(): URLSearchParams {
    const parts = partsOf(this);
    this.#query ??= queryFrom(parts === undefined ? implOf(this).searchParams : this.#queryOfParts(parts));
    return this.#query;
  }
  get hash(): string {
    return partsOf(this)?.hash ?? implOf(this).hash;
  }
  set hash(value: unknown) {
    implOf(this).hash = usv(value);
  }
  toString(): string {
    return hrefOf(this);
  }
  toJSON(): string {
    return hrefOf(this);
  }
}

export const hrefOf = (url: object): string => partsOf(url)?.href ?? implOf(url).href;

lent.URL = URL;

export function installURL(): void {
  exposeInterface(URL, "URL");
}
