"""The open files: what was found in each, what can be done about it. Knows nothing of the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from dagmig.cli.explain import page
from dagmig.diagnostics import Diagnostic, Edit, Report
from dagmig.lint import Options, lint_paths
from dagmig.lint.check import ENGINE, rules
from dagmig.lint.config import ConfigError
from dagmig.lint.fix import changes
from dagmig.lint.ignores import silenced


class Place(NamedTuple):
    """Lines and columns from 0, columns in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Action(NamedTuple):
    """Something an editor offers: the whole new text of the file."""

    title: str
    new: str
    about: Diagnostic | None
    is_preferred: bool = False


@dataclass
class Checked:
    """One text of a file and its findings; ``complaint`` is what is wrong with the configuration."""

    file: str
    text: str
    found: list[Diagnostic] = field(default_factory=list)
    complaint: str = ""

    @classmethod
    def of(cls, file: str, text: str) -> Checked:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        try:
            found = lint_paths([file], Options(texts={file: text}))
        except ConfigError as error:
            return cls(file, text, complaint=str(error))
        return cls(file, text, [one for one in found if one.span.file == file])

    def place(self, diagnostic: Diagnostic) -> Place:
        """Where a finding is; at least one character wide, where there is one."""
        span = diagnostic.span
        line, column = span.line - 1, span.column - 1
        end = (span.end_line - 1, span.end_column - 1) if span.end_line else (line, column)
        return Place(line, column, *max(end, (line, column + 1)))

    def around(self, line: int, column: int) -> Iterator[Diagnostic]:
        """The findings at a place."""
        for one in self.found:
            place = self.place(one)
            if place[:2] <= (line, column) <= place[2:]:
                yield one

    def actions(self, first: int, last: int) -> Iterator[Action]:
        """What can be done about the findings on some lines: mend, or silence."""
        for one in self.found:
            place = self.place(one)
            if place.end_line < first or place.line > last:
                continue
            if one.fix is not None and (new := self._mended([one])) is not None:
                risk = "" if one.fix.safe else " (may change what it does)"
                yield Action(f"dagmig: mend {one.code}{risk}", new, one, one.fix.safe)
            new = silenced(self.text, self.file, [one], Report()) if one.code not in ENGINE else self.text
            if new != self.text:
                yield Action(f"dagmig: silence {one.code} here", new, one)

    def all_mended(self) -> Action | None:
        """All safe fixes at once."""
        new = self._mended([one for one in self.found if one.fix is not None and one.fix.safe])
        return None if new is None else Action("dagmig: mend all that is safe", new, None)

    def _mended(self, found: list[Diagnostic]) -> str | None:
        here = [replace(one, span=replace(one.span, file=self.file)) for one in found]
        made = list(changes(here, {self.file: self.text}, Report(), unsafe=True))
        return made[0].new if made else None


def edit_between(old: str, new: str) -> Edit:
    """The one edit that makes the new text of the old."""
    start = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    rest = min(len(old), len(new)) - start
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    return Edit(start, len(old) - tail, new[start : len(new) - tail])


def page_of(code: str) -> str:
    """A rule's page as Markdown; empty for what is no rule's."""
    rule = next((rule for rule in rules() if rule.id == code), None)
    return "" if rule is None else "\n".join(page(rule))
