"""Operators that make a thing unless it is there already, and return it either way (``if_exists``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.integrations import Integration
from dagmig.integrations.either import either
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.status import Status
from dagmig.integrations.table import output

DROPPED: Mapping[str, str] = {"if_exists": "it says whether what is there is a failure"}


def made_or_found(made: Integration, error: str, look: Status) -> Integration:
    """``made`` with a state that looks up what is there where the call fails with ``error``, unless
    ``if_exists`` is ``fail``. ``look.at`` is a path to what the operator returns; ``@name`` in it is an
    argument.
    """

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = made.to_asl(task, report)
        returned = fragment.outputs["return_value"]
        caught = {"ErrorEquals": [error], "Output": {}, "Next": Ref("look")}
        done = Ref("as wanted")
        main = {**fragment.states[MAIN], "Assign": {":found": returned.expression}, "Catch": [caught]}
        found = output(task, f"$states.result.{look.at}")
        states = {
            MAIN: {**main, "Next": done},
            "look": {**look.call(task, done), "Assign": {":found": found}},
            "as wanted": {"Type": "Pass"},
        }
        outputs = {"return_value": Projection("as wanted", Expression.of("$:found"))}
        return replace(fragment, states=states, outputs=outputs)

    # a state by itself fails where the thing is there: it comes back as the first
    return either("if_exists", "skip", {"fail": made, "skip": replace(made, to_asl=to_asl)})
