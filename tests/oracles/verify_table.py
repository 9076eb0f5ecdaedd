"""The published example DAGs in real Airflow, and their machines: ``python -m tests.oracles.verify_table``.

Each DAG file is loaded by real Airflow and run by its scheduler, each machine by LocalStack's interpreter and
seen by two independent validators: with everything succeeding, each single task failing, skipped or tried
again, each choice of a branch and each length of a list; with ``--on-failure drain`` and without. The models
of ``dagmig verify`` try ``WAYS`` more.

``--write`` puts the table into the README, ``--details`` names what is refused, by reason.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tests.oracles.asl_engines import LocalStack
from tests.oracles.corpora import ORACLES, Corpus, corpora, python
from tests.oracles.reader_table import PROCESSES
from tests.oracles.readme_part import with_part, write_part
from tests.oracles.side_by_side import Case, runs, timed
from tests.oracles.validators import Machine, by_asl_validator, by_statelint

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow
from dagmig.pipeline import Lowering, airflow_to_asl
from dagmig.verify.proof import NotVerified, Proof, proof

WAYS = 200  # of each DAG at most, in the models
MEASURED = "python -m tests.oracles.verify_table"
HEAD = (
    "| example DAGs | DAGs | converted | STRICT | SUCCESS-PATH | drained STRICT | refused | runs | declared "
    "| differ |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """``refused`` are the reasons and the DAGs without a machine that does all that they do; ``drained`` are
    STRICT with ``--on-failure drain``. ``declared`` runs differ as the ledger says, ``differ`` otherwise;
    ``invalid`` is what a validator says.
    """

    name: str
    strict: int = 0
    others: int = 0
    drained: int = 0
    runs: int = 0
    declared: int = 0
    differ: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: Row) -> Row:
        return Row(
            self.name,
            self.strict + other.strict,
            self.others + other.others,
            self.drained + other.drained,
            self.runs + other.runs,
            self.declared + other.declared,
            self.differ + other.differ,
            self.invalid + other.invalid,
            self.refused + other.refused,
        )

    def __str__(self) -> str:
        machines = self.strict + self.others
        counted = (machines + len(self.refused), machines, self.strict, self.others, self.drained)
        cells = (self.name, *counted, len(self.refused), f"{self.runs:,}", self.declared, len(self.differ))
        return f"| {' | '.join(map(str, cells))} |"


@dataclass(frozen=True, slots=True)
class Example:
    """One DAG of a published file."""

    corpus: Corpus
    file: Path
    workflow: Workflow

    @property
    def name(self) -> str:
        return f"{self.corpus.name}: {self.workflow.id}"

    def proof(self, *, drains: bool = False) -> Proof:
        """Raises ``NotVerified``."""
        return proof(replace(self.workflow, is_airflow_3=True), drains=drains)

    def machine(self, *, drains: bool = False) -> Machine:
        """As ``dagmig convert`` writes it."""
        text, root = self.file.read_text(encoding="utf-8"), str(self.corpus.root)
        given = (text, str(self.file), Report(), self.workflow.id, root)
        return airflow_to_asl(*given, lowering=Lowering(drains, airflow=3))[0].machine

    def reason(self, refused: NotVerified) -> str:
        """Why it is refused, with the operators of the tasks that are not translated."""
        said, _, tasks = str(refused).partition(": ")
        named = [task for name, task in self.workflow.tasks.items() if name in tasks.split(", ")]
        operators = sorted({task.call.operator.rpartition(".")[2] for task in named})
        return f"{said}: {', '.join(operators)}" if operators and said == "not translated" else str(refused)


def wanted() -> list[Corpus]:
    """The examples of Airflow 3 and of its standard provider."""
    return [one for one in corpora() if one.airflow == "3" and "example DAGs" in one.name]


def examples(corpus: Corpus) -> Iterator[Example]:
    """All DAGs of its files."""
    for file in corpus.files:
        text = file.read_text(encoding="utf-8")
        for workflow in read(text, str(file), Report(), bodies=True, project_root=str(corpus.root)):
            yield Example(corpus, file, workflow)


def rows(pythons: tuple[Path, Path], node_modules: Path, validators_bin: Path) -> list[Row]:
    """A row a corpus; ``pythons`` are Airflow's and LocalStack's."""
    table = {corpus.name: Row(corpus.name) for corpus in wanted()}
    cases: list[Case] = []
    machines: dict[str, Machine] = {}
    by_name: dict[str, str] = {}
    for example in (one for corpus in wanted() for one in examples(corpus)):
        corpus = example.corpus.name
        try:
            made = example.proof()
        except NotVerified as refused:
            table[corpus] += Row(corpus, refused=((example.reason(refused), str(example.workflow.id)),))
            continue
        is_strict = made.comparison.is_strict
        table[corpus] += Row(corpus, is_strict, not is_strict)
        drained = example.proof(drains=True)
        table[corpus] += Row(corpus, drained=drained.comparison.is_strict)
        for drains, one in ((False, made), (True, drained)):
            case = _case(example, one, drains)
            by_name[case.name], machines[case.name] = corpus, example.machine(drains=drains)
            cases.append(case)
    with LocalStack(pythons[1]) as engine:
        for one in runs(pythons[0], engine, cases):
            corpus, differ = by_name[one.case.name], (str(one),) if one.is_unexplained else ()
            table[corpus] += Row(corpus, runs=1, declared=one.is_declared, differ=differ)
    for name, said in (*in_models(), *invalid(machines, node_modules, validators_bin)):
        table[by_name[name]] += said
    return list(table.values())


def _case(example: Example, made: Proof, drains: bool) -> Case:
    source = {
        "file": str(example.file),
        "root": str(example.corpus.root),
        "dag": str(example.workflow.id),
    }
    vectors = made.ways.vectors(made.ways.space.alone, 0)
    name = f"{example.name}, drained" if drains else example.name
    return Case(name, source, made, [timed(made, vector, 0) for vector in vectors])


def in_models(processes: int = PROCESSES) -> Iterator[tuple[str, Row]]:
    """What the models of ``dagmig verify`` find, by example."""
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(_in_models, wanted()):
            yield from found


def _in_models(corpus: Corpus) -> list[tuple[str, Row]]:
    found = []
    for example in examples(corpus):
        try:
            verdicts = [example.proof(drains=drains).verdict(WAYS) for drains in (False, True)]
        except NotVerified:
            continue
        for difference in (one.difference for one in verdicts if one.difference is not None):
            said = f"{example.name}, in the models: {difference.said}"
            found.append((example.name, Row(corpus.name, differ=(said,))))
    return found


def invalid(
    machines: dict[str, Machine], node_modules: Path, validators_bin: Path
) -> Iterator[tuple[str, Row]]:
    """What two validators say of the machines, by example."""
    with tempfile.TemporaryDirectory() as work:
        found = [by_asl_validator(machines, node_modules, Path(work))]
        found += [by_statelint(machines, validators_bin, Path(work))]
    for name, said in ((name, error) for one in found for name, errors in one.items() for error in errors):
        yield name, Row("", invalid=(f"{name}: {said}",))


def table(found: Iterable[Row]) -> str:
    return "\n".join([HEAD, *map(str, found)]) + "\n"


def reasons(found: Iterable[Row]) -> str:
    """The DAGs that are refused, by reason, the most frequent first."""
    by_reason: dict[str, list[str]] = {}
    for row in found:
        for reason, dag in row.refused:
            by_reason.setdefault(reason, []).append(dag)
    ordered = sorted(by_reason.items(), key=lambda one: (-len(one[1]), one[0]))
    return "\n".join(f"{len(dags)} {reason} ({', '.join(sorted(set(dags)))})" for reason, dags in ordered)


def with_table(text: str, found: Iterable[Row]) -> str:
    """The README with the table as it is now."""
    return with_part(text, MEASURED, table(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.verify_table", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("--details", action="store_true", help="name what is refused, by reason")
    options = parser.parse_args()
    localstack = ORACLES / "localstack" / "bin" / "python"
    found = rows((python("3"), localstack), ORACLES / "node" / "node_modules", ORACLES / "validators" / "bin")
    print(table(found))
    print("\n".join(said for row in found for said in (*row.differ, *row.invalid)))
    if options.details:
        print(reasons(found))
    if options.write:
        write_part(MEASURED, table(found))


if __name__ == "__main__":
    main()
