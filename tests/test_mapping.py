"""Mapped tasks: the machine runs the instances that Airflow would, with what they are given and give."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dag_run import Run
from dagmig.asl.lower import lower
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Edge, Expansion, Workflow
from dagmig.graph.values import Function, Items, Literal, Output, Parameter
from dagmig.regions.fold import fold
from dagmig.regions.order import order
from jsonata_run import Execution, Failed
from test_choices import NAMES, runs

PLAIN = "def work(*given, x):\n    return given\n"
MAY_SKIP = """\
from airflow.exceptions import AirflowSkipException

def work(*given, x):
    if x == 1:
        raise AirflowSkipException
    return given
"""
TAKES = (Parameter("given", "*"), Parameter("x", "keyword"))
LISTS = [[], ["a"], *[["a", [1, 2], None]] * 3]


@st.composite
def mapped_runs(draw: st.DrawFn) -> tuple[Workflow, dict[str, Any], dict[str, Any]]:
    """A workflow some of whose tasks are mapped, over lists that are written out or that other tasks give."""
    workflow, chosen, outcomes = draw(runs())
    chosen, found = dict(chosen), order(NAMES, workflow.edges)
    tasks, edges = dict(workflow.tasks), set(workflow.edges)
    ended: dict[str, Any] = dict(outcomes)
    plain = [
        n
        for n in found.names
        if tasks[n].call.operator == "@task" and not (tasks[n].is_setup or tasks[n].is_teardown)
    ]
    for at, name in enumerate(plain):
        before = plain[:at]  # what comes before in one order does so in the end
        if reads := [one for one in before if tasks[one].expand is not None and draw(st.booleans())]:
            args = {"op_args": Items(tuple(Output(one) for one in reads))}
            tasks[name] = replace(tasks[name], call=Call("@task", {**tasks[name].call.arguments, **args}))
            edges.update(Edge(one, name) for one in reads)
        if not draw(st.booleans()):
            continue
        over: Any = Literal(draw(st.sampled_from(LISTS)))
        if before and draw(st.booleans()):
            over = Output(draw(st.sampled_from(before)))
            edges.add(Edge(over.task, name))
            if tasks[over.task].expand is None:
                chosen[over.task] = draw(st.sampled_from(LISTS))
        source = draw(st.sampled_from([PLAIN, MAY_SKIP]))
        states = ["success", "success", "failed", *(["skipped"] if source == MAY_SKIP else [])]
        arguments = {**tasks[name].call.arguments, "python_callable": Function("work", TAKES, source)}
        tasks[name] = replace(
            tasks[name], call=Call("@task", arguments), expand=Expansion("expand", {"x": over})
        )
        chosen[name] = [draw(st.sampled_from([f"{name} {i}", None, [name, i]])) for i in range(3)]
        ended[name] = ["success"] * 3
        if draw(st.integers(0, 2)):
            ended[name] = [draw(st.sampled_from(states)) for _ in range(3)]
    return replace(workflow, tasks=tasks, edges=frozenset(edges), is_airflow_3=True), chosen, ended


@pytest.mark.parametrize("drains", [False, True])
@settings(max_examples=400, deadline=None)
@given(mapped_runs())
def test_the_machine_runs_the_instances_that_airflow_runs(
    drains: bool, case: tuple[Workflow, dict[str, Any], dict[str, Any]]
) -> None:
    """Draining, the same instances run; otherwise those beside or after a failure may be stopped."""
    workflow, chosen, outcomes = case
    report = Report()
    machine = lower(workflow, fold(workflow, report), report, drains=drains).machine
    expected = Run(workflow, outcomes, chosen)
    ran: Counter[str] = Counter()

    def work(_: str, arguments: Any) -> Any:
        name = arguments["FunctionName"].removeprefix("dag-")
        index, task = ran[name], workflow.tasks[name]
        ran[name] += 1
        payload = arguments.get("Payload", {})
        read = task.argument("op_args")
        outputs = read.items if isinstance(read, Items) else ()
        assert payload.get("args", []) == [expected.values[o.task] for o in outputs]  # type: ignore[union-attr]
        if task.expand is not None:
            (over,) = task.expand.arguments.values()
            items = expected.values[over.task] if isinstance(over, Output) else over.value  # type: ignore[union-attr]
            assert payload["kwargs"] == {"x": items[index]}
        ended = outcomes.get(name, "success")
        state = ended[index] if isinstance(ended, list) else ended
        if state != "success":
            raise Failed({"failed": "ValueError", "skipped": "AirflowSkipException"}[state], "it ended so")
        return {"Payload": chosen[name][index] if task.expand is not None else chosen[name]}

    try:
        Execution(work).run(machine)
        ended = "success"
    except Failed:
        ended = "failed"
    assert ended == expected.state
    wanted = Counter(expected.ran)
    assert ran <= wanted
    if drains or not any("failed" in states for states in expected.states.values()):
        assert ran == wanted
