"""The ways a workflow can go that its machine is asked about, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dagmig.asl.lower import Written
from dagmig.asl.lower.mapping import has_members
from dagmig.asl.lower.obstacles import choosers
from dagmig.graph.model import Workflow
from dagmig.graph.values import Output
from dagmig.verify.dag_run.program import Program
from dagmig.verify.observed import ALL, SUCCEEDS, Vector
from dagmig.verify.vectors import Chosen, Space, space


@dataclass(frozen=True, slots=True)
class Ways:
    """``chosen`` is what a branch returns in a vector that says nothing of it."""

    space: Space
    chosen: Mapping[str, Chosen]

    def vectors(self, limit: int, seed: int) -> Iterator[Vector]:
        """The vectors, with what each branch returns."""
        return (self.said(vector) for vector in self.space.vectors(limit, seed))

    def said(self, vector: Vector) -> Vector:
        """A vector with what each branch returns."""
        found = dict(vector.outcomes)
        for task, chosen in self.chosen.items():
            outcome = found.get((task, ALL), SUCCEEDS)
            if outcome.chosen is None:
                found[task, ALL] = replace(outcome, chosen=chosen)
        return replace(vector, outcomes=found)


def ways(workflow: Workflow, program: Program, written: Mapping[str, Written]) -> Ways:
    """Every task that does work fails, those that can skip themselves do, branches choose what they can."""
    usual: dict[str, Chosen] = {}
    choices: dict[str, list[Chosen]] = {}
    found_choosers = choosers(workflow)
    for task, kind in found_choosers.items():
        if kind.is_branch:
            ids = sorted(kind.choices if kind.ids is None else kind.ids)
            every = [tuple(ids)] if len(ids) > 1 and not kind.is_single else []
            found = [*every, *((name,) for name in ids), *([()] if kind.always is None else [])]
            usual[task], choices[task] = found[0], found[1:]
    for node in program.nodes:
        if node.chooser is not None and node.id not in found_choosers:
            choices[node.id] = []  # the machine has nothing that it skips
    can_fail = [task for task, one in written.items() if one.can_fail]
    can_skip = [task for task, one in written.items() if one.skips]
    never_empty = [task for task in workflow.tasks if has_members(workflow, Output(task))]
    return Ways(space(program, can_fail, can_skip, choices, never_empty), usual)
