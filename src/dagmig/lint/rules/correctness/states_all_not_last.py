"""The rule ``states-all-not-last``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.edit import rewritten
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.SAFE)
def states_all_not_last(source: Source) -> Iterator[Finding]:
    """`States.ALL` stands beside other errors, or before other retriers or catchers.

    It stands alone in its `ErrorEquals`, and in the last member of `Retry` or `Catch`; Step Functions refuses
    the definition otherwise. The fix removes what stands beside it, as it is included.
    See https://states-language.net/spec.html#errors

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["Late", "States.ALL"], "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    Instead: Let it stand alone, and last.
    """
    for subject in source.subjects:
        for policy in policies(subject):
            if "States.ALL" not in policy.errors:
                continue
            span = subject.machine.locate(f"{policy.pointer}/ErrorEquals")
            if len(policy.errors) > 1:
                alone = rewritten(source, span, policy.values["ErrorEquals"], ["States.ALL"])
                yield Finding("`States.ALL` stands alone in its `ErrorEquals`", span, alone)
            if not policy.is_last:
                yield Finding(f"`States.ALL` stands in the last of `{policy.key}`", span)
