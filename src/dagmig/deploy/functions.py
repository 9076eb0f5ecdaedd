"""The generated functions of a bundle: handler, what it imports, what it installs, a first test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dagmig.airflow.read.project import Project
from dagmig.asl.lower.setting import function_name
from dagmig.asl.model import written_states
from dagmig.deploy.carried import carried
from dagmig.deploy.container.entry_point import entry_point
from dagmig.deploy.container.image import dockerfile
from dagmig.deploy.container.resources import Container
from dagmig.deploy.handler_test import test_of_handler
from dagmig.deploy.names import folders
from dagmig.deploy.pins import Pin, pins, requirement
from dagmig.deploy.requirements import needed
from dagmig.deploy.secret_code import variable, without
from dagmig.deploy.secrets import named, of_code, say
from dagmig.deploy.stack import Function
from dagmig.diagnostics import Disposition, Report, Row, Span
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Literal
from dagmig.integrations.callables import IMPORTED, IN_RUNTIME
from dagmig.integrations.container import definition, parameter
from dagmig.integrations.fragment import FunctionName
from dagmig.pipeline import Converted

DECISION = Disposition.DECISION
OWN_REQUIREMENTS = "`requirements` "  # how the row begins about those of a virtual environment
CALLS_AWS = frozenset(
    {"aioboto3", "aiobotocore", "awswrangler", "boto3", "botocore", "pyathena", "redshift_connector", "s3fs",
     "sagemaker", "smart_open"}
)  # fmt: skip
ENTRY = re.compile(r"^def (\w+)\((?:event, _|event, context)\):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a DAG file is: its ``project`` (None for text from elsewhere) and what that pins."""

    project: Project | None
    pins: Mapping[str, Pin]

    @classmethod
    def of(cls, file: Path, root: str | None) -> Surroundings:
        project = Project.of(str(file), root)
        return cls(project, pins(project, file.parent))


def functions(one: Converted, workflow: Workflow, around: Surroundings) -> tuple[Function, ...]:
    """The functions by name; ``one.report`` says what they install, in place of that somebody has to."""
    files = {
        f"{function_name(workflow, FunctionName(name))}.py": task for name, task in workflow.tasks.items()
    }
    made = [
        _function(file.removesuffix(".py"), source, files.get(file), one, around)
        for file, source in sorted(one.functions.items())
    ]
    apart = folders(function.name for function in made)
    return tuple(replace(function, folder=apart[function.name]) for function in made)


def _function(name: str, source: str, task: Task | None, one: Converted, around: Surroundings) -> Function:
    found = carried(source, around.project)
    given = _given(task)
    kind = one.running.python
    provided = IN_RUNTIME if kind == "lambda" else frozenset[str]()
    installs = needed(found.foreign, around.pins, provided, given)
    if task is not None:
        report = one.report
        report.rows = [row for row in report.rows if not _is_settled(row, task, bool(given))]
        for disposition, said in installs.said:
            _row(report, task, disposition, said)
        for module in sorted(found.left):
            said = (
                f"the module `{module}` of the project cannot be carried: put it into the function's folder"
            )
            _row(report, task, DECISION, said)
        if libraries := sorted({module.partition(".")[0] for module in found.foreign} & CALLS_AWS):
            said = (
                f"the code calls AWS by {', '.join(f'`{one}`' for one in libraries)}: add what it calls to "
                "its role, which may write its log only"
            )
            one.report.row("iam", task.span, f"task:{task.id}", DECISION, said, task=task.id)
    entry = ENTRY.findall(source)[-1]
    modules, environment = _without_secrets(source, found.files, one)
    tested = test_of_handler(task.id if task else name, entry, event_of(one.machine, name))
    files = {**modules, "test_handler.py": tested}
    if kind == "lambda" or task is None:
        return Function(name, name, source, entry, installs.lines, files, environment)
    files["container.py"] = entry_point(entry)
    files["Dockerfile"] = dockerfile(runs_commands="def _bash(" in source)
    lines = _with_boto3(installs.lines, around.pins)
    container = Container(definition(task.id), f"{parameter(task.id)}_image", kind, environment)
    return Function(name, name, source, entry, lines, files, environment, container)


def _with_boto3(lines: tuple[str, ...], pins: Mapping[str, Pin]) -> tuple[str, ...]:
    """What a container installs: its entry point asks AWS."""
    names = {found[0] for line in lines if (found := requirement(line, "")) is not None}
    pin = pins.get("boto3")
    return lines if "boto3" in names else tuple(sorted([*lines, f"boto3{pin.versions if pin else ''}"]))


def _without_secrets(
    source: str, modules: Mapping[str, str], one: Converted
) -> tuple[dict[str, str], dict[str, str]]:
    """The carried modules, which may hold secrets of their own, and the environment variables that they and
    the handler read.
    """
    found = [secret for name, text in modules.items() for secret in of_code(text, name)]
    fresh = {secret.text: secret for secret in found if secret.text not in one.secrets}
    one.secrets.update(named(found, one.secrets))
    for text, about in fresh.items():
        said = f"the function reads it from its environment variable {variable(one.secrets[text])}"
        say(about, [said], about.span or Span(""), one.report)
    codes = {name: without(text, one.secrets) for name, text in modules.items()}
    read = {name for code in codes.values() for name in code.read}
    read |= {name for name in one.secrets.values() if f'"{variable(name)}"' in source}
    return {name: code.text for name, code in codes.items()}, {variable(name): name for name in sorted(read)}


def _row(report: Report, task: Task, disposition: Disposition, said: str) -> None:
    report.row(IMPORTED, task.span, f"task:{task.id}", disposition, said, task=task.id)


def _is_settled(row: Row, task: Task, has_requirements: bool) -> bool:
    """Whether a row asks for what the bundle does."""
    if row.task != task.id:
        return False
    return row.construct == IMPORTED or (has_requirements and row.difference.startswith(OWN_REQUIREMENTS))


def _given(task: Task | None) -> list[str]:
    """The requirements that the task names itself (``PythonVirtualenvOperator``), where all are known."""
    value = task.argument("requirements") if task is not None else None
    known = value.value if isinstance(value, Literal) else None
    if isinstance(known, str):
        known = known.splitlines()
    if not isinstance(known, (list, tuple)) or not all(isinstance(line, str) for line in known):
        return []
    lines = (line.strip() for line in known)
    return [line for line in lines if line and not line.startswith("#")]


def event_of(machine: Mapping[str, Any], function: str) -> Any:
    """What the machine sends to a function in Lambda, with its expressions as they are."""
    for _, state in written_states(machine):
        arguments = state.get("Arguments")
        if isinstance(arguments, dict) and arguments.get("FunctionName") == function:
            return arguments.get("Payload", {})
    return {}
