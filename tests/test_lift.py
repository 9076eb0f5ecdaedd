"""Machines as DAGs: shapes, trigger rules, data, conditions, policies; the text is run or read back."""

from __future__ import annotations

import ast
import json
import re
import types
from datetime import timedelta
from pathlib import Path

import pytest

from dagmig import pipeline
from dagmig.airflow.write import write
from dagmig.asl.lift import lift
from dagmig.asl.load import load
from dagmig.diagnostics import Disposition, Report, Row
from dagmig.graph.model import Expansion, Policy, Task, TriggerRule, Workflow
from dagmig.graph.values import Function, Literal, Output

FUNCTION = "arn:aws:lambda:us-east-1:1:function:"
JOIN = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS


def lifted(states: dict, *, start: str | None = None, **fields: object) -> tuple[Workflow, list[Row]]:
    text = json.dumps({"StartAt": start or next(iter(states), ""), "States": states, **fields})
    report = Report()
    machine = load(text, "machine.asl.json", report)
    assert machine is not None
    workflow = pipeline.lifted(machine, report, "flow")
    compile(write(workflow, report).text, "dag.py", "exec")
    return workflow, [row for row in report.rows if row.construct != "error"]


def work(next_: str | None = None, **fields: object) -> dict:
    way = {"Next": next_} if next_ else {"End": True}
    return {"Type": "Task", "Resource": FUNCTION + "f", **fields, **way}


SENT = work(
    Resource="arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f", "InvocationType": "Event"}
)  # which an operator does, and no function


def edges(workflow: Workflow) -> set[tuple[str, str]]:
    return {(edge.upstream, edge.downstream) for edge in workflow.edges}


def payload(task: Task) -> object:
    value = task.call.arguments["payload"]
    assert isinstance(value, Literal)
    return value.value


def open_rows(rows: list[Row]) -> list[str]:
    return [f"{row.construct}: {row.difference}" for row in rows if row.disposition.is_open]


def is_placeholder(task: Task) -> bool:
    function = task.call.arguments.get("python_callable")
    return isinstance(function, Function) and "raise AirflowFailException(" in function.source


class Instance:
    """The part of a task instance that functions use: XCom's values, by task or by task and key."""

    dag_id, run_id, map_index = "flow", "run", -1

    def __init__(self, results: dict[str, object], states: dict[str, str]) -> None:
        self.results, self.states = results, states

    def xcom_pull(self, task_ids: str, key: str = "") -> object:
        return self.results[f"{task_ids}/{key}" if key else task_ids]

    def get_task_states(self, dag_id: str, task_ids: list[str], run_ids: list[str]) -> dict:
        assert (dag_id, run_ids) == (self.dag_id, [self.run_id])
        return {self.run_id: {task: self.states[task] for task in task_ids}}


def called(
    task: Task,
    conf: object = None,
    results: dict[str, object] | None = None,
    states: dict[str, str] | None = None,
) -> object:
    """Run the function of a task as Airflow would, with a run of this conf."""
    function = task.call.arguments["python_callable"]
    assert isinstance(function, Function)
    fail = types.ModuleType("airflow.sdk.exceptions")
    source = function.source.replace("from airflow.sdk.exceptions import AirflowFailException\n", "")
    names: dict = {"AirflowFailException": RuntimeError, **vars(fail)}
    exec(compile(source, "function", "exec"), names)
    given = {
        "dag_run": types.SimpleNamespace(conf=conf),
        "ti": Instance(results or {}, states or {}),
        "run_id": "run",
    }
    return names[function.name](**{p.name: given[p.name] for p in function.parameters})


# shapes


def test_one_lambda_task_is_called_with_the_input() -> None:
    workflow, rows = lifted({"TriggerJob": work()})
    (task,) = workflow.tasks.values()
    assert task.call.arguments == {
        "function_name": Literal(FUNCTION + "f"),
        "payload": Literal("{{ dag_run.conf | tojson }}"),
    }
    assert [(r.task, r.target, r.disposition) for r in rows] == [
        ("TriggerJob", "task:TriggerJob", Disposition.NOTED)
    ]


@pytest.mark.parametrize(
    ("states", "is_said"),
    [({"A": work()}, True), ({"A": {"Type": "Fail"}}, True), ({"A": {"Type": "Pass", "End": True}}, False)],
)
def test_a_run_has_no_error(states: dict, is_said: bool) -> None:
    report = Report()
    machine = load(json.dumps({"StartAt": "A", "States": states}), "machine.asl.json", report)
    assert machine is not None
    lift(machine, report, "flow")
    assert ("error" in [row.construct for row in report.rows]) is is_said


def test_a_lambda_that_answers_within_the_clients_patience_is_exact() -> None:
    for seconds, disposition in ((60, Disposition.EXACT), (61, Disposition.NOTED)):
        _, (row,) = lifted({"A": work(TimeoutSeconds=seconds)})
        assert row.disposition is disposition
        assert ("read_timeout" in row.difference) is (seconds > 60)


def test_a_chain_hands_each_answer_on() -> None:
    workflow, rows = lifted({"A": work("B"), "B": work("C"), "C": work()})
    assert edges(workflow) == {("A", "B"), ("B", "C")}
    assert payload(workflow.tasks["C"]) == "{{ ti.xcom_pull(task_ids='B') }}"
    assert not open_rows(rows)


def test_branches_of_a_parallel_follow_what_comes_before() -> None:
    branches = [{"StartAt": n, "States": {n: work()}} for n in ("L", "R")]
    states = {"A": work("P"), "P": {"Type": "Parallel", "Branches": branches, "Next": "Z"}, "Z": work()}
    workflow, rows = lifted(states)
    assert edges(workflow) == {("A", "L"), ("A", "R"), ("L", "Z"), ("R", "Z")}
    assert {task.trigger for task in workflow.tasks.values()} == {TriggerRule.ALL_SUCCESS}
    assert (
        payload(workflow.tasks["Z"]) == "[{{ ti.xcom_pull(task_ids='L') }}, {{ ti.xcom_pull(task_ids='R') }}]"
    )
    assert "fail_fast" not in workflow.arguments  # it skips what follows, and a run that ends so succeeds
    assert not open_rows(rows)


def choice(*rules: dict, default: str | None = None) -> dict:
    state = {"Type": "Choice", "Choices": list(rules)}
    return {**state, "Default": default} if default else state


def test_paths_of_a_choice_meet_where_one_is_enough() -> None:
    rule = {"Variable": "$.x", "StringEquals": "a", "Next": "A"}
    workflow, _ = lifted({"C": choice(rule, default="Z"), "A": work("Z"), "Z": work()})
    assert edges(workflow) == {("C", "A"), ("C", "Z_input"), ("A", "Z_input"), ("Z_input", "Z")}
    assert workflow.tasks["Z_input"].trigger is JOIN
    assert [called(workflow.tasks["C"], {"x": x}) for x in ("a", "b")] == ["A", "Z_input"]


