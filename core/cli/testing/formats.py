"""Reports for programs: JUnit XML, TAP 14 and JSON."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Any

from isolate_host.cli.testing.outcome import FileOutcome, Totals
from isolate_host.cli.testing.pretty import error_text, file_error
from isolate_host.client.test_results import TestError, TestResult

__all__ = ["FORMATS", "json_report", "junit_report", "tap_report"]

#: What XML 1.0 cannot say, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(outcomes: list[FileOutcome], seconds: float) -> str:
    """As Jenkins, GitLab and their like read it: one ``testsuite`` a file."""
    totals = Totals.of(outcomes)
    broken = sum(len(_file_problems(outcome)) for outcome in outcomes)
    root = ET.Element("testsuites", _numbers(tests=totals.total, failures=totals.failed, errors=broken, time=seconds))
    for outcome in outcomes:
        result = outcome.result
        problems = _file_problems(outcome)
        counts = _numbers(
            tests=result.total if result else 0, failures=result.failed if result else 0, errors=len(problems),
            skipped=result.skipped + result.todo if result else 0, time=outcome.duration_s,
        )
        suite = ET.SubElement(root, "testsuite", {"name": _xml(str(outcome.file)), **counts})
        for test in result.tests if result else ():
            _junit_case(suite, outcome, test)
        for problem in problems:
            case = ET.SubElement(suite, "testcase", {"classname": _xml(str(outcome.file)), "name": "(file)"})
            ET.SubElement(case, "error", {"message": _xml(problem.split("\n")[0])}).text = _xml(problem)
        if outcome.console:
            ET.SubElement(suite, "system-out").text = _xml("\n".join(entry.text for entry in outcome.console))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _junit_case(suite: ET.Element, outcome: FileOutcome, test: TestResult) -> None:
    place = " > ".join((str(outcome.file), *test.suite_path))
    case = ET.SubElement(suite, "testcase", {"classname": _xml(place), "name": _xml(test.name), **_numbers(time=test.duration_ms / 1000)})
    if test.status in ("skip", "todo"):
        ET.SubElement(case, "skipped", {"message": _xml(test.note or test.status)})
    for error in test.errors:
        failure = ET.SubElement(case, "failure", {"message": _xml(error.message.split("\n")[0]), "type": _xml(error.name)})
        failure.text = _xml(error_text(outcome, error))


def tap_report(outcomes: list[FileOutcome], seconds: float) -> str:
    """TAP 14, flat: one point a test, and one for a file that could not be run."""
    lines, number = ["TAP version 14"], 0
    for outcome in outcomes:
        for test in outcome.result.tests if outcome.result else ():
            number += 1
            name = _tap(f"{outcome.file} > {test.full_name}")
            directive = f" # {test.status.upper()} {_tap(test.note or '')}".rstrip() if test.status in ("skip", "todo") else ""
            lines.append(f"{'not ok' if test.status == 'fail' else 'ok'} {number} - {name}{directive}")
            lines += _yaml_block(outcome, test.errors)
        for problem in _file_problems(outcome):
            number += 1
            lines.append(f"not ok {number} - {_tap(str(outcome.file))}")
            lines += ["  ---", f"  message: {json.dumps(problem, ensure_ascii=False)}", "  ..."]
    lines += [f"1..{number}", f"# time {seconds:.3f} s"]
    return "\n".join(lines) + "\n"


def _yaml_block(outcome: FileOutcome, errors: tuple[TestError, ...]) -> list[str]:
    if not errors:
        return []
    lines = ["  ---"]
    first = errors[0]
    fields: dict[str, str | None] = {"message": first.message, "name": first.name, "matcher": first.matcher_name, "stack": error_text(outcome, first)}
    # A JSON text is a YAML scalar.
    lines += [f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items() if value]
    return [*lines, "  ..."]


def json_report(outcomes: list[FileOutcome], seconds: float) -> str:
    """Everything, as one object."""
    totals = Totals.of(outcomes)
    report = {
        "success": all(outcome.success for outcome in outcomes),
        "passed": totals.passed, "failed": totals.failed, "skipped": totals.skipped, "todo": totals.todo, "total": totals.total,
        "duration_ms": round(seconds * 1000, 3),
        "files": [_json_file(outcome) for outcome in outcomes],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _json_file(outcome: FileOutcome) -> dict[str, Any]:
    result = outcome.result
    return {
        "file": str(outcome.file),
        "success": outcome.success,
        "not_run": outcome.bailed,
        "error": None if outcome.error is None else file_error(outcome.error),
        "duration_ms": round(outcome.duration_s * 1000, 3),
        "seed": result.seed if result else None,
        "errors": [_json_error(error) for error in (result.errors if result else ())],
        "suites": [
            {
                "name": suite.name, "full_name": suite.full_name, "passed": suite.passed, "failed": suite.failed, "skipped": suite.skipped,
                "todo": suite.todo, "total": suite.total, "errors": [_json_error(error) for error in suite.errors],
            }
            for suite in (result.suites if result else ())
        ],
        "tests": [_json_test(test) for test in (result.tests if result else ())],
        "snapshots": _json_snapshots(outcome),
        "console": [{"level": entry.level, "text": entry.text} for entry in outcome.console],
    }


def _json_snapshots(outcome: FileOutcome) -> dict[str, Any]:
    result, news = outcome.result, outcome.snapshots
    counts = {name: getattr(result.snapshots, name) if result else 0 for name in ("matched", "added", "updated", "failed")}
    return {**counts, "removed": news.removed, "obsolete": list(news.obsolete), "problems": news.problems}


def _json_test(test: TestResult) -> dict[str, Any]:
    return {
        "name": test.name, "suite_path": list(test.suite_path), "full_name": test.full_name, "status": test.status,
        "duration_ms": round(test.duration_ms, 3), "retries": test.retries, "not_run": test.not_run, "note": test.note,
        "errors": [_json_error(error) for error in test.errors],
    }


def _json_error(error: TestError) -> dict[str, Any]:
    values = {"expected": _json_value(error.expected), "actual": _json_value(error.actual)}
    return {"name": error.name, "message": error.message, "stack": error.stack, "matcher_name": error.matcher_name, **values}


def _json_value(value: Any) -> Any:
    from isolate_host.cli.jsonvalue import to_json
    from isolate_host.errors import MarshalError

    try:
        return json.loads(to_json(value))
    except (MarshalError, RecursionError, ValueError):
        return str(value)


def _file_problems(outcome: FileOutcome) -> list[str]:
    """What failed beside tests."""
    problems = [*([] if outcome.error is None else [file_error(outcome.error)]), *outcome.snapshots.problems]
    if outcome.result is not None:
        suites = [error for suite in outcome.result.suites for error in suite.errors]
        problems += [error_text(outcome, error) for error in (*outcome.result.errors, *suites)]
    return problems


def _numbers(**values: Any) -> dict[str, str]:
    return {name: f"{value:.3f}" if isinstance(value, float) else str(value) for name, value in values.items()}


def _xml(text: str) -> str:
    return _NOT_XML.sub("�", text)


def _tap(text: str) -> str:
    """A description on one line, in which ``#`` starts no directive."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).replace("\\", "\\\\").replace("#", "\\#")


FORMATS: Mapping[str, Callable[[list[FileOutcome], float], str]] = {"junit": junit_report, "tap": tap_report, "json": json_report}
