"""``python -m tests.oracles.lift_table``: every published state machine as a DAG, and why some are not exact.

A machine is *exact* where no row of its ledger is open. A reason is counted once a machine.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass, field

from tests.oracles import corpus

from dagmig.diagnostics import Report, Row
from dagmig.pipeline import asl_to_airflow
from dagmig.source import read_text

_OWN_WORDS = (
    (re.compile(r"`[^`]*`|'[^']*'|\$[\w.$]+"), "…"),
    (re.compile(r"(?<=^the Catch of ).*(?= is not converted)"), "…"),
    (re.compile(r" after an error it goes to .*"), ""),
    (re.compile(r"the loop of .* is not"), "a loop is not"),
    (re.compile(r"^the (\w+) state .* is not converted"), r"the \1 state … is not converted"),
    (re.compile(r"^it is inside .*, which"), "it is inside …, which"),
    (re.compile(r"^\S*arn:\S* is not converted"), "… is not converted"),
    (re.compile(r"^rule \d+"), "rule …"),
    (re.compile(r"only (?:[\w.]+, )*[\w.]+$"), "only …"),
)


@dataclass
class Table:
    """What became of the machines; ``open_rows`` counts machines by construct and reason."""

    exact: int = 0
    with_rows: int = 0
    refused: list[str] = field(default_factory=list)
    open_rows: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [
            "| machines | count |",
            "|---|--:|",
            f"| converted, exact | {self.exact} |",
            f"| converted, with open rows | {self.with_rows} |",
            f"| refused | {len(self.refused)} |",
            "",
            "| machines | open rows |",
            "|--:|---|",
        ]
        return "\n".join(
            [*lines, *(f"| {count} | {reason} |" for reason, count in self.open_rows.most_common())]
        )


def table() -> Table:
    """Convert all machines."""
    found = Table()
    for path in corpus.machines():
        report = Report()
        text = read_text(path, report)
        converted = None if text is None else asl_to_airflow(text, str(path), report, "")
        if converted is None:
            found.refused.append(path.name)
            continue
        open_rows = {reason(row) for row in converted.report.rows if row.disposition.is_open}
        found.open_rows.update(open_rows)
        found.with_rows += bool(open_rows)
        found.exact += not open_rows
    return found


def reason(row: Row) -> str:
    """A row's construct and difference without the machine's own names."""
    text = row.difference
    for pattern, general in _OWN_WORDS:
        text = pattern.sub(general, text)
    return f"{row.construct}: {text}"


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
