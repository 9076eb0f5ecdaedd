"""Branches, short circuits and data: the machine runs the tasks that Airflow would, with what they gave."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagmig.asl.lower import lower
from dagmig.asl.lower.guards import guards
from dagmig.asl.lower.obstacles import choosers
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Edge, Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, upstream
from dagmig.graph.values import Function, Items, Literal, Output
from dagmig.regions.fold import fold
from dagmig.regions.order import order
from jsonata_run import Execution

NAMES = [f"t{i}" for i in range(8)]
PAIRS = [Edge(a, b) for a, b in combinations(NAMES, 2)]
RULES = (TriggerRule.ALL_SUCCESS, TriggerRule.NONE_FAILED, TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
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


def airflow(workflow: Workflow, chosen: dict[str, Any]) -> list[str]:
    """The tasks that Airflow runs, in topological order, by its own words on skips."""
    before, after = upstream(workflow), downstream(workflow)
    found = order(workflow.tasks, workflow.edges)
    place = {name: i for i, name in enumerate(found.names)}
    skipped: set[str] = set()
    ran: list[str] = []
    for name in found.names:
        task = workflow.tasks[name]
        gone = [other for other in before[name] if other in skipped]
        rule_skips = {
            TriggerRule.ALL_SUCCESS: bool(gone),
            TriggerRule.NONE_FAILED: False,
            TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: bool(gone) and len(gone) == len(before[name]),
        }[task.trigger]  # type: ignore[index]
        if name in skipped or rule_skips:
            skipped.add(name)
            continue
        ran.append(name)
        value = chosen[name]
        if task.call.operator == "@task.branch":
            picked = [value] if isinstance(value, str) else value or []
            reached = [
                t for t in after[name] if any(t == p or found.after[place[p]] >> place[t] & 1 for p in picked)
            ]
            skipped |= set(after[name]) - set(reached)
        if task.call.operator == "@task.short_circuit" and not value:
            reaches = task.argument("ignore_downstream_trigger_rules") is None
            skipped |= {
                t
                for t in found.names
                if found.after[place[name]] >> place[t] & 1 and (reaches or t in after[name])
            }
    return ran


@settings(max_examples=300, deadline=None)
@given(workflows())
def test_the_machine_runs_what_airflow_runs_with_what_it_gave(case: tuple[Workflow, dict[str, Any]]) -> None:
    workflow, chosen = case
    report = Report()
    machine = lower(workflow, fold(workflow, report), report).machine
    expected = airflow(workflow, chosen)

    ran: list[str] = []

    def work(_: str, arguments: Any) -> Any:
        name = arguments["FunctionName"].removeprefix("dag-")
        ran.append(name)
        read = workflow.tasks[name].argument("op_args")
        outputs = read.items if isinstance(read, Items) else ()
        given_ = arguments.get("Payload", {}).get("args", [])
        assert given_ == [chosen[o.task] if o.task in expected else None for o in outputs]  # type: ignore[union-attr]
        return {"Payload": chosen[name]}

    obscure = guards(workflow, choosers(workflow)).obscure
    if obscure:
        assert report.has_open_rows
        return
    Execution(work).run(machine)
    assert sorted(ran) == sorted(expected)
    place = {name: i for i, name in enumerate(ran)}
    assert all(
        place[e.upstream] < place[e.downstream]
        for e in workflow.edges
        if {e.upstream, e.downstream} <= {*ran}
    )


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
