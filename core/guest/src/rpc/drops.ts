// References that guest code let go of, given back per owner at the end of a turn.
import { type List, list, append } from "../collections";
import { isDetached } from "./life";
import { sendBare } from "./outbox";

interface Drop {
  r: number;
  n: number;
}

/** By owner: 0 the broker, 1 the client. */
const pending: List<List<Drop>> = list();
append(pending, list<Drop>());
append(pending, list<Drop>());
let waiting = false;

export function giveBack(peer: number, r: number, n: number): void {
  if (isDetached()) return;
  append(pending[peer] as List<Drop>, { r, n });
  waiting = true;
}

/** A header may have 64 KiB; a collection can let go of thousands of references at once. */
const MAX_PAIRS = 1000;

export function flushDrops(): void {
  if (!waiting) return;
  waiting = false;
  for (let peer = 0; peer < 2; peer++) {
    const drops = pending[peer] as List<Drop>;
    for (let start = 0; start < drops.length; start += MAX_PAIRS) sendPairs(peer, drops, start);
    drops.length = 0;
  }
}

function sendPairs(peer: number, drops: List<Drop>, start: number): void {
  let text = "";
  for (let i = start; i < drops.length && i < start + MAX_PAIRS; i++) {
    const { r, n } = drops[i] as Drop;
    text += `${i > start ? "," : ""}[${r},${n}]`;
  }
  sendBare(`{"t":"drop",${peer === 1 ? '"p":1,' : ""}"refs":[${text}]}`);
}

/** What waited belongs to an owner that has gone. */
export function forgetDrops(): void {
  waiting = false;
  for (let peer = 0; peer < 2; peer++) (pending[peer] as List<Drop>).length = 0;
}
