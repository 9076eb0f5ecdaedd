"""The rule ``parallel-result-misuse``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.shapes import LIST, lost
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, ("machine",))
def parallel_result_misuse(source: Source) -> Iterator[Finding]:
    """A state reads a field of what a Parallel or a Map hands on, which is a list.

    The result has a member for each branch or item, in their order. A path like `$.name` finds nothing in
    a list, and the execution fails.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Rest", "Branches": [
        {"StartAt": "Ask", "States": {"Ask": {"Type": "Pass", "Result": {"pause": 60}, "End": true}}}]},
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Rest", "Branches": [
        {"StartAt": "Ask", "States": {"Ask": {"Type": "Pass", "Result": {"pause": 60}, "End": true}}}]},
      "Rest": {"Type": "Wait", "SecondsPath": "$[0].pause", "End": true}}}
    ```

    Instead: Name the branch, `$[0].name`, or make an object of the list with `ResultSelector`.
    """
    for subject in source.subjects:
        for one in lost(subject):
            if one.kind == LIST:
                span = inside(source, subject, one.place.pointer, one.place.text, one.position)
                yield Finding(f"`{one.before.name}` hands on a list, which has no `{one.key}`", span)
