// What the host is told while tests run. Everything goes out before code starts that may never end, so that the host knows
// what had happened when it has to stop the worker.
import type { Sdk } from "../../../../core/guest/types/sdk";
import { add } from "./lent";
import { pathOf, Suite, type Test, visit } from "./tree";

const CHUNK = 200;
/** Events of one note: the host refuses what is too large. */
const MOST_EVENTS = 20;

export class Report {
  #events: unknown[][] = [];

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
    this.sdk.flush();
  }
  flush(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.sdk.note("progress", this.run, events);
  }
}
