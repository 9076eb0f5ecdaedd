"""The rule ``unguarded-undefined``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.jsonata import Node
from dagmig.diagnostics import Severity
from dagmig.lint.machine.entry import is_asked_for, keys_of_expression
from dagmig.lint.machine.expressions import tree
from dagmig.lint.machine.places import evaluated
from dagmig.lint.machine.values import is_expression
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def unguarded_undefined(subject: Subject) -> Iterator[Finding]:
    """An expression is nothing but a part of the execution's input, which may not be there.

    An expression that yields nothing fails the state with `States.QueryEvaluationError`. Only what comes
    straight from the execution's input is judged, and only where nothing in the machine asks for it with
    `$exists`.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $states.input.pause %}", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "End": true,
        "Seconds": "{% $exists($states.input.pause) ? $states.input.pause : 60 %}"}}}
    ```

    Instead: Ask with `$exists`, and say what holds otherwise.
    """
    for place in evaluated(subject):
        node = tree(place.source) if is_expression(place.text) else None
        keys = keys_of_expression(node, place, subject) if isinstance(node, Node) else ()
        if keys and not is_asked_for(keys, subject):
            path = ".".join(keys)
            yield Finding(
                f"`{path}` may not be in the execution's input", subject.machine.locate(place.pointer)
            )
