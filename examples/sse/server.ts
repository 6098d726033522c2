// Progress of a job over server-sent events. A reader that lost its connection goes on with the step after the last one it saw.
import { page } from "./page.ts";

const STEPS = ["fetch", "build", "test", "pack", "ship"];
const STEP_MS = 200;

const encoder = new TextEncoder();

/** The events after the one numbered `last`, each in its time; the connection ends half-way when `interrupted`. */
function progress(last: number, interrupted: boolean): ReadableStream<Uint8Array> {
  let next = last + 1;
  let timer = 0;
  const write = (controller: ReadableStreamDefaultController, text: string) => controller.enqueue(encoder.encode(text));
  return new ReadableStream({
    start(controller) {
      write(controller, "retry: 200\n\n");
      timer = setInterval(() => {
        if (next < STEPS.length) {
          write(controller, `event: step\nid: ${next}\ndata: ${JSON.stringify({ step: STEPS[next], of: STEPS.length })}\n\n`);
          next++;
          if (!interrupted || next < STEPS.length / 2) return;
        } else {
          write(controller, "event: done\ndata:\n\n");
        }
        clearInterval(timer);
        controller.close();
      }, STEP_MS);
    },
    cancel() {
      clearInterval(timer);
    },
  });
}

/** `Last-Event-ID` as a number; -1 for a reader that comes for the first time. */
function lastSeen(request: Request): number {
  const text = request.headers.get("last-event-id") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : -1;
}

export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
    if (pathname !== "/progress") return new Response("not found", { status: 404 });
    const last = lastSeen(request);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    return new Response(progress(last, last < 0), { headers });
  },
};
