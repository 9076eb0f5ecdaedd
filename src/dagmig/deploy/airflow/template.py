"""The machines of a template (CloudFormation, SAM, Serverless Framework, Terraform) -> DAGs.

A machine brings along what the template says of it: its name, what starts it, and what is filled into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.lift import INPUT_KEY
from dagmig.asl.lift.header import header
from dagmig.asl.lift.names import valid_id
from dagmig.asl.load import YAML_SUFFIXES, is_machine, load, with_functions
from dagmig.asl.model import Machine
from dagmig.deploy.airflow import remaining, serverless, substitutions, terraform
from dagmig.deploy.airflow.input import given_input
from dagmig.deploy.airflow.scheduling import scheduled
from dagmig.deploy.airflow.secrets import hidden, say_unrendered
from dagmig.deploy.airflow.starts import Start, Values, of_events, of_resources
from dagmig.deploy.airflow.texts import Texts
from dagmig.deploy.airflow.unfilled import say_numbers, say_terraform
from dagmig.deploy.airflow.unread import of_framework, resources, say_others
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.definitions import references
from dagmig.lint.framework import resolved
from dagmig.lint.source import Source, Subject
from dagmig.lint.template import logical_id
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


def template_to_airflow(
    text: str, file: str, report: Report, dag_id: str, *, keeps_loops: bool = False
) -> list[Converted]:
    """Each machine of a template as a DAG; ``dag_id`` is the id of the one where there is one."""
    source = Source(text, file, "machine", report=report)
    subjects = source.subjects
    template = None if file.endswith(".tf") else load(text, file, Report())
    document = {} if template is None else template.document
    say_others(subjects, template, source)
    found: list[Converted] = []
    taken: dict[str, str] = {}
    for subject in subjects:
        ids = {one.id for one in found}
        around = _around(subject, document, source)
        wanted = dag_id if len(subjects) == 1 else ""
        one = _one(subject, around, source, wanted, taken, ids, keeps_loops)
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
    logical: str = ""
    form: re.Pattern[str] = substitutions.HOLE  # of a `${...}`
    repeats: bool = False  # there are several of the machine
    escaped: str = ""  # how `${` is written where it is meant as it is

    @property
    def given(self) -> Mapping[str, JSON]:
        """What is filled into the definition, by name."""
        found = self.properties.get("DefinitionSubstitutions")
        return found if isinstance(found, dict) else {}

    def is_function(self, name: str) -> bool:
        """Whether what is filled in under a name is a Lambda function."""
        named = self.given.get(name)
        told = str(named["Ref"]) if isinstance(named, dict) and "Ref" in named else name
        if told.startswith(FUNCTIONS_OF_TERRAFORM) or name.endswith("LambdaFunction.Arn"):
            return True  # the Serverless Framework calls functions so
        resource = self.resources.get(logical_id(self.given.get(name, name)) or "")
        return isinstance(resource, dict) and resource.get("Type") in FUNCTIONS


def _one(
    subject: Subject,
    around: _Around,
    source: Source,
    dag_id: str,
    taken: Mapping[str, str],
    ids: Set[str],
    keeps_loops: bool,
) -> Converted:
    """One machine; ``taken`` are the Variables of those before it, ``ids`` their DAGs'."""
    safe = hidden(_with_functions(subject.machine, source))
    machine, made = substitutions.with_holes(safe.machine, around.is_function)
    found = substitutions.holes(machine.document, around.form)
    own = made.union(safe.secrets.values(), _references(subject, source))
    names = substitutions.variables(
        name for name in found if around.known is None or name in own or is_known(name, around.known)
    )
    values, _ = substitutions.values(names, around.given, around.parameters, around.resources)
    names = substitutions.apart(names, values, taken, around.name)

    def adapt(workflow: Workflow, ledger: Report) -> tuple[Workflow, Mapping[str, str]]:
        return _adapted(workflow, ledger, around, names, machine)

    wanted = valid_id(dag_id or header(machine.document).id or around.name, "dag")
    free = next(one for one in (wanted, *(f"{wanted}_{n}" for n in range(2, len(ids) + 3))) if one not in ids)
    converted = machine_to_airflow(machine, free, adapt, keeps_loops=keeps_loops)
    if free != wanted:
        said = f"another machine of the file is called `{wanted}` as well: its DAG is `{free}`"
        converted.report.row("name", machine.locate(""), "", DECISION, said)
    for index, row in enumerate(converted.report.rows):
        converted.report.rows[index] = replace(row, difference=substitutions.plain(row.difference))
    return safe.left_out(converted, machine.locate(""), names)


