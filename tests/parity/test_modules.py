"""Modules: what a resolver maps, what is left alone, and what an error says."""

import pytest

import isolate_host as ih


async def evaluate(host, resolver, code, filename="/main.ts"):
    async with host.create_runtime(bindings=ih.Bindings(modules=resolver)) as runtime:
        return await runtime.eval(code, filename)


async def test_a_tree_that_maps_names_to_files_stays_in_its_folder(host, tmp_path):
    (tmp_path / "src/parts").mkdir(parents=True)
    (tmp_path / "src/parts/one.ts").write_text("export default 'one'")
    (tmp_path / "secret.ts").write_text("export default 'secret'")
    asked = []

    def load(path):
        asked.append(path)
        file = tmp_path / "src" / path
        return file.read_text() if file.is_file() else None

    resolver = ih.create_module_resolver().source_tree("@parts/", load)
    assert await evaluate(host, resolver, "import one from '@parts/parts/./x/../one'; export default one") == "one"
    for name in ("@parts/../secret", "@parts/parts/../../secret.ts", "@partsx/one"):
        with pytest.raises(ih.GuestError):
            await evaluate(host, resolver, f"import '{name}'")
    assert not [path for path in asked if ".." in path or "secret" in path]


async def test_the_error_of_a_package_is_kept_when_the_fallback_has_nothing(host, tmp_path):
    package = tmp_path / "node_modules/closed"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "closed", "exports": {".": "./index.js"}}')
    (package / "index.js").write_text("export default 1")
    resolver = ih.create_module_resolver().mount_node_modules("/node_modules", package.parent).fallback(lambda specifier: None)
    with pytest.raises(ih.GuestError, match=r"closed/inner") as caught:
        await evaluate(host, resolver, "import 'closed/inner'")
    assert "exports" in caught.value.message


async def test_text_that_looks_like_an_import_is_left_alone(host):
    resolver = ih.create_module_resolver().virtual("real", "export const a = 1, b = 2;\n")
    code = """
        // import { nothing } from "absent";
        /* import "absent"; */
        const text = 'import x from "absent"', template = `import y from "absent"; ${"export {}"}`;
        import {
          a,
          b as bee,
        } from "real";
        export default [text, template, a + bee];
    """
    expected = ['import x from "absent"', 'import y from "absent"; export {}', 3]
    assert await evaluate(host, resolver, code) == expected
    assert await evaluate(host, resolver, code, "/main.js") == expected


async def test_types_are_never_loaded(host):
    loaded = []

    def load(specifier):
        loaded.append(specifier)

    code = "import type { A } from 'only-types'; import { type B } from 'also-types'; export type { C } from 'third'; const a: A | B | null = null; export default a"
    assert await evaluate(host, ih.create_module_resolver().fallback(load), code) is None
    assert "only-types" not in loaded
    assert "third" not in loaded
