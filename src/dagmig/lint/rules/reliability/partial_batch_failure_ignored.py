"""The rule ``partial-batch-failure-ignored``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

FAILED = {
    ("sqs", "sendMessageBatch"): "Failed",
    ("sqs", "deleteMessageBatch"): "Failed",
    ("sns", "publishBatch"): "Failed",
    ("dynamodb", "batchWriteItem"): "UnprocessedItems",
    ("dynamodb", "batchGetItem"): "UnprocessedKeys",
    ("eventbridge", "putEvents"): "FailedEntryCount",
    ("kinesis", "putRecords"): "FailedRecordCount",
    ("firehose", "putRecordBatch"): "FailedPutCount",
    ("s3", "deleteObjects"): "Errors",
}  # what of the answer says that a part of the batch was not done


@machine_rule(Severity.WARNING)
def partial_batch_failure_ignored(subject: Subject) -> Iterator[Finding]:
    """A batch call may fail in part, and nothing looks at which part.

    The call itself succeeds, no retrier acts, and its answer says what was not done (`UnprocessedItems`,
    `FailedEntryCount`, `Failed`). The machine does not name that field anywhere.
    See https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html

    ```json bad
    {"StartAt": "Write", "States": {
      "Write": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:batchWriteItem", "End": true,
        "Parameters": {"RequestItems.$": "$.items"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Write", "States": {
      "Write": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:batchWriteItem",
        "Next": "Left over",
        "Parameters": {"RequestItems.$": "$.items"}, "ResultSelector": {"items.$": "$.UnprocessedItems"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]},
      "Left over": {"Type": "Choice", "Default": "Write",
        "Choices": [{"Variable": "$.items", "StringEquals": "{}", "Next": "Done"}]},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Look at the field, and send again what is left.
    """
    found = [(call, FAILED.get((call.resource.service, call.resource.action), "")) for call in calls(subject)]
    text = json.dumps(subject.machine.document) if any(name for _, name in found) else ""
    for call, name in found:
        if name and call.resource.kind == "sdk" and not re.search(rf"\b{name}\b", text):
            span = subject.machine.locate(call.pointer)
            yield Finding(f"nothing looks at the `{name}` of `{call.resource.short}`", span)