def test_a_pass_that_a_choice_leads_to_stays_a_task() -> None:
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "P"}
    states = {"C": choice(rule, default="Z"), "P": {"Type": "Pass", "Next": "Z"}, "Z": {"Type": "Succeed"}}
    workflow, _ = lifted(states)
    assert workflow.tasks["P"].call.operator.endswith("EmptyOperator")
    assert workflow.tasks["Z"].trigger is JOIN


def test_a_choice_may_lead_into_a_parallel() -> None:
    branches = [{"StartAt": n, "States": {n: work()}} for n in ("L", "R")]
    parallel = {"Type": "Parallel", "Branches": branches, "Next": "Z"}
    rule = {"Variable": "$.x", "BooleanEquals": True, "Next": "P"}
    workflow, rows = lifted({"C": choice(rule, default="Z"), "P": parallel, "Z": work()})
    assert called(workflow.tasks["C"], {"x": True}) == ["L", "R"]
    chosen = {("C", "L"), ("C", "R"), ("C", "Z_input")}
    assert edges(workflow) == chosen | {
        ("L", "Z_join"),
        ("R", "Z_join"),
        ("Z_join", "Z_input"),
        ("Z_input", "Z"),
    }
    assert workflow.tasks["Z_input"].trigger is JOIN
    assert not open_rows(rows)
    assert any("runs on to its end" in row.difference for row in rows)


def test_ends_of_a_branch_are_gathered_before_the_join() -> None:
    rule = {"Variable": "$.x", "IsNull": True, "Next": "A"}
    inner = {"C": choice(rule, default="B"), "A": work(), "B": work()}
    branches = [{"StartAt": "C", "States": inner}, {"StartAt": "D", "States": {"D": work()}}]
    workflow, _ = lifted({"P": {"Type": "Parallel", "Branches": branches, "Next": "Z"}, "Z": work()})
    assert edges(workflow) == {
        ("C", "A"),
        ("C", "B"),
        ("A", "P_end"),
        ("B", "P_end"),
        ("P_end", "Z"),
        ("D", "Z"),
    }
    assert workflow.tasks["P_end"].trigger is JOIN
    assert workflow.tasks["Z"].trigger is TriggerRule.ALL_SUCCESS


def test_a_branch_that_only_fails_fails_the_join() -> None:
    rule = {"Variable": "$.x", "IsNull": True, "Next": "F"}
    inner = {"C": choice(rule, default="G"), "F": {"Type": "Fail"}, "G": {"Type": "Fail"}}
    states = {
        "P": {"Type": "Parallel", "Branches": [{"StartAt": "C", "States": inner}], "Next": "Z"},
        "Z": work(),
    }
    workflow, _ = lifted(states)
    assert edges(workflow) >= {("F", "P_end"), ("G", "P_end"), ("P_end", "Z")}
    assert workflow.tasks["P_end"].trigger is JOIN


def test_a_loop_that_cannot_be_one_task_stays_a_machine() -> None:
    rule = {"Variable": "$.done", "BooleanEquals": True, "Next": "Z"}
    ask = {**work("C"), "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
    workflow, rows = lifted({"A": ask, "C": choice(rule, default="A"), "Z": work(Parameters={})})
    assert edges(workflow) == {("A_start", "A"), ("A", "Z")}
    kept = json.loads(workflow.tasks["A_start"].call.arguments["doc_json"].value)
    assert kept["StartAt"] == "A" and {"A", "C"} <= kept["States"].keys()
    reasons = {(row.task, row.construct) for row in rows if row.disposition is Disposition.DECISION}
    assert reasons == {("A", "loop")}


def each(states: dict, **fields: object) -> dict:
    return {"Type": "Map", "ItemProcessor": {"StartAt": next(iter(states)), "States": states}, **fields}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {}}}, "no state to start"),
        (each({"I": work()}, ItemReader={}), "ItemReader"),
        (each({"I": work()}, ItemsPath="$.a["), "not a path"),
        ({**each({"I": work()}), "QueryLanguage": "JSONata", "Items": {"a": 1}}, "no list"),
        (work(Resource="arn:aws:states:::aws-sdk:acme:doIt", Parameters={}), "no operator"),
        (work(Resource="arn:aws:swf:eu-central-1:1:task:x"), "no operator"),
        (work(Resource=5), "Resource"),
        (work(Credentials={}), "Credentials"),
        ({"Type": "Dance"}, "Dance"),
        ({}, "not converted"),
    ],
)
def test_what_has_no_counterpart_fails_visibly(state: dict, said: str) -> None:
    workflow, rows = lifted({"A": {**state, "End": True}})
    assert is_placeholder(workflow.tasks["A"])
    assert any(said in row for row in open_rows(rows))
    with pytest.raises(RuntimeError, match="not converted"):
        called(workflow.tasks["A"])


@pytest.mark.parametrize(
    "states",
    [
        {},
        {"A": 5},
        {"A": {"Type": "Choice", "Choices": "no"}},
        {"A": {"Type": "Choice", "Choices": [1, {"Next": 5}, {"Next": "A"}]}},
        {"A": work("Nowhere")},
        {"A": {"Type": "Pass"}},
        {"A": {"Type": "Parallel", "Branches": [5, {}, {"StartAt": "x", "States": []}], "End": True}},
        {"A": {"Type": "Wait", "End": True}},
        {"A": {"Type": "Pass", "ResultPath": 5, "Next": "B"}, "B": work()},
    ],
)
def test_a_broken_machine_is_an_open_row(states: dict) -> None:
    workflow, rows = lifted(states, start="A")
    assert open_rows(rows)
    assert any(
        is_placeholder(task) or "branch" in task.call.operator or "doc_json" in task.call.arguments
        for task in workflow.tasks.values()
    )


def test_a_state_that_nothing_leads_to_is_left_out() -> None:
    workflow, rows = lifted({"A": work(), "Z": work()})
    assert list(workflow.tasks) == ["A"]
    assert not open_rows(rows)
    assert any("nothing leads" in row.difference for row in rows)


# names


def test_names_become_ids_and_stay_unique() -> None:
    workflow, rows = lifted(
        {"é one": work("e one"), "e one": work("e_one"), "e_one": work("x" * 300), "x" * 300: work()}
    )
    assert list(workflow.tasks) == ["one", "e_one_2", "e_one", "x" * 250]
    assert sum(row.construct == "state-name" for row in rows) == 3


def test_the_id_is_the_one_asked_for_else_the_comments_else_the_files() -> None:
    text = '{{"StartAt": "A", "States": {{"A": {{"Type": "Pass", "End": true}}}}, "Comment": {}}}'

    def named(comment: str, dag_id: str) -> str | None:
        machine = load(text.format(json.dumps(comment)), "in/my flow.asl.json", Report())
        assert machine is not None
        return lift(machine, Report(), dag_id).id

    assert named('x | dagmig {"dag_id":"told"}', "asked") == "asked"
    assert named('x | dagmig {"dag_id":"told"}', "") == "told"
    assert named("x", "") == "my_flow"


