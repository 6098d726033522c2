"""Runtimes that open WebSockets."""

POLICY = """
version: 1
plugins: [console, fetch]
sandboxes:
  default:
    policies:
      fetch:
        allow: [{scheme: ws, host: 127.0.0.1, port: PORT, private_addresses: allow}]
        deny: [{path: /secret*}]
        max_websockets: 3
        max_message_bytes: 1MiB
        timeout_s: 2
  none: {}
"""

#: What the tests work with: a socket whose events are written down, and promises for the first ones of a kind.
TOOLS = """
globalThis.socket = (path, protocols) => {
  const ws = new WebSocket(site + path, protocols), log = [];
  for (const type of ["open", "message", "error", "close"]) ws.addEventListener(type, (e) => log.push(type === "close" ? [type, e.code, e.reason, e.wasClean] : type === "message" ? [type, e.data] : type === "error" ? [type, e.message ?? ""] : [type]));
  const until = (type) => new Promise((resolve) => ws.addEventListener(type, resolve, {once: true}));
  return {ws, log, opened: until("open"), closed: until("close"), message: until("message")};
};
undefined
"""


async def runtime_for(start_host, port, sandbox="default"):
    """A runtime with ``site`` and ``socket``, which may connect to ``port`` of loopback."""
    host = await start_host(POLICY.replace("PORT", str(port)))
    runtime = await host.create_runtime(sandbox=sandbox)
    await runtime.eval(f"globalThis.site = 'ws://127.0.0.1:{port}'; undefined")
    await runtime.eval(TOOLS)
    return runtime
