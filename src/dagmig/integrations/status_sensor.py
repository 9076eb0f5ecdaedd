"""Sensors that ask a service how something stands: one declaration, a loop of states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration, Loop
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.poller import FAILED, Ending
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import AWS_BASE, account


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor and its loop; see ``sensor``."""

    status: Status
    targets: str
    fails: str
    every: int
    times: tuple[str, int] | None
    reasons: Mapping[str, str]
    open_reasons: Mapping[str, str]
    harmless: Mapping[str, object]
    outputs: Mapping[str, str]

    def to_asl(self, task: Task, report: Report) -> Fragment:
        """The sensor's states."""
        known = {*OWN, *self.status.arguments, self.targets, self.fails, *(self.times or ())[:1]}
        known |= {name for name, value in self.harmless.items() if task.argument(name) == Literal(value)}
        account(task, known, self.reasons, self.status.action, report, self.open_reasons)
        status = self.status.of(done=task.argument(self.targets), failed=task.argument(self.fails))
        condition = status.has_failed
        return sensed(
            task,
            {MAIN: status.call(task, Ref("found?"))},
            status.is_done,
            report,
            failed=None if condition is None else Ending(condition, FAILED, status.cause),
            every=self.every,
            times=self.times,
            outputs={key: Projection(MAIN, Expression.of(source)) for key, source in self.outputs.items()},
        )


def sensor(  # noqa: PLR0913
    operator: str,
    status: Status,
    *,
    targets: str = "",
    fails: str = "",
    every: int = 60,
    times: tuple[str, int] | None = None,
    dropped: Mapping[str, str] | None = None,
    undecided: Mapping[str, str] | None = None,
    harmless: Mapping[str, object] | None = None,
    outputs: Mapping[str, str] | None = None,
    aliases: tuple[str, ...] = (),
) -> Integration:
    """Declare a sensor. ``targets`` and ``fails``: arguments that hold the words of success and failure.
    ``every`` and ``times``: see ``sensed``. ``outputs``: XCom keys, as JSONata over the last answer. The
    others are those of ``table``.
    """
    made = Sensor(
        status,
        targets,
        fails,
        every,
        times,
        {**AWS_BASE, **(dropped or {})},
        undecided or {},
        harmless or {},
        outputs or {},
    )
    form = f"`{status.action}` in a bounded loop"
    loop = Loop("poke_interval", "timeout", resource=PREFIX + status.action, asked=status.asked)
    return Integration(operator, (), made.to_asl, None, aliases, form, loop=loop)
