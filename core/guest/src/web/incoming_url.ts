// URLs of incoming requests. Parsing one costs more than all else that a small request needs, and most are canonical
// already: then their text is the result, and the parts are there for whoever asks.
import { RegExp, regExpExec } from "../primordials";
import { URL } from "./url";

const name = "(?!(?:[a-z0-9-]+\\.)*xn--)(?:[a-z0-9-]+\\.)*[a-z][a-z0-9-]*";
const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const port = "(?!:(?:80|443)(?:/|$)):[1-9]\\d{0,3}|:[1-5]\\d{4}";
const path = "(?!\\S*(?:/\\.|%2[eE]))/[A-Za-z0-9/_~!$&()*+,;=:@%.-]*";
const query = "\\?[A-Za-z0-9/_~!$&()*+,;=:@%.?-]*";

/** Texts that a URL parser gives back as they are. */
const CANONICAL = new RegExp(`^https?://(?:${name}|${octet}(?:\\.${octet}){3})(?:${port})?${path}(?:${query})?$`);

/** Stands for a URL inside of a request; the library reads these parts of it. */
class CanonicalURL {
  readonly href: string;
  #url: URL | undefined;

  constructor(href: string) {
    this.href = href;
  }
  get #parsed(): URL {
    this.#url ??= new URL(this.href);
    return this.#url;
  }
  get origin(): string {
    return this.#parsed.origin;
  }
  get protocol(): string {
    return this.#parsed.protocol;
  }
  get username(): string {
    return "";
  }
  get password(): string {
    return "";
  }
  get host(): string {
    return this.#parsed.host;
  }
  get hostname(): string {
    return this.#parsed.hostname;
  }
  get port(): string {
    return this.#parsed.port;
  }
  get pathname(): string {
    return this.#parsed.pathname;
  }
  get search(): string {
    return this.#parsed.search;
  }
  get hash(): string {
    return "";
  }
  toString(): string {
    return this.href;
  }
}

export function incomingURL(text: string): object {
  return regExpExec(CANONICAL, text) === null ? new URL(text) : new CanonicalURL(text);
}
