// URL (URL Standard §6), on whatwg-url's parser.
import module, { type URLImpl } from "whatwg-url/lib/URL-impl.js";
import "./encoding";
import { exposeInterface, illegal, requireArguments } from "./idl";
import lent from "./lend";
import { createObjectURL, revokeObjectURL } from "./object_url";
import { queryFrom, type URLSearchParams, usv } from "./url_query";

const { implementation } = module;

let implOf: (url: object) => URLImpl;
export let isURL: (value: object) => boolean;

const optional = (base: unknown): string | undefined => (base === undefined ? undefined : usv(base));

export class URL {
  readonly #impl: URLImpl;
  #query: URLSearchParams | undefined;
  static {
    implOf = (url) => (#impl in url ? url.#impl : illegal());
    isURL = (value) => #impl in value;
  }
  constructor(url: unknown, base: unknown = undefined) {
    requireArguments(arguments.length, 1, "URL constructor");
    this.#impl = new implementation(undefined, [usv(url), optional(base)]);
  }
  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, "URL.parse");
    const text = usv(url);
    const from = optional(base);
    return implementation.canParse(text, from) ? new URL(text, from) : null;
  }
  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, "URL.canParse");
    return implementation.canParse(usv(url), optional(base));
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
    return implOf(this).href;
  }
  set href(value: unknown) {
    implOf(this).href = usv(value);
  }
  get origin(): string {
    return implOf(this).origin;
  }
  get protocol(): string {
    return implOf(this).protocol;
  }
  set protocol(value: unknown) {
    implOf(this).protocol = usv(value);
  }
  get username(): string {
    return implOf(this).username;
  }
  set username(value: unknown) {
    implOf(this).username = usv(value);
  }
  get password(): string {
    return implOf(this).password;
  }
  set password(value: unknown) {
    implOf(this).password = usv(value);
  }
  get host(): string {
    return implOf(this).host;
  }
  set host(value: unknown) {
    implOf(this).host = usv(value);
  }
  get hostname(): string {
    return implOf(this).hostname;
  }
  set hostname(value: unknown) {
    implOf(this).hostname = usv(value);
  }
  get port(): string {
    return implOf(this).port;
  }
  set port(value: unknown) {
    implOf(this).port = usv(value);
  }
  get pathname(): string {
    return implOf(this).pathname;
  }
  set pathname(value: unknown) {
    implOf(this).pathname = usv(value);
  }
  get search(): string {
    return implOf(this).search;
  }
  set search(value: unknown) {
    implOf(this).search = usv(value);
  }
  get searchParams(): URLSearchParams {
    const impl = implOf(this);
    this.#query ??= queryFrom(impl.searchParams);
    return this.#query;
  }
  get hash(): string {
    return implOf(this).hash;
  }
  set hash(value: unknown) {
    implOf(this).hash = usv(value);
  }
  toString(): string {
    return implOf(this).href;
  }
  toJSON(): string {
    return implOf(this).href;
  }
}

export const hrefOf = (url: object): string => implOf(url).href;

lent.URL = URL;

export function installURL(): void {
  exposeInterface(URL, "URL");
}
