// Small differences between Playwright's two languages.
import type { Methods } from "./classes";
import { type Hub, infoOf, type Remote } from "./remote";

const NOT_HERE = "the file lies in the host: saveAs(path) writes it to the files that a policy grants";

export function smallMethods(hub: Hub): Record<string, Methods> {
  const saved: Methods = {
    async saveAs(this: Remote, path: string) {
      await hub.operate("saveAs", infoOf(this).target, path);
    },
    async path() {
      throw new Error(NOT_HERE);
    },
  };
  return {
    Download: {
      ...saved,
      /** A stream of the web: guests have no other in every runtime, and it can be read with `for await` as Node's can. */
      async createReadStream(this: Remote) {
        const bytes = (await hub.operate("download", infoOf(this).target)) as Uint8Array<ArrayBuffer>;
        return new hub.lent.sdk.web.Blob([bytes]).stream();
      },
    },
    Video: saved,
    Locator: {
      page(this: Remote) {
        return infoOf(this).own.page;
      },
      toString(this: Remote) {
        return String(infoOf(this).own.text);
      },
      async all(this: Remote) {
        const self = this as Remote & { count(): Promise<number>; nth(index: number): Remote };
        const count = await self.count();
        return Array.from({ length: count }, (_item, index) => self.nth(index));
      },
    },
    JSHandle: {
      asElement(this: Remote) {
        return infoOf(this).kind === "ElementHandle" ? this : null;
      },
    },
    Request: {
      failure(this: Remote) {
        const text = infoOf(this).state.failure;
        return typeof text === "string" ? { errorText: text } : null;
      },
      postDataJSON(this: Remote) {
        const { postData: text, headers } = infoOf(this).state as { postData: unknown; headers: Record<string, string> };
        if (typeof text !== "string") return null;
        if (!(headers["content-type"] ?? "").includes("application/x-www-form-urlencoded")) return JSON.parse(text);
        return Object.fromEntries(new hub.lent.sdk.web.URLSearchParams(text));
      },
    },
  };
}
