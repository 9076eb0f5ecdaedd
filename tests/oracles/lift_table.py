"""``python -m tests.oracles.lift_table``: every published state machine as a DAG, and why some are not exact.

A machine is *exact* where no row of its ledger is open. A reason is counted once a machine. The others are
told apart by what no conversion mends: a definition that most of the validators of the index refuse, a
``Resource`` that names nothing of AWS (``foo:bar``), a worker that reports back to Step Functions.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.oracles import corpus

from dagmig.asl.load import load
from dagmig.asl.resource import parse
from dagmig.diagnostics import Report, Row
from dagmig.pipeline import asl_to_airflow
from dagmig.source import read_text

VALIDATORS = ("asl_validator", "statelint_py", "aws_language_service")  # columns of index.csv
NOT_VALID = "most validators refuse the machine"
NO_RESOURCE = "a Resource names nothing of AWS"
REPORTS_BACK = "a worker reports back to Step Functions"
OTHERS = "others"

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
    with_rows: Counter[str] = field(default_factory=Counter)  # by what is the matter with the machine
    refused: list[str] = field(default_factory=list)
    open_rows: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [
            "| machines | count |",
            "|---|--:|",
            f"| converted, exact | {self.exact} |",
            f"| converted, with open rows | {self.with_rows.total()} |",
            *(f"| … {name} | {self.with_rows[name]} |" for name in KINDS if self.with_rows[name]),
            f"| refused | {len(self.refused)} |",
            "",
            "| machines | open rows |",
            "|--:|---|",
        ]
        return "\n".join(
            [*lines, *(f"| {count} | {reason} |" for reason, count in self.open_rows.most_common())]
        )


KINDS = (NOT_VALID, NO_RESOURCE, REPORTS_BACK, OTHERS)


def table(paths: Sequence[Path]) -> Table:
    """Convert all machines."""
    found = Table()
    refused = not_valid()
    for path in paths:
        report = Report()
        text = read_text(path, report)
        converted = None if text is None else asl_to_airflow(text, str(path), report, "")
        if converted is None:
            found.refused.append(path.name)
            continue
        open_rows = {reason(row) for row in converted.report.rows if row.disposition.is_open}
        found.open_rows.update(open_rows)
        if open_rows:
            found.with_rows[NOT_VALID if path.name in refused else kind(text or "", path, open_rows)] += 1
        else:
            found.exact += 1
    return found


def not_valid() -> set[str]:
    """The names of the published machines that most validators refuse."""
    folder = corpus.machines_folder()
    if folder is None:
        return set()
    with (folder / "index.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {
        row["file"] for row in rows if sum(row[name] == "ok" for name in VALIDATORS) * 2 < len(VALIDATORS)
    }


def kind(text: str, path: Path, open_rows: set[str]) -> str:
    """What is the matter with a machine that has open rows."""
    machine = load(text, str(path), Report())
    states = machine.root.all_states() if machine else ()
    resources = [parse(str(state.fields.get("Resource"))) for state in states if state.type == "Task"]
    if any(one.kind == "unknown" for one in resources):
        return NO_RESOURCE
    return REPORTS_BACK if any("stays in Step Functions" in one for one in open_rows) else OTHERS


def reason(row: Row) -> str:
    """A row's construct and difference without the machine's own names."""
    text = row.difference
    for pattern, general in _OWN_WORDS:
        text = pattern.sub(general, text)
    return f"{row.construct}: {text}"


if __name__ == "__main__":
    sys.stdout.write(f"{table(corpus.machines())}\n")
