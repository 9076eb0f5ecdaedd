"""The rule ``jsonpath-machine``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import JSONPATH
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def jsonpath_machine(subject: Subject) -> Iterator[Finding]:
    """The machine uses JSONPath.

    AWS recommends JSONata for new machines: expressions where the value stands, two fields instead of
    five, and variables that make the passing on of inputs needless.
    There is no fix: where a path finds nothing the state fails, and an expression goes on without a value.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $states.input.pause %}", "End": true}}}
    ```

    Instead: Set `QueryLanguage` to `JSONata`, at first for single states.
    """
    if all(state.query_language == JSONPATH for state in subject.states):
        yield Finding("the machine uses JSONPath", subject.machine.locate("/StartAt", True))
