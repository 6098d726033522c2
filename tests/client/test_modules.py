"""The module resolver: every kind, every way between them, precedence, boundaries, escapes."""

import pytest

import isolate_host as ih

APP = ih.Importer("/app/main.ts", "/app")


async def found(resolver, specifier, importer=APP, ctx=None):
    module = await resolver.resolve(specifier, importer, ctx)
    return None if module is None else (module.id, module.source)


def tree(**sources):
    calls = []

    def load(path):
        calls.append(path)
        return sources.get(path.replace("/", "_").replace(".", "_"))

    load.calls = calls
    return load


async def test_virtual():
    resolver = ih.create_module_resolver().virtual("@/env", "E", filename="env.ts", resolve_dir="/app").virtual("/abs/x.js", "X")
    assert await found(resolver, "@/env") == ("/app/env.ts", "E")
    assert await found(resolver, "/abs/x.js") == ("/abs/x.js", "X")
    assert await found(resolver, "other") is None
    module = await resolver.resolve("@/env")
    assert module.to_wire() == {
        "id": "/app/env.ts", "source": "E", "filename": "env.ts", "resolve_dir": "/app", "static": False, "language": "ts",
    }  # fmt: skip


async def test_virtual_from_a_function():
    async def later(ctx):
        return ih.ModuleSource("L", filename="l.js", static=True)

    resolver = ih.create_module_resolver().virtual("now", lambda: "N").virtual("later", later).virtual("none", lambda: None)
    assert await found(resolver, "now") == ("/now", "N")
    assert await resolver.resolve("later") == ih.ResolvedModule("/l.js", "L", static=True)
    assert await found(resolver, "none") is None


async def test_virtual_modules_import_each_other_relatively():
    resolver = (
        ih.create_module_resolver()
        .virtual("@/a", "A")
        .virtual("@/lib/b", "B")
        .virtual("c", "C", filename="c.ts", resolve_dir="/app/lib")
        .virtual("/app/d.ts", "D")
    )
    a = await resolver.resolve("@/a")
    assert await found(resolver, "./lib/b", ih.Importer(a.id, a.resolve_dir)) == ("/@/lib/b", "B")
    b = ih.Importer("/@/lib/b", "/@/lib")
    assert await found(resolver, "../a", b) == ("/@/a", "A")
    assert await found(resolver, "./lib/c") == ("/app/lib/c.ts", "C")
    assert await found(resolver, "../d", ih.Importer("/app/lib/c.ts", "/app/lib")) == ("/app/d.ts", "D")
    assert await found(resolver, "./d.js") == ("/app/d.ts", "D")


async def test_relative_imports_between_all_kinds(tmp_path):
    file = tmp_path / "main.ts"
    file.write_text("M")
    resolver = (
        ih.create_module_resolver()
        .virtual("/app/env.ts", "E")
        .virtual_file("/app/main.ts", file)
        .source_tree("/app/src/", tree(util_ts="U"))
        .source_tree("@lib/", tree(x_ts="X"))
        .fallback(lambda specifier, importer: "F" if specifier == "./generated" else None)
    )
    assert await found(resolver, "./env") == ("/app/env.ts", "E")
    assert await found(resolver, "./src/util") == ("/app/src/util.ts", "U")
    inside = ih.Importer("/app/src/util.ts", "/app/src")
    assert await found(resolver, "../main", inside) == ("/app/main.ts", "M")
    assert await found(resolver, "../env.js", inside) == ("/app/env.ts", "E")
    assert await found(resolver, "../../@lib/x", inside) == ("/@lib/x.ts", "X")
    assert await found(resolver, "@lib/x", inside) == ("/@lib/x.ts", "X")
    assert await found(resolver, "./generated", inside) == ("/app/src/generated", "F")


