"""The data of machines in DAGs: what a Pass makes in the interpreter is what the DAG's functions make."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonata import Jsonata
from tests.test_lift import Instance, called, edges, invoke, lifted, open_rows, payload, work
from tests.verify.engine_cases import flow

from dagmig.asl.lift.runtime import MISSING, find_field
from dagmig.diagnostics import Disposition
from dagmig.graph.values import Function
from dagmig.verify.engine import compile_machine, run

INPUT = {
    "a": [3, 1.0, True, None, "x", 3, {"b": 1}, {"b": 2, "c": [1]}],
    "n": 7,
    "half": 2.5,
    "text": "a,b;;c",
    "json": '{"k": [1, 2]}',
    "o": {"p": 1, "q": {"r": None}},
    "books": [
        {"title": "A", "price": 5, "tags": ["new"]},
        {"title": "B", "price": 20.5},
        {"title": "C", "price": "5"},
        {"price": 7, "isbn": None},
    ],
    "nothing": None,
    "yes": True,
    "base": "aMOkIQ==",
}

PATHS = [
    "$.a[*]",
    "$.a[*].b",
    "$..b",
    "$..*",
    "$.o.*",
    "$.a[0:2]",
    "$.a[-2:]",
    "$.a[0,2]",
    "$['n','text']",
    "$.o['p','z']",
    "$.missing[*]",
    "$.text[*]",
    "$.books[*].price",
    "$.books[?(@.price<10)]",
    "$.books[?(@.price<10)].title",
    "$.books[?(@.isbn)]",
    "$.books[?(!@.isbn)].title",
    "$.books[?(@.title=='A'||@.price>=20.5)]",
    "$.books[?(@.price>1&&@.price<=7)].price",
    "$.books[?(@.price!=5)].title",
    "$.books[?(@.tags[0]=='new')].title",
    "$.books[?(@.isbn==null)]",
    "$..[?(@.price==5)]",
    "$.books[*]['title','price']",
    "$..books[0]",
    "$.a[::2]",
    "$.n[0:1]",
    "$.books[?((@.price<6)&&(@.title=='A'))]",
]

INTRINSICS = [
    "States.MathAdd($.n, 1)",
    "States.MathAdd($.half, $.half)",
    "States.MathAdd($.text, 1)",
    "States.MathAdd($.yes, 1)",
    "States.MathAdd(2147483647, $.n)",
    "States.ArrayLength($.a)",
    "States.ArrayLength($.text)",
    "States.ArrayLength(States.Array($.a, 1))",
    "States.ArrayGetItem($.a, 2)",
    "States.ArrayGetItem($.a, -1)",
    "States.ArrayGetItem($.a, 99)",
    "States.ArrayContains($.a, true)",
    "States.ArrayContains($.a, 0)",
    "States.ArrayContains($.a, $.o)",
    "States.ArrayUnique($.a)",
    "States.ArrayPartition($.a, 3)",
    "States.ArrayPartition($.a, 0)",
    "States.ArrayRange(1, $.n, 2)",
    "States.ArrayRange($.n, 1, -3)",
    "States.ArrayRange(1, 5000, 1)",
    "States.Base64Encode($.text)",
    "States.Base64Decode($.base)",
    "States.Base64Decode($.text)",
    "States.Hash($.text, 'SHA-256')",
    "States.Hash($.text, 'MD5')",
    "States.Hash($.text, 'CRC')",
    "States.JsonMerge($.o, $.o.q, false)",
    "States.JsonMerge($.o, $.n, false)",
    "States.StringToJson($.json)",
    "States.StringToJson($.text)",
    "States.StringToJson('')",
    "States.JsonToString($.o)",
    "States.JsonToString($.books[*].price)",
    "States.StringSplit($.text, ',;')",
    "States.StringSplit($.n, ',')",
    "States.Format('{}-{}-{}', $.n, $.yes, $.nothing)",
    "States.Format('o={} a={} \\{\\}', $.o, $.a)",
    "States.Format('{}', States.MathAdd($.n, States.ArrayLength($.a)))",
]

EXPRESSIONS = [
    "$sum([1, $states.input.n])",
    "$states.input.n + 1",
    "$states.input.n > 3 ? 'many' : 'few'",
    "$states.input.books[price < 10 and $type(price) = 'number'].title",
    "$map($states.input.a, function($v) { $type($v) })",
    "[$states.input.a, 1]",
    "[$states.input.n]",
    "{'n': [$states.input.n, $states.input.nothing]}",
    "$merge([$states.input.o, {'z': 1}])",
    "$parse($states.input.json).k",
    "$string($states.input.o)",
    "'o=' & $states.input.o",
    "'f=' & 1.0 & 2.50",
    "$partition($states.input.a, 3)",
    "$range(0, $states.input.n, 2)",
    "$hash($states.input.text, 'SHA-1')",
    "$exists($states.input.missing)",
    "$exists($states.input.o.q.r)",
    "$states.input.nothing = null",
    "$states.input.missing",
    "$sum($states.input.text)",
    "( $x := $states.input.n; $x * $x )",
    "$count($states.input.books[price > 100])",
    "$states.context.State.Name & '!'",
    "$uppercase($states.input.text) ~> $substring(0, 3)",
    "$lookup($states.input.o, 'p')",
]


class Conn:
    """Stands for AWS: a call answers with what it is given."""

    conn = property(lambda self: self)

    def get_item(self, **given: Any) -> Any:
        return given


JSONATA = {"QueryLanguage": "JSONata"}


def _made(states: dict[str, Any], **fields: Any) -> Any:
    """What the run of the DAG gives the call of its last state."""
    workflow, rows = lifted(states, **fields)
    assert not open_rows(rows)
    results: dict[str, Any] = {}
    for task in workflow.tasks.values():
        held = task.call.arguments["python_callable"]
        assert isinstance(held, Function)
        source = re.sub(r"from airflow\S* import .*", "", held.source)
        names: dict[str, Any] = {"AwsGenericHook": lambda client_type: Conn()}
        exec(compile(source, "function", "exec"), names)
        given = {"dag_run": SimpleNamespace(conf=INPUT), "ti": Instance(results, {}), "run_id": "run"}
        results[task.id] = names[held.name](**{p.name: given[p.name] for p in held.parameters})
    return results["Z"]["Key"]


def _compare(document: dict[str, Any], states: dict[str, Any], **fields: Any) -> None:
    trace = run(compile_machine({**document, **fields}), INPUT, lambda attempt: pytest.fail("no call"))
    if trace.status == "SUCCEEDED":
        assert json.dumps(_made(states, **fields)) == json.dumps(trace.output["x"])
    else:
        with pytest.raises(Exception, match=r"."):
            _made(states, **fields)


GET = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem", "End": True}


@pytest.mark.parametrize("path", [*PATHS, *INTRINSICS])
def test_jsonpath_is_made_as_in_the_machine(path: str) -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": path}}
    last = {**GET, "Parameters": {"TableName": "t", "Key.$": "$.x"}}
    _compare(flow(P=state), {"P": {**state, "Next": "Z"}, "Z": last})


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_jsonata_is_made_as_in_the_machine(expression: str) -> None:
    state = {"Type": "Pass", "Output": {"x": f"{{% {expression} %}}"}}
    last = {**GET, "Arguments": {"TableName": "t", "Key": "{% $states.input.x %}"}}
    _compare(flow(P=state), {"P": {**state, "Next": "Z"}, "Z": last}, QueryLanguage="JSONata")


def test_a_pass_that_makes_data_is_a_function() -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": "States.MathAdd($.n, 1)", "y.$": "$.n"}, "Next": "Z"}
    workflow, rows = lifted({"P": state, "Z": work()})
    assert called(workflow.tasks["P"], INPUT) == {"x": 8}
    assert payload(workflow.tasks["Z"]) == (
        "{\"x\": {{ ti.xcom_pull(task_ids='P')['x'] | tojson }}, \"y\": {{ dag_run.conf['n'] | tojson }}}"
    )
    assert [row.disposition for row in rows if row.task == "P"] == [Disposition.EXACT]


def test_what_no_template_says_is_made_before_the_operator() -> None:
    workflow, rows = lifted({"A": work("B"), "B": work(Parameters={"k.$": "$.items[*].id", "n": 1})})
    assert edges(workflow) == {("A", "B_arguments"), ("B_arguments", "B")}
    made = called(workflow.tasks["B_arguments"], results={"A": '{"items": [{"id": 1}, {"id": 2}]}'})
    assert made == {"k": [1, 2]}
    assert payload(workflow.tasks["B"]) == (
        "{\"k\": {{ ti.xcom_pull(task_ids='B_arguments')['k'] | tojson }}, \"n\": 1}"
    )
    assert not open_rows(rows)


def test_an_error_of_the_arguments_is_caught_where_a_function_makes_them() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Z"}]
    given = {"k.$": "States.ArrayLength($.a)"}
    workflow, rows = lifted({"A": work("Z", Parameters=given, Catch=catch), "Z": work()})
    assert open_rows(rows) == []
    assert workflow.tasks["A"].call.operator == "@task"
    assert "A_arguments" not in workflow.tasks
    sent = {"FunctionName": "f", "InvocationType": "Event", "Payload": {"x.$": "States.UUID()"}}
    _, rows = lifted(
        {"A": work("Z", Catch=catch, Resource="arn:aws:states:::lambda:invoke", Parameters=sent), "Z": work()}
    )
    assert "arguments: an error while its arguments are made is not caught" in open_rows(rows)


@pytest.mark.parametrize("conf", [{"a": 1}, {"a": 1, "deep": {"b": 2}}, {"a": 1, "deep": {"er": {"c": 3}}}])
def test_a_result_path_makes_the_objects_that_lead_to_it(conf: Any) -> None:
    first = {"Type": "Pass", "Result": 1, "ResultPath": "$.deep.er.one", "Next": "P"}
    second = {"Type": "Pass", "Result": 2, "ResultPath": "$.deep.er.two", "Next": "A"}
    states = {"F": first, "P": second, "A": work(Parameters={"given.$": "States.JsonToString($)"})}
    workflow, rows = lifted(states)
    assert not open_rows(rows)
    er = conf.get("deep", {}).get("er", {})
    wanted = {**conf, "deep": {**conf.get("deep", {}), "er": {**er, "one": 1, "two": 2}}}
    given = called(workflow.tasks["A_arguments"], conf)
    assert isinstance(given, dict)
    assert json.loads(given["given"]) == wanted


def test_what_is_beside_a_made_object_may_still_not_be_missing() -> None:
    first = {"Type": "Pass", "Result": 1, "ResultPath": "$.deep.one", "Next": "A"}
    workflow, _ = lifted({"F": first, "A": work(Parameters={"x.$": "States.JsonToString($.deep.other)"})})
    with pytest.raises(KeyError):
        called(workflow.tasks["A_arguments"], {})
    assert called(workflow.tasks["A_arguments"], {"deep": {"other": 5}}) == {"x": "5"}


def test_a_path_of_several_finds_nothing_where_there_is_nothing() -> None:
    first = {"Type": "Pass", "Result": 1, "ResultPath": "$.x", "Next": "A"}
    workflow, _ = lifted({"F": first, "A": work(Parameters={"x.$": "States.JsonToString($.items[*])"})})
    assert called(workflow.tasks["A_arguments"], {}) == {"x": "[]"}
    assert called(workflow.tasks["A_arguments"], {"items": [1]}) == {"x": "[1]"}


def test_chance_is_made_once() -> None:
    states = {
        "A": work("B", ResultSelector={"id.$": "States.UUID()"}),
        "B": work("C", ResultPath=None),
        "C": work(),
    }
    workflow, rows = lifted(states)
    assert edges(workflow) == {("A", "A_output"), ("A_output", "B"), ("B", "C")}
    assert payload(workflow.tasks["B"]) == payload(workflow.tasks["C"])
    assert not open_rows(rows)


def test_chance_after_a_choice_is_open() -> None:
    rules = [{"Condition": "{% $states.input.n > 1 %}", "Next": "A", "Output": {"id": "{% $uuid() %}"}}]
    states = {
        "C": {"Type": "Choice", "Choices": rules, "Default": "A"},
        "A": invoke(Payload="{% $states.input.id %}"),
    }
    _, rows = lifted(states, QueryLanguage="JSONata")
    assert any("depends on" in row for row in open_rows(rows))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$$.State.Name", "A"),
        ("$$.State.RetryCount", "{{ (ti.try_number - 1) | tojson }}"),
        ("$$.StateMachine.Name", "{{ dag_run.dag_id | tojson }}"),
        ("$$.Execution.Name", "{{ run_id | tojson }}"),
    ],
)
def test_the_context_object(path: str, expected: str) -> None:
    workflow, rows = lifted({"A": work(Parameters={"x.$": path})})
    found = payload(workflow.tasks["A"])
    assert found == f'{{"x": {expected}}}' if expected != "A" else found == '{"x": "A"}'
    assert not open_rows(rows)


def test_the_start_of_the_execution_is_written_as_step_functions_does() -> None:
    workflow, rows = lifted({"A": work(Parameters={"x.$": "$$.Execution.StartTime"})})
    started = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=timezone.utc)
    held = workflow.tasks["A_arguments"].call.arguments["python_callable"]
    assert isinstance(held, Function)
    names: dict[str, Any] = {}
    exec(compile(held.source, "function", "exec"), names)
    assert names[held.name](dag_run=SimpleNamespace(start_date=started)) == {"x": "2024-05-06T07:08:09.123Z"}
    assert not open_rows(rows)


@pytest.mark.parametrize(
    ("key", "disposition"),
    [("who.$", Disposition.DECISION), ("AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$", Disposition.NOTED)],
)
def test_the_arn_of_the_execution(key: str, disposition: Disposition) -> None:
    _, rows = lifted({"A": work(Parameters={key: "$$.Execution.Id"})})
    assert [row.disposition for row in rows if row.construct == "execution-id"] == [disposition]


def test_the_library_is_said_to_be_needed() -> None:
    condition = "{% $count($states.input.a) > 2 %}"
    choice = {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "A"}], "Default": "B"}
    workflow, rows = lifted({"C": choice, "A": invoke(), "B": invoke()}, QueryLanguage="JSONata")
    assert called(workflow.tasks["C"], INPUT) == "A"
    assert called(workflow.tasks["C"], {"a": [1]}) == "B"
    assert [row.task for row in rows if row.construct == "jsonata"] == ["C"]


def test_a_condition_that_is_no_boolean_fails() -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $count($states.input.a) %}", "Next": "A"}]}
    workflow, _ = lifted({"C": choice, "A": invoke()}, QueryLanguage="JSONata")
    with pytest.raises(ValueError, match="neither"):
        called(workflow.tasks["C"], INPUT)


def test_boto3_spells_parameters_and_answers_otherwise() -> None:
    given = {
        "Cluster.$": "$.cluster",
        "Overrides": {
            "ContainerOverrides": [{"Name": "c", "Environment": [{"Name": "N", "Value.$": "$.n"}]}]
        },
        "TaskDefinition": "t",
    }
    first = work("Z", Resource="arn:aws:states:::aws-sdk:ecs:runTask", Parameters=given)
    last = work(Parameters={"arn.$": "$.Tasks[0].TaskArn"})
    workflow, rows = lifted({"A": first, "Z": last})
    held = workflow.tasks["A"].call.arguments["python_callable"]
    assert isinstance(held, Function)
    calls: list[dict[str, Any]] = []

    class Ecs:
        conn = property(lambda self: self)

        def run_task(self, **given: Any) -> Any:
            calls.append(given)
            return {"tasks": [{"taskArn": "a", "tags": [{"key": "k"}]}], "failures": []}

    names: dict[str, Any] = {"AwsGenericHook": lambda client_type: Ecs()}
    exec(compile(re.sub(r"from airflow\S* import .*", "", held.source), "function", "exec"), names)
    answer = names[held.name](dag_run=SimpleNamespace(conf={"cluster": "x", "n": "1"}))
    environment = [{"name": "N", "value": "1"}]
    overrides = {"containerOverrides": [{"name": "c", "environment": environment}]}
    assert calls == [{"cluster": "x", "overrides": overrides, "taskDefinition": "t"}]
    assert answer == {"Tasks": [{"TaskArn": "a", "Tags": [{"Key": "k"}]}], "Failures": []}
    assert "ti.xcom_pull(task_ids='A')['Tasks'][0]['TaskArn']" in str(payload(workflow.tasks["Z"]))
    assert not open_rows(rows)


@pytest.mark.parametrize("name", ["DbInstanceIdentifier", "DBInstanceIdentifier"])
def test_sdk_states_have_the_letters_of_the_sdk_for_java(name: str) -> None:
    resource = "arn:aws:states:::aws-sdk:rds:describeDBInstances"
    first = work("Z", Resource=resource, Parameters={f"{name}.$": "$.db"})
    last = work(Parameters={"state.$": "$.DbInstances[0].DbInstanceStatus"})
    workflow, rows = lifted({"A": first, "Z": last})
    assert not open_rows(rows)
    held = workflow.tasks["A"].call.arguments["python_callable"]
    assert isinstance(held, Function)
    calls: list[dict[str, Any]] = []

    class Rds:
        conn = property(lambda self: self)

        def describe_db_instances(self, **given: Any) -> Any:
            calls.append(given)
            tags = [{"Key": "DBOwner", "Value": "us"}]
            found = {"DBInstanceStatus": "available", "DBInstanceArn": "a", "TagList": tags, "Iops": 3}
            return {"DBInstances": [found], "ResponseMetadata": {}}

    names: dict[str, Any] = {"AwsGenericHook": lambda client_type: Rds()}
    exec(compile(re.sub(r"from airflow\S* import .*", "", held.source), "function", "exec"), names)
    answer = names[held.name](dag_run=SimpleNamespace(conf={"db": "x"}))
    assert calls == [{"DBInstanceIdentifier": "x"}]
    tags = [{"Key": "DBOwner", "Value": "us"}]
    found = {"DbInstanceStatus": "available", "DbInstanceArn": "a", "TagList": tags, "Iops": 3}
    assert answer == {"DbInstances": [found]}
    assert "['DbInstances'][0]['DbInstanceStatus']" in str(payload(workflow.tasks["Z"]))


def test_a_name_is_asked_of_each_result_of_a_parallel_that_is_one_task() -> None:
    branch = {"StartAt": "A", "States": {"A": work(Arguments={})}}
    state = {
        "Type": "Parallel",
        "Branches": [branch],
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "Next": "Z",
    }
    last = work(Arguments={"x": "{% $states.input.a %}"})
    workflow, rows = lifted({"P": state, "Z": last}, QueryLanguage="JSONata")
    assert not open_rows(rows)
    held = workflow.tasks["Z_arguments"].call.arguments["python_callable"]
    assert isinstance(held, Function)
    assert 'evaluate("$states.input.a"' in held.source


def test_types_of_dynamodb_keep_their_letters() -> None:
    given = {"TableName": "t", "Item": {"ok": {"BOOL": True}}}
    workflow, rows = lifted(
        {"A": work(Resource="arn:aws:states:::aws-sdk:dynamodb:putItem", Parameters=given)}
    )
    assert not open_rows(rows)
    held = workflow.tasks["A"].call.arguments["python_callable"]
    assert isinstance(held, Function)
    assert 'Item={"ok": {"BOOL": True}}' in held.source
    assert "in_sdk_case" not in held.source


@pytest.mark.parametrize("path", ["$states.result.n", "$states.result.a.b"])
def test_a_path_over_the_results_of_a_map_is_left_to_jsonata(path: str) -> None:
    """JSONata takes the member of each item, where a list of Python has no such key."""
    body = {"StartAt": "I", "States": {"I": {**invoke(), "End": True}}}
    state = {"Type": "Map", "Items": [1, 2], "ItemProcessor": body, "Output": f"{{% {path} %}}", "Next": "S"}
    after = {**invoke(), "Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"}, "End": True}
    workflow, rows = lifted({"M": state, "S": after}, QueryLanguage="JSONata")
    assert open_rows(rows) == []
    source = workflow.tasks["M_output"].call.arguments["python_callable"].source
    assert "evaluate(" in source and f'"{path}"' in source


def test_the_text_of_an_answer_is_written_anew() -> None:
    """Lambda may answer with spaces, which States.JsonToString does not write."""
    states = {
        "Ask": {**work("Say"), "Resource": "arn:aws:lambda:us-east-1:1:function:ask"},
        "Say": {**work(), "Parameters": {"said.$": "States.JsonToString($)"}},
    }
    workflow, _ = lifted(states)
    made = called(workflow.tasks["Say_arguments"], results={"Ask": '{"a": [1, 2]}'})
    assert made == {"said": '{"a":[1,2]}'}


_LEAVES = st.one_of(st.integers(0, 3), st.text("ab", max_size=2), st.booleans())
_DATA = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner.filter(lambda one: not isinstance(one, list)), min_size=2, max_size=3),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(_DATA, st.lists(st.sampled_from(["a", "b", 0, 1, -1]), min_size=1, max_size=3))
def test_a_field_is_found_as_jsonata_finds_it(data: Any, path: list[str | int]) -> None:
    expression = "$" + "".join(f".{key}" if isinstance(key, str) else f"[{key}]" for key in path)
    found = find_field(data, *path)
    assert (found is not MISSING) is Jsonata(f"$exists({expression})").evaluate(data)
    assert found is MISSING or found == Jsonata(expression).evaluate(data)


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"Parameters": {"r.$": "$$.Execution.RoleArn"}}, {}),
        ({"Arguments": {"Payload": "{% $states.context.Execution.RoleArn %}", "FunctionName": "f"}}, JSONATA),
    ],
)
def test_the_role_of_the_machine_is_in_a_variable(fields: dict, language: dict) -> None:
    resource = {"Resource": "arn:aws:states:::lambda:invoke"} if language else {}
    workflow, rows = lifted({"A": work(**resource, **fields)}, **language)
    assert open_rows(rows) == []
    (row,) = (row for row in rows if row.construct == "placeholder")
    assert "`<id of the DAG>_role_arn`" in row.difference
    function = workflow.tasks["A_arguments"].call.arguments["python_callable"]
    assert isinstance(function, Function)
    assert 'Variable.get(dag_run.dag_id + "_role_arn")' in function.source


def test_the_library_is_given_only_the_member_that_an_expression_filters() -> None:
    text = "{% $states.input.a[$states.context.Execution.Name = 'x'][1].b + $millis() %}"
    made = {"Type": "Pass", "Output": text, "Next": "B"}
    sent = {"FunctionName": "f", "Payload": "{% $states.input %}"}
    states = {"A": made, "B": work(Resource="arn:aws:states:::lambda:invoke", Arguments=sent)}
    workflow, rows = lifted(states, **JSONATA)
    assert open_rows(rows) == []
    function = workflow.tasks["A"].call.arguments["python_callable"]
    assert isinstance(function, Function)
    given = '{"states": {"input": dag_run.conf, "context": {"Execution": {"Name": run_id}}}}'
    assert given in function.source
