"""The rule ``input-lost``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.shapes import ANSWER, kept, lost
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, ("machine",), fix=FixKind.UNSAFE)
def input_lost(source: Source) -> Iterator[Finding]:
    """A state reads the input that the answer of a service has replaced.

    A task without `ResultPath` hands on what the service answered and nothing else. The answer's fields
    are those of AWS's service models; what a Lambda function answers is not known, and nothing is said of
    it.
    The fix sets it to `null`, where nothing reads a field of the answer; it is unsafe, as the answer as a
    whole may be needed.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html

    ```json bad
    {"StartAt": "Tell", "States": {
      "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Next": "Rest",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:begun", "Message.$": "$.name"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}]},
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}
    ```

    ```json good
    {"StartAt": "Tell", "States": {
      "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "ResultPath": null, "Next": "Rest",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:begun", "Message.$": "$.name"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}]},
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}
    ```

    Instead: Set `ResultPath` to `null`, or to a field of its own.
    """
    for subject in source.subjects:
        for one in lost(subject):
            if one.kind == ANSWER:
                span = inside(source, subject, one.place.pointer, one.place.text, one.position)
                yield Finding(
                    f"the answer of `{one.before.name}` has no `{one.key}`",
                    span,
                    kept(one, subject, one.before.pointer, None),
                )
