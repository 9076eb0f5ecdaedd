"""Both conversions, each the other read backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.airflow.read import read
from dagmig.airflow.read.template_files import with_template_files
from dagmig.airflow.write import unrendered, write
from dagmig.asl.dump import dump
from dagmig.asl.lift import lift
from dagmig.asl.load import load_machine
from dagmig.asl.lower import lower
from dagmig.asl.lower.asset_start import Producers, asset_started, producers, say_consumers
from dagmig.asl.lower.event_start import Event, Succeeded, event_started
from dagmig.asl.lower.latch import latched
from dagmig.asl.lower.offload import Store, offloaded
from dagmig.asl.model import Machine
from dagmig.diagnostics import Disposition, Report, Severity
from dagmig.graph.model import Workflow
from dagmig.integrations.running import IN_LAMBDA, Running
from dagmig.regions.durations import INVALID, Duration, unknown_tasks
from dagmig.regions.fold import fold


@dataclass(frozen=True, slots=True)
class Converted:
    """One workflow, converted: its text, the same as data (machines only), and the ledger in ``report``.

    ``functions`` are the Lambda sources the machine calls, by file name; ``workflow`` is the DAG;
    ``variables`` are the Airflow Variables that it reads in place of what a template fills in; ``events`` are
    those that start the machine. ``secrets`` are texts that were taken out, with the names of the parameters
    that stand for them, ``running`` says where the functions run.
    """

    id: str
    text: str
    report: Report
    machine: dict[str, Any] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    workflow: Workflow | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    running: Running = IN_LAMBDA


@dataclass(frozen=True, slots=True)
class Lowering:
    """How a DAG becomes a machine. ``drains``: when a task fails, those beside it are finished first, as in
    Airflow. ``durations``: how long tasks take. ``latches``: dependencies that do not nest are kept by a
    DynamoDB table, where that will do. ``airflow`` is the version (2 or 3) that the DAG runs on, where the
    user says so. ``store``: where generated functions keep large answers. ``has_events``: a DAG that begins
    with a sensor, or is started by an asset, is started by an event. ``running``: where code of the user's
    runs.
    """

    drains: bool = False
    durations: Mapping[str, Duration] | None = None
    latches: bool = False
    airflow: int | None = None
    store: Store | None = None
    has_events: bool = False
    running: Running = IN_LAMBDA


def airflow_to_asl(
    text: str,
    file: str,
    report: Report,
    dag_id: str | None = None,
    project_root: str | None = None,
    lowering: Lowering | None = None,
) -> list[Converted]:
    """Each DAG of a Python file (only ``dag_id`` where one is named) as a state machine.

    Where no DAG has one of the tasks that ``lowering.durations`` name, nothing is converted. What goes wrong
    before there is a DAG to speak of is said in ``report``.
    """
    lowering = lowering or Lowering()
    workflows = read(text, file, report, bodies=True, project_root=project_root)
    chosen = [workflow for workflow in workflows if dag_id is None or workflow.id == dag_id]
    if workflows and lowering.durations and list(unknown_tasks(lowering.durations, workflows, report)):
        return []
    makers = producers(workflows) if lowering.has_events else {}
    found = [_machine(workflow, report, lowering, makers, file, project_root) for workflow in chosen]
    started = {
        one.id: workflow
        for one, workflow in zip(found, chosen, strict=True)
        if any(isinstance(event, Succeeded) for event in one.events)
    }
    for one, workflow in zip(found, chosen, strict=True):
        say_consumers(workflow, started, one.report)
    return found


def asl_to_airflow(
    text: str, file: str, report: Report, dag_id: str, *, keeps_loops: bool = False
) -> Converted | None:
    """A state machine as an Airflow 3 DAG file; None, said in ``report``, where it cannot be read."""
    machine = load_machine(text, file, report)
    return None if machine is None else machine_to_airflow(machine, dag_id, keeps_loops=keeps_loops)


def lifted(machine: Machine, report: Report, dag_id: str, *, keeps_loops: bool = False) -> Workflow:
    """A state machine as a DAG. What an operator cannot be given, as Airflow renders no template there, a
    function is given.
    """
    ledger = Report()
    workflow = lift(machine, ledger, dag_id, keeps_loops=keeps_loops)
    wanted = frozenset(task.span.pointer for task in unrendered(workflow) if task.span is not None)
    if wanted:
        ledger = Report()
        workflow = lift(machine, ledger, dag_id, wanted, keeps_loops=keeps_loops)
    report.take(ledger)
    return workflow


def machine_to_airflow(
    machine: Machine,
    dag_id: str,
    adapt: Callable[[Workflow, Report], tuple[Workflow, Mapping[str, str]]] | None = None,
    *,
    keeps_loops: bool = False,
) -> Converted:
    """As ``asl_to_airflow``; where it ``keeps_loops``, they stay in Step Functions. ``adapt`` puts what
    stands around the machine into the DAG, says so in the ledger, and returns the DAG with its Variables.
    """
    ledger = Report()
    workflow = lifted(machine, ledger, dag_id, keeps_loops=keeps_loops)
    variables: Mapping[str, str] = {}
    if adapt is not None:
        workflow, variables = adapt(workflow, ledger)
    written = write(workflow, ledger)
    ledger.retarget({f"task:{task}": str(line) for task, line in written.lines.items()})
    return Converted(workflow.id or dag_id, written.text, ledger, workflow=workflow, variables=variables)


def _machine(
    workflow: Workflow, reading: Report, given: Lowering, makers: Producers, file: str, root: str | None
) -> Converted:
    ledger = Report()
    workflow = with_template_files(workflow, file, root, ledger)
    for code, message, span in _doubts(workflow, reading):
        ledger.row(code, span, "", Disposition.DECISION, message)
    events: tuple[Event, ...] = ()
    if given.has_events:
        workflow, events = asset_started(workflow, makers, ledger)
        if not events:
            workflow, events = event_started(workflow, ledger)
    durations = given.durations
    seconds = None if durations is None else {task: found.seconds for task, found in durations.items()}
    found = latched(workflow, ledger, drains=given.drains) if given.latches else None
    workflow, region = found or (workflow, fold(workflow, ledger, seconds))
    product = lower(
        workflow,
        region,
        ledger,
        drains=given.drains,
        durations=seconds,
        airflow=given.airflow,
        running=given.running,
    )
    functions = dict(product.functions)
    if given.store is not None:
        functions = offloaded(workflow, product, given.store, ledger)
    text = dump(product.machine)
    return Converted(
        workflow.id or "dag",
        text,
        ledger,
        product.machine,
        functions,
        workflow,
        events=events,
        running=given.running,
    )


def _doubts(workflow: Workflow, reading: Report) -> Iterator[tuple[str, str, Any]]:
    """What the reader could not know is an open row: the graph may differ from Airflow's."""
    said = [d for d in reading if d.code != INVALID]
    found = [d for d in said if d.severity is not Severity.INFO or d.code == "assumed-default"]
    yield from ((d.code, d.message, d.span) for d in found)
    if not found and not workflow.is_complete:
        yield "graph-incomplete", "there may be tasks or dependencies that could not be read", workflow.span
