"""The host side of ``serve``: what it opens for the client, and what it passes on."""

import pytest

import isolate_host as ih


def test_the_client_may_call_what_the_guest_script_handles(capability):
    serve = capability("serve", {}).capability
    assert serve.client.calls >= {"boot", "fetch", "quiet", "ws.open", "ws.message", "ws.close", "ws.error"}
    assert "ws.passed" in serve.client.notes
    assert not serve.client.notes & {"boot", "fetch"}


def test_limits_come_from_the_policy(capability):
    serve = capability("serve", {"request_timeout_s": 2, "requests": 3}).capability
    assert (serve.client.timeout_s, serve.client.in_flight) == (2, 3)
    assert capability("serve", {}).capability.client.timeout_s == 30


async def test_a_guest_may_only_send_and_close(capability):
    with pytest.raises(LookupError):
        await capability("serve", {}).call("fetch", "GET")


async def test_serve_is_there_without_a_sandbox_and_absent_where_none_grants_it(host_from_yaml):
    async with ih.create_isolate_host() as host, host.create_runtime() as runtime:
        assert await runtime.eval("serve({ fetch() {} }); typeof serve") == "function"
        with pytest.raises(ih.GuestError, match="must be an object with a function 'fetch'"):
            await runtime.eval("serve(7)")
    yaml = "version: 1\nplugins: [console, serve]\nsandboxes:\n  default: {policies: {console: {}}}\n"
    async with host_from_yaml(yaml) as host:
        async with host.create_runtime(sandbox="default") as runtime:
            with pytest.raises(ih.GuestError, match=r"serve is not granted here \(add sandboxes.default.policies.serve\)"):
                await runtime.eval("serve({ fetch() {} })")
        async with host.create_app_server(sandbox="default", source="serve({ fetch: () => new Response('ok') })") as server:
            served = await server.handle(ih.Request("GET", "http://localhost/"))
            assert await served.response.text() == "ok"


async def test_without_the_plugin_the_error_says_what_to_add(host_from_yaml):
    yaml = "version: 1\nplugins: [console]\nsandboxes:\n  default: {policies: {console: {}}}\n"
    async with host_from_yaml(yaml) as host:
        with pytest.raises(ih.PluginError, match="serve") as caught:
            await host.create_app_server(sandbox="default", source="serve({ fetch() {} })")
        assert caught.value.hint == "add serve to plugins:"


async def test_identity_is_audited(host_from_yaml, tmp_path):
    import json

    yaml = f"version: 1\naudit: {{file: {tmp_path}/audit.jsonl}}\nsandboxes:\n  default: {{policies: {{tools: {{allow: [note]}}, serve: {{}}}}}}\n"
    source = "serve({ async fetch(r) { await note(); throw new Error('details'); } })"
    async with (
        host_from_yaml(yaml) as host,
        host.create_app_server(sandbox="default", source=source, bindings={"tools": {"note": lambda: None}}) as server,
    ):
        with pytest.raises(ih.GuestError, match="details"):
            await server.handle(ih.Request("GET", "http://localhost/"), request_id="r-7")
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    (call,) = [record for record in records if record["event"] == "call" and record["capability"] == "tools"]
    (failed,) = [record for record in records if record["event"] == "request"]
    assert call["request"] == failed["request"] == "r-7"
    assert "details" in failed["message"]
