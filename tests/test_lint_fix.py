"""The fixes of rules on other layouts than their examples': what a person would have written."""

from __future__ import annotations

import ast
import json

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.fix import fixed
from dagmig.lint.source import Source

HEAD = "from datetime import datetime\nfrom airflow import DAG\nfrom airflow.decorators import dag\n"


def mended(rule: str, text: str, file: str = "dag.py") -> str:
    """The text after the fixes of one rule, safe and unsafe."""
    (chosen,) = [one for one in rules() if one.id == rule]
    kind = "dag" if file.endswith(".py") else "machine"
    found = check(Source(text, file, kind), (chosen,)).found
    assert found
    return fixed(text, found, unsafe=True)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("d = DAG('é', schedule='@daily')", "d = DAG('é', schedule='@daily', catchup=False)"),
        ("d = DAG('é😀', schedule='@daily',)", "d = DAG('é😀', schedule='@daily', catchup=False,)"),
        (
            "d = DAG(\n    'x',\n    schedule='@daily',\n)",
            "d = DAG(\n    'x',\n    schedule='@daily',\n    catchup=False,\n)",
        ),
        (
            "d = DAG(\n    'x',\n    schedule='@daily'  # early\n)",
            "d = DAG(\n    'x',\n    schedule='@daily',\n    catchup=False  # early\n)",
        ),
        (
            "with DAG('x', schedule='@daily', tags=[\n    'a',\n]) as d:\n    pass",
            "with DAG('x', schedule='@daily', tags=[\n    'a',\n], catchup=False) as d:\n    pass",
        ),
        (
            "@dag(schedule='@daily')\ndef x():\n    pass\nx()",
            "@dag(schedule='@daily', catchup=False)\ndef x():\n    pass\nx()",
        ),
    ],
)
def test_argument_is_added_after_the_last(call: str, expected: str) -> None:
    assert mended("catchup-implicit", f"{HEAD}{call}\n") == f"{HEAD}{expected}\n"


@pytest.mark.parametrize(
    "call",
    [
        "d = DAG(\n    'x', schedule='@daily',\n    tags=['a']\n)",
        "d = DAG(**{'dag_id': 'x'}, schedule='@daily')",
        "d = f(DAG('x', schedule='@daily'))",
    ],
)
def test_result_is_python(call: str) -> None:
    text = mended("catchup-implicit", f"{HEAD}def f(x): return x\n{call}\n")
    assert "catchup=False" in text
    ast.parse(text)


BRANCH = """\
from airflow import DAG
from airflow.decorators import task
from airflow.operators.empty import EmptyOperator

with DAG("x", schedule=None):
    @task.branch
    def pick():
        return "a"

    a = EmptyOperator(task_id="a")
    b = EmptyOperator(task_id="b")
    JOIN
    pick() >> [a, b] >> j
"""


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        (
            'j = EmptyOperator(task_id="j")',
            'j = EmptyOperator(task_id="j", trigger_rule="none_failed_min_one_success")',
        ),
        ('j = EmptyOperator(task_id="j", trigger_rule="all_success")', None),
        ("@task\n    def f():\n        pass\n    j = f()", None),
    ],
)
def test_join_gets_a_trigger_rule(join: str, expected: str | None) -> None:
    text = BRANCH.replace("JOIN", join)
    assert mended("branch-join-trigger-rule", text) == BRANCH.replace("JOIN", expected or join)


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "a.asl.json",
            '{"StartAt": "Laod", "States": {"Load": {"Type": "Succeed"}}}',
            '{"StartAt": "Load", "States": {"Load": {"Type": "Succeed"}}}',
        ),
        (
            "a.asl.json",
            '{"StartAt": "Größe  ", "States": {"Größe": {"Type": "Succeed"}}}',
            '{"StartAt": "Größe", "States": {"Größe": {"Type": "Succeed"}}}',
        ),
        (
            "a.asl.yaml",
            "StartAt: Laod\nStates:\n  Load: {Type: Succeed}\n",
            "StartAt: Load\nStates:\n  Load: {Type: Succeed}\n",
        ),
        (
            "a.asl.yaml",
            'StartAt: "Laod"\nStates:\n  Load: {Type: Succeed}\n',
            'StartAt: "Load"\nStates:\n  Load: {Type: Succeed}\n',
        ),
        ("a.asl.json", '{"StartAt": "Run", "States": {"Load": {"Type": "Succeed"}}}', None),
    ],
)
def test_nearest_name(file: str, text: str, expected: str | None) -> None:
    assert mended("next-target-missing", text, file) == (expected or text)


