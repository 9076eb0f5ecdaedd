"""``convert --offload``: large answers of generated functions in S3."""

from __future__ import annotations

import io
import sys
import types
from typing import Any

import pytest

from airflow_read.graphs import HEAD
from dagmig import pipeline
from dagmig.asl.lower.offload import LARGE, Store
from dagmig.diagnostics import Report

STORE = Store("my-bucket", "a/")
LARGEST = "x" * LARGE
DAG = """
with DAG("orders", schedule=None):
    @task
    def load(): return {"rows": "%s"}
    @task
    def few(): return [1]
    @task
    def tell(rows, more, **context):
        pulled = context["ti"].xcom_pull("load")
        return [len(rows["rows"]), len(more["all"][0]["rows"]), more["few"], len(pulled["rows"])]
    rows = load()
    tell(rows, {"all": [rows], "few": few()})
"""
LOOKED_AT = {
    "Jinja": """BashOperator(task_id="b", bash_command="echo {{ ti.xcom_pull('load') }}")""",
    "a key": "after(rows['rows'])",
    "mapped over": "after.expand(x=rows)",
    "a branch": "@task.branch\n    def load(): return 'after'\n    load() >> after(1)",
    "keys": "@task(multiple_outputs=True)\n    def load(): return {}\n    after(load()['a'])",
    "an instance": "load.override(task_id='load').partial().expand(x=[1])",
    "keys pushed": "@task\n    def load(ti): ti.xcom_push('a', 1)\n    after(load())",
}


class Bucket:
    """The part of boto3's client of S3 that is used."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:
        self.objects[f"{Bucket}/{Key}"] = Body

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[f"{Bucket}/{Key}"])}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """What stands behind ``boto3.client("s3")``."""
    found, module = Bucket(), types.ModuleType("boto3")
    module.client = lambda service: {"s3": found}[service]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "boto3", module)
    return found


def converted(text: str, store: Store | None = STORE) -> pipeline.Converted:
    (found,) = pipeline.airflow_to_asl(
        HEAD + text, "dag.py", Report(), lowering=pipeline.Lowering(store=store)
    )
    return found


def run(found: pipeline.Converted, task: str, event: dict[str, Any]) -> Any:
    scope: dict[str, Any] = {}
    exec(found.functions[f"orders-{task}.py"], scope)
    return scope["handler"](event, None)


def test_a_large_answer_is_kept_and_fetched(bucket: Bucket) -> None:
    found = converted(DAG % LARGEST)
    rows = run(found, "load", {})
    (place,) = bucket.objects
    assert rows == {"dagmig:s3": place}
    assert place.startswith("my-bucket/a/")
    assert run(found, "load", {}) == rows  # a retry keeps the same object
    more = {"all": [rows], "few": run(found, "few", {})}
    context = {"ti": {"xcoms": {"load": {"return_value": rows}}}}
    event = {"kwargs": {"rows": rows, "more": more}, "context": context}
    assert run(found, "tell", event) == [LARGE, LARGE, [1], LARGE]


def test_a_small_answer_stays(bucket: Bucket) -> None:
    assert run(converted(DAG % "few"), "load", {}) == {"rows": "few"}
    assert not bucket.objects


def test_the_machine_is_the_same_and_rows_say_what_is_needed() -> None:
    found, without = converted(DAG % "few"), converted(DAG % "few", None)
    assert found.machine == without.machine
    rows = [row for row in found.report.rows if row.construct == "offload"]
    assert [row.task for row in rows] == [None]
    assert "s3:PutObject and s3:GetObject" in rows[0].difference
    assert not any("dagmig:s3" in source for source in without.functions.values())


@pytest.mark.parametrize("body", LOOKED_AT.values(), ids=LOOKED_AT)
def test_what_the_machine_looks_into_is_not_kept(body: str) -> None:
    first = "@task\n    def load(x=1): return {}\n    " if "def load" not in body else ""
    rows = "rows = load()\n    " if first and "load.override" not in body else ""
    text = f"""
with DAG("orders", schedule=None):
    @task
    def after(x): ...
    {first}{rows}{body}
"""
    found = converted(text)
    assert "_dagmig_kept" not in found.functions.get("orders-load.py", "")
    assert "load" in [row.task for row in found.report.rows if row.construct == "offload"]


@pytest.mark.parametrize(
    "text", ["my-bucket", "s3://", "s3://B", "s3://a/b c", 's3://my-bucket/"', "http://my-bucket/a"]
)
def test_no_place(text: str) -> None:
    with pytest.raises(ValueError, match="s3://BUCKET/PREFIX"):
        Store.parse(text)


@pytest.mark.parametrize(
    ("text", "prefix"), [("s3://my-bucket", ""), ("s3://my-bucket/", ""), ("s3://my-bucket/a/b", "a/b/")]
)
def test_place(text: str, prefix: str) -> None:
    assert Store.parse(text) == Store("my-bucket", prefix)
