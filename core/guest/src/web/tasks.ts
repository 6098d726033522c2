// queueMicrotask, reportError and `self`.
import { Promise, root, TypeError } from "../primordials";
import { subscribe } from "../promises";
import { reportException } from "../report";
import { define, requireArguments } from "./idl";

const settled = new Promise<void>((resolve) => resolve());

const methods = {
  queueMicrotask(callback: unknown): void {
    requireArguments(arguments.length, 1, "queueMicrotask");
    if (typeof callback !== "function") throw new TypeError("queueMicrotask: the callback must be a function.");
    // V8 carries the async context into the reaction.
    subscribe(settled, () => {
      try {
        (callback as () => void)();
      } catch (error) {
        reportException(error);
      }
    });
  },
  reportError(error: unknown): void {
    requireArguments(arguments.length, 1, "reportError");
    reportException(error);
  },
};

export const { queueMicrotask } = methods;

export function installTasks(): void {
  define(root, "self", root);
  define(root, "queueMicrotask", queueMicrotask);
  define(root, "reportError", methods.reportError);
}
