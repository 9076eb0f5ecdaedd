"""``dagmig graph``: what Airflow would build from a file, without running it."""

from __future__ import annotations

from pathlib import Path

import click

from dagmig.airflow.read import read
from dagmig.cli.exits import Exit
from dagmig.cli.project import project_root, say_no_dag
from dagmig.cli.render.diagram import to_dot, to_mermaid
from dagmig.cli.render.graph import to_json
from dagmig.diagnostics import Report, Severity, Span
from dagmig.graph.model import Workflow
from dagmig.source import UNREADABLE_CODES, read_text

DIAGRAMS = {"mermaid": to_mermaid, "dot": to_dot}
FORMATS = ("json", *DIAGRAMS)


@click.command(name="graph")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--format", "form", type=click.Choice(["json", "mermaid", "dot"]), default="json", show_default=True
)
@project_root
def command(files: tuple[Path, ...], form: str, project_root: str | None) -> None:
    """Print the graph of each DAG in FILES.

    Exit 0: everything is known. Exit 1: something could not be known, and a diagnostic says where.
    Exit 2: usage. Exit 3: a file could not be read (the others are still printed).
    """
    report, workflows = Report(), list[Workflow]()
    for file in files:
        workflows += _workflows(file, report, project_root)
    unreadable = any(diagnostic.code in UNREADABLE_CODES for diagnostic in report)
    if form == "json":
        click.echo(to_json(workflows, report), nl=False)
    else:
        click.echo(DIAGRAMS[form](workflows), nl=False)
        for diagnostic in report:
            click.echo(str(diagnostic), err=True)
    is_known = all(diagnostic.severity is Severity.INFO for diagnostic in report)
    raise SystemExit(Exit.UNREADABLE if unreadable else Exit.OK if is_known else Exit.OPEN)


def _workflows(file: Path, report: Report, project_root: str | None) -> tuple[Workflow, ...]:
    """The DAGs of one file; it is said of a file that has none."""
    text = read_text(file, report)
    if text is None:
        return ()
    if file.suffix != ".py":
        report.add("unparsable-file", "cannot be read: not a .py file", Span(str(file)), Severity.ERROR)
        return ()
    found = read(text, str(file), report, project_root=project_root)
    if not found and all(diagnostic.span.file != str(file) for diagnostic in report):
        say_no_dag(file)
    return found
