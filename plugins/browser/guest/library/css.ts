// The rules of style sheets that a page used, by the same orders to Chromium that Playwright gives.
import type { Cdp } from "./coverage";

interface Header {
  readonly styleSheetId: string;
  readonly sourceURL: string;
}
interface Usage {
  readonly styleSheetId: string;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly used: boolean;
}
interface Part {
  start: number;
  end: number;
}
export interface CssEntry {
  readonly url: string;
  readonly text: string;
  readonly ranges: readonly Part[];
}

/** Style sheets with a URL, and their texts: they are asked for at once, as a navigation takes them away. */
export class CssTracking {
  readonly #texts = new Map<string, { readonly url: string; readonly text: Promise<string | undefined> }>();

  private constructor(
    readonly cdp: Cdp,
    readonly resetOnNavigation: boolean,
  ) {}

  static async start(cdp: Cdp, resetOnNavigation: boolean): Promise<CssTracking> {
    const tracking = new CssTracking(cdp, resetOnNavigation);
    cdp.on("CSS.styleSheetAdded", ({ header }: { header: Header }) => tracking.#added(header));
    cdp.on("Runtime.executionContextsCleared", () => {
      if (resetOnNavigation) tracking.#texts.clear();
    });
    await cdp.send("DOM.enable");
    await cdp.send("CSS.enable");
    await cdp.send("Runtime.enable");
    await cdp.send("CSS.startRuleUsageTracking");
    return tracking;
  }

  #added({ styleSheetId, sourceURL }: Header): void {
    if (sourceURL === "" || this.#texts.has(styleSheetId)) return;
    const text = this.cdp.send("CSS.getStyleSheetText", { styleSheetId }).then(
      (reply) => reply.text as string,
      () => undefined, // gone already: the page went elsewhere
    );
    this.#texts.set(styleSheetId, { url: sourceURL, text });
  }

  async stop(): Promise<CssEntry[]> {
    const { ruleUsage } = (await this.cdp.send("CSS.stopRuleUsageTracking")) as { ruleUsage: Usage[] };
    const used = new Map<string, Usage[]>();
    for (const usage of ruleUsage) {
      if (!usage.used) continue;
      const known = used.get(usage.styleSheetId);
      if (known === undefined) used.set(usage.styleSheetId, [usage]);
      else known.push(usage);
    }
    const entries: CssEntry[] = [];
    for (const [id, { url, text }] of [...this.#texts]) {
      const source = await text;
      if (source !== undefined) entries.push({ url, text: source, ranges: joined(used.get(id) ?? []) });
    }
    await this.cdp.detach();
    return entries;
  }
}

/** In order, without overlaps. */
function joined(usages: readonly Usage[]): Part[] {
  const parts: Part[] = [];
  for (const { startOffset: start, endOffset: end } of [...usages].sort((a, b) => a.startOffset - b.startOffset)) {
    const last = parts.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else parts.push({ start, end });
  }
  return parts;
}
