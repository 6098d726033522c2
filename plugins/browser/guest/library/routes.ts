// route, unroute and routeWebSocket: which handler a request or a socket goes to is decided here.
import type { Methods } from "./classes";
import { type UrlMatch, urlMatches } from "./glob";
import { type Hub, type Info, infoOf, newInfo, type Remote } from "./remote";

type Handler = (route: Remote, request: Remote) => unknown;
interface Entry {
  readonly url: UrlMatch;
  readonly handler: Handler;
  left: number;
}
interface SocketEntry {
  readonly url: UrlMatch;
  readonly handler: (socket: Remote) => unknown;
}
interface Overrides {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: object;
  readonly postData?: unknown;
}

/** The context's `baseURL`, for patterns that begin with a slash. */
export function baseOf(self: Remote): string | undefined {
  const { kind, state, own } = infoOf(self);
  const holder = kind === "BrowserContext" ? self : ((state.context ?? (state.page as Remote | undefined)) as Remote | undefined);
  if (holder === self) return own.baseURL as string | undefined;
  return holder === undefined || holder === null ? undefined : baseOf(holder);
}

export function routeMethods(hub: Hub): Methods {
  return {
    async route(this: Remote, url: UrlMatch, handler: Handler, options?: { times?: number }) {
      if (typeof handler !== "function") throw new TypeError("a route needs a handler");
      const { own, target } = infoOf(this);
      own.routes ??= [];
      const routes = own.routes as Entry[];
      if (routes.length === 0) hub.subscribe(this, "route", (route) => void dispatch(hub, this, route as Remote));
      routes.unshift({ url, handler, left: options?.times ?? Number.POSITIVE_INFINITY });
      await hub.operate("route", target);
    },
    async unroute(this: Remote, url: UrlMatch, handler?: Handler) {
      const same = (entry: Entry) => String(entry.url) === String(url) && (handler === undefined || entry.handler === handler);
      await keep(hub, this, (entry) => !same(entry));
    },
    async unrouteAll(this: Remote) {
      await keep(hub, this, () => false);
    },
    async routeWebSocket(this: Remote, url: UrlMatch, handler: (socket: Remote) => unknown) {
      if (typeof handler !== "function") throw new TypeError("routeWebSocket needs a handler");
      const { own, target } = infoOf(this);
      own.sockets ??= [];
      const sockets = own.sockets as SocketEntry[];
      sockets.unshift({ url, handler });
      if (sockets.length === 1)
        await hub.operate(
          "routeSockets",
          target,
          hub.keep((socket) => openSocket(this, socket as Remote)),
        );
    },
  };
}

async function keep(hub: Hub, self: Remote, wanted: (entry: Entry) => boolean): Promise<void> {
  const { own, target, listeners } = infoOf(self);
  const left = ((own.routes ?? []) as Entry[]).filter(wanted);
  own.routes = left;
  if (left.length > 0) return;
  listeners.delete("route");
  await hub.operate("unroute", target);
}

/** The latest route that matches; when it falls back the next one, and in the end whoever comes after this page or context. */
async function dispatch(hub: Hub, self: Remote, route: Remote): Promise<void> {
  const info = infoOf(route);
  const request = info.state.request as Remote;
  let overrides: Overrides = {};
  for (const entry of [...((infoOf(self).own.routes ?? []) as Entry[])]) {
    if (entry.left <= 0 || !urlMatches(overrides.url ?? (infoOf(request).state.url as string), entry.url, baseOf(self))) continue;
    entry.left--;
    const decided = new Promise<Overrides | undefined>((resolve) => {
      info.own.decide = resolve;
    });
    try {
      await entry.handler(route, request);
    } catch (error) {
      await hub.call(route, "void", "abort", []).catch(() => undefined);
      throw error;
    }
    const fellBack = await decided;
    if (fellBack === undefined) return;
    overrides = { ...overrides, ...fellBack };
  }
  info.own.decide = undefined;
  await hub.call(route, "void", "fallback", [overrides]).catch(() => undefined);
}

export function routeHandlers(hub: Hub): Methods {
  const decide = (name: string) =>
    async function (this: Remote, ...args: unknown[]) {
      await hub.call(this, "void", name, args);
      (infoOf(this).own.decide as ((value: undefined) => void) | undefined)?.(undefined);
    };
  return {
    abort: decide("abort"),
    continue: decide("continue"),
    fulfill: decide("fulfill"),
    async fallback(this: Remote, options?: Overrides) {
      const next = infoOf(this).own.decide as ((value: Overrides) => void) | undefined;
      if (next === undefined) await hub.call(this, "void", "fallback", options === undefined ? [] : [options]);
      else next(options ?? {});
    },
  };
}

// ── WebSockets ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** True when a handler took the socket: the host waits for it before the page's socket opens. */
async function openSocket(self: Remote, socket: Remote): Promise<boolean> {
  const { own, state } = infoOf(socket);
  for (const entry of (infoOf(self).own.sockets ?? []) as SocketEntry[]) {
    if (!urlMatches(state.url as string, entry.url, baseOf(self)?.replace(/^http/, "ws"))) continue;
    await entry.handler(socket);
    await own.connecting;
    return true;
  }
  return false;
}

export function socketMethods(hub: Hub): Methods {
  /** The server's side has no number yet when guest code first speaks to it. */
  const tell = (self: Remote, what: string, ...rest: unknown[]): void => {
    const { own, target } = infoOf(self);
    const ready = own.ready as Promise<Remote> | undefined;
    if (ready === undefined) hub.lent.sdk.note("socket", target, what, ...rest);
    else void ready.then((server) => hub.lent.sdk.note("socket", infoOf(server).target, what, ...rest));
  };
  const listen = (self: Remote, event: string, listener: (value: unknown) => void): void => {
    const add = (info: Info) => {
      info.listeners.set(event, [listener]);
    };
    const ready = infoOf(self).own.ready as Promise<Remote> | undefined;
    if (ready === undefined) add(infoOf(self));
    else void ready.then((server) => add(infoOf(server)));
    tell(self, event);
  };
  return {
    connectToServer(this: Remote) {
      const { own, target } = infoOf(this);
      const ready = hub.operate("socket", target).then((described) => hub.take(described) as Remote);
      own.connecting = ready;
      const info = newInfo(undefined, "WebSocketRoute");
      info.own.ready = ready;
      info.state.url = infoOf(this).state.url;
      info.state.protocols = infoOf(this).state.protocols;
      own.server = hub.make(info);
      return own.server;
    },
    onMessage(this: Remote, handler: (message: unknown) => unknown) {
      listen(this, "message", handler);
    },
    onClose(this: Remote, handler: (code: unknown, reason: unknown) => unknown) {
      listen(this, "close", (value) => handler((value as unknown[])[0], (value as unknown[])[1]));
    },
    send(this: Remote, message: unknown) {
      tell(this, "send", message);
    },
  };
}
