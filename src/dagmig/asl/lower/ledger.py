"""What becomes of the arguments that no integration sees: the DAG's own and every operator's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.asl.lower.dates import NAMES
from dagmig.asl.lower.guards import Chooser
from dagmig.asl.lower.kept_error import CALLBACK, SAID, kept_error
from dagmig.asl.lower.mail import mail_rows
from dagmig.asl.lower.mapping import PER_RUN, Mapped
from dagmig.asl.lower.run import PARAMETERS
from dagmig.asl.lower.setting import Setting
from dagmig.asl.lower.stopped import HOOK, is_stopped, stoppers
from dagmig.asl.lower.stopped import SAID as WITHOUT_HOOK
from dagmig.asl.lower.variables import RETURNED, outputs_pulled, outputs_read
from dagmig.asl.model import Machine
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import Literal, Value
from dagmig.integrations.asking import STATE
from dagmig.integrations.conditions import runs_conditions

AT_ONCE = 40  # https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
_FEW = (
    f"Map state runs at most {AT_ONCE} instances at once, and has no limit of 1,024 (`max_map_length`) for "
    "what an output may hold"
)
NOTED, DECISION, EXACT = Disposition.NOTED, Disposition.DECISION, Disposition.EXACT


@dataclass(frozen=True, slots=True)
class _Fate:
    """``harmless`` values change nothing; any other has the disposition and the difference."""

    disposition: Disposition
    difference: str
    harmless: tuple[Any, ...] = (None,)


_SHOWN = _Fate(NOTED, "only shown in Airflow's user interface")
_PLACE = _Fate(NOTED, "where Airflow's workers run the task, which a state machine does not choose")
_CALLBACK = _Fate(DECISION, "no state calls it: react to the execution's status event instead")
_PAST = _Fate(
    DECISION,
    "an execution does not look at earlier ones: let it begin with `listExecutions` and wait or fail by what "
    "the last one came to, or keep that in a table",
    (None, False),
)
_AT_ONCE = _Fate(EXACT, "MaxConcurrency")
_POOL = _Fate(
    DECISION, "Step Functions has no pools: limit concurrency at the service", (None, "default_pool")
)
_CALLBACKS = ("on_failure_callback", "on_success_callback", "on_retry_callback", "on_execute_callback",
              "on_skipped_callback", "sla_miss_callback", "sla", "deadline")  # fmt: skip

WORKFLOW: Mapping[str, _Fate] = {
    "schedule": _Fate(NOTED, "kept in the machine's Comment; start the machine with an EventBridge schedule"),
    "start_date": _Fate(NOTED, "kept in the machine's Comment; a schedule takes it as its start"),
    "end_date": _Fate(DECISION, "a schedule must take it as its end"),
    "catchup": _Fate(
        DECISION, "missed runs are not made up for: `backfill.py` of a bundle starts one for each", (None,)
    ),
    "max_active_runs": _Fate(
        DECISION,
        "executions are not limited in number: let one begin by taking a place in a table of DynamoDB (a "
        "write with a condition) and end by giving it back, or start them from a queue",
    ),
    "max_active_tasks": _Fate(DECISION, "a Parallel starts all its branches"),
    "dagrun_timeout": _Fate(NOTED, "TimeoutSeconds: the execution ends as TIMED_OUT, not as FAILED"),
    "params": _Fate(NOTED, "the execution's input overrides them under conf"),
    "description": _Fate(NOTED, "the machine's Comment"),
    "user_defined_macros": _Fate(NOTED, "constants are put into the texts; a text that asks for more fails"),
    "user_defined_filters": _Fate(NOTED, "a text that asks for one fails, with a row of its own"),
    "jinja_environment_kwargs": _Fate(NOTED, "texts are read by them; where they do more, texts fail"),
    "render_template_as_native_obj": _Fate(NOTED, "values are sent as they are", (None, False)),
    "template_undefined": _Fate(DECISION, "what is undefined fails the state"),
    "fail_fast": _Fate(NOTED, "a failed state ends the execution, which has failed then"),
    "fail_stop": _Fate(NOTED, "a failed state ends the execution, which has failed then"),
    **dict.fromkeys(("tags", "doc_md", "default_view", "orientation", "owner_links", "dag_display_name",
                     "access_control", "is_paused_upon_creation", "auto_register"), _SHOWN),
    **dict.fromkeys(_CALLBACKS, _CALLBACK),
}  # fmt: skip
IN_COMMENT = {
    "schedule": "not kept: what starts the machine has to be set up by hand",
    "start_date": "not kept: it is known only when the file runs",
    "end_date": "not kept: it is known only when the file runs",
}  # where they are not known in full
WORKFLOW_ALIASES = {
    "schedule_interval": "schedule",
    "timetable": "schedule",
    "concurrency": "max_active_tasks",
}
TASK: Mapping[str, _Fate] = {
    **dict.fromkeys(("owner", "doc", "doc_md", "doc_json", "doc_yaml", "doc_rst", "task_display_name",
                     "start_date", "map_index_template", "ui_color"), _SHOWN),
    **dict.fromkeys(("queue", "executor", "executor_config", "priority_weight", "weight_rule", "run_as_user",
                     "resources", "max_active_tis_per_dag", "max_active_tis_per_dagrun", "task_concurrency",
                     "deferrable"), _PLACE),
    **dict.fromkeys(_CALLBACKS, _CALLBACK),
    **dict.fromkeys(("depends_on_past", "wait_for_downstream"), _PAST),
    "pool": _POOL,
    "pre_execute": _Fate(DECISION, "no state calls it: call it at the beginning of the task's own code"),
    "post_execute": _Fate(DECISION, "no state calls it: call it at the end of the task's own code"),
    "retry_policy": _Fate(DECISION, "every error is tried again, as often as `retries` says"),
    "render_template_as_native_obj": _Fate(DECISION, "texts are rendered as the DAG says", (None,)),
    "end_date": _Fate(DECISION, "the task runs after this date too"),
    "inlets": _SHOWN,
    "outlets": _Fate(DECISION, "no asset event is emitted"),
}  # fmt: skip


def workflow_rows(workflow: Workflow, report: Report) -> None:
    """One row for each argument of the DAG."""
    for name, value in workflow.arguments.items():
        constant = value.value if isinstance(value, Literal) else value
        fate = WORKFLOW.get(WORKFLOW_ALIASES.get(name, name))
        if name == "catchup" and constant is False:
            fate = _Fate(NOTED, "a state machine never makes up for missed runs", ())
        if WORKFLOW_ALIASES.get(name, name) in IN_COMMENT and not isinstance(value, Literal):
            fate = _Fate(DECISION, IN_COMMENT[WORKFLOW_ALIASES.get(name, name)])
        if fate is None:
            fate = _Fate(DECISION, "not translated")
        if not (isinstance(constant, (bool, str)) or constant is None) or constant not in fate.harmless:
            report.row(name, workflow.span, "", fate.disposition, fate.difference)


def task_rows(task: Task, report: Report, *, is_in_group: bool = False, is_stopping: bool = False) -> None:
    """One row for each argument that every operator has and this task gives; ``is_in_group``: in one that is
    mapped; ``is_stopping``: what runs before it does nothing that the machine does not do.
    """
    for name, disposition, difference in mail_rows(task):
        report.row(name, task.span, f"task:{task.id}", disposition, difference, task=task.id)
    for name in sorted(TASK):
        value: Value | None = task.argument(name)
        if value is None:
            continue
        constant = value.value if isinstance(value, Literal) else value
        if name == "pre_execute" and runs_conditions(task):
            continue
        if name == HOOK and is_stopping:
            said = WITHOUT_HOOK.format(", ".join(sorted(stoppers(task) or ())))
            report.row(name, task.span, f"task:{task.id}", NOTED, said, task=task.id)
            continue
        if name == CALLBACK and (key := kept_error(task)) is not None:
            report.row(name, task.span, f"task:{task.id}", NOTED, SAID.format(key), task=task.id)
            continue
        is_mapped = task.expand is not None or is_in_group
        fate = _AT_ONCE if name == PER_RUN and is_mapped else TASK[name]
        is_harmless = isinstance(constant, (bool, str, type(None))) and constant in fate.harmless
        if not is_harmless:
            report.row(name, task.span, f"task:{task.id}", fate.disposition, fate.difference, task=task.id)


def say(setting: Setting, machine: dict[str, Any], targets: Mapping[str, str]) -> None:
    """A row for every task with its state, then the DAG's own; ``targets`` are as of ``pointers``."""
    workflow, report = setting.workflow, setting.report
    choosers = setting.outcomes.guards.choosers
    for task, state in setting.states.items():
        found = workflow.tasks[task]
        if task not in targets:
            said = f"never runs: the tasks before it never end in the way that {found.trigger} asks for"
            report.row(found.call.operator, found.span, "", NOTED, said, task=task)
            continue
        said = "" if state == task else f"the state is named {state}"
        disposition = NOTED if said else EXACT
        report.row(found.call.operator, found.span, f"task:{task}", disposition, said, task=task)
        is_stopping = is_stopped(found, setting.fatal, setting.fallible)
        is_in_group = task in setting.outcomes.shape.group
        task_rows(found, report, is_in_group=is_in_group, is_stopping=is_stopping)
        _say_instances(setting, found, report)
        _say_choices(setting, found, choosers)
        _say_not_pushed(setting, found)
    _say_groups(setting)
    workflow_rows(workflow, report)
    _say_sizes(setting)
    _say_time(setting)
    _say_catchup(workflow, report)


