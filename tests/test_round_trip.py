"""Laws of reading and of going there and back, over random workflows."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.round_trips import dags as dags_of_fixtures
from tests.round_trips import trip as there_and_back

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.pipeline import Lowering, airflow_to_asl, asl_to_airflow

NAMES = [f"t{i}" for i in range(7)]
PAIRS = list(combinations(NAMES, 2))
HEAD = """\
from datetime import timedelta
from airflow.sdk import DAG, chain
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

with DAG("d", schedule=None):
"""
edges = st.lists(st.sampled_from(PAIRS), unique=True, max_size=12)
STYLES = {
    "shift": lambda a, b: f"{a} >> {b}",
    "back": lambda a, b: f"{b} << {a}",
    "list": lambda a, b: f"[{a}] >> {b}",
    "method": lambda a, b: f"{a}.set_downstream({b})",
    "upstream": lambda a, b: f"{b}.set_upstream([{a}])",
    "chain": lambda a, b: f"chain({a}, {b})",
}


def dag(pairs: list[tuple[str, str]], styles: list[str], retries: list[int]) -> str:
    """A DAG of Glue jobs, each dependency in a style of its own."""
    calls = [
        f'    {name} = GlueJobOperator(task_id="{name}", job_name="{name}", retries={count})\n'
        for name, count in zip(NAMES, retries, strict=True)
    ]
    lines = [f"    {STYLES[style](*pair)}\n" for pair, style in zip(pairs, styles, strict=False)]
    return HEAD + "".join(calls) + "".join(lines)


@st.composite
def dags(draw: st.DrawFn) -> tuple[str, set[tuple[str, str]]]:
    """A DAG's text and its edges."""
    pairs = draw(edges)
    count = len(pairs)
    styles = draw(st.lists(st.sampled_from(sorted(STYLES)), min_size=count, max_size=count))
    retries = draw(st.lists(st.integers(0, 3), min_size=len(NAMES), max_size=len(NAMES)))
    return dag(pairs, styles, retries), set(pairs)


@given(dags())
def test_every_style_reads_as_the_same_graph(case: tuple[str, set[tuple[str, str]]]) -> None:
    text, pairs = case
    report = Report()
    (workflow,) = read(text, "d.py", report)
    assert {(edge.upstream, edge.downstream) for edge in workflow.edges} == pairs
    assert list(report) == []


@settings(max_examples=60)
@given(dags())
def test_there_and_back_and_there_again_is_the_same_machine(case: tuple[str, set[tuple[str, str]]]) -> None:
    (first,) = airflow_to_asl(case[0], "d.py", Report())
    back = asl_to_airflow(first.text, "d.asl.json", Report(), "d")
    assert back is not None
    assert not back.report.has_open_rows
    (again,) = airflow_to_asl(back.text, "d.py", Report())
    assert again.machine == first.machine


DAGS = [pytest.param(name, text, lowering, id=name) for name, text, lowering in dags_of_fixtures()]
VALUE = "what it is given is the same, made in another way"
RULE = "the rule of the machine's join is for one token, and the same where one comes"
STATES = "the task is several states, which come back as a task each"
ZONE = "the zone, UTC, is said; the sensor is the one that waits without a worker"
MOMENT = "the moment is computed by a task before"
OTHERWISE = {
    "branch: Only the latest run": "a run of a machine is never an old one, so that all tasks run",
    "branch: By the clock": "the choice is a state's, and its name the same",
    "glue_catalog: What is there is a failure": VALUE,
    "s3: Delete all with a prefix, last changed before a day": STATES,
    "sagemaker_condition: Or a failure": STATES,
    "s3_vectors: Made, or found where it is there already": VALUE,
    "service_bus: Queues, topics and subscriptions": VALUE,
    "step_functions_output: The sensor": VALUE,
    "wait: A moment of the run's day, without a zone": ZONE,
    "wait: A date, without a zone": ZONE,
    "wait: A length of time after the data interval": MOMENT,
    "wait: A time of day, and a day of the week": MOMENT,
    "choices: A way that is empty": RULE,
    "choices: A branch within a branch": RULE,
    "choices: A short circuit": RULE,
    "choices: A short circuit that later rules may pass": RULE,
    "mapping: A list that is written out": STATES,
    "mapping: Arguments by name": STATES,
    "rules: A watcher": RULE,
    "rules: What is done in any case": RULE,
}
"""DAGs that come back otherwise without a row of their task: reviewed, with what is the same nonetheless."""


@pytest.mark.parametrize(("name", "text", "lowering"), DAGS)
def test_a_dag_comes_back_equal_or_a_row_says_why(name: str, text: str, lowering: Lowering) -> None:
    unsaid = [str(one) for found in there_and_back(name, text, lowering) for one in found.unsaid]
    assert bool(unsaid) is (name in OTHERWISE), unsaid


def test_what_comes_back_otherwise_is_a_fixture() -> None:
    assert OTHERWISE.keys() <= {name for name, _, _ in dags_of_fixtures()}
