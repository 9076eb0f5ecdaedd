"""Each diagnostic of the reader: what it did not know, what follows, where; and its page."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from airflow_read.graphs import HEAD
from dagmig.airflow.read import __file__ as package
from dagmig.airflow.read import read
from dagmig.airflow.read.codes import KINDS, Kind
from dagmig.airflow.read.dependencies import Dependencies
from dagmig.cli import main
from dagmig.diagnostics import Report
from dagmig.lint.check import rules

BEFORE = HEAD + "import os\nimport foo\nwith DAG('d'):\n"
LINES, INDENT = BEFORE.count("\n"), 4
LACKS = "tasks or dependencies may be missing"
BOTH = "the graph holds what either way adds"
ROUND = "the graph holds what one round adds"
LOST = "the task and its dependencies are missing"
T = "EmptyOperator(task_id='t'"
TASK = f"{T})"
BODIES = [
    ("EmptyOperator(task_id=foo.name)", "1:1 unknown-id", f"the task_id is not known (`foo.name`): {LOST}"),
    (
        f"EmptyOperator(task_id={TASK})",
        "1:1 unknown-id",
        f"the task_id is not known: {LOST}",
    ),
    (
        "@task\ndef a(): ...\nEmptyOperator(task_id=a())",
        "3:1 unknown-id",
        f"the task_id is not known (what the task `a` returns): {LOST}",
    ),
    (
        "with TaskGroup(foo.name):\n    pass",
        "1:6 unknown-id",
        "the group_id is not known (`foo.name`): it is `unknown` in the ids of the group's tasks",
    ),
    (
        "d = DAG('x')\nd.add_tasks(foo.tasks)",
        "2:1 unknown-value",
        f"what `add_tasks` is given is not known: {LACKS}",
    ),
    (
        f"g = TaskGroup('g')\ng.add({TASK})",
        "2:1 unknown-value",
        f"what `add` of a task group does is not known: {LACKS}",
    ),
    ("1j", "1:1 unknown-value", f"the value of an expression of this kind is not known: {LACKS}"),
    (
        "class Mine(EmptyOperator):\n    @property\n    def x(self): ...\nMine(task_id='a').x = 1",
        "4:1 unknown-value",
        f"what setting `x` does is not known: {LACKS}",
    ),
    (
        "from contextlib import contextmanager as m\n@m\ndef a():\n    yield from foo.x\nwith a():\n    pass",
        "5:6 unknown-value",
        f"what the `with` enters is not known: {LACKS}",
    ),
    (
        "with foo.x():\n    {}['a']",
        "1:6 unknown-value",
        f"whether the file goes on after an exception in a `with` is not known: {LACKS}",
    ),
    (
        "@setup\n@task_group\ndef a(): ...",
        "1:2 unknown-value",
        f"what `@setup` decorates is not known: {LACKS}",
    ),
    (
        f"@foo.wrapped\ndef a():\n    {TASK}\na()",
        "4:1 unknown-value",
        f"what `@foo.wrapped` makes of `a` is not known: {LACKS}",
    ),
    (
        "TaskGroup('g', **foo.more)",
        "1:1 unknown-value",
        "arguments of a task group are not known: the ids of its tasks may be others",
    ),
    (
        "TaskGroup('g', prefix_group_id=foo.flag)",
        "1:1 unknown-value",
        "`prefix_group_id` is not known (`foo.flag`): the ids of the group's tasks may be without it",
    ),
    (
        "TaskGroup('g', parent_group=foo.group)",
        "1:1 unknown-value",
        "`parent_group` is not known (`foo.group`): what is made here may belong there",
    ),
    (
        f"{T}, task_group=foo.group)",
        "1:1 unknown-value",
        "`task_group` is not known (`foo.group`): what is made here may belong there",
    ),
    (
        f"{T}, dag=foo.make())",
        "1:1 unknown-value",
        "`dag` is not known (the result of `foo.make`): what is made here may belong there",
    ),
    (
        "@task(**foo.more)\ndef a(): ...\na()",
        "3:1 unknown-id",
        "arguments of the task `a` are not known: its task_id may be another one",
    ),
    (
        "@task\ndef a(): ...\na.override(**foo.more).expand(x=[1])",
        "3:1 unknown-id",
        "arguments of the task `a` are not known: its task_id may be another one",
    ),
    ("DAG(foo.name)", "1:1 unknown-id", "the dag_id is not known (`foo.name`): the DAG has no id here"),
    (
        "@dag(**foo.more)\ndef a(): ...\na()",
        "1:2 unknown-id",
        "the dag_id is not known: the DAG has no id here",
    ),
    (
        "DAG('x', **foo.more)",
        "1:1 unknown-value",
        "arguments of the DAG are not known: when it runs is left open",
    ),
    (
        "DAG('x', default_args=foo.defaults)",
        "1:1 unknown-default-args",
        "`default_args` are not known (`foo.defaults`): what a task does not set itself is left open",
    ),
    (
        f"{TASK} >> foo.task",
        "1:1 unknown-value",
        "one side of a dependency is not known (`foo.task`): the dependency is missing",
    ),
    (
        f"[{TASK}, foo.x] >> EmptyOperator(task_id='b')",
        "1:1 unknown-value",
        "one side of a dependency is not known (`foo.x`): the dependency is missing",
    ),
    (
        "foo.x >> foo.y",
        "1:1 unknown-value",
        "one side of a dependency is not known (`foo.x`): the dependency is missing",
    ),
    (
        f"(foo.x + 1) >> [{TASK}]",
        "1:1 unknown-value",
        "one side of a dependency is not known: the dependency is missing",
    ),
    (
        f"cross_downstream({TASK})",
        "1:1 unknown-value",
        "the arguments of `cross_downstream` are not known: its dependencies are missing",
    ),
    (
        "from airflow.providers.foo.operators.x import FooTaskGroup\nFooTaskGroup(group_id='g')",
        "2:1 unknown-value",
        f"what `FooTaskGroup` adds to the group is not known: {LACKS}",
    ),
    (
        "from cosmos import DbtTaskGroup\nwith DbtTaskGroup(group_id='g'):\n    pass",
        "2:6 unknown-value",
        "what `DbtTaskGroup` adds is not known: its tasks have other ids and dependencies",
    ),
    ("foo.make()", "1:1 unknown-value", f"what `foo.make` adds is not known: {LACKS}"),
    (
        "foo.makers[0]()",
        "1:1 unknown-value",
        f"what a call of something unknown (an item of something unknown) adds is not known: {LACKS}",
    ),
    (
        "from airflow.models.xcom_arg import XComArg\nXComArg(foo.task)",
        "2:1 unknown-value",
        "the task of an XComArg is not known (`foo.task`): its dependencies are missing",
    ),
    (
        f"class A:\n    {TASK}",
        "1:1 unknown-value",
        f"the body of class `A` builds tasks, which is not followed: {LACKS}",
    ),
    (
        "class Mine(EmptyOperator):\n    def __init__(self): ...\nMine()",
        "3:1 unknown-value",
        f"what `Mine` makes is not known: {LACKS}",
    ),
    (
        f"a = {T})\nEmptyOperator(task_id='b', x=a.foo)",
        "2:1 unknown-value",
        "`foo` of task `t` is not known: a dependency of task `b` on it may be missing",
    ),
    (
        f"for n in foo.names:\n    {TASK}",
        "1:10 unknown-value",
        f"what the loop goes over is not known (`foo.names`): {ROUND}",
    ),
    (
        f"[{TASK} for n in foo.names]",
        f"1:{len(TASK) + 12} unknown-value",
        f"what the loop goes over is not known (`foo.names`): {ROUND}",
    ),
    (
        f"[{TASK} for n in [1] if n < len(foo.x)]",
        f"1:{len(TASK) + 12} unknown-value",
        f"which items are taken is not known: {LACKS}",
    ),
    (
        f"while len(foo.x):\n    {TASK}",
        "1:7 unknown-value",
        f"how often the loop runs is not known: {ROUND}",
    ),
    ("from foo import *", "1:1 unknown-value", f"what `from foo import *` defines is not known: {LACKS}"),
    (
        "from airflow.sdk.definitions.decorators.setup_teardown import context_wrapper\n"
        f"with context_wrapper([{TASK}.as_setup(), foo.more]):\n    pass",
        "2:6 unknown-value",
        f"which setups or teardowns a `with` is over is not known: {LACKS}",
    ),
    (
        "d = DAG('x', auto_register=foo.flag)\nwith d:\n    pass",
        "2:6 unknown-value",
        f"whether the DAG is registered is not known: {LACKS}",
    ),
    (
        "with DAG('d'):\n    op('t')",
        "1:6 duplicate-dag-id",
        "the file has more than one DAG `d`: Airflow keeps any one of them",
    ),
    (
        "foo.Operator(task_id='t', x=op('u').output)",
        "1:1 unknown-value",
        "whether `x` of task `t` is a template is not known: its dependency on `u` is not sure",
    ),
    (
        "from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup\n"
        "b = op('b')\n"
        "with DatabricksWorkflowTaskGroup(group_id='g', databricks_conn_id='c') as g:\n"
        "    op('a')\n"
        "    b >> g",
        "3:6 unknown-value",
        "what `launch` comes after is not known (versions of the provider differ): "
        "its dependencies may be others",
    ),
    (
        "a = []\na.extend(foo.more)",
        "2:1 unknown-value",
        f"what a collection grows by is not known (`foo.more`): {LACKS}",
    ),
    ("del foo.a", "1:5 unknown-value", f"what is deleted here is not known: {LACKS}"),
    (
        f"if foo.flag:\n    {TASK}",
        "1:1 unknown-value",
        f"whether this branch is taken is not known (`foo.flag`): {BOTH}",
    ),
    (f"foo.flag and {TASK}", "1:1 unknown-value", f"whether this is evaluated is not known: {BOTH}"),
    (f"{TASK} if foo.flag else 1", "1:1 unknown-value", f"which value is taken is not known: {BOTH}"),
    (
        f"match foo.flag:\n    case 1:\n        {TASK}",
        "1:1 unknown-value",
        f"which case is taken is not known: {BOTH}",
    ),
    (
        f"try:\n    len(foo.x)\nexcept ValueError:\n    {TASK}",
        "1:1 unknown-value",
        f"whether an exception is raised here is not known: {BOTH}",
    ),
    (
        "for n in [1, 2]:\n    if foo.x:\n        break\n    EmptyOperator(task_id=str(n))",
        "2:5 unknown-value",
        f"whether this is reached is not known: {BOTH}",
    ),
    (
        "from airflow.operators.subdag import SubDagOperator\nSubDagOperator(task_id='a', subdag=foo.dag)",
        "2:1 unknown-value",
        "the `subdag` of task `a` is not known: that DAG is missing",
    ),
    (
        f"{TASK} >> Label(foo.x) >> EmptyOperator(task_id='b')",
        "1:31 unknown-value",
        "the label of a dependency is not known (`foo.x`): it has none",
    ),
    (f"{TASK}\n{TASK}", "2:1 duplicate-task-id", "task id `t` is used twice: Airflow refuses the file"),
    (
        f"if foo.x:\n    {TASK}\nelse:\n    {TASK}",
        "4:5 unknown-value",
        "which of the tasks `t` is made is not known: the graph has the first",
    ),
    (
        "os.getenv('NAME', 'a')",
        "1:1 assumed-default",
        "the environment variable `NAME` is taken to be unset, so that its default counts",
    ),
    (
        "len([])\nif True:\n    {}['a']",
        "3:5 import-fails",
        "importing the file raises an exception here (KeyError): Airflow shows an error and none of its DAGs",
    ),
    (
        "while True:\n    len([])",
        "2:5 too-much-work",
        "the file asks for too much work here: what comes later is missing",
    ),
    (
        f"{T}, trigger_rule=foo.rule)",
        "1:1 unknown-value",
        "`trigger_rule` of task `t` is not known: whether it runs after a failure or a skip is left open",
    ),
    (
        f"{T}, retries=foo.n)",
        "1:1 unknown-value",
        "`retries` of task `t` is not known: how often it is tried again is left open",
    ),
    (
        f"{T}, retry_delay=foo.n)",
        "1:1 unknown-value",
        "`retry_delay` of task `t` is not known: how long it waits before it is tried again is left open",
    ),
    (
        f"{T}, execution_timeout=foo.n)",
        "1:1 unknown-value",
        "`execution_timeout` of task `t` is not known: how long it may run is left open",
    ),
    (
        "with DAG('x', schedule=foo.s):\n    pass",
        "1:6 unknown-value",
        "`schedule` is not known: when it runs is left open",
    ),
    (
        "with DAG('x', start_date=foo.d):\n    pass",
        "1:6 unknown-value",
        "`start_date` is not known: when its first run is due is left open",
    ),
    (
        "with DAG('x', catchup=foo.c):\n    pass",
        "1:6 unknown-value",
        "`catchup` is not known: whether it catches up on past runs is left open",
    ),
    (
        "with DAG('x', max_active_runs=foo.n):\n    pass",
        "1:6 unknown-value",
        "`max_active_runs` is not known: how many runs go at once is left open",
    ),
]
INFOS = ("`retries`", "`retry_delay`", "`execution_timeout`", "`schedule`", "`start_date`", "`catchup`")
OF_MODULES = ("the module `",)
OF_LATER_PYTHONS = ("what a statement of this kind does is not known", "what is assigned to is not known")
FACTS = (*INFOS, "the label", "`max_active_runs`", "the environment variable")


def said(body: str) -> list[tuple[str, str, str]]:
    """Of a body inside ``with DAG('d'):`` the line and column in it with the code; message; severity."""
    report = Report()
    lines = "".join(f"{' ' * INDENT}{line}\n" for line in body.splitlines())
    read(BEFORE + lines, "dags/orders.py", report)
    return [
        (f"{d.span.line - LINES}:{d.span.column - INDENT} {d.code}", d.message, d.severity.value)
        for d in report
    ]


@pytest.mark.parametrize(("body", "place", "message"), BODIES, ids=[message for *_, message in BODIES])
def test_what_is_not_known_and_what_follows(body: str, place: str, message: str) -> None:
    severity = {"duplicate-task-id": "error", "assumed-default": "info"}.get(place.split()[1], "warning")
    severity = "info" if message.startswith(FACTS) else severity
    assert (place, message, severity) in said(body)


def test_every_place_that_says_something_is_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[tuple[str, int]] = set()

    def noted(name: str) -> None:
        original = getattr(Dependencies, name)

        def method(self: Dependencies, *args: object, **kwargs: object) -> None:
            frame = sys._getframe(1)
            seen.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
            original(self, *args, **kwargs)

        monkeypatch.setattr(Dependencies, name, method)

    noted("doubt")
    noted("say")
    for body, *_ in BODIES:
        said(body)
    read(f"{HEAD}import foo\nd = DAG('d')\nop('t', **foo.more)\n", "dags/orders.py", Report())
    read(EMPTY_GROUP, "dags/orders.py", Report())
    unseen = {message for place, message in _places().items() if place not in seen}
    assert unseen == {*OF_MODULES, *OF_LATER_PYTHONS}


def _places() -> dict[tuple[str, int], str]:
    """Where the reader says something, and the first text there."""
    found = {}
    for file in Path(package).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("doubt", "say"):
                texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
                found[file.name, node.lineno] = next((one for one in texts if isinstance(one, str)), "")
    return found


def test_a_doubt_in_another_module_says_where(tmp_path: Path) -> None:
    """It points to the place in the DAG file that led there, and names the line in the module."""
    (tmp_path / "made.py").write_text(
        f"import foo\n{HEAD}\ndef make():\n    op(foo.name)\n", encoding="utf-8"
    )
    (tmp_path / "broken.py").write_text("def\n", encoding="utf-8")
    text = f"{HEAD}import broken\nfrom made import make\nwith DAG('d'):\n    make()\n"
    (tmp_path / "dag.py").write_text(text, encoding="utf-8")
    report = Report()
    read(text, str(tmp_path / "dag.py"), report, project_root=str(tmp_path))
    first = HEAD.count("\n")
    assert [(d.span.line - first, d.span.column, d.message) for d in report] == [
        (1, 1, f"the module `broken` cannot be read: {LACKS}"),
        (4, 5, f"the task_id is not known (`foo.name`): {LOST} (in `made`, line {first + 1})"),
    ]


def test_a_task_outside_of_a_dag_may_be_given_one() -> None:
    report = Report()
    (found,) = read(f"{HEAD}import foo\nd = DAG('d')\nop('t', **foo.more)\n", "dags/orders.py", report)
    assert not found.is_complete
    assert [d.message for d in report] == ["arguments of a task are not known: its DAG may be among them"]


EMPTY_GROUP = """\
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup
with DAG("d"):
    with TaskGroup("g") as g:
        pass
    EmptyOperator(task_id="a") >> g >> EmptyOperator(task_id="b")
