"""Exit codes."""

import pytest

from isolate_host import errors
from isolate_host.cli.failures import exit_code, report_failure
from isolate_host.cli.jsonvalue import to_json
from isolate_host.cli.output import CommandError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.GuestError("Error", "x"), 1),
        (errors.PolicyDenied("x", capability="c", value="v", rule="r"), 1),
        (errors.MarshalError("x", path="$"), 1),
        (errors.SandboxViolation("x"), 1),
        (errors.LimitExceeded("x", kind="output"), 1),
        (errors.LimitExceeded("x", kind="memory"), 137),
        (errors.LimitExceeded("x", kind="cpu"), 124),
        (errors.ExecutionTimeout("x", timeout_s=1), 124),
        (errors.ConfigError("x"), 2),
        (errors.PluginError("x", plugin="p"), 2),
        (errors.IsolationUnavailable("x", layers={}), 2),
        (errors.NotConnected("x"), 2),
        (CommandError("x"), 2),
        (errors.WorkerCrashed("x"), 3),
        (errors.ProtocolError("x"), 3),
        (errors.IsolateHostError("x"), 3),
        (RuntimeError("x"), 3),
        (errors.Aborted(), 130),
        (KeyboardInterrupt(), 130),
        (SystemExit(0), 0),
    ],
)
def test_exit_code(error, code):
    assert exit_code(error) == code


@pytest.mark.parametrize(
    "error",
    [
        errors.ConfigError("x", hint="y"),
        errors.PluginError("x", plugin="p", hint="y"),
        errors.IsolationUnavailable("x", layers={}, hint="y"),
        errors.PolicyDenied("x", capability="c", value="v", rule="r", hint="y"),
        errors.LimitExceeded("x", kind="output", hint="y"),
        errors.NotConnected("x", hint="y"),
    ],
)
def test_what_a_daemon_refuses_is_reported_as_here(error, capsys):
    came = errors.error_from_wire(error.to_wire())
    assert type(came) is type(error)
    assert report_failure(came, []) == exit_code(error)
    assert capsys.readouterr().err == "isolate-host: x\n  hint: y\n"


def test_a_guest_error_is_printed_as_an_engine_does(capsys):
    cause = errors.GuestError("Error", "inner", "Error: inner\n    at b")
    error = errors.GuestError("TypeError", "bad", "TypeError: bad\n    at a", cause=cause, frame="> 1 | x", hint="do this")
    assert report_failure(error, []) == 1
    assert capsys.readouterr().err == "> 1 | x\nTypeError: bad\n    at a\ncaused by: Error: inner\n    at b\n  hint: do this\n"


def test_hints_are_printed(capsys):
    error = errors.LimitExceeded("too much", kind="memory", hint="raise limits.memory_mb")
    assert report_failure(error, []) == 137
    assert capsys.readouterr().err == "isolate-host: too much\n  hint: raise limits.memory_mb\n"


def test_json_of_guest_values():
    from datetime import UTC, datetime

    value = {"a": [1, 1.5, True, None, "ä"], "d": datetime(2026, 1, 2, tzinfo=UTC), "b": b"\1\2", "n": float("inf"), 3: ()}
    assert to_json(value) == '{"a":[1,1.5,true,null,"ä"],"d":"2026-01-02T00:00:00.000Z","b":[1,2],"n":null,"3":[]}'
    with pytest.raises(errors.MarshalError, match=r"\$\.x\[1\]: object cannot"):
        to_json({"x": [1, object()]})
    with pytest.raises(errors.MarshalError, match="a key of the type tuple"):
        to_json({(1, 2): 1})
