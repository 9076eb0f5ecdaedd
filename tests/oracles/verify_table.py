"""``dagmig verify`` over the published example DAGs: ``python -m tests.oracles.verify_table``.

``--write`` puts the table into the README, ``--details`` names what is refused and why.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.oracles.corpora import Corpus, corpora
from tests.oracles.reader_table import PROCESSES
from tests.oracles.readme_part import with_part, write_part

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.verify.proof import NotVerified, proof

WAYS = 200  # of each DAG at most: these are all successes and each single task failing, and more
MEASURED = "python -m tests.oracles.verify_table"
HEAD = """\
| example DAGs | DAGs | as a machine | STRICT | SUCCESS-PATH | ways to go | differ |
|---|--:|--:|--:|--:|--:|--:|"""
REASONS = ("not translated", "not all tasks and edges")


@dataclass(frozen=True, slots=True)
class Row:
    """``refused`` are the reasons why DAGs have no machine that does all that they do, by DAG."""

    name: str
    strict: int = 0
    others: int = 0
    ways: int = 0
    differ: tuple[str, ...] = ()
    refused: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Row) -> Row:
        return Row(
            self.name,
            self.strict + other.strict,
            self.others + other.others,
            self.ways + other.ways,
            self.differ + other.differ,
            self.refused + other.refused,
        )

    def __str__(self) -> str:
        machines = self.strict + self.others
        dags = machines + self.refused.total()
        cells = (self.name, dags, machines, self.strict, self.others, f"{self.ways:,}", len(self.differ))
        return f"| {' | '.join(map(str, cells))} |"


def wanted() -> list[Corpus]:
    """The examples of Airflow 3 and of its standard provider."""
    return [one for one in corpora() if one.airflow == "3" and "example DAGs" in one.name]


def rows(processes: int = PROCESSES) -> list[Row]:
    """A row a corpus."""
    jobs = [(file, corpus.root, corpus.name) for corpus in wanted() for file in corpus.files]
    table = {corpus.name: Row(corpus.name) for corpus in wanted()}
    with ProcessPoolExecutor(processes) as pool:
        for (_, _, name), row in zip(jobs, pool.map(_of_file, *zip(*jobs, strict=True)), strict=True):
            table[name] += row
    return list(table.values())


def _of_file(file: Path, root: Path, name: str) -> Row:
    found, text = Row(name), file.read_text(encoding="utf-8")
    for workflow in read(text, str(file), Report(), bodies=True, project_root=str(root)):
        try:
            verdict = proof(replace(workflow, is_airflow_3=True)).verdict(WAYS)
        except NotVerified as reason:
            said = next((one for one in REASONS if str(reason).startswith(one)), "a value has no form")
            found += Row(name, refused=Counter({f"{said}: {workflow.id}: {reason}": 1}))
            continue
        differ = (f"{workflow.id}: {verdict.difference.said}",) if verdict.difference else ()
        found += Row(name, verdict.is_strict, not verdict.is_strict, verdict.tried, differ)
    return found


def table(found: Iterable[Row]) -> str:
    return "\n".join([HEAD, *map(str, found)]) + "\n"


def with_table(text: str, found: Iterable[Row]) -> str:
    """The README with the table as it is now."""
    return with_part(text, MEASURED, table(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.verify_table", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("--details", action="store_true", help="name what is refused, and why")
    options = parser.parse_args()
    found = rows()
    print(table(found))
    for row in found:
        print("\n".join(row.differ))
        if options.details:
            print("\n".join(sorted(row.refused)))
    if options.write:
        write_part(MEASURED, table(found))


if __name__ == "__main__":
    main()
