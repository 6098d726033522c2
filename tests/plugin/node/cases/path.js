const { default: path, posix, win32 } = await load("path");
const parts = ["", "a", "..", ".", "/", "//", "a/b", "/a/../b", "C:", "C:\\", "C:a", "\\\\srv\\sh\\x", "file.txt", ".bashrc", "a.b.c/", "./a", "../..", "c:/x/y", "D:\\z", "a\\b\\", "   ", "/foo/bar/baz.ext", "\\", "///a", "é/x", "/a//b", "a//b/", "..b", "a.", ".a.b", "/.x", "\\\\srv\\sh", "C:/a/b.c"];
for (const [name, it] of [["posix", posix], ["win32", win32]]) {
  for (const m of ["normalize", "isAbsolute", "dirname", "basename", "extname", "parse"]) for (const a of parts) check([name, m, a], () => it[m](a));
  for (const a of parts) check([name, "format", a], () => it.format(it.parse(a)));
  for (const a of parts.slice(0, 20)) for (const b of parts.slice(0, 11)) {
    check([name, "join", a, b], () => it.join(a, b));
    const [from, to] = name === "posix" ? [`/${a}`, b] : [`C:\\${a}`, b];
    check([name, "resolve", from, to], () => it.resolve(from, to));
    check([name, "relative", from, to], () => it.relative(from, name === "posix" ? `/${to}` : `C:\\${to}`));
    check([name, "basename", a, b], () => it.basename(a, b));
  }
  for (const m of ["normalize", "dirname", "join", "parse", "format"]) for (const bad of [5, null, undefined, {}, true]) check([name, m, "bad", String(bad)], () => it[m](bad));
}
check("module", () => [path === posix, path.sep, path.delimiter, win32.sep, win32.delimiter, path.win32 === win32, posix.posix === posix]);
check("format", () => [path.format({ dir: "/a", name: "b", ext: "c" }), path.format({ root: "/", base: "x" }), path.format({ name: "x" })]);
