"""Branches, short circuits and data: the machine runs the tasks that Airflow would, with what they gave."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dag_run import Run
from dagmig.airflow.read import read
from dagmig.asl.lower import lower
from dagmig.asl.lower.obstacles import choosers
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Edge, Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, upstream
from dagmig.graph.values import Function, Items, Literal, Output
from dagmig.regions.fold import fold
from dagmig.regions.order import order
from jsonata_run import Execution, Failed

NAMES = [f"t{i}" for i in range(8)]
PAIRS = [Edge(a, b) for a, b in combinations(NAMES, 2)]
RULES = (TriggerRule.ALL_SUCCESS, TriggerRule.NONE_FAILED, TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
ALL_RULES = [rule for rule in TriggerRule if rule is not TriggerRule.ALL_DONE_SETUP_SUCCESS]
KINDS = ("@task", "@task.branch", "@task.short_circuit")
ANYTHING = "def work(*given):\n    return given\n"


@st.composite
def workflows(draw: st.DrawFn) -> tuple[Workflow, dict[str, Any]]:
    """A workflow whose tasks read what tasks before them gave, and what its choosers choose in one run."""
    edges = frozenset(draw(st.sets(st.sampled_from(PAIRS), max_size=12)))
    bare = Workflow("dag", {n: Task(n, Call("@task")) for n in NAMES}, edges)
    after, found = downstream(bare), order(NAMES, edges)
    place = {name: i for i, name in enumerate(found.names)}
    tasks: dict[str, Task] = {}
    chosen: dict[str, Any] = {}
    for name in NAMES:
        kind = draw(st.sampled_from(KINDS)) if after[name] else "@task"
        before = [other for other in NAMES if found.before[place[name]] >> place[other] & 1]
        read = sorted(draw(st.sets(st.sampled_from(before), max_size=2))) if before else []
        source, chosen[name] = _decide(draw, kind, name, after[name])
        arguments = {"python_callable": Function("work", source=source)}
        if read:
            arguments["op_args"] = Items(tuple(Output(other) for other in read))
        if kind == "@task.short_circuit" and draw(st.booleans()):
            arguments["ignore_downstream_trigger_rules"] = Literal(False)
        tasks[name] = Task(name, Call(kind, arguments), trigger=draw(st.sampled_from(RULES)))
    return Workflow("dag", tasks, edges), chosen


def _decide(draw: st.DrawFn, kind: str, name: str, after: list[str]) -> tuple[str, Any]:
    """A callable's source and what it returns this time."""
    if kind == "@task.short_circuit":
        return ANYTHING, draw(st.sampled_from([True, False, [], ["x"], None]))
    if kind == "@task":
        return ANYTHING, f"value of {name}"
    if not draw(st.booleans()):
        return ANYTHING, draw(
            st.none() | st.sampled_from(after) | st.lists(st.sampled_from(after), unique=True)
        )
    can = sorted(draw(st.sets(st.sampled_from(after), min_size=1)))
    lines = [f"    if given == {number}:\n        return '{task}'\n" for number, task in enumerate(can[1:])]
    return f"def work(*given):\n{''.join(lines)}    return '{can[0]}'\n", draw(st.sampled_from(can))


@settings(max_examples=300, deadline=None)
@given(workflows())
def test_the_machine_runs_what_airflow_runs_with_what_it_gave(case: tuple[Workflow, dict[str, Any]]) -> None:
    workflow, chosen = case
    report = Report()
    machine = lower(workflow, fold(workflow, report), report).machine
    expected = Run(workflow, {}, chosen).ran

    ran: list[str] = []

    def work(_: str, arguments: Any) -> Any:
        name = arguments["FunctionName"].removeprefix("dag-")
        ran.append(name)
        read = workflow.tasks[name].argument("op_args")
        outputs = read.items if isinstance(read, Items) else ()
        given_ = arguments.get("Payload", {}).get("args", [])
        assert given_ == [chosen[o.task] if o.task in expected else None for o in outputs]  # type: ignore[union-attr]
        return {"Payload": chosen[name]}

    Execution(work).run(machine)
    assert sorted(ran) == sorted(expected)
    place = {name: i for i, name in enumerate(ran)}
    assert all(
        place[e.upstream] < place[e.downstream]
        for e in workflow.edges
        if {e.upstream, e.downstream} <= {*ran}
    )


