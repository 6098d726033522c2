"""Texts that are made to take for ever, to take all memory, or to break the checker for the next one."""

import asyncio

import pytest

import isolate_host as ih
from isolate_host.errors import ProtocolError
from isolate_host.host import typecheck as checker


async def fine(host):
    return [item.code for item in (await host.typecheck(code="const n: number = '';")).errors] == [2322]


async def test_a_text_that_is_too_large(embedded):
    with pytest.raises(ih.LimitExceeded, match="1048576 characters; types of up to 524288 are checked") as caught:
        await embedded.typecheck(code="x" * (1 << 20))
    assert (caught.value.kind, caught.value.hint) == ("payload", "split the file")
    with pytest.raises(ih.LimitExceeded, match="library_types has"):
        await embedded.typecheck(code="", library_types={f"p{n}": "/" * (5 << 20) for n in range(2)})


async def test_types_that_never_end(embedded):
    # Not one whose thousand steps grow, each slower than the last: on a loaded machine the time is over before the compiler gives up.
    counting = "type Count<N extends 0[]> = N['length'] extends 1100 ? N : [...Count<[...N, 0]>]; declare const counted: Count<[]>;"
    nesting = "type Nest<T> = [T] extends [never] ? 0 : `${Nest<[T]> & string}`; declare const nested: Nest<1>;"
    letters = "type L = " + " | ".join(f"'{chr(97 + n)}'" for n in range(26)) + "; type Word = `${L}${L}${L}${L}${L}${L}`;"
    for code, expected in ((counting, 2589), (nesting, 2589), (letters, 2590)):
        assert expected in {item.code for item in (await embedded.typecheck(code=code)).errors}, code
    assert await fine(embedded)


async def test_a_checker_that_is_too_slow_is_stopped(embedded, monkeypatch):
    assert await fine(embedded)
    monkeypatch.setattr(checker, "_SECONDS", 0.5)
    # Quadratic in the checker: each assignment narrows through all before it.
    code = "let x: string | number = 1;\n" + "if (Math.random() > 0.5) x = typeof x === 'string' ? 1 : 'a';\n" * 8000
    with pytest.raises(ih.ExecutionTimeout, match=r"types of /index.ts could not be checked within 0\.5 s") as caught:
        await embedded.typecheck(code=code)
    assert caught.value.hint
    monkeypatch.setattr(checker, "_SECONDS", 20.0)
    assert await fine(embedded)


async def test_deep_nesting(embedded):
    for code in ("(" * 200_000, "[" * 100_000 + "]" * 100_000, "a" + ".b" * 100_000, "type T = " + "{a:" * 50_000):
        assert not (await embedded.typecheck(code=code)).success
    assert await fine(embedded)


async def test_many_errors_are_counted_and_cut(embedded):
    result = await embedded.typecheck(code="missing;\n" * 5000)
    assert (len(result.errors), result.total) == (200, 5000)
    assert ih.format_typecheck_errors(result).splitlines()[-1] == "… and 4800 more"


async def test_odd_texts(embedded):
    for code in ("", "\0", "\u2028", "export {}", "#!/usr/bin/env node\n1", "// @ts-nocheck\nconst n: string = 1"):
        assert (await embedded.typecheck(code=code)).total in (0, 1)


async def test_odd_names(embedded):
    """A file called as one of our declarations takes nothing away from the next check."""
    for name in ("/lib/web.d.ts", "/plugins/fetch.d.ts", "/node_modules/x/index.d.ts", "/a b/ü.ts", "relative.ts", "/x.txt", "/", "/.."):
        await embedded.typecheck(code="declare global { interface Array<T> { foo: T } }\nexport {}", filename=name)
        assert await fine(embedded)
        assert [item.code for item in (await embedded.typecheck(code="[1].foo")).errors] == [2339]


async def test_what_one_check_declares_the_next_does_not_have(embedded):
    await embedded.typecheck(code="declare global { var leaked: 1; interface String { leaked: 1 } } export {};")
    assert [item.code for item in (await embedded.typecheck(code="leaked; ''.leaked;")).errors] == [2304, 2339]


async def test_many_at_once(embedded):
    results = await asyncio.gather(*(embedded.typecheck(code=f"const n{n}: string = {n};") for n in range(12)))
    assert [item.errors[0].column for item in results] == [7] * 12


async def test_malformed_requests_of_a_client(host):
    good = {"code": "", "filename": "/x.ts", "library_types": {}, "profile": "agent", "capabilities": [], "sandbox": None, "tools": None}
    wrong = (
        {"code": 1}, {"filename": "x"}, {"filename": "/\0"}, {"library_types": []}, {"library_types": {"/x.d.ts": 1}}, {"profile": "x"}, {"profile": []},
        {"capabilities": "fetch"}, {"capabilities": [1]}, {"tools": 1},
    )  # fmt: skip
    for params in ({}, *({**good, **change} for change in wrong)):
        with pytest.raises(ProtocolError):
            await host._link.control("typecheck", params)
    assert await host._link.control("typecheck", good) == {"errors": [], "total": 0}
