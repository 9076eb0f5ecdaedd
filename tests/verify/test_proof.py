"""The machine of a DAG does what Airflow does: random DAGs with all outcomes, and machines that are wrong."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import jsonata  # noqa: F401 (it raises the recursion limit, which hypothesis must not see happen)
import pytest
from hypothesis import given, settings

from airflow_read.graphs import HEAD
from dagmig.airflow.read import read
from dagmig.asl.lower import lower
from dagmig.cli.render.verdict import as_text
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow
from dagmig.regions.fold import fold
from dagmig.verify.proof import NotVerified, proof
from workflows import shown, workflows

VECTORS = 30


@pytest.mark.parametrize("drains", [False, True])
@settings(max_examples=120, derandomize=True)
@given(workflows(rules=False, maps=False) | workflows(maps=False) | workflows())
def test_the_machine_does_what_airflow_does(drains: bool, workflow: Workflow) -> None:
    verdict = proof(workflow, drains=drains).verdict(VECTORS)
    assert verdict.difference is None, f"{as_text('dag', verdict, 0)}\n{shown(workflow)}"


DAG = f"""{HEAD}
with DAG("dag", schedule=None, default_args={{"retries": 1}}):
    @task
    def load(table): ...
    @task.branch
    def choose(rows):
        return "many" if rows else "few"
    @task
    def many(rows): ...
    @task
    def few(): ...
    @task(trigger_rule="none_failed_min_one_success")
    def tell(rows): ...
    rows = load("orders")
    choose(rows) >> [many(rows), few()] >> tell(rows)
"""


def _dag(text: str = DAG) -> Workflow:
    (found,) = read(text, "dag.py", Report(), bodies=True)
    return found


def _machine(workflow: Workflow) -> Any:
    report = Report()
    return deepcopy(lower(workflow, fold(workflow, report), report).machine)


def test_the_machine_as_converted() -> None:
    verdict = proof(_dag(), _machine(_dag())).verdict()
    assert (verdict.tried, verdict.total, verdict.difference) == (324, 324, None)


WRONG = [
    ("few", {"Retry": []}, "few is tried 2 times in Airflow, 1 in the machine"),
    ("choose choice", {"Default": "many"}, "many runs in the machine, but not in Airflow"),
    ("few", {"Next": "many"}, "many runs in the machine, but not in Airflow"),
    (
        "tell",
        {"Arguments": {"FunctionName": "dag-tell", "Payload": {"args": ["x"]}}},
        'tell is given ["load"] in Airflow, ["x"] by the machine',
    ),
    ("few", {"Next": "other"}, "the state other does work in the machine that no task does in Airflow"),
    ("load", {"Next": "tell"}, "choose runs in Airflow, but not in the machine"),
    (
        "tell",
        {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "end"}]},
        "the run is failed in Airflow, the execution ends as success",
    ),
]


@pytest.mark.parametrize(("state", "fields", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_a_machine_that_is_wrong(state: str, fields: dict[str, Any], said: str) -> None:
    machine = _machine(_dag())
    machine["States"]["end"] = {"Type": "Succeed"}
    machine["States"]["other"] = {**machine["States"]["few"], "Next": "tell"}
    machine["States"][state].update(fields)
    verdict = proof(_dag(), machine).verdict()
    assert verdict.difference is not None
    assert verdict.difference.said == said


def test_the_counter_example_is_small() -> None:
    machine = _machine(_dag())
    machine["States"]["many"]["Retry"] = []
    verdict = proof(_dag(), machine).verdict()
    assert as_text("dag", verdict, 0).splitlines()[1] == "  where    choose chooses many, many fails"


SKIPS_TWICE = f"""{HEAD}
from airflow.exceptions import AirflowSkipException
with DAG("dag", schedule=None):
    @task.short_circuit
    def is_wanted(): ...
    @task
    def a():
        raise AirflowSkipException
    @task
    def b(): ...
    is_wanted() >> [a(), b()]
"""


def test_a_task_that_is_skipped_in_two_scopes() -> None:
    """By the choice before the Parallel, and by itself within it: each scope has a state that ends it."""
    assert proof(_dag(SKIPS_TWICE)).verdict().difference is None


ALWAYS = f"""{HEAD}
with DAG("dag", schedule=None):
    @task
    def b(): ...
    @task(trigger_rule="always")
    def d(): ...
    @setup
    def first(): ...
    first() >> b() >> d()
