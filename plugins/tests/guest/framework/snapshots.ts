// Snapshots: stored ones come from the host and go back to it, as do inline ones for whoever keeps the source. Only those that test code itself
// keeps in files are read and written here, through the capability `files`.
import { expect as jestExpect } from "expect";
import { format, type Plugin, plugins } from "pretty-format";
import { compareWithFile } from "./file_snapshots";
import { InlineSnapshots, Site } from "./inline_snapshots";
import type { Lent } from "./lent";
import type { Running, Runnings } from "./running";
import { fullNameOf } from "./tree";

export interface MatcherThis {
  readonly isNot: boolean;
  readonly equals: (a: unknown, b: unknown, testers: readonly unknown[]) => boolean;
  readonly utils: { diff(expected: unknown, actual: unknown): string | null; iterableEquality: unknown; subsetEquality: unknown };
}
export interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
  readonly expected?: unknown;
  readonly actual?: unknown;
}

/** What becomes of a snapshot that is not stored, or is another: it fails; it is stored if it is new; it is stored. */
export type Mode = "none" | "new" | "all";

/** What the host says for a run. */
export interface SnapshotOptions {
  /** By name; `null`: the host keeps none. */
  readonly stored: Record<string, string> | null;
  readonly mode: Mode;
  /** The test file, as in stacks. */
  readonly file: string;
}

const SERIALIZERS: Plugin[] = [
  plugins.ReactTestComponent,
  plugins.ReactElement,
  plugins.DOMElement,
  plugins.DOMCollection,
  plugins.Immutable,
  plugins.AsymmetricMatcher,
];

function merged(received: unknown, properties: unknown): unknown {
  if (typeof properties !== "object" || properties === null || typeof received !== "object" || received === null)
    return properties;
  const pattern = properties as Record<string, unknown>;
  if (typeof pattern.asymmetricMatch === "function") return pattern;
  const copy: Record<string, unknown> = Array.isArray(received) ? ([...received] as never) : { ...received };
  for (const key of Object.keys(pattern)) copy[key] = merged(copy[key], pattern[key]);
  return copy;
}

export class Snapshots {
  #serializers: Plugin[] = [...SERIALIZERS];
  #options: SnapshotOptions = { stored: null, mode: "none", file: "" };
  #taken: Record<string, string> = {};
  #inline = new InlineSnapshots("none", "");
  #counts = { matched: 0, added: 0, updated: 0, failed: 0 };

