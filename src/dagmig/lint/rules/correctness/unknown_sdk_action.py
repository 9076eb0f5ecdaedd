"""The rule ``unknown-sdk-action``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.asl.resource import Resource
from dagmig.asl.services import Service, service, services
from dagmig.diagnostics import Severity
from dagmig.lint.arguments import SHORTEST, distance
from dagmig.lint.edit import renamed
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.UNSAFE)
def unknown_sdk_action(source: Source) -> Iterator[Finding]:
    """An `aws-sdk` integration names an action that the service does not have, or a service misspelt.

    Step Functions refuses the definition. Actions are written in camelCase (`getObject`), services as
    AWS's SDK for Java names them: `sfn`, `eventbridge`, `cloudwatchlogs`. The actions are those of AWS's
    service models when this version was made; of a service that they do not have nothing is said, unless one
    that has the action is written almost so. The fix writes a similar name; it is unsafe, as another may have
    been meant.
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
            meant = _meant_service(one) if found is None else _meant_action(one.action, found)
            if found is None and not meant:
                continue
            span = subject.machine.locate(call.pointer)
            said = (
                f"`{one.service}` has no action `{one.action}`"
                if found
                else f"there is no service `{one.service}`"
            )
            name = f"{one.service}:{meant}" if found else f"{meant}:{one.action}"
            text = one.text.replace(f":{one.service}:{one.action}", f":{name}")
            fix = renamed(source, span, one.text, text) if meant else None
            yield Finding(f"{said}: `{meant}` is meant?" if meant else said, span, fix)


def _meant_service(resource: Resource) -> str:
    """The service that is meant by botocore's or IAM's name or another case of letters, or by a slip of the
    pen where the one that is meant has such an action; not one of another version.
    """
    lower, action = resource.service.lower(), resource.action
    known = services().values()
    by_name = [one.name for one in known if lower in (one.client, one.name)]
    if by_name := by_name or [one.name for one in known if lower == one.prefix and action in one.actions]:
        return by_name[0]
    limit = 1 if len(lower) < 8 else 2
    close = [
        (found, name)
        for name, one in services().items()
        if _unversioned(name) != _unversioned(lower)
        and (found := distance(lower, name, limit)) <= limit
        and action in one.actions
    ]
    is_sure = len(lower) >= SHORTEST or sum(action in one.actions for one in known) == 1
    return min(close)[1] if close and is_sure else ""


def _unversioned(name: str) -> str:
    return re.sub(r"v?\d+$", "", name)


def _meant_action(name: str, known: Service) -> str:
    by_lower = {one.lower(): one for one in known.actions}
    return next((by_lower[one] for one in get_close_matches(name.lower(), by_lower, n=1, cutoff=0.8)), "")