def test_the_comment_says_what_the_dag_said() -> None:
    metadata = {
        "schedule": "@daily",
        "start_date": "2024-01-02T00:00:00",
        "catchup": True,
        "tags": ["a"],
        "odd": 1,
    }
    workflow, rows = lifted({"A": work()}, Comment=f"Text | dagmig {json.dumps(metadata)}", TimeoutSeconds=60)
    values = {name: value.value for name, value in workflow.arguments.items() if isinstance(value, Literal)}
    assert values.pop("start_date").isoformat() == "2024-01-02T00:00:00"
    assert values == {
        "description": "Text",
        "schedule": "@daily",
        "catchup": True,
        "tags": ["a"],
        "dagrun_timeout": timedelta(minutes=1),
    }
    assert [row.difference for row in rows if row.construct == "metadata"] == [
        "`odd` in the Comment is not understood"
    ]


# policies


def test_a_retrier_for_all_errors_becomes_retries() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxDelaySeconds": 60, "BackoffRate": 3}]
    workflow, rows = lifted({"A": work(Retry=retry, TimeoutSeconds=90)})
    policy = workflow.tasks["A"].policy
    assert (policy.retries, policy.backoff) == (3, 3.0)
    assert (policy.retry_delay, policy.max_delay) == (timedelta(seconds=5), timedelta(minutes=1))
    assert workflow.tasks["A"].call.arguments["execution_timeout"] == Literal(timedelta(seconds=90))
    assert not open_rows(rows)


@pytest.mark.parametrize(
    ("retry", "retries", "said"),
    [
        ([{"ErrorEquals": ["Lambda.ServiceException"]}], 0, []),
        ([{"ErrorEquals": ["Acme"], "MaxAttempts": 1}], 1, ["retry-error-names"]),
        (
            [{"ErrorEquals": ["Acme"], "MaxAttempts": 9}, {"ErrorEquals": ["States.ALL"]}],
            3,
            ["retry-several"],
        ),
        ([5], 0, ["retry"]),
        ("no", 0, ["retry"]),
        ([{"ErrorEquals": ["States.ALL"], "MaxAttempts": "x"}], 3, []),
    ],
)
def test_retriers_that_airflow_cannot_tell_apart_are_open(
    retry: object, retries: int, said: list[str]
) -> None:
    workflow, rows = lifted({"A": {**SENT, "Retry": retry}})
    assert workflow.tasks["A"].policy.retries == retries
    assert [row.construct for row in rows if row.disposition.is_open] == said


# data


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"InputPath": "$.a.b"}, "{{ dag_run.conf['a']['b'] | tojson }}"),
        ({"InputPath": None}, "{}"),
        (
            {"Parameters": {"x.$": "$.a[0]", "y": [1, None]}},
            '{"x": {{ dag_run.conf[\'a\'][0] | tojson }}, "y": [1, null]}',
        ),
        ({"Parameters": {"x.$": "$$.Execution.Input.a"}}, "{\"x\": {{ dag_run.conf['a'] | tojson }}}"),
        ({"Parameters": {"x": "{{ y }} {% z %}"}}, '{"x": "{\\u007b y }} {\\u0025 z %}"}'),
        ({"Parameters": {"x.$": "States.Format('a-{}', 'b')"}}, '{"x": "a-b"}'),
        ({"Parameters": {"x.$": "States.Array(1, $.a)"}}, "{\"x\": [1, {{ dag_run.conf['a'] | tojson }}]}"),
    ],
)
def test_jsonpath_input(fields: dict, expected: str) -> None:
    workflow, rows = lifted({"A": work(**fields)})
    assert payload(workflow.tasks["A"]) == expected
    assert not open_rows(rows)


@pytest.mark.parametrize(
    "path", ["$.a[", "$.a[?(@.b]", "$.a[?(@.b ~ 1)]", "States.No()", "$missing", "$$.Task.Token", "x"]
)
def test_a_path_that_cannot_be_followed_is_no_silent_argument(path: str) -> None:
    workflow, rows = lifted({"A": work(Parameters={"x.$": path})})
    assert is_placeholder(workflow.tasks["A"])
    assert open_rows(rows)


def test_results_are_put_where_resultpath_says() -> None:
    states = {
        "P": {"Type": "Pass", "Result": {"k": 1}, "ResultPath": "$.p", "Next": "A"},
        "A": work("B", ResultSelector={"v.$": "$.out"}, ResultPath="$.a"),
        "B": work(Parameters={"k.$": "$.p.k", "v.$": "$.a.v", "i.$": "$.in"}),
    }
    workflow, _ = lifted(states)
    assert payload(workflow.tasks["B"]) == (
        "{\"k\": 1, \"v\": {{ macros.json.loads(ti.xcom_pull(task_ids='A'))['out'] | tojson }}, "
        "\"i\": {{ dag_run.conf['in'] | tojson }}}"
    )


X = {"Variable": "$.x", "IsPresent": True, "Next": "A"}


def test_data_that_differs_between_paths_is_picked_by_the_path_taken() -> None:
    workflow, rows = lifted({"C": choice(X, default="B"), "A": work("Z"), "B": work("Z"), "Z": work()})
    assert payload(workflow.tasks["Z"]) == "{{ ti.xcom_pull(task_ids='Z_input') | tojson }}"
    assert not open_rows(rows)
    results = {"A": '{"a": 1}', "B": '{"b": 2}'}
    for taken, other in (("A", "B"), ("B", "A")):
        states = {taken: "success", other: "skipped"}
        given = called(workflow.tasks["Z_input"], results=results, states=states)
        assert given == json.loads(results[taken])


def test_a_branch_that_leads_on_itself_is_what_is_left() -> None:
    workflow, _ = lifted({"C": choice(X, default="Z"), "A": work("Z"), "Z": work()})
    picker = workflow.tasks["Z_input"]
    assert called(picker, {"i": 1}, states={"C": "success", "A": "skipped"}) == {"i": 1}
    results = {"A": '{"a": 1}'}
    assert called(picker, {"i": 1}, results, states={"C": "success", "A": "success"}) == {"a": 1}


@pytest.mark.parametrize(
    "last",
    [{"Type": "Succeed"}, {"Type": "Fail", "Error": "E"}, work(Parameters={"k": 1}), work(Parameters={})],
)
def test_data_that_nobody_looks_at_is_not_picked(last: dict) -> None:
    workflow, _ = lifted({"C": choice(X, default="B"), "A": work("Z"), "B": work("Z"), "Z": last})
    assert "Z_input" not in workflow.tasks
    assert workflow.tasks["Z"].trigger is JOIN


