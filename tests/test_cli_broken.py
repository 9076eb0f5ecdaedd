"""Whatever a file holds, every command ends in a diagnostic and an exit code, never in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

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
FILES = Path(__file__).parents[1] / "fixtures" / "broken"
UNREADABLE = {  # file: the line that the diagnostic names
    "alias_to_itself.asl.yaml": 3,
    "comment.asl.json": 1,
    "control_character.asl.yaml": 1,
    "control_character.py": 4,
    "cut.asl.json": 1,
    "empty.asl.json": 1,
    "empty.asl.yaml": 1,
    "half_a_character.asl.json": 1,
    "indentation.py": 4,
    "list.asl.json": 1,
    "not_a_number.asl.json": 1,
    "not_utf8.asl.json": 1,
    "not_utf8.py": 3,
    "nul_byte.py": 3,
    "print_statement.py": 3,
    "syntax_error.py": 3,
    "tab.asl.yaml": 2,
    "tabs_and_spaces.py": 5,
    "too_large_a_number.asl.json": 1,
    "trailing_comma.asl.json": 1,
    "two_documents.asl.yaml": 3,
    "undefined_encoding.py": 1,
    "unknown_encoding.py": 1,
    "unknown_escape.py": 3,
    "utf16.py": 1,
}
NO_MACHINE = {  # file: the severity
    "no_states.asl.json": "error",
    "not_a_machine.json": "info",
    "python_object.asl.yaml": "error",
    "start_is_a_list.asl.json": "error",
    "states_are_a_list.asl.json": "error",
    "wrong_types.asl.json": "error",
}
HEAD = b"from airflow import DAG\n"
DEEP: dict[str, bytes] = {
    "parentheses.py": HEAD + b"x = " + b"(" * 5000 + b")" * 5000 + b"\n",
    "calls.py": HEAD + b"x = " + b"f(" * 3000 + b")" * 3000 + b"\nd = DAG('x')\n",
    "subscripts.py": HEAD + b"x = " + b"a[" * 3000 + b"0" + b"]" * 3000 + b"\n",
    "sum.py": HEAD + b"x = " + b"+".join([b"1"] * 20000) + b"\nd = DAG('x')\n",
    "shifts.py": HEAD + b"with DAG('x'):\n    " + b" >> ".join([b"b"] * 5000) + b"\n",
    "attributes.py": HEAD + b"x = a" + b".b" * 20000 + b"\n",
    "minus.py": HEAD + b"x = " + b"-" * 20000 + b"1\n",
    "not.py": HEAD + b"x = " + b"not " * 20000 + b"1\n",
    "lambda.py": HEAD + b"x = " + b"lambda: " * 5000 + b"1\n",
    "elif.py": HEAD + b"if q:\n    a = 1\n" + b"elif q:\n    a = 2\n" * 3000,
    "blocks.py": HEAD + b"".join(b" " * n + b"if 1:\n" for n in range(400)) + b" " * 400 + b"x = 1\n",
    "lists.asl.json": b"[" * 100_000,
    "objects.asl.json": b'{"States": ' * 3000 + b"1" + b"}" * 3000,
    "branches.asl.json": b'{"StartAt":"a","States":{"a":{"Type":"Parallel","Branches":[' * 60
    + b"1"
    + b"]}}}" * 60,
    "flow.asl.yaml": b"[" * 20000,
    "block.asl.yaml": b"".join(b" " * n + b"a:\n" for n in range(3000)),
}
ODD: dict[str, bytes] = {
    "recursion.py": HEAD + b"def f(n):\n    return f(n + 1)\nDAG(f(0))\n",
    "forever.py": HEAD + b"while True:\n    DAG('x')\n",
    "huge.py": HEAD + b"DAG('x' * 10**12)\nfor i in range(10**12):\n    DAG(f'd{i}')\n",
    "powers.py": HEAD + b"x = 10**10**10\ny = 1 << 10**11\nz = [0] * 10**10\nd = DAG('x', tags=z)\n",
    "digits.py": HEAD + b"x = " + b"9" * 100_000 + b"\nd = DAG('x', max_active_runs=x)\n",
    "itself.py": HEAD + b"d = {}\nd['d'] = d\nx = []\nx.append(x)\ng = DAG('x', default_args=d, tags=x)\n",
    "grown.py": HEAD + b"x = []\nfor i in range(3000):\n    x = [x]\nd = DAG('x', default_args={'a': x})\n",
    "list.py": HEAD + b"x = " + b"[" * 150 + b"]" * 150 + b"\nDAG('x')\n",
    "surrogate.py": HEAD + b"d = DAG('\\ud800', schedule='\\ud800')\n",
    "next.asl.json": b'{"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}}}',
    "cycle.asl.json": b'{"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "a"}}}',
    "twice.asl.json": b'{"StartAt": "a", "StartAt": "b", "States": {"b": {"Type": "Succeed"}}}',
    "names.asl.json": b'{"StartAt": "", "States": {"": {"Type": "Pass", "Next": "/~"},'
    b' "/~": {"Type": "Succeed"}}}',
    "inner.asl.json": b'{"StartAt": "a", "States": {"a": {"Type": "Map", "End": true, "Resource": {"a": 1},'
    b' "ItemProcessor": {"States": {"b": []}}, "Branches": {"x": 1}, "Choices": [1, null, {"Next": {}}],'
    b' "Catch": [[]], "Retry": [{"ErrorEquals": 5}], "Parameters": [1]}}}',
    "tags.asl.yaml": b"StartAt: !Sub a\nStates:\n  a: !!python/object/apply:os.system ['echo']\n",
    "alias.asl.yaml": b"a: &a [x, x]\n"
    + b"".join(b"%c: &%c [*%c, *%c]\n" % (c, c, c - 1, c - 1) for c in range(98, 123)),
    "keys.asl.yaml": b"1: 2\n[a, b]: c\nStartAt: a\n",
    "date.asl.yaml": b"StartAt: 2020-01-01\nStates: {2020-01-01: {Type: Succeed}, 1: {Type: Pass}}\n",
}
FOREIGN = '{"StartAt": "日本語", "States": {"日本語": {"Type": "Task", "Resource": "x", "End": true}}}'
BROKEN = {**{file.name: file.read_bytes() for file in sorted(FILES.iterdir())}, **DEEP, **ODD}


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


def findings(*paths: Path | str) -> list[dict[str, object]]:
    """What the linter finds, by way of its JSON; exit 1 where there is something."""
    result = run("lint", "--format", "json", "--no-cache", *map(str, paths))
    found: list[dict[str, object]] = json.loads(result.stdout)["findings"]
    assert result.exit_code == (1 if found else 0)
    assert "rule-crashed" not in {finding["rule"] for finding in found}
    return found


def test_every_broken_file_is_described_here() -> None:
    assert {file.name for file in FILES.iterdir()} == UNREADABLE.keys() | NO_MACHINE.keys() | {"empty.py"}


@pytest.mark.parametrize(("name", "line"), UNREADABLE.items())
def test_unreadable_file_is_a_diagnostic_at_its_place(name: str, line: int) -> None:
    (finding,) = findings(FILES / name)
    assert (finding["rule"], finding["severity"], finding["line"]) == ("unparsable-file", "error", line)
    assert "\n" not in str(finding["message"])
    assert "sig" not in str(finding["message"])
    result = run("convert", str(FILES / name), "--to", "asl" if name.endswith(".py") else "airflow")
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"{name}:{line}:" in result.stderr


@pytest.mark.parametrize("name", [name for name in UNREADABLE if name.endswith(".py")])
def test_graph_of_an_unreadable_file_is_exit_3(name: str) -> None:
    result = run("graph", str(FILES / name))
    assert result.exit_code == 3
    (diagnostic,) = json.loads(result.stdout)["diagnostics"]
    assert (diagnostic["code"], diagnostic["line"]) == ("unparsable-file", UNREADABLE[name])


@pytest.mark.parametrize("name", ["not_a_machine.json", "empty.asl.yaml"])
def test_graph_of_what_is_no_python_file_is_exit_3_and_does_the_others(tmp_path: Path, name: str) -> None:
    (tmp_path / "good.py").write_text(GOOD_DAG)
    result = run("graph", str(FILES / name), str(tmp_path / "good.py"))
    document = json.loads(result.stdout)
    assert [workflow["id"] for workflow in document["workflows"]] == ["good"]
    assert [d["message"] for d in document["diagnostics"]] == ["cannot be read: not a .py file"]
    assert result.exit_code == 3


def test_graph_says_which_file_defines_no_dag(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD_DAG)
    result = run("graph", str(FILES / "empty.py"), str(tmp_path / "good.py"))
    assert (result.exit_code, result.stderr) == (0, f"{FILES / 'empty.py'}: defines no DAG\n")


def test_convert_says_once_why_there_is_nothing(tmp_path: Path) -> None:
    result = run("convert", str(FILES / "syntax_error.py"), "--to", "asl")
    assert len(result.stderr.splitlines()) == 1
    result = run("convert", str(FILES / "empty.py"), "--to", "asl")
    assert result.stderr == f"{FILES / 'empty.py'}: defines no DAG\n"


@pytest.mark.parametrize(("name", "severity"), NO_MACHINE.items())
def test_what_is_no_machine_is_said(name: str, severity: str) -> None:
    first = findings(FILES / name)[0]
    assert (first["rule"], first["severity"]) == ("not-a-machine", severity)


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_a_diagnostic(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(DEEP[name])
    (finding,) = findings(tmp_path / name)
    assert finding["rule"] == "unparsable-file"


LONG = {
    "or.py": HEAD + b"x = " + b"a or " * 20000 + b"1\n",
    "strings.py": HEAD + b"x = (" + b"'a'\n " * 20000 + b")\n",
}


@pytest.mark.parametrize("name", LONG)
def test_what_is_long_and_not_deep_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(LONG[name])
    assert findings(tmp_path / name) == []


@pytest.mark.parametrize("name", ODD)
def test_odd_files_end_well(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ODD[name])
    assert {finding["file"] for finding in findings(tmp_path / name)} <= {str(tmp_path / name)}


def test_empty_file_and_nothing_to_check_are_said_without_a_finding(tmp_path: Path) -> None:
    result = run("lint", str(FILES / "empty.py"))
    assert (result.exit_code, result.stdout) == (0, "All checks passed.\n")
    assert result.stderr == f"no DAG and no state machine in {FILES / 'empty.py'}\n"
    assert run("lint", str(tmp_path)).stderr == "no DAG and no state machine in any of 0 files\n"


def test_lint_reports_every_broken_file_and_still_does_the_good_ones(folder: Path) -> None:
    (folder / "dag.py").write_text(GOOD_DAG.replace("schedule=None, catchup=False", 'schedule="99 * * * *"'))
    found = findings(folder)
    unparsable = {Path(str(f["file"])).name for f in found if f["rule"] == "unparsable-file"}
    assert unparsable >= UNREADABLE.keys() | DEEP.keys()
    assert "invalid-cron" in {f["rule"] for f in found if Path(str(f["file"])).name == "dag.py"}


def test_lint_of_odd_paths(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "dangling.py").symlink_to("nowhere.py")
    os.mkfifo(tmp_path / "pipe.py")
    with (tmp_path / "big.py").open("wb") as handle:
        handle.write(b"from airflow import DAG\n")
        handle.truncate(50 * 1024 * 1024)
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    (tmp_path / "itself.py").symlink_to("itself.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "dag.py").write_text(GOOD_DAG.replace("None", "'99 * * * *'"))
    assert [(Path(str(f["file"])).name, f["rule"]) for f in findings(tmp_path)] == [
        ("big.py", "file-too-large"),
        ("dag.py", "invalid-cron"),
        ("dangling.py", "unparsable-file"),
        ("itself.py", "unparsable-file"),
        ("pipe.py", "unparsable-file"),
        ("zero.py", "unparsable-file"),
    ]
    (itself,) = findings(tmp_path / "itself.py")
    assert itself["message"] == "cannot be read: too many levels of symbolic links"


@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "No such file"), PermissionError(13, "Permission denied")]
)
def test_file_that_vanishes_or_may_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    (tmp_path / "bad.py").write_text(GOOD_DAG)
    (tmp_path / "dag.py").write_text(GOOD_DAG.replace("None", "'99 * * * *'"))

    def opened(file: str, mode: str) -> IO[bytes]:
        if file.endswith("bad.py"):
            raise error
        return Path(file).open(mode)  # type: ignore[return-value]

    monkeypatch.setattr("dagmig.source.open", opened, raising=False)
    assert [f["rule"] for f in findings(tmp_path)] == ["unparsable-file", "invalid-cron"]
    for command in (("graph",), ("convert", "--to", "asl")):
        assert run(*command, str(tmp_path / "bad.py")).exit_code == 3


@pytest.mark.parametrize(
    "command", [("lint", "--no-cache"), ("lint", "--no-cache", "--format", "json"), ("rules",)]
)
def test_output_that_nobody_reads(tmp_path: Path, command: tuple[str, ...]) -> None:
    """A closed pipe, as of ``| head``, and a full disk: an exit code and no traceback."""
    machine = '{"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "%s"}}}'
    for number in range(300):
        (tmp_path / f"{number}.asl.json").write_text(machine % ("x" * 400))
    arguments = [sys.executable, "-m", "dagmig", *command]
    if command[0] == "lint":
        arguments.append(str(tmp_path))
    read, write = os.pipe()
    os.close(read)
    full = os.open("/dev/full", os.O_WRONLY) if Path("/dev/full").exists() else write
    for output in (write, full):
        result = subprocess.run(arguments, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
        assert result.returncode == 1
        assert "Traceback" not in result.stderr


def test_ten_thousand_unrelated_files_are_silent(tmp_path: Path) -> None:
    for index in range(10_000):
        (tmp_path / f"m{index}.py").write_text(f"def f{index}():\n    return {index}\n")
    result = run("lint", str(tmp_path))
    assert (result.exit_code, result.stdout) == (0, "All checks passed.\n")
    assert result.stderr == "no DAG and no state machine in any of 10000 files\n"


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


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", ""])
@pytest.mark.parametrize(
    "command", [("lint", "--no-cache"), ("graph", "--format", "mermaid"), ("convert", "--to", "airflow")]
)
def test_no_name_is_too_foreign_to_print(tmp_path: Path, encoding: str, command: tuple[str, ...]) -> None:
    file = tmp_path / ("dag.py" if command[0] == "graph" else "a.asl.json")
    file.write_text(GOOD_DAG.replace("only", "日本語") if command[0] == "graph" else FOREIGN, "utf-8")
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment.pop("PYTHONIOENCODING", None)
    if encoding:
        environment["PYTHONIOENCODING"] = encoding
    arguments = [sys.executable, "-m", "dagmig", *command, str(file)]
    result = subprocess.run(arguments, capture_output=True, env=environment, check=False)
    assert b"Traceback" not in result.stderr
    written = (result.stdout + result.stderr).decode()
    assert "日本語" in written or (encoding and "\\u65e5" in written)
