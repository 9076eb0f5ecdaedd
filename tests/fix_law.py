"""What holds for the fixes of any DAG file: it still parses, means the same graph, and is then mended."""

from __future__ import annotations

import ast

from dagmig.diagnostics import Diagnostic
from dagmig.lint.check import check, rules
from dagmig.lint.fix import fixed
from dagmig.lint.sameness import difference
from dagmig.lint.source import Source

RULES = tuple(rule for rule in rules() if "dag" in rule.languages)


def broken(text: str) -> list[str]:
    """What does not hold where all fixes of a text are applied: the safe ones, then the unsafe ones.

    No rule has more to mend after that but in what another rule's fix wrote, and then once.
    """
    said: list[str] = []
    for unsafe in (False, True):
        found = _found(text)
        said += [one.message for one in found if one.code == "rule-crashed"]
        new = fixed(text, found, unsafe)
        said += _broken_by(text, new, unsafe)
        mended = {one.code for one in found if fixed(text, [one], unsafe) != text}
        again = _left(new, unsafe)
        said += [f"{one}: mended only the second time" for one in again if one.code in mended]
        text = fixed(new, again, unsafe)
        said += _broken_by(new, text, unsafe)
        said += [f"{one}: mended only the third time" for one in _left(text, unsafe)]
    return said


def _broken_by(text: str, new: str, unsafe: bool) -> list[str]:
    try:
        ast.parse(new)
    except SyntaxError as error:
        return [f"no Python any more: {error}"]
    changed = difference(text, new, "dag.py", not unsafe)
    return [f"would change {changed}"] if changed else []


def _left(text: str, unsafe: bool) -> list[Diagnostic]:
    """The findings whose fixes change a text that is mended."""
    return [one for one in _found(text) if fixed(text, [one], unsafe) != text]


def _found(text: str) -> tuple[Diagnostic, ...]:
    return tuple(check(Source(text, "dag.py", "dag", is_explicit=False), RULES).found)
