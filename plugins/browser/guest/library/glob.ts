// Does a URL match? Patterns of the guest are only ever run here, in the guest.

export type UrlMatch = string | RegExp | ((url: URL) => unknown) | { test(url: string): boolean };

declare const URL: new (url: string, base?: string) => URL;
interface URL {
  readonly href: string;
}

/** Playwright's patterns: `*` stays within a folder, `**` does not, `{a,b}` is either, `\` takes the next as it is. */
export function globToRegExp(glob: string): RegExp {
  let source = "";
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const letter = glob[i] as string;
    if (letter === "\\" && i + 1 < glob.length) source += escape(glob[++i] as string);
    else if (letter === "*") {
      const start = i;
      while (glob[i + 1] === "*") i++;
      if (i === start) source += "([^/]*)";
      else if (glob[i + 1] === "/" && (start === 0 || glob[start - 1] === "/")) {
        source += "((.+/)|)";
        i++;
      } else source += "(.*)";
    } else if (letter === "{") {
      depth++;
      source += "(";
    } else if (letter === "}" && depth > 0) {
      depth--;
      source += ")";
    } else if (letter === "," && depth > 0) source += "|";
    else source += escape(letter);
  }
  return new RegExp(`^${source}${")".repeat(depth)}$`);
}

const escape = (letter: string): string => (/[$^+.*()|\\?{}[\]]/.test(letter) ? `\\${letter}` : letter);

/** A pattern relative to the context's `baseURL`; its stars survive. */
function resolve(glob: string, base: string | undefined): string {
  if (glob.startsWith("*") || glob === "") return glob;
  const stars: string[] = [];
  const plain = glob.replace(/[*{}\\,?]+/g, (piece) => `isolatehost${stars.push(piece) - 1}q`);
  try {
    const { href } = new URL(plain, base);
    return href.replace(/isolatehost(\d+)q/g, (_all, place) => stars[Number(place)] as string);
  } catch {
    return glob;
  }
}

export function urlMatches(url: string, match: UrlMatch | undefined, base: string | undefined): boolean {
  if (match === undefined || match === null || match === "") return true;
  if (typeof match === "string") return url === match || globToRegExp(resolve(match, base)).test(url);
  if (match instanceof RegExp) {
    match.lastIndex = 0;
    return match.test(url);
  }
  if (typeof match === "function") return Boolean(match(new URL(url)));
  if (typeof match.test === "function") return match.test(url);
  throw new TypeError("a URL is matched by a text, a regular expression, a URLPattern or a function");
}

export const described = (match: unknown): string => (typeof match === "string" ? `"${match}"` : String(match));
