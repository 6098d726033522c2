"""Rules and decisions, without a network."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isolate_host.plugins.fetch.addresses import kind_of_address, parse_address, unmapped
from isolate_host.plugins.fetch.policy import EgressPolicy
from isolate_host.plugins.fetch.rules import BadRuleError, Rule
from isolate_host.plugins.fetch.targets import BadTargetError, Target, Targets

SAMPLE = {
    "allow": ["https://api.example.com/v1/*", {"host": "*.cdn.example.com", "methods": ["GET"]}],
    "deny": ["https://api.example.com/v1/admin/*"],
}


def policy(**block):
    return EgressPolicy(block, key="sandboxes.agent.policies.fetch", origin="host.yaml:3")


def denial(block, url, method="GET"):
    return policy(**block).decide(method, Target.parse(url)).denial


@pytest.mark.parametrize(
    ("method", "url", "allowed"),
    [
        ("GET", "https://api.example.com/v1/users", True),
        ("POST", "https://API.Example.COM:443/v1/users?q#f", True),
        ("GET", "https://api.example.com./v1/users", True),
        ("GET", "https://api.example.com/v1/a%2Fb", True),
        ("GET", "https://api.example.com/v1/a/../b", True),
        ("GET", "wss://api.example.com/v1/socket", True),
        ("GET", "https://api.example.com/v1", False),
        ("GET", "https://api.example.com/v2/users", False),
        ("GET", "http://api.example.com/v1/users", False),
        ("GET", "https://api.example.com:8443/v1/users", False),
        ("GET", "https://api.example.com.evil.test/v1/users", False),
        ("GET", "https://evil.test/v1/?https://api.example.com/v1/", False),
        ("GET", "https://api.example.com/v1/../v2", False),
        ("GET", "https://api.example.com/v1/..%2fv2", False),
        ("GET", "https://api.example.com/v1/%2e%2e%2fv2", False),
        ("GET", "https://api.example.com/v1/..%252fv2", False),
        ("GET", "https://api.example.com/v1/..%5cv2", False),
        ("GET", "https://api.example.com/v1/admin/x", False),
        ("GET", "https://api.example.com/v1/%61dmin/x", False),
        ("GET", "https://api.example.com/v1/ADMIN/x", False),
        ("GET", "https://api.example.com/v1//admin/x", False),
        ("GET", "https://api.example.com/v1/x/..%2fadmin%2fx", False),
        ("GET", "https://api.example.com/v1/%2561dmin/x", False),
        ("GET", "https://a.cdn.example.com/", True),
        ("GET", "https://a.b.cdn.example.com/x", True),
        ("get", "https://a.cdn.example.com/", True),
        ("POST", "https://a.cdn.example.com/", False),
        ("GET", "https://cdn.example.com/", False),
        ("GET", "https://xcdn.example.com/", False),
    ],
)
def test_decisions(method, url, allowed):
    assert (denial(SAMPLE, url, method) is None) is allowed


def test_what_was_decided_once_is_decided_again_and_memory_is_bounded():
    rules, targets = policy(**SAMPLE), Targets()
    for turn in range(3):
        for number in range(200):
            for method in ("GET", "POST"):
                allowed = rules.decide(method, targets.parse(f"https://a.cdn.example.com/{number}"))
                assert (allowed.denial is None) is (method == "GET")
                assert (allowed.method, allowed.target.path) == (method, f"/{number}")
        denied = [rules.decide("GET", targets.parse("https://api.example.com/v1/admin/x")).denial for _ in range(2)]
        assert denied[0] is not denied[1]
        targets.parse(f"https://a.cdn.example.com/?{'x' * 5000}{turn}")
        rules.decide("GET", Target.parse(f"https://a.cdn.example.com/?{'x' * 5000}{turn}"))
    assert len(targets._known) <= 64
    assert max(map(len, targets._known)) < 5000
    assert len(rules._allowed) <= 64
    assert max(len(target.query) for _, target in rules._allowed) < 5000


def test_a_denial_names_the_rule_and_the_key():
    found = denial(SAMPLE, "https://api.example.com/v1/admin/x?token=secret")
    assert (found.rule, found.value) == ("sandboxes.agent.policies.fetch.deny: https://api.example.com/v1/admin/*", "https://api.example.com/v1/admin/x")
    found = denial(SAMPLE, "https://other.test/x")
    assert found.message == "GET https://other.test/x is not allowed: it needs sandboxes.agent.policies.fetch.allow"
    assert found.hint == 'add "https://other.test/x" to sandboxes.agent.policies.fetch.allow (host.yaml:3)'
    found = denial({"allow": ["http://10.0.0.1"]}, "http://10.0.0.1/")
    assert "private_addresses" in found.rule
    assert "private_addresses: allow" in found.hint


@pytest.mark.parametrize(
    ("rule", "url", "fits"),
    [
        ("*://*", "http://a.test:8080/x", True),
        ("*://*:*", "http://a.test:8080/x", True),
        ("http://*", "http://a.test:8080/x", False),
        ("http://*:*", "http://a.test:8080/x", True),
        ("http://a.test", "http://a.test/x/y", True),
        ("http://a.test/", "http://a.test/x/y", True),
        ("http://a.test/x", "http://a.test/x", True),
        ("http://a.test/x", "http://a.test/x/", False),
        ("http://a.test/*/y*z", "http://a.test/1/2/y3z", True),
        ("http://a.test/ü b/*", "http://a.test/%c3%bc%20b/x", True),
        ("http://a.test/x?a=*", "http://a.test/x?a=1", True),
        ("http://a.test/x?a=*", "http://a.test/x?b=1", False),
        ("http://a.test/x", "http://a.test/x?b=1", True),
        ("http://bücher.test", "http://xn--bcher-kva.test/", True),
        ("http://8.8.8.8", "http://134744072/", True),
        ("http://[2606:4700::1111]", "http://[2606:4700:0:0::1111]/", True),
        ("https://a.test", "wss://a.test/", True),
        ("wss://a.test", "https://a.test/", False),
        ({"host": "a.test"}, "https://a.test/", True),
        ({"host": "a.test"}, "http://a.test/", False),
        ({"host": "a.test", "scheme": "*"}, "http://a.test:81/", True),
        ({"host": "a.test", "port": 81}, "https://a.test:81/", True),
        ({"host": "*"}, "https://8.8.8.8/", True),
    ],
)
def test_rules(rule, url, fits):
    assert (denial({"allow": [rule]}, url) is None) is fits


def test_what_a_denying_rule_leaves_out_it_means_all_of():
    allow = {"allow": ["*://*"]}
    for url in ("http://a.test/", "https://a.test:8/x", "ws://a.test/"):
        assert denial({**allow, "deny": [{"host": "a.test"}]}, url)
        assert denial({**allow, "deny": [{"path": "/x*"}]}, url) is None or "/x" in url
    assert denial({**allow, "deny": [{"methods": ["post"]}]}, "http://a.test/", "POST")
    assert denial({**allow, "deny": ["http://8.8.8.8"]}, "http://[::ffff:8.8.8.8]/")
    assert denial({**allow, "deny": [{"host": "8.8.8.8"}]}, "http://[64:ff9b::808:808]/")


@pytest.mark.parametrize("rule", ["a.test", "https://", "https:///x", "ftp://a.test", "https://a*.test", "https://u@a.test", "https://a.test:x", "https://*.*", "https://*.1.2.3.4", "https://*.8", "https://a b", "https://a.test?x", ""])  # fmt: skip
def test_rules_that_say_nothing_clear(rule):
    with pytest.raises(BadRuleError):
        Rule.parse(rule)


@pytest.mark.parametrize("url", ["ftp://a.test/", "file:///etc/passwd", "https://u:p@a.test/", "https://u@a.test/", "/x", "", "http://", "http://a..test/", "http://.a/", "http://[fe80::1%25eth0]/", "http://1.2.3.256/", "http://a b/", "javascript:1", "http://a.test/" + "x" * 70_000])  # fmt: skip
def test_what_is_no_target(url):
    with pytest.raises(BadTargetError):
        Target.parse(url)


def test_private_addresses_per_rule_and_for_all():
    # The hosts are names: only the address can say no.
    open_rule = {"host": "db.test", "private_addresses": "allow"}
    loopback, metadata = ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("169.254.169.254")
    for block, allowed in (
        ({"allow": [{"host": "db.test"}]}, False),
        ({"allow": [open_rule]}, True),
        ({"allow": [{"host": "db.test"}, open_rule]}, True),
        ({"allow": [{"host": "db.test"}], "private_addresses": "allow"}, True),
        ({"allow": [{**open_rule, "private_addresses": "deny"}], "private_addresses": "allow"}, False),
    ):
        one = policy(**block)
        decision = one.decide("GET", Target.parse("https://db.test/"))
        assert (one.refuse_address(decision, loopback) is None) is allowed
        assert one.refuse_address(decision, metadata)
        assert one.refuse_address(decision, ipaddress.ip_address("8.8.8.8")) is None


def test_metadata_needs_its_own_rule():
    assert denial({"allow": ["http://*"], "private_addresses": "allow"}, "http://169.254.169.254/")
    assert denial({"allow": ["http://169.254.169.254"], "private_addresses": "allow"}, "http://169.254.169.254/") is None
    assert denial({"allow": ["http://169.254.169.254"]}, "http://169.254.169.254/")


def test_a_denied_address_is_denied_under_every_name():
    one = policy(allow=["https://*"], deny=[{"host": "8.8.8.8"}])
    decision = one.decide("GET", Target.parse("https://dns.test/"))
    assert decision.denial is None
    assert one.refuse_address(decision, ipaddress.ip_address("8.8.8.8"))
    assert one.refuse_address(decision, ipaddress.ip_address("::ffff:8.8.8.8"))
    assert one.pool(decision) != policy(allow=["https://*"]).pool(decision)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", "public"), ("2606:4700::1111", "public"), ("::ffff:8.8.8.8", "public"), ("64:ff9b::808:808", "public"),
        ("127.0.0.1", "private"), ("127.255.255.254", "private"), ("10.0.0.1", "private"), ("172.16.0.1", "private"), ("172.32.0.1", "public"),
        ("192.168.1.1", "private"), ("100.64.0.1", "private"), ("169.254.1.1", "private"), ("198.18.0.1", "private"), ("192.0.2.1", "private"),
        ("::1", "private"), ("fe80::1", "private"), ("fd00::1", "private"), ("fec0::1", "private"), ("::ffff:127.0.0.1", "private"),
        ("64:ff9b::7f00:1", "private"), ("169.254.169.254", "metadata"), ("::ffff:169.254.169.254", "metadata"), ("64:ff9b::a9fe:a9fe", "metadata"),
        ("168.63.129.16", "metadata"), ("100.100.100.200", "metadata"), ("fd00:ec2::254", "metadata"), ("0.0.0.0", "never"), ("0.1.2.3", "never"),
        ("224.0.0.1", "never"), ("255.255.255.255", "never"), ("240.0.0.1", "never"), ("::", "never"), ("::127.0.0.1", "never"),
        ("ff02::1", "never"), ("2002:7f00:1::", "never"), ("2001:0:4136:e378::", "never"), ("64:ff9b:1::1", "never"), ("::ffff:0.0.0.0", "never"),
    ],
)  # fmt: skip
def test_kinds_of_addresses(address, kind):
    assert kind_of_address(ipaddress.ip_address(address)) == kind


@given(st.integers(0, 2**32 - 1))
def test_every_spelling_of_an_address_is_that_address(number):
    address = ipaddress.IPv4Address(number)
    a, b, c, d = address.packed
    spellings = [str(number), hex(number), f"0{number:o}", f"{a}.{number & 0xFFFFFF}", f"{a:#x}.{b:#o}".replace("0o", "0") + f".{c * 256 + d}", f"{address}."]
    for text in spellings:
        target = Target.parse(f"http://{text}/")
        assert (target.host, target.address) == (str(address), address)
    mapped = parse_address(Target.parse(f"http://[::ffff:{address}]/").host)
    assert unmapped(mapped) == address
    assert kind_of_address(mapped) == kind_of_address(address)


@given(st.ip_addresses())
def test_what_python_calls_private_is_not_public(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast or address.is_reserved or address.is_unspecified:
        inner = unmapped(address)
        assert kind_of_address(address) != "public" or inner != address or address in ipaddress.ip_network("192.0.0.0/24")


PATHS = st.text(alphabet="/.%2e5cfaAdmin\\", max_size=25)


@given(PATHS)
def test_no_path_leaves_its_folder(path):
    """What a server makes of an allowed path, decoding it as often as it likes up to three times, lies below the rule's folder."""
    import posixpath
    from urllib.parse import unquote

    text = "/v1/" + path
    try:
        target = Target.parse("https://a.test" + text)
    except BadTargetError:
        return
    if policy(allow=["https://a.test/v1/*"]).decide("GET", target).denial is None:
        seen = target.path
        for _ in range(4):
            assert (posixpath.normpath(seen) + "/").startswith("/v1/")
            seen = unquote(seen, errors="surrogateescape").replace("\\", "/") if _ < 3 else seen


