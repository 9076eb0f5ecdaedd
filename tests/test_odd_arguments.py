"""Whatever an argument or a parameter holds, there is a machine or a DAG and no exception.

The calls of the fixtures with odd values in them, and the states of their machines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dagmig.airflow.read import read
from dagmig.asl.lower import lower
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Edge, Task, Workflow
from dagmig.graph.values import (
    Connection,
    Entries,
    Function,
    Items,
    Literal,
    New,
    Opaque,
    Output,
    Param,
    Parameter,
    Reference,
    RunContext,
    Template,
    Value,
    Variable,
)
from dagmig.integrations import Integration, registry
from dagmig.pipeline import asl_to_airflow
from dagmig.regions.fold import fold
from literate import FOLDER, cases

KNOWN = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    float("inf"),
    "",
    "text",
    "{{ ds }}",
    "{{ bad",
    "{% if x %}y{% endif %}",
    "\ue000\ue001",
    '{"a": {{ x }}}',
    b"\xff",
    b"{}",
    [],
    {},
    (),
    set(),
    [["x"]],
    [None, 1],
    {1: 2},
    {"a": None},
    {"a": {"b": [1, "{{ ds }}"]}},
    datetime(2024, 1, 1),
    date(2024, 1, 1),
    timedelta(days=1),
]
BEFORE = "before"
GIVEN = Output(BEFORE)
ASKING = "def f(**k):\n    return k['ti'].xcom_pull(task_ids=['before', 3]), k['x'], k.get('ds', 1), k\n"
ODD: list[Value] = [
    *map(Literal, KNOWN),
    Items(()),
    Items((GIVEN, Literal(1))),
    Entries(()),
    Entries(((Literal("a"), GIVEN),)),
    Entries(((GIVEN, Literal(1)),)),
    Entries(((Literal(1), Literal(2)),)),
    GIVEN,
    Output(BEFORE, "k", ("x", 0)),
    Output("nowhere"),
    Param("p"),
    RunContext("ds"),
    RunContext("unknown"),
    Variable("v"),
    Connection("c", "host"),
    Template(()),
    Template(("a", RunContext("ds"))),
    Template((GIVEN,)),
    New("x.Y"),
    New("k8s.V1Volume", (Literal(1),), {"a": Literal(2)}),
    New("k8s.V1Volume", (), {"host_path": New("q.Z")}),
    New("a.Secret", (Literal("env"),)),
    Reference("a.b"),
    Function("f"),
    Function("f", (), "def f(): return 1\n"),
    Function("<lambda>", (Parameter("ds"),), "task = lambda ds: ds\n"),
    Function("f", (Parameter("k", "**"),), ASKING),
    Opaque("1+"),
    Opaque("x | tojson"),
]


TASKS = [
    task
    for path in sorted(FOLDER.glob("*.md"))
    for case in cases(path)
    for workflow in read(case.dag, "dag.py", Report(), bodies=True)
    for task in workflow.tasks.values()
]


@pytest.mark.parametrize("integration", registry().integrations, ids=lambda i: i.operator.rpartition(".")[2])
def test_odd_arguments(integration: Integration) -> None:
    first = Task(BEFORE, Call("@task", {"python_callable": Function("g", (), "def g(): return 1\n")}))
    tried: set[str] = set()
    for task in TASKS:
        if registry().for_operator(task.call.operator) is not integration:
            continue
        for name in task.call.arguments.keys() - tried:
            tried.add(name)
            for value in ODD:
                call = replace(task.call, arguments={**task.call.arguments, name: value})
                tasks = {BEFORE: first, task.id: replace(task, call=call, group=None)}
                workflow = Workflow("dag", tasks, frozenset({Edge(BEFORE, task.id)}))
                report = Report()
                product = lower(workflow, fold(workflow, report), report)
                json.dumps(product.machine, allow_nan=False)
                for source in product.functions.values():
                    compile(source, "function", "exec")


ODD_JSON = [
    None, True, 1.5, "", "text", "{% $states.input.x %}", "{% bad", "{{ ds }}", [], {}, [1], [{}], {"a": 1},
    [{"Key": 1}], {"a": {"DataType": "Number", "StringValue": "x"}}, {"Objects": [{"Key": {"x": 1}}]},
]  # fmt: skip
STATES = {
    (state["Resource"], *sorted(state["Arguments"])): (name, state)
    for path in sorted(FOLDER.glob("*.md"))
    for case in cases(path)
    for name, state in json.loads(case.blocks["json"])["States"].items()
    if state["Type"] == "Task" and "Arguments" in state
}


def changed(node: Any) -> Iterator[Any]:
    """The data with one thing in it replaced, left out or added."""
    for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []:
        for odd in (*ODD_JSON, *changed(node[key])):
            copy = node.copy()
            copy[key] = odd
            yield copy
    if isinstance(node, dict):
        yield from ({k: v for k, v in node.items() if k != key} for key in node)
        yield {**node, "Surprise": 1}


@pytest.mark.parametrize(("name", "state"), STATES.values(), ids=[resource for resource, *_ in STATES])
def test_odd_parameters(name: str, state: dict[str, Any]) -> None:
    for arguments in changed(state["Arguments"]):
        lone = {"Type": "Task", "Resource": state["Resource"], "Arguments": arguments, "End": True}
        machine = {"QueryLanguage": "JSONata", "StartAt": name, "States": {name: lone}}
        back = asl_to_airflow(json.dumps(machine), "machine.asl.json", Report(), "dag")
        assert back is not None
        compile(back.text, "dag.py", "exec")
