"""Airflow's authoring API read without running it: labels, empty groups, chains, references, DAGs in DAGs."""

from __future__ import annotations

import pytest

from airflow_read.graphs import graph, shown, workflows
from dagmig.graph.query import schedule
from dagmig.graph.values import UNKNOWN, New

AUTHORING = [
    ('with TaskGroup("g"):\n    a = op("a")\n    op("b")\na >> Label("x") >> op("c")', "g.a>c g.b>c"),
    ('with TaskGroup("g"):\n    a = op("a")\n    a >> Label("x") >> op("b")', "g.a>g.b"),
    ('with TaskGroup("g") as g:\n    op("a")\ng >> Label("x") >> op("c")', "g.a>c"),
    ('op("c") << Label("x") << [op("a"), op("b")]', "a>c b>c"),
    ('with TaskGroup("g") as g:\n    pass\nop("a") >> g >> op("b")', "a>b"),
    ('with TaskGroup("o"):\n    op("a")\n    with TaskGroup("i") as i:\n        pass\ni >> op("b")', "o.a>b"),
    ('cross_downstream(from_tasks=[op("a"), op("b")], to_tasks=op("c"))', "a>c b>c"),
    ('chain_linear(op("a"), [], op("b"))', "a b"),
    ('with TaskGroup("g") as g:\n    op("a")\nchain([op("x"), op("y")], [g, op("z")])', "x>g.a y>z"),
    ('from airflow.sdk import XComArg\nop("b", doc_md="").set_upstream(XComArg(op("a"), key="k"))', "a>b"),
    (
        'from typing import cast\nfrom airflow.sdk import XComArg\na = op("a")\n'
        'BashOperator(task_id="b", bash_command=cast("str", XComArg(a, key="k")))',
        "a>b",
    ),
    ("@task\ndef f(): ...\n@task\ndef f__3(): ...\nf__3(); f(); f()", "f f__3 f__4"),
]
DAGS = [
    (
        'with DAG("d") as d:\n    @d.task(task_id="t")\n    def f(): ...\n'
        "    @d.task\n    def g(): ...\n    f() >> g()\n",
        {"d": "t>g"},
    ),
    ('d = DAG("d")\n@d.task(task_id="t")\ndef f(): ...\nf()\n', {"d": "t"}),
    ('d = DAG("d")\nd.add_tasks([op("a"), op("b")])\nd.set_dependency("a", "b")\n', {"d": "a>b"}),
]
# No such task is known, nor to Airflow.
NOT_LOADED = [
    ('d = DAG("d")\nd.add_task(op("a"))\nd.set_dependency("a", "b")\n', {"d": "a ?unknown-value"}),
]
REFUSED = [
    'x = [op("a")]\nx >> [op("b")]',
    'chain([op("a")], [op("b"), op("c")])',
    'chain_linear(op("a"), Label("x"), op("b"))',
    'chain_linear([op("a"), op("b")])',
    "@task\ndef f(x): ...\nf()",
    "@task\ndef f(x): ...\nf(1, 2)",
    "@task\ndef f(x): ...\nf(1, x=1)",
    "@task\ndef f(x): ...\nf(1, y=1)",
    "@task.branch\ndef f(x, *, y, ds=None): ...\nf(1)",
    '@task\ndef f(ds="x"): ...\nf()',
    "@task\ndef f(x): ...\nf.expand(x=[1], y=[2])",
    "@task\ndef f(x): ...\nf.partial(y=1).expand(x=[1])",
    'op("a") >> "b"',
    '"b" >> op("a")',
    'with TaskGroup("g") as g:\n    op("a")\ng >> "b"',
    '@task\ndef f(): ...\nop("a") >> f',
    '@task\ndef f(): ...\n[op("a"), f] >> op("b")',
    "@task\ndef f(): ...\nf() >> 3",
    'def f(): ...\nchain(op("a"), f)',
    'op("a") > op("b")',
    'op("a") < op("b")',
    '@task\ndef f(): ...\nf() > op("b")',
    'with TaskGroup("g"):\n    op("a")\nwith TaskGroup("g"):\n    op("b")',
    'op("g")\nwith TaskGroup("g"):\n    op("b")',
    'BashOperator("a", bash_command="b")',
    'BashOperator("a", "b")',
    'BashOperator(bash_command="b")',
    'BashOperator.partial(env={}).expand(bash_command=["b"])',
]
ACCEPTED = [
    ("@task\ndef f(x, *rest, **others): ...\nf(1, 2, y=3)", "f"),
    ("@task\ndef f(ds, x=3, *, ti): ...\nf()", "f"),
    ("@task\ndef f(x): ...\nf(*unknown())", "f"),
    ("@task\ndef f(x): ...\nf(**unknown())", "f"),
    ("import functools\n@task\n@functools.wraps(unknown())\ndef f(x): ...\nf()", "f"),
    ("@task.pyspark\ndef f(spark): ...\nf()", "f"),
    ("@task\ndef f(ds=None): ...\nf()", "f"),
    ("@task\ndef f(x, **others): ...\nf.partial(y=1).expand(x=[1])", "f"),
    ('op("a") >> ""', "a"),
    ('op("a") == op("b")', "a b"),
    ('@task_group\ndef g():\n    op("a")\ng()\ng()', "g.a g__1.a"),
    (
        'with TaskGroup("o"):\n    with TaskGroup("g"):\n        op("a")\nwith TaskGroup("g"):\n    op("b")',
        "g.b o.g.a",
    ),
]


