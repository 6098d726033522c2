// Why a value could not cross, and where in the value it was.
import type { List } from "../collections";
import { isPrototypeOf, regExpExec, RegExp, String } from "../primordials";
import { DOMException } from "../web/dom_exception";

/** Thrown inside the codec; guest code never sees it. */
export class CloneError {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

const identifier = new RegExp("^[A-Za-z_$][\\w$]*$");

function formatPath(path: List<string | number>, depth: number, isArguments: boolean): string {
  let text = "$";
  for (let i = isArguments ? 1 : 0; i < depth; i++) {
    const part = path[i] as string | number;
    if (typeof part === "number") text += `[${part}]`;
    else if (regExpExec(identifier, part) !== null) text += `.${part}`;
    else text += `[${quote(part)}]`;
  }
  if (!isArguments || depth === 0) return text;
  return `${text} (argument ${+(path[0] as number) + 1})`;
}

function quote(part: string): string {
  return `"${part}"`;
}

function messageOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "an exception without a message";
  }
}

/** The DataCloneError for what went wrong at `path`; `error` may be anything that guest code threw. */
export function clonePathError(error: unknown, path: List<string | number>, depth: number, isArguments: boolean): DOMException {
  const where = formatPath(path, depth, isArguments);
  if (typeof error === "object" && error !== null && isPrototypeOf(CloneError.prototype, error)) {
    return new DOMException(`${where} cannot cross to the host: it is ${(error as CloneError).what}`, "DataCloneError");
  }
  const options = { __proto__: null, name: "DataCloneError", cause: error };
  return new DOMException(`${where} cannot cross to the host: reading it threw ${messageOf(error)}`, options);
}