@given(st.text(alphabet="/.%2e64mMaAdDiIn", max_size=25))
def test_a_denied_folder_is_denied_however_it_is_written(path):
    import posixpath
    from urllib.parse import unquote

    target = Target.parse("https://a.test/" + path)
    seen = target.path
    for _ in range(3):
        if posixpath.normpath("/" + seen.lstrip("/")).lower().startswith("/admin/"):
            assert policy(allow=["https://a.test"], deny=["https://a.test/admin/*"]).decide("GET", target).denial
        seen = unquote(seen, errors="surrogateescape")


@given(st.lists(st.sampled_from(["https://a.test", "https://*.b.test/x*", {"host": "a.test", "methods": ["GET"]}, "*://*"]), max_size=4), st.sampled_from(["https://a.test/x", "https://c.b.test/xy", "http://a.test/"]))  # fmt: skip
def test_denying_wins_and_nothing_is_allowed_by_itself(rules, url):
    assert denial({"deny": rules}, url)
    assert denial({"allow": rules, "deny": ["*://*"]}, url)
    if denial({"allow": rules}, url) is None:
        assert denial({"allow": [*rules, "https://more.test"]}, url) is None


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_an_error(text):
    for url in (text, f"http://{text}/", f"https://a.test/{text}"):
        try:
            target = Target.parse(url)
        except BadTargetError:
            continue
        assert Target.parse(target.href) == target
        assert "\r" not in target.href
        assert "\n" not in target.href
        assert "@" not in target.authority
        policy(allow=["*://*"]).decide("GET", target)