def test_variables_that_differ_between_paths_are_picked() -> None:
    def assigning(value: str) -> dict:
        return work("Z", Assign={"v": value, "w": "same"})

    states = {"C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.x %}", "Next": "A"}]}}
    states["C"]["Choices"][0]["Condition"] = "{% $exists($states.input.x) %}"
    states |= {"C": {**states["C"], "Default": "B"}, "A": assigning("a"), "B": assigning("b")}
    given = {"v": "{% $v %}", "w": "{% $w %}"}
    invoked = {**work(Resource="arn:aws:states:::lambda:invoke")}
    invoked["Arguments"] = {"FunctionName": "f", "Payload": given}
    workflow, rows = lifted({**states, "Z": invoked}, QueryLanguage="JSONata")
    assert not [row for row in open_rows(rows) if "Choice" not in row]
    states_ = {"A": "skipped", "B": "success"}
    assert called(workflow.tasks["Z_input"], results={"B": "{}"}, states=states_)["v"] == "b"
    assert payload(workflow.tasks["Z"]) == (
        '{"v": {{ ti.xcom_pull(task_ids=\'Z_input\')[\'v\'] | tojson }}, "w": "same"}'
    )


def caught_on_the_way(**after: dict) -> dict:
    """A, which on an error assigns `e`, and goes on to Z in both cases; after it the states of ``after``."""
    catcher = {"ErrorEquals": ["States.ALL"], "Assign": {"e": "{% $states.errorOutput.Error %}"}, "Next": "Z"}
    return {"A": work("Z", Catch=[catcher]), **after}


def rule(condition: str, target: str, **fields: object) -> dict:
    return {"Type": "Choice", "Choices": [{"Condition": f"{{% {condition} %}}", "Next": target}], **fields}


FAILED_A = {"A": "failed", "A_caught": "success"}
DONE_A = {"A": "success", "A_caught": "skipped"}


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ("$exists($e)", (True, False)),
        ("$not($exists($e))", (False, True)),
        ("$e = 'Broken'", (True, False)),
        ("$e != 'Broken'", (False, False)),
        ("$exists($e) ? $e = 'Broken' : false", (True, False)),
        ("$exists($never)", (False, False)),
    ],
)
def test_a_variable_that_one_path_sets_is_asked_for(condition: str, met: tuple[bool, bool]) -> None:
    states = caught_on_the_way(Z=rule(condition, "X", Default="Y"), X=work(), Y=work())
    workflow, rows = lifted(states, QueryLanguage="JSONata")
    assert not open_rows(rows)
    for is_failure, wanted in zip((True, False), met, strict=True):
        ran = FAILED_A if is_failure else DONE_A
        results = {"A": "{}", "A/error": {"Error": "Broken", "Cause": ""}}
        if "Z_input" in workflow.tasks:
            results["Z_input"] = called(workflow.tasks["Z_input"], results=results, states=ran)
        assert called(workflow.tasks["Z"], results=results, states=ran) == ("X" if wanted else "Y")


def test_a_variable_that_one_path_sets_is_handed_on_by_later_joins() -> None:
    states = caught_on_the_way(
        Z=rule("$exists($states.input.x)", "B", Default="D"),
        B=work("D", Assign={"e": "new"}),
        D=work("F", Arguments={}),
        F=rule("$exists($e)", "X", Default="Y"),
        X=work(),
        Y=work(),
    )
    workflow, rows = lifted(states, QueryLanguage="JSONata")
    assert not open_rows(rows)
    error = {"Error": "Broken", "Cause": ""}
    for ran, ended, wanted in (
        (FAILED_A, "skipped", {"e": "Broken"}),
        (DONE_A, "skipped", {}),
        (DONE_A, "success", {"e": "new"}),
    ):
        results: dict[str, object] = {"A": "{}", "A/error": error, "B": "{}"}
        for picker in ("Z_input", "D_input"):
            results[picker] = called(workflow.tasks[picker], results=results, states={**ran, "B": ended})
        found = results["D_input"]
        assert isinstance(found, dict)
        assert {name: one for name, one in found.items() if name != "input"} == wanted
        assert called(workflow.tasks["F"], results=results) == ("X" if wanted else "Y")


def test_a_variable_that_nobody_reads_is_not_picked() -> None:
    workflow, rows = lifted(caught_on_the_way(Z=work(Arguments={})), QueryLanguage="JSONata")
    assert not open_rows(rows)
    assert "Z_input" not in workflow.tasks


def test_data_that_doubles_at_every_state_ends() -> None:
    doubling = {"a.$": "$", "b.$": "$"}
    states = {f"P{i}": {"Type": "Pass", "Parameters": doubling, "Next": f"P{i + 1}"} for i in range(100)}
    _, rows = lifted({**states, "P100": work()})
    assert any("too large" in row for row in open_rows(rows))


def invoke(**arguments: object) -> dict:
    return work(Resource="arn:aws:states:::lambda:invoke", Arguments={"FunctionName": "f", **arguments})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$states.input.a", "{{ dag_run.conf['a'] | tojson }}"),
        ("$states.input.`a b`.c", "{{ dag_run.conf['a b']['c'] | tojson }}"),
        ("$states.context.Execution.Input", "{{ dag_run.conf | tojson }}"),
        (
            "{'x': $states.input.a, \"y\": [1, true]}",
            '{"x": {{ dag_run.conf[\'a\'] | tojson }}, "y": [1, true]}',
        ),
        ("'a' & 'b' & 1", '"ab1"'),
        ("-1.5", "-1.5"),
    ],
)
def test_jsonata_arguments(expression: str, expected: str) -> None:
    workflow, rows = lifted({"A": invoke(Payload=f"{{% {expression} %}}")}, QueryLanguage="JSONata")
    assert payload(workflow.tasks["A"]) == expected
    assert not open_rows(rows)


@pytest.mark.parametrize(
    "expression", ["$no($states.input.a)", "a", "$", "1 +", "a[b=1]", "$x", "'\\q'", "(" * 199]
)
def test_jsonata_beyond_the_subset_is_open(expression: str) -> None:
    workflow, rows = lifted({"A": invoke(Payload=f"{{% {expression} %}}")}, QueryLanguage="JSONata")
    assert is_placeholder(workflow.tasks["A"])
    assert open_rows(rows)


def test_variables_are_followed() -> None:
    first = {**invoke(), "Assign": {"v": "{% $states.result.Payload.n %}"}, "Next": "B"}
    del first["End"]
    workflow, _ = lifted({"A": first, "B": invoke(Payload="{% $v %}")}, QueryLanguage="JSONata")
    assert payload(workflow.tasks["B"]) == "{{ macros.json.loads(ti.xcom_pull(task_ids='A'))['n'] | tojson }}"


# conditions: the generated function is run

