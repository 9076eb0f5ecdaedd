"""Converted workflows -> the files of a bundle, by path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from dagmig.asl.dump import dump
from dagmig.deploy import backfill
from dagmig.deploy.bundle import BundleError
from dagmig.deploy.cloudformation import template
from dagmig.deploy.container import fallback
from dagmig.deploy.container.fallback import definition
from dagmig.deploy.functions import Surroundings
from dagmig.deploy.ledger import ledger
from dagmig.deploy.make import stack
from dagmig.deploy.migration import migration
from dagmig.deploy.names import machine_name
from dagmig.deploy.schedule import clock, moment_of
from dagmig.deploy.secrets import left_out
from dagmig.deploy.stack import Stack
from dagmig.deploy.terraform.main import main
from dagmig.deploy.trial import NotTested, trial
from dagmig.graph.model import Workflow
from dagmig.graph.query import literal
from dagmig.pipeline import Converted

MOST_RUNS = 16  # of a DAG at the same time, where it says nothing


def files(
    converted: Sequence[Converted],
    file: Path,
    kind: str,
    now: datetime,
    airflow: int | None,
    root: str | None = None,
    *,
    has_route: bool = False,
) -> dict[str, str]:
    """The files: in the folder itself for one DAG, else in one of its own for each. ``kind`` is that of the
    template, ``now`` aware, ``root`` the project's folder where the user names it; ``has_route``: a request
    can start the machine. Raises ``BundleError`` where two DAGs have one name.
    """
    _refuse_one_name([one.id for one in converted], file)
    names = [machine_name(one.id) for one in converted]
    source = file.read_text(encoding="utf-8", errors="replace")
    around = Surroundings.of(file, root)
    found: dict[str, str] = {}
    for one, name in zip(converted, names, strict=True):
        prefix = f"{name}/" if len(converted) > 1 else ""
        for path, text in _of_one(one, file, source, around, kind, now, airflow, has_route=has_route).items():
            found[prefix + path] = left_out(text, one.secrets)
    return found


def _refuse_one_name(ids: Sequence[str], file: Path) -> None:
    """Raises ``BundleError`` where two ids make one name, in upper or lower case."""
    by_name: dict[str, str] = {}
    for one in ids:
        other = by_name.setdefault(machine_name(one).lower(), one)
        if other == one and ids.count(one) > 1:
            raise BundleError(f"two DAGs of {file} are called `{one}`: rename one, as Airflow keeps the last")
        if other != one:
            raise BundleError(
                f"two DAGs of {file}, `{other}` and `{one}`, have one name here: choose one with --dag-id"
            )


def _of_one(
    one: Converted,
    file: Path,
    source: str,
    around: Surroundings,
    kind: str,
    now: datetime,
    airflow: int | None,
    *,
    has_route: bool,
) -> dict[str, str]:
    workflow = one.workflow
    if workflow is None:
        raise ValueError("only a DAG's machine has a bundle")
    is_airflow_3 = airflow == 3 if airflow else workflow.is_airflow_3
    made = stack(one, workflow, source, around, now, is_airflow_3=is_airflow_3, has_route=has_route)
    found = {made.definition: dump(made.machine)}
    if kind == "terraform":
        found["main.tf"] = main(made)
    else:
        found["template.yaml"] = template(made, is_sam=kind == "sam")
    for function in made.functions:
        folder = f"functions/{function.folder}"
        found[f"{folder}/handler.py"] = function.source
        found[f"{folder}/requirements.txt"] = "".join(f"{line}\n" for line in function.requirements)
        found |= {f"{folder}/{name}": text for name, text in function.files.items()}
    if definition(one.text) is not None:
        found |= fallback.files(file, source, around.project, around.pins, workflow, one.report)
    script = _backfill(workflow, made, is_airflow_3=is_airflow_3)
    if script:
        found["backfill.py"] = script
    try:
        found |= trial(workflow, made.machine, Path(made.definition).name)
        untested = ""
    except NotTested as problem:
        untested = str(problem)
    found["MIGRATION.md"] = migration(
        made, one.report.rows, kind, has_backfill=bool(script), untested=untested
    )
    found["ledger.json"] = ledger(file, made.definition, [one])
    return found


def _backfill(workflow: Workflow, made: Stack, *, is_airflow_3: bool) -> str:
    found = clock(workflow, is_airflow_3=is_airflow_3)
    start = moment_of(workflow, "start_date")
    if not made.schedules or found is None or start is None:
        return ""
    ticks = found.due(start)
    first = next(ticks, None)
    if found.is_interval:
        first = next(ticks, None)
    most = literal(workflow.arguments, "max_active_runs")
    at_once = most if isinstance(most, int) and most > 0 else MOST_RUNS
    return "" if first is None else backfill.script(made.name, found, first, made.schedules[0].end, at_once)
