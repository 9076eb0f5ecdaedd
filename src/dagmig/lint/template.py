"""The state machines of a JSON or YAML file: a definition, or those in a SAM or CloudFormation template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dagmig.asl.load import is_machine, load
from dagmig.asl.model import JSON, Machine, escape
from dagmig.diagnostics import Report, Severity, Span
from dagmig.lint.role import Role, Statement, statements
from dagmig.lint.source import Subject

if TYPE_CHECKING:
    from dagmig.lint.source import Source

MACHINE_TYPES = {
    "AWS::Serverless::StateMachine": ("Definition", ""),
    "AWS::StepFunctions::StateMachine": ("Definition", "DefinitionString"),
}
STATED_SUFFIXES = (".asl.json", ".asl.yaml", ".asl.yml")


def may_hold_machine(text: str) -> bool:
    """A cheap test of a JSON or YAML file's text; False is certain."""
    return ("StartAt" in text and "States" in text) or any(kind in text for kind in MACHINE_TYPES)


def subjects(source: Source) -> Iterator[Subject]:
    """Each machine of the file with its role; what cannot be read is said in the source's report."""
    is_stated = source.file.endswith(STATED_SUFFIXES)
    found: tuple[Subject, ...] = ()
    if is_stated or may_hold_machine(source.text):
        whole = load(source.text, source.file, source.report)
        if whole is None:
            return
        found = tuple(
            _whole(whole, source)
            if is_stated or is_machine(whole.document)
            else _in_template(whole, source.role)
        )
    if not found and not source.report.diagnostics and source.is_explicit:
        source.report.add("not-a-machine", "holds no state machine", Span(source.file), Severity.INFO)
    yield from found


def _whole(machine: Machine, source: Source) -> Iterator[Subject]:
    """The file itself as a machine, as far as it is one."""
    if lacks := _lacks(machine.document):
        message = f"a state machine has StartAt, a text, and States, an object: {lacks} is not that here"
        source.report.add("not-a-machine", message, machine.locate(f"/{lacks}"), Severity.ERROR)
    if isinstance(machine.document.get("States"), dict):
        yield Subject(machine, source.role)


def _lacks(document: Mapping[str, JSON]) -> str:
    """Which of the two fields that make a state machine is missing or something else; empty where none."""
    if not isinstance(document.get("StartAt"), str):
        return "StartAt"
    states = document.get("States")
    return "" if isinstance(states, dict) and states else "States"


def _in_template(template: Machine, given: Role | None) -> Iterator[Subject]:
    resources = template.document.get("Resources")
    if not isinstance(resources, dict):
        return
    for name, resource in resources.items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if kind not in MACHINE_TYPES or not isinstance(properties, dict):
            continue
        at = f"/Resources/{escape(name)}/Properties"
        machine = _definition(template, properties, at)
        if machine is not None:
            yield Subject(machine, given or _role(template, resources, properties, at))


def _definition(template: Machine, properties: Mapping[str, JSON], at: str) -> Machine | None:
    if is_machine(properties.get("Definition")):
        place = f"{at}/Definition"

        def locate(pointer: str, key: bool = False) -> Span:
            return template.locate(place + pointer, key)

        return Machine(properties["Definition"], template.file, locate)
    text = _text(properties.get("DefinitionString"))
    if text is None or not may_hold_machine(text):
        return None
    inner = load(text, template.file.removesuffix(".yaml").removesuffix(".yml") + ".json", Report())
    if inner is None or not is_machine(inner.document):
        return None  # a text with substitutions outside of strings is no JSON yet
    span = template.locate(f"{at}/DefinitionString")

    def inside(pointer: str, key: bool = False) -> Span:
        return replace(span, pointer=span.pointer + pointer)

    return Machine(inner.document, template.file, inside)


def _text(value: JSON) -> str | None:
    if isinstance(value, dict) and len(value) == 1:
        value = value.get("Fn::Sub")
        value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, str) else None


def _role(
    template: Machine, resources: Mapping[str, JSON], properties: Mapping[str, JSON], at: str
) -> Role | None:
    role = properties.get("Role", properties.get("RoleArn"))
    if role is not None:
        name = _logical_id(role)
        found = resources.get(name) if name else None
        if not isinstance(found, dict) or found.get("Type") != "AWS::IAM::Role":
            return None
        return _iam_role(template, resources, str(name), found.get("Properties"))
    policies = properties.get("Policies")
    if policies is None:
        return None
    found_statements: list[Statement] = []
    is_complete = True
    for index, policy in enumerate(policies if isinstance(policies, list) else [policies]):
        here = f"{at}/Policies/{index}" if isinstance(policies, list) else f"{at}/Policies"
        if isinstance(policy, dict) and "Statement" in policy:
            found_statements += statements(policy, here)
        else:  # a SAM policy template or the name of a managed policy
            is_complete = False
    return Role(tuple(found_statements), is_complete, template.locate)


def _iam_role(template: Machine, resources: Mapping[str, JSON], name: str, properties: JSON) -> Role | None:
    if not isinstance(properties, dict):
        return None
    is_complete = not properties.get("ManagedPolicyArns")
    found: list[Statement] = []
    found += _inline(properties.get("Policies"), f"/Resources/{escape(name)}/Properties/Policies")
    for other, resource in resources.items():
        fields = resource.get("Properties") if isinstance(resource, dict) else None
        if not isinstance(fields, dict) or resource.get("Type") not in POLICY_TYPES:
            continue
        if any(_logical_id(role) == name for role in _list(fields.get("Roles"))):
            found += statements(
                fields.get("PolicyDocument"), f"/Resources/{escape(other)}/Properties/PolicyDocument"
            )
    return Role(tuple(found), is_complete, template.locate)


POLICY_TYPES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def _inline(policies: JSON, at: str) -> Iterator[Statement]:
    for index, policy in enumerate(_list(policies)):
        if isinstance(policy, dict):
            yield from statements(policy.get("PolicyDocument"), f"{at}/{index}/PolicyDocument")


def _logical_id(value: JSON) -> str | None:
    """The resource that ``Ref`` or ``Fn::GetAtt`` names; the loader reads ``!GetAtt x.Arn`` as ``x.Arn``."""
    named: Any = value
    if isinstance(value, dict) and len(value) == 1:
        named = value.get("Ref", value.get("Fn::GetAtt"))
    if isinstance(named, list) and named:
        named = named[0]
    return named.split(".")[0] if isinstance(named, str) else None


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []
