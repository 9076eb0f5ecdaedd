"""The rule ``unknown-parameter``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.asl.model import escape
from dagmig.diagnostics import Severity
from dagmig.lint.edit import renamed
from dagmig.lint.machine.calls import callers
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.UNSAFE)
def unknown_parameter(source: Source) -> Iterator[Finding]:
    """A call gives a parameter that the action does not have.

    Step Functions refuses the definition. The parameters are those of AWS's service models when this
    version was made, in PascalCase; the case of letters is not judged beyond the first. The fix writes a
    similar name; it is unsafe, as another may have been meant.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html

    ```json bad
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "reports", "Key": "today.json", "VersonId": "3"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "reports", "Key": "today.json", "VersionId": "3"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Write the parameter as the API's page has it.
    """
    for subject in source.subjects:
        for call in callers(subject):
            known = {name.lower(): name for name in (call.action.parameters if call.action else ())}
            for name, key in (call.given or {}).items():
                if name.lower() in known:
                    continue
                span = subject.machine.locate(f"{call.state.pointer}/{call.field}/{escape(key)}", True)
                close = [known[one] for one in get_close_matches(name.lower(), known, n=1, cutoff=0.8)]
                meant = close[0] + key.removeprefix(name) if close else ""
                hint = f": `{close[0]}` is meant?" if close else ""
                fix = renamed(source, span, key, meant) if meant else None
                yield Finding(f"`{call.resource.short}` has no parameter `{name}`{hint}", span, fix)
