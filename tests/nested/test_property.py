"""Whatever a child may do, its parent may: for random policies, requests and depths."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import isolate_host as ih
from isolate_host.errors import IsolateHostError
from isolate_host.plugin import CapabilityRequest
from isolate_host.plugins.nested.ledger import Ledger
from isolate_host.plugins.nested.orders import read_order
from isolate_host.plugins.nested.plugin import Nested
from isolate_host.plugins.nested.terms import Terms
from isolate_host.testing import FakeGuest

WHOLE = st.integers(1, 12)
NUMBER = st.floats(0.5, 300, allow_nan=False)
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "fetch": st.sampled_from(["inherit", "disabled"]), "max_total_resources": WHOLE, "max_runtimes": WHOLE, "max_app_servers": WHOLE,
        "max_memory_mb": NUMBER, "max_timeout_s": NUMBER, "max_app_server_lifetime_s": NUMBER,
    },
)
LIMITS = st.fixed_dictionaries({"memory_mb": st.none() | NUMBER, "timeout_s": st.none() | NUMBER})
#: What hostile code may say: sound and unsound.
VALUES = st.none() | st.integers(-3, 400) | st.floats() | st.text(max_size=3) | st.booleans()
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "memoryLimitMB": VALUES, "executionTimeout": VALUES | NUMBER.map(lambda seconds: seconds * 1000),
        "nestedHost": st.none() | st.booleans() | VALUES | st.dictionaries(
            st.sampled_from([
                "fetch", "maxTotalResources", "maxRuntimes", "maxAppServers", "maxMemoryLimitMB", "maxExecutionTimeoutMs", "maxAppServerLifetimeMs", "x",
            ]),
            VALUES | st.sampled_from(["inherit", "disabled"]), max_size=4,
        ),
    },
)


def request(policy: dict[str, Any], limits: dict[str, Any], binding: Any = None, parent: Any = None, mode: Any = "enforce") -> CapabilityRequest:
    return CapabilityRequest(
        name="nested", policy=policy, configured=True, binding=binding, runtime_id="rt", sandbox="s", cwd="/", base_dir=None,  # type: ignore[arg-type]
        guest=FakeGuest(), mode=mode, limits=limits, parent=parent,
    )


def within(child: float | None, parent: float | None) -> bool:
    return parent is None or (child is not None and child <= parent)


def no_wider(child: Terms, parent: Terms) -> bool:
    names = ("max_total_resources", "max_runtimes", "max_app_servers", "max_memory_mb", "max_timeout_s", "max_app_server_lifetime_s")
    return (parent.inherit_fetch or not child.inherit_fetch) and all(within(getattr(child, name), getattr(parent, name)) for name in names)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(POLICIES, LIMITS, st.lists(OPTIONS, min_size=1, max_size=3), st.sampled_from(["enforce", "audit"]))
def test_terms_only_narrow(policy: dict[str, Any], limits: dict[str, Any], line: list[dict[str, Any]], mode: str) -> None:
    """A line of descendants, each asking for anything: refused, or no more than the one before."""
    at = Nested(request(policy, limits, mode=mode))
    for options in line:
        try:
            order = read_order("runtime", options, {}, [], at.terms, request(policy, limits, mode=mode))
        except (IsolateHostError, TypeError, ValueError):
            continue
        asked = order.limits.to_spec()
        assert within(asked["memory_mb"], at.terms.max_memory_mb) and within(asked["timeout_s"], at.terms.max_timeout_s)
        assert within(asked["memory_mb"], limits["memory_mb"]) and within(asked["timeout_s"], limits["timeout_s"])
        assert min(asked.values()) > 0
        if order.nested is False:
            break
        binding = order.nested if isinstance(order.nested, dict) else None
        try:
            child = Nested(request(policy, asked, binding, at, mode))
        except IsolateHostError:
            continue
        assert no_wider(child.terms, at.terms)
        at, limits = child, asked


@settings(deadline=None)
@given(POLICIES, LIMITS, POLICIES)
def test_a_caller_only_narrows(policy: dict[str, Any], limits: dict[str, Any], asked: dict[str, Any]) -> None:
    alone = Nested(request(policy, limits)).terms
    try:
        narrowed = Nested(request(policy, limits, asked)).terms
    except ih.PolicyDenied:
        assert asked.get("fetch") == "inherit" and not alone.inherit_fetch
        return
    assert no_wider(narrowed, alone)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(POLICIES, min_size=1, max_size=4), st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["runtime", "server", "free"])), max_size=60))
def test_no_ledger_ever_holds_more_than_its_limit(policies: list[dict[str, Any]], steps: list[tuple[int, str]]) -> None:
    """Takes and gives at random depths: each count is that of all below, and what was refused took nothing."""
    chain: list[Ledger] = []
    terms: list[Terms] = []
    for policy in policies:
        terms.append(Terms(**{name: value for name, value in policy.items() if name != "fetch"}))
        chain.append(Ledger(terms[-1], "key", chain[-1] if chain else None))
    held: list[tuple[int, str, Any]] = []
    for number, (level, what) in enumerate(steps):
        depth = level % len(chain)
        if what == "free":
            if held:
                held.pop(number % len(held))[2]()
            continue
        before = [ledger.used for ledger in chain]
        try:
            held.append((depth, what, chain[depth].take(what, f"app-{number}" if what == "server" else None)))
        except ih.LimitExceeded as error:
            assert any(name in error.message for name in ("max_runtimes", "max_app_servers", "max_total_resources"))
            assert [ledger.used for ledger in chain] == before
    for index, (ledger, limit) in enumerate(zip(chain, terms, strict=True)):
        runtimes = sum(depth >= index and what == "runtime" for depth, what, _ in held)
        servers = sum(depth >= index and what == "server" for depth, what, _ in held)
        assert ledger.used == {"runtimes": runtimes, "servers": servers}
        assert runtimes <= limit.max_runtimes and servers <= limit.max_app_servers and runtimes + servers <= limit.max_total_resources
