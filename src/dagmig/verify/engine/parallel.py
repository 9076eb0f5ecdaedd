"""Parallel states: every branch gets the same input; the first error that leaves one aborts the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dagmig.verify.engine.clock import Group, Running
from dagmig.verify.engine.data import Data
from dagmig.verify.engine.flow import Flow, follow
from dagmig.verify.engine.sight import Spot
from dagmig.verify.engine.trace import Step


def work(branches: Sequence[Flow], data: Data) -> Callable[[Spot], Running]:
    """All branches, from the arguments to the array of their outputs."""

    def attempt(spot: Spot) -> Running:
        branch = spot.branch
        given = data.arguments(data.sight(spot))
        branch.execution.history.add()
        starts = [
            partial(follow, flow, branch.inner((*branch.place, Step(spot.state, index, False)), None), given)
            for index, flow in enumerate(branches)
        ]
        results = yield from Group(branch.run.clock, starts).run()
        branch.execution.history.add()
        return results

    return attempt


def branches(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(state["Branches"])
