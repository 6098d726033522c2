// What pages, contexts and frames do here: waiting, functions for the page, timeouts, and looking into what is mirrored.
import { TimeoutError } from "./errors";
import { readWait, timeoutOf, waitFor } from "./events";
import type { Methods } from "./classes";
import { described, type UrlMatch, urlMatches } from "./glob";
import { type Hub, infoOf, type Remote } from "./remote";
import { baseOf } from "./routes";

type Script = string | { path?: string; content?: string } | ((arg: unknown) => unknown);
interface WaitOptions {
  readonly timeout?: number;
  readonly waitUntil?: string;
  readonly url?: UrlMatch;
}

/** The text that runs in every new page. */
function scriptOf(script: Script, arg: unknown): unknown {
  if (typeof script === "function") return `(${script})(${arg === undefined ? "undefined" : JSON.stringify(arg)})`;
  if (typeof script === "string") return script;
  return script.content ?? script;
}

/** For contexts and pages. */
export function sharedMethods(hub: Hub): Methods {
  const setTimeoutOf = (navigation: boolean) =>
    function (this: Remote, timeout: number) {
      if (typeof timeout !== "number" || !(timeout >= 0)) throw new TypeError("a timeout is a number of milliseconds");
      infoOf(this).own[navigation ? "navigationTimeout" : "timeout"] = timeout;
      hub.lent.sdk.note("timeout", infoOf(this).target, navigation, timeout);
    };
  const expose = (withSource: boolean) =>
    async function (this: Remote, name: string, callback: (...args: unknown[]) => unknown) {
      if (typeof callback !== "function") throw new TypeError("a function is expected");
      const run = withSource
        ? (context: unknown, page: unknown, frame: unknown, ...args: unknown[]) => callback({ context, page, frame }, ...args)
        : callback;
      await hub.operate("expose", infoOf(this).target, name, hub.keep(run), withSource);
    };
  return {
    async addInitScript(this: Remote, script: Script, arg?: unknown) {
      await hub.operate("initScript", infoOf(this).target, scriptOf(script, arg));
    },
    exposeFunction: expose(false),
    exposeBinding: expose(true),
    setDefaultTimeout: setTimeoutOf(false),
    setDefaultNavigationTimeout: setTimeoutOf(true),
    async routeFromHAR(this: Remote, path: string, options?: object) {
      await hub.operate("har", infoOf(this).target, path, hub.pack(options));
    },
  };
}

/** For everything with events. */
export function waitMethods(hub: Hub): Methods {
  return {
    waitForEvent(this: Remote, event: string, given?: unknown) {
      const { kind } = infoOf(this);
      const method = `${kind[0]?.toLowerCase()}${kind.slice(1)}.waitForEvent`;
      return waitFor(hub, this, { event, ...readWait(given), method, what: `event "${event}"` });
    },
  };
}

function traffic(hub: Hub, event: "request" | "response") {
  const method = event === "request" ? "page.waitForRequest" : "page.waitForResponse";
  return function (this: Remote, match: UrlMatch | ((value: Remote) => unknown), options?: WaitOptions) {
    const predicate = (value: Remote) =>
      typeof match === "function" ? match(value as never) : urlMatches(infoOf(value).state.url as string, match, baseOf(this));
    const what = typeof match === "function" ? `event "${event}"` : `${event} matching ${described(match)}`;
    return waitFor(hub, this, { event, predicate: predicate as never, timeout: options?.timeout, method, what });
  };
}

