"""The rule ``unknown-sdk-action``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.asl.services import Service, service, services
from dagmig.diagnostics import Severity
from dagmig.lint.edit import renamed
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.UNSAFE)
def unknown_sdk_action(source: Source) -> Iterator[Finding]:
    """An `aws-sdk` integration names an action that the service does not have.

    Step Functions refuses the definition. Actions are written in camelCase (`getObject`), services as
    AWS's SDK for Java names them: `sfn`, `eventbridge`, `cloudwatchlogs`. The actions are those of AWS's
    service models when this version was made; of a service that they do not have nothing is said. The fix
    writes a similar name; it is unsafe, as another may have been meant.
    See https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html

    ```json bad
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObjekt",
        "Parameters": {"Bucket": "reports", "Key": "today.json"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "reports", "Key": "today.json"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Write the action of the API in camelCase.
    """
    for subject in source.subjects:
        for call in calls(subject):
            one = call.resource
            if one.kind != "sdk" or call.action is not None:
                continue
            found = service(one.service)
            meant = _meant_service(one.service) if found is None else _meant_action(one.action, found)
            if found is None and not meant:
                continue
            span = subject.machine.locate(call.pointer)
            written, name = (one.action, "action") if found else (one.service, "service")
            hint = f": `{meant}` is meant?" if meant else ""
            fix = (
                renamed(source, span, one.text, one.text.replace(f":{written}", f":{meant}"))
                if meant
                else None
            )
            yield Finding(
                f"`{one.service}` has no action `{one.action}`{hint}"
                if found
                else f"there is no {name} `{written}`{hint}",
                span,
                fix,
            )


def _meant_service(name: str) -> str:
    """The service that is meant by botocore's name, or by another case of letters."""
    lower = name.lower()
    return next((one.name for one in services().values() if lower in (one.client, one.name)), "")


def _meant_action(name: str, known: Service) -> str:
    by_lower = {one.lower(): one for one in known.actions}
    return next((by_lower[one] for one in get_close_matches(name.lower(), by_lower, n=1, cutoff=0.8)), "")
