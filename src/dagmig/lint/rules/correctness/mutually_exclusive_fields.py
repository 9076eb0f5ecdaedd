"""The rule ``mutually-exclusive-fields``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import EXCLUSIVE, fields
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import all_parts
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def mutually_exclusive_fields(subject: Subject) -> Iterator[Finding]:
    """Two fields say the same thing in two ways.

    Of a value and the path to it (`TimeoutSeconds` and `TimeoutSecondsPath`), of `Next` and `End`, of the
    four ways of a Wait to say how long, only one may be there. Step Functions refuses both.
    See https://states-language.net/spec.html#wait-state

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "SecondsPath": "$.pause", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Keep one of them.
    """
    for part in all_parts(subject):
        for group in EXCLUSIVE:
            there = [name for name in group if name in part.values and part.values[name] is not False]
            if len(there) > 1 and all(name in fields(part.of) for name in there):
                span = subject.machine.locate(f"{part.pointer}/{there[1]}", True)
                yield Finding(f"`{there[0]}` and `{there[1]}` exclude each other", span)
