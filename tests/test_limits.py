"""What Step Functions does not take is said: long definitions, and executions of too many events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dagmig.airflow.read import read
from dagmig.asl.lower import distributed
from dagmig.asl.lower.distributed import DISTRIBUTED, INLINE
from dagmig.asl.lower.limits import events
from dagmig.diagnostics import Disposition, Report
from dagmig.pipeline import Lowering, airflow_to_asl
from dagmig.verify.proof import proof

DAG = """\
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.sdk import DAG, chain

with DAG("big", schedule=None):
    {body}
"""
CASES = [
    ("GlueJobOperator(task_id='a', job_name='x')", []),
    (
        "GlueJobOperator.partial(task_id='a').expand(job_name=['x' * 1000 for n in range(1100)])",
        ["the definition has 1,1", "Items of the state a map has 1,1"],
    ),
    ("GlueJobOperator.partial(task_id='a').expand(job_name=[str(n) for n in range(4000)])", []),
    (
        "GlueJobOperator.partial(task_id='a', script_args={'--d': '{{ ds }}'}).expand(job_name=['j'] * 4000)",
        ["an execution has some 28,0"],
    ),
    (
        "GlueJobOperator(task_id='a', job_name='x', script_args={str(n): 'x' * 999 for n in range(300)})",
        ["Arguments of the state a has 30"],
    ),
]


@pytest.mark.parametrize(("body", "said"), CASES)
def test_limits(body: str, said: list[str]) -> None:
    (made,) = airflow_to_asl(DAG.format(body=body), "dag.py", Report())
    found = [row for row in made.report.rows if row.construct == "limits"]
    assert [row.disposition for row in found] == [Disposition.REDESIGN] * len(said)
    assert all(row.difference.startswith(start) for row, start in zip(found, said, strict=True))


GROUP = """
from airflow.sdk import DAG, task, task_group

with DAG("dag", schedule=None):
    @task
    def load(table): ...
    @task(trigger_rule="all_done")
    def clean(table): ...
    @task
    def count(loaded): ...
    @task_group
    def each(table):
        found = load(table)
        found >> clean(table)
        return found
    count(each.expand(table=["a", "b", "c"]))
"""


def test_items_too_many_for_an_execution_are_executions(monkeypatch: pytest.MonkeyPatch) -> None:
    (workflow,) = read(GROUP, "dag.py", Report(), bodies=True)
    is_inline = proof(workflow).machines.machine["States"]["each"]["ItemProcessor"]["ProcessorConfig"]
    assert is_inline == INLINE
    monkeypatch.setattr(distributed, "MAX_EVENTS", 30)
    made = proof(workflow)
    assert made.machines.machine["States"]["each"]["ItemProcessor"]["ProcessorConfig"] == DISTRIBUTED
    verdict = made.verdict(40)
    assert verdict.difference is None
    assert verdict.tried > 8


def test_events() -> None:
    """As an execution on AWS counts them, but for those of the execution itself."""
    machine = {"States": {"a": {"Type": "Task"}, "b": {"Type": "Pass"}, "c": {"Type": "Succeed"}}}
    assert events(machine) == 5 + 2 + 2


LONG = "x" * 100
NAMED = [
    f"chain(*[GlueJobOperator(task_id='{LONG}' + end, job_name='j') for end in 'ab'])",
    f"[GlueJobOperator(task_id='{LONG}' + end, job_name='j', trigger_rule='all_done') for end in 'ab']",
    f"GlueJobOperator.partial(task_id='{LONG}', retries=1).expand(job_name=['a', 'b'])",
    f"S3KeySensor(task_id='{LONG}', bucket_key='s3://b/k', retries=1, timeout=60) >> {{}}",
    f"size('{LONG}') >> {{}}",
]
NAMES = """\
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG, chain, task

with DAG("named", schedule=None) as dag:

    def size(name):
        @task.branch(task_id=name + "b")
        def chosen():
            return name + "1"

        return chosen()

    {body}
"""
AFTER = f"""[
        GlueJobOperator(task_id='{LONG}' + end, job_name='j', trigger_rule='all_done') for end in '123'
    ] >> GlueJobOperator(task_id='{LONG}' + 'last', job_name='j', trigger_rule='one_success')"""


@pytest.mark.parametrize("body", NAMED)
@pytest.mark.parametrize("drains", [False, True])
def test_no_name_is_longer_than_80_characters(body: str, drains: bool) -> None:
    text = NAMES.format(body=body.format(AFTER))
    (made,) = airflow_to_asl(text, "dag.py", Report(), lowering=Lowering(drains=drains))
    names = list(_names(made.machine))
    assert max(map(len, names)) == 80
    assert len(set(names)) == len(names)


def _names(scope: Mapping[str, Any]) -> Iterator[str]:
    for name, state in scope["States"].items():
        yield name
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield from _names(inner)


SIZES = [
    ("count() >> tell.override(task_id='b')(1)", ""),
    ("tell.override(task_id='b')(count())", "what count returns is handed on"),
    ("tell.override(task_id='b')([count(), count()])", "what count, count__1 return is handed on"),
    ("tell.expand(given=count())", "what count returns is handed on"),
    (
        "tell.override(task_id='b')(tell.expand(given=[1, 2]))",
        "what tell returns is handed on in variables, which hold 256 KiB each and 10 MiB in all; a list",
    ),
]


@pytest.mark.parametrize(("body", "said"), SIZES)
def test_what_code_returns_and_others_read_has_a_row(body: str, said: str) -> None:
    head = DAG.replace("import DAG, chain", "import DAG, chain, task")
    count = "@task\n    def count():\n        return [1]\n    "
    tasks = count + "@task\n    def tell(given):\n        return given\n    "
    (made,) = airflow_to_asl(head.format(body=tasks + body), "dag.py", Report())
    found = [row.difference for row in made.report.rows if row.construct == "payload"]
    assert len(found) == bool(said)
    assert all(one.startswith(said) for one in found)


def test_a_parallel_does_not_collect_what_nobody_reads() -> None:
    head = DAG.replace("import DAG, chain", "import DAG, chain, task")
    body = "@task\n    def a():\n        return 'x' * 200_000\n    a()\n    a()"
    (made,) = airflow_to_asl(head.format(body=body), "dag.py", Report())
    (parallel,) = made.machine["States"].values()
    last = [state for branch in parallel["Branches"] for state in branch["States"].values()]
    assert [state["Output"] for state in last] == [{}, {}]
