"""Well-known packages, imported and used in a guest, give what they give in Node.js."""

import json
from pathlib import Path

import pytest

import isolate_host as ih

HERE = Path(__file__).parent
USES = sorted(path.name for path in (HERE / "uses").glob("*.js"))
POLICY = """
version: 1
sandboxes:
  default:
    limits: {memory_mb: 512}
    policies:
      console: {}
      crypto: {}
      node: {}
      modules:
        node_modules: [{mount: /node_modules, root: %s}]
        source_trees: [{prefix: /uses/, root: %s}]
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory, node_modules):
    file = tmp_path_factory.mktemp("packages") / "host.yaml"
    file.write_text(POLICY % (node_modules, HERE / "uses"))
    return file


def test_there_are_enough():
    assert len(USES) >= 60


@pytest.mark.timeout(120)
@pytest.mark.parametrize("use", USES)
async def test_as_in_node(use, policy, in_node, node_modules):
    assert "value" in in_node[use], f"the use script fails in Node.js: {in_node[use]}"
    async with ih.create_isolate_host(config=policy) as host, host.create_runtime(sandbox="default") as runtime:
        lend = await runtime.eval("(bytes) => { globalThis.assets = { 'sql-wasm.wasm': bytes } }")
        await lend((node_modules / "sql.js/dist/sql-wasm.wasm").read_bytes())
        code = f"JSON.stringify({{ value: (await import('/uses/{use}')).default }})"
        assert json.loads(await runtime.eval(code)) == in_node[use]