def pointers(machine: dict[str, Any], states: Mapping[str, str]) -> dict[str, str]:
    """Where the state of each task is, as a JSON pointer; none for a task whose state is not there."""
    root = Machine(machine, "", lambda *_: Span("")).root
    found = {state.name: state.pointer for state in root.all_states()}
    return {task: found[state] for task, state in states.items() if state in found}


def _say_choices(setting: Setting, task: Task, choosers: Mapping[str, Chooser]) -> None:
    """Airflow 3 keeps what a chooser returned only where it skipped nothing; Airflow 2 always does."""
    after = setting.outcomes.shape.after
    for chooser in sorted({name for name, key in outputs_read(task) if key == RETURNED} & choosers.keys()):
        kind = choosers[chooser]
        is_skipped_too = not kind.is_branch and (kind.reaches or task.id in after[chooser])
        if is_skipped_too and not task.is_teardown:
            continue
        said = f"the state is given what {chooser} returned; in Airflow 3 it is None once a task was skipped"
        disposition = DECISION if setting.workflow.is_airflow_3 else NOTED
        setting.report.row("xcom", task.span, f"task:{task.id}", disposition, said, task=task.id)


def _say_not_pushed(setting: Setting, task: Task) -> None:
    """A task may say that it pushes nothing: those that read it get None."""
    for other in sorted({name for name, key in outputs_read(task) if key == RETURNED}):
        if other in setting.states and setting.workflow.tasks[other].argument("do_xcom_push") == Literal(
            False
        ):
            said = f"the state is given what {other} returns, which it does not push (`do_xcom_push`)"
            setting.report.row("xcom", task.span, f"task:{task.id}", DECISION, said, task=task.id)


