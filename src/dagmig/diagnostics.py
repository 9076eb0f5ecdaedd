"""What dagmig tells its user: a message, its severity, where it points; and the ledger of a conversion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from dagmig.frozen import frozen


class Severity(str, Enum):
    """How bad a finding is; ordered by ``rank``, worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return RANKS[self.value]

    def __str__(self) -> str:
        return self.value


RANKS = {severity.value: rank for rank, severity in enumerate(Severity)}


class Disposition(str, Enum):
    """What became of one construct in a conversion; ``EXACT`` and ``NOTED`` keep the behaviour."""

    EXACT = "exact"
    NOTED = "noted"
    DECISION = "decision"
    REDESIGN = "redesign"
    IMPOSSIBLE = "impossible"

    @property
    def is_open(self) -> bool:
        """Whether a person has to act before the result behaves as the source did."""
        return self not in (Disposition.EXACT, Disposition.NOTED)

    def __str__(self) -> str:
        return self.value


@frozen(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file; lines and columns count from 1, columns in characters, the end is exclusive.

    ``pointer`` is the JSON pointer (RFC 6901) of the value in a state machine, empty for Python.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@frozen(frozen=True, slots=True, order=True)
class Edit:
    """Replace the characters ``start`` to ``end`` (0-based offsets into the file's text) by ``text``."""

    start: int
    end: int
    text: str


@frozen(frozen=True, slots=True)
class Fix:
    """The edits that mend one finding; a safe fix keeps the behaviour of the file."""

    edits: tuple[Edit, ...]
    safe: bool = True


@frozen(frozen=True, slots=True)
class Diagnostic:
    """One thing to say about one place; ``code`` is a kebab name (a rule's id, or a reader's)."""

    code: str
    message: str
    span: Span
    severity: Severity = Severity.WARNING
    hint: str = ""
    fix: Fix | None = None

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}[{self.code}] {self.message}"


@frozen(frozen=True, slots=True)
class Row:
    """One line of the ledger: what a construct became, and the difference in one sentence.

    ``target`` is a JSON pointer into the machine, or the line number in the DAG file; ``task`` the
    task the construct belongs to, None where it belongs to the whole workflow.
    """

    construct: str
    source: Span
    target: str
    disposition: Disposition
    difference: str = ""
    task: str | None = None


@dataclass(slots=True)
class Report:
    """The sink every stage writes to; it is passed in, never imported.

    ``leans`` is what else of the project the reading depended on: a module's name, and a fingerprint of what
    was found under it (empty where nothing was).
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    leans: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        code: str,
        message: str,
        span: Span,
        severity: Severity = Severity.WARNING,
        hint: str = "",
    ) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, severity, hint))

    def row(
        self,
        construct: str,
        source: Span,
        target: str,
        disposition: Disposition,
        difference: str = "",
        *,
        task: str | None = None,
    ) -> None:
        self.rows.append(Row(construct, source, target, disposition, difference, task))

    def take(self, other: Report) -> None:
        """What another report says as well."""
        self.diagnostics += other.diagnostics
        self.rows += other.rows
        self.leans |= other.leans

    def retarget(self, targets: dict[str, str]) -> None:
        """Rewrite the targets of rows, as a later stage learns where things came to stand; each row once."""
        found = (replace(row, target=targets.get(row.target, row.target)) for row in self.rows)
        self.rows = list(dict.fromkeys(found))

    @property
    def has_open_rows(self) -> bool:
        return any(row.disposition.is_open for row in self.rows)

    def __iter__(self) -> Iterator[Diagnostic]:
        """Yield the diagnostics in reading order, each once."""
        return iter(self.of())

    def of(self, *codes: str) -> list[Diagnostic]:
        """Those of some codes (of all, where none is named), in the same order."""
        found = [one for one in self.diagnostics if one.code in codes] if codes else self.diagnostics
        return sorted(dict.fromkeys(found), key=_place) if len(found) > 1 else [*found]


def _place(one: Diagnostic) -> tuple[object, ...]:
    at = one.span
    place = (at.file, at.line, at.column, at.end_line, at.end_column, at.pointer)
    return (*place, one.severity.rank, one.code, one.message)
