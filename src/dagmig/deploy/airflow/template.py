"""The machines of a template (CloudFormation, SAM, Serverless Framework, Terraform) -> DAGs.

A machine brings along what the template says of it: its name, what starts it, and what is filled into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.lift.header import header
from dagmig.asl.load import is_machine, load
from dagmig.asl.model import Machine
from dagmig.deploy.airflow import serverless, substitutions, terraform
from dagmig.deploy.airflow.input import given_input
from dagmig.deploy.airflow.scheduling import scheduled
from dagmig.deploy.airflow.secrets import hidden, say_unrendered
from dagmig.deploy.airflow.starts import Start, Values, of_events, of_resources
from dagmig.deploy.airflow.texts import Texts
from dagmig.diagnostics import Disposition, Report, Severity, Span
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.source import Source, Subject
from dagmig.lint.template import MACHINE_TYPES, logical_id
from dagmig.pipeline import Converted, machine_to_airflow

JSON = Any
NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
PSEUDO = tuple(
    f"AWS::{name}" for name in ("AccountId", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
FUNCTIONS = (
    "AWS::Serverless::Function",
    "AWS::Lambda::Function",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
)
FUNCTIONS_OF_TERRAFORM = ("aws_lambda_function.", "aws_lambda_alias.")
SECTIONS = ("Resources", "resources", "stepFunctions")


def holds_template(text: str, file: str) -> bool:
    """Whether a file that is to be converted is a template, and no machine."""
    if file.endswith(".tf"):
        return True
    found = load(text, file, Report())
    return (
        found is not None
        and not is_machine(found.document)
        and any(section in found.document for section in SECTIONS)
    )


def template_to_airflow(text: str, file: str, report: Report, dag_id: str) -> list[Converted]:
    """Each machine of a template as a DAG; ``dag_id`` is the id of the one where there is one."""
    source = Source(text, file, "machine", report=report)
    subjects = source.subjects
    document = {} if file.endswith(".tf") else _document(text, file)
    _say_others(subjects, document, source)
    found: list[Converted] = []
    taken: dict[str, str] = {}
    for subject in subjects:
        one = _one(subject, document, source, dag_id if len(subjects) == 1 else "", taken)
        taken |= one.variables
        found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class _Around:
    """What a template says of one machine."""

    name: str
    properties: Mapping[str, JSON]
    starts: Sequence[Start]
    spans: Mapping[str, Span]
    parameters: Mapping[str, JSON]
    resources: Mapping[str, JSON]
    known: frozenset[str] | None  # the names that may be filled in; None: any

    @property
    def given(self) -> Mapping[str, JSON]:
        """What is filled into the definition, by name."""
        found = self.properties.get("DefinitionSubstitutions")
        return found if isinstance(found, dict) else {}

    def is_function(self, name: str) -> bool:
        """Whether what is filled in under a name is a Lambda function."""
        if name.startswith(FUNCTIONS_OF_TERRAFORM) or name.endswith("LambdaFunction.Arn"):
            return True  # the Serverless Framework calls functions so
        resource = self.resources.get(logical_id(self.given.get(name, name)) or "")
        return isinstance(resource, dict) and resource.get("Type") in FUNCTIONS


def _document(text: str, file: str) -> Mapping[str, JSON]:
    found = load(text, file, Report())
    return {} if found is None else found.document


def _say_others(subjects: Sequence[Subject], document: Mapping[str, JSON], source: Source) -> None:
    """The machines of a template whose definition is somewhere else."""
    read = {subject.pointer for subject in subjects}
    for name, resource in _resources(document).items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if kind in MACHINE_TYPES and f"/Resources/{name}/Properties" not in read:
            said = f"the definition of `{name}` cannot be read here: it is not converted"
            source.report.add("definition-not-read", said, Span(source.file), Severity.WARNING)


def _resources(document: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Those of a template, or of the part of CloudFormation in a file of the Serverless Framework."""
    inner = document.get("resources")
    found = (inner if isinstance(inner, dict) else document).get("Resources")
    return found if isinstance(found, dict) else {}


def _one(
    subject: Subject, document: Mapping[str, JSON], source: Source, dag_id: str, taken: Mapping[str, str]
) -> Converted:
    """One machine; ``taken`` are the Variables of those before it."""
    around = _around(subject, document, source)
    safe = hidden(subject.machine)
    machine = substitutions.with_holes(safe.machine, around.is_function)
    found = substitutions.holes(machine.document)
    own = set(safe.secrets.values())
    names = substitutions.variables(
        name
        for name in found
        if around.known is None or name in own or name.partition(".")[0] in around.known
    )
    values, _ = substitutions.values(names, around.given, around.parameters, around.resources)
    names = substitutions.apart(names, values, taken, around.name)

    def adapt(workflow: Workflow, ledger: Report) -> tuple[Workflow, Mapping[str, str]]:
        return _adapted(workflow, ledger, around, names, machine)

    made = machine_to_airflow(machine, dag_id or header(machine.document).id or around.name, adapt)
    return safe.left_out(made, machine.locate(""), names)


