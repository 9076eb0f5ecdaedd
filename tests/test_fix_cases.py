"""Fixes on the layouts that people write: ``fix_cases/*.txt``, texts and what a rule's fixes make of them.

A case begins with ``== rule: about``; ``-- becomes`` stands before the mended text, ``-- stays`` where the
findings have no fix. Each case is also tried with the line ends of Windows, through the files.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dagmig.diagnostics import Diagnostic, Report
from dagmig.lint.check import check, rules
from dagmig.lint.fix import fixed, mend
from dagmig.lint.source import Source

HEAD = re.compile(r"^== ([\w-]+): (.*)\n", re.MULTILINE)
BREAK = re.compile(r"^-- (becomes|stays)\n", re.MULTILINE)
RULES = {rule.id: rule for rule in rules()}


def cases() -> list[tuple[str, str, str]]:
    found = []
    for path in sorted(Path(__file__).with_name("fix_cases").glob("*.txt")):
        parts = HEAD.split(path.read_text(encoding="utf-8"))[1:]
        for rule, body in zip(parts[::3], parts[2::3], strict=True):
            old, kind, new = BREAK.split(body)
            found.append((rule, old, new if kind == "becomes" else old))
    return found


CASES = [pytest.param(*case, id=f"{case[0]}-{n}") for n, case in enumerate(cases())]


def found(rule: str, text: str, file: str = "dag.py") -> tuple[Diagnostic, ...]:
    return tuple(check(Source(text, file, "dag"), (RULES[rule],)).found)


@pytest.mark.parametrize(("rule", "old", "new"), CASES)
def test_case(rule: str, old: str, new: str) -> None:
    said = found(rule, old)
    assert said
    assert {one.code for one in said} == {rule}
    assert any(one.fix for one in said) == (old != new)
    assert fixed(old, said, unsafe=True) == new
    assert fixed(new, found(rule, new), unsafe=True) == new


@pytest.mark.parametrize(("rule", "old", "new"), [case for case in CASES if case.values[1] != case.values[2]])
def test_line_ends_of_windows_stay(rule: str, old: str, new: str, tmp_path: Path) -> None:
    """And the fix is none that is left out, as it changes the graph."""
    path = tmp_path / "dag.py"
    path.write_bytes(old.replace("\n", "\r\n").encode())
    notes = Report()
    assert mend(found(rule, old, str(path)), {str(path): old}, notes, unsafe=True)
    assert path.read_bytes() == new.replace("\n", "\r\n").encode()
    assert not list(notes)
