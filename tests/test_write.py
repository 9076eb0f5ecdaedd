"""Workflows as DAG files: whole files, layout, dependencies; ruff has the last word on the format."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from dagmig.airflow.write import write
from dagmig.asl.lift import lift
from dagmig.asl.load import load
from dagmig.diagnostics import Report, Span
from dagmig.graph.model import Call, Edge, Group, Task, Workflow
from dagmig.graph.values import Entries, Items, Literal, New, Opaque, Reference, Value

MACHINES = Path(__file__).resolve().parents[1] / "fixtures" / "machines"
NAMES = sorted(path.name for path in MACHINES.iterdir())
EMPTY = "airflow.providers.standard.operators.empty.EmptyOperator"


def converted(name: str) -> tuple[str, str]:
    """The DAG file of a fixture, and its ledger as text."""
    path = MACHINES / name / "machine.asl.json"
    report = Report()
    machine = load(path.read_text(encoding="utf-8"), f"{name}.asl.json", report)
    assert machine is not None
    written = write(lift(machine, report, ""), report)
    report.retarget({f"task:{task}": str(line) for task, line in written.lines.items()})
    rows = [
        (row.source.line, row.disposition, row.construct, row.target or "-", row.task or "-", row.difference)
        for row in report.rows
    ]
    return written.text, "".join(" ".join(map(str, row)).rstrip() + "\n" for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str) -> None:
    """Set DAGMIG_UPDATE_GOLDENS to write the files anew, and read the difference before you commit it."""
    text, ledger = converted(name)
    folder = MACHINES / name
    if os.environ.get("DAGMIG_UPDATE_GOLDENS"):
        (folder / "dag.py").write_text(text, encoding="utf-8")
        (folder / "report").write_text(ledger, encoding="utf-8")
    assert text == (folder / "dag.py").read_text(encoding="utf-8")
    assert ledger == (folder / "report").read_text(encoding="utf-8")


RULES = "E4,E7,E9,F,W,I,UP,C4,PIE"  # E5 is the formatter's: a text may be longer than a line
LIKED = "AIR,B,SIM,RET"
ACCEPTED = {
    "B023": "a function in a loop is called in the same pass",
    "SIM103": "the end of a poll reads as the Choice does",
}
NO_NAMES = {"odd_names": 3}  # ids that cannot be names, or are two for one name


def ruff(*arguments: str, text: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "--isolated", "--line-length", "110", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr if run.returncode else ""


def assert_formatted(text: str) -> None:
    assert ruff("format", "--diff", text=text) == ""
    assert ruff("check", "--select", RULES, "--target-version", "py310", text=text) == ""


@pytest.mark.parametrize("name", NAMES)
def test_ruff_finds_nothing_to_change(name: str) -> None:
    text = converted(name)[0]
    assert_formatted(text)
    said = ruff(
        "check", "--select", LIKED, "--ignore", ",".join(ACCEPTED), "--output-format", "concise", text=text
    )
    found = [line for line in said.splitlines() if line.startswith("-:")]
    assert len([line for line in found if "AIR001" in line]) == NO_NAMES.get(name, 0)
    assert [line for line in found if "AIR001" not in line] == []


def flow(words: str = "", *tasks: Task, **fields: object) -> Workflow:
    """A workflow of empty tasks from ``ab ac``: one word an edge."""
    pairs = [(word[0], word[1]) for word in words.split()]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    found = {name: Task(name, Call(EMPTY)) for name in sorted(names)} | {task.id: task for task in tasks}
    given = {"edges": frozenset(Edge(*pair) for pair in pairs), **fields}
    return Workflow("flow", found, **given)


def dependencies(text: str) -> set[tuple[str, str]]:
    """The edges that the ``>>`` statements of a file make, by the rules of Airflow's operators."""
    found: set[tuple[str, str]] = set()

    def names(node: ast.expr) -> list[str]:
        if isinstance(node, ast.BinOp):
            left, right = names(node.left), names(node.right)
            assert not (isinstance(node.left, ast.List) and isinstance(node.right, ast.List))
            found.update((a, b) for a in left for b in right)
            return right
        return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.BinOp):
            names(node.value)
    return found


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ("ab bc", "a >> b >> c"),
        ("ab ac bd cd", "a >> [b, c] >> d"),
        ("ac ad bc bd", "a >> [c, d]\n    b >> [c, d]"),
        ("ab bc ac", "a >> [b, c]\n    b >> c"),
        ("ac bc cd ce", "[a, b] >> c >> [d, e]"),
    ],
)
def test_dependencies_are_written_as_chains(edges: str, expected: str) -> None:
    text = write(flow(edges), Report()).text
    assert text.endswith(f"\n\n    {expected}\n")
    assert dependencies(text) == {(word[0], word[1]) for word in edges.split()}


def test_no_dependency_is_lost_in_a_dense_graph() -> None:
    letters = "abcdefghijkm"
    edges = " ".join(
        f"{a}{b}" for i, a in enumerate(letters) for b in letters[i + 1 :] if (i * 7 + ord(b)) % 3
    )
    text = write(flow(edges), Report()).text
    assert dependencies(text) == {(word[0], word[1]) for word in edges.split()}
    assert_formatted(text)


def test_many_dependencies_are_broken_into_lines() -> None:
    tasks = [Task(f"a_task_with_a_long_name_{i}", Call(EMPTY)) for i in range(9)]
    edges = frozenset(Edge(tasks[0].id, task.id) for task in tasks[1:]) | {Edge(t.id, "z") for t in tasks[1:]}
    text = write(flow("", *tasks, Task("z", Call(EMPTY)), edges=edges), Report()).text
    assert dependencies(text) == {(edge.upstream, edge.downstream) for edge in edges}
    assert_formatted(text)


