// The outcome of an evaluation.
import { encode, encodeThrown } from "./codec/encode";
import { hasOwn } from "./primordials";
import { subscribe } from "./promises";
import { sendLast } from "./rpc/outbox";
import { replyHead } from "./rpc/serve";

/** V8's REPL mode wraps the completion value, so that a promise in it is not awaited. */
const REPL_RESULT = ".repl_result";

export function settle(id: number, peer: number, promise: object, namespace: object | undefined): void {
  const fail = (reason: unknown) => sendLast(replyHead("err", id, peer), encodeThrown(reason), peer);
  const succeed = (outcome: unknown) => {
    try {
      const value = namespace === undefined ? unwrap(outcome) : defaultExport(namespace);
      sendLast(replyHead("ok", id, peer), encode(value), peer);
    } catch (error) {
      fail(error);
    }
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
