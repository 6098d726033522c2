"""Values: what is sent comes back, with identity; what cannot cross is refused by path; hostile nodes are refused."""

import array
import collections
import contextlib
import dataclasses
import datetime as dt
import decimal
import enum
import io
import json
import math
import pathlib
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isolate_host.errors import GuestError, LimitExceeded, MarshalError, PolicyDenied, ProtocolError
from isolate_host.wire.values import UNDEFINED, BigInt, JSMap, JSRegExp, JSSet, TypedArray, decode_value, encode_value

UTC = dt.UTC


def there_and_back(value):
    return decode_value(*encode_value(value))


def node_of(value):
    return json.loads(encode_value(value)[0])


_moments = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(alphabet=st.characters())
    | st.binary(max_size=20)
    | _moments
)
_keys = st.text(max_size=5) | st.sampled_from(["$", "__proto__", "constructor", "then"])
_values = st.recursive(
    _scalars,
    lambda children: st.lists(children, max_size=4)
    | st.dictionaries(_keys, children, max_size=4)
    | st.dictionaries(st.integers(), children, min_size=1, max_size=3)
    | st.sets(st.integers() | st.text(max_size=3), max_size=3),
    max_leaves=20,
)


@given(_values)
def test_plain_values_come_back_equal(value):
    assert there_and_back(value) == value


@given(_values)
def test_the_text_is_json_in_utf8(value):
    body, segments = encode_value(value)
    json.loads(body.decode())
    assert all(isinstance(segment, bytes) for segment in segments)


@given(st.recursive(st.just("{}"), lambda c: st.builds('{{"$":{},"v":{},"r":{}}}'.format, st.sampled_from(['"map"', '"err"', "1", '"ref"']), c, c)))
def test_malformed_nodes_never_raise_anything_else(text):
    with contextlib.suppress(ProtocolError, MarshalError):
        decode_value(text.encode())


_tags = st.sampled_from("u n big date re map set bin err box obj fn pr it own st x ref hole zz".split())  # noqa: SIM905 (a list of words)
_junk = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda c: st.lists(c, max_size=3)
    | st.dictionaries(st.sampled_from([*"vsfkbrin", "name", "message", "cause", "props", "errors", "stack"]), c, max_size=5)
    | st.builds(lambda tag, rest: {"$": tag, **rest}, _tags, st.dictionaries(st.sampled_from([*"vsfkbri", "name", "message"]), c, max_size=4)),
    max_leaves=25,
)


@given(_junk)
def test_hostile_trees_are_values_or_refused(tree):
    with contextlib.suppress(ProtocolError, MarshalError):
        decode_value(json.dumps(tree).encode(), [b"abcd"])


def test_numbers():
    assert node_of(2**53 - 1) == 2**53 - 1
    assert node_of(2**53) == {"$": "big", "v": "20000000000000"}
    assert node_of(BigInt(-255)) == {"$": "big", "v": "-ff"}
    assert isinstance(there_and_back(BigInt(1)), BigInt)
    assert math.isnan(there_and_back(math.nan))
    assert math.copysign(1, there_and_back(-0.0)) == -1
    assert decode_value(b"[1,1.5,1e21,100000000000000000000]") == [1, 1.5, 1e21, 1e20]
    assert type(decode_value(b"100000000000000000000")) is float
    assert there_and_back(True) is True


def test_undefined_null_and_missing():
    assert node_of({"a": None, "b": UNDEFINED}) == {"a": None, "b": {"$": "u"}}
    assert decode_value(b'{"a":{"$":"u"}}') == {"a": None}
    assert decode_value(b'[1,{"$":"hole"},2]') == [1, None, 2]
    assert not UNDEFINED


def test_identity_and_cycles():
    shared: list = [1]
    value = {"a": shared, "b": shared, "s": [None]}
    value["self"] = value
    value["s"][0] = shared
    back = there_and_back(value)
    assert back["a"] is back["b"] is back["s"][0]
    assert back["self"] is back


def test_a_set_that_contains_what_refers_to_it():
    back = decode_value(b'{"$":"set","v":[{"me":{"$":"ref","i":0}}]}')
    assert isinstance(back, JSSet)
    [member] = back
    assert member["me"] is back


def test_an_error_that_is_its_own_cause():
    back = decode_value(b'{"$":"err","name":"E","message":"m","stack":"","cause":{"$":"ref","i":0}}')
    assert back.cause is back


def test_immutable_values_have_no_identity():
    pair = (1, 2)
    assert there_and_back([pair, pair]) == [[1, 2], [1, 2]]
    assert node_of([pair, pair]) == [[1, 2], [1, 2]]


