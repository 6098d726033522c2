"""Import maps of a resolver."""

import pytest

import isolate_host as ih


async def found(resolver, specifier, importer="/app/main.ts"):
    module = await resolver.resolve(specifier, ih.Importer(importer, importer.rpartition("/")[0]))
    return None if module is None else module.id


@pytest.fixture
def resolver():
    made = ih.create_module_resolver()
    for path in ("/src/a.js", "/src/deep/b.js", "/src/old.js", "/polyfill.js", "/app/x.js"):
        made.virtual(path, path)
    return made.virtual("bare", "bare").import_map(
        imports={"lib": "/src/a.js", "#src/": "/src/", "#src/deep/": "/src/deep/", "alias": "bare", "./polyfilled.js": "./polyfill.js", "none": None, "no/": None},
        scopes={"/legacy/": {"lib": "/src/old.js", "alias": None}, "/legacy/new/": {"lib": "/src/a.js"}, "/one.js": {"lib": "/src/deep/b.js"}},
    )


@pytest.mark.parametrize(
    ("specifier", "importer", "identity"),
    [
        ("lib", "/app/main.ts", "/src/a.js"),
        ("lib", "/legacy/x/y.js", "/src/old.js"),
        ("lib", "/legacy/new/y.js", "/src/a.js"),
        ("lib", "/one.js", "/src/deep/b.js"),
        ("lib", "/one.js.other", "/src/a.js"),
        ("#src/a.js", "/app/main.ts", "/src/a.js"),
        ("#src/deep/b", "/legacy/y.js", "/src/deep/b.js"),
        ("alias", "/app/main.ts", "/bare"),
        ("../polyfilled.js", "/app/main.ts", "/polyfill.js"),
        ("/polyfilled.js", "/app/main.ts", "/polyfill.js"),
        ("./x.js", "/app/main.ts", "/app/x.js"),
        ("libs", "/app/main.ts", None),
    ],
)
async def test_found(resolver, specifier, importer, identity):
    assert await found(resolver, specifier, importer) == identity


@pytest.mark.parametrize(("specifier", "importer"), [("none", "/a.js"), ("no/thing", "/a.js"), ("alias", "/legacy/a.js"), ("#src/../app/x.js", "/a.js")])
async def test_forbidden(resolver, specifier, importer):
    with pytest.raises(LookupError, match="the import map forbids"):
        await found(resolver, specifier, importer)


@pytest.mark.parametrize("imports", [{"a/": "/b"}, {"": "/b"}])
def test_maps_that_make_no_sense(imports):
    with pytest.raises(ValueError, match="imports"):
        ih.create_module_resolver().import_map(imports)
    with pytest.raises(ValueError, match="scopes"):
        ih.create_module_resolver().import_map(scopes={"/x/": imports})
