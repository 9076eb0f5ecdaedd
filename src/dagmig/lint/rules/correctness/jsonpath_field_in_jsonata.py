"""The rule ``jsonpath-field-in-jsonata``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import JSONATA, JSONPATH
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import foreign_fields
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def jsonpath_field_in_jsonata(subject: Subject) -> Iterator[Finding]:
    """A state that uses JSONata has a field of JSONPath.

    `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`, `Result` and whatever ends in
    `Path` belong to JSONPath, and Step Functions refuses them beside JSONata. There a task has
    `Arguments`, a state has `Output`, and a value is an expression where it stands.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $states.input.pause %}", "End": true}}}
    ```

    Instead: Use `Arguments` and `Output`, or set the state's `QueryLanguage` to `JSONPath`.
    """
    for part, name in foreign_fields(subject, JSONATA, JSONPATH):
        span = subject.machine.locate(f"{part.pointer}/{name}", True)
        yield Finding(f"`{name}` is a field of JSONPath, and JSONata is used here", span)
