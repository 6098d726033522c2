"""Hello-JSON over loopback: our app server beside plain aiohttp, Node.js, Deno and workerd, in turns within one run.

``python benchmarks/servers.py FOLDER`` installs Deno and workerd from npm into FOLDER the first time. It needs ``wrk`` and Node.js. ``--write`` puts
the tables into README.md. Processor time of a request holds on a shared machine; requests a second are what was left.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import apps_cases
from measure import publish, table
from processes import Load, Started, free_port, load, started

RIVALS = ("deno@2", "workerd@1")

OURS = "isolate-host, one replica"
HOST = """
version: 1
sandboxes:
  web: {{limits: {{memory_mb: 128}}, policies: {{console: {{}}}}}}
app_servers:
  hello: {{sandbox: web, entry: ./hello.js, listen: "127.0.0.1:{port}", replicas: {replicas}}}
"""
HELLO = 'export default { fetch: () => Response.json({ hello: "world" }) };\n'
AIOHTTP = """
import sys
from aiohttp import web
async def hello(request):
    return web.json_response({"hello": "world"})
app = web.Application()
app.router.add_get("/", hello)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""
NODE = """
require("node:http").createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ hello: "world" }));
}).listen(+process.argv[2], "127.0.0.1");
"""
DENO = 'Deno.serve({ port: +Deno.args[0], hostname: "127.0.0.1" }, () => Response.json({ hello: "world" }));\n'
WORKERD = """
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "hello", worker = (modules = [(name = "hello.js", esModule = embed "hello.js")], compatibilityDate = "2025-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:%d", http = (), service = "hello")],
);
"""


@dataclass(frozen=True)
class Subject:
    """Something that is measured."""

    name: str
    command: list[str | Path]
    port: int


def subjects(folder: Path, rivals: Path) -> list[Subject]:
    """Writes what each of them needs, and tells how it is started."""
    ports = [free_port() for _ in range(6)]
    ours = Path(sys.executable).with_name("isolate-host")
    (folder / "hello.js").write_text(HELLO)
    (folder / "aio.py").write_text(AIOHTTP)
    (folder / "node.cjs").write_text(NODE)
    (folder / "deno.js").write_text(DENO)
    (folder / "workerd.capnp").write_text(WORKERD % ports[5])
    for replicas in (1, 2):
        (folder / f"host{replicas}.yaml").write_text(HOST.format(port=ports[replicas - 1], replicas=replicas))
    bin_ = rivals / "node_modules" / ".bin"
    return [
        Subject(OURS, [ours, "serve", "--config", folder / "host1.yaml", "--socket", folder / "run" / "1.sock"], ports[0]),
        Subject("isolate-host, two replicas", [ours, "serve", "--config", folder / "host2.yaml", "--socket", folder / "run" / "2.sock"], ports[1]),
        Subject("plain aiohttp", [sys.executable, folder / "aio.py", str(ports[2])], ports[2]),
        Subject("Node.js `http`", ["node", folder / "node.cjs", str(ports[3])], ports[3]),
        Subject("Deno.serve", [bin_ / "deno", "run", "--allow-net", folder / "deno.js", str(ports[4])], ports[4]),
        Subject("workerd", [bin_ / "workerd", "serve", folder / "workerd.capnp"], ports[5]),
    ]


def fetch_rivals(folder: Path) -> None:
    """Install them unless they are there."""
    if not (folder / "node_modules" / ".bin" / "workerd").exists():
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error", *RIVALS]
        subprocess.run(command, check=True)


def in_turns(folder: Path, rivals: Path, runs: int, seconds: int) -> dict[str, list[Load]]:
    """All of them stand all the time; each is measured in each round."""
    results: dict[str, list[Load]] = {}
    with ExitStack() as stack:
        standing: list[tuple[Subject, Started]] = []
        for number, subject in enumerate(subjects(folder, rivals)):
            home = folder / f"log{number}"
            home.mkdir()
            standing.append((subject, stack.enter_context(started(subject.command, subject.port, home))))
        for subject, server in standing:
            load(server, 2)
            results[subject.name] = []
        for _ in range(runs):
            for subject, server in standing:
                results[subject.name].append(load(server, seconds))
    return results


def comparison(results: dict[str, list[Load]]) -> str:
    """Markdown: the best round of each, which other work on the machine disturbed least; processor time is the median."""
    lines = ["| server | requests/s | of ours | p50 | p99 | processor time of a request |", "|---|---|---|---|---|---|"]
    best = {name: max(loads, key=lambda item: item.rate) for name, loads in results.items()}
    ours = best[OURS].rate
    for name, item in best.items():
        broker, worker = (statistics.median(getattr(load, field) for load in results[name]) for field in ("cpu_us", "children_us"))
        parts = f" ({broker:.0f} broker, {worker:.0f} worker)" if name.startswith("isolate-host") else ""
        times = f"{item.p50_ms:.2f} ms | {item.p99_ms:.2f} ms | {broker + worker:.0f} µs{parts}"
        lines.append(f"| {name} | {item.rate:,.0f} | {item.rate / ours:.2f} | {times} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the rivals are, or will be installed")
    parser.add_argument("--runs", type=int, default=10, help="rounds (default 10)")
    parser.add_argument("--seconds", type=int, default=2, help="of load for each in each round (default 2)")
    parser.add_argument("--only", choices=["servers", "apps"], help="one half of it")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    args = parser.parse_args()
    machine = f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} at the start"
    parts = []
    with tempfile.TemporaryDirectory() as name:
        if args.only != "apps":
            fetch_rivals(args.folder.resolve())
            results = in_turns(Path(name), args.folder.resolve(), args.runs, args.seconds)
            how = f"`wrk -t1 -c32`, {args.runs} rounds of {args.seconds} s in turns, the best of each; processor time is the median"
            parts.append(f"{machine}; {how}.\n\n{comparison(results)}")
        if args.only != "servers":
            parts.append(f"{machine}.\n\n{table(asyncio.run(apps_cases.apps(Path(name))))}")
    text = "\n".join(parts)
    print(text)
    if args.write:
        publish(text, "servers")


if __name__ == "__main__":
    main()
