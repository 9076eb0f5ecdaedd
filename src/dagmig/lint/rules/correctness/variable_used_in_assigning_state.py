"""The rule ``variable-used-in-assigning-state``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.values import is_open
from dagmig.lint.machine.variables import all_assigned, befores, uses
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",))
def variable_used_in_assigning_state(source: Source) -> Iterator[Finding]:
    """A state uses a variable that it only assigns itself.

    All expressions of a state see the variables as they were when it began: what `Assign` sets is there
    for the next state. The execution fails.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Assign": {"name": "{% $states.input.name %}"},
        "Output": {"text": "{% 'Hello ' & $name %}"}, "Next": "Done"},
      "Done": {"Type": "Succeed", "Output": "{% $name %}"}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Assign": {"name": "{% $states.input.name %}"},
        "Output": {"text": "{% 'Hello ' & $states.input.name %}"}, "Next": "Done"},
      "Done": {"Type": "Succeed", "Output": "{% $name %}"}}}
    ```

    Instead: Use the expression itself, or the variable in the next state.
    """
    for subject in source.subjects:
        known = dict(befores(subject))
        for use in uses(subject):
            before = known.get(use.place.state.pointer)
            if before is None or use.name in before.sometimes or use.is_guarded or is_open(use.place.text):
                continue
            if use.name in all_assigned(use.place.state):
                span = inside(
                    source, subject, use.place.pointer, use.place.text, use.position, len(use.name) + 1
                )
                yield Finding(f"`${use.name}` is only there in the next state", span)