PRESENT, ABSENT = {"x": 1}, {}
JSONPATH = [
    ({"StringEquals": "a"}, ["a"], ["b", 1, None, ["a"]]),
    ({"StringLessThan": "b"}, ["a"], ["b", 1]),
    ({"StringMatches": "a*.txt"}, ["a.txt", "abc.txt", "a\nb.txt"], ["b.txt", 1, "a.txt2"]),
    ({"StringMatches": "a\\*b"}, ["a*b"], ["aXb"]),
    ({"NumericEquals": 1}, [1, 1.0], [True, "1", 2]),
    ({"NumericGreaterThanEquals": 1}, [1, 2], [True, "1", 0]),
    ({"BooleanEquals": True}, [True], [1, "true", False]),
    ({"IsNull": True}, [None], [0, ""]),
    ({"IsNull": False}, [0], [None]),
    ({"IsNumeric": True}, [1, 1.5], [True, "1"]),
    ({"IsString": True}, ["a"], [1]),
    ({"IsBoolean": True}, [True], [1]),
    (
        {"IsTimestamp": True},
        ["2016-03-14T01:59:00Z", "2016-03-14T01:59:00.123456789+02:00"],
        ["2016-03-14", 1, "2016-13-14T01:59:00Z"],
    ),
    (
        {"TimestampLessThan": "2020-01-01T00:00:00Z"},
        ["2019-12-31T23:59:59Z", "2020-01-01T00:30:00+01:00"],
        ["2020-01-01T00:00:00Z", "x", 1],
    ),
    ({"NumericEqualsPath": "$.y"}, [7], [8, "7"]),
    ({"StringEqualsPath": "$.z"}, ["z"], ["y", 7]),
]


@pytest.mark.parametrize(("operator", "true", "false"), JSONPATH)
def test_jsonpath_comparisons_are_typed(operator: dict, true: list, false: list) -> None:
    workflow, _ = lifted(
        {"C": choice({"Variable": "$.x", **operator, "Next": "A"}, default="B"), "A": work(), "B": work()}
    )
    for values, target in ((true, "A"), (false, "B")):
        for value in values:
            assert called(workflow.tasks["C"], {"x": value, "y": 7, "z": "z"}) == target, value


def test_a_missing_variable_is_an_error_unless_asked_for() -> None:
    present = {"Variable": "$.x", "IsPresent": True}
    states = {"A": work(), "B": work()}
    strict, _ = lifted(
        {"C": choice({"Variable": "$.x", "NumericEquals": 1, "Next": "A"}, default="B"), **states}
    )
    guarded, _ = lifted(
        {
            "C": choice(
                {"And": [present, {"Variable": "$.x", "NumericEquals": 1}], "Next": "A"}, default="B"
            ),
            **states,
        }
    )
    with pytest.raises(KeyError):
        called(strict.tasks["C"], ABSENT)
    assert called(guarded.tasks["C"], ABSENT) == "B"
    assert called(guarded.tasks["C"], PRESENT) == "A"


def test_and_or_not_nest() -> None:
    def is_(name: str) -> dict:
        return {"Variable": f"$.{name}", "BooleanEquals": True}

    rule = {
        "Or": [{"And": [is_("a"), {"Not": is_("b")}]}, {"And": [is_("c"), {"Or": [is_("a"), is_("b")]}]}],
        "Next": "A",
    }
    workflow, _ = lifted({"C": choice(rule, default="B"), "A": work(), "B": work()})
    for bits in range(8):
        a, b, c = (bool(bits & bit) for bit in (1, 2, 4))
        expected = "A" if (a and not b) or (c and (a or b)) else "B"
        assert called(workflow.tasks["C"], {"a": a, "b": b, "c": c}) == expected


JSONATA = [
    ("$states.input.x = 'a'", ["a"], ["b", 1, None]),
    ("$states.input.x != 'a'", ["b", 1, None], ["a"]),
    ("$states.input.x = 1", [1, 1.0], [True, "1"]),
    ("$states.input.x != 1", [True, "1", 2], [1]),
    ("$states.input.x = true", [True], [1, "true"]),
    ("$states.input.x = null", [None], [0, ""]),
    ("$states.input.x > 1 and $states.input.x <= 3", [2, 3], [1, 4]),
    ("$not($states.input.x = 'a') or $states.input.x = 'a'", ["a", "b"], []),
    ("$states.input.x in ['a', 'b']", ["a", "b"], ["c", 1]),
    ("$exists($states.input.x)", [None, 1], []),
    ("($states.input.x = 1 or $states.input.x = 2) and $exists($states.input.x)", [1, 2], [3]),
]


@pytest.mark.parametrize(("condition", "true", "false"), JSONATA)
def test_jsonata_conditions(condition: str, true: list, false: list) -> None:
    rule = {"Condition": f"{{% {condition} %}}", "Next": "A"}
    states = {"C": choice(rule, default="B"), "A": invoke(), "B": invoke()}
    workflow, rows = lifted(states, QueryLanguage="JSONata")
    assert not open_rows(rows)
    for values, target in ((true, "A"), (false, "B")):
        for value in values:
            assert called(workflow.tasks["C"], {"x": value}) == target, value


@pytest.mark.parametrize(
    "condition",
    [
        "x = 1",
        "x != 1",
        "x = null",
        "x != null",
        "x in ['a']",
        "x = 'a' or false",
        "x < 1 or false",
        "$exists(x)",
    ],
)
def test_nothing_compares_as_false_in_jsonata(condition: str) -> None:
    text = condition.replace("x", "$states.input.x").replace("$e$states.input.xists", "$exists")
    states = {
        "C": choice({"Condition": f"{{% {text} %}}", "Next": "A"}, default="B"),
        "A": invoke(),
        "B": invoke(),
    }
    workflow, rows = lifted(states, QueryLanguage="JSONata")
    assert not open_rows(rows)
    assert called(workflow.tasks["C"], ABSENT) == "B"


def test_no_rule_matching_is_an_error() -> None:
    workflow, _ = lifted({"C": choice({"Variable": "$.x", "IsNull": True, "Next": "A"}), "A": work()})
    with pytest.raises(RuntimeError, match="NoChoiceMatched"):
        called(workflow.tasks["C"], PRESENT)


def test_a_rule_that_cannot_be_written_fails_when_it_is_reached() -> None:
    rules = [
        {"Variable": "$.x", "IsNull": True, "Next": "A"},
        {"Variable": "$.y[", "IsNull": True, "Next": "A"},
    ]
    workflow, rows = lifted({"C": choice(*rules, default="A"), "A": work()})
    assert called(workflow.tasks["C"], {"x": None}) == "A"
    with pytest.raises(RuntimeError, match="rule 2"):
        called(workflow.tasks["C"], PRESENT)
    assert [row.construct for row in rows if row.disposition.is_open] == ["choice-rule"]


HELD = "dag_run.conf['a']"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"Message": {"id": 1, "to": ["é"]}}, '{"id": 1, "to": ["é"]}'),
        ({"Message": "plain"}, "plain"),
        ({"Message": {"id.$": "$.a"}}, f'{{"id": {{{{ {HELD} | tojson }}}}}}'),
        ({"Message.$": "$.a"}, f"{{{{ {HELD} if {HELD} is string else {HELD} | tojson }}}}"),
    ],
)
def test_json_that_is_sent_as_text(given: dict, text: str) -> None:
    """The API takes text, and so does the operator; Step Functions writes the JSON that it is given."""
    state = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}
    workflow, _ = lifted({"A": {**state, "Parameters": {"TopicArn": "t", **given}}})
    found = workflow.tasks["A"].call.arguments["message"]
    assert isinstance(found, Literal)
    assert found.value == text


