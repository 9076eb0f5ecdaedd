"""Items of an inventory and of a Parquet file, and results that a ResultWriter writes."""

from __future__ import annotations

import gzip
import io
import json
import sys
import types
from typing import Any

import pytest
from tests.test_lift import each, lifted, open_rows, work
from tests.test_lift_groups import source

from dagmig.asl.lift import item_files
from dagmig.diagnostics import Disposition

DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
PUT = "arn:aws:states:::s3:putObject"


class S3:
    """Stands for a client with these objects, by key."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[f"{Bucket}/{Key}"])}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:
        self.objects[f"{Bucket}/{Key}"] = Body


def distributed(**fields: Any) -> dict[str, Any]:
    state = {**each({"I": work()}), "ItemsPath": "$.items", "End": True, **fields}
    state["ItemProcessor"] = {**state["ItemProcessor"], "ProcessorConfig": DISTRIBUTED}
    return state


def test_the_rows_of_an_inventory_have_the_names_of_its_manifest() -> None:
    manifest = {
        "destinationBucket": "arn:aws:s3:::stock",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "a.csv.gz"}, {"key": "b.csv.gz"}],
    }
    client = S3(
        {
            "list/manifest.json": json.dumps(manifest).encode(),
            "stock/a.csv.gz": gzip.compress(b'"x","k/1","3"\n'),
            "stock/b.csv.gz": gzip.compress(b'"x","k/2","4"\n'),
        }
    )
    found = item_files.s3_inventory(client, {"Bucket": "list", "Key": "manifest.json"})
    assert found == [{"Bucket": "x", "Key": "k/1", "Size": "3"}, {"Bucket": "x", "Key": "k/2", "Size": "4"}]


def test_the_rows_of_a_parquet_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def read_table(content: io.BytesIO) -> Any:
        read.append(content.read())
        return types.SimpleNamespace(to_pylist=lambda: [{"a": 1}])

    library = types.SimpleNamespace(parquet=types.SimpleNamespace(read_table=read_table))
    monkeypatch.setitem(sys.modules, "pyarrow", library)  # type: ignore[arg-type]
    assert item_files.parquet_rows(S3({"b/k": b"rows"}), {"Bucket": "b", "Key": "k"}) == [{"a": 1}]
    assert read == [b"rows"]
    source_ = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "PARQUET"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    workflow, rows = lifted({"M": distributed(ItemReader=source_)})
    assert open_rows(rows) == []
    assert "from pyarrow import parquet" in source(workflow.tasks["M_items"])
    assert [row.construct for row in rows if "pyarrow" in row.difference] == ["parquet"]


def test_another_manifest_is_not_read() -> None:
    config = {"InputType": "MANIFEST", "ManifestType": "ATHENA_DATA"}
    place = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": "b"},
    }
    _, rows = lifted({"M": distributed(ItemReader=place)})
    assert any("its ItemReader (MANIFEST)" in row for row in open_rows(rows))


@pytest.mark.parametrize(
    ("kind", "content"), [("json", '[{"a": 1}, "é"]'), ("jsonl", '{"a": 1}\n"é"')], ids=["json", "jsonl"]
)
def test_results_are_written_with_a_manifest(kind: str, content: str) -> None:
    client = S3({})
    found = item_files.write_results(client, {"Bucket": "b", "Prefix": "out/"}, "run", [{"a": 1}, "é"], kind)
    key = "out/run/manifest.json"
    assert found == {"MapRunArn": "run", "ResultWriterDetails": {"Bucket": "b", "Key": key}}
    written = client.objects[f"b/out/run/SUCCEEDED_0.{kind}"]
    assert written.decode() == content.replace("é", "\\u00e9")
    (file,) = json.loads(client.objects[f"b/{key}"])["ResultFiles"]["SUCCEEDED"]
    assert file == {"Key": f"out/run/SUCCEEDED_0.{kind}", "Size": len(written)}
    item_files.write_results(client, {"Bucket": "b"}, "run", [], kind)
    assert "b/run/manifest.json" in client.objects


def test_results_with_details_and_flattened() -> None:
    (one,) = item_files.with_details("run", [{"a": 1}], [[2]])
    assert (one["Input"], one["Output"], one["Status"]) == ('{"a": 1}', "[2]", "SUCCEEDED")
    assert item_files.flattened([[1, 2], 3, []]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Resource": PUT, "Parameters": {"Bucket": "b"}}, "with_details(run_id, ti.xcom_pull("),
        (
            {"Resource": PUT, "Parameters": {"Bucket": "b"}, "WriterConfig": {"Transformation": "COMPACT"}},
            'write_results(client, place, run_id, results, "json")',
        ),
        ({"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}}, "return flattened(results)"),
    ],
)
def test_a_result_writer(fields: dict[str, Any], said: str) -> None:
    workflow, rows = lifted({"M": distributed(ResultWriter=fields)})
    assert open_rows(rows) == []
    assert said in source(workflow.tasks["M_results"])


@pytest.mark.parametrize("fields", [{}, 5, {"WriterConfig": {"Transformation": "ZIP"}}, {"WriterConfig": 1}])
def test_a_result_writer_that_is_not_understood(fields: Any) -> None:
    _, rows = lifted({"M": distributed(ResultWriter=fields)})
    assert any("its ResultWriter" in row for row in open_rows(rows))


def test_what_is_not_written_is_a_row() -> None:
    writer = {"Resource": PUT, "Parameters": {"Bucket": "b"}}
    _, rows = lifted({"M": distributed(ResultWriter=writer, ToleratedFailureCount=1)})
    assert [row.difference for row in rows if row.disposition is Disposition.DECISION] == [
        "of the items that fail nothing is written"
    ]


def test_a_join_inside_of_a_map_that_tolerates_failures_is_open() -> None:
    states = {
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "One"}],
            "Default": "Other",
        },
        "One": work("Join"),
        "Other": work("Join"),
        "Join": work(),
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Which",
        "States": states,
    }
    fields = {"ItemsPath": "$.all", "ItemProcessor": processor, "End": True}
    _, rows = lifted({"All": {"Type": "Map", "ToleratedFailureCount": 1, **fields}})
    assert [row.construct for row in rows if row.disposition.is_open] == ["tolerance"]
    _, rows = lifted({"All": {"Type": "Map", **fields}})
    assert not [row for row in rows if row.disposition.is_open]
