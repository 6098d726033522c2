// A session outlives its owners: each owner is one life. Between two lives the guest is detached: nothing can be asked of a
// host that is not there, and what was leased in a former life is dead for ever, because the next owner counts from one again.
import { DOMException } from "../web/dom_exception";

let life = 0;
let detached = false;

export function currentLife(): number {
  return life;
}

export function isDetached(): boolean {
  return detached;
}

/** The owner has gone. */
export function detach(): void {
  detached = true;
  life++;
}

/** There is an owner. */
export function attach(): void {
  detached = false;
}

/** What waits fails with this. */
export const ownerGone = () => new DOMException("The owner of this session has gone", "AbortError");
