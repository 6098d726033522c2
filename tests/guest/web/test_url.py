"""URL, URLSearchParams and URLPattern."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Guest

CASES = [
    ("new URL('http://EXAMPLE.com:80/../a/./b?x#y').href", "http://example.com/a/b?x#y"),
    ("new URL('../c', 'http://h/a/b').href", "http://h/c"),
    ("new URL('http://faß.de/').hostname", "xn--fa-hia.de"),
    ("new URL('http://2130706433/').hostname", "127.0.0.1"),
    ("new URL('http://[::1]:8080/').host", "[::1]:8080"),
    ("URL.canParse('nope')", False),
    ("URL.parse('nope')", None),
    ("(() => { const u = new URL('http://h/?a=1'); u.searchParams.append('b', 'é'); return u.href })()", "http://h/?a=1&b=%C3%A9"),
    ("(() => { const u = new URL('http://h/?a=1'); u.search = '?c=2'; return [...u.searchParams] })()", [["c", "2"]]),
    ("(() => { const u = new URL('http://h/'); return u.searchParams === u.searchParams })()", True),
    ("(() => { const u = new URL('http://h/'); u.port = '81'; u.hash = 'x'; u.protocol = 'https'; return u.href })()", "https://h:81/#x"),
    ("new URLSearchParams({a: 1, b: 'x y'}).toString()", "a=1&b=x+y"),
    ("new URLSearchParams([['a', '1'], ['a', '2']]).getAll('a')", ["1", "2"]),
    ("new URLSearchParams('?a=1&a=2&b').size", 3),
    ("(() => { const p = new URLSearchParams('b=1&a=2'); p.sort(); return `${p}` })()", "a=2&b=1"),
    ("Object.prototype.toString.call(new URLSearchParams().entries())", "[object URLSearchParams Iterator]"),
    ("JSON.stringify({u: new URL('http://h/')})", '{"u":"http://h/"}'),
    ("new URLPattern({pathname: '/a/:id'}).exec('http://h/a/7').pathname.groups.id", "7"),
    ("new URLPattern('http{s}?://*.example.com/*').test('https://x.example.com/y')", True),
    ("typeof URLPattern.compareComponent", "undefined"),
]


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(code) == value


@pytest.mark.parametrize(
    "code",
    ["new URL()", "new URL('x')", "URL('http://h')", "URL.prototype.href", "new URLSearchParams([['a']])", "URLSearchParams.prototype.get.call({}, 'a')", "new URL('http://h').href = 'x'"],
)  # fmt: skip
def test_refusals(guest: Guest, code: str) -> None:
    assert guest.error(code)["name"] == "TypeError"


def test_object_urls(guest: Guest) -> None:
    assert guest.eval("const u = URL.createObjectURL(new Blob(['x'])); URL.revokeObjectURL(u); /^blob:null\\/[0-9a-f-]{36}$/.test(u)") is True
    assert guest.error("URL.createObjectURL({})")["name"] == "TypeError"


def test_search_params_cross(guest: Guest) -> None:
    assert guest.eval("new URLSearchParams('?a=1&b=x+y&a=%C3%A9')") == {"$": "x", "k": "URLSearchParams", "v": [["a", "1"], ["b", "x y"], ["a", "é"]]}
    assert guest.eval("const u = new URL('http://h/?q=1'); u.searchParams.append('r', '2'); u.searchParams")["v"] == [["q", "1"], ["r", "2"]]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("new URLPattern({hostname: 'good#rest'}).hostname", "good"),
        ("new URLPattern({hostname: 'a\\tb'}).hostname", "ab"),
        ("new URLPattern({port: '80'}).test({port: '80x'})", True),
        ("new URLPattern({port: '443'}).port", "443"),
        ("new URLPattern({pathname: '/([[a-z]--a])'}).test({pathname: '/z'})", True),
        ("new URLPattern({pathname: '/([[a-z]--a])'}).test({pathname: '/a'})", False),
        ("Object.keys(new URLPattern({pathname: '/:a\\u{10450}b'}).exec({pathname: '/x'}).pathname.groups)", ["a\U00010450b"]),
    ],
)
def test_patterns(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(code) == value


@pytest.mark.parametrize("init", ["{hostname: 'a b'}", "{hostname: 'a\\\\:b'}", "{port: '70000'}", "{port: 'x'}", "{hostname: 'a%b'}"])
def test_patterns_that_are_none(guest: Guest, init: str) -> None:
    assert guest.error(f"new URLPattern({init})")["name"] == "TypeError"


#: Pieces from which texts are made that look like URLs in their normal form, and are or are not.
PIECES = {
    "schemes": ["http://", "https://", "HTTP://", "http:/", "http:", "ws://", "//", " http://"],
    "hosts": [
        "h", "example.com", "a-b.c-d", "-a.b", "a-.b", "a..b", "h.", "EXAMPLE.com", "1.2.3.4", "1.2.3", "256.1.1.1", "01.2.3.4", "0x7f.1", "a.1", "a.0x1", "a.b1", "1a", "xn--a", "a.xn--fa-hia.de",
        "xn--", "a_b", "h%41", "[::1]", "u@h", "u:p@h", "faß.de", "h\u200d", "", "h\t", "localhost", "ab--cd.e", "0.0.0.0", "999999999999.com",
    ],
    "ports": ["", ":", ":80", ":443", ":8080", ":0", ":08", ":65535", ":65536", ":59999", ":x", ":1"],
    "paths": ["", "/", "/a/b", "/a//b", "//a", "/.", "/..", "/a/./b", "/a/../b", "/.a", "/a.", "/a..", "/%2e", "/a%2E", "/%", "/%zz", "/a b", "/'", '/"', "/{}", "/\\", "\\a", "/é", "/a;b=c,d", "/a|b", "/^", "/~!$&()*+,;=:@-_", "/[x]", "/a\n"],
    "queries": ["", "?", "?a=1&b=2", "??", "?'", "?a b", "?é", "?%", "?/../.", "?a#", "?{|}", "?+"],
    "fragments": ["", "#", "#x", "##", "#`", "#a b", "#?a", "#é", "#/../"],
}  # fmt: skip


def test_urls_in_their_normal_form_are_what_the_parser_makes_of_them(guest: Guest) -> None:
    """Their parts are taken from the text. `href =` parses always, so both ways can be compared."""
    code = """
    const P = PIECES, at = (list, i) => list[i % list.length], texts = [];
    for (let i = 0, r = 7; i < 12000; i++) {
      const next = () => (r = (r * 1103515245 + 12345) % 2147483648) >> 8;
      const plain = (list) => next() % 3 === 0 ? at(list, next()) : at(list, next() % 2);
      texts.push(plain(P.schemes) + (next() % 2 ? at(P.hosts, next()) : "h.example") + plain(P.ports) + at(P.paths, next()) + plain(P.queries) + plain(P.fragments));
    }
    const names = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];
    const show = (u) => JSON.stringify([...names.map((n) => u[n]), String(u), u.toJSON(), [...u.searchParams], u.href]);
    const parsed = (text) => { const u = new URL("http://other.example/?x#y"); u.href = text; return u; };
    const attempt = (work) => { try { return show(work()); } catch (e) { return e.name; } };
    const wrong = [], seen = { ok: 0, bad: 0 };
    for (const text of texts) {
      const a = attempt(() => new URL(text)), b = attempt(() => parsed(text));
      a === "TypeError" ? seen.bad++ : seen.ok++;
      if (a !== b || URL.canParse(text) !== (b !== "TypeError") || (URL.parse(text) === null) !== (b === "TypeError")) wrong.push([text, a, b]);
    }
    for (const base of ["http://h.example", "https://h:8080/x/y?z#w", "http://1.2.3.4/..", "nope", "http://H/x"]) for (let i = 0; i < 1500; i++) {
      const text = texts[i].slice(texts[i].indexOf("/", 8));
      const root = attempt(() => { const u = parsed(base); const o = u.origin; return parsed(text.startsWith("/") && !/^[\\/\\\\]{2}/.test(text.replace(/[\\t\\n]/g, "")) ? o + text : new URL(text, parsed(base).href + "\\t").href); });
      const a = attempt(() => new URL(text, base));
      if (a !== root) wrong.push([text, base, a, root]);
    }
    [seen.ok > 3000, seen.bad > 1000, wrong.length, wrong.slice(0, 5)]"""
    assert guest.eval(code.replace("PIECES", json.dumps(PIECES))) == [True, True, 0, []]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("const u = new URL('http://h/a?x=1#f'); const p = u.searchParams; p.append('y', '2'); [u.href, u.search, p === u.searchParams]", ["http://h/a?x=1&y=2#f", "?x=1&y=2", True]),
        ("const u = new URL('http://h/?x=1'); const p = u.searchParams; u.pathname = '/z'; p.set('x', '3'); [u.href, p.get('x')]", ["http://h/z?x=3", "3"]),
        ("const u = new URL('http://h/?x=1'); const p = u.searchParams; u.search = '?q=9'; [p.get('q'), p.has('x'), u.href]", ["9", False, "http://h/?q=9"]),
        ("const u = new URL('http://h/?x=1'); const p = u.searchParams; u.href = 'https://i/?k=v'; [p.get('k'), u.searchParams === p]", ["v", True]),
        ("const u = new URL('http://h/?x'); u.searchParams.delete('x'); [u.href, u.search]", ["http://h/", ""]),
        ("const u = new URL('http://h/??x=1'); [u.search, u.searchParams.get('?x')]", ["??x=1", "1"]),
        ("const u = new URL('http://h:81/p?q#f'); u.hash = ''; u.port = ''; u.protocol = 'https:'; u.username = 'me'; u.href", "https://me@h/p?q"),
        ("new URL('http://h/' + 'a/'.repeat(5000)).pathname.length", 10001),
    ],
)
def test_a_url_of_parts_changes_as_any_other(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(code) == value
