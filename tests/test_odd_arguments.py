"""Whatever an argument holds, there is a machine and no exception: the fixtures' calls with odd values."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

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
    for task in TASKS:
        if registry().for_operator(task.call.operator) is not integration:
            continue
        for name in task.call.arguments:
            for value in ODD:
                call = replace(task.call, arguments={**task.call.arguments, name: value})
                tasks = {BEFORE: first, task.id: replace(task, call=call, group=None)}
                workflow = Workflow("dag", tasks, frozenset({Edge(BEFORE, task.id)}))
                report = Report()
                product = lower(workflow, fold(workflow, report), report)
                json.dumps(product.machine, allow_nan=False)
                for source in product.functions.values():
                    compile(source, "function", "exec")
