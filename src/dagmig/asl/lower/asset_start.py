"""``--trigger-from-sensor`` for a DAG that an asset starts: an object in S3, or what another DAG of the file
produces, whose machine's success stands for it.

https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/asset-scheduling.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dagmig.asl.lower.event_start import (
    Event,
    ObjectCreated,
    Refused,
    Succeeded,
    about,
    say_bucket,
    without_clock,
)
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Workflow
from dagmig.graph.query import ASSETS, assets_of, downstream, schedule
from dagmig.graph.values import Items, Literal, New, Value

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
ANY, ALL = (".AssetAny", ".DatasetAny"), (".AssetAll", ".DatasetAll")
S3 = "s3://"
Producers = Mapping[str, Sequence[tuple[Workflow, str]]]
"""By the name of an asset: the DAGs that produce it, each with the task that does."""


def producers(workflows: Sequence[Workflow]) -> dict[str, list[tuple[Workflow, str]]]:
    """What produces each asset that a task has among its outlets."""
    found: dict[str, list[tuple[Workflow, str]]] = {}
    for workflow in workflows:
        for task in workflow.tasks.values():
            for names in _assets(task.argument("outlets")):
                for name in names:
                    found.setdefault(name, []).append((workflow, task.id))
    return found


def asset_started(workflow: Workflow, known: Producers, report: Report) -> tuple[Workflow, tuple[Event, ...]]:
    """The workflow without its schedule, and the events in place of its assets; as it is where no assets
    start it, and where events cannot, which is said.
    """
    given = schedule(workflow)
    if given is None or not _is_of_assets(given):
        return workflow, ()
    try:
        assets = list(_alternatives(given))
        events = tuple(dict.fromkeys(event for names in assets for event in _events(names, known)))
    except Refused as error:
        report.row("trigger-from-sensor", workflow.span, "", DECISION, f"nothing starts the machine: {error}")
        return workflow, ()
    for event in events:
        said = f"{about(event)} starts the machine, once for each"
        report.row("trigger-from-sensor", workflow.span, "", NOTED, said)
        if isinstance(event, ObjectCreated):
            say_bucket(event, workflow.span, report)
    for names in assets:
        _say_early(workflow, names, known, report)
    return without_clock(workflow), events


def say_consumers(producer: Workflow, started: Mapping[str, Workflow], report: Report) -> None:
    """Where a DAG's assets start machines: that they hear of its success, in place of no asset event.
    ``started`` are the DAGs of those machines, with their schedules.
    """
    rows = []
    for row in report.rows:
        task = producer.tasks.get(row.task or "")
        if row.construct != "outlets" or task is None:
            rows.append(row)
            continue
        made = [set(names) for names in _assets(task.argument("outlets"))]
        readers = {
            dag: [set(names) for names in _assets(schedule(workflow))] for dag, workflow in started.items()
        }
        heard = [[dag for dag, read in readers.items() if any(one & other for other in read)] for one in made]
        if made and all(heard):
            said = (
                f"{', '.join(sorted({dag for one in heard for dag in one}))}: started by the success of all"
            )
            row = replace(row, disposition=NOTED, difference=f"{said}; DAGs of other files hear of nothing")
        rows.append(row)
    report.rows = rows


def _events(names: Sequence[str], known: Producers) -> Iterator[Event]:
    made = [one for name in names for one in known.get(name, ())]
    if made:
        yield from (Succeeded(producer.id or "dag") for producer, _ in made)
        return
    uri = next((name for name in names if name.startswith(S3)), None)
    bucket, _, key = (uri or "").removeprefix(S3).partition("/")
    if not bucket:
        raise Refused(f"nobody knows here what makes the asset `{names[0]}`")
    yield ObjectCreated(bucket, key, is_prefix=not key or key.endswith("/"))


def _say_early(workflow: Workflow, names: Sequence[str], known: Producers, report: Report) -> None:
    """Airflow tells of an asset when its task has succeeded, an event when the whole execution has."""
    for producer, task in dict.fromkeys((one[0].id, one[1]) for name in names for one in known.get(name, ())):
        whole = next(one[0] for name in names for one in known.get(name, ()) if one[0].id == producer)
        if downstream(whole)[task]:
            said = f"it starts when all of {producer} has succeeded; Airflow starts it after {task}"
            report.row("trigger-from-sensor", workflow.span, "", DECISION, said)


def _is_of_assets(value: Value) -> bool:
    match value:
        case New(type=kind):
            return kind.endswith((*ASSETS, *ANY, *ALL))
        case Items(items):
            return any(map(_is_of_assets, items))
    return False


def _alternatives(value: Value) -> Iterator[tuple[str, ...]]:
    """The assets of which any starts a DAG, each by its names. Raises ``Refused`` where several have to be
    there.
    """
    match value:
        case New(type=kind, arguments=arguments) if kind.endswith(ANY):
            for one in arguments:
                yield from _alternatives(one)
        case New(type=kind, arguments=(one,)) if kind.endswith(ALL):
            yield from _alternatives(one)
        case Items((one,)):
            yield from _alternatives(one)
        case Items() | New() if not (isinstance(value, New) and value.type.endswith(ASSETS)):
            raise Refused(
                "several assets have to be there, and one event cannot stand for all: mark each in a table "
                "of DynamoDB, and start the machine by the one that completes them"
            )
        case _:
            names = list(_assets(value))
            if not names:
                raise Refused("an asset is not known")
            yield from names


def _assets(value: Value | None) -> Iterator[tuple[str, ...]]:
    """The assets in a value, each by its names: URI and name."""
    for made in assets_of(value):
        given = [
            *(made.keywords[name] for name in ("uri", "name") if name in made.keywords),
            *made.arguments[:2],
        ]
        names = tuple(one.value for one in given if isinstance(one, Literal) and isinstance(one.value, str))
        if names:
            yield names
