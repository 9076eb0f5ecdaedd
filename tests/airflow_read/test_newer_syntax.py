"""Files in a syntax that an older interpreter does not know are read all the same."""

from __future__ import annotations

import ast
import sys

import pytest

from airflow_read.graphs import graph
from dagmig.airflow.read import newer, read
from dagmig.airflow.read.newer import said_in_older_syntax
from dagmig.diagnostics import Report

CASES = {
    "type statement": ("type Name = str\n", "Name = ...\n"),
    "type parameters": ("def f[T: int](a: T) -> T:\n    return a\n", "def f(a: T) -> T:\n    return a\n"),
    "generic class": ("class Box[T]:\n    pass\n", "class Box:\n    pass\n"),
    "except*": (
        "try:\n    pass\nexcept* ValueError:\n    pass\n",
        "try:\n    pass\nexcept ValueError:\n    pass\n",
    ),
    "except without brackets": (
        "try:\n    pass\nexcept A, B:\n    pass\n",
        "try:\n    pass\nexcept (A, B):\n    pass\n",
    ),
    "what is known stays": ("x = f\"{d['a']}\"\n", "x = f\"{d['a']}\"\n"),
}
STRINGS = {
    "same quotes": ('x = f"{d["a"]}"\n', 'x = "{}".format(d["a"])\n'),
    "conversion and width": ('x = f"{d["a"]!r:>{d["n"]}}"\n', 'x = "{!r:>{}}".format(d["a"], d["n"])\n'),
    "shown with its code": ('x = f"{d["a"]=}"\n', """x = "{}{!r}".format('d["a"]=', d["a"])\n"""),
    "adjacent texts": ('x = "a" f"{d["a"]}"\n', 'x = ("a" + "{}".format(d["a"]))\n'),
}


@pytest.mark.parametrize(("written", "older"), CASES.values(), ids=CASES)
def test_newer_syntax_is_said_in_an_older_one(written: str, older: str) -> None:
    found = said_in_older_syntax(written)
    assert found == older
    ast.parse(found)


@pytest.mark.parametrize(("written", "older"), STRINGS.values(), ids=STRINGS)
def test_only_an_older_interpreter_needs_strings_said_otherwise(written: str, older: str) -> None:
    assert said_in_older_syntax(written) == (older if sys.version_info < (3, 12) else written)
    ast.parse(older)


SEVERAL_LINES = [
    'x = f"{\n    d["a"]\n}"\n',
    'x = f"{d["a"]  # why\n}" "b"\n',
    "type Name = (\n    str\n)\n",
    "def f[\n    T,\n](\n    a: T,\n) -> T:\n    return a\n",
    "def f[\n    T,\n](): return 1\n",
    "class Box[\n    T\n]:\n    pass\n",
    "class Box[\n    T\n](\n    Base,\n):\n    pass\n",
]


@pytest.mark.parametrize("written", SEVERAL_LINES)
def test_lines_stay_as_they_are(written: str) -> None:
    found = said_in_older_syntax(written + "last = 1\n")
    assert found is not None
    *_, last = ast.parse(found).body
    assert last.lineno == written.count("\n") + 1


def test_an_error_is_said_of_the_text_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newer, "said_in_older_syntax", lambda text: f"\n\n\n{text}")
    report = Report()
    assert read("import airflow\nDAG = = 1\n", "dag.py", report) == ()
    assert [one.span.line for one in report] == [2]


@pytest.mark.parametrize("text", ["x = (\n", "x = " + "(" * 300 + ")" * 300, "x = = 1\n"])
def test_what_is_no_python_stays_none(text: str) -> None:
    assert said_in_older_syntax(text) is None


def test_a_dag_in_newer_syntax_is_read() -> None:
    body = 'ids = {"first": "a", "last": "b"}\nop(f"{ids["first"]}") >> op(f"the_{ids["last"]}")\n'
    assert graph(body) == "a>the_b"
