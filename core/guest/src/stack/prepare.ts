// The text of `error.stack`. V8 calls this for every stack, whatever threw, so it neither throws nor recurses.
import { append, type List, list, toArray } from "../collections";
import { apply, errorToString, getOwnPropertyDescriptor, root, stringStartsWith } from "../primordials";
import { type CallSite, describe, mappedCallSite, scriptOf } from "./call_site";

/** Our own scripts carry this in their source URL; their frames mean nothing to guest code's author. */
const OWN_SCRIPTS = "isolate-host:";

/** Depth of guest formatters that are running: one that throws or reads a stack must not start another. */
let formatting = false;

export function prepareStack(error: object, sites: ArrayLike<CallSite>): unknown {
  const visible = withoutOwnFrames(sites);
  const formatter = formatting ? undefined : guestFormatter();
  if (formatter === undefined) return standardStack(error, visible);
  formatting = true;
  try {
    return apply(formatter, guestError(), [error, publicSites(visible)]);
  } catch {
    return standardStack(error, visible);
  } finally {
    formatting = false;
  }
}

function guestError(): unknown {
  const descriptor = getOwnPropertyDescriptor(root, "Error");
  return descriptor !== undefined && "value" in descriptor ? descriptor.value : undefined;
}

function guestFormatter(): ((...args: unknown[]) => unknown) | undefined {
  const holder = guestError();
  if (typeof holder !== "function") return undefined;
  // A data property only: formatting a stack is no moment to run somebody's getter.
  const descriptor = getOwnPropertyDescriptor(holder, "prepareStackTrace");
  const value = descriptor === undefined || !("value" in descriptor) ? undefined : descriptor.value;
  return typeof value === "function" ? value : undefined;
}

function withoutOwnFrames(sites: ArrayLike<CallSite>): List<CallSite> {
  const visible: List<CallSite> = list();
  for (let i = 0; i < sites.length; i++) {
    const site = sites[i] as CallSite;
    const script = scriptOf(site);
    if (script === undefined || !stringStartsWith(script, OWN_SCRIPTS)) append(visible, site);
  }
  return visible;
}

function publicSites(visible: List<CallSite>): CallSite[] {
  const sites: List<CallSite> = list();
  for (let i = 0; i < visible.length; i++) append(sites, mappedCallSite(visible[i] as CallSite));
  return toArray(sites);
}

function heading(error: object): string {
  try {
    return errorToString(error);
  } catch {
    return "<error>";
  }
}

function standardStack(error: object, sites: List<CallSite>): string {
  let text = heading(error);
  for (let i = 0; i < sites.length; i++) {
    try {
      text += `\n    at ${describe(sites[i] as CallSite)}`;
    } catch {
      text += "\n    at <unknown>";
    }
  }
  return text;
}
