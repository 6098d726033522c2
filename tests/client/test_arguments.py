"""Wrong Python types in API calls: a clear error at the call, and nothing is created."""

import pytest

import isolate_host as ih


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: ih.Bindings(console=1), TypeError, "Bindings.console"),
        (lambda: ih.Bindings(fetch="x"), TypeError, "Bindings.fetch"),
        (lambda: ih.Bindings(tools=[len]), TypeError, "Bindings.tools"),
        (lambda: ih.Bindings(tools={1: len}), TypeError, "name"),
        (lambda: ih.Bindings(tools={"a-b": len}), ValueError, "a-b"),
        (lambda: ih.Bindings(tools={"__x": len}), ValueError, "reserved"),
        (lambda: ih.Bindings(tools={"greet": "hello"}), TypeError, "'greet'"),
        (lambda: ih.Bindings(modules={}), TypeError, "create_module_resolver"),
        (lambda: ih.Bindings(browser={}), TypeError, "BrowserBinding"),
        (lambda: ih.BrowserBinding(handler=len, create_page=len), ValueError, "create_page"),
        (lambda: ih.BrowserBinding(create_page=1), TypeError, "create_page"),
        (lambda: ih.Tool(1), TypeError, "function"),
        (lambda: ih.Tool(len, timeout_s=0), ValueError, "timeout_s"),
        (lambda: ih.Limits(memory_mb="64"), TypeError, "Limits.memory_mb"),
        (lambda: ih.Limits(memory_mb=True), TypeError, "Limits.memory_mb"),
        (lambda: ih.Limits(timeout_s=-1), ValueError, "Limits.timeout_s"),
        (lambda: ih.Limits(timeout_s=float("nan")), ValueError, "Limits.timeout_s"),
        (lambda: ih.Limits(ops_in_flight=1.5), TypeError, "an int"),
        (lambda: ih.NestedHostPolicy(fetch="all"), ValueError, "inherit"),
        (lambda: ih.NestedHostPolicy(max_runtimes=0), ValueError, "max_runtimes"),
        (lambda: ih.NestedHostPolicy(max_runtimes=None), TypeError, "max_runtimes"),
        (lambda: ih.DaemonOptions(timeout_s="1"), TypeError, "timeout_s"),
        (lambda: ih.DaemonOptions(socket_path=1), TypeError, "socket_path"),
        (lambda: ih.DaemonOptions(address="nohost"), ValueError, "host:port"),
        (lambda: ih.DaemonOptions(address="h:1"), ValueError, "token"),
        (lambda: ih.DaemonOptions(address="h:1", token="t", socket_path="/x"), ValueError, "not both"),
        (lambda: ih.create_isolate_host(config=1), TypeError, "config"),
        (lambda: ih.create_isolate_host(daemon="x"), TypeError, "daemon"),
        (lambda: ih.create_isolate_host(config="x", daemon=ih.DaemonOptions()), ValueError, "embedded"),
    ],
)
def test_construction(make, error, text):
    with pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"bindings": 1}, TypeError, "Bindings"),
        ({"bindings": {"tolls": {}}}, TypeError, "tolls"),
        ({"limits": {"memory_mb": 1}}, TypeError, "Limits"),
        ({"cwd": "app"}, ValueError, "absolute"),
        ({"cwd": 1}, TypeError, "cwd"),
        ({"sandbox": 1}, TypeError, "sandbox"),
        ({"key": ""}, ValueError, "key"),
        ({"nested_host": "no"}, TypeError, "nested_host"),
    ],
)
async def test_create_runtime(fake, options, error, text):
    async with fake() as (_, channel, host):
        with pytest.raises(error, match=text):
            host.create_runtime(**options)
        assert len(channel.link.channels) == 1


@pytest.mark.parametrize(
    ("args", "error", "text"),
    [
        ({"code": b"1"}, TypeError, "code"),
        ({"code": "1", "filename": 1}, TypeError, "filename"),
        ({"code": "1", "filename": "../../x"}, ValueError, "root"),
        ({"code": "1", "timeout_s": "1"}, TypeError, "timeout_s"),
        ({"code": "1", "timeout_s": 0}, ValueError, "timeout_s"),
        ({"code": "1", "signal": "x"}, TypeError, "AbortSignal"),
        ({"code": "'\ud800'"}, ih.MarshalError, "surrogate"),
    ],
)
async def test_eval(fake, args, error, text):
    async with fake() as (rt, channel, _):
        with pytest.raises(error, match=text):
            await rt.eval(**args)
        assert not channel.link.evals
        await rt.eval("still fine")


async def test_a_capability_that_the_host_lacks(fake):
    async with fake() as (_, channel, host):
        with pytest.raises(ih.PluginError, match="'fetch' needs the fetch plugin") as caught:
            await host.create_runtime(bindings=ih.Bindings(fetch=len))
        assert caught.value.plugin == "fetch"
        assert len(channel.link.channels) == 1


def test_all_names_exist():
    for name in ih.__all__:
        assert getattr(ih, name) is not None
    with pytest.raises(AttributeError):
        ih.nonsense  # noqa: B018
    assert set(ih.__all__) <= set(dir(ih))
