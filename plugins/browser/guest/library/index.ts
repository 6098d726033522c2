// Everything behind `browser`, made when guest code first touches it.
import { Browser, contextMethods } from "./browser";
import { Classes, type Methods } from "./classes";
import { coverageFor } from "./coverage";
import { devices } from "./devices";
import { TargetClosedError, TimeoutError } from "./errors";
import { expectFor, matchersFor } from "./expect";
import type { Lent, Table } from "./lent";
import { smallMethods } from "./objects";
import { frameMethods, pageMethods, sharedMethods, waitMethods } from "./pages";
import { Hub } from "./remote";
import { routeHandlers, routeMethods, socketMethods } from "./routes";

/** The part of the table that a guest needs, as JSON; the build writes it here. */
declare const BROWSER_API: string;

export interface Library {
  readonly browser: object;
  readonly exports: object;
  readonly matchers: object;
  event(number: number, name: string, payload: unknown): void;
  state(described: unknown[]): void;
  callback(number: number, args: unknown[]): unknown;
  reset(): void;
}

export function open(lent: Lent): Library {
  const hub = new Hub(lent, JSON.parse(BROWSER_API) as Table);
  const waits = waitMethods(hub);
  const hand: Record<string, Methods> = {
    ...smallMethods(hub),
    Page: { ...waits, ...sharedMethods(hub), ...routeMethods(hub), ...frameMethods(hub), ...pageMethods(hub) },
    Frame: frameMethods(hub),
    BrowserContext: { ...waits, ...sharedMethods(hub), ...routeMethods(hub), ...contextMethods(hub) },
    Worker: waits,
    WebSocket: waits,
    Route: routeHandlers(hub),
    WebSocketRoute: socketMethods(hub),
  };
  const classes = new Classes(hub, hand);
  coverageFor(classes);
  const browser = new Browser(hub);
  const matchers = matchersFor(hub);
  const errors = Object.freeze({ TimeoutError, TargetClosedError });
  return {
    browser,
    exports: {
      browser,
      errors,
      expect: expectFor(hub),
      get devices() {
        return devices();
      },
      default: browser,
    },
    matchers,
    event: (number, name, payload) => hub.event(number, name, payload),
    state: (described) => hub.news(described),
    callback: (number, args) => hub.callback(number, args),
    reset: () => hub.reset(),
  };
}
