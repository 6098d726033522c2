// Inline snapshots: compared here; those that are new or accepted are told to the host, with the place of their call, for whoever keeps the source.
import type { MatcherThis, Mode, Outcome } from "./snapshots";

/** Where an assertion was written. It travels among the arguments of the matcher, which may run much later (`resolves`). */
export class Site {
  constructor(readonly stack: string) {}

  static outOf(args: unknown[]): { site: Site | undefined; rest: unknown[] } {
    const last = args.at(-1);
    return last instanceof Site ? { site: last, rest: args.slice(0, -1) } : { site: undefined, rest: args };
  }
}

interface Written {
  readonly line: number;
  readonly column: number;
  readonly matcher: string;
  readonly text: string;
}

interface Compared {
  readonly outcome: Outcome;
  readonly counted: "matched" | "added" | "updated" | "failed";
}

const quoted = (text: string) => text.replace(/[`\\]|\$\{/g, "\\$&");

/** Takes off the indentation that an inline snapshot has because of where it stands. */
function dedent(inline: string): string {
  const lines = inline.split("\n");
  if (lines.length < 3 || lines[0]?.trim() !== "" || lines.at(-1)?.trim() !== "") return inline;
  const indent = /^\s*/.exec(lines[1] ?? "")?.[0] ?? "";
  const inner = lines.slice(1, -1);
  if (!inner.every((line) => line === "" || line.startsWith(indent))) return inner.join("\n");
  return inner.map((line) => line.slice(indent.length)).join("\n");
}

export class InlineSnapshots {
  readonly written: Written[] = [];

  constructor(
    private readonly mode: Mode,
    private readonly file: string,
  ) {}

  compare(self: MatcherThis, name: string, actual: string, inline: string | undefined, site: Site | undefined): Compared {
    const expected = inline === undefined ? undefined : dedent(inline);
    if (expected === actual) return { outcome: { pass: true, message: () => "" }, counted: "matched" };
    const wanted = this.mode === "all" || (this.mode === "new" && expected === undefined);
    const problem = wanted ? this.#write(name, actual, site) : "";
    if (problem === undefined) {
      return { outcome: { pass: true, message: () => "" }, counted: expected === undefined ? "added" : "updated" };
    }
    const body = actual.includes("\n") ? `\n${quoted(actual)}\n` : quoted(actual);
    const paste = `.${name}(\`${body}\`)`;
    const message = () =>
      expected === undefined
        ? `the inline snapshot is missing${problem}; paste this:\n\n${paste}`
        : `the inline snapshot does not match${problem}\n\n${self.utils.diff(expected, actual) ?? ""}\n\nTo accept the new one, paste this:\n\n${paste}`;
    return { outcome: { pass: false, message, expected, actual }, counted: "failed" };
  }

  /** Notes it for the host, or says why that cannot be. */
  #write(matcher: string, text: string, site: Site | undefined): string | undefined {
    const place = this.#placeOf(site);
    if (place === undefined) return " (it is not written: its call is not in the test file)";
    const other = this.written.find(({ line, column }) => line === place.line && column === place.column);
    if (other === undefined) this.written.push({ ...place, matcher, text });
    else if (other.text !== text) return " (it is not written: the same call has had another value)";
    return undefined;
  }

  #placeOf(site: Site | undefined): { line: number; column: number } | undefined {
    for (const line of site?.stack.split("\n") ?? []) {
      const at = line.lastIndexOf(`${this.file}:`);
      const found = at < 0 ? null : /^(\d+):(\d+)\)?$/.exec(line.slice(at + this.file.length + 1));
      if (found !== null) return { line: Number(found[1]), column: Number(found[2]) };
    }
    return undefined;
  }
}
