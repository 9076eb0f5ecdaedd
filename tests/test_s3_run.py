"""The S3 machines, run against a bucket in memory: pages, patterns, errors, time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution, Failed

HEAD = """\
from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator, S3DeleteObjectsOperator
from airflow.providers.amazon.aws.operators.s3 import S3CopyPrefixOperator, S3ListOperator
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG

with DAG("d", schedule=None):
"""
DAY = "2024-05-06T00:00:00Z"


@dataclass
class Bucket:
    """Keys and when they were last changed; ``locked`` ones cannot be deleted; pages are ``size`` long."""

    keys: dict[str, str]
    locked: tuple[str, ...] = ()
    size: int = 2
    appears: dict[str, float] = field(default_factory=dict)  # keys by when they appear, in seconds
    opens: float = 0  # seconds after which it can be asked
    calls: list[tuple[str, Any]] = field(default_factory=list)
    execution: Execution | None = None

    def __call__(self, resource: str, arguments: Any) -> Any:
        action = resource.removeprefix("arn:aws:states:::").removeprefix("aws-sdk:s3:")
        self.calls.append((action, arguments))
        done = {"listObjectsV2": self.list, "deleteObjects": self.delete, "copyObject": self.copy}
        return done.get(action, lambda _: {})(arguments)

    def copy(self, arguments: Any) -> Any:
        if unquote(arguments["CopySource"]).partition("/")[2] in self.locked:
            raise Failed("S3.S3Exception", "Access Denied")
        return {}

    def list(self, arguments: Any) -> Any:
        assert self.execution is not None
        if self.execution.seconds < self.opens:
            raise Failed("S3.S3Exception", "Access Denied")
        late = {key: DAY for key, at in self.appears.items() if at <= self.execution.seconds}
        there = {**self.keys, **late}
        found = sorted(key for key in there if key.startswith(arguments.get("Prefix", "")))
        found = [key for key in found if key > arguments.get("ContinuationToken", "")]
        page = found[: min(self.size, arguments.get("MaxKeys", 1000))]
        answer: dict[str, Any] = {"IsTruncated": len(page) < len(found), "KeyCount": len(page)}
        if page:
            answer["Contents"] = [{"Key": key, "LastModified": there[key]} for key in page]
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = page[-1]
        return answer

    def delete(self, arguments: Any) -> Any:
        wanted = [one["Key"] for one in arguments["Delete"]["Objects"]]
        assert wanted, "MalformedXML"
        refused = [key for key in wanted if key in self.locked]
        self.keys = {k: v for k, v in self.keys.items() if k not in wanted or k in refused}
        return {"Errors": [{"Key": key, "Code": "AccessDenied"} for key in refused]} if refused else {}


def run(body: str, bucket: Bucket) -> Execution:
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    (one,) = airflow_to_asl(HEAD + lines, "dag.py", Report())
    bucket.execution = Execution(bucket)
    bucket.execution.run(one.machine)
    return bucket.execution


def published(bucket: Bucket) -> Any:
    return next(arguments["Message"] for action, arguments in bucket.calls if action == "sns:publish")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('prefix="a/"', ["a/1.csv", "a/2.txt", "a/3.csv"]),
        ('prefix="b/"', ["b/1.csv"]),
        ('prefix="c/"', []),
        ('prefix="a/?.c[st]v", apply_wildcard=True', ["a/1.csv", "a/3.csv"]),
    ],
)
def test_a_list_has_all_pages(arguments: str, expected: list[str]) -> None:
    bucket = Bucket(dict.fromkeys(["a/1.csv", "a/2.txt", "a/3.csv", "b/1.csv"], DAY))
    run(f"""
found = S3ListOperator(task_id="find", bucket="lake", {arguments})
SnsPublishOperator(task_id="tell", target_arn="t", message=found.output)
""", bucket)  # fmt: skip
    assert published(bucket) == expected


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ('prefix="a/"', ["b/1"]),
        ('prefix="none/"', ["a/1", "a/2", "a/3", "b/1"]),
        ('keys=["a/1", "b/1"]', ["a/2", "a/3"]),
        ('keys=[]', ["a/1", "a/2", "a/3", "b/1"]),
        ('to_datetime="2024-05-05"', ["a/2", "a/3", "b/1"]),
        ('prefix="a/", from_datetime="2024-05-05T00:00:00Z", to_datetime="{{ ds }}"', ["a/1", "a/3", "b/1"]),
    ],
)  # fmt: skip
def test_what_is_deleted(arguments: str, left: list[str]) -> None:
    days = {"a/1": "2024-05-04T00:00:00Z", "a/2": "2024-05-06T00:00:00Z", "a/3": "2024-05-07T00:00:00Z"}
    bucket = Bucket({**days, "b/1": "2024-05-08T00:00:00Z"}, size=1)
    run(f'S3DeleteObjectsOperator(task_id="delete", bucket="lake", {arguments})', bucket)
    assert sorted(bucket.keys) == left


def test_keys_of_another_task_are_deleted() -> None:
    bucket = Bucket(dict.fromkeys(["a/1", "a/2", "a/3", "b"], DAY))
    run("""
