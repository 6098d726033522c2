// `page.coverage`, which Playwright for Python lacks: the same orders to Chromium, over a session of its protocol.
import type { Classes } from "./classes";
import { type CssEntry, CssTracking } from "./css";
import { infoOf, type Remote } from "./remote";

export interface Cdp extends Remote {
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  on(event: string, listener: (value: never) => void): unknown;
  detach(): Promise<void>;
}
interface ScriptParsed {
  readonly scriptId: string;
  readonly url: string;
}
interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}
interface ScriptCoverage {
  readonly scriptId: string;
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

class Coverage {
  readonly #page: Remote;
  #styles: Promise<CssTracking> | undefined;
  #scripts: { readonly cdp: Cdp; readonly parsed: Map<string, string> } | undefined;

  constructor(page: Remote) {
    this.#page = page;
  }

  async startJSCoverage(options: { resetOnNavigation?: boolean; reportAnonymousScripts?: boolean } = {}): Promise<void> {
    if (this.#scripts !== undefined) throw new Error("JSCoverage is already enabled");
    const cdp = await this.#session();
    const parsed = new Map<string, string>();
    cdp.on("Debugger.scriptParsed", ({ scriptId, url }: ScriptParsed) => {
      if (url !== "" || options.reportAnonymousScripts === true) parsed.set(scriptId, url);
    });
    this.#scripts = { cdp, parsed };
    await cdp.send("Profiler.enable");
    await cdp.send("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    await cdp.send("Debugger.enable");
    await cdp.send("Debugger.setSkipAllPauses", { skip: true });
  }

  async #session(): Promise<Cdp> {
    const context = infoOf(this.#page).state.context as Remote & { newCDPSession(page: Remote): Promise<Cdp> };
    return context.newCDPSession(this.#page);
  }

  async startCSSCoverage(options: { resetOnNavigation?: boolean } = {}): Promise<void> {
    if (this.#styles !== undefined) throw new Error("CSSCoverage is already enabled");
    const started = this.#session().then((cdp) => CssTracking.start(cdp, options.resetOnNavigation !== false));
    this.#styles = started;
    await started;
  }

  async stopCSSCoverage(): Promise<CssEntry[]> {
    const started = this.#styles;
    if (started === undefined) throw new Error("CSSCoverage is not enabled");
    this.#styles = undefined;
    return (await started).stop();
  }

  async stopJSCoverage(): Promise<object[]> {
    const started = this.#scripts;
    if (started === undefined) throw new Error("JSCoverage is not enabled");
    this.#scripts = undefined;
    const { cdp, parsed } = started;
    const taken = (await cdp.send("Profiler.takePreciseCoverage")).result as ScriptCoverage[];
    const entries: object[] = [];
    for (const entry of taken) {
      if (!parsed.has(entry.scriptId)) continue;
      const { scriptSource } = await cdp.send("Debugger.getScriptSource", { scriptId: entry.scriptId });
      entries.push({ ...entry, source: scriptSource });
    }
    await cdp.detach();
    return entries;
  }
}

/** Gives pages their `coverage`. */
export function coverageFor(classes: Classes): void {
  Object.defineProperty(classes.of("Page").prototype, "coverage", {
    get(this: Remote) {
      const { own } = infoOf(this);
      own.coverage ??= new Coverage(this);
      return own.coverage;
    },
    configurable: true,
  });
}
