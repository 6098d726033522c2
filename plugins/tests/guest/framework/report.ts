// What the host is told while tests run. Everything is said before code starts that may never end: when the host has to stop the worker,
// what was said still goes out.
import type { Sdk } from "../../../../core/guest/types/sdk";
import { add } from "./lent";
import { pathOf, Suite, type Test, visit } from "./tree";

const CHUNK = 200;
/** Events of one note: the host refuses what is too large. */
const MOST_EVENTS = 20;
/** Milliseconds for which the host need not hear that one short test follows another. */
const SILENCE = 4;

export class Report {
  #events: unknown[][] = [];
  /** What the host is sure to know: of which kind of code, with which limit, and when it was told. */
  #told = { what: "", milliseconds: 0 as number | undefined, at: Number.NEGATIVE_INFINITY };

  constructor(
    private readonly sdk: Sdk,
    private readonly run: number,
  ) {}

  /** The list of all suites and tests, so that the host can account for those that never get their turn. */
  collected(root: Suite): void {
    let nodes: unknown[] = [];
    const send = () => {
      if (nodes.length > 0) this.sdk.note("collected", this.run, nodes);
      nodes = [];
    };
    visit(root, (node) => {
      const kind = node instanceof Suite ? "suite" : "test";
      add(nodes, [node.id, kind, node.name, pathOf(node), node.flags.mode, node.parent?.id ?? 0]);
      if (nodes.length >= CHUNK) send();
    });
    send();
  }

  say(...event: unknown[]): void {
    add(this.#events, event);
    if (this.#events.length >= MOST_EVENTS) this.flush();
  }

  /** Code of the test file starts now and may take `seconds` (`null` = as long as it likes). */
  stage(node: Suite | Test, what: string, milliseconds: number | undefined): void {
    this.say("stage", `${node.id}`, what, milliseconds === undefined ? null : milliseconds / 1000);
    this.flush();
    const at = this.sdk.primordials.monotonic();
    // Only whose turn it is may be old news to the host, never how long it has to wait.
    if (what === this.#told.what && milliseconds === this.#told.milliseconds && at - this.#told.at < SILENCE) return;
    this.#told = { what, milliseconds, at };
    this.sdk.flush();
  }
  flush(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.sdk.note("progress", this.run, events);
  }
}
