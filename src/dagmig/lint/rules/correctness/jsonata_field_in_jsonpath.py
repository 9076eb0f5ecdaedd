"""The rule ``jsonata-field-in-jsonpath``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import JSONATA, JSONPATH
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import foreign_fields
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def jsonata_field_in_jsonpath(subject: Subject) -> Iterator[Finding]:
    """A state that uses JSONPath has a field of JSONata.

    `Arguments`, `Output` and `Items` belong to JSONata, and Step Functions refuses them beside JSONPath,
    which is used wherever no `QueryLanguage` is set.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 5, "Output": {"rested": true}, "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 5, "Output": {"rested": true}, "End": true}}}
    ```

    Instead: Set `QueryLanguage` to `JSONata`, or use `Parameters` and `ResultSelector`.
    """
    for part, name in foreign_fields(subject, JSONPATH, JSONATA):
        span = subject.machine.locate(f"{part.pointer}/{name}", True)
        yield Finding(f"`{name}` is a field of JSONata, and JSONPath is used here", span)