def test_name_in_a_definition_string() -> None:
    definition = '{"StartAt": "Laod", "States": {"Load": {"Type": "Succeed"}}}'
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": definition}}
    text = json.dumps({"Resources": {"M": machine}})
    assert mended("next-target-missing", text, "t.json") == text.replace("Laod", "Load")


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f:live"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"StartAt": "é😀", "States": {{"é😀": {{"Type": "Task", "Resource": "{ARN}", "End": true}}}}}}',
        json.dumps(
            {"StartAt": "a", "States": {"a": {"Type": "Task", "Resource": ARN, "Catch": [], "End": True}}},
            indent=2,
        ),
        json.dumps(
            {
                "StartAt": "a",
                "States": {
                    "a": {
                        "Type": "Task",
                        "Retry": [{"ErrorEquals": ["x"]}, {"ErrorEquals": ["y"]}],
                        "Resource": ARN,
                        "End": True,
                    }
                },
            },
            indent="\t",
        ),
    ],
)
def test_retrier_for_lambda(text: str) -> None:
    old = json.loads(text)
    retries = any("Retry" in state for state in old["States"].values())
    new = json.loads(
        mended("lambda-transient-errors-unhandled" if retries else "no-retry", text, "a.asl.json")
    )
    (state,), (before,) = new["States"].values(), old["States"].values()
    assert state.pop("Retry")[:-1] == before.pop("Retry", [])
    assert new == old


def test_retrier_is_not_written_where_it_cannot_be() -> None:
    odd = json.dumps(
        {"StartAt": "a", "States": {"a": {"Type": "Task", "Resource": ARN, "Retry": [], "End": True}}}
    )
    assert mended("no-retry", odd, "a.asl.json") == odd


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("a.asl.yaml", "    Parameters: {name: $.x}", "    Parameters: {name.$: $.x}"),
        ("a.asl.yaml", "    Parameters:\n      name: $.x", "    Parameters:\n      name.$: $.x"),
        ("a.asl.yaml", "    Parameters: {'name': $.x}", "    Parameters: {'name.$': $.x}"),
    ],
)
def test_path_under_a_key(file: str, text: str, expected: str) -> None:
    head = "StartAt: a\nStates:\n  a:\n    Type: Pass\n    End: true\n"
    assert mended("missing-dollar-key", f"{head}{text}\n", file) == f"{head}{expected}\n"


def retried(first: str, second: str) -> str:
    retriers = f'[{{"ErrorEquals": [{first}]}}, {{"ErrorEquals": [{second}], "MaxAttempts": 9}}]'
    task = f'{{"Type": "Task", "Resource": "{ARN}", "Retry": {retriers}, "End": true}}'
    return f'{{"StartAt": "a", "States": {{"a": {task}}}}}'


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ('"States.TaskFailed"', '"Late"', [["Late"], ["States.TaskFailed"]]),
        ('"Late"', '"Late"', [["Late"]]),
        (
            '"Late", "States.TaskFailed"',
            '"Late", "Early"',
            [["Late", "States.TaskFailed"], ["Late", "Early"]],
        ),
    ],
)
def test_unreachable_retrier(first: str, second: str, expected: list[list[str]]) -> None:
    new = json.loads(mended("unreachable-retrier", retried(first, second), "a.asl.json"))
    assert [one["ErrorEquals"] for one in new["States"]["a"]["Retry"]] == expected


def test_name_is_given_to_what_runs_once() -> None:
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}],
    }
    once = {"StartAt": "a", "States": {"a": {**run, "End": True}}}
    each = {"StartAt": "m", "States": {"m": {"Type": "Map", "End": True, "ItemProcessor": once}}}
    again = {"StartAt": "a", "States": {"a": {**run, "Next": "a"}}}
    for machine, is_mended in ((once, True), (each, False), (again, False)):
        text = json.dumps(machine)
        assert (mended("non-idempotent-retry", text, "a.asl.json") != text) == is_mended


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS::Serverless::StateMachine", "Tracing"),
        ("AWS::StepFunctions::StateMachine", "TracingConfiguration"),
    ],
)
def test_traces_are_asked_for_as_the_resource_has_it(kind: str, name: str) -> None:
    machine = {"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}
    template = {"Resources": {"M": {"Type": kind, "Properties": {"Definition": machine}}}}
    new = json.loads(mended("tracing-off", json.dumps(template), "t.json"))
    assert new["Resources"]["M"]["Properties"] == {"Definition": machine, name: {"Enabled": True}}


def test_limit_of_a_task_suits_what_it_waits_for() -> None:
    limits = {
        ARN: 900,
        "arn:aws:states:::lambda:invoke": 900,
        "arn:aws:states:::glue:startJobRun.sync": 3600,
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken": 86400,
        "arn:aws:states:eu-west-1:123456789012:activity:approve": 86400,
    }
    for resource, seconds in limits.items():
        task = {"Type": "Task", "Resource": resource, "End": True}
        text = json.dumps({"StartAt": "a", "States": {"a": task}})
        new = json.loads(mended("task-no-timeout", text, "a.asl.json"))
        assert new["States"]["a"] == task | {"TimeoutSeconds": seconds}
