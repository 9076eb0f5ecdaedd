"""JSON text with Jinja in it, as the data that Airflow renders it to."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.graph.values import Entries, Literal, Opaque, Output, Param, RunContext, Template
from dagmig.integrations.fragment import Expression
from dagmig.integrations.json_text import node

DS = RunContext("ds")


def parsed(value: Any) -> Expression:
    """What a value outside of quotes becomes: text is read as JSON, anything else is itself."""
    return Expression.of("$type(", value, ") = 'string' ? $parse(", value, ") : ", value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1, true, null, "x"]}', Literal({"a": [1, True, None, "x"]})),
        ('{"a": "{{ ds }}"}', {"a": Template((DS,))}),
        ('{"a": "on {{ ds }}!", "b": 1}', {"a": Template(("on ", DS, "!")), "b": 1}),
        ('{"a": {{ params.n }}}', {"a": parsed(Param("n"))}),
        ('[{{ params.n }}, "{{ ds }}"]', [parsed(Param("n")), Template((DS,))]),
        ('{"a": {{ params.n | tojson }}}', {"a": Param("n")}),
        ("{{ dag_run.conf | tojson }}", RunContext("dag_run.conf")),
        ("{{ ti.xcom_pull(task_ids='t') }}", parsed(Output("t"))),
        ('{"a": "say \\"{{ ds }}\\""}', {"a": Template(('say "', DS, '"'))}),
        ('{"a": "\\\\", "b": {{ params.n }}}', {"a": Literal("\\"), "b": parsed(Param("n"))}),
        ('{"a": {{ params.n + 1 }}}', {"a": parsed(Opaque("params.n + 1"))}),
        (b'{"a": 1}', Literal({"a": 1})),
    ],
)
def test_text(text: str | bytes, expected: Any) -> None:
    assert node(Literal(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["no json", '{"a": {{ ds }', '{"{{ ds }}": 1}', '{"a": "{{ ds }}', "{% if x %}{}{% endif %}{", b"\xff"],
)
def test_what_is_no_json_is_said(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        node(Literal(text))


def test_values_that_are_no_text() -> None:
    entries = Entries(((Literal("a"), Output("t")),))
    assert node(entries) == entries
    assert node(Output("t")) == parsed(Output("t"))
    assert node(Template(('{"a": "', DS, '"}'))) == {"a": Template((DS,))}