def _adapted(
    workflow: Workflow, ledger: Report, around: _Around, names: Mapping[str, str], machine: Machine
) -> tuple[Workflow, Mapping[str, str]]:
    schedule = scheduled(around.starts, around.spans, ledger)
    params, why = given_input(around.starts)
    texts = Texts(names, has_params=bool(params))
    workflow = texts.workflow(workflow)
    span = machine.locate("")
    if texts.reads_input and params:
        said = "the input that the template gives is the DAG's `params`, which a run's conf overrides"
        ledger.row("input", span, "", NOTED, said)
    if texts.reads_input and why and schedule:
        ledger.row("input", span, "", DECISION, why)
    variables = _say_variables(names, around, span, ledger)
    say_unrendered(texts, workflow, ledger)
    role = around.properties.get("Role", around.properties.get("RoleArn"))
    if role is not None:
        said = (
            f"the connections of the DAG's tasks take the place of the role {logical_id(role) or ''}".strip()
        )
        ledger.row("role", span, "", NOTED, said)
    arguments = {**workflow.arguments, **schedule}
    if params and texts.reads_input:
        arguments["params"] = Literal(params)
    return replace(workflow, arguments=arguments), variables


def _say_variables(
    names: Mapping[str, str], around: _Around, span: Span, ledger: Report
) -> Mapping[str, str]:
    """The Variables in place of what the template fills in, each with a row."""
    found, secrets = substitutions.values(names, around.given, around.parameters, around.resources)
    for name, variable in names.items():
        ledger.row("substitution", span, "", NOTED, f"`${{{name}}}` is the Airflow Variable `{variable}`")
        if variable in secrets:
            said = f"`{variable}` looks like a secret and is not copied: set it where Airflow keeps secrets"
            ledger.row("substitution", span, "", DECISION, said)
    return found


def _around(subject: Subject, document: Mapping[str, JSON], source: Source) -> _Around:
    properties = subject.properties or {}
    where = subject.machine.locate("")
    if source.language == "hcl":
        key = subject.pointer.split("/")[2] if subject.pointer else "."
        kind, _, name = key.partition(".")
        found = list(of_resources(terraform.resources(source.text), f"{kind}/{name}", Values({})))
        return _Around(name, properties, found, {one.pointer: where for one in found}, {}, {}, None)
    if (own_name := _of_framework(where, document)) is not None:
        fields = serverless.section(document)[own_name]
        found = list(of_events(serverless.events(fields), "", Values({})))
        own = fields.get("name")
        return _Around(
            own if isinstance(own, str) and "${" not in own else own_name,
            fields,
            found,
            {one.pointer: where for one in found},
            {},
            {},
            None,
        )
    return _of_template(subject, properties, where)


def _of_framework(where: Span, document: Mapping[str, JSON]) -> str | None:
    """The machine of the Serverless Framework that stands there."""
    for name in serverless.section(document):
        if where.pointer.startswith(f"/stepFunctions/stateMachines/{name}/"):
            return str(name)
    return None


def _of_template(subject: Subject, properties: Mapping[str, JSON], where: Span) -> _Around:
    outer: Mapping[str, JSON] = subject.template.document if subject.template is not None else {}
    parts = subject.pointer.split("/")
    logical = parts[2] if len(parts) > 2 else ""
    given = outer.get("Parameters")
    parameters = given if isinstance(given, dict) else {}
    values = Values(parameters)
    found = [
        *of_events(properties.get("Events"), subject.pointer, values),
        *of_resources(_resources(outer), logical, values),
    ]
    template = subject.template
    spans = {one.pointer: template.locate(one.pointer) if template else where for one in found}
    own = values.text(properties.get("StateMachineName", properties.get("Name")))
    name = own if own and "${" not in own else logical
    known = frozenset(_names(outer, properties))
    return _Around(name, properties, found, spans, parameters, _resources(outer), known)


def _names(outer: Mapping[str, JSON], properties: Mapping[str, JSON]) -> Iterator[str]:
    """What CloudFormation fills in: substitutions, parameters, resources, ``AWS::Region`` and its like."""
    for section in ("Parameters", "Resources"):
        held = outer.get(section)
        yield from held if isinstance(held, dict) else ()
    given = properties.get("DefinitionSubstitutions")
    yield from given if isinstance(given, dict) else ()
    text = properties.get("DefinitionString")
    sub = text.get("Fn::Sub") if isinstance(text, dict) else text
    if isinstance(sub, list) and len(sub) > 1 and isinstance(sub[1], dict):
        yield from sub[1]
    yield from (
        f"AWS::{name}" for name in ("Region", "AccountId", "Partition", "StackName", "StackId", "URLSuffix")
    )
