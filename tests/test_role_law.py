"""The laws of every role: what the machine names is there, and nothing that it does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from dagmig.asl.load import load_machine
from dagmig.asl.model import Machine
from dagmig.asl.services.authorization import privilege
from dagmig.deploy.role import Statement, of_machine
from dagmig.diagnostics import Report
from dagmig.lint.machine.calls import calls
from dagmig.lint.source import Subject

FIXTURES = Path(__file__).parents[1] / "fixtures"
BLOCK = re.compile(r"^```json[^\n]*\n(\{.*?)^```$", re.MULTILINE | re.DOTALL)
ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\d*:[^\s{}$']+")
OWN = re.compile(r"StepFunctionsGetEvents?For\w+Rule")  # that Step Functions makes to wait for a job
FREE = frozenset({"Payload", "Input", "Message", "MessageBody", "Entries", "Body", "RequestBody"})
OF_OTHERS = {
    "arn:aws:s3:::lake",  # bedrock:createDataSource: the knowledge base's own role reads it
    "arn:aws:sns:eu-central-1:123456789012:orders",  # rds:createEventSubscription: RDS publishes there itself
}
BY_DEFAULT = {
    "default",  # the event bus where none is named
    "AwsDataCatalog",  # the catalogue of Athena's queries where none is named
    "events!connection",  # where EventBridge keeps the secrets of connections
    "stateMachine",  # the machine itself, which calls an HTTP endpoint
}


def texts_of_machines() -> Iterator[tuple[str, str]]:
    """Those of the fixtures, by where they are."""
    for file in sorted((FIXTURES / "machines").rglob("*.asl.json")):
        yield str(file.relative_to(FIXTURES)), file.read_text(encoding="utf-8")
    for file in sorted(FIXTURES.rglob("*.md")):
        for number, block in enumerate(BLOCK.findall(file.read_text(encoding="utf-8"))):
            if '"States"' in block:
                yield f"{file.relative_to(FIXTURES)} {number}", block


@cache
def machines() -> tuple[tuple[str, Machine, str], ...]:
    return tuple(_machines())


def _machines() -> Iterator[tuple[str, Machine, str]]:
    for place, text in texts_of_machines():
        machine = load_machine(text, "m.asl.json", Report())
        if machine is not None:
            yield place, machine, unquote(text)


def named(machine: Machine) -> set[str]:
    """The ARNs of resources that the machine's own role has to reach."""
    found: set[str] = set()
    for call in calls(Subject(machine)):
        if "Credentials" in call.state.fields:
            continue
        if call.resource.kind == "function":
            found.add(call.resource.text)
        given = call.state.fields.get(call.field)
        for name, value in given.items() if isinstance(given, dict) else ():
            if name.removesuffix(".$") not in FREE:
                found |= {one for one in texts(value) if ARN.fullmatch(one)}
    return found


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from texts(one)
        case list():
            for one in value:
                yield from texts(one)


def found_in(resources: set[str], arn: str) -> bool:
    patterns = (re.sub(r"\$\{AWS::\w+\}", "*", one) for one in resources if one != "*")
    return any(fnmatchcase(arn, one) for one in patterns)


@cache
def words(actions: tuple[str, ...]) -> set[str]:
    """What the ARNs of the kinds of resource that actions take have of their own: ``function``, ``rule``."""
    known = (privilege(action) for action in actions)
    arns = (arn for one in known if one is not None for arn in one.resources.values())
    return {word for arn in arns for word in re.split(r"[:/]", arn)}


def foreign(statement: Statement, text: str) -> set[str]:
    """The parts of its ARNs that neither the machine says nor AWS."""
    found = set()
    for arn in statement.resources:
        plain = re.sub(r"\$\{AWS::\w+\}", "", arn).removeprefix("arn::")
        for part in re.split(r"[:/]", plain):
            if (
                part
                and not set("*?") & set(part)
                and part not in text
                and part not in words(statement.actions)
            ):
                found.add(part)
    return {part for part in found if not OWN.fullmatch(part)}


def test_what_a_machine_names_is_in_its_role() -> None:
    left_out = set()
    for _, machine, _ in machines():
        statements = of_machine(machine, "m")
        resources = {one for statement in statements for one in statement.resources}
        resources |= {
            one for statement in statements for _, _, values in statement.conditions for one in values
        }
        left_out |= {arn for arn in named(machine) if not found_in(resources, arn)}
    assert left_out == OF_OTHERS


def test_nothing_is_in_a_role_that_its_machine_does_not_name() -> None:
    found = {}
    for place, machine, text in machines():
        for statement in of_machine(machine, "m"):
            if parts := foreign(statement, text) - BY_DEFAULT:
                found[place, statement.actions] = parts
    assert found == {}


def test_every_star_says_why() -> None:
    for place, machine, _ in machines():
        for statement in of_machine(machine, "m"):
            assert statement.why or "*" not in statement.resources, (place, statement)
