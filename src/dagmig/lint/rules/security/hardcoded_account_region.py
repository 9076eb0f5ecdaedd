"""The rule ``hardcoded-account-region``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:(?P<region>[\w-]*):(?P<account>\d{12}):.+")


@machine_rule(Severity.INFO, is_default=False)
def hardcoded_account_region(subject: Subject) -> Iterator[Finding]:
    """The definition names an account.

    It can then only be deployed there: a stage or another account needs a copy.
    There is no fix: the substitution has to be declared in a template, which a definition does not name.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-sam-sfn.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}], "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "${LoadFunctionArn}",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}], "End": true}}}
    ```

    Instead: Use a substitution of the template (`DefinitionSubstitutions`).
    """
    for state in subject.states:
        text = state.fields.get("Resource")
        found = ARN.fullmatch(text) if isinstance(text, str) else None
        if found is not None:
            span = subject.machine.locate(f"{state.pointer}/Resource")
            yield Finding(f"the account {found['account']} is written here", span)
