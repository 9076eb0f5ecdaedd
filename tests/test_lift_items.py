"""Items of a distributed Map: what an ItemReader reads, batches, failures that are tolerated."""

from __future__ import annotations

import io
import types
from datetime import datetime, timezone
from typing import Any

import pytest
from tests.test_lift import called, each, lifted, open_rows, work

from dagmig.asl.lift import runtime
from dagmig.graph.model import Task, TriggerRule
from dagmig.graph.values import Function

CSV = "arn:aws:states:::s3:getObject"
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


class S3:
    """Stands for a client: one object, or three that are listed on two pages."""

    def __init__(self, content: str) -> None:
        self.content = content
        self.asked: list[dict[str, Any]] = []

    def get_object(self, **place: Any) -> dict[str, Any]:
        self.asked.append(place)
        return {"Body": io.BytesIO(self.content.encode())}

    def get_paginator(self, name: str) -> types.SimpleNamespace:
        assert name == "list_objects_v2"
        return types.SimpleNamespace(paginate=self.pages)

    def pages(self, **place: Any) -> list[dict[str, Any]]:
        self.asked.append(place)
        one = {
            "ETag": '"e"',
            "LastModified": datetime(2024, 1, 2, tzinfo=timezone.utc),
            "Size": 3,
            "StorageClass": "STANDARD",
        }
        return [
            {"Contents": [{**one, "Key": "a"}, {**one, "Key": "b"}]},
            {"Contents": [{**one, "Key": "c"}]},
            {},
        ]


def distributed(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    found = each(states, **fields)
    found["ItemProcessor"]["ProcessorConfig"] = DISTRIBUTED
    return {**found, "End": True}


def reader(kind: str, **config: Any) -> dict[str, Any]:
    return {
        "Resource": CSV,
        "ReaderConfig": {"InputType": kind, **config},
        "Parameters": {"Bucket.$": "$.bucket", "Key": "k"},
    }


def listed(state: dict[str, Any], conf: object, content: str = "", results: object = None) -> tuple[Any, S3]:
    """What the task returns that lists the items, and whom it asked."""
    workflow, rows = lifted({"M": state})
    assert not open_rows(rows), open_rows(rows)
    client = S3(content)
    return run(workflow.tasks["M_items"], conf, client), client


def run(task: Task, conf: object, client: S3) -> Any:
    function = task.call.arguments["python_callable"]
    assert isinstance(function, Function)
    hook = "from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook\n"
    assert (hook in function.source) == ("AwsGenericHook(" in function.source)
    names: dict[str, Any] = {"AwsGenericHook": lambda client_type: types.SimpleNamespace(conn=client)}
    exec(compile(function.source.replace(hook, ""), "function", "exec"), names)
    given = {"dag_run": types.SimpleNamespace(conf=conf)}
    return names[function.name](**{p.name: given[p.name] for p in function.parameters})


def test_rows_of_a_csv_file_are_objects_of_texts() -> None:
    text = 'id,name\r\n1,"a ""b"", c"\n2\n\n3,d,more\n4,e\\,f\n'
    found, client = listed(
        distributed({"I": work()}, ItemReader=reader("CSV", CSVHeaderLocation="FIRST_ROW")),
        {"bucket": "b"},
        text,
    )
    assert client.asked == [{"Bucket": "b", "Key": "k"}]
    assert found == [
        {"id": "1", "name": 'a "b", c'},
        {"id": "2", "name": ""},
        {"id": "3", "name": "d"},
        {"id": "4", "name": "e,f"},
    ]


def test_names_of_columns_may_be_given_and_rows_limited() -> None:
    config = {"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"], "CSVDelimiter": "PIPE", "MaxItems": 2}
    found, _ = listed(
        distributed({"I": work()}, ItemReader=reader("CSV", **config)), {"bucket": "b"}, "1|2\n3|4\n5|6"
    )
    assert found == [{"x": "1", "y": "2"}, {"x": "3", "y": "4"}]


@pytest.mark.parametrize(
    ("kind", "config", "text", "expected"),
    [
        ("JSON", {}, '[1, {"a": 2}]', [1, {"a": 2}]),
        ("JSON", {}, '{"a": 1, "b": 2}', [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}]),
        ("JSON", {"ItemsPointer": "/a~1b/0"}, '{"a/b": [[1, 2], 3]}', [1, 2]),
        ("JSONL", {}, '{"a": 1}\n\n[2]\n', [{"a": 1}, [2]]),
    ],
)
def test_values_of_a_json_file_are_items(
    kind: str, config: dict[str, Any], text: str, expected: list[Any]
) -> None:
    assert (
        listed(distributed({"I": work()}, ItemReader=reader(kind, **config)), {"bucket": "b"}, text)[0]
        == expected
    )