def _with_functions(machine: Machine, source: Source) -> Machine:
    """A machine that is an object in a YAML template, with the functions that tags are short for."""
    if not source.file.endswith(YAML_SUFFIXES) or machine.file != source.file:
        return machine
    found = with_functions(source.text)
    for key in machine.locate("").pointer.split("/")[1:]:
        found = found.get(key.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return replace(machine, document=found) if is_machine(found) else machine


def _adapted(
    workflow: Workflow, ledger: Report, around: _Around, names: Mapping[str, str], machine: Machine
) -> tuple[Workflow, Mapping[str, str]]:
    schedule = scheduled(around.starts, around.spans, ledger)
    is_under_key = any(row.construct == "input" for row in ledger.rows)
    params, why = given_input(around.starts, INPUT_KEY if is_under_key else "")
    texts = Texts(names, has_params=bool(params), form=around.form, escaped=around.escaped)
    workflow = texts.workflow(workflow)
    span = machine.locate("")
    if texts.reads_input and params:
        said = "the input that the template gives is the DAG's `params`, which a run's conf overrides"
        ledger.row("input", span, "", NOTED, said)
    if texts.reads_input and why and schedule:
        ledger.row("input", span, "", DECISION, why)
    written = str([dict(task.call.arguments) for task in workflow.tasks.values()])
    names = {name: variable for name, variable in names.items() if variable in written}
    variables = _say_variables(names, around, span, ledger)
    say_numbers(machine, ledger)
    if around.form is substitutions.OF_TERRAFORM:
        say_terraform(machine, ledger)
    if around.repeats:
        said = "`for_each` or `count` makes several machines: this is the DAG of one of them"
        ledger.row("for_each", span, "", DECISION, said)
    say_unrendered(texts, workflow, ledger)
    role = around.properties.get("Role", around.properties.get("RoleArn"))
    if role is not None:
        said = (
            f"the connections of the DAG's tasks take the place of the role {logical_id(role) or ''}".strip()
        )
        ledger.row("role", span, "", NOTED, said)
    remaining.say_machine(around.properties, span, ledger)
    remaining.say_starts(around.starts, around.spans, ledger)
    remaining.say_followers(around.resources, around.logical, span, ledger)
    arguments = {**workflow.arguments, **schedule}
    if params and texts.reads_input:
        arguments["params"] = Literal(params)
    return replace(workflow, arguments=arguments), variables


def _say_variables(
    names: Mapping[str, str], around: _Around, span: Span, ledger: Report
) -> Mapping[str, str]:
    """The Variables in place of what the template fills in, each with a row."""
    found, secrets = substitutions.values(names, around.given, around.parameters, around.resources)
    shown = {substitutions.bare(name): variable for name, variable in names.items()}
    for name, variable in shown.items():
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
        known, logical = terraform.resources(source.text), f"{kind}/{name}"
        found = list(of_resources(known, logical, Values({})))
        around = {**properties, "DefinitionSubstitutions": terraform.filled_in(source.text, name)}
        places = {one.pointer: where for one in found}
        form = substitutions.OF_TERRAFORM
        several = terraform.repeats(source.text, name)
        return _Around(name, around, found, places, {}, known, None, logical, form, several, "$${")
    if (own_name := of_framework(subject, document)) is not None:
        fields = {**serverless.section(document)[own_name], "DefinitionSubstitutions": {}}
        for name in substitutions.holes(fields.get("definition")):
            if (known := resolved(f"${{{name}}}", document)) != f"${{{name}}}":
                fields["DefinitionSubstitutions"][name] = known
        fields = {
            **fields,
            **{key: resolved(fields[key], document) for key in ("events", "name") if key in fields},
        }
        found = list(of_events(serverless.events(fields), "", Values({})))
        own = fields.get("name")
        name = own if isinstance(own, str) and "${" not in own else own_name
        places = {one.pointer: where for one in found}
        return _Around(name, fields, found, places, {}, {}, None)
    return _of_template(subject, properties, where)


def _of_template(subject: Subject, properties: Mapping[str, JSON], where: Span) -> _Around:
    outer: Mapping[str, JSON] = subject.template.document if subject.template is not None else {}
    parts = subject.pointer.split("/")
    logical = parts[2] if len(parts) > 2 else ""
    given = outer.get("Parameters")
    parameters = given if isinstance(given, dict) else {}
    values = Values(parameters)
    found = [
        *of_events(properties.get("Events"), subject.pointer, values),
        *of_resources(resources(outer), logical, values),
    ]
    template = subject.template
    spans = {one.pointer: template.locate(one.pointer) if template else where for one in found}
    own = values.text(properties.get("StateMachineName", properties.get("Name")))
    name = own if own and "${" not in own else logical
    known = frozenset(_names(outer, properties))
    escaped = "${!" if "DefinitionString" in properties else ""
    about = resources(outer)
    return _Around(name, properties, found, spans, parameters, about, known, logical, escaped=escaped)


def _references(subject: Subject, source: Source) -> Iterator[str]:
    """The names of what functions between the texts of a ``DefinitionString`` give."""
    if subject.template is None or source.language == "hcl":
        return
    is_yaml = source.file.endswith(YAML_SUFFIXES)
    found: JSON = with_functions(source.text) if is_yaml else subject.template.document
    for key in [*subject.pointer.split("/")[1:], "DefinitionString"]:
        found = found.get(key.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    yield from references(found)


def is_known(name: str, known: Set[str]) -> bool:
    """Whether what has a name, or a part of it (``Orders.Arn``), is among those that are known."""
    return substitutions.bare(name).partition(".")[0] in known


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