@st.composite
def runs(draw: st.DrawFn) -> tuple[Workflow, dict[str, Any], dict[str, str]]:
    """A workflow with any rules, setups and teardowns, and one run of it: what is chosen and what fails."""
    workflow, chosen = draw(workflows())
    after, before = downstream(workflow), upstream(workflow)
    tasks: dict[str, Task] = {}
    for name, task in workflow.tasks.items():
        role = draw(st.sampled_from(["", "", "", "", "setup", "teardown"]))
        if role == "setup" and task.call.operator == "@task":
            tasks[name] = replace(task, is_setup=True)
        elif role == "teardown" and task.call.operator == "@task":
            fails = {"on_failure_fail_dagrun": Literal(True)} if draw(st.booleans()) else {}
            call = Call("@task", {**task.call.arguments, **fails})
            tasks[name] = replace(
                task, call=call, is_teardown=True, trigger=TriggerRule.ALL_DONE_SETUP_SUCCESS
            )
        else:
            plain = draw(st.sampled_from([*[TriggerRule.ALL_SUCCESS] * 6, *ALL_RULES]))
            tasks[name] = replace(task, trigger=plain)
    for name in tasks:
        if any(tasks[other].is_setup for other in before[name]) and not tasks[name].is_teardown:
            tasks[name] = replace(tasks[name], trigger=TriggerRule.ALL_SUCCESS)
    assert after
    failing = draw(st.sets(st.sampled_from(NAMES), max_size=3))
    return replace(workflow, tasks=tasks), chosen, dict.fromkeys(failing, "failed")


@pytest.mark.parametrize("drains", [False, True])
@settings(max_examples=400, deadline=None)
@given(runs())
def test_the_machine_ends_as_the_run_does(
    drains: bool, case: tuple[Workflow, dict[str, Any], dict[str, str]]
) -> None:
    """Draining, the same tasks run; otherwise those beside or after a failure may be stopped."""
    workflow, chosen, outcomes = case
    report = Report()
    machine = lower(workflow, fold(workflow, report), report, drains=drains).machine
    expected = Run(workflow, outcomes, chosen)
    ran: list[str] = []

    def work(_: str, arguments: Any) -> Any:
        name = arguments["FunctionName"].removeprefix("dag-")
        ran.append(name)
        if name in outcomes:
            raise Failed("ValueError", "it failed")
        return {"Payload": chosen[name]}

    try:
        Execution(work).run(machine)
        ended = "success"
    except Failed:
        ended = "failed"
    assert ended == expected.state
    assert set(ran) <= set(expected.ran)
    if drains or not any(name in outcomes for name in expected.ran):
        assert sorted(ran) == sorted(expected.ran)
    else:
        failed = [name for name in ran if name in outcomes]
        found = order(NAMES, workflow.edges)
        place = {name: i for i, name in enumerate(found.names)}
        for name in set(expected.ran) - set(ran):
            later = [f for f in failed if found.before[place[name]] >> place[f] & 1]
            assert len(later) < len(failed), f"{name} comes after all that failed: {failed}"


def test_a_chooser_in_a_cycle_chooses_what_comes_after_it() -> None:
    source = Function("work", source=ANYTHING)
    made = {n: Task(n, Call("@task.short_circuit", {"python_callable": source})) for n in "abc"}
    edges = frozenset({Edge("a", "b"), Edge("b", "a"), Edge("b", "c")})
    report = Report()
    workflow = Workflow("dag", made, edges)
    assert lower(workflow, fold(workflow, report), report).machine["States"]
    assert report.has_open_rows


RETURNS = [
    ('return "a"', {"a"}),
    ('return "a" if ds else "b"', {"a", "b"}),
    ('if ds:\n        return "a"\n    return "b"', {"a", "b"}),
    ('if ds:\n        return "a"\n    else:\n        return "b"', {"a", "b"}),
    ('def inner():\n        return 1\n    return ["a", "b"]', {"a", "b"}),
    ('if ds:\n        return "a"', None),
    ("return ds", None),
    ('return ["a", ds]', None),
    ("pass", None),
    ("return", None),
    ('for x in ds:\n        return "a"', None),
]


@pytest.mark.parametrize(("body", "expected"), RETURNS)
def test_what_a_branch_can_choose_is_known_only_where_its_code_says_so(
    body: str, expected: set[str] | None
) -> None:
    function = Function("work", source=f"def work(ds):\n    {body}\n")
    branch = Task("branch", Call("@task.branch", {"python_callable": function}))
    made = {"branch": branch, "a": Task("a", Call("@task")), "b": Task("b", Call("@task"))}
    found = choosers(Workflow("dag", made, frozenset({Edge("branch", "a"), Edge("branch", "b")})))
    assert found["branch"].ids == (frozenset(expected) if expected else None)


def test_a_task_in_the_scope_of_a_skipped_setup_is_skipped_after_a_failure() -> None:
    """Airflow looks at setups around a task before its rule: the last one is skipped, so the run succeeds."""
    source = """\
from airflow.sdk import dag, task

@dag(schedule=None)
def d():
    @task
    def work():
        return 1

    @task.branch
    def choose():
        return []

    bad, inner = work.override(task_id="bad")(), work.override(task_id="inner")()
    around = work.override(task_id="around")().as_setup()
    choose() >> around >> inner
    bad >> inner >> work.override(task_id="last")()

d()
"""
    report = Report()
    (workflow,) = read(source, "d.py", report, bodies=True)
    machine = lower(workflow, fold(workflow, report), report).machine
    expected = Run(workflow, {"bad": "failed"}, {"choose": []})
    assert (expected.state, expected.states["last"]) == ("success", "skipped")

    def work(_: str, arguments: Any) -> Any:
        if arguments["FunctionName"] == "d-bad":
            raise Failed("ValueError", "it failed")
        return {"Payload": []}

    Execution(work).run(machine)
