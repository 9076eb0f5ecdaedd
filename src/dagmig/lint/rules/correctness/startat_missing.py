"""The rule ``startat-missing``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def startat_missing(subject: Subject) -> Iterator[Finding]:
    """A branch or a Map's processor does not say where it starts.

    Each level of a machine has a `StartAt` of its own, and Step Functions refuses a definition without.
    See https://states-language.net/spec.html#toplevelfields

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true, "Branches": [
        {"States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    Instead: Name the first state in `StartAt`.
    """
    for scope in subject.scopes:
        if scope.pointer and scope.states and not scope.start_at:
            yield Finding("this level has no `StartAt`", subject.machine.locate(scope.pointer))
