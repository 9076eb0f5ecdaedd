"""``dagmig assess``: what moving whole folders takes, before anything is moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from dagmig import pipeline
from dagmig.cli.convert import to_airflow
from dagmig.cli.exits import Exit
from dagmig.cli.lowering import fallback, on_failure, python_target
from dagmig.cli.own import known, own_integrations
from dagmig.cli.project import project_root
from dagmig.cli.render.assessment import as_json, as_text
from dagmig.cli.render.progress import tracked
from dagmig.deploy.assessment import Assessed, assessed
from dagmig.deploy.secrets import hidden
from dagmig.diagnostics import Report, Severity, Span
from dagmig.integrations.running import Running
from dagmig.lint.files import Target, targets
from dagmig.lint.source import Source
from dagmig.source import UNREADABLE_CODES, read_text


@click.command(name="assess")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--to",
    type=click.Choice(["asl", "airflow"]),
    help="Assess one direction only. Without it, DAG files are to become machines, and machines DAGs.",
)
@on_failure
@python_target
@fallback
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@own_integrations
@project_root
def command(
    paths: tuple[Path, ...], to: str | None, form: str, own: tuple[Path, ...], **given: str | None
) -> None:
    """Convert every DAG and every state machine below PATHS, write nothing, and say what is left to decide.

    The workflows come in an order to move them in: those with the fewest rows to decide first, and together
    those that start, wait for, or feed each other.

    Exit 0: assessed. Exit 2: usage. Exit 3: a file cannot be read (the others are assessed).
    """
    report = Report()
    lowering = pipeline.Lowering(
        drains=given["on_failure"] == "drain",
        running=Running(str(given["python_target"]), given["fallback"] is not None),
    )
    chosen = [one for one in targets(paths, report) if _is_of(one, to)]
    found: list[Assessed] = []
    with known(own, paths[0] if paths[0].is_file() else paths[0] / "dag.py"):
        for target in tracked(chosen, len(chosen), "Assessing"):
            reading = Report()  # of this file alone: what a reader doubts are rows of its workflows
            found += _of_file(target, reading, lowering, given["project_root"])
            report.take(reading)
    unreadable = [one for one in report if one.code in UNREADABLE_CODES or one.severity is Severity.ERROR]
    for one in unreadable:
        click.echo(str(one), err=True)
    click.echo(as_json(found, unreadable) if form == "json" else as_text(found, unreadable))
    raise SystemExit(Exit.UNREADABLE if unreadable else Exit.OK)


def _is_of(target: Target, to: str | None) -> bool:
    return (target.is_python and to != "airflow") or (target.has_documents and to != "asl")


def _of_file(
    target: Target, report: Report, lowering: pipeline.Lowering, root: str | None
) -> Iterator[Assessed]:
    file = Path(target.path)
    text = read_text(file, report)
    if text is None:
        return
    if target.is_python:
        made = pipeline.airflow_to_asl(text, target.path, report, project_root=root, lowering=lowering)
        made = [hidden(one, text, target.path) for one in made]
    else:
        made = to_airflow(text, file, report, "") if _holds_machines(text, target.path, report) else []
    if target.is_explicit and not made and not report.of(*UNREADABLE_CODES):
        message = "holds no DAG" if target.is_python else "holds no state machine"
        report.add("nothing-to-assess", message, Span(target.path), Severity.ERROR)
    yield from (assessed(target.path, one) for one in made)


def _holds_machines(text: str, file: str, report: Report) -> bool:
    reading = Report()
    found = bool(Source(text, file, "machine", report=reading).subjects)
    report.diagnostics += reading.of(*UNREADABLE_CODES)
    return found