  constructor(
    private readonly lent: Lent,
    private readonly runnings: Runnings,
  ) {
    jestExpect.extend(this.#matchers() as never);
  }

  begin(options: SnapshotOptions): void {
    this.#options = options;
    this.#taken = {};
    this.#inline = new InlineSnapshots(options.mode, options.file);
    this.#counts = { matched: 0, added: 0, updated: 0, failed: 0 };
    this.#serializers = [...SERIALIZERS];
  }
  addSerializer(plugin: unknown): void {
    if (typeof plugin !== "object" || plugin === null)
      throw new TypeError("expect.addSnapshotSerializer() needs an object with test and serialize");
    this.#serializers = [plugin as Plugin, ...this.#serializers];
  }
  /** For the host: what was used, what is to be stored, and which of the stored ones nobody asked for. */
  result(): object {
    const { stored, mode } = this.#options;
    const unused = Object.keys(stored ?? {}).filter((name) => !Object.hasOwn(this.#taken, name));
    const taken = stored === null || mode === "none" ? {} : this.#taken;
    return { ...this.#counts, unused, taken, inline: this.#inline.written };
  }

  #serialize(value: unknown): string {
    return format(value, {
      escapeString: false,
      plugins: this.#serializers,
      printBasicPrototype: false,
      printFunctionName: false,
    }).replaceAll("\r\n", "\n");
  }
  #running(name: string): Running {
    const running = this.runnings.current;
    if (running === undefined) throw new Error(`${name} belongs inside a test`);
    return running;
  }

  #compare(self: MatcherThis, name: string, received: unknown, hint: string | undefined): Outcome {
    if (self.isNot) throw new Error(`.not cannot be used with ${name}: a snapshot says what a value is`);
    const running = this.#running(name);
    const { stored } = this.#options;
    if (stored === null)
      throw new Error(
        `${name} needs stored snapshots: ${this.lent.limits.snapshotHint}; or use ${name.replace("Snapshot", "InlineSnapshot")}`,
      );
    const base = fullNameOf(running.test, " ") + (hint === undefined ? "" : `: ${hint}`);
    running.snapshots ??= new Map();
    const count = (running.snapshots.get(base) ?? 0) + 1;
    running.snapshots.set(base, count);
    const key = `${base} ${count}`;
    const actual = this.#serialize(received);
    const expected = Object.hasOwn(stored, key) ? stored[key] : undefined;
    const accepted = this.#accepts(expected, actual);
    this.#taken[key] = accepted ? actual : (expected ?? actual);
    if (accepted) return this.#passed(verdict(expected, actual));
    if (expected === undefined) delete this.#taken[key];
    this.#counts.failed++;
    const message = () =>
      expected === undefined
        ? `the snapshot '${key}' is not stored, and new ones are not written in this run\n\nReceived:\n${actual}`
        : `the snapshot '${key}' does not match (--update accepts the new one)\n\n${self.utils.diff(expected, actual) ?? ""}`;
    return { pass: false, message, expected, actual };
  }
  #accepts(expected: string | undefined, actual: string): boolean {
    const { mode } = this.#options;
    return expected === actual || mode === "all" || (mode === "new" && expected === undefined);
  }
  #passed(what: "matched" | "added" | "updated"): Outcome {
    this.#counts[what]++;
    return { pass: true, message: () => "" };
  }

  #compareInline(self: MatcherThis, name: string, received: unknown, inline: unknown, site: Site | undefined): Outcome {
    if (self.isNot) throw new Error(`.not cannot be used with ${name}: a snapshot says what a value is`);
    if (inline !== undefined && typeof inline !== "string") throw new TypeError(`${name}: the snapshot must be text`);
    const { outcome, counted } = this.#inline.compare(self, name, this.#serialize(received), inline, site);
    this.#counts[counted]++;
    return outcome;
  }

  async #compareFile(self: MatcherThis, received: unknown, path: unknown): Promise<Outcome> {
    const name = "toMatchFileSnapshot";
    if (self.isNot) throw new Error(`.not cannot be used with ${name}: a snapshot says what a value is`);
    if (typeof path !== "string" || path === "") throw new TypeError(`${name} needs the path of a file`);
    this.#running(name);
    const actual = typeof received === "string" ? received : this.#serialize(received);
    const accepts = (expected: string | undefined) => this.#accepts(expected, actual);
    const { expected, file } = await compareWithFile(this.lent.sdk, this.#options.file, path, actual, accepts);
    if (accepts(expected)) return this.#passed(verdict(expected, actual));
    this.#counts.failed++;
    const message = () =>
      expected === undefined
        ? `there is no snapshot file ${file}, and new ones are not written in this run\n\nReceived:\n${actual}`
        : `the snapshot file ${file} does not match (--update accepts the new content)\n\n${self.utils.diff(expected, actual) ?? ""}`;
    return { pass: false, message, expected, actual };
  }

  /** `(properties?, hint?)`: what varies is replaced by the matchers that it must satisfy. */
  #checked(self: MatcherThis, name: string, received: unknown, properties: unknown): { value: unknown; outcome?: Outcome } {
    if (properties === undefined) return { value: received };
    if (typeof properties !== "object" || properties === null) throw new TypeError(`${name}: the properties must be an object`);
    if (self.equals(received, properties, [self.utils.iterableEquality, self.utils.subsetEquality]))
      return { value: merged(received, properties) };
    const message = () =>
      `${name}: the value does not have the expected properties\n\nExpected: ${this.#serialize(properties)}\nReceived: ${this.#serialize(received)}`;
    return { value: received, outcome: { pass: false, message, expected: properties, actual: received } };
  }

  #thrown(name: string, received: unknown): unknown {
    if (typeof received !== "function") return (received as Error | undefined)?.message ?? received;
    try {
      received();
    } catch (error) {
      return (error as Error | null)?.message ?? error;
    }
    throw new Error(`${name}: the function did not throw`);
  }

  #matchers(): object {
    const snapshots = this;
    return {
      toMatchSnapshot(this: MatcherThis, received: unknown, first?: unknown, second?: unknown): Outcome {
        const [properties, hint] = typeof first === "string" ? [undefined, first] : [first, second];
        const { value, outcome } = snapshots.#checked(this, "toMatchSnapshot", received, properties);
        return outcome ?? snapshots.#compare(this, "toMatchSnapshot", value, hint === undefined ? undefined : `${hint}`);
      },
      toMatchInlineSnapshot(this: MatcherThis, received: unknown, ...args: unknown[]): Outcome {
        const { site, rest } = Site.outOf(args);
        const [properties, inline] = typeof rest[0] === "object" ? rest : [undefined, rest[0]];
        const { value, outcome } = snapshots.#checked(this, "toMatchInlineSnapshot", received, properties);
        return outcome ?? snapshots.#compareInline(this, "toMatchInlineSnapshot", value, inline, site);
      },
      toMatchFileSnapshot(this: MatcherThis, received: unknown, path: unknown): Promise<Outcome> {
        return snapshots.#compareFile(this, received, path);
      },
      toThrowErrorMatchingSnapshot(this: MatcherThis, received: unknown, hint?: unknown): Outcome {
        const name = "toThrowErrorMatchingSnapshot";
        return snapshots.#compare(this, name, snapshots.#thrown(name, received), hint === undefined ? undefined : `${hint}`);
      },
      toThrowErrorMatchingInlineSnapshot(this: MatcherThis, received: unknown, ...args: unknown[]): Outcome {
        const name = "toThrowErrorMatchingInlineSnapshot";
        const { site, rest } = Site.outOf(args);
        return snapshots.#compareInline(this, name, snapshots.#thrown(name, received), rest[0], site);
      },
    };
  }
}

function verdict(expected: string | undefined, actual: string): "matched" | "added" | "updated" {
  if (expected === actual) return "matched";
  return expected === undefined ? "added" : "updated";
}
