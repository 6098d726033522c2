// The proxies: one class for each of the table, with the methods that the table names and those that are written by hand.
import { eventMethods } from "./events";
import type { ClassTable } from "./lent";
import { type Hub, type Info, infoOf, newInfo, Remote } from "./remote";
import { pageFunction, unboxed, wrapped } from "./values";

export type Method = (this: Remote, ...args: never[]) => unknown;
export type Methods = Record<string, Method>;
type RemoteClass = new (info: Info) => Remote;

/** Deprecated names, and those of the forerunner. */
const LOCATORS = new Set(["Locator", "FrameLocator"]);
/** Their functions get the argument alone; those of others, the element or handle before it. */
const WORLDS = new Set(["Page", "Frame", "Worker"]);

export class Classes {
  readonly #made = new Map<string, RemoteClass>();

  constructor(
    private readonly hub: Hub,
    private readonly hand: Record<string, Methods>,
  ) {
    hub.make = (info) => new (this.of(info.kind))(info);
  }

  of(kind: string): RemoteClass {
    const known = this.#made.get(kind);
    if (known !== undefined) return known;
    const table = this.hub.table.classes[kind];
    if (table === undefined) throw new TypeError(`the browser has no class ${kind}`);
    const Base = table.base === undefined ? Remote : this.of(table.base);
    const made = { [kind]: class extends Base {} }[kind] as RemoteClass;
    this.#made.set(kind, made);
    this.#fill(made.prototype, kind, table);
    return made;
  }

  #fill(prototype: object, kind: string, table: ClassTable): void {
    const { hub } = this;
    const methods: Methods = {};
    for (const [name, result] of Object.entries(table.calls))
      methods[name] = this.#call(kind, name, result, table.functions[name]);
    for (const name of Object.keys(table.state)) methods[name] = reading(kind, name);
    for (const [name, result] of Object.entries(table.steps)) methods[name] = this.#step(name, result);
    if (table.events !== undefined) Object.assign(methods, eventMethods(hub));
    Object.assign(methods, this.hand[kind]);
    for (const [name, method] of Object.entries(methods)) {
      Object.defineProperty(method, "name", { value: name });
      Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
    }
    for (const [name, part] of Object.entries(table.parts)) {
      const classes = this;
      Object.defineProperty(prototype, name, {
        get(this: Remote) {
          return classes.part(this, name, part);
        },
        configurable: true,
      });
    }
  }

  #call(kind: string, name: string, result: string, functionAt: number | undefined): Method {
    const { hub } = this;
    if (functionAt === undefined)
      return function (this: Remote, ...args: unknown[]) {
        return hub.call(this, result, name, args);
      };
    const onElement = name[0] === "$" || !WORLDS.has(kind);
    return async function (this: Remote, ...args: unknown[]) {
      const given = args[functionAt];
      const expression = pageFunction(given);
      const hasArgument = args[functionAt + 1] !== undefined;
      const boxed = typeof given === "function" && result === "value";
      args[functionAt] = typeof given === "function" ? wrapped(expression, { onElement, hasArgument, boxed }) : expression;
      const value = await hub.call(this, result, name, args);
      return boxed ? unboxed(value) : value;
    };
  }

  /** A locator is made here, and only here: the host walks its steps when something is asked of it. */
  #step(name: string, result: string): Method {
    const classes = this;
    return function (this: Remote, ...args: unknown[]) {
      const info = infoOf(this);
      const packed = args.map((arg) => classes.hub.pack(arg));
      const from = info.target as { root: unknown; steps: unknown[] };
      const target = LOCATORS.has(info.kind)
        ? { root: from.root, steps: [...from.steps, [name, ...packed]] }
        : { root: info.target, steps: [[name, ...packed]] };
      const made = newInfo(target, result);
      made.own.page = LOCATORS.has(info.kind) ? info.own.page : info.kind === "Page" ? this : info.state.page;
      made.own.text = `${LOCATORS.has(info.kind) ? `${info.own.text}.` : ""}${name}(${args.map(shown).join(", ")})`;
      return new (classes.of(result))(made);
    };
  }

  part(owner: Remote, name: string, kind: string): Remote {
    const { own, target } = infoOf(owner);
    own.parts ??= {};
    const parts = own.parts as Record<string, Remote>;
    const known = parts[name];
    if (known !== undefined) return known;
    const info = newInfo([target, name], kind);
    info.own.owner = owner;
    const made = new (this.of(kind))(info);
    parts[name] = made;
    return made;
  }
}

function reading(kind: string, name: string): Method {
  return function (this: Remote) {
    const { state } = infoOf(this);
    if (!Object.hasOwn(state, name)) throw new Error(`${kind}.${name}() is not known for this object`);
    const value = state[name];
    return Array.isArray(value) ? [...value] : value;
  };
}

function shown(value: unknown): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "\\'")}'`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Remote) return String(value);
  if (value === null || typeof value !== "object") return String(value);
  const parts = Object.entries(value).map(([key, item]) => `${key}: ${shown(item)}`);
  return `{ ${parts.join(", ")} }`;
}
