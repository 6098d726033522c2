// URLs that are in their normal form already, which most are: their parts are in the text, and the parser, which goes
// over it one character after the other, is needed only for what changes one. A text that is not clearly such a URL is
// none: the pattern may be too strict, never too lax.
import { RegExp, regExpExec, stringCharCodeAt } from "../primordials";

const name = "(?!(?:[a-z0-9-]+\\.)*xn--)(?:[a-z0-9-]+\\.)*[a-z][a-z0-9-]*";
const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const port = "(?!(?:80|443)(?:[/?#]|$))(?:[1-9]\\d{0,3}|[1-5]\\d{4})";
/** No segment that a parser would resolve, however it is written; what follows the path is not looked at so closely. */
const path = "(?!\\S*(?:/\\.|%2[eE]))/[A-Za-z0-9/_~!$&()*+,;=:@%.-]*";
const query = "\\?[A-Za-z0-9/_~!$&()*+,;=:@%.?-]*";
const fragment = "#[A-Za-z0-9/_~!$&()*+,;=:@%.?-]*";

const ABSOLUTE = new RegExp(
  `^(https?:)//(${name}|${octet}(?:\\.${octet}){3})(?::(${port}))?(${path})?(${query})?(${fragment})?$`,
);
const FROM_ROOT = new RegExp(`^(${path})(${query})?(${fragment})?$`);

/** What is longer is a matter of its own length to the parser, and of the depth of a stack to a pattern. */
const LONGEST = 4096;

export interface Parts {
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  /** With its question mark, also where that is all. */
  readonly query: string;
  readonly search: string;
  readonly hash: string;
}

/** The parts of a whole URL, if `text` is one in its normal form (a path that is missing is `/`). */
export function absoluteParts(text: string): Parts | undefined {
  if (text.length > LONGEST) return undefined;
  const match = regExpExec(ABSOLUTE, text);
  if (match === null) return undefined;
  const protocol: string = match[1];
  const hostname: string = match[2];
  return parts(protocol, hostname, match[3] ?? "", match[4] ?? "/", match[5] ?? "", match[6] ?? "");
}

/** The parts of a path, with query and fragment, on the host of `base`. */
export function partsFromRoot(text: string, base: Parts): Parts | undefined {
  // Two slashes begin a host.
  if (text.length > LONGEST || (text.length > 1 && stringCharCodeAt(text, 1) === 0x2f)) return undefined;
  const match = regExpExec(FROM_ROOT, text);
  if (match === null) return undefined;
  return parts(base.protocol, base.hostname, base.port, match[1] as string, match[2] ?? "", match[3] ?? "");
}

function parts(protocol: string, hostname: string, port: string, pathname: string, query: string, fragment: string): Parts {
  const host = port === "" ? hostname : `${hostname}:${port}`;
  const origin = `${protocol}//${host}`;
  const href = origin + pathname + query + fragment;
  const search = query === "?" ? "" : query;
  const hash = fragment === "#" ? "" : fragment;
  return { href, origin, protocol, host, hostname, port, pathname, query, search, hash };
}
