// `browser`: the contexts of this guest. There is no way from here to the process, or to contexts of others.
import type { Methods } from "./classes";
import { type Hub, infoOf, type Remote } from "./remote";

interface Context extends Remote {
  newPage(): Promise<Remote>;
  close(options?: object): Promise<void>;
  isClosed(): boolean;
  once(event: string, listener: () => void): unknown;
}
type ContextOptions = Record<string, unknown> & { baseURL?: string };

interface BrowserType {
  name(): string;
  launchPersistentContext(id: string, options?: ContextOptions): Promise<Context>;
}

let browserOf: Browser | undefined;

export class Browser {
  readonly #hub: Hub;
  #contexts: Context[] = [];
  #version: string | undefined;

  constructor(hub: Hub) {
    this.#hub = hub;
    browserOf = this;
  }

  async newContext(options?: ContextOptions): Promise<Context> {
    const hub = this.#hub;
    const [described, version] = (await hub.operate("newContext", hub.pack(options ?? null))) as [unknown, string];
    const context = hub.take(described) as Context;
    this.#version = version;
    infoOf(context).own.baseURL = options?.baseURL;
    this.#contexts.push(context);
    return context;
  }

  /** A page with a context of its own, which is closed with it. */
  async newPage(options?: ContextOptions): Promise<Remote> {
    const context = await this.newContext(options);
    try {
      const page = (await context.newPage()) as Context;
      page.once("close", () => void context.close().catch(() => undefined));
      return page;
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** Those that are open. */
  contexts(): Context[] {
    this.#contexts = this.#contexts.filter((context) => infoOf(context).state.isClosed !== true);
    return [...this.#contexts];
  }

  isConnected(): boolean {
    return true;
  }

  /** The browser starts with the first context: nobody knows before. */
  version(): string {
    if (this.#version === undefined) throw new Error("browser.version() is known once newContext() or newPage() was called");
    return this.#version;
  }

  /** Launching is the host's, but for profiles that the policy names: the folder is where the host says. */
  browserType(): BrowserType {
    return {
      name: () => "chromium",
      launchPersistentContext: (id, options) => this.newContext({ ...options, profile: { id, mode: "persistent" } }),
    };
  }

  /** Closes the contexts of this guest. The browser is not its own. */
  async close(): Promise<void> {
    await Promise.all(this.contexts().map((context) => context.close()));
  }
}

export function contextMethods(hub: Hub): Methods {
  return {
    browser: () => browserOf,
    async newPage(this: Remote) {
      return hub.take(await hub.operate("newPage", infoOf(this).target));
    },
    async close(this: Remote, options?: object) {
      if (infoOf(this).state.isClosed === true) return;
      await hub.operate("closeContext", infoOf(this).target, options ?? null);
      infoOf(this).state.isClosed = true;
    },
    async newCDPSession(this: Remote, page: Remote) {
      return hub.take(await hub.operate("cdp", infoOf(this).target, infoOf(page).target));
    },
    async setStorageState(this: Remote, state: unknown) {
      await hub.operate("storage", infoOf(this).target, hub.pack(state));
    },
  };
}
