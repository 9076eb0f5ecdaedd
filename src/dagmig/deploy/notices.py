"""Who hears of what goes wrong: what a DAG's callbacks, mails and deadlines become around its machine.

A rule tells a topic of executions that fail, an alarm of those that took too long:
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html,
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from dagmig.asl.lower.mail import ADDRESS, ON_FAILURE, ON_RETRY, addresses, listed, mails
from dagmig.diagnostics import Disposition, Report, Row
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Items, Literal, New, Value

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
FAILURE, LATE_CALLBACK, LATE = "on_failure_callback", "sla_miss_callback", ("sla", "deadline")
NOTHING = (None, Literal(None))
CONTENT = frozenset({"subject", "html_content", "files", "template"})
PROVIDERS = "airflow.providers."
NOTIFIERS = frozenset(
    f"{PROVIDERS}{name}"
    for name in (
        "smtp.notifications.smtp.SmtpNotifier",
        "smtp.notifications.smtp.send_smtp_notification",
        "amazon.aws.notifications.ses.SesNotifier",
        "amazon.aws.notifications.ses.send_ses_notification",
    )
)


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
    told = [*(addresses(task) for task in mailing), _mailed(workflow.arguments.get(FAILURE))]
    told += [_mailed(task.argument(FAILURE)) for task in tasks]
    emails = tuple(dict.fromkeys(one for several in told for one in several))
    found = Notices(calls or bool(mailing), emails, min(_limits(workflow), default=None))
    ledger.rows = [_anew(row, workflow, found) for row in ledger.rows]
    return found


def _anew(row: Row, workflow: Workflow, found: Notices) -> Row:
    task = workflow.tasks.get(row.task or "")
    if row.construct == FAILURE and row.disposition is DECISION:
        callbacks = (task.argument if task else workflow.arguments.get)(FAILURE)
        if _mailed(callbacks):
            said = "the mail comes by the topic AlarmTopic, with the event for its subject and text"
            disposition = DECISION if _has_content(callbacks) else NOTED
            whole = said if task is None else f"{said}{_ONLY_WHOLE}"
            return replace(row, disposition=disposition, difference=whole)
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


def _each(callbacks: Value | None) -> tuple[Value | None, ...]:
    return callbacks.items if isinstance(callbacks, Items) else (callbacks,)


def _has_content(callbacks: Value | None) -> bool:
    """Whether a notifier is told what to write."""
    return any(isinstance(one, New) and not CONTENT.isdisjoint(one.keywords) for one in _each(callbacks))


def _mailed(callbacks: Value | None) -> tuple[str, ...]:
    """Whom callbacks write to that do nothing but write mails; empty where one does more, or is not known."""
    found = [_written_to(one) for one in _each(callbacks)]
    return tuple(one for each in found for one in each) if all(found) else ()


def _written_to(callback: Value | None) -> tuple[str, ...]:
    """The addresses of a notifier, all of which have to be known."""
    if not isinstance(callback, New) or callback.type not in NOTIFIERS:
        return ()
    to = callback.keywords.get("to", callback.arguments[0] if callback.arguments else None)
    given = [to, *(callback.keywords[name] for name in ("cc", "bcc") if name in callback.keywords)]
    found = [listed(value) for value in given if value not in NOTHING]
    known = tuple(one for each in found for one in each)
    return known if all(found) and not any("{" in one for one in known) else ()


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
