"""Fuzz target: whatever bytes a peer sends, the reader, the decoder and an endpoint raise ProtocolError or MarshalError at most.

With atheris installed: ``python tests/fuzz/fuzz_frames.py [libFuzzer options]``; without it the same file runs a seeded loop,
``python tests/fuzz/fuzz_frames.py --runs 100000 --seed 1``, a short one of which is part of the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys

from isolate_host.errors import MarshalError, ProtocolError
from isolate_host.wire.endpoint import Endpoint
from isolate_host.wire.frames import Frame, FrameReader, encode_frame
from isolate_host.wire.values import decode_value

_HEADERS = [
    '{"t":"call","id":%d,"cap":"t","op":"x"}', '{"t":"ok","id":%d}', '{"t":"err","id":%d}', '{"t":"ref","id":%d,"r":1,"m":"next"}',
    '{"t":"drop","refs":[[1,%d]]}', '{"t":"sd","st":%d,"s":[3]}', '{"t":"sc","st":1,"n":%d}', '{"t":"sx","st":%d,"d":"cancel"}',
    '{"t":"cancel","id":%d}', '{"t":"note","cap":"events","op":"emit","x":%d}',
]  # fmt: skip
_BODIES = [
    b"", b"[1,2]", b'[{"$":"map","v":[[1,{"$":"ref","i":0}]]}]', b'[{"$":"bin","k":"Int32Array","b":0}]', b'{"$":"fn","r":2,"n":"f"}',
    b'[{"$":"err","name":"E","message":"m","stack":"s","cause":{"$":"ref","i":1}}]', b'{"$":"st","r":2}', b'[{"$":"own","r":1,"p":1}]',
    b'{"$":"re","s":"(a+)+","f":"i"}', b'{"$":"date","v":1e3}', b'{"$":"big","v":"-ff"}', b'{"$":"set","v":[{"$":"ref","i":0}]}',
]  # fmt: skip


def check(data: bytes) -> None:
    """One input. Anything but the two expected errors is a finding."""
    endpoint = Endpoint(lambda frame: None, peer=1, on_call=lambda call: call.arguments())
    reader = FrameReader(max_frame_bytes=1 << 16)
    try:
        for start in range(0, len(data), 50):
            for frame in reader.feed(data[start : start + 50]):
                endpoint.receive(frame)
                decode_value(frame.body, frame.segments)
    except (ProtocolError, MarshalError):
        pass
    endpoint.close()


def seed_input(rng: random.Random) -> bytes:
    """A plausible frame or two, with a few bytes broken."""
    out = bytearray()
    for _ in range(rng.randint(1, 3)):
        header = (rng.choice(_HEADERS) % rng.choice([0, 1, 2, 7, 2**53, -1])).encode()
        body = rng.choice(_BODIES) + (b"abc" if b'"s"' in header else b"")
        out += (4 + len(header) + len(body)).to_bytes(4, "little") + len(header).to_bytes(4, "little") + header + body
    for _ in range(rng.choice([0, 0, 1, 2, 5])):
        out[rng.randrange(len(out))] = rng.choice([0, 0x22, 0x24, 0x5B, 0x7B, 0xFF, rng.randrange(256)])
    return bytes(out[: rng.choice([len(out), len(out), rng.randrange(len(out) + 1)])])


async def run_seeded(runs: int, seed: int) -> None:
    """The plain loop; needs an event loop because references and streams belong to one."""
    rng = random.Random(seed)
    for _ in range(runs):
        check(seed_input(rng))
    await asyncio.sleep(0)


def main() -> None:
    try:
        import atheris
    except ImportError:
        parser = argparse.ArgumentParser()
        parser.add_argument("--runs", type=int, default=20_000)
        parser.add_argument("--seed", type=int, default=0)
        options = parser.parse_args()
        asyncio.run(run_seeded(options.runs, options.seed))
        return

    async def once(data: bytes) -> None:
        check(data)

    atheris.instrument_all()
    with asyncio.Runner() as runner:
        atheris.Setup(sys.argv, lambda data: runner.run(once(data)))
        atheris.Fuzz()


assert encode_frame(Frame({"t": "ok", "id": 1}))  # the target itself is sane

if __name__ == "__main__":
    main()
