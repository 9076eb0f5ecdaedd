"""The rule ``payload-risk``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import State
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.growth import growing
from dagmig.lint.machine.maps import is_distributed
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

REDUCES = frozenset({"ResultWriter", "ResultSelector", "Output"})
FEW = 100  # items whose results are taken to fit
SCAN = "aws-sdk:dynamodb:scan"
MAKES_LESS = frozenset(
    {
        *("Limit", "Select", "IndexName", "FilterExpression", "ScanFilter"),
        *("ProjectionExpression", "AttributesToGet", "ExclusiveStartKey"),
    }
)  # parameters of a scan with which its answer may be small


@machine_rule(Severity.WARNING)
def payload_risk(subject: Subject) -> Iterator[Finding]:
    """The data of an execution grows with a data set, and has a limit of 256 KiB.

    What a state hands on, and each variable, fails the execution beyond that. Flagged are a distributed Map
    over a data set that hands on the results of all its items, a scan of a whole DynamoDB table (a page has
    up to 1 MB), and a variable to which each round of a loop adds something, where no number ends the loop.
    Nothing is said of a whole input that is passed to a function: its size is not known. There is no fix, as
    only its author knows where the data can be kept.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#avoid-exec-failures

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2",
          "Parameters": {"Bucket": "orders"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2",
          "Parameters": {"Bucket": "orders"}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
          "Parameters": {"Bucket": "results", "Prefix": "orders"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    Instead: Write results to S3 (`ResultWriter`) and hand on where they are, read tables by pages
    (`Limit`), or drop what nobody needs (`"ResultPath": null`).
    """
    for state in subject.states:
        if is_distributed(state) and _hands_on_all(state):
            span = subject.machine.locate(state.pointer, True)
            yield Finding(f"`{state.name}` hands on the results of a whole data set", span)
    for call in calls(subject):
        given = call.given
        if call.resource.short == SCAN and given is not None and MAKES_LESS.isdisjoint(given):
            span = subject.machine.locate(call.pointer)
            yield Finding(f"`{call.state.name}` reads a table without a `Limit`", span)
    for place in growing(subject):
        span = subject.machine.locate(place.pointer)
        yield Finding(f"`${place.key}` grows with each round of the loop", span)


def _hands_on_all(state: State) -> bool:
    """Whether a Map reads a data set and its output is the list of all results."""
    reader = state.fields.get("ItemReader")
    drops = any(state.fields.get(name, "$") is None for name in ("ResultPath", "OutputPath"))
    if not isinstance(reader, dict) or drops or state.fields.keys() & REDUCES:
        return False
    config = reader.get("ReaderConfig")
    most = number(config.get("MaxItems")) if isinstance(config, dict) else None
    return most is None or most > FEW
