// Objects that live in the host, by number: what the guest mirrors of each, and when it has forgotten one.
import type { Lent, Listener, Table } from "./lent";
import { errorOf } from "./errors";
import { pack, unpack } from "./values";

/** `{o: number, c: class, s: {changed state}}`, from the host. */
interface Described {
  readonly o: number;
  readonly c?: string;
  readonly s?: Readonly<Record<string, unknown>>;
  /** It is new: see `news`. */
  readonly y?: boolean;
}

export interface Info {
  /** How the host finds it: a number, a number and a part, or the steps of a locator. */
  readonly target: unknown;
  readonly kind: string;
  readonly state: Record<string, unknown>;
  /** How often the host spoke of it. */
  told: number;
  readonly listeners: Map<string, Listener[]>;
  /** Parts, routes, options: what the guest keeps beside it. */
  readonly own: Record<string, unknown>;
  ref: { deref(): Remote | undefined } | undefined;
}

/** Base of all proxies. */
export class Remote {
  readonly #info: Info;
  constructor(info: Info) {
    this.#info = info;
  }
  static info(value: object): Info | undefined {
    return #info in value ? value.#info : undefined;
  }
}

export const infoOf = (value: Remote): Info => Remote.info(value) as Info;

/** Kept by the guest only as long as guest code does. The others stay: their state changes by itself. */
const LASTING = new Set(["BrowserContext", "Page", "Frame", "Worker"]);

export const newInfo = (target: unknown, kind: string): Info => ({
  target,
  kind,
  state: {},
  told: 0,
  listeners: new Map(),
  own: {},
  ref: undefined,
});

export class Hub {
  readonly #infos = new Map<number, Info>();
  readonly #lasting = new Map<number, Remote>();
  readonly #forgotten: FinalizationRegistry<Info>;
  #dropping: Info[] = [];
  #callbacks = new Map<number, Listener>();
  #nextCallback = 1;
  #seen = 0;
  /** Makes the proxy of a class; set by whoever builds the classes. */
  make: (info: Info) => Remote = (info) => new Remote(info);

  constructor(
    readonly lent: Lent,
    readonly table: Table,
  ) {
    this.#forgotten = new lent.platform.FinalizationRegistry((info: Info) => this.#forget(info));
  }

  readonly take = (described: unknown): Remote | null => {
    if (described === null || described === undefined) return null;
    const { o: number, c: kind, s: state } = described as Described;
    let info = this.#infos.get(number);
    if (info === undefined) {
      info = newInfo(number, kind ?? "Remote");
      this.#infos.set(number, info);
    }
    info.told++;
    const proxy = info.ref?.deref() ?? this.#proxyFor(info, number);
    if (state !== undefined) {
      const kinds = this.stateKinds(info.kind);
      for (const name of Object.keys(state)) info.state[name] = unpack(kinds[name] ?? "value", state[name], this.take);
    }
    return proxy;
  };

