"""The rules over the graph, on graphs built here: what they flag, and where they must stay silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dagmig.graph.model import Call, Edge, Policy, Task, TriggerRule, Workflow
from dagmig.graph.values import UNKNOWN, Function, Literal, Opaque
from dagmig.lint.check import rules
from dagmig.lint.source import Source

GLUE = "airflow.providers.amazon.aws.operators.glue.GlueJobOperator"
BASH = "airflow.operators.bash.BashOperator"
BRANCH = "airflow.operators.python.BranchPythonOperator"


def messages(rule: str, *workflows: Workflow, text: str = "") -> list[str]:
    """What one rule says of DAGs that the reader is taken to have read."""
    source = Source(text, "dag.py", "dag")
    source.__dict__["workflows"] = workflows
    (found,) = [one for one in rules() if one.id == rule]
    result = list(found(source))
    assert {d.code for d in result} <= {rule}, result
    return [d.message for d in result]


def graph(edges: str, *tasks: Task) -> Workflow:
    """``"a>b b>c"`` as a DAG; tasks not given are Bash."""
    pairs = [pair.split(">") for pair in edges.split()]
    found = {name: Task(name, Call(BASH)) for pair in pairs for name in pair}
    found |= {task.id: task for task in tasks}
    return Workflow("d", found, frozenset(Edge(a, b) for a, b in pairs))


def one(operator: str = GLUE, **fields: object) -> Workflow:
    task = replace(Task("t", Call(operator)), **fields)  # type: ignore[arg-type]
    return Workflow("d", {"t": task})


def dag(**arguments: object) -> Workflow:
    return Workflow("d", arguments={name: Literal(value) for name, value in arguments.items()})


@pytest.mark.parametrize(
    ("edges", "path"),
    [
        ("a>a", "a >> a"),
        ("a>b b>a", "a >> b >> a"),
        ("a>b b>c c>d d>b a>d", "b >> c >> d >> b"),
        ("a>b a>c b>d c>d", ""),
        ("a>b b>c a>c c>d", ""),
    ],
)
def test_dag_cycle(edges: str, path: str) -> None:
    found = messages("dag-cycle", graph(edges))
    assert found == ([f"the DAG `d` has a cycle: {path}"] if path else [])


def test_dag_cycle_at_the_end_of_a_long_chain() -> None:
    edges = [f"t{n:05}>t{n + 1:05}" for n in range(3000)]
    assert messages("dag-cycle", graph(" ".join(edges))) == []
    assert len(messages("dag-cycle", graph(" ".join([*edges, "t03000>t02999"])))) == 1


B = Task("b", Call(BRANCH, {"python_callable": Function("pick")}))
PICK = "def pick():\n    return 'x'\n"


@pytest.mark.parametrize(
    ("edges", "join", "flagged"),
    [
        ("b>x b>y x>j y>j", "all_success", True),
        ("b>x x>z z>j b>y y>j", "all_success", True),
        ("b>x b>j x>j", "all_success", True),
        ("b>x b>y x>j y>j", "none_failed_min_one_success", False),
        ("b>x b>y x>j y>j", "all_done", False),
        ("b>x b>y x>j y>k", "all_success", False),
        ("b>x b>y x>v x>w v>j w>j y>k", "all_success", False),
        ("b>j a>j", "all_success", False),
    ],
)
def test_branch_join(edges: str, join: str, flagged: bool) -> None:
    workflow = graph(edges, B, Task("j", Call(BASH), trigger=TriggerRule(join)))
    assert bool(messages("branch-join-trigger-rule", workflow, text=PICK)) == flagged


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("def pick():\n    if a:\n        return 'x'\n    return ['y']\n", True),
        ("def pick():\n    return f'{a}' if a else b\n", True),
        ("def pick():\n    return 'x' if a in ['b', 'c'] else 'y'\n", True),
        ("def pick():\n    a, b = 1, 2\n    print([a, b], any(n for n in c))\n    return 'x'\n", True),
        ("def pick():\n    return ['x', 'y']\n", False),
        ("def pick():\n    return 'x', 'y'\n", False),
        ("def pick():\n    return [n for n in a]\n", False),
        ("def pick():\n    ways = []\n    ways.append('x')\n    return ways\n", False),
        ("from lib import pick\n", False),
    ],
)
def test_branch_that_may_choose_several_ways_is_left_alone(text: str, flagged: bool) -> None:
    found = messages("branch-join-trigger-rule", graph("b>x b>y x>j y>j", B), text=text)
    assert bool(found) == flagged


@pytest.mark.parametrize(("way", "flagged"), [("x", True), (["x"], True), (["x", "z"], False)])
def test_branch_by_weekday(way: object, flagged: bool) -> None:
    ways = {"follow_task_ids_if_true": Literal(way), "follow_task_ids_if_false": Literal("y")}
    branch = Task("b", Call("airflow.operators.weekday.BranchDayOfWeekOperator", ways))
    workflow = graph("b>x b>y x>j y>j", branch)
    assert bool(messages("branch-join-trigger-rule", workflow)) == flagged


def test_branch_join_stays_silent_where_the_graph_is_not_known() -> None:
    edges = "b>x b>y x>j y>j"
    assert messages("branch-join-trigger-rule", replace(graph(edges, B), is_complete=False)) == []
    assert messages("branch-join-trigger-rule", graph(edges, B, Task("j", Call(BASH), trigger=UNKNOWN))) == []
    middle = Task("m", Call(BASH), trigger=TriggerRule.ALL_DONE)  # stops the skip on both ways
    assert messages("branch-join-trigger-rule", graph("b>x b>y x>m y>m m>j", B, middle)) == []


@pytest.mark.parametrize(
    ("workflow", "flagged"),
    [
        (one(), True),
        (one(policy=Policy(retries=1)), False),
        (one(policy=Policy(retries=UNKNOWN)), False),
        (one(call=Call(GLUE, {"retries": Literal(0)})), False),
        (one(defaults={"retries": Literal(0)}), False),
        (one("airflow.operators.empty.EmptyOperator"), False),
        (one("airflow.providers.standard.operators.bash.BashOperator"), False),
        (one("airflow.providers.amazon.aws.sensors.s3.S3KeySensor"), False),
        (one("@task"), False),
        (one("my_company.operators.LoadOperator"), False),
    ],
)
def test_no_retries(workflow: Workflow, flagged: bool) -> None:
    assert bool(messages("no-retries", workflow)) == flagged


@pytest.mark.parametrize(
    ("policy", "flagged"),
    [
        (Policy(1, timedelta(0)), True),
        (Policy(10, timedelta(seconds=5)), True),
        (Policy(0, timedelta(0)), False),
        (Policy(10, timedelta(seconds=5), 2.0), False),
        (Policy(10, timedelta(seconds=5), UNKNOWN), False),
        (Policy(3, timedelta(seconds=5)), False),
        (Policy(10), False),
        (Policy(UNKNOWN, timedelta(0)), False),
        (Policy(5, UNKNOWN), False),
    ],
)
def test_retry_delay(policy: Policy, flagged: bool) -> None:
    assert bool(messages("retry-delay-zero-or-missing-backoff", one(policy=policy))) == flagged


@pytest.mark.parametrize(
    ("operator", "arguments", "policy", "flagged"),
    [
        ("airflow.providers.amazon.aws.sensors.s3.S3KeySensor", {}, Policy(), True),
        ("@task.sensor", {}, Policy(), True),
        ("airflow.sensors.x.XSensor", {"timeout": Literal(60)}, Policy(), False),
        ("airflow.sensors.x.XSensor", {"timeout": Opaque("f()")}, Policy(), False),
        ("airflow.sensors.x.XSensor", {}, Policy(timeout=timedelta(hours=1)), False),
        ("airflow.sensors.x.XSensor", {}, Policy(timeout=UNKNOWN), False),
        ("airflow.sensors.date_time.DateTimeSensor", {}, Policy(), False),
        ("airflow.sensors.time_delta.TimeDeltaSensorAsync", {}, Policy(), False),
        (BASH, {}, Policy(), False),
    ],
)
def test_sensor_timeout(operator: str, arguments: dict[str, object], policy: Policy, flagged: bool) -> None:
    workflow = one(call=Call(operator, arguments), policy=policy)  # type: ignore[arg-type]
    assert bool(messages("sensor-no-timeout", workflow)) == flagged


@pytest.mark.parametrize(
    ("workflow", "text", "flagged"),
    [
        (dag(schedule="@daily"), "", True),
        (dag(schedule_interval=timedelta(days=1)), "", True),
        (dag(schedule="@daily", catchup=True), "", False),
        (dag(schedule="@daily"), "from airflow.sdk import DAG", False),
        (dag(schedule="@once"), "", False),
        (dag(schedule=None), "", False),
        (dag(), "", False),
        (Workflow("d", arguments={"schedule": Opaque("f()")}), "", False),
    ],
)
def test_catchup_implicit(workflow: Workflow, text: str, flagged: bool) -> None:
    assert bool(messages("catchup-implicit", workflow, text=text)) == flagged


OLD = {"schedule": "@daily", "catchup": True, "start_date": datetime(2020, 1, 1)}


@pytest.mark.parametrize(
    ("changes", "flagged"),
    [
        ({}, True),
        ({"catchup": False}, False),
        ({"max_active_runs": 1}, False),
        ({"schedule": None}, False),
        ({"schedule": "@yearly"}, False),
        ({"start_date": datetime(2999, 1, 1)}, False),
        ({"end_date": datetime(2020, 1, 9)}, False),
        ({"start_date": "2020-01-01"}, False),
    ],
)
def test_catchup_true_old_start(changes: dict[str, object], flagged: bool) -> None:
    assert bool(messages("catchup-true-old-start", dag(**(OLD | changes)))) == flagged


def test_old_start_in_the_default_args_counts() -> None:
    arguments = {name: Literal(value) for name, value in OLD.items() if name != "start_date"}
    workflow = Workflow("d", arguments=arguments, defaults={"start_date": Literal(OLD["start_date"])})
    assert messages("catchup-true-old-start", workflow)