"""


def test_always_does_not_look_at_setups() -> None:
    assert proof(_dag(ALWAYS)).verdict().difference is None


RULED_AND_MAPPED = """{HEAD}
with DAG("dag", schedule=None):
    @task
    def before(): ...
    @task
    def rows(): ...
    @task(trigger_rule="all_done")
    def after(): ...
    @task(trigger_rule="{rule}")
    def each(row): ...
    first, listed, late = before(), rows(), after()
    mapped = each.expand(row=listed)
    first >> listed >> late
    [{others}] >> mapped
"""


@pytest.mark.parametrize("rule", ["all_failed", "all_skipped", "none_skipped", "all_done_min_one_success"])
@pytest.mark.parametrize("others", ["first", "late", "first, late"])
def test_what_the_rule_skips_before_the_list_fails(rule: str, others: str) -> None:
    """What it is mapped over fails: a rule that one task before that decides has skipped the task already."""
    text = RULED_AND_MAPPED.replace("{HEAD}", HEAD).replace("{rule}", rule).replace("{others}", others)
    assert proof(_dag(text)).verdict().difference is None


SKIPPED_AND_MAPPED = """{HEAD}
with DAG("dag", schedule=None):
    @task
    def before(): ...
    @task(trigger_rule="all_skipped")
    def rows(): ...
    @task
    def beside(): ...
    @task(trigger_rule="{rule}")
    def each(row): ...
    first, listed, other = before(), rows(), beside()
    mapped = each.expand(row=listed)
    first >> [listed, other] >> mapped
    first >> mapped
"""


@pytest.mark.parametrize("rule", ["none_failed", "none_failed_min_one_success"])
def test_what_is_mapped_over_is_skipped_before_the_rule_fails_the_task(rule: str) -> None:
    """A failure beside it comes later; that of a task before both comes first."""
    text = SKIPPED_AND_MAPPED.replace("{HEAD}", HEAD).replace("{rule}", rule)
    assert proof(_dag(text), drains=True).verdict().difference is None


NOT_VERIFIED = [
    ("from acme import Teleport\nwith DAG('d'):\n    Teleport(task_id='t')", "not translated: t"),
    (
        "import foo\nwith DAG('d'):\n    op('t')\n    for one in foo.more:\n        op(one)",
        "not all tasks and edges of the DAG are known",
    ),
]


@pytest.mark.parametrize(("text", "said"), NOT_VERIFIED)
def test_what_cannot_be_verified(text: str, said: str) -> None:
    with pytest.raises(NotVerified, match=said):
        proof(_dag(f"{HEAD}\n{text}\n"))


@pytest.mark.parametrize("airflow", [2, 3])
@pytest.mark.parametrize("items", ["[1, 2]", "list_()"])
@pytest.mark.parametrize("is_group", [False, True])
def test_how_far_a_short_circuit_reaches(airflow: int, items: str, is_group: bool) -> None:
    """Airflow 3 skips no instance that is there from the start; other tasks have none yet."""
    mapped = "work" if is_group else "last"
    text = f"""{HEAD}
with DAG("dag", schedule=None):
    @task.short_circuit
    def on(day):
        return day != "sunday"
    @task
    def middle(): ...
    @task
    def list_(): ...
    @task(trigger_rule="none_failed_min_one_success")
    def last(x): ...
    @task_group
    def work(x):
        last(x)
    @task
    def beside(): ...
    reached = {mapped}.expand(x={items})
    on("monday") >> middle() >> reached
    beside() >> reached
"""
    verdict = proof(replace(_dag(text), is_airflow_3=airflow == 3)).verdict(300)
    assert verdict.difference is None, as_text("dag", verdict, 0)


def test_what_is_certain_is_no_choice() -> None:
    text = f"""{HEAD}
with DAG("dag", schedule=None):
    @task
    def nothing(x): ...
    @task
    def list_(): ...
    @task(trigger_rule="none_skipped")
    def last(x): ...
    nothing.expand(x=[]) >> last.expand(x=list_())
"""
    assert _machine(_dag(text))["States"]["last?"] == {"Type": "Pass", "Next": "last skipped"}
    verdict = proof(_dag(text)).verdict(300)
    assert verdict.difference is None, as_text("dag", verdict, 0)