/** Navigations of one frame, as the page reports them. */
export function frameMethods(hub: Hub): Methods {
  const frameOf = (self: Remote): Remote => (infoOf(self).kind === "Page" ? (infoOf(self).state.mainFrame as Remote) : self);
  const pageOf = (self: Remote): Remote => (infoOf(self).kind === "Page" ? self : (infoOf(self).state.page as Remote));
  const loaded = async (self: Remote, waitUntil: string | undefined, timeout: number): Promise<void> => {
    if (waitUntil !== "commit") await hub.call(self, "void", "waitForLoadState", [waitUntil ?? "load", { timeout }]);
  };
  return {
    async waitForURL(this: Remote, url: UrlMatch, options?: WaitOptions) {
      const frame = frameOf(this);
      const matches = () => urlMatches(infoOf(frame).state.url as string, url, baseOf(this));
      const timeout = timeoutOf(pageOf(this), options?.timeout, true);
      const { monotonic } = hub.lent.sdk.primordials;
      const started = monotonic();
      if (!matches()) {
        const predicate = (navigated: Remote) => navigated === frame && matches();
        const what = `navigation to ${described(url)}; the page is at "${infoOf(frame).state.url}"`;
        await waitFor(hub, pageOf(this), {
          event: "framenavigated",
          predicate: predicate as never,
          timeout,
          method: "page.waitForURL",
          what,
        });
      }
      await loaded(this, options?.waitUntil, timeout === 0 ? 0 : Math.max(1, timeout - (monotonic() - started)));
    },
    /** Deprecated in favour of `waitForURL`, and still in much code. */
    async waitForNavigation(this: Remote, options?: WaitOptions) {
      const frame = frameOf(this);
      const timeout = timeoutOf(pageOf(this), options?.timeout, true);
      let response: unknown = null;
      const stop = hub.subscribe(pageOf(this), "response", async (value) => {
        const request = infoOf(value as Remote).state.request as Remote;
        if (infoOf(request).state.isNavigationRequest === true && infoOf(request).state.frame === frame) response = value;
      });
      try {
        const predicate = (navigated: Remote) =>
          navigated === frame && urlMatches(infoOf(frame).state.url as string, options?.url, baseOf(this));
        await waitFor(hub, pageOf(this), {
          event: "framenavigated",
          predicate: predicate as never,
          timeout,
          method: "page.waitForNavigation",
          what: options?.url === undefined ? "a navigation" : `navigation to ${described(options.url)}`,
        });
        await loaded(this, options?.waitUntil, timeout);
        return response;
      } finally {
        stop();
      }
    },
  };
}

export function pageMethods(hub: Hub): Methods {
  return {
    frame(this: Remote, which: string | { name?: string; url?: UrlMatch }) {
      const { name, url } = typeof which === "string" ? { name: which, url: undefined } : which;
      const fits = (frame: Remote) => {
        const { state } = infoOf(frame);
        return name === undefined ? url !== undefined && urlMatches(state.url as string, url, baseOf(this)) : state.name === name;
      };
      return (infoOf(this).state.frames as Remote[]).find(fits) ?? null;
    },
    waitForRequest: traffic(hub, "request"),
    waitForResponse: traffic(hub, "response"),
    async addLocatorHandler(this: Remote, locator: Remote, handler: (locator: Remote) => unknown, options?: object) {
      const number = hub.keep(() => handler(locator));
      await hub.operate("handleLocator", infoOf(this).target, infoOf(locator).target, number, options ?? null);
    },
    async removeLocatorHandler(this: Remote, locator: Remote) {
      await hub.operate("removeLocatorHandler", infoOf(this).target, infoOf(locator).target);
    },
    /** `null` ends an emulation; Python has a word for it. */
    async emulateMedia(this: Remote, options: Record<string, unknown> = {}) {
      const given = Object.entries(options).map(([name, value]) => [name, value === null ? "null" : value]);
      await hub.call(this, "void", "emulateMedia", [Object.fromEntries(given)]);
    },
    /** Nobody sits in front of the browser who could resume it. */
    async pause() {},
    /** As Puppeteer has it. */
    target(this: Remote) {
      const context = infoOf(this).state.context as Remote & { newCDPSession(page: Remote): Promise<Remote> };
      return { createCDPSession: () => context.newCDPSession(this) };
    },
  };
}

/** Retries until `fn` stops throwing: `toPass` of Playwright. */
export async function untilItPasses(hub: Hub, fn: () => unknown, timeout: number, intervals: readonly number[]): Promise<void> {
  const { monotonic } = hub.lent.sdk.primordials;
  const started = monotonic();
  for (let attempt = 0; ; attempt++) {
    try {
      await fn();
      return;
    } catch (error) {
      const pause = intervals[Math.min(attempt, intervals.length - 1)] ?? 1000;
      if (timeout > 0 && monotonic() - started + pause > timeout) {
        const last = error instanceof Error ? error.message : String(error);
        throw new TimeoutError(`expect(…).toPass(): Timeout ${timeout}ms exceeded; the last attempt failed: ${last}`);
      }
      await new Promise<void>((resolve) => hub.lent.platform.setTimeout(resolve, pause));
    }
  }
}
