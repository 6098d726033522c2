"""Equality agrees with Jest's ``expect`` in Node.js, case by case. ``equality/make.mjs`` writes the table."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "equality"
TABLE = json.loads((FOLDER / "table.json").read_text())
CODE = """
const MATCHERS = { b: "toBe", e: "toEqual", s: "toStrictEqual", o: "toMatchObject" };
const both = new Function("expect", "a", "b", PRELUDE + '\\nreturn eval("[" + a + ", " + b + "]");');
function passes(matcher, a, b) {
  const [received, expected] = both(expect, a, b);
  try { expect(received)[matcher](expected); return true; } catch { return false; }
}
test("table", () => {
  const different = [];
  for (const [a, b, wanted] of ROWS) {
    const found = Object.keys(MATCHERS).filter((key) => passes(MATCHERS[key], a, b)).join("");
    if (found !== wanted) different.push([a, b, wanted, found].join(" | "));
  }
  expect(different).toEqual([]);
  console.log(`${ROWS.length} pairs`);
});
"""


async def test_every_pair_has_the_outcome_that_jest_has(tests):
    code = f"const PRELUDE = {json.dumps((FOLDER / 'prelude.js').read_text())};\nconst ROWS = {json.dumps(TABLE['rows'])};\n{CODE}"
    run = await tests(code, options={"timeout_s": 50})
    assert [error.message for test in run.tests for error in test.errors] == []
    assert (run.passed, run.console) == (1, [f"{len(TABLE['rows'])} pairs"])


def test_the_table_is_large_and_has_both_outcomes():
    counts = [sum(letter in row[2] for row in TABLE["rows"]) for letter in "beso"]
    assert len(TABLE["rows"]) >= 1000
    assert all(10 <= count <= len(TABLE["rows"]) / 2 for count in counts), counts
