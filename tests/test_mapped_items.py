"""What the instances of a mapped task are given, evaluated as Step Functions would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_read.graphs import HEAD
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution

TASKS = """
def named(p):
    return {"n": p}
with DAG("d", schedule=None):
    @task
    def made(): ...
    @task
    def other(): ...
    @task
    def work(x, y=None): ...
"""
CASES: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    ("work.expand(x=[1, 2])", {}, [{"x": 1}, {"x": 2}]),
    ("work.expand(x=made())", {"made": [1, [2, 3], None]}, [{"x": 1}, {"x": [2, 3]}, {"x": None}]),
    ("work.expand(x=made())", {"made": [[1, 2]]}, [{"x": [1, 2]}]),
    ("work.expand(x=made())", {"made": {"a": [1, 2], "b": 3}}, [{"x": ["a", [1, 2]]}, {"x": ["b", 3]}]),
    ("work.expand(x={'a': made()})", {"made": [1, 2]}, [{"x": ["a", [1, 2]]}]),
    ("work.expand(x=[made(), 3])", {"made": [1, 2]}, [{"x": [1, 2]}, {"x": 3}]),
    (
        "work.expand(x=[made(), 3], y=other())",
        {"made": [1, 2], "other": ["a", ["b"]]},
        [{"x": x, "y": y} for x in ([1, 2], 3) for y in ("a", ["b"])],
    ),
    ("work.partial(y=0).expand(x=made())", {"made": ["a"]}, [{"x": "a", "y": 0}]),
    ("work.expand_kwargs(made())", {"made": [{"x": 1}, {"x": 2, "y": 3}]}, [{"x": 1}, {"x": 2, "y": 3}]),
    ("work.expand_kwargs([{'x': made()}])", {"made": [1]}, [{"x": [1]}]),
    ("work.expand(x=made())", {"made": []}, []),
    ("work.expand(x=made().zip(other()))", {"made": [1, [2]], "other": ["a"]}, [{"x": [1, "a"]}]),
    ("work.expand(x=made().zip(other()))", {"made": [[1, 2]], "other": [2, 3]}, [{"x": [[1, 2], 2]}]),
    ("work.expand(x=made().zip(other()))", {"made": [], "other": ["a"]}, []),
    (
        "work.expand(x=made().zip(other(), fillvalue='-'))",
        {"made": [1], "other": ["a", ["b"]]},
        [{"x": [1, "a"]}, {"x": ["-", ["b"]]}],
    ),
    ("work.expand(x=made().zip(other(), fillvalue=None))", {"made": [], "other": [1]}, [{"x": [None, 1]}]),
    (
        "work.expand(x=made().concat(other()))",
        {"made": [[1]], "other": [2, None]},
        [{"x": x} for x in ([1], 2, None)],
    ),
    ("work.expand(x=made().concat(other()))", {"made": [], "other": [[1]]}, [{"x": [1]}]),
    ("work.expand(x=made().concat(other()))", {"made": {"a": 1}, "other": ["b"]}, [{"x": "a"}, {"x": "b"}]),
    ("work.expand(x=made().concat(other()))", {"made": [], "other": []}, []),
    (
        "work.expand(x=made().zip(other()).map(lambda p: {'k': p[1], 'l': [p[0], 1]}))",
        {"made": [[1]], "other": ["a"]},
        [{"x": {"k": "a", "l": [[1], 1]}}],
    ),
    ("work.expand(x=made().map(lambda p: p['k']))", {"made": [{"k": [1]}, {"k": 2}]}, [{"x": [1]}, {"x": 2}]),
    ("work.expand(x=made().map(named).map(named))", {"made": [1]}, [{"x": {"n": {"n": 1}}}]),
    ("work.expand_kwargs(made().map(lambda p: {'x': p}))", {"made": [1, [2]]}, [{"x": 1}, {"x": [2]}]),
    ("work.partial(y=0).expand_kwargs(made().map(lambda p: {'x': p}))", {"made": [1]}, [{"y": 0, "x": 1}]),
    (
        "work.expand(x=made().map(lambda p: [p]), y=[3, 4])",
        {"made": [1, 2]},
        [{"x": [x], "y": y} for x in (1, 2) for y in (3, 4)],
    ),
]


@pytest.mark.parametrize(("call", "returned", "expected"), CASES)
def test_items(call: str, returned: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    (made,) = airflow_to_asl(f"{HEAD}{TASKS}    {call}\n", "d.py", Report())
    given: list[dict[str, Any]] = []

    def answer(_: str, arguments: Any) -> Any:
        task = arguments["FunctionName"].removeprefix("d-")
        if task == "work":
            given.append(arguments["Payload"]["kwargs"])
        return {"Payload": returned.get(task)}

    Execution(answer).run(json.loads(made.text))
    assert given == expected