@pytest.mark.parametrize(("body", "expected"), AUTHORING)
def test_the_graph_is_the_one_airflow_builds(body: str, expected: str) -> None:
    assert graph(body) == expected


@pytest.mark.parametrize(("text", "expected"), [*DAGS, *NOT_LOADED])
def test_decorators_of_a_dag_make_its_tasks(text: str, expected: dict[str, str]) -> None:
    found, codes = workflows(text)
    assert {str(one.id): shown(one, codes) for one in found} == expected


@pytest.mark.parametrize(("body", "expected"), ACCEPTED)
def test_what_airflow_takes_fails_nothing(body: str, expected: str) -> None:
    assert graph(body).removesuffix(" ?unknown-value") == expected


@pytest.mark.parametrize("body", REFUSED)
def test_what_airflow_refuses_fails_the_import(body: str) -> None:
    assert "?import-fails" in graph(body)


def test_the_dag_of_a_subdag_operator_is_one_of_the_file() -> None:
    text = (
        "from airflow.operators.subdag import SubDagOperator\n"
        'def inner():\n    sub = DAG("d.s")\n    op("x", dag=sub)\n    return sub\n'
        'with DAG("d"):\n    SubDagOperator(task_id="s", subdag=inner())\n'
    )
    found, codes = workflows(text)
    assert {one.id: shown(one, codes) for one in found} == {"d": "s", "d.s": "x"}


def test_a_subdag_that_is_not_known_is_said() -> None:
    text = (
        "from airflow.operators.subdag import SubDagOperator\nfrom elsewhere import make\n"
        'sub = make()\nwith DAG("d"):\n    SubDagOperator(task_id="s", subdag=sub)\n'
    )
    assert "unknown-value" in workflows(text)[1]


def test_assets_are_known_by_their_uri() -> None:
    text = (
        "from airflow.sdk import Asset\n"
        '@asset(uri="s3://b/first", schedule=None)\ndef first(): ...\n'
        'with DAG("d", schedule=first & Asset.ref(name="other")):\n    op("a")\n'
    )
    found, codes = workflows(text)
    (value,) = (schedule(one) for one in found if one.id == "d")
    assert codes == []
    assert repr(value).count("s3://b/first") == 1
    assert isinstance(value, New)
    assert [part.type for part in value.arguments if isinstance(part, New)] == [
        "airflow.sdk.Asset",
        "airflow.sdk.AssetRef",
    ]


def test_a_schedule_of_an_asset_that_is_not_known_is_said() -> None:
    text = (
        "import os\nfrom airflow.sdk import Asset\n"
        'with DAG("d", schedule=[Asset(f"s3://{os.getpid()}")]):\n    op("a")\n'
    )
    assert workflows(text)[1] == ["unknown-value"]


OPEN = [
    'a = op("a")\nBashOperator(task_id="b", bash_command=a.cluster)',
    "from airflow.providers.x.workflow import XTaskGroup\nwith XTaskGroup('g'):\n    op('a')",
]


@pytest.mark.parametrize("body", OPEN)
def test_what_an_operator_or_group_of_its_own_does_is_said(body: str) -> None:
    text = 'with DAG("d"):\n' + "".join(f"    {line}\n" for line in body.splitlines())
    (found,), codes = workflows(text)
    assert "unknown-value" in codes
    assert not found.is_complete


RULES = [
    ('op("a", trigger_rule="all_done").as_teardown()', "all_done_setup_success"),
    ('op("a", default_args={"trigger_rule": "all_done"}).as_teardown()', "all_done_setup_success"),
    (
        '@teardown\n@task(default_args={"trigger_rule": "all_done"})\ndef a(): ...\na()',
        "all_done_setup_success",
    ),
    ('op("a", default_args={"trigger_rule": "all_done"})', "all_done"),
    ('import elsewhere\nop("a", **elsewhere.more())', UNKNOWN),
]


@pytest.mark.parametrize(("body", "expected"), RULES)
def test_a_teardown_has_a_trigger_rule_of_its_own(body: str, expected: str) -> None:
    text = 'with DAG("d"):\n' + "".join(f"    {line}\n" for line in body.splitlines())
    (found,), _ = workflows(text)
    assert found.tasks["a"].trigger == expected
