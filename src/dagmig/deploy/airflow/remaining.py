"""What a template says around a machine that its DAG has no place for: a row for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dagmig.deploy.airflow.starts import Start, names_machine
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.lint.terraform import DEFAULT_TAGS

JSON = Any
NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
READ = frozenset(
    {
        *(
            "Definition",
            "DefinitionS3Location",
            "DefinitionString",
            "DefinitionSubstitutions",
            "DefinitionUri",
        ),
        *("Events", "Name", "Role", "RoleArn", "StateMachineName"),
        *("definition", "events", "name", "role", "role_arn"),
    }
)
ABOUT = {
    "encryptionconfiguration": "Airflow's own database and secrets backend keep what a run holds",
    "logging": "Airflow keeps the logs of tasks by its own configuration",
    "notifications": "let `on_failure_callback` or a notifier of the DAG tell of runs",
    "policies": "the connections of the DAG's tasks need what it allows",
    "tags": "a DAG's tags are its own",
    "tracing": "Airflow traces runs by its own configuration",
    "type": "a run of a DAG is kept and repeats no task by itself, as that of a STANDARD machine",
}
OF_MACHINE = "it is about the state machine, which the DAG takes the place of"
FOLLOWERS = {
    "AWS::Events::Rule": ("EventPattern", "hears of the machine's executions", DECISION),
    "AWS::CloudWatch::Alarm": ("Dimensions", "watches the machine's executions", NOTED),
}


def say_machine(properties: Mapping[str, JSON], span: Span, ledger: Report) -> None:
    """The machine's own properties that are not read (``AWS::Serverless::StateMachine`` and its like)."""
    for name in sorted(properties.keys() - READ):
        if properties[name] == DEFAULT_TAGS:
            continue
        plain = name.lower().replace("_", "").removeprefix("statemachine")
        if plain == "type" and properties[name] == "STANDARD":
            continue
        stem = plain.removesuffix("configuration").removesuffix("config")
        about = ABOUT.get(plain) or ABOUT.get(stem) or OF_MACHINE
        disposition = DECISION if plain == "notifications" else NOTED
        ledger.row(name, span, "", disposition, f"`{name}` is left out: {about}")


def say_starts(starts: Sequence[Start], spans: Mapping[str, Span], ledger: Report) -> None:
    """What is said of how something starts the machine, besides when."""
    for start in starts:
        for name in start.rest:
            said = (
                f"`{name}` of {start.name} is left out: Airflow's scheduler starts a run by itself, on time"
            )
            ledger.row("trigger", spans[start.pointer], "", NOTED, said)


def say_followers(resources: Mapping[str, JSON], machine: str, span: Span, ledger: Report) -> None:
    """The rules and alarms of a template that tell of the machine's executions."""
    for name, resource in resources.items():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if not isinstance(properties, dict) or str(resource.get("Type")) not in FOLLOWERS:
            continue
        key, what, disposition = FOLLOWERS[str(resource.get("Type"))]
        if any(_is_about(text, machine) for text in _leaves(properties.get(key))):
            said = f"`{name}` {what}: let `on_failure_callback` or a notifier of the DAG do what it does"
            ledger.row("follower", span, "", disposition, said)


def _is_about(text: JSON, machine: str) -> bool:
    """Whether a text names the machine, be it as Terraform does (``${aws_sfn_state_machine.orders.arn}``)."""
    return names_machine(text, machine) or f"{{{machine.replace('/', '.')}." in str(text)


def _leaves(node: JSON) -> Iterator[JSON]:
    """The texts of a value, and the functions of CloudFormation in it."""
    if isinstance(node, dict) and len(node) != 1:
        for value in node.values():
            yield from _leaves(value)
        return
    yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _leaves(value)
