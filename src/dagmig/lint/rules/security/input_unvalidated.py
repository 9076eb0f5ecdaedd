"""The rule ``input-unvalidated``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.jsonata import Node
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.choices import tests
from dagmig.lint.machine.entry import Keys, keys_of_expression, keys_of_path
from dagmig.lint.machine.expressions import tree
from dagmig.lint.machine.places import Place, evaluated, path_texts
from dagmig.lint.machine.values import is_expression
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

COMMANDS = {
    "ecs:runTask": "Command",
    "aws-sdk:ecs:runTask": "Command",
    "batch:submitJob": "Command",
    "aws-sdk:batch:submitJob": "Command",
    "aws-sdk:ssm:sendCommand": "commands",
}  # where what a machine or a container runs is written


@machine_rule(Severity.INFO, is_default=False)
def input_unvalidated(subject: Subject) -> Iterator[Finding]:
    """The execution's input says what a container or an instance runs, and nothing looks at it before.

    Whoever may start the machine can then run any command with the rights of the task. Only what comes
    straight from the execution's input is judged, and only where no Choice compares it.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html

    ```json bad
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask", "End": true,
        "Parameters": {"TaskDefinition": "load", "Overrides": {"ContainerOverrides": [
          {"Name": "load", "Command.$": "$.command"}]}},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]}}}
    ```

    ```json good
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask", "End": true,
        "Parameters": {"TaskDefinition": "load", "Overrides": {"ContainerOverrides": [
          {"Name": "load", "Environment": [{"Name": "DAY", "Value.$": "$.day"}]}]}},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]}}}
    ```

    Instead: Write the command, and hand on values in the environment, or compare them in a Choice first.
    """
    compared = set(_compared(subject))
    named = {call.state.pointer: COMMANDS.get(call.resource.short) for call in calls(subject)}
    for place in (*evaluated(subject), *path_texts(subject)):
        key = named.get(place.state.pointer)
        if key is None or f"/{key}" not in place.pointer.removeprefix(place.state.pointer):
            continue
        if any(keys not in compared for keys in _read(place, subject)):
            yield Finding(
                "the execution's input says what is run here", subject.machine.locate(place.pointer)
            )


def _read(place: Place, subject: Subject) -> Iterator[Keys]:
    """The parts of the execution's input that a path or an expression reads."""
    if place.is_template:
        found = [keys_of_path(place.text, place.state, subject)]
    else:
        node = tree(place.source) if is_expression(place.text) else None
        parts = [part for part, _ in node.walk()] if isinstance(node, Node) else []
        found = [keys_of_expression(part, place, subject) for part in parts]
    longest = [keys for keys in found if keys and not any(_is_start(keys, other) for other in found)]
    yield from longest


def _is_start(keys: Keys, other: Keys) -> bool:
    return len(keys) < len(other) and other[: len(keys)] == keys


def _compared(subject: Subject) -> Iterator[Keys]:
    """The parts of the execution's input that Choices compare."""
    for state in subject.states:
        for _, test in tests(state):
            yield keys_of_path(str(test["Variable"]), state, subject)
    for place in evaluated(subject):
        if place.field == "Condition":
            yield from _read(place, subject)
