"""node_modules and import maps of a policy: findings, and what a guest gets."""

import pytest

import isolate_host as ih
from isolate_host.config import load_config
from isolate_host.plugin import PluginRegistry
from tests.support.packages import write_tree

POLICY = """
version: 1
sandboxes:
  default:
    policies:
      modules:
        node_modules: [{mount: /node_modules, root: ./app/node_modules, store: ./store}]
        source_trees: [{prefix: /src/, root: ./src}]
        conditions: [special]
        imports: {"old": "new/sub", "#lib/": /src/lib/}
        scopes: {/src/legacy/: {new: old-new}}
"""


@pytest.fixture
def policy(tmp_path):
    write_tree(
        tmp_path,
        {
            "host.yaml": POLICY,
            "app/node_modules/new/package.json": {"exports": {".": {"special": "./special.js", "default": "./index.js"}, "./sub": "./sub.js"}},
            "app/node_modules/new/special.js": "exports.n = 'special'",
            "app/node_modules/new/index.js": "exports.n = 'plain'",
            "app/node_modules/new/sub.js": "exports.n = 'sub'",
            "app/node_modules/old-new/index.js": "exports.n = 'legacy'",
            "app/node_modules/@team/.keep": "",
            "store/kept/index.js": "exports.n = 'kept'",
            "src/main.ts": "import { n } from 'new'; import { n as m } from 'old'; import { x } from '#lib/x.js'; export default [n, m, x] as string[]",
            "src/lib/x.ts": "export const x: string = 'x'",
            "src/legacy/main.ts": "import { n } from 'new'; export default n",
            "src/kept.ts": "import { n } from 'kept'; export default n",
        },
    )
    (tmp_path / "app/node_modules/kept").symlink_to("../../store/kept")
    return tmp_path / "host.yaml"


async def test_a_guest_gets_what_the_policy_says(policy):
    async with ih.create_isolate_host(config=policy) as host, host.create_runtime(sandbox="default") as runtime:
        assert await runtime.eval("(await import('/src/main.ts')).default") == ["special", "sub", "x"]
        assert await runtime.eval("(await import('/src/legacy/main.ts')).default") == "legacy"
        assert await runtime.eval("(await import('/src/kept.ts')).default") == "kept"


async def test_runtimes_share_what_was_read_and_see_changes(policy):
    file = policy.parent / "app/node_modules/new/special.js"
    async with ih.create_isolate_host(config=policy) as host:
        for text in ("one", "one", "two!"):
            file.write_text(f"exports.n = '{text}'")
            async with host.create_runtime(sandbox="default") as runtime:
                assert await runtime.eval("(await import('new')).n") == text


async def test_a_resolver_of_the_caller_comes_after(policy):
    resolver = ih.create_module_resolver().virtual("new", "export const n = 'mine'").virtual("more", "export const n = 'more'")
    bindings = ih.Bindings(modules=resolver)
    async with ih.create_isolate_host(config=policy) as host, host.create_runtime(sandbox="default", bindings=bindings) as runtime:
        assert await runtime.eval("(await import('new')).n") == "special"
        assert await runtime.eval("(await import('more')).n") == "more"


@pytest.mark.parametrize(
    ("line", "code", "key"),
    [
        ("node_modules: [{mount: /node_modules, root: ./none/node_modules}]", "modules-no-root", "node_modules/0/root"),
        ("node_modules: [{mount: /node_modules, root: ./app/node_modules, store: ./none}]", "modules-no-root", "node_modules/0/store"),
        ("node_modules: [{mount: /packages, root: ./src}]", "modules-not-node-modules", "node_modules/0/root"),
        ("node_modules: [{mount: /n, root: ./app/node_modules}, {mount: /n/, root: ./app/node_modules}]", "modules-duplicate-mount", "node_modules/1/mount"),
        ("imports: {a/: /b}", "modules-bad-import-map", "imports"),
        ("scopes: {/x/: {a/: /b}}", "modules-bad-import-map", "scopes"),
    ],
)
def test_findings(policy, line, code, key):
    head = POLICY[: POLICY.index("        node_modules")]
    policy.write_text(f"{head}        {line}\n")
    with pytest.raises(ih.ConfigError) as caught:
        load_config(policy, PluginRegistry())
    [finding] = [item for item in caught.value.findings if item.code == code]
    assert key in "/".join(str(part) for part in finding.path)
