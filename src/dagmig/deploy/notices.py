"""Who hears of what goes wrong: what a DAG's callbacks, mails and deadlines become around its machine.

A rule tells a topic of executions that fail, an alarm of those that took too long:
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html,
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from dagmig.asl.lower.mail import ADDRESS, ON_FAILURE, ON_RETRY, addresses, mails
from dagmig.diagnostics import Disposition, Report, Row
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Items, Literal, New, Value

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
FAILURE, LATE_CALLBACK, LATE = "on_failure_callback", "sla_miss_callback", ("sla", "deadline")
NOTHING = (None, Literal(None))


@dataclass(frozen=True, slots=True)
class Notices:
    """``failures``: executions that fail are told; ``emails`` whom by mail; ``late``: the time after which an
    execution is late.
    """

    failures: bool = False
    emails: tuple[str, ...] = ()
    late: timedelta | None = None


def notices(workflow: Workflow, ledger: Report) -> Notices:
    """The notices, with the rows of the conversion about them said anew."""
    tasks = workflow.tasks.values()
    mailing = [task for task in tasks if mails(task, ON_FAILURE)]
    calls = any(task.argument(FAILURE) not in NOTHING for task in tasks) or (
        workflow.arguments.get(FAILURE) not in NOTHING
    )
    emails = tuple(dict.fromkeys(one for task in mailing for one in addresses(task)))
    found = Notices(calls or bool(mailing), emails, min(_limits(workflow), default=None))
    ledger.rows = [_anew(row, workflow, found) for row in ledger.rows]
    return found


def _anew(row: Row, workflow: Workflow, found: Notices) -> Row:
    task = workflow.tasks.get(row.task or "")
    if row.construct == FAILURE and row.disposition is DECISION:
        said = "the topic AlarmTopic hears of executions that fail: subscribe what the callback does"
        return replace(row, difference=said if task is None else f"{said}{_ONLY_WHOLE}")
    if task is not None and row.construct in (ADDRESS, ON_FAILURE) and mails(task, ON_FAILURE):
        if not addresses(task):
            return replace(row, difference=f"give AlarmEmail the address{_ONLY_WHOLE}")
        said = f"the mail comes by the topic AlarmTopic{_ONLY_WHOLE}"
        if row.construct == ADDRESS and mails(task, ON_RETRY):
            return replace(row, difference=f"{said}, nor of one that is tried again")
        return replace(row, disposition=NOTED, difference=said)
    if row.construct in (*LATE, LATE_CALLBACK) and found.late is not None:
        said = f"the alarm ExecutionsLate tells AlarmTopic of an execution that took more than {found.late}"
        return replace(row, difference=f"{said}, once it has ended; Airflow tells while it runs")
    return row


_ONLY_WHOLE = "; of a task that fails in an execution that does not, nobody hears"


def _limits(workflow: Workflow) -> Iterator[timedelta]:
    """The times that are known after which somebody is told."""
    given = [workflow.arguments.get("deadline"), *map(_sla, workflow.tasks.values())]
    for value in given:
        yield from _times(value)


def _sla(task: Task) -> Value | None:
    return task.argument("sla")


def _times(value: Value | None) -> Iterator[timedelta]:
    match value:
        case Literal(timedelta() as limit) if limit > timedelta():
            yield limit
        case New(kind, arguments, keywords) if kind.endswith(".DeadlineAlert"):
            reference = keywords.get("reference", arguments[0] if arguments else None)
            if "FIXED" not in str(reference):  # a date, and no time since the run began
                yield from _times(keywords.get("interval", arguments[1] if len(arguments) > 1 else None))
        case Items(items):
            for item in items:
                yield from _times(item)