found = S3ListOperator(task_id="find", bucket="lake", prefix="a/")
S3DeleteObjectsOperator(task_id="delete", bucket="lake", keys=found.output)
""", bucket)  # fmt: skip
    assert list(bucket.keys) == ["b"]


COPY_PREFIX = (
    'S3CopyPrefixOperator(task_id="copy", source_bucket_prefix="s3://lake/a/", dest_bucket_name="b", '
    'dest_bucket_prefix="c/", continue_on_failure={})'
)


def copied(bucket: Bucket) -> list[tuple[str, str]]:
    found = [given for action, given in bucket.calls if action == "copyObject"]
    return [(unquote(given["CopySource"]), f"{given['Bucket']}/{given['Key']}") for given in found]


@pytest.mark.parametrize("is_lenient", [True, False])
def test_a_prefix_is_copied_page_by_page(is_lenient: bool) -> None:
    bucket = Bucket(dict.fromkeys(["a/1", "a/2/x y", "a/3", "b/1"], DAY))
    run(COPY_PREFIX.format(is_lenient), bucket)
    assert copied(bucket) == [(f"lake/a/{name}", f"b/c/{name}") for name in ("1", "2/x y", "3")]


@pytest.mark.parametrize(
    ("is_lenient", "tried", "error"), [(True, 3, "RuntimeError"), (False, 2, "S3.S3Exception")]
)
def test_a_copy_that_fails_ends_it_or_not(is_lenient: bool, tried: int, error: str) -> None:
    bucket = Bucket(dict.fromkeys(["a/1", "a/2", "a/3"], DAY), locked=("a/2",))
    with pytest.raises(Failed) as raised:
        run(COPY_PREFIX.format(is_lenient), bucket)
    assert (raised.value.args[0], len(copied(bucket))) == (error, tried)


@pytest.mark.parametrize("arguments", ['prefix="a/"', 'keys=["a/1", "a/2"]'])
def test_a_key_that_cannot_be_deleted_fails(arguments: str) -> None:
    bucket = Bucket(dict.fromkeys(["a/1", "a/2", "a/3"], DAY), locked=("a/2",))
    with pytest.raises(Failed) as raised:
        run(f'S3DeleteObjectsOperator(task_id="delete", bucket="lake", {arguments})', bucket)
    assert raised.value.args == ("S3DeleteFailed", "Errors when deleting: a/2")


def waited(body: str, bucket: Bucket) -> int | None:
    """How long a sensor waited, in seconds; None where its time was up."""
    try:
        return run(body, bucket).seconds
    except Failed as failed:
        assert failed.args[0] == "AirflowSensorTimeout"
        return None


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [
        ('bucket_key="s3://lake/in/a", poke_interval=30', 120),
        ('bucket_name="lake", bucket_key=["in/a", "in/b"]', 300),
        ('bucket_name="lake", bucket_key="in/*z.csv", wildcard_match=True', 60),
        ('bucket_name="lake", bucket_key="in/[ab]", wildcard_match=True', 120),
        ('bucket_name="lake", bucket_key="(in|out)/b$", use_regex=True', 300),
        ('bucket_name="lake", bucket_key="i", wildcard_match=False, timeout=500', None),
        ('bucket_name="lake", bucket_key="in", timeout=timedelta(seconds=500)', None),
        ('bucket_name="lake", bucket_key="in/b", timeout=60', None),
    ],
)
def test_a_sensor_asks_until_the_key_is_there(arguments: str, seconds: int | None) -> None:
    appears = {"in/a": 100, "in/abc": 0, "in/b": 250, "in/c.csv": 0, "in/xyz.csv": 10}
    bucket = Bucket({}, appears=dict(appears))
    body = f'from datetime import timedelta\nS3KeySensor(task_id="wait", {arguments})'
    assert waited(body, bucket) == seconds


@pytest.mark.parametrize(
    ("key", "seconds"),
    [
        ("s3://lake/in/{{ ds }}/*.csv", 60),
        ("s3://lake/in/{{ ds }}/part-?.csv", 120),
        ("s3://lake/in/{{ ds }}*", 0),
        ("s3://lake/in/{{ ds }}/*", 0),
        ("s3://lake/in/{{ ds }}/[xy]", None),
        ("s3://lake/in/{{ ds }}/part-1.csv", 120),
        ("s3://lake/{{ dag_run.conf.get('folder', 'in') }}/2024-05-06/part*", 120),
    ],
)
def test_a_pattern_may_begin_with_jinja(key: str, seconds: int | None) -> None:
    appears = {"in/2024-05-06/": 0, "in/2024-05-06/a.csv": 10, "in/2024-05-06/part-1.csv": 100, "in/a.csv": 0}
    bucket = Bucket({}, appears=dict(appears))
    body = f'S3KeySensor(task_id="wait", bucket_key="{key}", wildcard_match=True, timeout=500)'
    assert waited(body, bucket) == seconds


@pytest.mark.parametrize(
    ("arguments", "opens", "end"),
    [
        ("silent_fail=True", 0, 60),
        ("silent_fail=True", 200, 240),
        ("silent_fail=True, never_fail=True", 200, 240),
        ("silent_fail=True", 9999, "AirflowSensorTimeout"),
        ("silent_fail=True, soft_fail=True", 9999, "skipped"),
        ("never_fail=True", 200, "skipped"),
        ("never_fail=True, retries=2", 200, "skipped"),
        ("never_fail=True, timeout=30", 0, "AirflowSensorTimeout"),
        ("never_fail=True, timeout=30, deferrable=True", 0, "skipped"),
        ("soft_fail=True", 200, "S3.S3Exception"),
        ("soft_fail=True, timeout=30", 0, "skipped"),
        ("", 200, "S3.S3Exception"),
    ],
)
def test_a_sensor_that_may_not_fail(arguments: str, opens: float, end: float | str) -> None:
    """``BaseSensorOperator.execute``: what errors and a timeout come to."""
    bucket = Bucket({}, appears={"in/a": 100 if "timeout" in arguments else 10}, opens=opens)
    given = arguments if "timeout" in arguments else f"timeout=500, {arguments}"
    body = f"""
