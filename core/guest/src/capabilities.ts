// Capability scripts: the guest half of plugins (protocol §5). Loading one only registers it; the `init` frame says
// which of them a policy grants.
import { Table } from "./collections";
import { freeze, hasOwn, keys, TypeError } from "./primordials";
import { makeSdk, type Sdk } from "./sdk";

interface Capability {
  install?(sdk: Sdk, options: unknown): void;
  absent?(sdk: Sdk, hint: unknown): void;
}

const registered = new Table<string, Capability>();

function registerCapability(name: unknown, capability: unknown): void {
  if (typeof name !== "string" || typeof capability !== "object" || capability === null) {
    throw new TypeError("registerCapability(name, {install, absent}) needs a name and an object");
  }
  if (registered.has(name)) throw new TypeError(`The capability '${name}' is registered twice`);
  registered.set(name, capability);
}
freeze(registerCapability);

/** Runs one plugin's guest script. */
export function load(installer: (register: typeof registerCapability) => void): void {
  installer(registerCapability);
}

interface InitBody {
  caps?: Record<string, { options?: unknown }>;
  absent?: Record<string, unknown>;
  cwd?: string;
}

export function initialize(value: unknown): void {
  const body = value as InitBody;
  const cwd = hasOwn(body, "cwd") ? `${body.cwd}` : "/";
  const caps = hasOwn(body, "caps") ? (body.caps as NonNullable<InitBody["caps"]>) : {};
  const absent = hasOwn(body, "absent") ? (body.absent as Record<string, unknown>) : {};
  const granted = keys(caps);
  for (let i = 0; i < granted.length; i++) {
    const name = granted[i] as string;
    const grant = caps[name] as { options?: unknown };
    // A capability without a guest script lives on the host side only.
    registered.get(name)?.install?.(makeSdk(name, cwd), hasOwn(grant, "options") ? grant.options : {});
  }
  const missing = keys(absent);
  for (let i = 0; i < missing.length; i++) {
    const name = missing[i] as string;
    registered.get(name)?.absent?.(makeSdk(name, cwd), absent[name]);
  }
}
