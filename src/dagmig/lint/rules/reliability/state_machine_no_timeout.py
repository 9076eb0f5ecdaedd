"""The rule ``state-machine-no-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def state_machine_no_timeout(subject: Subject) -> Iterator[Finding]:
    """A machine has no timeout of its own.

    An execution that is stuck stays open for up to a year. `task-no-timeout` asks for timeouts where a task
    can get stuck; this rule asks for one of the whole machine. Opt-in, as nearly every published machine has
    none, and one whose tasks all have a timeout and which has no loop ends without it.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#sfn-stuck-execution

    ```json bad
    {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    ```json good
    {"TimeoutSeconds": 900, "StartAt": "Rest",
      "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Set `TimeoutSeconds` beside `StartAt`.
    """
    if "TimeoutSeconds" not in subject.machine.document:
        yield Finding("the machine has no `TimeoutSeconds`", subject.machine.locate("/StartAt", True))