"""


def test_an_empty_group_before_airflow_3() -> None:
    report = Report()
    (found,) = read(EMPTY_GROUP, "dags/orders.py", report)
    assert not found.is_complete
    assert [(d.span.line, d.message) for d in report] == [
        (
            5,
            "whether what follows the empty group `g` waits is not known: "
            "only in Airflow 3 it waits for what is before the group",
        )
    ]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    named = {place.split()[1] for _, place, _ in BODIES} | {"unparsable-file"}
    assert {kind.code for kind in KINDS} == named
    assert [kind.code for kind in KINDS] == sorted(named)


NO_RULES = [kind for kind in KINDS if kind.code not in {rule.id for rule in rules()}]


@pytest.mark.parametrize("kind", NO_RULES, ids=lambda kind: kind.code)
def test_the_page(kind: Kind) -> None:
    shown = CliRunner().invoke(main, ["explain", kind.code])
    assert shown.exit_code == 0
    assert f"# {kind.code}\n" in shown.output
    assert kind.when in shown.output
    assert kind.follows in shown.output


def test_the_table_of_all() -> None:
    lines = CliRunner().invoke(main, ["explain", "--reader"]).output.splitlines()
    assert [line.split("`")[1] for line in lines if line.startswith("| `")] == [kind.code for kind in KINDS]
