"""The rule ``variable-maybe-undefined``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.values import is_open
from dagmig.lint.machine.variables import befores, uses
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, ("machine",))
def variable_maybe_undefined(source: Source) -> Iterator[Finding]:
    """A variable is used that is only assigned on some of the ways here.

    On the others the execution fails. Nothing is said of a variable that an expression of the machine
    asks for with `$exists`.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice", "Default": "Rest",
        "Choices": [{"Condition": "{% $states.input.late %}", "Next": "Hurry"}]},
      "Hurry": {"Type": "Pass", "Assign": {"pause": 5}, "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": "{% $pause %}", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice", "Default": "Rest", "Assign": {"pause": 60},
        "Choices": [{"Condition": "{% $states.input.late %}", "Next": "Hurry"}]},
      "Hurry": {"Type": "Pass", "Assign": {"pause": 5}, "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": "{% $pause %}", "End": true}}}
    ```

    Instead: Assign it on every way, for instance in the first state.
    """
    for subject in source.subjects:
        known = dict(befores(subject))
        asked = {use.name for use in uses(subject) if use.is_guarded}
        for use in uses(subject):
            before = known.get(use.place.state.pointer)
            if before is None or use.name in before.always or use.name not in before.sometimes:
                continue
            if use.name not in asked and not is_open(use.place.text):
                span = inside(
                    source, subject, use.place.pointer, use.place.text, use.position, len(use.name) + 1
                )
                yield Finding(f"not every way here assigns `${use.name}`", span)
