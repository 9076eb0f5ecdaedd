"""The mails that a task of Airflow sends: to ``email``, when it fails and before it is tried again.

Both are sent unless an argument says no: ``default_email_on_failure`` and ``default_email_on_retry`` are on,
https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#email
"""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Disposition
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value

ADDRESS, ON_FAILURE, ON_RETRY = "email", "email_on_failure", "email_on_retry"
ARGUMENTS = (ADDRESS, ON_FAILURE, ON_RETRY)
UNSENT = "no mail is sent: react to the execution's status event instead"


def mails(task: Task, on: str) -> bool:
    """Whether a task may send mails ``ON_FAILURE`` or ``ON_RETRY``."""
    if not _may_hold(task.argument(ADDRESS)) or (on == ON_RETRY and task.policy.retries == 0):
        return False
    said = task.argument(on)
    return said is None or not isinstance(said, Literal) or bool(said.value)


def addresses(task: Task) -> tuple[str, ...]:
    """The addresses of a task that are known."""
    return listed(task.argument(ADDRESS))


def listed(given: Value | None) -> tuple[str, ...]:
    """Addresses in a list, or in a text with commas or semicolons between."""
    value = given.value if isinstance(given, Literal) else None
    texts = value.replace(";", ",").split(",") if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple, set)):
        return ()
    return tuple(text.strip() for text in texts if isinstance(text, str) and text.strip())


def mail_rows(task: Task) -> Iterator[tuple[str, Disposition, str]]:
    """What there is to say of a task's mails: an argument, what becomes of it, and the difference."""
    unsaid = False
    for on in (ON_FAILURE, ON_RETRY):
        said = task.argument(on)
        if mails(task, on):
            unsaid = unsaid or said is None
            if said is not None:
                yield on, Disposition.DECISION, UNSENT
        elif said is not None and not (isinstance(said, Literal) and not said.value):
            yield (
                on,
                Disposition.NOTED,
                "no mail is sent in Airflow either: to nobody, or of nothing",
            )
    if unsaid:
        yield ADDRESS, Disposition.DECISION, UNSENT
    elif _may_hold(task.argument(ADDRESS)) and not any(mails(task, on) for on in (ON_FAILURE, ON_RETRY)):
        yield ADDRESS, Disposition.NOTED, "an address alone sends nothing"


def _may_hold(value: Value | None) -> bool:
    return value is not None and not (isinstance(value, Literal) and not value.value)
