"""One DAG and its machine, run with every outcome there is, or a sample of them, and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.lower import Product, lower
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Workflow
from dagmig.regions.fold import fold
from dagmig.verify.bodies import is_taken_apart
from dagmig.verify.comparison import Comparison, Difference
from dagmig.verify.dag_run import NotModelled, Program, program, run
from dagmig.verify.engine import InvalidMachine
from dagmig.verify.execution import Machines
from dagmig.verify.observed import Vector
from dagmig.verify.vectors import LIMIT
from dagmig.verify.ways import Ways, ways

Progress = Callable[[Iterable[Vector], int], Iterator[Vector]]


class NotVerified(ValueError):
    """Why a DAG and its machine cannot be compared."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``tried`` of ``total`` ways to go were compared; in ``declared`` of them something else happens that
    the ledger has a row for. ``outlined`` tasks take several states, which stand as one. ``vector`` is the
    smallest found in which the machine does something else, and ``difference`` that.
    """

    tried: int
    total: int
    is_strict: bool
    outlined: tuple[str, ...] = ()
    declared: int = 0
    vector: Vector | None = None
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A workflow and a machine, ready to be compared."""

    program: Program
    machines: Machines
    comparison: Comparison
    ways: Ways
    outlined: tuple[str, ...]

    def verdict(
        self, limit: int = LIMIT, seed: int = 0, progress: Progress = lambda found, _: iter(found)
    ) -> Verdict:
        """Compare them; the first difference ends it, made as small as it can be."""
        total, is_strict = self.ways.space.total, self.comparison.is_strict
        tried = declared = 0
        for vector in progress(self.ways.vectors(limit, seed), min(limit, total)):
            tried += 1
            if self.difference(vector) is None:
                continue
            if self.comparison.is_declared(run(self.program, vector)):
                declared += 1
                continue
            small = self._smallest(vector)
            found = self.difference(small)
            return Verdict(tried, total, is_strict, self.outlined, declared, small, found)
        return Verdict(tried, total, is_strict, self.outlined, declared)

    def difference(self, vector: Vector) -> Difference | None:
        """Where the two part with these outcomes."""
        observed = run(self.program, vector)
        return self.comparison.difference(vector, observed, self.machines.execute(vector))

    def _smallest(self, vector: Vector) -> Vector:
        """Without the outcomes that the difference does not need."""
        for one in list(vector.outcomes):
            less = {key: outcome for key, outcome in vector.outcomes.items() if key != one}
            tried = self.ways.said(replace(vector, outcomes=less))
            if self.difference(tried) and not self.comparison.is_declared(run(self.program, tried)):
                vector = tried
        return vector


def proof(workflow: Workflow, machine: Mapping[str, Any] | None = None, *, drains: bool = False) -> Proof:
    """Of a workflow and the machine it becomes, or (``machine``) another that has the states of its tasks.

    Raises ``NotVerified``.
    """
    report = Report()
    region = fold(workflow, report)
    is_given = machine is not None
    product = lower(workflow, region, report, drains=drains, is_outline=not is_given)
    outlined = _outlined(product)
    if is_given and outlined:
        raise NotVerified(f"the work of {', '.join(outlined)} is not one call, and nothing stands for it")
    untranslated = [task for task, one in product.tasks.items() if not one.is_translated]
    if untranslated:
        raise NotVerified(f"not translated: {', '.join(untranslated)}")
    failing = [row for row in report.rows if row.construct == "value" and row.disposition.is_open]
    if failing:
        raise NotVerified(f"{failing[0].task}: {failing[0].difference}")
    airflow = 3 if workflow.is_airflow_3 else 2
    try:
        modelled = program(workflow, airflow)
        tasks = {one.state: task for task, one in product.tasks.items() if one.can_fail}
        machines = Machines(modelled, machine if machine is not None else product.machine, tasks)
    except NotModelled as problem:
        raise NotVerified(str(problem)) from None
    except InvalidMachine as problem:
        raise NotVerified(f"the machine is not valid: {problem}") from None
    said = (doubt for doubt in product.doubts if doubt.construct == "guarantee")
    is_strict = any(doubt.disposition is Disposition.EXACT for doubt in said)
    worked = frozenset(tasks.values())
    looked_at = {task: machines.answers.get(state, {}) for state, task in tasks.items()}
    apart = frozenset(task for task, shape in looked_at.items() if is_taken_apart(shape))
    comparison = Comparison(modelled, worked, is_strict, apart, product.doubts)
    return Proof(modelled, machines, comparison, ways(workflow, modelled, product.tasks), outlined)


def _outlined(product: Product) -> tuple[str, ...]:
    return tuple(task for task, one in product.tasks.items() if one.has_several and one.is_translated)
