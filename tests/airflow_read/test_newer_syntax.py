"""Files in a syntax that an older interpreter does not know are read all the same."""

from __future__ import annotations

import ast

import pytest

from airflow_read.graphs import graph
from dagmig.airflow.read.newer import said_in_older_syntax

CASES = {
    "type statement": ("type Name = str\n", "Name = ...\n"),
    "type parameters": ("def f[T: int](a: T) -> T:\n    return a\n", "def f(a: T) -> T:\n    return a\n"),
    "generic class": ("class Box[T]:\n    pass\n", "class Box:\n    pass\n"),
    "same quotes": ('x = f"{d["a"]}"\n', 'x = "{}".format(d["a"])\n'),
    "conversion and width": ('x = f"{d["a"]!r:>{d["n"]}}"\n', 'x = "{!r:>{}}".format(d["a"], d["n"])\n'),
    "shown with its code": ('x = f"{d["a"]=}"\n', """x = "{}{!r}".format('d["a"]=', d["a"])\n"""),
    "adjacent texts": ('x = "a" f"{d["a"]}"\n', 'x = ("a" + "{}".format(d["a"]))\n'),
    "except*": (
        "try:\n    pass\nexcept* ValueError:\n    pass\n",
        "try:\n    pass\nexcept ValueError:\n    pass\n",
    ),
    "what is known stays": ("x = f\"{d['a']}\"\n", "x = f\"{d['a']}\"\n"),
}


@pytest.mark.parametrize(("newer", "older"), CASES.values(), ids=CASES)
def test_newer_syntax_is_said_in_an_older_one(newer: str, older: str) -> None:
    found = said_in_older_syntax(newer)
    assert found == older
    ast.parse(found)


@pytest.mark.parametrize("text", ["x = (\n", "x = " + "(" * 300 + ")" * 300, "x = = 1\n"])
def test_what_is_no_python_stays_none(text: str) -> None:
    assert said_in_older_syntax(text) is None


def test_a_dag_in_newer_syntax_is_read() -> None:
    body = 'ids = {"first": "a", "last": "b"}\nop(f"{ids["first"]}") >> op(f"the_{ids["last"]}")\n'
    assert graph(body) == "a>the_b"