async def test_virtual_file(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"a": 1}')
    resolver = ih.create_module_resolver().virtual_file("@/settings", path, static=True)
    assert await resolver.resolve("@/settings") == ih.ResolvedModule("/@/settings.json", '{"a": 1}', static=True)
    path.write_text('{"a": 2}')
    assert (await resolver.resolve("@/settings")).source == '{"a": 2}'
    path.unlink()
    with pytest.raises(LookupError, match="'@/settings'") as caught:
        await resolver.resolve("@/settings")
    assert str(tmp_path) not in str(caught.value)


class TestSourceTree:
    async def test_suffixes_and_index(self):
        load = tree(util_ts="U", lib_index_tsx="I", plain="P", data_json="{}")
        resolver = ih.create_module_resolver().source_tree("@app/", load)
        assert await found(resolver, "@app/util.ts") == ("/@app/util.ts", "U")
        assert load.calls == ["util.ts"]
        assert await found(resolver, "@app/util") == ("/@app/util.ts", "U")
        assert await found(resolver, "@app/util.js") == ("/@app/util.ts", "U")
        assert await found(resolver, "@app/lib") == ("/@app/lib/index.tsx", "I")
        assert await found(resolver, "@app/plain") == ("/@app/plain", "P")
        assert (await resolver.resolve("@app/data.json")).to_wire()["language"] == "json"
        assert await found(resolver, "@app/none") is None

    async def test_boundaries(self):
        load = tree(x_ts="X")
        resolver = ih.create_module_resolver().source_tree("@app", load)
        assert await found(resolver, "@application/x.ts") is None
        assert not load.calls
        assert await found(resolver, "@app/x.ts") == ("/@app/x.ts", "X")

    async def test_the_longest_prefix_wins(self):
        resolver = ih.create_module_resolver().source_tree("@app/", lambda path: "outer").source_tree("@app/inner/", lambda path: "inner")
        assert (await resolver.resolve("@app/inner/x.ts")).source == "inner"
        assert (await resolver.resolve("@app/innermost/x.ts")).source == "outer"

    @pytest.mark.parametrize("specifier", ["@app/../x", "@app/a/../../x", "@app/..", "@app/a\\..\\..\\x", "@app/a\0.ts"])
    async def test_escapes_are_denied(self, specifier):
        load = tree()
        resolver = ih.create_module_resolver().source_tree("@app/", load).fallback(lambda s: "never")
        with pytest.raises(ih.PolicyDenied, match="Access denied") as caught:
            await resolver.resolve(specifier)
        assert caught.value.capability == "modules"
        assert not load.calls

    async def test_paths_are_normalised(self):
        load = tree(x_ts="X")
        assert await found(ih.create_module_resolver().source_tree("@app/", load), "@app/./a/..//x.ts") == ("/@app/x.ts", "X")
        assert load.calls == ["x.ts"]

    async def test_a_relative_import_that_leaves_the_tree(self):
        resolver = ih.create_module_resolver().source_tree("@app/", tree()).virtual("/shared.ts", "S")
        inside = ih.Importer("/@app/main.ts", "/@app")
        assert await found(resolver, "../shared.ts", inside) == ("/shared.ts", "S")
        with pytest.raises(ih.PolicyDenied, match="Access denied"):
            await resolver.resolve("../secret.ts", inside)
        with pytest.raises(ih.PolicyDenied, match="Access denied"):
            await resolver.resolve("../../../etc/passwd", inside)

    async def test_the_context_and_async_loaders(self):
        async def load(path, ctx):
            return f"{path} for {ctx}"

        module = await ih.create_module_resolver().source_tree("t/", load).resolve("t/x.ts", None, "CTX")
        assert module.source == "x.ts for CTX"


async def test_precedence(tmp_path):
    file = tmp_path / "x.ts"
    file.write_text("file")
    builder = ih.create_module_resolver().fallback(lambda specifier: "fallback")
    assert (await builder.resolve("a/x.ts")).source == "fallback"
    builder.source_tree("a/", lambda path: "tree")
    assert (await builder.resolve("a/x.ts")).source == "tree"
    builder.virtual_file("a/x.ts", file)
    assert (await builder.resolve("a/x.ts")).source == "file"
    builder.virtual("a/x.ts", "virtual")
    assert (await builder.resolve("a/x.ts")).source == "virtual"


