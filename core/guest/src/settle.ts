// The outcome of an evaluation.
import { encode, type Encoded, encodeThrown } from "./codec/encode";
import { inspect } from "./inspect";
import { hasOwn, Promise, root } from "./primordials";
import { settleWith, subscribe } from "./promises";
import { currentLife } from "./rpc/life";
import { sendLast } from "./rpc/outbox";
import { replyHead } from "./rpc/serve";
import { define } from "./web/idl";

/** V8's REPL mode wraps the completion value, so that a promise in it is not awaited. */
const REPL_RESULT = ".repl_result";

let unsettled = 0;

/** Evaluations that have not been answered. */
export function unsettledEvaluations(): number {
  return unsettled;
}

export function abandonEvaluations(): void {
  unsettled = 0;
}

/** What a person wants to see of a value: text, as Node's REPL shows it. The value itself is kept as `_`. */
function shown(value: unknown, colors: boolean): string {
  define(root, "_", value);
  return inspect(value, { __proto__: null, colors, showProxy: true } as object);
}

/** `show`: 0 answers with the value, 1 with its text, 2 with its text in colours. */
export function settle(id: number, peer: number, promise: object, show: number, namespace: object | undefined): void {
  unsettled++;
  const life = currentLife();
  const answer = (kind: "ok" | "err", body: Encoded) => {
    // Whoever asked has gone, and the next owner's evaluations have the same numbers.
    if (life !== currentLife()) return;
    unsettled--;
    sendLast(replyHead(kind, id, peer), body, peer);
  };
  const fail = (reason: unknown) => answer("err", encodeThrown(reason));
  const finish = (value: unknown) => {
    let body: Encoded;
    try {
      body = encode(show > 0 ? shown(value, show > 1) : value, peer);
    } catch (error) {
      return fail(error);
    }
    return answer("ok", body);
  };
  // `eval("load()")` means what `await load()` means: a promise itself would be of little use to the caller.
  const succeed = (outcome: unknown) => settleWith(valueOf(outcome, namespace), finish, fail);
  subscribe(promise, succeed, fail);
}

/** The completion value of a script, or the default export of a module (which is still dead in some cycles). */
function valueOf(outcome: unknown, namespace: object | undefined): unknown {
  if (namespace !== undefined) {
    try {
      return hasOwn(namespace, "default") ? (namespace as { default: unknown }).default : undefined;
    } catch (error) {
      return new Promise((_, reject) => reject(error));
    }
  }
  return typeof outcome === "object" && outcome !== null && hasOwn(outcome, REPL_RESULT)
    ? (outcome as Record<string, unknown>)[REPL_RESULT]
    : outcome;
}
