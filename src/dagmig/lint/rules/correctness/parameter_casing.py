"""The rule ``parameter-casing``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import escape
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.edit import renamed
from dagmig.lint.machine.calls import callers
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.SAFE)
def parameter_casing(source: Source) -> Iterator[Finding]:
    """A parameter of a service begins with a small letter.

    In Step Functions all parameters are in PascalCase, even where the API itself has them in camelCase.
    It refuses the definition. The fix writes the first letter as a capital.
    See https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html

    ```json bad
    {"StartAt": "Run", "States": {
      "Run": {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob",
        "Parameters": {"jobName": "run", "JobQueue": "queue", "JobDefinition": "run"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Run", "States": {
      "Run": {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob",
        "Parameters": {"JobName": "run", "JobQueue": "queue", "JobDefinition": "run"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Write parameters in PascalCase.
    """
    for subject in source.subjects:
        for call in callers(subject):
            known = {name.lower() for name in (call.action.parameters if call.action else ())}
            for name, key in (call.given or {}).items():
                if name[:1].islower() and name.lower() in known:
                    span = subject.machine.locate(f"{call.state.pointer}/{call.field}/{escape(key)}", True)
                    fix = renamed(source, span, key, key[:1].upper() + key[1:])
                    safe = Fix(fix.edits) if fix else None
                    yield Finding(f"`{name}` is written `{name[:1].upper()}{name[1:]}` here", span, safe)
