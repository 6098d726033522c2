"""``response.formData()`` of what servers may send as a form: a ``TypeError`` or the fields, never a hang, never half a form."""

import json

import pytest
from aiohttp import web

POLICY = "version: 1\nplugins: [fetch]\nsandboxes: {default: {policies: {fetch: {allow: ['http://127.0.0.1:%d'], private_addresses: allow}}}}\n"
PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
MULTIPART = "multipart/form-data; boundary=b"

#: Content type, body, and the fields or an error.
FORMS = {
    "good": (MULTIPART, PART + b"--b--\r\n", [["a", "1"]]),
    "good without a last line break": (MULTIPART, PART + b"--b--", [["a", "1"]]),
    "an empty form": (MULTIPART, b"--b--\r\n", []),
    "no boundary": ("multipart/form-data", PART + b"--b--\r\n", "TypeError"),
    "an empty boundary": ("multipart/form-data; boundary=", PART, "TypeError"),
    "another boundary": ("multipart/form-data; boundary=c", PART + b"--b--\r\n", "TypeError"),
    "nothing": (MULTIPART, b"", "TypeError"),
    "text": (MULTIPART, b"just text", "TypeError"),
    "cut off in a value": (MULTIPART, PART[:-3], "TypeError"),
    "cut off in a header": (MULTIPART, PART[:20], "TypeError"),
    "no last boundary": (MULTIPART, PART, "TypeError"),
    "no disposition": (MULTIPART, b"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--\r\n", "TypeError"),
    "another disposition": (MULTIPART, PART.replace(b"form-data", b"attachment") + b"--b--\r\n", "TypeError"),
    "no name": (MULTIPART, PART.replace(b'; name="a"', b"") + b"--b--\r\n", "TypeError"),
    "a name without an end": (MULTIPART, PART.replace(b'"a"', b'"a') + b"--b--\r\n", "TypeError"),
    "bare line feeds": (MULTIPART, (PART + b"--b--\r\n").replace(b"\r\n", b"\n"), "TypeError"),
    "a header of a megabyte": (MULTIPART, PART.replace(b'"a"', b'"' + b"a" * 2**20 + b'"') + b"--b--\r\n", "any"),
    "twenty thousand parts": (MULTIPART, PART * 20_000 + b"--b--\r\n", "any"),
    "bytes that are no text": (MULTIPART, PART.replace(b"1", b"\xff\xfe\0") + b"--b--\r\n", [["a", "\ufffd\ufffd\0"]]),
    "a boundary within": (MULTIPART, PART.replace(b"\r\n\r\n1", b"\r\n\r\n--bx\r\n1") + b"--b--\r\n", "any"),
    "another type": ("text/plain", b"a=1", "TypeError"),
    "no type": ("", b"a=1", "TypeError"),
    "urlencoded with rubbish": ("application/x-www-form-urlencoded", b"a=%zz&=&&b&%ff=1", [["a", "%zz"], ["", ""], ["b", ""], ["\ufffd", "1"]]),
}  # fmt: skip


@pytest.fixture
async def runtime(start_host, serve):
    async def form(request):
        kind, body, _ = FORMS[request.query["name"]]
        # aiohttp would add a type of its own.
        response = web.StreamResponse()
        if kind:
            response.headers["Content-Type"] = kind
        else:
            response.headers["Content-Type"] = "application/octet-stream"
        await response.prepare(request)
        await response.write(body)
        return response

    port = await serve({"GET /": form})
    host = await start_host(POLICY % port)
    async with host.create_runtime() as rt:
        await rt.eval(
            f"globalThis.read = async (name) => {{ const response = await fetch('http://127.0.0.1:{port}/?name=' + encodeURIComponent(name)); "
            "return response.formData().then((form) => [...form].slice(0, 100), (error) => error.name); }; undefined"
        )
        yield rt


async def test_forms(runtime):
    for name, (_kind, _body, expected) in FORMS.items():
        found = await runtime.eval(f"await read({json.dumps(name)})", timeout_s=20)
        if expected == "any":
            assert found == "TypeError" or all(len(entry) == 2 for entry in found), name
        else:
            assert found == expected, name
    # The runtime is as good as new.
    assert await runtime.eval("await read('good')") == [["a", "1"]]
