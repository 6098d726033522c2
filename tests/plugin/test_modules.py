"""The modules capability without a guest."""

import os

import pytest

from isolate_host.testing import assert_denied

TREES = {"source_trees": [{"prefix": "@app/", "root": "src"}, {"prefix": "@app/lib/", "root": "lib"}]}


@pytest.fixture
def modules(capability, tmp_path):
    for name, text in {
        "src/main.ts": "main",
        "src/util/index.ts": "index",
        "src/util/a.ts": "a",
        "src/data.json": "{}",
        "lib/x.js": "x",
        "secret.ts": "secret",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return capability("modules", TREES | {"virtual": {"@/env": "env", "@app/fixed": {"source": "f", "filename": "fixed.tsx", "static": True}}})


async def resolve(modules, specifier, importer=None):
    return await modules.call("resolve", specifier, importer, "")


@pytest.mark.parametrize(
    ("specifier", "identity", "source", "language"),
    [
        ("@app/main.ts", "/@app/main.ts", "main", "ts"),
        ("@app/main", "/@app/main.ts", "main", "ts"),
        ("@app/main.js", "/@app/main.ts", "main", "ts"),
        ("@app/util", "/@app/util/index.ts", "index", "ts"),
        ("@app/./util/../main", "/@app/main.ts", "main", "ts"),
        ("@app/data.json", "/@app/data.json", "{}", "json"),
        ("@app/lib/x", "/@app/lib/x.js", "x", "js"),
        ("@/env", "/@/env", "env", "ts"),
        ("@app/fixed", "/@app/fixed.tsx", "f", "tsx"),
    ],
)
async def test_found(modules, specifier, identity, source, language):
    found = await resolve(modules, specifier)
    assert (found["id"], found["source"], found["language"]) == (identity, source, language)
    assert found["static"] is (specifier == "@app/fixed")


async def test_relative_imports_between_all_kinds(modules):
    main = await resolve(modules, "@app/main")
    importer = {"path": main["id"], "resolve_dir": main["resolve_dir"]}
    assert (await resolve(modules, "./util/a", importer))["source"] == "a"
    assert (await resolve(modules, "./fixed", importer))["source"] == "f"
    assert (await resolve(modules, "../@/env", importer))["source"] == "env"
    env = await resolve(modules, "@/env")
    assert (await resolve(modules, "../@app/lib/x.js", {"path": env["id"], "resolve_dir": env["resolve_dir"]}))["source"] == "x"


@pytest.mark.parametrize("specifier", ["@apple/main.ts", "main.ts", "@app/none", "./main", "@app/" + "x" * 5000, "@app"])
async def test_not_found(modules, specifier):
    assert await resolve(modules, specifier) is None


@pytest.mark.parametrize("specifier", ["@app/../secret.ts", "@app/util/../../secret", "@app/main.ts\0", "@app/..\\secret"])
async def test_climbing_out_is_denied(modules, specifier):
    with assert_denied("modules", specifier):
        await resolve(modules, specifier)


async def test_links_may_not_lead_outside(modules, tmp_path):
    (tmp_path / "src/inside.ts").symlink_to("main.ts")
    (tmp_path / "src/out.ts").symlink_to("../secret.ts")
    (tmp_path / "src/up").symlink_to("..")
    assert (await resolve(modules, "@app/inside"))["source"] == "main"
    for specifier in ("out", "up/secret"):
        with assert_denied("modules", f"{specifier}.ts"):
            await resolve(modules, f"@app/{specifier}")


async def test_special_files_are_refused_without_waiting(modules, tmp_path):
    os.mkfifo(tmp_path / "src/pipe.ts")
    with assert_denied("modules"):
        await resolve(modules, "@app/pipe")


async def test_caller_answers_what_the_policy_does_not(capability, tmp_path):
    async def client(op, specifier, importer, kind):
        return {"id": specifier, "source": "client"}

    modules = capability("modules", {"virtual": {"@/env": "env"}}, binding={}, client=client)
    assert (await resolve(modules, "@/env"))["source"] == "env"
    assert (await resolve(modules, "@/other"))["source"] == "client"


async def test_file_read_when_imported(capability, tmp_path):
    modules = capability("modules", {"virtual": {"@/main": {"file": "late.ts"}}})
    with pytest.raises(LookupError, match="@/main"):
        await resolve(modules, "@/main")
    (tmp_path / "late.ts").write_text("late")
    found = await resolve(modules, "@/main")
    assert (found["source"], found["filename"], found["language"], found["resolve_dir"]) == ("late", "main.ts", "ts", "/@")
