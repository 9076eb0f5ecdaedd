"""Whatever a file holds, every command ends in a diagnostic and an exit code, never in a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main

GOOD_DAG = """\
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("good", schedule=None, catchup=False):
    BashOperator(task_id="only", bash_command="echo hi", retries=2)
"""
GOOD_MACHINE = '{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}'
BROKEN: dict[str, bytes] = {
    "syntax.py": b"from airflow import DAG\nwith DAG('x') as dag\n    pass\n",
    "indent.py": b"from airflow import DAG\nif True:\nDAG('x')\n",
    "latin.py": b"from airflow import DAG\nd = DAG('\xe9')\n",
    "empty.py": b"",
    "nul.py": b"from airflow import DAG\n\x00DAG('x')\n",
    "deep.py": b"from airflow import DAG\nx = " + b"(" * 5000 + b")" * 5000 + b"\n",
    "deep_list.py": b"from airflow import DAG\nx = " + b"[" * 150 + b"]" * 150 + b"\nDAG('x')\n",
    "recursion.py": b"from airflow import DAG\ndef f(n):\n    return f(n + 1)\nDAG(f(0))\n",
    "forever.py": b"from airflow import DAG\nwhile True:\n    DAG('x')\n",
    "huge.py": b"from airflow import DAG\nDAG('x' * 10**12)\nfor i in range(10**12):\n    DAG(f'd{i}')\n",
    "cut.asl.json": b'{"StartAt": "a", "States": {"a": ',
    "latin.asl.json": b'{"StartAt": "\xe9"}',
    "empty.asl.json": b"",
    "list.asl.json": b"[1, 2]",
    "number.asl.json": b"1",
    "deep.asl.json": b"[" * 100_000,
    "deep_object.asl.json": b'{"States": ' * 3000 + b"1" + b"}" * 3000,
    "types.asl.json": b'{"StartAt": 1, "States": {"a": 1, "b": {"Type": 2, "Next": 3, "Choices": 4,'
    b' "Retry": {}}}}',
    "no_states.asl.json": b'{"StartAt": "a"}',
    "next.asl.json": b'{"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}}}',
    "cycle.asl.json": b'{"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "a"}}}',
    "nan.asl.json": b'{"StartAt": "a", "States": {"a": {"Type": "Wait", "Seconds": NaN, "End": true}}}',
    "surrogate.asl.json": b'{"StartAt": "\\ud800", "States": {"\\ud800": {"Type": "Succeed"}}}',
    "twice.asl.json": b'{"StartAt": "a", "StartAt": "b", "States": {"b": {"Type": "Succeed"}}}',
    "tabs.asl.yaml": b"StartAt:\ta\n\tStates: {}\n",
    "tags.asl.yaml": b"StartAt: !Sub a\nStates:\n  a: !!python/object/apply:os.system ['echo']\n",
    "alias.asl.yaml": b"a: &a [x, x]\n"
    + b"".join(b"%c: &%c [*%c, *%c]\n" % (c, c, c - 1, c - 1) for c in range(98, 123)),
    "keys.asl.yaml": b"1: 2\n[a, b]: c\nStartAt: a\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in BROKEN.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "good.py").write_text(GOOD_DAG)
    (tmp_path / "good.asl.json").write_text(GOOD_MACHINE)
    return tmp_path


def run(*arguments: str) -> Result:
    """Run the command in this process; an exception other than SystemExit is a traceback."""
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("name", BROKEN)
def test_convert_ends_well(folder: Path, name: str) -> None:
    result = run("convert", str(folder / name), "--to", "asl" if name.endswith(".py") else "airflow")
    assert result.exit_code in (0, 1, 3)
    if result.exit_code == 3:
        assert result.stdout == ""
        assert str(folder / name) in result.stderr


@pytest.mark.parametrize("name", [name for name in BROKEN if name.endswith(".py")])
def test_graph_ends_well_and_does_the_others(folder: Path, name: str) -> None:
    result = run("graph", str(folder / name), str(folder / "good.py"))
    document = json.loads(result.stdout)
    assert "good" in [workflow["id"] for workflow in document["workflows"]]
    assert result.exit_code in (0, 1, 3)


@pytest.mark.parametrize("name", ["syntax.py", "indent.py", "latin.py", "nul.py"])
def test_unreadable_python_is_named_with_its_place(folder: Path, name: str) -> None:
    result = run("graph", str(folder / name))
    assert result.exit_code == 3
    (diagnostic,) = json.loads(result.stdout)["diagnostics"]
    assert (diagnostic["code"], diagnostic["severity"]) == ("unparsable-file", "error")
    assert diagnostic["line"] >= 2


def test_lint_reports_every_broken_file_and_still_does_the_good_ones(folder: Path) -> None:
    (folder / "dag.py").write_text(GOOD_DAG.replace("schedule=None, catchup=False", 'schedule="99 * * * *"'))
    result = run("lint", str(folder), "--format", "json")
    assert result.exit_code == 1
    findings = json.loads(result.stdout)["findings"]
    unparsable = {Path(f["file"]).name for f in findings if f["rule"] == "unparsable-file"}
    assert unparsable >= {
        "syntax.py",
        "indent.py",
        "latin.py",
        "nul.py",
        "cut.asl.json",
        "latin.asl.json",
        "tabs.asl.yaml",
    }
    assert "invalid-cron" in {f["rule"] for f in findings if Path(f["file"]).name == "dag.py"}


def test_lint_of_odd_paths(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "dangling.py").symlink_to("nowhere.py")
    os.mkfifo(tmp_path / "pipe.py")
    with (tmp_path / "big.py").open("wb") as handle:
        handle.write(b"from airflow import DAG\n")
        handle.truncate(50 * 1024 * 1024)
    (tmp_path / "good.py").write_text(GOOD_DAG)
    result = run("lint", str(tmp_path), "--format", "json")
    rules = {(Path(f["file"]).name, f["rule"]) for f in json.loads(result.stdout)["findings"]}
    assert ("big.py", "file-too-large") in rules
    assert result.exit_code == 1


def test_ten_thousand_unrelated_files_are_silent(tmp_path: Path) -> None:
    for index in range(10_000):
        (tmp_path / f"m{index}.py").write_text(f"def f{index}():\n    return {index}\n")
    result = run("lint", str(tmp_path))
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert",),
        ("convert", "x.py"),
        ("convert", "x.py", "--to", "cobol"),
        ("graph",),
        ("lint",),
        ("lint", "--format", "yaml", "x.py"),
        ("no-such-command",),
    ],
)
def test_wrong_usage_is_exit_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
