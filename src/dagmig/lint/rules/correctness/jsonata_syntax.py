"""The rule ``jsonata-syntax``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.jsonata import JsonataError
from dagmig.diagnostics import Severity
from dagmig.lint.machine.expressions import tree
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.places import evaluated
from dagmig.lint.machine.values import is_expression, is_open
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",))
def jsonata_syntax(source: Source) -> Iterator[Finding]:
    """An expression between `{%` and `%}` is no JSONata.

    Step Functions refuses the definition. The finding points into the expression.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $max([$states.input.pause, 60) %}", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $max([$states.input.pause, 60]) %}", "End": true}}}
    ```

    Instead: Correct the expression at the column shown.
    """
    for subject in source.subjects:
        for place in evaluated(subject):
            fault = tree(place.source) if is_expression(place.text) and not is_open(place.text) else None
            if isinstance(fault, JsonataError):
                span = inside(source, subject, place.pointer, place.text, fault.position + 2)
                yield Finding(f"no JSONata: {fault}", span)
