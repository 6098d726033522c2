"""A short run of the fuzz target, from a fixed seed."""

from tests.fuzz.fuzz_frames import run_seeded


async def test_seeded_inputs_find_nothing():
    await run_seeded(3000, seed=7)
