"""URL, URLSearchParams and URLPattern."""

from __future__ import annotations

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