async def test_the_fallback_gets_the_specifier_as_written():
    calls = []

    async def load(specifier, importer, ctx):
        calls.append((specifier, importer, ctx))
        return {"code": "F", "filename": "f.tsx", "resolve_dir": "/gen"} if specifier == "./f" else None

    resolver = ih.create_module_resolver().fallback(load)
    assert (await resolver.resolve("./f", APP, "CTX")).to_wire()["language"] == "tsx"
    assert await resolver.resolve("lodash", APP) is None
    assert calls == [("./f", APP, "CTX"), ("lodash", APP, None)]


async def test_packages_come_after_what_is_named_and_before_the_fallback(tmp_path):
    package = tmp_path / "node_modules/lodash"
    package.mkdir(parents=True)
    (package / "index.js").write_text("L")
    resolver = ih.create_module_resolver().mount_node_modules("/node_modules", package.parent).virtual("known", "K")
    assert await found(resolver, "known") == ("/known", "K")
    assert await found(resolver, "lodash") == ("/node_modules/lodash/index.js", "L")
    with pytest.raises(LookupError, match="Cannot find module 'absent': tried /node_modules/absent"):
        await resolver.resolve("absent")
    assert await resolver.resolve("./x", APP) is None
    resolver.fallback(lambda specifier: "F")
    assert await found(resolver, "absent") == ("/absent", "F")
    assert await found(resolver.virtual("lodash", "V"), "lodash") == ("/lodash", "V")


@pytest.mark.parametrize(("mount", "folder"), [("/node_modules", "packages"), ("/node_modules", "none/node_modules"), ("/", "node_modules")])
def test_what_cannot_be_mounted(tmp_path, mount, folder):
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "packages").mkdir()
    with pytest.raises(ValueError, match="node_modules|folder|root"):
        ih.create_module_resolver().mount_node_modules(mount, tmp_path / folder)


async def test_what_a_loader_may_not_return():
    resolver = ih.create_module_resolver().fallback(lambda s: 1 if s == "number" else {"code": "x", "filename": "a/b"})
    with pytest.raises(TypeError, match="int"):
        await resolver.resolve("number")
    with pytest.raises(ValueError, match="base name"):
        await resolver.resolve("slash")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda r: r.virtual(1, ""), TypeError),
        (lambda r: r.virtual("", ""), ValueError),
        (lambda r: r.virtual("./x", ""), ValueError),
        (lambda r: r.virtual("x", 1), TypeError),
        (lambda r: r.virtual("x", "", filename="a/b"), ValueError),
        (lambda r: r.virtual("x", "", resolve_dir="rel"), ValueError),
        (lambda r: r.virtual("a", "", filename="x.ts").virtual("b", "", filename="x.ts"), ValueError),
        (lambda r: r.source_tree("./x", len), ValueError),
        (lambda r: r.source_tree("x", None), TypeError),
        (lambda r: r.fallback(None), TypeError),
        (lambda r: r.mount_node_modules("/node_modules", "/srv/modules"), ValueError),
    ],
)
def test_builder_arguments(make, error):
    with pytest.raises(error):
        make(ih.create_module_resolver())


async def test_over_the_wire(fake):
    async def program(guest, code):
        importer = {"path": "/app/main.ts", "resolve_dir": "/app"}
        denied = await asyncio_error(guest.call("modules", "resolve", "../../x", importer, ""))
        return [await guest.call("modules", "resolve", "./env", importer, ""), await guest.call("modules", "resolve", "z", None, ""), denied]

    async def asyncio_error(call):
        try:
            await call
        except ih.PolicyDenied as error:
            return error.capability

    resolver = ih.create_module_resolver().virtual("/app/env.ts", "E")
    async with fake(program, bindings=ih.Bindings(modules=resolver)) as (rt, _, _host):
        env, missing, denied = await rt.eval("")
    assert (env["id"], env["source"], missing, denied) == ("/app/env.ts", "E", None, "modules")
