"""The rule ``inline-map-concurrency``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.maps import is_inline
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

LIMIT = 40


@machine_rule(Severity.WARNING)
def inline_map_concurrency(subject: Subject) -> Iterator[Finding]:
    """An inline Map asks for more than 40 items at once.

    It does not get more: 40 is the limit of the inline mode. A distributed Map goes up to 10,000.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "MaxConcurrency": 200, "End": true,
        "ItemProcessor": {"StartAt": "Rest",
          "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "MaxConcurrency": 40, "End": true,
        "ItemProcessor": {"StartAt": "Rest",
          "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    Instead: Ask for 40 at most, or let the Map be distributed.
    """
    for state in subject.states:
        given = number(state.fields.get("MaxConcurrency"))
        if is_inline(state) and given is not None and given > LIMIT:
            span = subject.machine.locate(f"{state.pointer}/MaxConcurrency")
            yield Finding(f"an inline Map runs {LIMIT} items at once, not {given:g}", span)
