"""Type checks read the declarations of the packages that a sandbox mounts: real packages, from the mount and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import isolate_host as ih

YAML = """
version: 1
sandboxes:
  default:
    policies:
      console: {}
      typecheck: required
      modules: {node_modules: [{mount: MOUNT, root: "ROOT"}]}
  advised:
    policies:
      console: {}
      modules: {node_modules: [{mount: MOUNT, root: "ROOT"}]}
"""


def open_host(tmp_path: Path, root: Path, mount: str = "/node_modules") -> ih.IsolateHost:
    file = tmp_path / "host.yaml"
    file.write_text(YAML.replace("ROOT", str(root)).replace("MOUNT", mount))
    return ih.create_isolate_host(config=file)


def folder(root: Path, files: dict[str, str]) -> Path:
    """Packages made for one test."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
        # Files of this very moment are read again each time.
        os.utime(root / name, (1_600_000_000, 1_600_000_000))
    return root


async def errors(host: ih.IsolateHost, code: str, **more: object) -> list[tuple[int, int]]:
    result = await host.typecheck(code=code, sandbox="advised", **more)
    return [(item.code, item.line) for item in result.errors]


@pytest.mark.parametrize(
    ("right", "wrong", "codes"),
    [
        ('import { z } from "zod"; const a: { n: number } = z.object({ n: z.number() }).parse({});', 'import { z } from "zod"; const a: { n: string } = z.object({ n: z.number() }).parse({});', [2322]),
        ('import _ from "lodash"; const a: number[][] = _.chunk([1, 2], 1);', 'import _ from "lodash"; const a: string = _.chunk([1, 2], 1); _.nothing();', [2322, 2339]),
        ('import chunk from "lodash/chunk"; const a: number[][] = chunk([1, 2], 1);', 'import chunk from "lodash/chunk"; const a: string = chunk([1, 2], 1);', [2322]),
        ('import { Effect } from "effect"; const a: Effect.Effect<number> = Effect.succeed(1);', 'import { Effect } from "effect"; const a: Effect.Effect<string> = Effect.succeed(1);', [2322]),
        ('import { produce } from "immer"; const a: number[] = produce([1], (d) => { d.push(2); });', 'import { produce } from "immer"; const a: string = produce([1], (d) => { d.push(2); });', [2322]),
        ('import { addDays } from "date-fns/addDays"; const a: Date = addDays(new Date(), 1);', 'import { addDays } from "date-fns/addDays"; const a: string = addDays(new Date(), 1);', [2322]),
        ('import { Observable } from "rxjs"; import { map } from "rxjs/operators"; new Observable<number>().pipe(map((n) => n.toFixed()));', 'import { Observable } from "rxjs"; import { map } from "rxjs/operators"; new Observable<string>().pipe(map((n) => n.toFixed()));', [2551]),
        ('import Decimal from "decimal.js"; const a: Decimal = new Decimal(1).plus(2);', 'import Decimal from "decimal.js"; const a: string = new Decimal(1).plus(2);', [2322]),
    ],
)
async def test_real_packages(tmp_path: Path, node_modules: Path, right: str, wrong: str, codes: list[int]) -> None:
    async with open_host(tmp_path, node_modules) as host:
        assert await errors(host, right) == []
        assert [code for code, _ in await errors(host, wrong)] == codes
        # Asked again, from what the checker has kept.
        assert [code for code, _ in await errors(host, wrong)] == codes


async def test_packages_without_types_are_any(tmp_path: Path, node_modules: Path) -> None:
    async with open_host(tmp_path, node_modules) as host:
        assert await errors(host, 'import ms from "mustache"; const n: number = ms.whatever(1); import x from "not-there"; x.y;') == []


async def test_required_knows_them(tmp_path: Path, node_modules: Path) -> None:
    async with open_host(tmp_path, node_modules) as host, host.create_runtime() as runtime:
        assert await runtime.eval('import _ from "lodash"; export default _.chunk([1, 2, 3], 2).length;') == 2
        with pytest.raises(ih.PolicyDenied, match="TS2345"):
            await runtime.eval('import _ from "lodash"; export default _.chunk([1, 2, 3], "two");')


async def test_the_mount_may_lie_anywhere(tmp_path: Path, node_modules: Path) -> None:
    async with open_host(tmp_path, node_modules, "/app/node_modules") as host:
        code = 'import { z } from "zod"; const a: string = z.number().parse(1);'
        assert await errors(host, code, filename="/index.ts") == [(2322, 1)]
        assert await errors(host, code, filename="/app/src/deep/main.ts") == [(2322, 1)]