def _say_instances(setting: Setting, task: Task, report: Report) -> None:
    """What a Map state does otherwise than a mapped task, and its list than Airflow's."""
    mapped = setting.mapped.get(task.id)
    if mapped is not None and _is_long(mapped) and task.id not in setting.distributed:
        report.row("expand", task.span, f"task:{task.id}", NOTED, f"its {_FEW}", task=task.id)
    for other in sorted({name for name, _ in outputs_pulled(task)} & set(setting.mapped)):
        if setting.workflow.is_airflow_3 and setting.mapped[other].length != 1:
            said = f"the state is given a list of what the instances of {other} gave; where only one gave"
            said += " something, Airflow 3 gives `xcom_pull` that alone"
            report.row("xcom", task.span, f"task:{task.id}", NOTED, said, task=task.id)


def _say_groups(setting: Setting) -> None:
    """The same of mapped groups."""
    for group in setting.maps:
        if _is_long(setting.outcomes.shape.groups[group]) and group not in setting.distributed:
            span = setting.workflow.groups[group].span
            setting.report.row("expand", span, f"task:{group}", NOTED, f"the {_FEW}", task=group)


def _is_long(mapped: Mapped) -> bool:
    return mapped.length is None or mapped.length > AT_ONCE


def _say_catchup(workflow: Workflow, report: Report) -> None:
    """Airflow 2 makes up for missed runs unless it is told not to; Airflow 3 does not."""
    found = schedule(workflow)
    is_scheduled = found is not None and found != Literal(None)
    if is_scheduled and "catchup" not in workflow.arguments and not workflow.is_airflow_3:
        said = "not given: Airflow 2 then makes up for missed runs, and a state machine does not"
        report.row("catchup", workflow.span, "", DECISION, said)


def _say_sizes(setting: Setting) -> None:
    """Airflow's XComs may be as large as its database lets them be."""
    choosers, found = setting.outcomes.guards.choosers, setting.fragments
    read = {name for name, key in setting.variables.homes if key != STATE and name not in choosers}
    large = [name for name in setting.states if name in read and found[name].gives_anything]
    if not large:
        return
    shown = ", ".join(large[:5]) + (f" and {len(large) - 5} more" if len(large) > 5 else "")
    each = "; a list of what instances return is one value" if read & setting.mapped.keys() else ""
    shown += " returns" if len(large) == 1 else " return"
    said = f"what {shown} is handed on in variables, which hold 256 KiB each and 10 MiB in all{each}"
    setting.report.row("payload", setting.workflow.span, "", NOTED, said)


def _say_time(setting: Setting) -> None:
    """Where the run's dates come from, where a state asks for them, and its Variables."""
    workflow, run, report = setting.workflow, setting.run, setting.report
    for name in sorted(run.variables):
        said = (
            f"the Variable {name} is read from SSM's parameter {PARAMETERS}{name} when the execution starts"
        )
        report.row("variable", workflow.span, "", DECISION, f"{said}: put it there")
    if not run.moments:
        return
    dates = run.dates
    if dates.doubt:
        names = ", ".join(f"`{name}`" for name in NAMES if name in run.moments)
        said = f"{dates.doubt}: what starts a run gives {names} in the execution's input, or the run fails"
        report.row("logical_date", workflow.span, "", DECISION, said)
        return
    given = "`logical_date`" if dates.is_manual else "`scheduled_time` or `logical_date`"
    said = f"the dates of a run are computed from its input's {given}, else from its start, to the second"
    if dates.is_manual or run.is_told:
        version = "" if dates.is_manual else f", as Airflow {3 if workflow.is_airflow_3 else 2} does"
        report.row("logical_date", workflow.span, "", NOTED, said + version)
        return
    said += ", as Airflow 2 does: say --target-airflow 3 where the DAG runs on Airflow 3, whose dates differ"
    report.row("logical_date", workflow.span, "", DECISION, said)
