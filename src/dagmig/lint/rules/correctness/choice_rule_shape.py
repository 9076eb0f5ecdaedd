"""The rule ``choice-rule-shape``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.choices import faults
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def choice_rule_shape(subject: Subject) -> Iterator[Finding]:
    """A rule of a choice is not one: no test, two tests, a test that there is not, or no `Next`.

    A rule of JSONPath has a `Variable` and one comparison (or `And`, `Or`, `Not` of such rules), one of
    JSONata a `Condition`; and a `Next`, which the rules inside of others do not have. Step Functions
    refuses others.
    See https://states-language.net/spec.html#choice-state

    ```json bad
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice", "Default": "Done",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "NumericLessThan": 9, "Next": "Done"}]},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice", "Default": "Done",
        "Choices": [{"Next": "Done", "And": [
          {"Variable": "$.n", "NumericGreaterThan": 1}, {"Variable": "$.n", "NumericLessThan": 9}]}]},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Write one test a rule, and combine tests with `And` and `Or`.
    """
    for state in subject.states:
        for pointer, message in faults(state) if state.type == "Choice" else ():
            yield Finding(message, subject.machine.locate(pointer))