def test_the_details_of_events_are_text() -> None:
    entries = [{"Source": "s", "Detail": {"a": 1}}, {"Source": "s", "Detail": {"a.$": "$.a"}}]
    state = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": True}
    for given in (entries, entries[:1]):
        workflow, _ = lifted({"A": {**state, "Parameters": {"Entries": given}}})
        source = write(workflow, Report()).text
        assert source.count('"Detail": \'{"a": ') + source.count('"Detail": "{') == len(given)


# waiting and failing


def test_waits() -> None:
    states = {
        "A": {"Type": "Wait", "Seconds": 90, "Next": "B"},
        "B": {"Type": "Wait", "Timestamp": "2030-01-01T00:00:00Z", "Next": "C"},
        "C": {"Type": "Wait", "TimestampPath": "$.at", "Next": "D"},
        "D": {"Type": "Wait", "SecondsPath": "$.n", "End": True},
    }
    workflow, rows = lifted(states)
    assert workflow.tasks["A"].call.arguments["time_to_wait"] == Literal(timedelta(seconds=90))
    assert workflow.tasks["B"].call.arguments["target_time"] == Literal("2030-01-01T00:00:00Z")
    assert "target_time=\"{{ dag_run.conf['at'] }}\"" in write(workflow, Report()).text
    assert called(workflow.tasks["D"], {"n": 0}) is None
    assert not open_rows(rows)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Error": "E", "Cause": 'the "cause"'}, 'E: the "cause"'),
        ({"Cause": "c"}, "c"),
        ({}, "F"),
        ({"ErrorPath": "$.e", "Cause": "c"}, "broken: c"),
        ({"CausePath": "States.Format('n={} b={}', $.n, $.b)"}, "n=1 b=true"),
    ],
)
def test_a_fail_says_error_and_cause(fields: dict, message: str) -> None:
    workflow, rows = lifted({"F": {"Type": "Fail", **fields}})
    with pytest.raises(RuntimeError) as raised:
        called(workflow.tasks["F"], {"e": "broken", "n": 1, "b": True})
    assert str(raised.value) == message
    assert not open_rows(rows)


def test_every_state_has_a_row() -> None:
    folder = Path(__file__).resolve().parents[1] / "fixtures" / "machines"
    for path in sorted(folder.glob("*/machine.asl.json")):
        report = Report()
        machine = load(path.read_text(), str(path), report)
        assert machine is not None
        lift(machine, report, "")
        pointers = {row.source.pointer for row in report.rows}
        assert {state.pointer for state in machine.root.all_states()} <= pointers, path


# Map


def test_a_map_is_a_group_between_its_items_and_its_results() -> None:
    states = {"A": work("M"), "M": {**each({"I": work()}, ItemsPath="$.xs"), "Next": "Z"}, "Z": work()}
    workflow, rows = lifted(states)
    assert edges(workflow) == {
        ("A", "M_items"),
        ("M_items", "M.I"),
        ("M.I", "M_results"),
        ("M_items", "M_results"),
        ("M_results", "Z"),
    }
    assert workflow.groups["M"].expand == Expansion("expand", {"item": Output("M_items")})
    assert payload(workflow.tasks["M.I"]) == "{{ ti.xcom_pull(task_ids='M_items')[ti.map_index] | tojson }}"
    assert workflow.tasks["M_results"].trigger is JOIN
    assert payload(workflow.tasks["Z"]) == "{{ ti.xcom_pull(task_ids='M_results') | tojson }}"
    assert called(workflow.tasks["M_items"], results={"A": '{"xs": [3, 4]}'}) == [3, 4]
    assert not open_rows(rows)


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_an_item_selector_fills_in_each_item(language: str) -> None:
    selector = {"n.$": "$$.Map.Item.Index", "of.$": "$$.Map.Item.Value.id", "all.$": "$.all"}
    fields = {"ItemsPath": "$.xs", "ItemSelector": selector}
    if language == "JSONata":
        item = "$states.context.Map.Item"
        selector = {"n": f"{item}.Index", "of": f"{item}.Value.id", "all": "$states.input.all"}
        selector = {name: f"{{% {value} %}}" for name, value in selector.items()}
        fields = {"Items": "{% $states.input.xs %}", "ItemSelector": selector}
    workflow, _ = lifted({"M": {**each({"I": work()}, **fields), "End": True}}, QueryLanguage=language)
    given = called(workflow.tasks["M_items"], {"xs": [{"id": 7}, {"id": 8}], "all": True})
    assert given == [{"n": 0, "of": 7, "all": True}, {"n": 1, "of": 8, "all": True}]


