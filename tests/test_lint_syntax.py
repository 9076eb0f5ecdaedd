"""What the rules are told of a file's code: qualified names, when code runs, places."""

from __future__ import annotations

import pytest

from dagmig.lint.syntax import Syntax

IMPORTS = (
    "import boto3, datetime as dt\nfrom airflow.decorators import dag, task, task_group\n"
    "from datetime import datetime\nimport airflow.models\n"
)


def calls(text: str) -> dict[str, Syntax]:
    """The names of all calls, with the file they stand in."""
    syntax = Syntax(IMPORTS + text, "dag.py")
    return {name: syntax for _, name in syntax.calls}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("datetime.now()", "datetime.datetime.now"),
        ("dt.datetime.now()", "datetime.datetime.now"),
        ("airflow.models.Variable.get('a')", "airflow.models.Variable.get"),
        ("boto3.Session().client('s3')", "boto3.Session().client"),
        ("boto3.Session().client('s3').list()", "boto3.Session().client().list"),
        ("f()", "f"),
        ("a[0].b()", ""),
        ("(lambda: 1)()", ""),
    ],
)
def test_names(written: str, name: str) -> None:
    assert name in calls(written)


@pytest.mark.parametrize(
    ("text", "at_parse", "in_task"),
    [
        ("probe()", True, False),
        ("if __name__ == '__main__':\n    probe()", False, False),
        ("if TYPE_CHECKING:\n    probe()", False, False),
        ("if RARE:\n    probe()", True, False),
        ("def f():\n    probe()", False, False),
        ("def f():\n    probe()\nf()", True, False),
        ("def f():\n    probe()\ndef g():\n    f()\ng()", True, False),
        ("def f():\n    probe()\nif __name__ == '__main__':\n    f()", False, False),
        ("def f(x=probe()): ...", True, False),
        ("@probe()\ndef f(): ...", True, False),
        ("x = lambda: probe()", False, False),
        ("class A:\n    x = probe()", True, False),
        ("class A:\n    def execute(self, context):\n        probe()", False, True),
        ("@dag()\ndef d():\n    probe()", True, False),
        ("@task_group\ndef g():\n    probe()", True, False),
        ("@task\ndef f():\n    probe()", False, True),
        ("@task.branch(retries=2)\ndef f():\n    probe()", False, True),
        ("@task\ndef f():\n    def g():\n        probe()\n    g()", False, True),
        ("def h():\n    probe()\n@task\ndef f():\n    h()", False, True),
        ("def h():\n    probe()\nP(python_callable=h)", False, True),
        ("P(python_callable=lambda: probe())", False, True),
        ("@celery.task\ndef f():\n    probe()", False, False),
    ],
)
def test_when_code_runs(text: str, at_parse: bool, in_task: bool) -> None:
    syntax = Syntax(IMPORTS + text, "dag.py")
    (node,) = [node for node, name in syntax.calls if name == "probe"]
    assert (syntax.runs_at_parse(node), syntax.runs_in_task(node)) == (at_parse, in_task)


def test_places_count_characters() -> None:
    syntax = Syntax("x = 'é😀'; f('é', a=3)\n", "dag.py")
    ((node, _),) = syntax.calls
    span = syntax.span(node)
    assert (span.column, span.end_column) == (11, 22)
    assert syntax.text[syntax.offset(node) : syntax.offset(node, end=True)] == "f('é', a=3)"
    assert syntax.argument_span(span, "a").column == 20
    assert syntax.argument_span(span, "b") == span


@pytest.mark.parametrize("text", ["def f(:", "\0", "x = 1\ny = '\ud800'"])
def test_what_cpython_cannot_parse_is_empty(text: str) -> None:
    syntax = Syntax(text, "dag.py")
    assert syntax.calls == []
    assert syntax.imports == {}
