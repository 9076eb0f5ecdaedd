"""``dagmig verify``: whether a machine does what its DAG does, whatever its tasks come to."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from dagmig.airflow.read import read
from dagmig.asl.load import load_machine
from dagmig.cli.exits import Exit
from dagmig.cli.lowering import on_failure
from dagmig.cli.own import known, own_integrations
from dagmig.cli.project import project_root, say_no_dag
from dagmig.cli.render.progress import tracked
from dagmig.cli.render.verdict import as_json, as_text
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow
from dagmig.source import UNREADABLE_CODES, read_text

RUNS = 10_000


@click.command(name="verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--against", type=click.Path(path_type=Path), help="A machine to compare, not the converted one."
)
@click.option(
    "--runs", type=click.IntRange(min=1), default=RUNS, show_default=True, help="At most so many ways to go."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample, where there are more.")
@click.option("--dag-id", help="The one DAG to verify.")
@click.option(
    "--engine",
    type=click.Choice(["builtin"]),
    default="builtin",
    show_default=True,
    help="What executes the machine.",
)
@on_failure
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@own_integrations
@project_root
def command(file: Path, against: Path | None, form: str, **options: Any) -> None:
    """Run the DAGs of FILE and their machines with every outcome their tasks can have, and compare.

    Neither Airflow nor AWS is needed: Airflow's scheduling and Step Functions are followed here; tasks do no
    work, but succeed, fail, are tried again, skip themselves and choose in every combination, or a sample.

    Exit 0: the same, under the guarantee that is named. Exit 1: a difference, or what could not be verified.
    Exit 2: usage. Exit 3: the input cannot be read.
    """
    _require_library()
    report = Report()
    dag_id, runs, seed = options["dag_id"], options["runs"], options["seed"]
    workflows = _workflows(file, dag_id, report, options["project_root"])
    machine = _machine(against, workflows, report) if against is not None else None
    for diagnostic in report:
        click.echo(str(diagnostic), err=True)
    if any(diagnostic.code in UNREADABLE_CODES for diagnostic in report) or (against and machine is None):
        raise SystemExit(Exit.UNREADABLE)
    if not workflows:
        say_no_dag(file, dag_id)
        raise SystemExit(Exit.UNREADABLE)
    drains = options["on_failure"] == "drain"
    with known(options["own"], file):
        found = [_verdict(one, machine, drains, runs, seed) for one in workflows]
    click.echo(as_json(found, seed) if form == "json" else "\n".join(as_text(*one, seed) for one in found))
    raise SystemExit(Exit.OK if all(_is_same(one) for _, one in found) else Exit.OPEN)


def _require_library() -> None:
    try:
        import jsonata  # noqa: F401
    except ImportError:
        raise click.UsageError("verify needs a library more: pip install 'dagmig[verify]'") from None


def _workflows(file: Path, dag_id: str | None, report: Report, root: str | None) -> list[Workflow]:
    text = read_text(file, report)
    if text is None:
        return []
    found = read(text, str(file), report, bodies=True, project_root=root)
    return [workflow for workflow in found if dag_id is None or workflow.id == dag_id]


def _machine(path: Path, workflows: list[Workflow], report: Report) -> dict[str, Any] | None:
    if len(workflows) > 1:
        ids = ", ".join(sorted(one.id or "?" for one in workflows))
        raise click.UsageError(f"the file defines several DAGs ({ids}): choose one with --dag-id")
    text = read_text(path, report)
    loaded = load_machine(text, str(path), report) if text is not None else None
    return None if loaded is None else dict(loaded.document)


def _verdict(
    workflow: Workflow, machine: dict[str, Any] | None, drains: bool, runs: int, seed: int
) -> tuple[str, Any]:
    from dagmig.verify.proof import NotVerified, proof

    name = workflow.id or "dag"
    progress = partial(tracked, description=name)
    try:
        return name, proof(workflow, machine, drains=drains).verdict(runs, seed, progress)
    except NotVerified as problem:
        return name, problem


def _is_same(found: Any) -> bool:
    return not isinstance(found, Exception) and found.difference is None