VALUES: list[tuple[Value, str]] = [
    (Literal(None), "None"),
    (Literal("it's 'x\""), '"it\'s \'x\\""'),
    (Literal('a "b"'), "'a \"b\"'"),
    (Literal("a\n"), '"a\\n"'),
    (Literal([1, (2,), {"a": True}]), '[1, (2,), {"a": True}]'),
    (Literal({1, 2}), "{1, 2}"),
    (Literal(b"x"), 'b"x"'),
    (Literal(-1.5), "-1.5"),
    (Literal(timedelta(hours=36)), "timedelta(hours=36)"),
    (Literal(timedelta(days=14)), "timedelta(days=14)"),
    (Literal(timedelta(0)), "timedelta(seconds=0)"),
    (Literal(datetime(2024, 1, 2, 3, 4)), "datetime(2024, 1, 2, 3, 4)"),
    (Literal(datetime(2024, 1, 2, tzinfo=timezone.utc)), "datetime(2024, 1, 2, tzinfo=timezone.utc)"),
    (Literal(date(2024, 1, 2)), "date(2024, 1, 2)"),
    (Items((Literal(1), Opaque("f(x)"))), "[1, f(x)]"),
    (Entries(((Literal("a"), Opaque("x + 1")),)), '{"a": x + 1}'),
    (New("airflow.sdk.Asset", (Literal("s3://b"),), {"name": Literal("n")}), 'Asset("s3://b", name="n")'),
    (Reference("acme.jobs.load"), "load"),
]


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=[expected for _, expected in VALUES])
def test_values(value: Value, expected: str) -> None:
    text = write(flow("", Task("t", Call("acme.Op", {"x": value}))), Report()).text
    assert f'Op(task_id="t", x={expected})' in text
    compile(text, "dag.py", "exec")


def test_what_cannot_be_written_is_an_open_row() -> None:
    report = Report()
    text = write(flow("", Task("t", Call("acme.Op", {"x": Opaque("not python (")}))), report).text
    assert 'Op(task_id="t")' in text
    assert report.has_open_rows


def test_long_calls_are_broken_one_argument_a_line() -> None:
    nested = {"key": ["a" * 30, "b" * 30, {"deep": "c" * 30, "deeper": ["d" * 30] * 3}]}
    call = Call(
        "acme.Operator", {"first": Literal("x" * 90), "second": Literal(nested), "third": Literal([])}
    )
    assert_formatted(write(flow("", Task("t", call)), Report()).text)


def test_equal_class_names_are_told_apart() -> None:
    text = write(flow("", Task("a", Call("one.Op")), Task("b", Call("two.Op"))), Report()).text
    assert "from one import Op\nfrom two import Op as Op2\n" in text
    assert 'Op2(task_id="b")' in text


def test_groups_are_blocks() -> None:
    groups = {"g": Group("g"), "g.h": Group("g.h", "g")}
    tasks = [Task("g.a", Call(EMPTY), group="g"), Task("g.h.b", Call(EMPTY), group="g.h")]
    text = write(flow("", *tasks, groups=groups, edges=frozenset({Edge("g.a", "g.h.b")})), Report()).text
    assert 'with TaskGroup("g"):' in text
    assert '        with TaskGroup("h"):\n            b = EmptyOperator(task_id="b")' in text
    assert_formatted(text)


def test_names_do_not_collide() -> None:
    ids = ["DAG", "list", "class", "1st", "a-b", "a_b", "é", "task"]
    tasks = [Task(name, Call(EMPTY)) for name in ids]
    edges = frozenset(Edge("DAG", name) for name in ids[1:])
    written = write(flow("", *tasks, edges=edges), Report())
    compile(written.text, "dag.py", "exec")
    assert len(dependencies(written.text)) == len(ids) - 1
    assert_formatted(written.text)


def test_the_lines_are_those_of_the_tasks() -> None:
    text, _ = converted("nightly_orders")
    written = write(
        lift(
            load(
                (MACHINES / "nightly_orders" / "machine.asl.json").read_text(),
                "nightly_orders.asl.json",
                Report(),
            ),
            Report(),
            "",
        ),
        Report(),
    )
    lines = text.split("\n")
    assert "LambdaInvokeFunctionOperator(" in lines[written.lines["Extract"] - 1]
    assert lines[written.lines["Enough"] - 1].startswith("def choose_enough(")


def test_the_docstring_cannot_be_broken_out_of() -> None:
    hostile = '"""\nimport os\nos.abort()\n"""\\'
    workflow = flow(
        "", Task("t", Call(EMPTY)), arguments={"description": Literal(hostile)}, span=Span(f"{hostile}.json")
    )
    module = ast.parse(write(workflow, Report()).text)
    assert not [node for node in ast.walk(module) if isinstance(node, ast.Import)]


def test_a_group_stands_where_its_tasks_do() -> None:
    """Before the tasks that come after it; ids without its own are said to be so."""
    tasks = [Task(name, Call(EMPTY), group=group) for name, group in (("a", None), ("b", "g"), ("c", None))]
    text = write(flow("ab bc", *tasks, groups={"g": Group("g")}), Report()).text
    assert text.index('task_id="a"') < text.index('task_id="b"') < text.index('task_id="c"')
    assert 'with TaskGroup("g", prefix_group_id=False):' in text
