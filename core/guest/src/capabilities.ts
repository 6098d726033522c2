// Capability scripts: the guest half of plugins (protocol §5). Loading one only registers it; the `init` frame says
// which of them a policy grants.
import { append, type List, list, Table } from "./collections";
import { deleteProperty, freeze, getOwnPropertyDescriptor, hasOwn, isArray, keys, root, TypeError } from "./primordials";
import { type ModuleOptions, definePluginModule, definePluginModules, removePluginModules, type Source } from "./plugin_modules";
import { makeSdk, type Place, type Sdk } from "./sdk";

interface Capability {
  prepare?(sdk: Sdk): void;
  install?(sdk: Sdk, options: unknown): void;
  absent?(sdk: Sdk, hint: unknown): void;
}

interface Registered {
  readonly capability: Capability;
  /** What it made in the template. It stays, but may have to forget an owner all the same. */
  readonly prepared: Footprint;
  readonly place: Place;
  readonly sdk: Sdk;
}

const registered = new Table<string, Registered>();

function registerCapability(name: unknown, capability: unknown): void {
  if (typeof name !== "string" || typeof capability !== "object" || capability === null) {
    throw new TypeError("registerCapability(name, {install, absent}) needs a name and an object");
  }
  if (registered.has(name)) throw new TypeError(`The capability '${name}' is registered twice`);
  // What is made in preparation belongs to nobody: what every owner has is never taken out again.
  const prepared = new Footprint();
  const place = { cwd: "/", footprint: prepared };
  registered.set(name, { capability, prepared, place, sdk: makeSdk(name, place) });
}
freeze(registerCapability);

/** Runs one plugin's guest script, in the template: what it prepares is made once, and shared by every worker. */
export function load(installer: (register: typeof registerCapability) => void): void {
  let known = registered.size;
  installer(registerCapability);
  // A table keeps its order: what this script registered comes behind what was there.
  registered.forEach(({ capability, sdk }) => {
    if (known > 0) known--;
    else capability.prepare?.(sdk);
  });
}

interface InitBody {
  caps?: Record<string, { options?: unknown }>;
  absent?: Record<string, unknown>;
  cwd?: string;
  kept?: unknown;
}

/** What one capability put into the guest; taken out again when the next owner of a session has another grant. */
export class Footprint {
  readonly #globals = new Table<string, unknown>();
  readonly #lazy = new Table<string, unknown>();
  readonly #resets: List<() => void> = list();

  addGlobal(name: string, value: unknown): void {
    this.#globals.set(name, value);
  }
  /** One that is an accessor until somebody looks at it. */
  addLazyGlobal(name: string, get: unknown): void {
    this.#lazy.set(name, get);
  }
  addModule(specifier: string, exports: Source, options: ModuleOptions | undefined): void {
    definePluginModule(this, specifier, exports, options);
  }
  addModules(names: ArrayLike<string>, load: (name: string) => object): void {
    definePluginModules(this, names, load);
  }
  /** The capability that defined the global whose value this is. */
  ownerOf(value: unknown): string | undefined {
    let owner: string | undefined;
    footprints.forEach((footprint, name) => {
      if (footprint.#defined(value)) owner = name;
    });
    return owner;
  }
  #defined(value: unknown): boolean {
    let found = false;
    this.#globals.forEach((known) => {
      found ||= known === value;
    });
    return found;
  }
  onReset(run: () => void): void {
    append(this.#resets, run);
  }
  reset(): void {
    for (let i = 0; i < this.#resets.length; i++) (this.#resets[i] as () => void)();
  }
  /** Guest code that put something of its own in the place of a global keeps that. */
  remove(): void {
    this.#globals.forEach((value, name) => {
      if (getOwnPropertyDescriptor(root, name)?.value === value) deleteProperty(root, name);
    });
    this.#lazy.forEach((get, name) => {
      if (getOwnPropertyDescriptor(root, name)?.get === get) deleteProperty(root, name);
    });
    removePluginModules(this);
  }
}

const footprints = new Table<string, Footprint>();

/** A capability without a guest script lives on the host side only. */
function enter(name: string, cwd: string, run: (capability: Capability, sdk: Sdk) => void): void {
  const entry = registered.get(name);
  if (entry === undefined) return;
  const footprint = new Footprint();
  footprints.set(name, footprint);
  entry.place.cwd = cwd;
  entry.place.footprint = footprint;
  run(entry.capability, entry.sdk);
}

/** A former owner's grants that the present one does not have in the same form. */
function removeFormer(kept: Table<string, true>): void {
  const former: List<string> = list();
  footprints.forEach((_, name) => {
    if (!kept.has(name)) append(former, name);
  });
  for (let i = 0; i < former.length; i++) {
    const name = former[i] as string;
    footprints.get(name)?.remove();
    footprints.delete(name);
  }
}

/** Runs at the start, and once more for each further owner; `kept` names what stays as it was. */
export function initialize(value: unknown): void {
  const body = value as InitBody;
  const cwd = hasOwn(body, "cwd") ? `${body.cwd}` : "/";
  const caps = hasOwn(body, "caps") ? (body.caps as NonNullable<InitBody["caps"]>) : {};
  const absent = hasOwn(body, "absent") ? (body.absent as Record<string, unknown>) : {};
  const kept = new Table<string, true>();
  const names = hasOwn(body, "kept") && isArray(body.kept) ? (body.kept as string[]) : [];
  for (let i = 0; i < names.length; i++) kept.set(names[i] as string, true);
  removeFormer(kept);
  const granted = keys(caps);
  for (let i = 0; i < granted.length; i++) {
    const name = granted[i] as string;
    const grant = caps[name] as { options?: unknown };
    if (kept.has(name)) continue;
    enter(name, cwd, (capability, sdk) => capability.install?.(sdk, hasOwn(grant, "options") ? grant.options : {}));
  }
  const missing = keys(absent);
  for (let i = 0; i < missing.length; i++) {
    const name = missing[i] as string;
    if (!kept.has(name)) enter(name, cwd, (capability, sdk) => capability.absent?.(sdk, absent[name]));
  }
}

/** What capabilities remember for an owner who has gone (counters, open groups). */
export function resetCapabilities(): void {
  registered.forEach(({ prepared }) => {
    prepared.reset();
  });
  footprints.forEach((footprint) => {
    footprint.reset();
  });
}