def test_objects_are_listed_page_by_page_with_their_properties() -> None:
    source = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix": "p/"}}
    found, client = listed(distributed({"I": work()}, ItemReader=source), {})
    assert client.asked == [{"Bucket": "b", "Prefix": "p/"}]
    assert [one["Key"] for one in found] == ["a", "b", "c"]
    assert found[0] == {
        "Etag": '"e"',
        "Key": "a",
        "LastModified": 1704153600,
        "Size": 3,
        "StorageClass": "STANDARD",
    }


def test_batches_have_at_most_so_many_items_and_bytes() -> None:
    batcher = {"MaxItemsPerBatch": 3, "MaxInputBytesPerBatch": 8, "BatchInput": {"day.$": "$.day"}}
    found, _ = listed(
        distributed({"I": work()}, ItemsPath="$.items", ItemBatcher=batcher),
        {"day": "d", "items": [1, 2, 3, 4, "abcdef", 5]},
    )
    assert [one["Items"] for one in found] == [[1, 2, 3], [4], ["abcdef"], [5]]
    assert all(one["BatchInput"] == {"day": "d"} for one in found)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ItemReader": reader("ORC")}, "its ItemReader (ORC)"),
        ({"ItemReader": reader("CSV", CSVDelimiter="HASH")}, "its CSV file"),
        (
            {"ItemReader": {**reader("JSON"), "Resource": "arn:aws:states:::athena:x"}},
            "its ItemReader (athena:x)",
        ),
        ({"ItemReader": reader("JSON", ItemsPointer="a")}, "JSON pointer"),
        ({"ItemReader": "x"}, "its ItemReader"),
        ({"ItemBatcher": []}, "its ItemBatcher"),
        ({"ToleratedFailureCount": "x"}, "its ToleratedFailureCount"),
    ],
)
def test_what_cannot_be_read_is_open(fields: dict[str, Any], said: str) -> None:
    _, rows = lifted({"M": distributed({"I": work()}, **fields)})
    assert any(said in text for text in open_rows(rows)), open_rows(rows)


def test_an_item_that_asks_about_its_own_execution_is_open() -> None:
    asks = work(Parameters={"x.$": "$$.Execution.Input"})
    _, rows = lifted({"M": distributed({"I": asks})})
    assert any("asks about the execution" in text for text in open_rows(rows))
    _, rows = lifted({"M": distributed({"I": work()}, ItemsPath="$.all", ItemSelector=asks["Parameters"])})
    assert not open_rows(rows)


def test_results_are_gathered_whatever_became_of_items_that_may_fail() -> None:
    workflow, rows = lifted(
        {"M": distributed({"I": work()}, ItemsPath="$.all", ToleratedFailurePercentage=10)}
    )
    assert not open_rows(rows)
    task = workflow.tasks["M_results"]
    function = task.call.arguments["python_callable"]
    assert task.trigger is TriggerRule.ALL_DONE
    assert (
        isinstance(function, Function) and 'too_many_failed(ti, names, "M_items", 0, 10)' in function.source
    )


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"ItemSelector": {"v.$": "$$.Map.Item.Value"}}, [{"v": 1}, {"v": 2}]),
        (
            {"ItemBatcher": {"MaxItemsPerBatch": 1}},
            [{"Items": [{"Key": "a", "Value": 1}]}, {"Items": [{"Key": "b", "Value": 2}]}],
        ),
    ],
)
def test_the_members_of_an_object_are_items(fields: dict, wanted: list) -> None:
    states = {"M": {**each({"A": work()}), "ItemsPath": "$.found", **fields, "End": True}}
    workflow, rows = lifted(states)
    assert not open_rows(rows)
    assert called(workflow.tasks["M_items"], {"found": {"a": 1, "b": 2}}) == wanted
    with pytest.raises(ValueError, match="neither a list nor an object"):
        called(workflow.tasks["M_items"], {"found": "text"})