  #proxyFor(info: Info, number: number): Remote {
    const proxy = this.make(info);
    if (info.kind === "WebSocket") this.#young(info);
    info.ref = new this.lent.platform.WeakRef(proxy);
    if (LASTING.has(info.kind)) this.#lasting.set(number, proxy);
    else this.#forgotten.register(proxy, info);
    return proxy;
  }

  /** Its first frames may have come along with the news of it, before guest code could listen: they wait until that has run. */
  #young(info: Info): void {
    info.own.early = [];
    this.lent.sdk.task(() => {
      info.own.early = undefined;
    });
  }

  /** What the host tells of its objects by itself: their state, or that one is new and guest code shall have its turn with it. */
  news(described: unknown[]): void {
    for (const item of described) {
      if ((item as Described).y === true) this.lent.sdk.task(() => this.lent.sdk.note("grown", (item as Described).o));
      else this.take(item);
    }
  }

  stateKinds(kind: string): Readonly<Record<string, string>> {
    const own = this.table.classes[kind];
    if (own === undefined) return {};
    return own.base === undefined ? own.state : { ...this.stateKinds(own.base), ...own.state };
  }

  /** Guest code cannot reach the object any more. The host decides whether that was the last word: it may be speaking of it right now. */
  #forget(info: Info): void {
    if (info.ref?.deref() !== undefined) return;
    this.#dropping.push(info);
    if (this.#dropping.length > 1) return;
    this.lent.sdk.task(() => {
      const infos = this.#dropping;
      this.#dropping = [];
      void this.#drop(infos);
    });
  }
  async #drop(infos: Info[]): Promise<void> {
    try {
      const reply = await this.lent.sdk.call(
        "drop",
        infos.map((info) => [info.target, info.told]),
      );
      for (const number of (reply as [number, number[]])[1]) this.#infos.delete(number);
    } catch {
      // The session is between two owners: the host forgets all of it with the context.
    }
  }

  // ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly targetOf = (value: object): unknown => Remote.info(value)?.target;

  pack(value: unknown): unknown {
    return pack(value, this.targetOf);
  }

  /** One operation of the host; its errors are errors of the guest. */
  async operate(op: string, ...args: unknown[]): Promise<unknown> {
    const reply = (await this.lent.sdk.callArray(op, args)) as [number, unknown, string];
    if (reply[0] === 0) return reply[1];
    throw errorOf(reply[1] as string, reply[2]);
  }

  async call(self: Remote, kind: string, name: string, args: unknown[]): Promise<unknown> {
    const packed = new Array<unknown>(args.length);
    for (let i = 0; i < args.length; i++) packed[i] = this.pack(args[i]);
    const reply = (await this.lent.sdk.call("do", infoOf(self).target, name, packed)) as [number, unknown, string];
    if (reply[0] !== 0) throw errorOf(reply[1] as string, reply[2]);
    return unpack(kind, reply[1], this.take);
  }

  // ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  event(number: number, name: string, payload: unknown): void {
    if (++this.#seen === 50) {
      this.#seen = 0;
      this.lent.sdk.note("seen", 50);
    }
    const value = this.value(payload);
    const info = this.#infos.get(number);
    if (info === undefined) return;
    // JavaScript has an object around what Python gives as it is.
    const isFrame = info.kind === "WebSocket" && (name === "framesent" || name === "framereceived");
    this.emit(info, name, isFrame ? { payload: value } : value);
  }

  /** `["o", described]` or `["v", value]`. */
  readonly value = (payload: unknown): unknown => {
    const [tag, value] = payload as [string, unknown];
    return tag === "o" ? this.take(value) : value;
  };

  emit(info: Info, name: string, value: unknown): void {
    const listeners = info.listeners.get(name);
    if (listeners === undefined) {
      (info.own.early as [string, unknown][] | undefined)?.push([name, value]);
      return;
    }
    for (const listener of [...listeners]) {
      try {
        listener(value);
      } catch (error) {
        // As an error in any other task: it is reported, and the other listeners run.
        void Promise.reject(error);
      }
    }
  }

  subscribe(self: Remote, name: string, listener: Listener, first = false): () => void {
    const info = infoOf(self);
    const listeners = info.listeners.get(name) ?? [];
    if (listeners.length === 0) {
      info.listeners.set(name, listeners);
      this.lent.sdk.note("watch", info.target, name);
    }
    if (first) listeners.unshift(listener);
    else listeners.push(listener);
    const early = info.own.early as [string, unknown][] | undefined;
    if (early !== undefined && early.length > 0) {
      info.own.early = early.filter((event) => event[0] !== name);
      for (const [event, value] of early) if (event === name) void Promise.resolve(value).then(listener);
    }
    return () => this.unsubscribe(self, name, listener);
  }

  unsubscribe(self: Remote, name: string, listener: Listener): void {
    const info = infoOf(self);
    const listeners = info.listeners.get(name);
    const place =
      listeners?.findLastIndex((item) => item === listener || (item as { listener?: Listener }).listener === listener) ?? -1;
    if (listeners === undefined || place < 0) return;
    listeners.splice(place, 1);
    if (listeners.length > 0) return;
    info.listeners.delete(name);
    this.lent.sdk.note("unwatch", info.target, name);
  }

  // ── functions that the host calls ───────────────────────────────────────────────────────────────────────────────────

  keep(callback: Listener): number {
    const number = this.#nextCallback++;
    this.#callbacks.set(number, callback);
    return number;
  }

  callback(number: number, args: unknown[]): unknown {
    const callback = this.#callbacks.get(number);
    if (callback === undefined) throw new Error("the function that was exposed to the page has gone");
    return callback(...args.map(this.value));
  }

  /** The owner of the session has gone, and whoever listened for him. */
  reset(): void {
    this.#seen = 0;
    for (const info of this.#infos.values()) {
      info.listeners.clear();
      info.own.routes = undefined;
      info.own.sockets = undefined;
    }
  }
}
