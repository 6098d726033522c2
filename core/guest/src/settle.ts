// The outcome of an evaluation.
import { encode, encodeThrown } from "./codec/encode";
import { hasOwn } from "./primordials";
import { settleWith, subscribe } from "./promises";
import { sendLast } from "./rpc/outbox";
import { replyHead } from "./rpc/serve";

/** V8's REPL mode wraps the completion value, so that a promise in it is not awaited. */
const REPL_RESULT = ".repl_result";

let unsettled = 0;

/** Evaluations that have not been answered. */
export function unsettledEvaluations(): number {
  return unsettled;
}

export function settle(id: number, peer: number, promise: object, namespace: object | undefined): void {
  unsettled++;
  const fail = (reason: unknown) => {
    unsettled--;
    sendLast(replyHead("err", id, peer), encodeThrown(reason), peer);
  };
  const finish = (value: unknown) => {
    try {
      const encoded = encode(value);
      unsettled--;
      sendLast(replyHead("ok", id, peer), encoded, peer);
    } catch (error) {
      fail(error);
    }
  };
  const succeed = (outcome: unknown) => {
    let value: unknown;
    try {
      value = namespace === undefined ? unwrap(outcome) : defaultExport(namespace);
    } catch (error) {
      return fail(error); // a default export that is still in its dead zone
    }
    // `eval("load()")` means what `await load()` means: a promise itself would be of little use to the caller.
    settleWith(value, finish, fail);
  };
  subscribe(promise, succeed, fail);
}

function unwrap(outcome: unknown): unknown {
  return typeof outcome === "object" && outcome !== null && hasOwn(outcome, REPL_RESULT)
    ? (outcome as Record<string, unknown>)[REPL_RESULT]
    : outcome;
}

function defaultExport(namespace: object): unknown {
  return hasOwn(namespace, "default") ? (namespace as { default: unknown }).default : undefined;
}
