"""Frames: any chunking gives the same frames; hostile bytes give ProtocolError and nothing else."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isolate_host.errors import LimitExceeded, ProtocolError
from isolate_host.wire.frames import MAX_HEADER_BYTES, Frame, FrameReader, encode_frame, parse_frame

_json = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8), lambda c: st.lists(c, max_size=3), max_leaves=5)
_frames = st.builds(
    Frame,
    st.dictionaries(st.text(max_size=6).filter(lambda k: k not in ("s", "t")), _json, max_size=3).map(lambda h: {"t": "call", **h}),
    st.binary(max_size=80),
    st.lists(st.binary(max_size=80), max_size=3),
)


def wire(*frames: Frame) -> bytes:
    return b"".join(b"".join(encode_frame(frame)) for frame in frames)


def raw(header: bytes, rest: bytes = b"", total: int | None = None) -> bytes:
    size = 4 + len(header) + len(rest) if total is None else total
    return struct.pack("<II", size, len(header)) + header + rest


def chunks(data: bytes, sizes: list[int]) -> list[bytes]:
    out, start = [], 0
    for size in sizes:
        out.append(data[start : start + size])
        start += size
    return [*out, data[start:]]


@given(st.lists(_frames, max_size=4), st.lists(st.integers(0, 60), max_size=30))
def test_any_chunking_gives_the_frames_that_were_sent(frames, sizes):
    reader = FrameReader()
    got = [frame for chunk in chunks(wire(*frames), sizes) for frame in reader.feed(chunk)]
    assert [(f.header, f.body, list(f.segments)) for f in got] == [(f.header, f.body, list(f.segments)) for f in frames]
    assert reader.pending == 0


_usual = st.sampled_from([
    b'{"t":"call","cap":"tools","op":"add","id":7}', b'{"t":"call","cap":"fetch","op":"fetch","id":123456789012345}', b'{"t":"ok","id":7,"p":1}',
    b'{"t":"call","cap":"tools","op":"a b","id":7}', b'{"t":"call","cap":"tools","op":"add","id":07}', b'{"t":"call","cap":"tools","op":"add","id":-7}',
    b'{"t":"call","cap":"tools","op":"add","id":7,"h":1}', b'{"t":"call","op":"add","cap":"tools","id":7}', b'{"t":"ok","id":7,"p":1,"s":[0]}',
    b'{"t":"call","cap":"tools","op":"add","id":7} ', b'{"t":"call","cap":"tools","op":"add","id":1234567890123456789}',
])  # fmt: skip


@given(_usual, st.binary(max_size=20), st.integers(-3, 3))
def test_the_usual_headers_say_what_a_parser_reads_in_them(header, body, slip):
    data = raw(header, body)
    # A header length that does not fit cuts the header elsewhere, as it does for any other frame.
    data = data[:4] + struct.pack("<I", len(header) + slip) + data[8:]
    outcomes = []
    for read in (lambda: FrameReader().feed(data)[0], lambda: parse_frame(memoryview(data)[4:])):
        try:
            frame = read()
            outcomes.append((frame.header, frame.body, list(frame.segments)))
        except ProtocolError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


@given(st.binary(max_size=200), st.lists(st.integers(0, 20), max_size=20))
def test_random_bytes_are_frames_or_a_protocol_error(data, sizes):
    reader = FrameReader(max_frame_bytes=1000)
    try:
        for chunk in chunks(data, sizes):
            reader.feed(chunk)
    except ProtocolError:
        with pytest.raises(ProtocolError):
            reader.feed(b"")
    assert reader.pending <= 1004


def test_a_prefix_of_four_gigabytes_is_refused_at_once():
    with pytest.raises(ProtocolError, match="4294967295"):
        FrameReader().feed(b"\xff\xff\xff\xff")


def test_a_large_prefix_allocates_nothing():
    reader = FrameReader(max_frame_bytes=2**31)
    assert reader.feed(struct.pack("<I", 2**31)) == []
    assert reader.pending == 4


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("total below the header length field", struct.pack("<I", 3) + b"abc"),
        ("header longer than the frame", raw(b'{"t":"ok"}', total=10)),
        ("header too large", raw(b'{"t":"ok"}' + b" " * MAX_HEADER_BYTES)),
        ("header not JSON", raw(b"{")),
        ("header not UTF-8", raw(b'{"t":"\xff"}')),
        ("header is a list", raw(b"[]")),
        ("no type", raw(b"{}")),
        ("type is a number", raw(b'{"t":1}')),
        ("NaN", raw(b'{"t":"ok","id":NaN}')),
        ("digits without end", raw(b'{"t":"ok","id":' + b"9" * 5000 + b"}")),
        ("deep header", raw(b'{"t":"ok","x":' + b"[" * 101 + b"]" * 101 + b"}")),
        ("header for the recursion limit", raw(b'{"t":"ok","x":' + b"[" * 30000 + b"]" * 30000 + b"}")),
        ("segments longer than the frame", raw(b'{"t":"ok","s":[5]}', b"abcd")),
        ("negative segment", raw(b'{"t":"ok","s":[-1,2]}', b"a")),
        ("boolean segment", raw(b'{"t":"ok","s":[true]}', b"a")),
        ("float segment", raw(b'{"t":"ok","s":[1.0]}', b"a")),
        ("sum overflows", raw(b'{"t":"ok","s":[9007199254740991,9007199254740991]}', b"a")),
        ("segments not a list", raw(b'{"t":"ok","s":{"0":1}}', b"a")),
    ],
)
def test_a_hostile_frame_is_a_protocol_error(name, data):
    with pytest.raises(ProtocolError):
        FrameReader().feed(data)


def test_segments_and_body_are_told_apart():
    data = raw(b'{"t":"ok","s":[2,0,1]}', b"body" + b"ab" + b"c")
    [frame] = FrameReader().feed(data)
    assert (frame.body, list(frame.segments)) == (b"body", [b"ab", b"", b"c"])


def test_one_byte_at_a_time_does_no_quadratic_work():
    reader, data = FrameReader(), wire(Frame({"t": "ok", "id": 1}, b"x" * 200_000))
    frames = []
    for i in range(0, len(data), 7):
        frames += reader.feed(data[i : i + 7])
    assert len(frames[0].body) == 200_000


def test_large_segments_are_not_copied_when_sent():
    segment = b"x" * 1_000_000
    buffers = encode_frame(Frame({"t": "sd", "st": 1}, b"", [segment]))
    assert buffers[1] is segment


def test_what_the_receiver_would_refuse_is_refused_by_the_sender():
    with pytest.raises(LimitExceeded, match="exceeds the limit") as caught:
        encode_frame(Frame({"t": "ok", "id": 1}, b"x" * 100), max_frame_bytes=50)
    assert caught.value.kind == "payload"
    with pytest.raises(LimitExceeded):
        encode_frame(Frame({"t": "ok", "x": "y" * MAX_HEADER_BYTES}))


def test_segment_lengths_of_a_relayed_frame_follow_its_segments():
    [frame] = FrameReader().feed(wire(Frame({"t": "ok", "id": 1}, b"", [b"abc"])))
    frame.segments = []
    assert json.loads(encode_frame(frame)[0][8:]) == {"t": "ok", "id": 1}
