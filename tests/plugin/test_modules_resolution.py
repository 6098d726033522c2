"""Node's resolution over a mounted folder, as a table."""

import pytest

import isolate_host as ih
from isolate_host.client.packages import NodeModules
from tests.support.packages import write_tree

TREE = {
    "main-js/package.json": {"main": "lib/a"},
    "main-js/lib/a.js": "a",
    "main-folder/package.json": {"main": "./lib"},
    "main-folder/lib/index.js": "index",
    "no-main/index.js": "index",
    "no-main/x.json": "{}",
    "main-gone/package.json": {"main": "none.js"},
    "main-gone/index.js": "index",
    "sub/package.json": {"name": "sub"},
    "sub/lib/file.js": "file",
    "sub/lib/only.ts": "ts",
    "sub/dir/package.json": {"main": "deep.js"},
    "sub/dir/deep.js": "deep",
    "nested/index.js": "n",
    "nested/node_modules/sub/index.js": "nested sub",
    "nested/node_modules/inner/index.js": "inner",
    "@scope/pkg/package.json": {"name": "@scope/pkg", "exports": {".": "./i.mjs", "./feature": "./f.mjs"}},
    "@scope/pkg/i.mjs": "i",
    "@scope/pkg/f.mjs": "f",
    "exp/package.json": {
        "name": "exp",
        "main": "./ignored.js",
        "exports": {
            ".": {"node": "./node.js", "browser": "./browser.js", "workerd": {"import": "./w.mjs", "require": "./w.cjs"}, "default": "./d.js"},
            "./f/*": "./lib/*.js",
            "./f/private/*": None,
            "./assets/*.svg.js": "./assets/*.js",
            "./null": None,
            "./array": ["no-dot", {"never": "./x.js"}, "./d.js"],
            "./out": "./../sub/lib/file.js",
            "./up": "../sub/lib/file.js",
            "./abs": "/etc/passwd",
            "./modules": "./node_modules/x/index.js",
            "./encoded": "./%2e%2e/sub/lib/file.js",
            "./gone": "./gone.js",
            "./dev": {"development": "./dev.js"},
            "./module": {"module": "./w.mjs", "require": "./w.cjs"},
        },
        "imports": {"#own": "./d.js", "#dep": {"import": "sub/lib/file.js", "default": "./d.js"}, "#p/*": "./lib/*.js", "#out": "../sub/x.js"},
    },
    "exp/w.mjs": "w",
    "exp/w.cjs": "wc",
    "exp/d.js": "d",
    "exp/dev.js": "dev",
    "exp/lib/one.js": "1",
    "exp/lib/private/two.js": "2",
    "exp/assets/a.js": "svg",
    "sugar/package.json": {"exports": "./s.js"},
    "sugar/s.js": "s",
    "conditions/package.json": {"exports": {"import": "./i.js", "require": "./r.js"}},
    "conditions/i.js": "i",
    "conditions/r.js": "r",
    "mixed/package.json": {"exports": {".": "./a.js", "import": "./a.js"}},
    "number/package.json": {"exports": {"0": "./a.js"}},
    "broken/package.json": "{ not json",
    "array/package.json": "[]",
    "outside-main/package.json": {"main": "../sub/lib/file.js"},
    "browser/package.json": {
        "main": "./main.js",
        "browser": {"./server.js": "./client.js", "./node-only.js": False, "fs": False, "sub": "./shim.js", "./main.js": "./main-browser.js"},
    },
    "browser/main.js": "m",
    "browser/main-browser.js": "mb",
    "browser/server.js": "s",
    "browser/client.js": "c",
    "browser/node-only.js": "n",
    "browser/shim.js": "shim",
    "native/package.json": {"name": "native", "main": "build/addon.node"},
    "native/build/addon.node": "\x7fELF",
    "wants-native/package.json": {"name": "wants-native"},
    "wants-native/index.js": "require('bindings')('x')",
    "bindings/index.js": "",
    "types/package.json": {"type": "module"},
    "types/a.js": "",
    "types/b.cjs": "",
    "types/c.ts": "",
    "types/old/package.json": {"type": "commonjs"},
    "types/old/a.js": "",
    "types/old/b.mjs": "",
    "types/old/c.cts": "",
    "untyped/a.js": "",
    "untyped/b.json": "{}",
    "untyped/style.css": "",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tree(tmp_path_factory.mktemp("mount") / "node_modules", TREE)


@pytest.fixture
def modules(folder):
    mounted = NodeModules()
    mounted.mount("/app/node_modules", folder, None, ())
    return mounted


def at(path):
    return ih.Importer(f"/app/node_modules/{path}", f"/app/node_modules/{path}".rpartition("/")[0])


APP = ih.Importer("/app/src/main.ts", "/app/src")


@pytest.mark.parametrize(
    ("specifier", "importer", "kind", "found"),
    [
        ("main-js", APP, "", "main-js/lib/a.js"),
        ("main-js/", APP, "require", "main-js/lib/a.js"),
        ("main-folder", APP, "", "main-folder/lib/index.js"),
        ("no-main", APP, "require", "no-main/index.js"),
        ("no-main/x.json", APP, "json", "no-main/x.json"),
        ("main-gone", APP, "", "main-gone/index.js"),
        ("sub/lib/file.js", APP, "", "sub/lib/file.js"),
        ("sub/lib/file", APP, "require", "sub/lib/file.js"),
        ("sub/lib/only.js", APP, "", "sub/lib/only.ts"),
        ("sub/dir", APP, "require", "sub/dir/deep.js"),
        ("@scope/pkg", APP, "", "@scope/pkg/i.mjs"),
        ("@scope/pkg/feature", APP, "", "@scope/pkg/f.mjs"),
        ("exp", APP, "", "exp/w.mjs"),
        ("exp", APP, "require", "exp/w.cjs"),
        ("exp/f/one", APP, "", "exp/lib/one.js"),
        ("exp/assets/a.svg.js", APP, "", "exp/assets/a.js"),
        ("exp/array", APP, "", "exp/d.js"),
        ("exp/module", APP, "", "exp/w.mjs"),
        ("exp/module", APP, "require", "exp/w.cjs"),
        ("sugar", APP, "", "sugar/s.js"),
        ("conditions", APP, "", "conditions/i.js"),
        ("conditions", APP, "require", "conditions/r.js"),
        ("exp", at("exp/d.js"), "", "exp/w.mjs"),
        ("#own", at("exp/lib/one.js"), "", "exp/d.js"),
        ("#dep", at("exp/d.js"), "", "sub/lib/file.js"),
        ("#dep", at("exp/d.js"), "require", "exp/d.js"),
        ("#p/one", at("exp/d.js"), "", "exp/lib/one.js"),
        ("sub", at("nested/index.js"), "", "nested/node_modules/sub/index.js"),
        ("sub/lib/file", at("main-js/lib/a.js"), "", "sub/lib/file.js"),
        ("no-main", at("nested/node_modules/inner/index.js"), "", "no-main/index.js"),
        ("inner", at("nested/node_modules/sub/index.js"), "", "nested/node_modules/inner/index.js"),
        ("./file", at("sub/lib/x.js"), "", "sub/lib/file.js"),
        ("../dir", at("sub/lib/x.js"), "require", "sub/dir/deep.js"),
        ("..", at("main-folder/lib/sub/x.js"), "require", "main-folder/lib/index.js"),
        ("/app/node_modules/sub/lib/file.js", APP, "", "sub/lib/file.js"),
        ("./server.js", at("browser/main.js"), "require", "browser/client.js"),
        ("./server", at("browser/main.js"), "require", "browser/client.js"),
        ("./node-only.js", at("browser/main.js"), "require", ".empty.cjs"),
        ("fs", at("browser/main.js"), "require", ".empty.cjs"),
        ("sub", at("browser/main.js"), "require", "browser/shim.js"),
        ("browser", APP, "", "browser/main.js"),
        # Who does not lie beside the mount finds it last.
        ("sub/lib/file.js", ih.Importer("/elsewhere/x.js", "/elsewhere"), "", "sub/lib/file.js"),
        ("sub/lib/file.js", None, "", "sub/lib/file.js"),
    ],
)
async def test_found(modules, specifier, importer, kind, found):
    module = await modules.resolve(specifier, importer, kind)
    assert module is not None, await modules.why_not(specifier, importer, kind)
    assert module.id == f"/app/node_modules/{found}"


@pytest.mark.parametrize(
    ("specifier", "importer", "code", "says"),
    [
        ("exp/null", APP, "ERR_PACKAGE_PATH_NOT_EXPORTED", "does not export './null'"),
        ("exp/f/private/two", APP, "ERR_PACKAGE_PATH_NOT_EXPORTED", "does not export"),
        ("exp/lib/one.js", APP, "ERR_PACKAGE_PATH_NOT_EXPORTED", "its exports are"),
        ("exp/dev", APP, "ERR_PACKAGE_PATH_NOT_EXPORTED", "conditions .*workerd"),
        ("exp/out", APP, "ERR_INVALID_PACKAGE_TARGET", "stays inside the package"),
        ("exp/up", APP, "ERR_INVALID_PACKAGE_TARGET", "stays inside"),
        ("exp/abs", APP, "ERR_INVALID_PACKAGE_TARGET", "stays inside"),
        ("exp/modules", APP, "ERR_INVALID_PACKAGE_TARGET", "stays inside"),
        ("exp/encoded", APP, "ERR_INVALID_PACKAGE_TARGET", "stays inside"),
        ("exp/f/../../d", APP, "ERR_INVALID_MODULE_SPECIFIER", "not a valid subpath"),
        ("exp/gone", APP, "ERR_MODULE_NOT_FOUND", "no such file"),
        ("#none", at("exp/d.js"), "ERR_PACKAGE_IMPORT_NOT_DEFINED", "#none"),
        ("#out", at("exp/d.js"), "ERR_INVALID_PACKAGE_TARGET", "stays inside"),
        ("#own", APP, "ERR_PACKAGE_IMPORT_NOT_DEFINED", "inside a package"),
        ("mixed", APP, "ERR_INVALID_PACKAGE_CONFIG", "mixes"),
        ("number", APP, "ERR_INVALID_PACKAGE_CONFIG", "number"),
        ("broken", APP, "ERR_INVALID_PACKAGE_CONFIG", r"/app/node_modules/broken/package.json is not valid JSON \(line 1"),
        ("array", APP, "ERR_INVALID_PACKAGE_CONFIG", "not a JSON object"),
        ("outside-main", APP, "ERR_INVALID_PACKAGE_TARGET", "not inside the package"),
        ("native", APP, "ERR_DLOPEN_DISABLED", "addon.node is a native addon"),
        ("bindings", at("wants-native/index.js"), "ERR_DLOPEN_DISABLED", "'wants-native' needs a native addon"),
        ("untyped/style.css", APP, "ERR_UNKNOWN_FILE_EXTENSION", "not a module"),
        ("@scope", APP, "ERR_INVALID_MODULE_SPECIFIER", "not a valid package name"),
        ("a%2fb", APP, "ERR_INVALID_MODULE_SPECIFIER", "not a valid package name"),
    ],
)
async def test_refused(modules, specifier, importer, code, says):
    with pytest.raises(LookupError, match=says) as caught:
        await modules.resolve(specifier, importer, "")
    assert caught.value.code == code
    assert str(modules._folders["/app/node_modules"]._root) not in str(caught.value)


@pytest.mark.parametrize("specifier", ["absent", "sub/none", "./none", "../../../../../x", "no-main/\0", "x/" * 3000, "y" * 5000])
async def test_not_found(modules, specifier):
    assert await modules.resolve(specifier, at("sub/lib/file.js"), "require") is None


async def test_where_it_was_looked_for(modules):
    why = await modules.why_not("absent", at("nested/node_modules/sub/index.js"), "")
    places = ["nested/node_modules/sub/node_modules", "nested/node_modules", "nested/node_modules", ""]
    assert [place in why for place in places]
    assert why.startswith("tried /app/node_modules/nested/node_modules/sub/node_modules/absent, /app/node_modules/nested/node_modules/absent")
    assert "policies.node" in await modules.why_not("fs", APP, "")


@pytest.mark.parametrize(
    ("path", "format_"),
    [
        ("types/a.js", "module"), ("types/b.cjs", "commonjs"), ("types/c.ts", "module"), ("types/old/a.js", "commonjs"), ("types/old/b.mjs", "module"),
        ("types/old/c.cts", "commonjs"), ("untyped/a.js", "detect"), ("untyped/b.json", "json"),
    ],
)  # fmt: skip
async def test_formats(modules, path, format_):
    assert (await modules.resolve(path, APP, "require")).format == format_


async def test_conditions_of_the_policy(folder):
    modules = NodeModules()
    modules.mount("/node_modules", folder, None, ["development"])
    assert (await modules.resolve("exp/dev", None, "")).id == "/node_modules/exp/dev.js"
