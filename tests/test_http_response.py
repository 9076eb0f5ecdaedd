"""Functions over an HTTP response as JSONata: what is written, and what is left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dagmig.graph.values import Function, Parameter
from dagmig.integrations import response
from jsonata_run import Execution

BODY = {"state": "done", "rows": [{"id": 7}], "odd name": {"n": 2}}
CASES = [
    ("r.json()['state'] == 'done'", True),
    ('r.json()["state"] != "done"', False),
    ("r.json()['rows'][0]['id'] > 6 and not r.json()['odd name']['n'] == 3", True),
    ("'done' in r.text", True),
    ("'gone' not in r.text", True),
    ("r.status_code == 404 or r.status_code < 300", True),
    ("json.loads(r.text)['rows'][0]['id'] == 7", True),
    ("True", True),
]
UNKNOWN = [
    "len(r.json()) > 2", "r.json()", "r.json()['a'] in ('x', 'y')", "r.ok", "other.json()['a'] == 1",
    "r.json().get('a') == 1", "r.json(strict=False)['a'] == 1", "r.text['a'] == 1", "'a' in r.json()",
    "r.json()['a'] == b", "r.json()['`'] == 1", "r.json()['a'] and r.json()['b'] == 1",
]  # fmt: skip


def function(body: str) -> Function:
    return Function("f", (Parameter("r", "positional"),), f"def f(r):\n    return {body}\n")


def evaluated(source: str | None) -> Any:
    """What a Task's Output is worth that has the response as its result."""
    task = {"Type": "Task", "Resource": "r", "Output": f"{{% {source} %}}", "End": True}
    answer = {"ResponseBody": BODY, "StatusCode": 200}
    return Execution(lambda resource, arguments: answer).run({"StartAt": "t", "States": {"t": task}})


@pytest.mark.parametrize(("body", "expected"), CASES)
def test_a_condition_says_what_the_function_says(body: str, expected: bool) -> None:
    assert evaluated(response.condition(function(body))) is expected


@pytest.mark.parametrize("body", UNKNOWN)
def test_other_code_is_no_condition(body: str) -> None:
    assert response.condition(function(body)) is None


def test_a_value_is_a_part_of_the_answer() -> None:
    assert evaluated(response.value(function("r.json()['rows'][0]"))) == {"id": 7}
    assert json.loads(evaluated(response.value(function("r.text")))) == BODY


def test_a_function_that_does_more_is_left_alone() -> None:
    source = "def f(r):\n    print(r)\n    return True\n"
    assert response.condition(Function("f", (Parameter("r", "positional"),), source)) is None
    assert response.condition(None) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("lambda e, **context: e['state'] == 'done'", True),
        ("lambda context, e: e.get('state') != 'done'", False),
        ("lambda e: e['rows'][0].get('id') == 7", True),
        ("lambda result, **context: result['rows']", [{"id": 7}]),
        ("lambda result, **context: result", BODY),
    ],
)
def test_a_function_of_the_json(source: str, expected: Any) -> None:
    one = Function("task", (), f"task = {source}\n")
    assert evaluated(response.body_value(one)) == expected
    assert (response.body_condition(one) is not None) == isinstance(expected, bool)


@pytest.mark.parametrize("source", ["lambda e: len(e) > 0", "lambda a, b: a", "lambda e: context['ds']"])
def test_a_function_of_the_json_that_is_more(source: str) -> None:
    assert response.body_value(Function("task", (), f"task = {source}\n")) is None
