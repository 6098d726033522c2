"""What must not be in a committed file."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Put together here, so that this file does not contain them.
HOSTS = ["pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org", "index-" + "url", "find-" + "links"]
PATHS = re.compile(r"(?<![\w.])/(?:work|root|home)/(?!someone|user|guest)[\w.-]+")
TEXT = {".py", ".ts", ".mjs", ".json", ".md", ".toml", ".txt", ".yaml", ".yml", ".sh", ".in", ".tmpl", ""}


def lines(tracked):
    for path in tracked:
        if path.suffix in TEXT and "dist" not in path.parts and path.name not in ("package-lock.json", "test_hygiene.py"):
            for number, line in enumerate((ROOT / path).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                yield f"{path}:{number}", line


def test_no_registry_is_named(tracked):
    allowed = ("--no-emit-index-" + "url",)
    found = [place for place, line in lines(tracked) if any(host in line for host in HOSTS) and not any(word in line for word in allowed)]
    assert not found


def test_no_path_of_a_machine(tracked):
    found = [f"{place}: {PATHS.search(line)[0]}" for place, line in lines(tracked) if PATHS.search(line)]
    assert not found


def test_nothing_is_left_to_do(tracked):
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert not [place for place, line in lines(tracked) if marks.search(line) and not place.startswith("LICENSE")]


def test_no_large_files(tracked):
    big = {str(path): (ROOT / path).stat().st_size for path in tracked}
    assert not {name: size for name, size in big.items() if size > 8 * 1024 * 1024}


def test_files_end_with_one_newline(tracked):
    wrong = []
    for path in tracked:
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".sh"}:
            text = (ROOT / path).read_bytes()
            if text and (not text.endswith(b"\n") or text.endswith(b"\n\n") or b"\r\n" in text):
                wrong.append(str(path))
    assert not wrong
