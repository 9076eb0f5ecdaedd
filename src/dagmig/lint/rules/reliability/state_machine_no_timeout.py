"""The rule ``state-machine-no-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

A_DAY = 86400


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False)
def state_machine_no_timeout(subject: Subject) -> Iterator[Finding]:
    """A machine has no timeout of its own.

    An execution that is stuck stays open for up to a year. `task-no-timeout` asks for timeouts where a task
    can get stuck; this rule asks for one of the whole machine. Opt-in, as nearly every published machine has
    none, and one whose tasks all have a timeout and which has no loop ends without it.
    The fix allows a day; it is unsafe, as an execution may need longer.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#sfn-stuck-execution

    ```json bad
    {"StartAt": "Rest",
      "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    ```json good
    {"StartAt": "Rest", "TimeoutSeconds": 86400,
      "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Set `TimeoutSeconds` beside `StartAt`.
    """
    if "TimeoutSeconds" not in subject.machine.document:
        span = subject.machine.locate("/StartAt", True)
        fix = subject.members.added("", "TimeoutSeconds", A_DAY, after=("StartAt",))
        yield Finding("the machine has no `TimeoutSeconds`", span, fix)
