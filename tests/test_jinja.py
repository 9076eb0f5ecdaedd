"""Jinja text taken apart and put together again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import meta, nodes

from dagmig.graph import jinja
from dagmig.graph.jinja import parse, unparse
from dagmig.graph.plain_jinja import used
from dagmig.graph.values import (
    Connection,
    Literal,
    Opaque,
    Output,
    Param,
    RunContext,
    Template,
    Value,
    Variable,
)

PARTS: list[tuple[str, Value]] = [
    ("{{ ds }}", RunContext("ds")),
    ("{{ds}}", RunContext("ds")),
    ("{{- run_id -}}", RunContext("run_id")),
    ("{{ dag_run.conf['a b'][0] }}", RunContext("dag_run.conf", ("a b", 0))),
    ("{{ dag_run.conf.x }}", RunContext("dag_run.conf", ("x",))),
    ("{{ dag_run.run_id }}", RunContext("dag_run.run_id")),
    ("{{ params.x.y }}", Param("x", ("y",))),
    ("{{ params['x-y'] }}", Param("x-y")),
    ("{{ var.value.name }}", Variable("name")),
    ("{{ var.json.name['k'] }}", Variable("name", ("k",), True)),
    ("{{ conn.aws.host }}", Connection("aws", "host")),
    ("{{ ti.xcom_pull(task_ids='t') }}", Output("t")),
    ("{{ task_instance.xcom_pull('t', key='k')['a'] }}", Output("t", "k", ("a",))),
    ("{{ ti.xcom_pull(task_ids=['a', 'b']) }}", Opaque("ti.xcom_pull(task_ids=['a', 'b'])")),
    ("{{ ds | upper }}", Opaque("ds | upper")),
    ("{{ macros.ds_add(ds, 1) }}", Opaque("macros.ds_add(ds, 1)")),
    ("{{ }}", Opaque("")),
    ("{{ a b }}", Opaque("a b")),
    ("{{ {'a': {'b': 1}} }}", Opaque("{'a': {'b': 1}}")),
    ("{{ x['}}'] ~ '' }}", Opaque("x['}}'] ~ ''")),
    ("{% if x %}", Opaque("{% if x %}")),
    ("{# note #}", Opaque("{# note #}")),
]


@pytest.mark.parametrize(("text", "part"), PARTS, ids=[text for text, _ in PARTS])
def test_an_expression_is_the_reference_it_names(text: str, part: Value) -> None:
    assert parse(text) == Template((part,))
    assert parse(unparse(Template((part,)))) == Template((part,))


@pytest.mark.parametrize("text", ["", "plain", "{ }", "}}", "{{ open", "a { b } c"])
def test_text_without_jinja_stays_a_literal(text: str) -> None:
    assert parse(text) == Literal(text)


def test_braces_beside_an_expression_are_text() -> None:
    text = '{"a": {{ dag_run.conf | tojson }}}'
    assert parse(text) == Template(('{"a": ', Opaque("dag_run.conf | tojson"), "}"))


def test_json_of_what_is_no_text_is_the_value() -> None:
    held = "dag_run.conf['a']"
    text = f"{{{{ {held} if {held} is string else {held} | tojson }}}}"
    assert parse(text) == parse(f"{{{{ {held} }}}}")
    other = text.replace("['a'] |", "['b'] |")
    assert parse(other) == Template((Opaque(other[3:-3]),))


def test_text_and_references_mix() -> None:
    text = "s3://{{ params.bucket }}/day={{ ds }}/"
    assert parse(text) == Template(("s3://", Param("bucket"), "/day=", RunContext("ds"), "/"))
    assert unparse(Template(("s3://", Param("bucket"), "/day=", RunContext("ds"), "/"))) == text


PIECES = [
    *(
        "{{ ds }}",
        "{{ds}}",
        "{{ dag_run.conf.x }}",
        "{{ params.a.b }}",
        "{{ var.value.items }}",
        "{{ ti.run_id }}",
    ),
    *(
        "{{",
        "}}",
        "{",
        "}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{-",
        " ",
        "\n",
        "\r\n",
        "a.b",
        "not",
        "True",
        "1",
        "x['k']",
        "|",
    ),
]


@contextmanager
def only_jinjas_own_lexer() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja, "dotted", lambda text: None)
        yield


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join))
@settings(max_examples=1000)
def test_names_in_braces_are_what_jinja_reads(text: str) -> None:
    quick = parse(text)
    with only_jinjas_own_lexer():
        assert quick == parse(text)


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join))
@settings(max_examples=1000)
def test_names_of_the_context_are_those_jinja_finds(text: str) -> None:
    plain = used(text)
    if plain is not None:
        found = meta.find_undeclared_variables(jinja.tree(text))
        assert found == plain.names - {"range"}


EXPRESSION_PIECES = [
    "ti", "ds", "range", "self", "not", "a", "a_1", "macros", ".b", ".if", "['k']", '["k\\\\"]', "[0]",
    "[-1]", "[007]", "[a]", "[a.b]", "()", "( )", "(1)", "(ds)", "('t')", "(key='x', n=1)",
    "('t', key=a.b)", "(key=1, 't')", "('t',)", "('}}')", "('{%')", "(a==1)", "|upper", " | length",
    "|default", "|d('x')", "|a.b", "|", " ", "~ a", "== 1", "if a", "'t'", "1", "{", "}",
]  # fmt: skip


@given(
    st.lists(
        st.one_of(
            st.lists(st.sampled_from(EXPRESSION_PIECES), max_size=4).map(
                lambda one: f"{{{{ {''.join(one)} }}}}"
            ),
            st.sampled_from(("{", "}", "x", "\n", "{% if a %}", "{% endif %}", "{# {{ b }} #}")),
        ),
        max_size=3,
    ).map("".join)
)
@settings(max_examples=3000)
@example("{{ ti.xcom_pull(task_ids='t', key=\"k\")['a'] | upper }} {{ ds }}")
def test_what_a_plain_template_uses_is_what_jinja_finds(text: str) -> None:
    plain = used(text)
    if plain is not None:
        tree = jinja.tree(text)
        assert {one.name for one in tree.find_all(nodes.Filter)} == plain.filters
        assert {one.name for one in tree.find_all(nodes.Name)} == plain.names


def test_most_templates_are_plain() -> None:
    texts = [
        "x",
        "{{ ds }}",
        "{{ macros.ds_add(ds, 7) }} {{ x|ds }}",
        "{{ ti.xcom_pull('t', key='k')['a'][0].b }}",
    ]
    assert all(used(text) is not None for text in texts)
    assert used("{{ macros.ds_add(ds, -7) | ds_nodash }}") == (
        frozenset({"macros", "ds"}),
        frozenset({"ds_nodash"}),
    )
