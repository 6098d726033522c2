import type { Outcome, Visit } from "./model";

/** What is counted of a set of visits. */
export class Statistics {
  requests = 0;
  bytes = 0;
  readonly #outcomes = new Map<Outcome, number>();
  readonly #milliseconds: number[] = [];
  #sorted = true;

  add(visit: Visit): void {
    this.requests += 1;
    this.bytes += visit.bytes;
    this.#outcomes.set(visit.outcome, this.count(visit.outcome) + 1);
    this.#milliseconds.push(visit.milliseconds);
    this.#sorted = false;
  }

  count(outcome: Outcome): number {
    return this.#outcomes.get(outcome) ?? 0;
  }

  share(outcome: Outcome): number {
    return this.requests === 0 ? 0 : this.count(outcome) / this.requests;
  }

  /** The time within which `percent` of the visits were answered (nearest rank). */
  percentile(percent: number): number {
    if (!this.#sorted) {
      this.#milliseconds.sort((a, b) => a - b);
      this.#sorted = true;
    }
    const rank = Math.ceil((percent / 100) * this.requests);
    return this.#milliseconds[Math.max(0, rank - 1)] ?? 0;
  }
}
