"""Machine -> workflow: a state machine as the DAG that a person would write for it."""

from __future__ import annotations

import re
from dataclasses import replace

from dagmig.asl.lift.document import INPUT, Ref, Scene
from dagmig.asl.lift.grouping import group_parallels
from dagmig.asl.lift.header import header
from dagmig.asl.lift.jsonpath import ROLE_NAME, RUN_FOR_ARN
from dagmig.asl.lift.lists import lists
from dagmig.asl.lift.names import Names, from_file, valid_id
from dagmig.asl.lift.states import walk
from dagmig.asl.lift.stopping import stop_together
from dagmig.asl.lift.walk import EMPTY_OPERATOR, Arrival, Weaver
from dagmig.asl.lift.web_calls import by_host
from dagmig.asl.model import Machine, State
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Call, Task, Workflow
from dagmig.graph.values import Function, Literal

GATHERING = frozenset({"Parallel", "Map"})  # what becomes of their parts is one output
SHAPING = frozenset(
    {"InputPath", "OutputPath", "Parameters", "Result", "ResultPath", "ResultSelector", "Output"}
)
INPUT_KEY = "input"
UNDER_KEY = Ref(path=(INPUT_KEY,))  # the input of an execution that is no object
LIBRARIES = {
    "from jsonata import": (
        "jsonata",
        "its JSONata is evaluated by the jsonata-python library, which Airflow has to have",
    ),
    "from pyarrow import": ("parquet", "it reads Parquet with pyarrow, which Airflow has to have"),
}


def lift(
    machine: Machine,
    report: Report,
    dag_id: str,
    wanted: frozenset[str] = frozenset(),
    *,
    keeps_loops: bool = False,
) -> Workflow:
    """Convert a machine to a DAG named ``dag_id``, else as its Comment says, else after its file.

    ``keeps_loops``: a loop that would be one task stays in Step Functions, as a machine of its own.

    Every state has a row in ``report``; what has no counterpart is a task that fails. A broken machine
    raises nothing: what is wrong in it is a row and a failing task as well. ``wanted`` are the pointers of
    the states whose work a function is to do, where one can.
    """
    given = INPUT
    while True:
        ledger = Report()
        names = Names(state.name for state in machine.root.all_states())
        weaver = Weaver(machine, ledger, names, wanted=wanted, keeps_loops=keeps_loops)
        found = _lifted(weaver, dag_id, given)
        if given == INPUT and any(map(_takes_no_object, weaver.tasks.values())):
            given = UNDER_KEY
        elif weaver.missed <= wanted:
            report.take(ledger)
            return found
        wanted |= weaver.missed


def _lifted(weaver: Weaver, dag_id: str, given: Ref) -> Workflow:
    """The workflow, whose runs are given the execution's input as ``given`` says."""
    machine = weaver.machine
    found = header(machine.document)
    start = State("machine", machine.document, "", "")
    for name in found.ignored:
        message = f"`{name}` in the Comment is not understood"
        weaver.row(start, Disposition.NOTED, message, construct="metadata")
    scene = Scene(given, lists=lists(machine.document), given=given)
    walk(weaver, machine.root, Arrival((), scene))
    hosts = _with_one_host_each(weaver)
    _say_library(weaver)
    _say_arns(weaver)
    if given == UNDER_KEY:
        message = f"the input is no object, as a run's conf is: give it under the key `{INPUT_KEY}`"
        weaver.row(start, Disposition.NOTED, message, construct="input")
    if not found.id:
        _say_output(weaver)
        _say_error(weaver, start)
    if not weaver.tasks:
        weaver.add(weaver.names.give("done"), Call(EMPTY_OPERATOR), (), start)
    stop_together(weaver)
    group_parallels(weaver)
    return Workflow(
        valid_id(dag_id or found.id, "") or from_file(machine.file),
        weaver.tasks,
        frozenset(weaver.edges),
        weaver.groups,
        found.arguments,
        {"retries": Literal(0)},
        span=machine.locate(""),
        hosts=hosts,
    )


