"""The state machines of a file: a definition, or those in a template of CloudFormation (with SAM, and as CDK
writes it), the Serverless Framework, or Terraform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagmig.asl.load import is_machine, load
from dagmig.asl.model import JSON, Machine, escape
from dagmig.diagnostics import Report, Severity, Span
from dagmig.lint import embedded
from dagmig.lint.definitions import definition, inside
from dagmig.lint.embedded import Written
from dagmig.lint.role import Role, Statement, statements
from dagmig.lint.source import Subject

if TYPE_CHECKING:
    from dagmig.lint.source import Source

MACHINE_TYPES = ("AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")
STATED_SUFFIXES = (".asl.json", ".asl.yaml", ".asl.yml")


def may_hold_machine(text: str) -> bool:
    """A cheap test of a file's text; False is certain."""
    is_elsewhere = "stepFunctions" in text and "${file(" in text
    return (
        ("StartAt" in text and "States" in text)
        or is_elsewhere
        or any(kind in text for kind in MACHINE_TYPES)
    )


def subjects(source: Source) -> Iterator[Subject]:
    """Each machine of the file with its role; what cannot be read is said in the source's report."""
    is_stated = source.file.endswith(STATED_SUFFIXES)
    found: tuple[Subject, ...] = ()
    if source.language == "hcl":
        from dagmig.lint import terraform

        if terraform.KIND in source.text:
            found = tuple(terraform.subjects(source))
    elif is_stated or may_hold_machine(source.text):
        whole = _loaded(source, is_stated)
        if whole is None:
            return
        found = tuple(
            _whole(whole, source)
            if is_stated or is_machine(whole.document)
            else (*_in_template(whole, source), *_in_serverless(whole, source))
        )
    if not found and not source.report.diagnostics and source.is_explicit:
        source.report.add("not-a-machine", "holds no state machine", Span(source.file), Severity.INFO)
    yield from found


def _loaded(source: Source, is_stated: bool) -> Machine | None:
    """The file; variables of a template in a machine's own file (``"Seconds": ${Limit}``) are texts."""
    report = Report()
    found = load(source.text, source.file, report)
    if found is None and is_stated and source.language == "json" and "${" in source.text:
        written = Written.slice(source.text, 0, len(source.text))
        found = embedded.machine(written, {}, source.text, source.file, "", Report())
    if found is None:
        source.report.diagnostics += report.diagnostics
    return found


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


def _in_serverless(template: Machine, source: Source) -> Iterator[Subject]:
    """https://www.serverless.com/plugins/serverless-step-functions."""
    section = template.document.get("stepFunctions")
    machines = section.get("stateMachines") if isinstance(section, dict) else None
    for name, fields in machines.items() if isinstance(machines, dict) else ():
        at = f"/stepFunctions/stateMachines/{escape(name)}"
        if isinstance(fields, dict) and (machine := definition(template, fields, at, source)) is not None:
            yield Subject(machine, source.role, pointer=at)
    resources = template.document.get("resources")
    if isinstance(resources, dict) and isinstance(resources.get("Resources"), dict):
        yield from _in_template(inside(template, resources, "/resources"), source)


def _in_template(template: Machine, source: Source) -> Iterator[Subject]:
    resources = template.document.get("Resources")
    if not isinstance(resources, dict):
        return
    for name, resource in resources.items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if kind not in MACHINE_TYPES or not isinstance(properties, dict):
            continue
        at = f"/Resources/{escape(name)}/Properties"
        machine = definition(template, properties, at, source)
        if machine is not None:
            role = source.role or _role(template, resources, properties, at)
            yield Subject(machine, role, properties, at, template)


def _role(
    template: Machine, resources: Mapping[str, JSON], properties: Mapping[str, JSON], at: str
) -> Role | None:
    role = properties.get("Role", properties.get("RoleArn"))
    if role is not None:
        name = logical_id(role)
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
        if any(logical_id(role) == name for role in _list(fields.get("Roles"))):
            found += statements(
                fields.get("PolicyDocument"), f"/Resources/{escape(other)}/Properties/PolicyDocument"
            )
    return Role(tuple(found), is_complete, template.locate)


POLICY_TYPES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def _inline(policies: JSON, at: str) -> Iterator[Statement]:
    for index, policy in enumerate(_list(policies)):
        if isinstance(policy, dict):
            yield from statements(policy.get("PolicyDocument"), f"{at}/{index}/PolicyDocument")


def logical_id(value: JSON) -> str | None:
    """The resource that ``Ref`` or ``Fn::GetAtt`` names; the loader reads ``!GetAtt x.Arn`` as ``x.Arn``."""
    named: Any = value
    if isinstance(value, dict) and len(value) == 1:
        named = value.get("Ref", value.get("Fn::GetAtt"))
    if isinstance(named, list) and named:
        named = named[0]
    return named.split(".")[0] if isinstance(named, str) else None


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []
