"""Loops of a machine as tasks: which states become one, what is a sensor, what is kept from pass to pass."""

from __future__ import annotations

import json
import time

import pytest

from dagmig.asl.lift.loops.region import regions
from dagmig.asl.load import load
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.values import Function, Literal
from dagmig.pipeline import airflow_to_asl, asl_to_airflow
from test_lift import choice, each, edges, lifted, open_rows, work

DONE = {"Variable": "$.done", "BooleanEquals": True, "Next": "Z"}
PAUSE = {"Type": "Wait", "Seconds": 30, "Next": "A"}
SENSOR = """\
from airflow.providers.amazon.aws.sensors.glue_crawler import GlueCrawlerSensor
from airflow.sdk import DAG

with DAG("crawl", schedule=None):
    GlueCrawlerSensor(task_id="done", crawler_name="orders", poke_interval=90, timeout=7200)
"""


def source(workflow: object, task: str) -> str:
    function = workflow.tasks[task].call.arguments["python_callable"]
    assert isinstance(function, Function)
    return function.source


def poll(**fields: object) -> dict:
    return {"A": work("C", Parameters={}, **fields), "C": choice(DONE, default="W"), "W": PAUSE, "Z": work()}


def test_a_loop_that_only_asks_is_a_sensor() -> None:
    workflow, rows = lifted(poll(), TimeoutSeconds=600)
    assert edges(workflow) == {("A", "Z")}
    call = workflow.tasks["A"].call
    assert call.operator == "@task.sensor"
    said = {name: call.arguments[name] for name in ("poke_interval", "timeout", "mode")}
    assert said == {"poke_interval": Literal(30), "timeout": Literal(600), "mode": Literal("reschedule")}
    assert not open_rows(rows)


def test_a_wait_at_the_beginning_is_waited_for_once_before() -> None:
    workflow, _ = lifted(poll(), start="W")
    assert edges(workflow) == {("W", "A"), ("A", "Z")}
    assert workflow.tasks["A"].call.operator == "@task.sensor"


def test_a_loop_that_hands_data_on_is_no_sensor() -> None:
    states = {**poll(), "A": work("C")}
    workflow, rows = lifted(states)
    assert workflow.tasks["A"].call.operator == "@task"
    assert "data = dag_run.conf\n    while True:\n" in source(workflow, "A")
    assert not open_rows(rows)


def test_two_ways_into_a_loop_are_in_its_task() -> None:
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "A"}
    states = {"S": choice(rule, default="W"), **poll()}
    workflow, rows = lifted(states)
    assert edges(workflow) == {("S", "Z")}
    assert not open_rows(rows)


def test_next_beside_end_is_no_loop() -> None:
    workflow, _ = lifted({"A": work("B"), "B": {**work(), "Next": "A"}})
    assert edges(workflow) == {("A", "B")}


def test_a_loop_without_an_end_runs_for_ever() -> None:
    workflow, rows = lifted({"A": work("B"), "B": work("A")})
    assert set(workflow.tasks) == {"A"}
    assert "return" not in source(workflow, "A").split("def run_a")[1]
    assert not open_rows(rows)


def test_a_loop_in_a_map_looks_at_its_own_item() -> None:
    inner = {
        "A": work("C", Parameters={"id.$": "$.id"}),
        "C": choice({**DONE, "Next": "Z"}, default="A"),
        "Z": work(),
    }
    workflow, rows = lifted({"M": each(inner, End=True)})
    assert 'ti.xcom_pull(task_ids="M_items")[ti.map_index]' in source(workflow, "M.A")
    (loop,) = [row for row in rows if row.construct == "loop"]
    assert loop.difference.startswith("the loop of A, C is one task")
    assert loop.disposition is Disposition.EXACT


def test_a_time_is_taken_once_where_the_state_is() -> None:
    ask = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "Next": "C"}
    states = {
        "S": {"Type": "Pass", "Assign": {"n": 0}, "Next": "T"},
        "T": {"Type": "Pass", "Assign": {"since": "{% $millis() %}"}, "Next": "A"},
        "A": {**ask, "Arguments": {"since": "{% $since %}"}, "Assign": {"n": "{% $n + 1 %}"}},
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $n >= 3 %}", "Next": "Z"}], "Default": "T"},
        "Z": {"Type": "Succeed"},
    }
    workflow, _ = lifted(states, QueryLanguage="JSONata")
    (task,) = [name for name in workflow.tasks if "while True" in str(workflow.tasks[name].call.arguments)]
    assert '{"since": since}' in source(workflow, task)


def test_a_thousand_states_in_a_circle() -> None:
    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(998)}
    states |= {"S998": work("C"), "C": choice({**DONE, "Next": "Z"}, default="S0"), "Z": work()}
    begin = time.monotonic()
    workflow, rows = lifted(states)
    assert time.monotonic() - begin < 5
    assert edges(workflow) == {("S0", "Z")}
    assert not open_rows(rows)


def test_a_choice_among_a_hundred_is_not_nested_too_deeply_for_python() -> None:
    ways = {f"C{n}": choice({**DONE, "Next": f"C{n + 1}"}, default="A") for n in range(100)}
    workflow, rows = lifted({"A": work("C0"), **ways, "C100": choice(DONE, default="A"), "Z": work()})
    assert edges(workflow) == {("A", "Z")}
    assert not open_rows(rows)


def test_a_sensor_of_ours_comes_back() -> None:
    (there,) = airflow_to_asl(SENSOR, "dag.py", Report())
    back = asl_to_airflow(there.text, "machine.asl.json", Report(), "crawl")
    assert back is not None
    assert "GlueCrawlerSensor(" in back.text
    assert "poke_interval=90" in back.text
    (again,) = airflow_to_asl(back.text, "dag.py", Report())
    assert again.machine == there.machine


@pytest.mark.parametrize(
    ("old", "new"),
    [("'SUCCEEDED'", "'READY'"), ("nothing was found within", "no"), ("> 7200000", "> 7200001")],
)
def test_a_loop_that_differs_from_the_sensors_is_not_taken_for_one(old: str, new: str) -> None:
    (there,) = airflow_to_asl(SENSOR, "dag.py", Report())
    assert old in there.text
    back = asl_to_airflow(there.text.replace(old, new), "machine.asl.json", Report(), "crawl")
    assert back is not None
    assert "GlueCrawlerSensor(" not in back.text


def test_a_fail_belongs_to_the_loop_that_alone_leads_to_it() -> None:
    failed = {"Variable": "$.x", "IsNull": True, "Next": "F"}
    states = {"A": work("B"), "B": choice(failed, default="A"), "F": {"Type": "Fail"}}
    machine = load(json.dumps({"StartAt": "A", "States": states}), "machine.asl.json", Report())
    assert machine is not None
    (region,) = regions(machine.root).values()
    assert list(region.states) == ["A", "B", "F"]
    assert region.exits == []


def test_branches_in_a_loop_run_at_the_same_time() -> None:
    branches = [{"StartAt": name, "States": {name: work()}} for name in ("L", "R")]
    done = choice({**DONE, "Variable": "$[0].done"}, default="P")
    states = {"P": {"Type": "Parallel", "Branches": branches, "Next": "C"}, "C": done, "Z": work()}
    workflow, rows = lifted(states)
    assert open_rows(rows) == []
    assert "p = together([p_1, p_2])" in source(workflow, "P")