def _with_one_host_each(weaver: Weaver) -> dict[str, str]:
    """Give the connections of HTTP Tasks a name for each host; the hosts by these names."""
    hosts = {task: host for task, host in weaver.hosts.items() if task in weaver.tasks}
    names = by_host(weaver.tasks, hosts)
    for task, name in names.items():
        found = weaver.tasks[task]
        old = found.call.arguments["http_conn_id"]
        if old == Literal(name) or not isinstance(old, Literal):
            continue
        call = Call(found.call.operator, {**found.call.arguments, "http_conn_id": Literal(name)})
        weaver.tasks[task] = replace(found, call=call)
        weaver.report.rows = [
            replace(row, difference=row.difference.replace(f"`{old.value}`", f"`{name}`"))
            if (row.task, row.construct) == (task, "connection")
            else row
            for row in weaver.report.rows
        ]
    return {name: hosts[task] for task, name in names.items()}


def _say_output(weaver: Weaver) -> None:
    """A row where what an execution gives back is more than what its last task returns."""
    for state in weaver.machine.root.states.values():
        is_last = state.type == "Succeed" or state.fields.get("End") is True
        shaping = SHAPING - {"Parameters"} if state.type == "Task" else SHAPING
        if is_last and (state.type in GATHERING or shaping & state.fields.keys()):
            message = "what an execution gives back is not kept: a run of a DAG has no output"
            weaver.row(state, Disposition.NOTED, message, construct="output")
            return


def _say_error(weaver: Weaver, start: State) -> None:
    """A row where an execution may end with an error."""
    if any(state.type in ("Task", "Fail") for state in weaver.machine.root.all_states()):
        message = "a run that fails has no error of its own: its name and cause are in the failed task's log"
        weaver.row(start, Disposition.NOTED, message, construct="error")


def _say_library(weaver: Weaver) -> None:
    """A row for each task that needs a library which Airflow does not bring along."""
    for task in weaver.tasks.values():
        held = task.call.arguments.get("python_callable")
        text = held.source if isinstance(held, Function) else ""
        for statement, (construct, message) in LIBRARIES.items():
            if statement in text:
                span, noted = task.span, Disposition.NOTED
                weaver.report.row(construct, span, f"task:{task.id}", noted, message, task=task.id)


_CONF = r"dag_run\.conf(?![\w.\[])"
_NO_OBJECT = (
    re.compile(r"dag_run\.conf(?:\[|, )-?\d"),
    re.compile(rf"\b(?:array_\w+|base64_\w+|math_add|matches|sleep|string_\w+|timestamp)\({_CONF}"),
    re.compile(rf"{_CONF} (?:[=!<>]=? |is (?:True|False))|:= {_CONF}"),
)
_OVER_CONF = re.compile(rf"(?:return|in|items =|enumerate\()\s*{_CONF}")


def _takes_no_object(task: Task) -> bool:
    """Whether a task takes the execution's input for a list, a text or a number."""
    held = task.call.arguments.get("python_callable")
    source = held.source if isinstance(held, Function) else str(dict(task.call.arguments))
    lists = isinstance(held, Function) and held.name.startswith("list_")
    return any(form.search(source) for form in _NO_OBJECT) or bool(lists and _OVER_CONF.search(source))


def _say_arns(weaver: Weaver) -> None:
    """A row for each task that is given the machine's role, or a run's id in place of the execution's ARN."""
    for task in weaver.tasks.values():
        text = str(dict(task.call.arguments))
        place = (task.span, f"task:{task.id}")
        if f"Variable.get({ROLE_NAME})" in text:
            message = "put the ARN of the machine's role into the Airflow Variable `<id of the DAG>_role_arn`"
            weaver.report.row("placeholder", *place, Disposition.NOTED, message, task=task.id)
        if RUN_FOR_ARN not in text:
            continue
        links = re.findall(rf"{_LINK}.{{0,60}}?{re.escape(RUN_FOR_ARN)}", text)
        disposition = Disposition.NOTED if len(links) == text.count(RUN_FOR_ARN) else Disposition.DECISION
        message = "the run's id stands for the execution's ARN"
        weaver.report.row("execution-id", *place, disposition, message, task=task.id)


_LINK = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"  # only tells the console where an execution came from