wait = S3KeySensor(task_id="wait", bucket_key="s3://lake/in/a", {given})
wait >> SnsPublishOperator(task_id="tell", target_arn="t", message="m")
"""
    if isinstance(end, str) and end != "skipped":
        with pytest.raises(Failed) as raised:
            run(body, bucket)
        assert raised.value.args[0] == end
        return
    execution = run(body, bucket)
    is_told = any(action == "sns:publish" for action, _ in bucket.calls)
    assert (execution.seconds if is_told else "skipped") == end


def test_a_week_fits_into_an_execution_s_history() -> None:
    with pytest.raises(Failed) as raised:
        run('S3KeySensor(task_id="wait", bucket_name="lake", bucket_key="never")', bucket := Bucket({}))
    assert raised.value.args[0] == "AirflowSensorTimeout"
    execution = bucket.execution
    assert execution is not None
    assert execution.seconds > 7 * 86_400
    assert 10 * len(execution.trace) / 3 < 20_000  # events: five a Task, two a Choice, two a Wait


@pytest.mark.parametrize(
    ("key", "source"),
    [
        ("s3://in/a b/{{ ds }}+.csv", "in/a%20b%2F2024-05-06%2B.csv"),
        ("{{ conn.lake.host }}", None),
        ("s3://in/a b/c+.csv", "in/a%20b/c%2B.csv"),
        ("https://in.s3.eu-west-1.amazonaws.com/a/b", "in/a/b"),
    ],
)
def test_the_source_of_a_copy_is_encoded(key: str, source: str | None) -> None:
    bucket = Bucket({})
    body = f'S3CopyObjectOperator(task_id="c", source_bucket_key="{key}", dest_bucket_key="s3://out/x/y")'
    if source is None:
        with pytest.raises(Exception):  # noqa: B017
            run(body, bucket)
        return
    run(body, bucket)
    assert bucket.calls == [("copyObject", {"Bucket": "out", "Key": "x/y", "CopySource": source})]
