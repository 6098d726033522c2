// References that guest code let go of, given back in one frame per owner and turn.
import { type List, list, append } from "../collections";
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
  append(pending[peer] as List<Drop>, { r, n });
  waiting = true;
}

export function flushDrops(): void {
  if (!waiting) return;
  waiting = false;
  for (let peer = 0; peer < 2; peer++) {
    const drops = pending[peer] as List<Drop>;
    if (drops.length === 0) continue;
    let text = "";
    for (let i = 0; i < drops.length; i++) {
      const { r, n } = drops[i] as Drop;
      text += `${i > 0 ? "," : ""}[${r},${n}]`;
    }
    drops.length = 0;
    sendBare(`{"t":"drop",${peer === 1 ? '"p":1,' : ""}"refs":[${text}]}`);
  }
}