def test_containers_made_on_the_way_are_not_confused():
    class Fresh(collections.abc.Mapping):
        def __getitem__(self, key):
            return [key]

        def __iter__(self):
            return iter("abcdef")

        def __len__(self):
            return 6

    assert node_of(Fresh()) == {key: [key] for key in "abcdef"}


def test_maps_and_sets():
    assert there_and_back({1: "a", "1": "b"}) == {1: "a", "1": "b"}
    assert node_of({1: 2}) == {"$": "map", "v": [[1, 2]]}
    assert node_of(JSMap([("a", 1)])) == {"$": "map", "v": [["a", 1]]}
    tricky = decode_value(b'{"$":"map","v":[[1,"n"],[true,"b"],[[],"list"]]}')
    assert isinstance(tricky, JSMap)
    assert (tricky[1], tricky[True]) == ("n", "b")
    assert there_and_back(frozenset({1})) == {1}
    assert isinstance(decode_value(b'{"$":"set","v":[{}]}'), JSSet)
    assert isinstance(decode_value(b'{"$":"set","v":[1,true]}'), JSSet)


def test_binary_kinds():
    assert encode_value(b"ab") == (b'{"$":"bin","k":"Uint8Array","b":0}', [b"ab"])
    assert there_and_back(bytearray(b"ab")) == b"ab"
    assert there_and_back(memoryview(b"abcd")[1:3]) == b"bc"
    assert there_and_back(array.array("f", [1.5])).tolist() == [1.5]
    assert there_and_back(TypedArray("ArrayBuffer", b"xy")) == b"xy"
    assert there_and_back(TypedArray.of("BigInt64Array", [-1])) == TypedArray("BigInt64Array", b"\xff" * 8)
    with pytest.raises(ValueError, match="Float16Array"):
        TypedArray("Float16Array", b"")
    with pytest.raises(ValueError, match="whole number"):
        TypedArray("Int32Array", b"abc")


def test_a_buffer_is_copied_when_it_is_sent():
    buffer = bytearray(b"ab")
    _, segments = encode_value(buffer)
    buffer[0] = 0
    assert segments == [b"ab"]


