const { default: u } = await load("url");
const { default: q } = await load("querystring");
const urls = ["http://user:pass@host.com:8080/p/a/t/h?query=string#hash", "mailto:a@b.c", "javascript:alert('x')", "//host/path", "/a/b?c=d#e", "http://a.com", "HTTP://EXAMPLE.com/A", "http://x.y.com+a/b/c", "x:y", "", "http://[::1]:80/x", "http://ex ample.com/ a", "file:///etc/passwd", "http://a.com/\t?x", "http://m\u00fcnchen.de/\u00fc?\u00fc#\u00fc", "http://a.b/\\c", "a?b", "#x", "http://a.com:", "http://atpass:foo%40bar@127.0.0.1:8080/path?search=foo#bar", "svn+ssh://foo/bar", "http:/a", "http:a", "   http://a.com  ", "http://user@/x", "http://-a-.com/", "http://a.com/?a=1&a=2&b"];
for (const url of urls) {
  check(["parse", url], () => ({ ...u.parse(url) }));
  check(["parse with query", url], () => ({ ...u.parse(url, true, true) }));
  check(["format", url], () => u.format(u.parse(url)));
  if (URL.canParse(url)) check(["format URL", url], () => u.format(new URL(url), { fragment: false, auth: false }));
  for (const to of ["../x", "?q", "#h", "//o/z", "http://z.com/q/../r", "", "./a/./b/../c", "mailto:x@y"]) check(["resolve", url, to], () => u.resolve(url, to));
}
for (const url of ["file:///a/b%20c", "file:///a%2fb", "file://host/a", "http://x", 5, "/x", "file:///%zz", "file:///\u00fc"]) check(["fileURLToPath", url], () => u.fileURLToPath(url));
for (const path of ["/a/b c", "/a#b?c", "/x%y/", "/\u00fc\n\t\\", "/a/../b", "/"]) check(["pathToFileURL", path], () => u.pathToFileURL(path).href);
check("options", () => ({ ...u.urlToHttpOptions(new URL("http://a:b@x:1/p?q#h")) }));
check("domains", () => [u.domainToASCII("espa\u00f1ol.com"), u.domainToUnicode("xn--espaol-zwa.com"), u.domainToASCII("xn--i\u00f1valid.com"), u.domainToASCII("EXAMPLE.com")]);
check("parse of a number", () => u.parse(5));
for (const text of ["a=1&b=2", "a=1&a=2&a=3", "a", "=b", "&&", "a=b=c", "a%20b=c+d", "%zz=1", "a=%E4%BD%A0", "a=%FF", "", "a[]=1&a[]=2", "x=1;y=2"]) {
  check(["qs parse", text], () => ({ ...q.parse(text) }));
  check(["qs parse with others", text], () => ({ ...q.parse(text, ";", ":") }));
}
check("qs max", () => ({ ...q.parse("a=1&b=2&c=3", null, null, { maxKeys: 2 }) }));
for (const value of [{ a: 1, b: "x y" }, { a: [1, 2], b: true }, { a: null, b: undefined, c: NaN }, { "\u00e9": "\u{1f600}" }, { a: "!'()*~-._" }, {}, { a: 10n }, { a: { b: 1 } }]) check(["qs stringify", Object.keys(value)], () => q.stringify(value));
check("qs lone surrogate", () => q.stringify({ a: "\ud800" }));
check("qs others", () => [q.stringify({ a: [1, 2], b: 3 }, ";", ":"), q.escape("a b&\u00e9"), q.unescape("a%20b+c%zz"), q.stringify({ a: "x" }, null, null, { encodeURIComponent: () => "E" }), q.stringify("x")]);
