"""Laws of reading and of going there and back, over random workflows."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl, asl_to_airflow

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
