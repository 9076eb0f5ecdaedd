"""``python -m tests.oracles.reader_table``: the reader beside real Airflow, over the published DAG files.

Needs what ``bash tests/oracles/setup.sh`` builds. Airflow's answers are kept; the reader runs anew each time.
``--write`` puts the table into the README.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.oracles.answers import answers
from tests.oracles.comparison import Compared, Facts, compare
from tests.oracles.corpora import Corpus, corpora
from tests.oracles.readme_part import with_part, write_part

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow

PROCESSES = 2
COMMAND = "python -m tests.oracles.reader_table --write"
MEASURED = "python -m tests.oracles.reader_table"
HEAD = "| files | Airflow | count | loaded | DAGs | tasks | equal | differ, said | differ, silent | equal % |"
SHOWN = 3


@dataclass
class Row:
    """What came out of one corpus; ``crashes`` are the reader's own exceptions, of any file."""

    corpus: str
    airflow: str
    files: int = 0
    loaded: int = 0
    unloaded: int = 0  # DAGs read of files that Airflow cannot load here
    dags: list[Compared] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    @property
    def equal(self) -> int:
        return sum(one.is_equal for one in self.dags)

    @property
    def silent(self) -> int:
        return sum(one.is_silent for one in self.dags)

    def __add__(self, other: Row) -> Row:
        return Row(
            self.corpus,
            self.airflow,
            self.files + other.files,
            self.loaded + other.loaded,
            self.unloaded + other.unloaded,
            [*self.dags, *other.dags],
            [*self.crashes, *other.crashes],
        )

    def __str__(self) -> str:
        count, tasks = len(self.dags), sum(one.tasks for one in self.dags)
        said = count - self.equal - self.silent
        share = f"{100 * self.equal / count:.1f}" if count else "-"
        seen = (self.corpus, self.airflow, self.files, self.loaded, count, tasks)
        cells = (*seen, self.equal, said, self.silent, share)
        return f"| {' | '.join(map(str, cells))} |"


def rows(wanted: Iterable[Corpus], processes: int = PROCESSES) -> list[Row]:
    """A row a corpus: ask Airflow, read, compare."""
    built = answers(wanted)
    jobs = [(corpus, file, built[corpus]) for corpus in built for file in corpus.files]
    table = {corpus: Row(corpus.name, corpus.airflow) for corpus in built}
    if processes == 1:
        found: Iterable[Row] = map(_read_and_compare, *_arguments(jobs))
        for (corpus, _, _), row in zip(jobs, found, strict=True):
            table[corpus] += row
        return list(table.values())
    with ProcessPoolExecutor(processes) as pool:
        found = pool.map(_read_and_compare, *_arguments(jobs), chunksize=16)
        for (corpus, _, _), row in zip(jobs, found, strict=True):
            table[corpus] += row
    return list(table.values())


def _arguments(jobs: list[tuple[Corpus, Path, dict[str, Any]]]) -> tuple[list[Any], ...]:
    corpora_, files, built = zip(*jobs, strict=True)
    loaded = [answer["files"][str(file)] for _, file, answer in jobs]
    defaults = [answer["defaults"] for answer in built]
    roots, versions = [c.root for c in corpora_], [c.airflow for c in corpora_]
    return list(files), roots, versions, loaded, defaults


def _read_and_compare(file: Path, root: Path, airflow: str, answer: Facts, defaults: Facts) -> Row:
    """The row of one file; one that Airflow cannot load is read all the same."""
    row = Row("", airflow, 1, 0 if answer["errors"] else 1)
    report = Report()
    try:
        ours = reading(file, root, report)
    except Exception:
        row.crashes.append(f"{file}: {traceback.format_exc()}")
        return row
    if answer["errors"]:
        row.unloaded = len(ours)
    else:
        name = str(file.relative_to(root.parent))
        row.dags = compare(name, ours, list(report), answer, defaults, airflow)
    return row


def reading(file: Path, root: Path, report: Report) -> tuple[Workflow, ...]:
    """Our side: the file as a part of the project at ``root``, where the reader can look into projects."""
    return read(file.read_text(encoding="utf-8"), str(file), report, project_root=str(root))


def table(found: list[Row]) -> str:
    """The rows and their sum in Markdown, and a line about the files that Airflow cannot load."""
    total = sum(found[1:], found[0])
    total.corpus, total.airflow = "all", ""
    rule = "|---" * 2 + "|--:" * (HEAD.count("|") - 3) + "|"
    missing = total.files - total.loaded
    rest = (
        f"{missing} files Airflow could not load here; of them {total.unloaded} DAGs were read all the same."
    )
    return "\n".join([HEAD, rule, *map(str, found), str(total), "", rest]) + "\n"


def with_table(text: str, found: list[Row]) -> str:
    """The README with the table as it is now."""
    return with_part(text, MEASURED, table(found))


def details(found: Iterable[Row], silent_only: bool = False) -> Iterable[str]:
    """A line a DAG that differs: its first differences, ``said`` or ``SILENT``."""
    for row in found:
        yield from (f"CRASH {crash}" for crash in row.crashes)
        for one in row.dags:
            if one.is_equal or (silent_only and not one.is_silent):
                continue
            pairs = sorted(zip(one.excused, one.differences, strict=True), key=lambda pair: pair[0])
            shown = "; ".join(
                f"{'said' if ok else 'SILENT'} {difference}"[:300] for ok, difference in pairs[:SHOWN]
            )
            more = f" and {len(pairs) - SHOWN} more" if len(pairs) > SHOWN else ""
            yield f"{one.file} [{row.airflow}] {one.dag}: {shown}{more}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.reader_table", description=__doc__)
    parser.add_argument("--corpus", default="", help="only corpora whose name holds this text")
    parser.add_argument("--airflow", choices=("2", "3"), help="only those that this Airflow loads")
    parser.add_argument("--file", default="", help="only files whose path holds this text")
    parser.add_argument("--details", action="store_true", help="every DAG that differs, and how")
    parser.add_argument("--silent", action="store_true", help="every DAG that differs silently, and how")
    parser.add_argument("--write", action="store_true", help="put the table of all corpora into the README")
    options = parser.parse_args()
    wanted = [
        one for one in corpora() if options.corpus in one.name and options.airflow in (None, one.airflow)
    ]
    if not wanted:
        sys.exit(f"no corpus is named like {options.corpus!r}")
    found = rows(wanted)
    if options.write and len(wanted) == len(corpora()):
        write_part(MEASURED, table(found))
    for row in found:
        row.dags = [one for one in row.dags if options.file in one.file]
    if options.details or options.silent:
        print("\n".join(details(found, options.silent)))
    print(table(found))
    crashes = sum(len(row.crashes) for row in found)
    print(f"{crashes} files made the reader fail with an exception")


if __name__ == "__main__":
    main()
