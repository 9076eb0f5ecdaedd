"""A converted workflow -> its stack."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from dagmig.asl.load import load_machine
from dagmig.asl.lower.dates import zone
from dagmig.deploy.container.fallback import definition
from dagmig.deploy.container.resources import BUCKET, PARAMETERS
from dagmig.deploy.functions import Surroundings, functions
from dagmig.deploy.guard import guarded
from dagmig.deploy.names import machine_name
from dagmig.deploy.notices import notices
from dagmig.deploy.role import of_machine
from dagmig.deploy.schedule import Schedule, schedules
from dagmig.deploy.stack import Stack, placeholders
from dagmig.diagnostics import Disposition, Report, Row
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.pipeline import Converted

HIDDEN = ("_password", "_account_key")  # of connections, which integrations name
REPLACED = frozenset(
    {"schedule", "schedule_interval", "timetable", "start_date", "end_date", "catchup", "tags", "doc_md"}
)
"""Rows of the conversion about what the bundle brings."""
HEADING = re.compile(r"^\s*#+\s+", re.MULTILINE)  # of Markdown
SECRET = "A secret that stood in the DAG file"
NOTED, DECISION = Disposition.NOTED, Disposition.DECISION


def stack(
    one: Converted,
    workflow: Workflow,
    source: str,
    around: Surroundings,
    now: datetime,
    *,
    is_airflow_3: bool,
    has_route: bool = False,
) -> Stack:
    """The stack; ``one.report`` gets its rows, in place of those about what is done now. ``source`` is the
    DAG file's text, ``now`` aware.
    """
    ledger = one.report
    ledger.rows = [row for row in ledger.rows if not _is_replaced(row)]
    found = schedules(workflow, ledger, now, is_airflow_3=is_airflow_3)
    name = machine_name(one.id)
    machine = _guarded(one, workflow, found)
    _say_catchup(workflow, found, ledger, is_airflow_3=is_airflow_3)
    made = functions(one, workflow, around)
    hidden = (name for name in placeholders(machine, source) if name.endswith(HIDDEN))
    secrets = frozenset((*one.secrets.values(), *hidden))
    as_they_are = definition(one.text)
    found_containers = [*(each.container for each in made), as_they_are]
    containers = tuple(each for each in found_containers if each is not None)
    filled = [*placeholders(machine, source), *(name for each in made for name in each.environment.values())]
    filled += [each.image for each in containers]
    about = {name: text for each in containers for name, text in PARAMETERS[each.kind].items()}
    about |= dict.fromkeys(secrets, SECRET)
    own = {each.parameter for each in containers} | {BUCKET}
    parameters = {name: about.get(name) or _about(name) for name in filled if name not in own}
    loaded = load_machine(one.text, f"{name}.asl.json", Report())
    statements = of_machine(loaded, name) if loaded is not None else ()
    told = notices(workflow, ledger)
    description = _description(workflow)
    if description and "doc_md" in workflow.arguments:
        ledger.row("doc_md", workflow.span, "", NOTED, "the description of the template begins with it")
    return Stack(
        name,
        machine,
        description,
        made,
        found,
        statements,
        parameters,
        secrets & parameters.keys(),
        containers,
        _tags(workflow, ledger),
        told.failures,
        told.emails,
        one.events,
        has_route,
        told.late,
    )


def _is_replaced(row: Row) -> bool:
    return row.task is None and row.construct in REPLACED


def _guarded(one: Converted, workflow: Workflow, found: tuple[Schedule, ...]) -> dict[str, object]:
    if not any(schedule.without for schedule in found):
        return one.machine
    clock = zone(workflow) or timezone.utc
    try:
        return guarded(one.machine, clock)
    except ValueError as error:
        said = f"on days that both schedules have, two executions start, as {error}"
        one.report.row("schedule", workflow.span, "", DECISION, said)
        return one.machine


def _say_catchup(
    workflow: Workflow, found: tuple[Schedule, ...], ledger: Report, *, is_airflow_3: bool
) -> None:
    given = workflow.arguments.get("catchup")
    if not found:
        return
    if given is None:
        is_on: bool | None = None if not is_airflow_3 else False
    else:
        is_on = bool(given.value) if isinstance(given, Literal) else None
    if is_on is False:
        said = "switched on, Airflow starts the last run that was missed, too: `backfill.py --last`"
        ledger.row("catchup", workflow.span, "", NOTED, said)
    else:
        said = "`backfill.py` starts an execution for each run since the start date: run it after deploying"
        ledger.row("catchup", workflow.span, "", NOTED if is_on else DECISION, said)


def _about(name: str) -> str:
    """What a parameter is, by how the integrations call theirs."""
    connection, _, what = name.rpartition("_")
    if what == "arn":
        return f"The ARN of {name.removesuffix('_arn').replace('_', ' ')}"
    return f"The {what} of {connection.replace('_', ' ')}" if connection else f"The {what}"


def _description(workflow: Workflow) -> str:
    given = workflow.arguments.get("description")
    texts = (given.value if isinstance(given, Literal) else None, workflow.doc)
    said = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    return " ".join(HEADING.sub("", said).split())


def _tags(workflow: Workflow, ledger: Report) -> dict[str, str]:
    given = workflow.arguments.get("tags")
    known = given.value if isinstance(given, Literal) else None
    tags = [one for one in known if isinstance(one, str)] if isinstance(known, (list, tuple, set)) else []
    if tags:
        ledger.row("tags", workflow.span, "", NOTED, "kept as one tag of the state machine")
    shown = re.sub(r"[^\w .:/=+@-]", "_", " ".join(sorted(tags)))[:256]
    return {"airflow:dag": machine_name(workflow.id or ""), **({"airflow:tags": shown} if tags else {})}