def test_the_item_itself_is_in_the_context_where_nothing_selects() -> None:
    inner = work(Parameters={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"})
    workflow, _ = lifted({"M": {**each({"I": inner}, ItemsPath="$.xs"), "End": True}})
    item = "ti.xcom_pull(task_ids='M_items')[ti.map_index]"
    expected = f'{{"i": {{{{ ti.map_index | tojson }}}}, "v": {{{{ {item} | tojson }}}}}}'
    assert payload(workflow.tasks["M.I"]) == expected


def test_a_map_that_changes_nothing_needs_no_group() -> None:
    inner = {"I": {"Type": "Pass", "End": True}}
    workflow, _ = lifted({"M": {**each(inner), "Next": "Z"}, "Z": work()})
    assert set(workflow.tasks) == {"M_items", "Z"}
    assert not workflow.groups
    assert payload(workflow.tasks["Z"]) == "{{ ti.xcom_pull(task_ids='M_items') | tojson }}"


def test_ways_of_a_choice_in_a_map_skip_themselves() -> None:
    rule = {"Variable": "$.x", "BooleanEquals": True, "Next": "A"}
    inner = {"C": choice(rule, default="B"), "A": work(), "B": work()}
    workflow, _ = lifted({"M": {**each(inner), "End": True}})
    assert workflow.tasks["M.C"].call.operator == "@task"
    assert {("M.C", "M.C_to_A"), ("M.C_to_A", "M.A"), ("M.B", "M.M_end")} <= edges(workflow)
    assert workflow.tasks["M.M_end"].trigger is JOIN
    assert {edge for edge in edges(workflow) if edge[1] == "M_results"} == {
        ("M.M_end", "M_results"),
        ("M_items", "M_results"),
    }


def test_a_map_says_what_a_group_cannot_do() -> None:
    two = {"I": work("J"), "J": SENT}
    said = {
        "in turn": (each(two, MaxConcurrency=1), ["each task of the group is limited"]),
        "tolerant": (each({"I": work()}, ToleratedFailureCount=1), ["tolerates none"]),
        "nested": (each({"M2": {**each({"I": SENT}), "End": True}}), ["inside of a mapped task group"]),
    }
    for state, expected in said.values():
        _, rows = lifted({"M": {**state, "End": True}})
        found = open_rows(rows)
        assert all(any(part in text for text in found) for part in expected), found


def catcher(next_: str) -> dict:
    return {"ErrorEquals": ["States.ALL"], "Next": next_}


def parallel(*branches: dict) -> dict:
    return {"Type": "Parallel", "Branches": [{"StartAt": next(iter(b)), "States": b} for b in branches]}


def looks_at(task: Task) -> list[str]:
    """The tasks whose failure keeps a task from beginning."""
    hook = task.call.arguments.get("pre_execute")
    if not isinstance(hook, Function):
        return []
    lists = [node for node in ast.walk(ast.parse(hook.source)) if isinstance(node, ast.List)]
    return [name.value for names in lists for name in names.elts if isinstance(name, ast.Constant)]


def test_what_has_not_begun_does_not_begin_when_a_part_of_a_group_has_failed() -> None:
    two = {"I": work("J"), "J": work("K", Catch=[catcher("K")]), "K": work()}
    workflow, rows = lifted({"M": {**each(two, ItemsPath="$.all"), "End": True}})
    assert not open_rows(rows)
    assert looks_at(workflow.tasks["M.I"]) == []
    fatal = ["M.I", "M.J_catch", "M.J_to_K", "M.J_to_K_2", "M.K", "M.K_input"]
    assert sorted(looks_at(workflow.tasks["M.J"])) == sorted(looks_at(workflow.tasks["M.K"])) == fatal
    limited, _ = lifted({"M": {**each(two, MaxConcurrency=2), "End": True}})
    assert sorted(looks_at(limited.tasks["M.I"])) == fatal


def test_a_failure_that_is_handled_inside_stops_only_what_it_ends() -> None:
    inner = parallel({"A": work()}, {"B": work("C"), "C": work()})
    outer = parallel(
        {"P": {**inner, "Catch": [catcher("Q")], "Next": "Q"}, "Q": work()}, {"X": work("Y"), "Y": work()}
    )
    workflow, _ = lifted({"O": {**outer, "Catch": [catcher("H")], "Next": "H"}, "H": work()})
    assert {"P_catch", "Q", "X", "Y"} <= set(looks_at(workflow.tasks["Y"]))
    assert not {"A", "B", "C"} & set(looks_at(workflow.tasks["Y"]))
    assert {"A", "B", "C", "X"} <= set(looks_at(workflow.tasks["C"]))
    assert looks_at(workflow.tasks["H"]) == []


def test_a_variable_never_hides_a_function_of_the_file() -> None:
    two = {"failed": work("J"), "J": work()}
    workflow, _ = lifted({"M": {**each(two), "End": True}})
    source = write(workflow, Report()).text
    assert "def failed(" in source and not re.search(r"^\s*failed = ", source, re.MULTILINE)


def test_the_concurrency_limit_is_on_every_task_of_the_group() -> None:
    workflow, _ = lifted({"M": {**each({"I": work()}, MaxConcurrency=3), "End": True}})
    assert workflow.tasks["M.I"].call.arguments["max_active_tis_per_dagrun"] == Literal(3)
    assert "max_active_tis_per_dagrun" not in workflow.tasks["M_items"].call.arguments


# Catch


def caught(catchers: list[dict], **fields: object) -> tuple[Workflow, list[Row]]:
    first = work("B", Catch=catchers, **fields)
    return lifted({"A": first, "B": work(Parameters={}), "H": work(Parameters={}), "G": work()})


@pytest.mark.parametrize(
    ("errors", "goes"),
    [
        (["States.ALL"], {"E": "H", "States.Timeout": "H"}),
        (["States.TaskFailed"], {"E": "H", "States.Timeout": None}),
        (["States.TaskFailed", "States.Timeout"], {"E": "H", "States.Timeout": "H"}),
        (["E", "F"], {"E": "H", "F": "H", "G": None, "States.Timeout": None}),
        (["Lambda.TooManyRequestsException"], {"TooManyRequestsException": "H", "E": None}),
        (["States.Timeout"], {"E": None, "States.Timeout": "H"}),
    ],
)
def test_a_catch_routes_by_the_errors_name(errors: list[str], goes: dict[str, str | None]) -> None:
    workflow, rows = caught([{"ErrorEquals": errors, "Next": "H"}])
    route = workflow.tasks["A_catch"]
    assert (route.call.operator, route.trigger) == ("@task.branch", TriggerRule.NONE_SKIPPED)
    assert edges(workflow) >= {("A", "A_catch"), ("A_catch", "B"), ("A_catch", "H")}
    assert called(route, states={"A": "success"}) == "B"
    for name, target in goes.items():
        error = {"A/error": {"Error": name, "Cause": "c"}}
        if target:
            assert called(route, results=error, states={"A": "failed"}) == target
        else:
            with pytest.raises(RuntimeError, match="no Catch"):
                called(route, results=error, states={"A": "failed"})
    assert not [row for row in open_rows(rows) if row.startswith("Catch")]


def test_a_catch_fails_when_the_task_never_ran() -> None:
    workflow, _ = caught([{"ErrorEquals": ["States.ALL"], "Next": "H"}])
    with pytest.raises(RuntimeError, match="A did not run"):
        called(workflow.tasks["A_catch"], states={"A": "upstream_failed"})


def test_the_error_is_kept_only_where_it_is_read() -> None:
    everything = {"ErrorEquals": ["States.ALL"], "Next": "G"}
    workflow, _ = caught([everything])
    assert payload(workflow.tasks["G"]) == "{{ ti.xcom_pull(task_ids='A', key='error') | tojson }}"
    assert isinstance(workflow.tasks["A"].call.arguments["on_failure_callback"], Function)
    workflow, _ = caught([{**everything, "ResultPath": None}])
    assert payload(workflow.tasks["G"]) == "{{ dag_run.conf | tojson }}"
    assert "on_failure_callback" not in workflow.tasks["A"].call.arguments


def test_a_handler_may_be_the_next_state() -> None:
    workflow, _ = caught([{"ErrorEquals": ["States.ALL"], "Next": "B"}])
    route = workflow.tasks["A_catch"]
    assert [called(route, states={"A": s}) for s in ("success", "failed")] == ["B", "A_caught"]
    assert ("A_caught", "B") in edges(workflow)
    assert workflow.tasks["B"].trigger is JOIN


def test_a_way_past_other_ends_has_a_task_of_its_own() -> None:
    second = {"Variable": "$.y", "IsPresent": True, "Next": "D"}
    inner = {"C": choice({**X, "Next": "D"}, default="Z"), "D": choice({**X, "Next": "K"}, default="E")}
    inner |= {"K": choice(second, default="Z"), "E": work(), "Z": work(Parameters={})}
    inner["K"]["Choices"][0]["Next"] = "E"
    workflow, _ = lifted(inner)
    assert {edge for edge in edges(workflow) if edge[1] == "Z"} == {("C_to_Z", "Z"), ("K", "Z")}
    assert called(workflow.tasks["C"], {}) == "C_to_Z"


def test_a_caught_end_goes_nowhere() -> None:
    states = {"A": work(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "H"}]), "H": work()}
    workflow, rows = lifted(states)
    assert called(workflow.tasks["A_catch"], states={"A": "success"}) == []
    assert not open_rows(rows)


