"""The rule ``dataset-keys-as-strings``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

HELD = ("outlet_events", "inlet_events")


@source_rule(Severity.ERROR, airflow=">=3", words={*HELD})
def dataset_keys_as_strings(source: Source) -> Iterator[Finding]:
    """The events of an asset are looked up by a text.

    Airflow 3 raises a TypeError: the key is the asset itself, or its alias. Airflow 2.10 and later take a
    `Dataset` there as well. An error, as it always fails there.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/assets.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(*, outlet_events):
            outlet_events["s3://sales/rows"].extra = {"rows": 3}

        load()

    nightly()
    ```

    ```python good
    from airflow.datasets import Dataset
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(*, outlet_events):
            outlet_events[Dataset("s3://sales/rows")].extra = {"rows": 3}

        load()

    nightly()
    ```

    Instead: Write `outlet_events[Asset("s3://sales/rows")]`.
    """
    if not any(name in source.text for name in HELD):
        return
    syntax = source.syntax
    for node in syntax.all(ast.Subscript):
        if _is_events(node.value) and _is_text(node.slice) and syntax.runs_in_task(node):
            yield Finding("Airflow 3 takes an asset here, no text", syntax.span(node.slice))


def _is_text(key: ast.expr) -> bool:
    return isinstance(key, ast.JoinedStr) or (isinstance(key, ast.Constant) and isinstance(key.value, str))


def _is_events(value: ast.expr) -> bool:
    match value:
        case ast.Name(id=name):
            return name in HELD
        case ast.Subscript(slice=ast.Constant(value=name)):
            return name in HELD
    return False
