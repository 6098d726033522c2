// biome-ignore-all lint: what the page has is of any type here
/** Options of `browser.newContext()`. What a policy does not grant is refused when it is used. */
interface BrowserContextSettings extends Omit<Playwright.BrowserContextOptions, "proxy" | "logger" | "storageState"> {
  storageState?: string | { cookies?: object[]; origins?: object[] };
  /**
   * A profile of the guest's files, by name: it is loaded now and saved when the context is closed. `mode: "persistent"` is a whole browser
   * profile, in a folder of the host.
   */
  profile?:
    | string
    | { id: string; mode?: "storageState" | "persistent"; reset?: boolean; autosave?: boolean; indexedDB?: boolean };
}

/** The contexts of this guest. The browser process belongs to the host. */
interface GuestBrowser {
  newContext(options?: BrowserContextSettings): Promise<Playwright.BrowserContext>;
  /** A page with a context of its own, which is closed with it. */
  newPage(options?: BrowserContextSettings): Promise<Playwright.Page>;
  contexts(): Playwright.BrowserContext[];
  isConnected(): boolean;
  /** Known once a context was made: the browser starts with the first. */
  version(): string;
  browserType(): {
    name(): string;
    /** A context of the persistent profile of that name, if the policy has one: `newContext({ profile: { id, mode: "persistent" } })`. */
    launchPersistentContext(id: string, options?: BrowserContextSettings): Promise<Playwright.BrowserContext>;
  };
  /** Closes all contexts of this guest. */
  close(): Promise<void>;
}

declare const browser: GuestBrowser;

declare module "isolate-host:browser" {
  export const browser: GuestBrowser;
  export const errors: { TimeoutError: new (message?: string) => Error; TargetClosedError: new (message?: string) => Error };
  /** Options of contexts that are like a device: `browser.newContext({ ...devices["iPhone 13"] })`. */
  export const devices: { [name: string]: BrowserContextSettings & { defaultBrowserType: string } };
  /** For scripts: matchers of pages, locators and responses that ask again until they hold. */
  export function expect(received: unknown): Matchers<void> & { not: Matchers<void> };
  export default browser;
}

// What exists in the page only. Functions for `evaluate` are checked with the rest of the file, so it is declared, and nothing more is known of it.
declare const document: any;
declare const window: any;
declare const location: any;
declare const localStorage: any;
declare const sessionStorage: any;
declare function getComputedStyle(element: any, pseudo?: string | null): any;
type Node = any;
type Element = any;
type HTMLElement = any;
type SVGElement = any;
type HTMLOrSVGElement = any;
interface HTMLElementTagNameMap {
  [tag: string]: any;
}
