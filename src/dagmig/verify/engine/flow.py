"""A scope of a machine, and the token that moves through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dagmig.verify.engine.clock import Running
from dagmig.verify.engine.errors import StatesError
from dagmig.verify.engine.limits import checked
from dagmig.verify.engine.sight import Branch, Spot
from dagmig.verify.engine.trace import Visit


class State(Protocol):
    """``enter`` gives (output, assigned variables, next name), at once or as the result of a fiber."""

    @property
    def takes_time(self) -> bool: ...

    def enter(self, spot: Spot) -> Any: ...


@dataclass(slots=True)
class Flow:
    """``start`` is the name of one of the ``states``."""

    start: str
    states: Mapping[str, State] = field(default_factory=dict)


def follow(flow: Flow, branch: Branch, given: Any) -> Running:
    """Move from the start to the end of a scope; the last state's output. Raises the error nothing caught."""
    run, history = branch.run, branch.execution.history
    name: str | None = flow.start
    while name is not None:
        state = flow.states[name]
        visit = Visit(name, branch.place, run.clock.now, run.order())
        run.trace.visits.append(visit)
        spot = Spot(branch, name, given, run.millis(), history.add())
        try:
            entered = state.enter(spot)
            output, assigned, following = (yield from entered) if state.takes_time else entered
        except StatesError as error:
            spot.raised(error)
            raise
        given = checked(output, name)
        if assigned:
            branch.variables = {**branch.variables, **assigned}
        visit.left, visit.left_order = run.clock.now, run.order()
        history.add()
        name = following
    return given