class Files(S3):
    """Several objects, by key; those that are listed are ``a``, ``b``, and a folder."""

    def __init__(self, **content: str) -> None:
        super().__init__("")
        self.files = content

    def get_object(self, **place: Any) -> dict[str, Any]:
        self.asked.append(place)
        return {"Body": io.BytesIO(self.files[place["Key"]].encode())}

    def pages(self, **place: Any) -> list[dict[str, Any]]:
        one = super().pages(**place)[0]["Contents"][0]
        return [{"Contents": [{**one, "Key": key} for key in ("a", "b", "folder/")]}]


def test_the_data_of_all_listed_objects_are_items() -> None:
    reading = reader("JSONL", Transformation="LOAD_AND_FLATTEN")
    reading = {**reading, "Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "in"}}
    workflow, rows = lifted({"M": distributed({"A": work()}, ItemReader=reading)})
    assert not open_rows(rows)
    client = Files(a='{"n": 1}\n{"n": 2}\n', b='{"n": 3}\n')
    assert run(workflow.tasks["M_items"], {}, client) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert client.asked[1:] == [{"Bucket": "in", "Key": "a"}, {"Bucket": "in", "Key": "b"}]


def test_the_files_that_a_manifest_of_athena_names_are_read() -> None:
    reading = reader("CSV", ManifestType="ATHENA_DATA", CSVHeaderLocation="GIVEN", CSVHeaders=["x"])
    workflow, rows = lifted({"M": distributed({"A": work()}, ItemReader=reading)})
    assert not open_rows(rows)
    client = Files(k="s3://out/q/a\ns3://out/q/b\n", **{"q/a": "1\n2\n", "q/b": "3\n"})
    assert run(workflow.tasks["M_items"], {"bucket": "b"}, client) == [{"x": "1"}, {"x": "2"}, {"x": "3"}]
    assert client.asked[1:] == [{"Bucket": "out", "Key": "q/a"}, {"Bucket": "out", "Key": "q/b"}]


def test_what_a_reader_is_not_known_to_do_is_said() -> None:
    for config in ({"Colour": 1}, {"ManifestType": "OTHER"}):
        reading = reader("MANIFEST", **config)
        _, rows = lifted({"M": distributed({"A": work()}, ItemReader=reading)})
        assert any("its ItemReader" in row for row in open_rows(rows))


RETRY = {"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 0}]}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ItemBatcher": {"MaxItemsPerBatch": 2}},
        {"ToleratedFailureCount": 1},
        {"ToleratedFailurePercentage": 50, "MaxConcurrency": 1},
        {"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}},
    ],
)
def test_a_map_that_is_tried_again_as_a_whole_reads_and_writes_files(fields: dict) -> None:
    reading = {
        "Resource": CSV,
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "b", "Key.$": "$.key"},
    }
    inner = {"ProcessorConfig": DISTRIBUTED, "StartAt": "A", "States": {"A": work()}}
    state = {"Type": "Map", "ItemReader": reading, "ItemProcessor": inner, **RETRY, **fields, "End": True}
    workflow, rows = lifted({"M": state})
    assert not open_rows(rows)
    held = workflow.tasks["M"].call.arguments["python_callable"]
    assert isinstance(held, Function)
    assert "retried(" in held.source
    assert ("tolerant(" in held.source) is any(name.startswith("Tolerated") for name in fields)
    assert ("batches(" in held.source) is ("ItemBatcher" in fields)
    assert ("write_results(" in held.source) is ("ResultWriter" in fields)


def _fails(number: int) -> Any:
    def work_of(stopped: Any) -> int:
        if number < 0:
            raise ValueError(f"{number} is broken")
        return number

    return work_of


@pytest.mark.parametrize(
    ("numbers", "count", "percentage", "wanted"),
    [
        ([1, 2, 3], 0, 0, [1, 2, 3]),
        ([1, -2, 3], 1, 0, [1, 3]),
        ([1, -2, 3], 0, 34, [1, 3]),
        ([1, -2, 3], 0, 33, None),
        ([-1, -2, 3], 1, 0, None),
        ([], 0, 0, []),
    ],
)
def test_failures_are_tolerated(numbers: list, count: int, percentage: int, wanted: list | None) -> None:
    works = [_fails(number) for number in numbers]
    if wanted is not None:
        assert runtime.tolerant(works, count, percentage) == wanted
        return
    with pytest.raises(ValueError, match="too many") as raised:
        runtime.tolerant(works, count, percentage, 1)
    assert runtime.error_output(raised.value)["Error"] == "States.ExceedToleratedFailureThreshold"