async def test_where_a_package_says_its_types_are(tmp_path: Path) -> None:
    typed = "export declare const value: number;"
    root = folder(tmp_path / "node_modules", {
        "types/package.json": '{"name": "types", "types": "./t/x.d.ts"}', "types/t/x.d.ts": typed,
        "typings/package.json": '{"name": "typings", "typings": "t"}', "typings/t.d.ts": typed,
        "main/package.json": '{"name": "main", "main": "lib/m.js"}', "main/lib/m.js": "", "main/lib/m.d.ts": 'export * from "./other.js"', "main/lib/other.d.ts": typed,
        "index/package.json": "{}", "index/index.d.ts": typed,
        "exports/package.json": '{"name": "exports", "exports": {".": {"types": "./a.d.mts", "default": "./a.mjs"}, "./sub": "./sub.js", "./p/*": {"require": {"types": "./p/*.d.cts"}}}}',
        "exports/a.d.mts": 'import "exports/sub"; export { value } from "#in";', "exports/sub.d.ts": typed, "exports/p/q.d.cts": typed,
        "internal/package.json": '{"name": "internal", "exports": "./a.js", "imports": {"#in": "./in.js"}}', "internal/a.d.ts": 'export * from "#in"', "internal/in.d.ts": typed,
        "versions/package.json": '{"name": "versions", "types": "index.d.ts", "typesVersions": {"<4": {"*": ["old/*"]}, ">=4.2": {"*": ["new/*"]}}}',
        "versions/index.d.ts": "export declare const value: string;", "versions/old/index.d.ts": "", "versions/new/index.d.ts": typed,
        "@scope/plain/index.js": "", "@scope/plain/package.json": "{}", "@types/scope__plain/index.d.ts": typed,
        "only-types/index.js": "", "only-types/package.json": "{}", "@types/only-types/package.json": '{"types": "index.d.ts"}', "@types/only-types/index.d.ts": '/// <reference types="node" />\n/// <reference path="more.d.ts" />\nimport { V } from "internal"; export declare const value: number;', "@types/only-types/more.d.ts": "declare const moreOfIt: 1;",
    })
    names = ["types", "typings", "main", "index", "exports/sub", "exports/p/q", "internal", "versions", "@scope/plain", "only-types"]
    async with open_host(tmp_path, root) as host:
        for name in names:
            assert await errors(host, f'import {{ value }} from "{name}"; const text: string = value;') == [(2322, 1)], name


async def test_errors_in_declarations_are_not_the_guests(tmp_path: Path) -> None:
    root = folder(tmp_path / "node_modules", {
        "p/package.json": '{"types": "index.d.ts"}',
        "p/index.d.ts": 'import { gone } from "./gone"; export declare const value: Missing; export type = ; declare const n: number; declare const n: string; export declare const good: number;',
    })
    async with open_host(tmp_path, root) as host:
        assert await errors(host, 'import { good } from "p"; const a: number = good;') == []


async def test_a_changed_package_is_read_again(tmp_path: Path) -> None:
    root = folder(tmp_path / "node_modules", {"p/package.json": "{}", "p/index.d.ts": "export declare const value: number;"})
    code = 'import { value } from "p"; const text: string = value;'
    async with open_host(tmp_path, root) as host:
        assert await errors(host, code) == [(2322, 1)]
        (root / "p/index.d.ts").write_text("export declare const value: string;")
        assert await errors(host, code) == []


async def test_links_do_not_lead_out_of_the_mount(tmp_path: Path) -> None:
    (tmp_path / "secret.d.ts").write_text("export declare const value: number;")
    root = folder(tmp_path / "node_modules", {
        "p/package.json": "{}", "q/package.json": '{"types": "../../secret.d.ts"}', "r/package.json": "{}", "r/index.d.ts": 'export * from "../../secret";',
    })
    (root / "p/index.d.ts").symlink_to(tmp_path / "secret.d.ts")
    async with open_host(tmp_path, root) as host:
        for name in "pq":
            assert await errors(host, f'import {{ value }} from "{name}"; const text: string = value;') == [], name
        assert await errors(host, 'import { value } from "r"; const text: string = value;') == [(2305, 1)]


async def test_what_the_caller_gives_comes_first(tmp_path: Path, node_modules: Path) -> None:
    async with open_host(tmp_path, node_modules) as host:
        code = 'import { z } from "zod"; const a: string = z;'
        assert await errors(host, code, library_types={"zod": "export declare const z: string;"}) == []


async def test_too_many_declarations(tmp_path: Path) -> None:
    files = {"p/package.json": "{}", "p/index.d.ts": "\n".join(f'export * from "./f{n}";' for n in range(3001))}
    root = folder(tmp_path / "node_modules", files | {f"p/f{n}.d.ts": "export {};" for n in range(3001)} | {"q/package.json": "{}", "q/index.d.ts": "/" * (8 << 20) + "//"})
    async with open_host(tmp_path, root) as host:
        for name in "pq":
            with pytest.raises(ih.LimitExceeded, match=f"the types of '{name}' are more than 3000 files or 8 Mi characters") as caught:
                await errors(host, f'import * as all from "{name}"; all;')
            assert "declare module" in str(caught.value.hint)
