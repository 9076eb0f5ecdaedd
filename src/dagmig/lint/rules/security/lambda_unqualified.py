"""The rule ``lambda-unqualified``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import State
from dagmig.asl.resource import parse
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

INPUTS = ("Parameters", "Arguments")


@machine_rule(Severity.WARNING)
def lambda_unqualified(subject: Subject) -> Iterator[Finding]:
    """A task calls whatever version of a Lambda function was deployed last.

    An execution that runs while somebody deploys does its first steps with one version and the rest with
    another, and there is no going back to the last good one. Only a literal name is judged.
    There is no fix: which aliases a function has is not known from the machine.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}],
        "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}],
        "End": true}}}
    ```

    Instead: Name an alias or a version, `...:function:load:live`.
    """
    for state in subject.machine.root.all_states():
        for pointer, text in _functions(state):
            function = parse(text)
            if function.kind == "function" and function.qualifier in ("", "$LATEST"):
                message = f"the task `{state.name}` calls `{function.name}` without an alias or version"
                yield Finding(message, subject.machine.locate(pointer))


def _functions(state: State) -> Iterator[tuple[str, str]]:
    """The places and texts of the function ARNs that a task names; one to be substituted is left out."""
    text = state.fields.get("Resource")
    if state.type != "Task" or not isinstance(text, str):
        return
    found = [(f"{state.pointer}/Resource", text)]
    if parse(text).is_lambda:
        for key in INPUTS:
            inputs = state.fields.get(key)
            if not isinstance(inputs, dict) or "Qualifier" in inputs or "Qualifier.$" in inputs:
                continue
            if isinstance(name := inputs.get("FunctionName"), str):
                found.append((f"{state.pointer}/{key}/FunctionName", name))
    yield from ((pointer, arn) for pointer, arn in found if "${" not in arn)
