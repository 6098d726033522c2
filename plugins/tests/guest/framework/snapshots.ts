// Snapshots: inline ones are compared, stored ones come from the host and go back to it. Test code never writes a file.
import { expect as jestExpect } from "expect";
import { format, type Plugin, plugins } from "pretty-format";
import type { Lent } from "./lent";
import type { Running, Runnings } from "./running";
import { fullNameOf } from "./tree";

interface MatcherThis {
  readonly isNot: boolean;
  readonly equals: (a: unknown, b: unknown, testers: readonly unknown[]) => boolean;
  readonly utils: { diff(expected: unknown, actual: unknown): string | null; iterableEquality: unknown; subsetEquality: unknown };
}
interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
  readonly expected?: unknown;
  readonly actual?: unknown;
}

/** What the host gives for a run: its stored snapshots, and whether they may change. */
export interface Store {
  readonly stored: Record<string, string>;
  readonly update: boolean;
}

const SERIALIZERS: Plugin[] = [
  plugins.ReactTestComponent,
  plugins.ReactElement,
  plugins.DOMElement,
  plugins.DOMCollection,
  plugins.Immutable,
  plugins.AsymmetricMatcher,
];

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
  #store: Store | undefined;
  #taken: Record<string, string> = {};
  #counts = { matched: 0, added: 0, updated: 0, failed: 0 };

  constructor(
    private readonly lent: Lent,
    private readonly runnings: Runnings,
  ) {
    jestExpect.extend(this.#matchers() as never);
  }

  begin(store: Store | undefined): void {
    this.#store = store;
    this.#taken = {};
    this.#counts = { matched: 0, added: 0, updated: 0, failed: 0 };
    this.#serializers = [...SERIALIZERS];
  }
  addSerializer(plugin: unknown): void {
    if (typeof plugin !== "object" || plugin === null)
      throw new TypeError("expect.addSnapshotSerializer() needs an object with test and serialize");
    this.#serializers = [plugin as Plugin, ...this.#serializers];
  }
  /** For the host: what was used, and in an update what is to be stored. */
  result(): object {
    const unused = Object.keys(this.#store?.stored ?? {}).filter((name) => !(name in this.#taken));
    return { ...this.#counts, unused: unused.length, taken: this.#store === undefined ? {} : this.#taken };
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
    const store = this.#store;
    if (store === undefined)
      throw new Error(
        `${name} needs stored snapshots: ${this.lent.limits.snapshotHint}; or use ${name.replace("Snapshot", "InlineSnapshot")}`,
      );
    const base = fullNameOf(running.test, " ") + (hint === undefined ? "" : `: ${hint}`);
    running.snapshots ??= new Map();
    const count = (running.snapshots.get(base) ?? 0) + 1;
    running.snapshots.set(base, count);
    const key = `${base} ${count}`;
    const actual = this.#serialize(received);
    const expected = Object.hasOwn(store.stored, key) ? store.stored[key] : undefined;
    this.#taken[key] = store.update ? actual : (expected ?? actual);
    if (expected === actual) return this.#passed("matched");
    if (store.update) return this.#passed(expected === undefined ? "added" : "updated");
    this.#counts.failed++;
    const message = () =>
      expected === undefined
        ? `the snapshot '${key}' is not stored: run with --update to store it\n\nReceived:\n${actual}`
        : `the snapshot '${key}' does not match (--update accepts the new one)\n\n${self.utils.diff(expected, actual) ?? ""}`;
    return { pass: false, message, expected, actual };
  }
  #passed(what: "matched" | "added" | "updated"): Outcome {
    this.#counts[what]++;
    return { pass: true, message: () => "" };
  }

  #inline(self: MatcherThis, name: string, received: unknown, inline: unknown): Outcome {
    if (self.isNot) throw new Error(`.not cannot be used with ${name}: a snapshot says what a value is`);
    const actual = this.#serialize(received);
    const body = actual.includes("\n") ? `\n${quoted(actual)}\n` : quoted(actual);
    const paste = `.${name}(\`${body}\`)`;
    if (inline === undefined)
      return { pass: false, message: () => `the inline snapshot is missing; paste this:\n\n${paste}`, actual };
    if (typeof inline !== "string") throw new TypeError(`${name}: the snapshot must be text`);
    const expected = dedent(inline);
    const message = () =>
      `the inline snapshot does not match\n\n${self.utils.diff(expected, actual) ?? ""}\n\nTo accept the new one, paste this:\n\n${paste}`;
    return { pass: expected === actual, message, expected, actual };
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
      toMatchInlineSnapshot(this: MatcherThis, received: unknown, first?: unknown, second?: unknown): Outcome {
        const [properties, inline] = typeof first === "object" ? [first, second] : [undefined, first];
        const { value, outcome } = snapshots.#checked(this, "toMatchInlineSnapshot", received, properties);
        return outcome ?? snapshots.#inline(this, "toMatchInlineSnapshot", value, inline);
      },
      toThrowErrorMatchingSnapshot(this: MatcherThis, received: unknown, hint?: unknown): Outcome {
        const name = "toThrowErrorMatchingSnapshot";
        return snapshots.#compare(this, name, snapshots.#thrown(name, received), hint === undefined ? undefined : `${hint}`);
      },
      toThrowErrorMatchingInlineSnapshot(this: MatcherThis, received: unknown, inline?: unknown): Outcome {
        const name = "toThrowErrorMatchingInlineSnapshot";
        return snapshots.#inline(this, name, snapshots.#thrown(name, received), inline);
      },
    };
  }
}
