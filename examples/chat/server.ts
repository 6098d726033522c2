// A chat over WebSockets and a clock over server-sent events, on one page.
import type { Room } from "./room.ts";
import { openRoom } from "./room.ts";
import { page } from "./page.ts";

const room: Room = openRoom();

/** One event a second, until the reader goes away. */
function clock(): Response {
  let timer = 0;
  const body = new ReadableStream({
    start(controller) {
      const tick = () => controller.enqueue(new TextEncoder().encode(`data: ${new Date().toISOString()}\n\n`));
      tick();
      timer = setInterval(tick, 1000);
    },
    cancel() {
      clearInterval(timer);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}

serve({
  fetch(request, server) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
    if (pathname === "/clock") return clock();
    if (pathname === "/chat" && server.upgrade(request, { data: { name: searchParams.get("name") ?? "somebody" } })) return;
    return new Response("not found", { status: 404 });
  },
  websocket: {
    open: (socket) => room.join(socket),
    message: (socket, message) => room.say(socket, String(message)),
    close: (socket) => room.leave(socket),
  },
});