def test_dates():
    moment = dt.datetime(2024, 2, 29, 12, 0, 0, 5000, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert there_and_back(moment) == moment
    assert decode_value(b'{"$":"date","v":null}') is None
    with pytest.raises(MarshalError, match="timezone") as caught:
        encode_value([dt.datetime(2024, 1, 1)])  # noqa: DTZ001
    assert caught.value.path == "$[0]"
    with pytest.raises(MarshalError, match="years 1 to 9999"):
        decode_value(b'[{"$":"date","v":8.64e15}]')


@pytest.mark.parametrize("pattern", ["a+b*?", r"(?P<year>\d{4})-(?P=year)", r"\Aab\Z", r"[^\]/]+/", "", r"(?<!x)y(?=z)", r"a|b", "$"])
def test_patterns_that_both_sides_know(pattern):
    back = there_and_back(re.compile(pattern, re.IGNORECASE))
    assert isinstance(back, re.Pattern)
    assert back.flags & re.IGNORECASE
    probes = ["ab", "aab", "2024-2024", "a]/", "", "y", "yz", "xyz", "ab\n", "/", "b"]
    assert [bool(back.search(p)) for p in probes] == [bool(re.compile(pattern, re.IGNORECASE).search(p)) for p in probes]


@pytest.mark.parametrize("pattern", [r"(?i:a)", r"a++", r"(?>a)", r"(?#comment)", r"a{,3}"])
def test_patterns_that_javascript_lacks_are_refused(pattern):
    with pytest.raises(MarshalError, match="no JavaScript form"):
        encode_value(re.compile(pattern))


@pytest.mark.parametrize(
    ("source", "flags"), [("a", "g"), (r"\p{L}", "u"), (r"[[a]", ""), ("(", ""), ("x" * 2000, ""), (r"\cA", ""), (r"\A", ""), ("[^]", "")]
)
def test_expressions_that_python_lacks_stay_text(source, flags):
    back = decode_value(json.dumps({"$": "re", "s": source, "f": flags}).encode())
    assert back == JSRegExp(source, flags)
    assert there_and_back(back) == back


def test_python_conveniences():
    @dataclasses.dataclass
    class Point:
        x: int
        label: str

    class Colour(enum.Enum):
        RED = "red"

    assert node_of([Point(1, "a"), Colour.RED, range(3), collections.deque([1])]) == [{"x": 1, "label": "a"}, "red", [0, 1, 2], [1]]
    assert node_of(collections.OrderedDict(a=1)) == {"a": 1}
    assert node_of({"$": 1}) == {"$": "obj", "v": [["$", 1]]}
    assert there_and_back({"$": "u"}) == {"$": "u"}


@pytest.mark.parametrize(
    "value", [pathlib.Path("/x"), object(), decimal.Decimal(1), uuid.uuid4(), dt.date(2024, 1, 1), dt.timedelta(1), int, lambda: 1, 1j, io.StringIO()]
)
def test_what_cannot_cross_is_named_by_path(value):
    with pytest.raises(MarshalError) as caught:
        encode_value({"items": [1, 2, 3, {"callback": value}]})
    assert caught.value.path == "$.items[3].callback"
    assert "$.items[3].callback" in str(caught.value)


def test_paths_of_odd_keys():
    with pytest.raises(MarshalError) as caught:
        encode_value({"a b": {1: {object}}})
    assert caught.value.path == "$['a b'][1][0]"


def test_depth():
    deep: list = []
    for _ in range(99):
        deep = [deep]
    there_and_back(deep)
    with pytest.raises(MarshalError, match="deeper than 100"):
        encode_value([deep])
    with pytest.raises(ProtocolError):
        decode_value(b"[" * 101 + b"]" * 101)
    with pytest.raises(ProtocolError):
        decode_value(b"[" * 100_000 + b"]" * 100_000)
    with pytest.raises(ProtocolError):
        decode_value(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    maps: object = 1
    for _ in range(100):
        maps = {1: maps}
    assert there_and_back(maps) == maps


def test_lone_surrogates_survive():
    assert there_and_back("a\ud800") == "a\ud800"
    assert there_and_back({"\udfff": "💥"}) == {"\udfff": "💥"}


def test_escaped_tags_are_tags():
    with pytest.raises(ProtocolError):
        decode_value(b'{"\\u0024":"zz"}')


def test_proto_is_an_ordinary_key():
    assert there_and_back({"__proto__": {"x": 1}}) == {"__proto__": {"x": 1}}


def test_the_number_of_segments_is_bounded():
    with pytest.raises(MarshalError, match="4096"):
        encode_value([b"x"] * 5000)


class TestErrors:
    def test_a_python_error_keeps_class_message_code_and_cause(self):
        class ToolError(Exception):
            code = "E_TOOL"

        error = ToolError("no luck")
        error.__cause__ = KeyError("name")
        back = there_and_back(error)
        assert isinstance(back, GuestError)
        assert (back.name, back.message, back.guest_code) == ("ToolError", "no luck", "E_TOOL")
        assert (back.cause.name, back.cause.message) == ("KeyError", "name")
        assert back.__cause__ is back.cause

    def test_no_path_and_no_traceback_of_the_host(self):
        try:
            pathlib.Path("/nonexistent/secret").read_text()
        except OSError as error:
            body, _ = encode_value(error)
        assert b"secret" not in body
        assert b".py" not in body
        assert decode_value(body).guest_code == "ENOENT"

    def test_a_guest_error_comes_home_as_it_was(self):
        error = GuestError("RangeError", "m", "RangeError: m\n    at f (/a.ts:1:2)", guest_code="E", cause=[1], props={"x": 1}, errors=[1])
        back = there_and_back(error)
        for name in ("name", "message", "stack", "guest_code", "cause", "props", "errors"):
            assert getattr(back, name) == getattr(error, name)

    def test_a_host_error_crosses_as_its_class_when_the_host_says_so(self):
        denied = PolicyDenied("no", capability="fetch", value="http://x", rule="deny", hint="allow it")
        body, segments = encode_value(denied)
        for by_host in (True, False):
            back = decode_value(body, segments, by_host=by_host)
            assert isinstance(back, PolicyDenied)
            assert (back.message, back.capability, back.rule, back.hint) == ("no", "fetch", "deny", "allow it")

    def test_a_guest_cannot_forge_the_death_of_its_runtime(self):
        forged = {"$": "err", "name": "E", "message": "m", "stack": "", "props": {"isolateHost": {"class": "ExecutionTimeout", "message": "x"}}}
        assert type(decode_value(json.dumps(forged).encode())) is GuestError

    @pytest.mark.parametrize("described", [[], {"class": []}, {"class": "LimitExceeded", "kind": {"x": []}, "hint": [1]}])
    def test_a_forged_description_of_odd_shape_is_harmless(self, described):
        forged = {"$": "err", "name": "E", "message": "m", "stack": "", "props": {"isolateHost": described}}
        error = decode_value(json.dumps(forged).encode())
        assert isinstance(error, (GuestError, LimitExceeded))
        str(error)
        repr(error)

    def test_groups(self):
        back = there_and_back(ExceptionGroup("two", [ValueError("a"), TypeError("b")]))
        assert back.name == "AggregateError"
        assert [error.name for error in back.errors] == ["ValueError", "TypeError"]

    def test_a_loop_of_causes(self):
        a, b = ValueError("a"), ValueError("b")
        a.__cause__, b.__cause__ = b, a
        back = there_and_back(a)
        assert back.message == "a"
