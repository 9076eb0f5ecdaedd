"""The rule ``map-no-tolerated-failure``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.maps import is_distributed
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def map_no_tolerated_failure(subject: Subject) -> Iterator[Finding]:
    """A distributed Map stops all its items when one of them fails.

    That is the default: of 100,000 items one that fails ends those that run, and the rest never start.
    Opt-in, as some data sets are worth something only as a whole.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "ResultPath": null, "End": true,
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2",
          "Parameters": {"Bucket": "orders"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Rest", "States": {
            "Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "ResultPath": null, "End": true, "ToleratedFailurePercentage": 5,
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2",
          "Parameters": {"Bucket": "orders"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Rest", "States": {
            "Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    Instead: Say how many may fail: `ToleratedFailurePercentage` or `ToleratedFailureCount`.
    """
    for state in subject.states:
        if is_distributed(state) and not any(key.startswith("ToleratedFailure") for key in state.fields):
            message = f"one item that fails stops all others of `{state.name}`"
            yield Finding(message, subject.machine.locate(state.pointer, True))