def test_errors_of_other_operators_are_told_by_their_exceptions() -> None:
    glue = {"Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "j"}}
    _, rows = caught([{"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "Next": "H"}], **glue)
    assert [row for row in open_rows(rows) if row.startswith("Catch")]


def test_a_jsonata_catch_hands_on_the_error() -> None:
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Next": "H",
        "Output": {"why": "{% $states.errorOutput.Cause %}"},
    }
    workflow, rows = lifted({"A": work(Catch=[catcher]), "H": work()}, QueryLanguage="JSONata")
    pulled = "ti.xcom_pull(task_ids='A', key='error')['Cause']"
    assert payload(workflow.tasks["H"]) == f'{{"why": {{{{ {pulled} | tojson }}}}}}'
    assert not open_rows(rows)


def test_the_catch_of_a_parallel_waits_for_all_of_its_tasks() -> None:
    stop = {"Type": "Fail", "Error": "Stop"}
    inner = {"C": choice({**X, "Next": "F"}, default="L"), "F": stop, "L": work()}
    branches = [{"StartAt": "C", "States": inner}, {"StartAt": "R", "States": {"R": SENT}}]
    catch = [{"ErrorEquals": ["Odd"], "Next": "Z"}, {"ErrorEquals": ["States.ALL"], "Next": "H"}]
    parallel = {"Type": "Parallel", "Branches": branches, "Catch": catch, "Next": "Z"}
    workflow, rows = lifted({"P": parallel, "Z": work(Parameters={}), "H": work()})
    assert {edge for edge in edges(workflow) if edge[1] == "P_join"} == {(t, "P_join") for t in "FLR"}
    assert workflow.tasks["P_join"].trigger is JOIN
    route = workflow.tasks["P_catch"]
    assert called(route, states={"P_join": "success"}) == "Z"
    assert called(route, states={"P_join": "upstream_failed", "P": "success"}) == "H"
    with pytest.raises(RuntimeError, match="P did not run"):
        called(route, states={"P_join": "upstream_failed", "P": "upstream_failed"})
    assert '"Error": "States.TaskFailed"' not in open_rows(rows)
    assert any("never goes to Z" in row for row in open_rows(rows))


# calls without an operator


def source(task: Task) -> str:
    function = task.call.arguments["python_callable"]
    assert isinstance(function, Function)
    return function.source


@pytest.mark.parametrize(
    ("resource", "parameters", "call"),
    [
        (
            "dynamodb:getItem",
            {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}},
            'client.get_item(TableName="t", Key={"id": {"S": dag_run.conf["id"]}})',
        ),
        (
            "aws-sdk:secretsmanager:getSecretValue",
            {"SecretId.$": "$.name"},
            'client.get_secret_value(SecretId=dag_run.conf["name"])',
        ),
        ("aws-sdk:s3:listBuckets", {}, "client.list_buckets()"),
        ("aws-sdk:rds:describeDBInstances", {}, "client.describe_db_instances()"),
    ],
)
def test_an_action_without_an_operator_is_called_by_the_hook(
    resource: str, parameters: dict, call: str
) -> None:
    state = work(Resource=f"arn:aws:states:::{resource}", Parameters=parameters)
    workflow, rows = lifted({"A": state})
    assert call in source(workflow.tasks["A"])
    client = resource.split(":")[-2]
    assert f'AwsGenericHook(client_type="{client}").conn' in source(workflow.tasks["A"])
    assert not open_rows(rows)


def test_parameters_that_come_as_a_whole_are_spread() -> None:
    state = work(Resource="arn:aws:states:::dynamodb:putItem")
    workflow, _ = lifted({"A": state})
    assert "client.put_item(**dag_run.conf)" in source(workflow.tasks["A"])


@pytest.mark.parametrize(
    ("resource", "parameters", "said"),
    [
        ("aws-sdk:dynamodb:putItem", {"Table": "t"}, "has no parameter `Table`"),
        ("aws-sdk:ecs:listTasks", {"cluster": "c"}, "has no parameter `cluster`"),
        (
            "aws-sdk:emrcontainers:createJobTemplate",
            {"JobTemplateData.$": "$.o"},
            "only known when the machine runs",
        ),
        ("aws-sdk:dynamodb:dance", {}, "no operator"),
    ],
)
def test_an_action_that_cannot_be_called_so_is_open(resource: str, parameters: dict, said: str) -> None:
    state = work(Resource=f"arn:aws:states:::{resource}", Parameters=parameters)
    workflow, rows = lifted({"A": state})
    assert is_placeholder(workflow.tasks["A"])
    assert any(said in row for row in open_rows(rows))


def test_resources_of_other_partitions_have_their_operators() -> None:
    parameters = {"DBInstanceIdentifier": "d", "DBSnapshotIdentifier": "s"}
    state = work(Resource="arn:aws-cn:states:::aws-sdk:rds:createDBSnapshot", Parameters=parameters)
    workflow, _ = lifted({"A": state})
    assert not is_placeholder(workflow.tasks["A"])


def test_a_retrier_without_attempts_is_no_policy() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]
    workflow, _ = lifted({"A": work(Retry=retry)})
    assert workflow.tasks["A"].policy == Policy()


@pytest.mark.parametrize(
    ("resource", "variable", "disposition"),
    [
        ("${Load.Arn}", "Load_Arn", Disposition.NOTED),
        ("to be done", "to_be_done", Disposition.DECISION),
        ("%%", "function", Disposition.DECISION),
    ],
)
def test_a_resource_that_is_no_arn_is_a_variable(
    resource: str, variable: str, disposition: Disposition
) -> None:
    handler = {"ErrorEquals": ["States.ALL"], "Next": "H"}
    workflow, rows = lifted({"A": work(Resource=resource, Catch=[handler]), "H": work()})
    (found,) = (row for row in rows if row.construct == "placeholder")
    assert found.disposition is disposition
    name = workflow.tasks["A"].call.arguments["function_name"]
    assert name == Literal(f"{{{{ var.value.{variable} }}}}")
    assert "H" in workflow.tasks


# the output


@pytest.mark.parametrize(
    ("state", "is_said"),
    [
        (work(Parameters={"Subject": "s"}), False),
        ({"Type": "Succeed"}, False),
        (work(OutputPath="$.MessageId"), True),
        ({"Type": "Pass", "Result": 1}, True),
        ({"Type": "Succeed", "OutputPath": "$.a"}, True),
        (each({"I": work()}, ItemsPath="$.items"), True),
    ],
)
def test_what_an_execution_gives_back_is_not_kept(state: dict, is_said: bool) -> None:
    ends = {} if state["Type"] == "Succeed" else {"End": True}
    _, rows = lifted({"A": {**state, **ends}})
    assert any(row.construct == "output" for row in rows) is is_said
