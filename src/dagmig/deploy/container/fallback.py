"""The image of tasks that run as they are: Airflow, the providers and packages that the DAG file imports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dagmig.airflow.read.project import Project
from dagmig.asl.lower.fallback import DEFINITION
from dagmig.deploy.carried import carried
from dagmig.deploy.container.entry_point import entry_point
from dagmig.deploy.container.image import fallback_dockerfile
from dagmig.deploy.container.resources import Container
from dagmig.deploy.container.runner import runner
from dagmig.deploy.pins import Pin
from dagmig.deploy.requirements import needed
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow
from dagmig.integrations.callables import IMPORTED

FOLDER = "container"
ALWAYS = ("airflow", "boto3")


def definition(machine: str) -> Container | None:
    """The one definition of all such tasks; None where the machine (its text) runs none."""
    return Container(DEFINITION, "fallback_image", "ecs") if f"${{{DEFINITION}}}" in machine else None


def files(
    file: Path,
    source: str,
    project: Project | None,
    pins: Mapping[str, Pin],
    workflow: Workflow,
    report: Report,
) -> dict[str, str]:
    """The files of the image by path; ``report`` says which versions are not known."""
    found = carried(source, project, is_generated=False)
    installs = needed({*found.foreign, *ALWAYS}, pins, (), has_airflow=True)
    for disposition, said in installs.said:
        report.row(IMPORTED, workflow.span, "", disposition, f"in the image of {FOLDER}/: {said}")
    return {
        f"{FOLDER}/Dockerfile": fallback_dockerfile(_within(file, project)),
        f"{FOLDER}/requirements.txt": "".join(f"{line}\n" for line in installs.lines),
        f"{FOLDER}/runner.py": runner(),
        f"{FOLDER}/container.py": entry_point("run", "runner"),
    }


def _within(file: Path, project: Project | None) -> str:
    """Where the DAG file is within the project."""
    path, root = file.absolute(), None if project is None else project.root.absolute()
    return path.relative_to(root).as_posix() if root is not None and path.is_relative_to(root) else file.name
