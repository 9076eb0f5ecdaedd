"""The command line's contract for linting: exit codes, the formats, fixes in place, the pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main
from dagmig.lint.check import rules

DAG = """\
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("nightly", schedule_interval="0 25 * * *", catchup=False):
    BashOperator(task_id="only", bash_command="echo hi", retries=2)
"""
RULE = {"Variable": "$.a", "IsNull": True, "Next": "Ask"}
ASK = json.dumps({"Type": "Choice", "Choices": [RULE]})
MACHINE = f'{{"StartAt": "Ask", "States": {{\n  "Ask": {ASK}}}}}\n'
KEYS = ["rule", "severity", "message", "file", "line", "column", "end_line", "end_column", "fix"]


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    (tmp_path / "dag.py").write_text(DAG)
    (tmp_path / "ask.asl.json").write_text(MACHINE)
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_json_is_the_contract() -> None:
    result = run("lint", "--format", "json", ".")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert list(document) == ["findings"]
    assert all(list(finding) == KEYS for finding in document["findings"])
    by_rule = {finding["rule"]: finding for finding in document["findings"]}
    assert set(by_rule) == {"choice-no-default", "no-terminal-state", "schedule-interval", "invalid-cron"}
    assert by_rule["schedule-interval"] == {
        "rule": "schedule-interval",
        "severity": "error",
        "message": "`schedule_interval` was removed in Airflow 3: use `schedule`",
        "file": "dag.py",
        "line": 4,
        "column": 21,
        "end_line": 4,
        "end_column": 38,
        "fix": "safe",
    }
    cron = by_rule["invalid-cron"]
    assert (cron["line"], cron["column"], cron["end_column"], cron["fix"]) == (4, 39, 51, "none")
    choice = by_rule["choice-no-default"]
    assert (choice["file"], choice["line"], choice["column"]) == ("ask.asl.json", 2, 3)


def test_clean_is_exit_0(inside: Path) -> None:
    (inside / "dag.py").write_text(DAG.replace("schedule_interval", "schedule").replace("25", "2"))
    result = run("lint", "--format", "json", "dag.py")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"findings": []})
    assert run("lint", "dag.py").stdout == "All checks passed.\n"
    assert run("lint", "--format", "github", "dag.py").stdout == ""


def test_concise_is_a_line_a_finding_and_a_summary() -> None:
    lines = run(
        "lint", "--format", "concise", "--select", "upgrade,choice-no-default", "."
    ).stdout.splitlines()
    assert lines == [
        "ask.asl.json:2:3: warning choice-no-default the choice `Ask` has no `Default`",
        "dag.py:4:21: error schedule-interval `schedule_interval` was removed in Airflow 3: use `schedule`",
        "Found 1 error, 1 warning in 2 files; 1 can be mended with --fix.",
    ]


def test_github_annotations(inside: Path) -> None:
    (inside / "a,b:c.asl.json").write_text(MACHINE)
    result = run("lint", "--format", "github", "--select", "choice-no-default", "a,b:c.asl.json")
    assert result.stdout == (
        "::warning file=a%2Cb%3Ac.asl.json,line=2,col=3,endLine=2,endColumn=8,title=choice-no-default"
        "::the choice `Ask` has no `Default`\n"
    )


def test_a_message_cannot_drive_the_terminal(inside: Path) -> None:
    states = {"\u001b[2J\n": {"Type": "Wait", "Seconds": 1, "Next": "End"}, "End": {"Type": "Succeed"}}
    (inside / "odd.asl.json").write_text(json.dumps({"StartAt": "End", "States": states}))
    result = run("lint", "odd.asl.json")
    assert "unreachable-state" in result.stdout
    assert "\u001b" not in result.stdout
    assert len(result.stdout.splitlines()) == 4


def test_fix_mends_what_is_safe_and_prints_what_remains(inside: Path) -> None:
    result = run("lint", "--fix", "--format", "json", "dag.py")
    assert [finding["rule"] for finding in json.loads(result.stdout)["findings"]] == ["invalid-cron"]
    assert (inside / "dag.py").read_text() == DAG.replace("schedule_interval", "schedule")
    assert run("lint", "--fix", "dag.py").exit_code == 1


def test_fix_of_rules_not_chosen_is_left(inside: Path) -> None:
    run("lint", "--fix", "--ignore", "schedule-interval", "dag.py")
    assert (inside / "dag.py").read_text() == DAG


@pytest.mark.parametrize("comment", ["# dagmig: ignore[schedule-interval, invalid-cron] as it was", ""])
def test_comment_on_the_line_silences(inside: Path, comment: str) -> None:
    (inside / "dag.py").write_text(DAG.replace("catchup=False):", f"catchup=False):  {comment}"))
    assert run("lint", "dag.py").exit_code == (0 if comment else 1)


def test_same_dag_id_in_two_files(inside: Path) -> None:
    good = DAG.replace("schedule_interval", "schedule").replace("25", "2")
    for name in ("a.py", "b.py"):
        (inside / name).write_text(good)
    (inside / "dag.py").unlink()
    for _ in ("cold", "warm"):
        findings = json.loads(run("lint", "--format", "json", "--ignore", "reliability", ".").stdout)[
            "findings"
        ]
        assert ("duplicate-dag-id", "b.py", 4) in [(f["rule"], f["file"], f["line"]) for f in findings]
    (inside / "b.py").write_text(
        good.replace("False):", "False):  # dagmig: ignore[no-retry, duplicate-dag-id] x")
    )
    assert run("lint", "--select", "duplicate-dag-id", "a.py", "b.py").exit_code == 0


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("dags/a.py", "dags/team/b.py", 1),
        ("sales/dags/a.py", "stock/dags/a.py", 0),
        ("sales/dags/a.py", "sales/dags/dags/a.py", 1),
        ("a.py", "examples/a.py", 1),
    ],
)
def test_same_dag_id_in_one_installation(inside: Path, first: str, second: str, count: int) -> None:
    for name in (first, second):
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(DAG)
    (inside / "dag.py").unlink()
    result = run("lint", "--format", "json", "--select", "duplicate-dag-id", ".")
    assert len(json.loads(result.stdout)["findings"]) == count


def test_python_without_a_dag_is_silent(inside: Path) -> None:
    (inside / "x.py").write_text("import airflow\nPASSWORD = 'tr0ub4dor&3xK9'\nschedule_interval = 1\n")
    assert run("lint", "x.py").exit_code == 0


def test_json_that_is_no_machine(inside: Path) -> None:
    (inside / "data.json").write_text('{"a": 1}')
    (finding,) = json.loads(run("lint", "--format", "json", "data.json").stdout)["findings"]
    assert (finding["rule"], finding["severity"]) == ("not-a-machine", "info")
    (inside / "ask.asl.json").unlink()
    (inside / "dag.py").unlink()
    assert run("lint", ".").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "--select", "no-such-rule", "."),
        ("lint", "--ignore", "x", "."),
        ("explain", "x"),
        ("explain",),
    ],
)
def test_wrong_names_are_usage_errors(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_rules_lists_every_rule() -> None:
    listed = json.loads(run("rules", "--format", "json").stdout)["rules"]
    assert [row["rule"] for row in listed] == sorted(rule.id for rule in rules())
    table = run("rules").stdout
    assert all(f"| `{rule.id}` | {rule.category} | {rule.severity} |" in table for rule in rules())


@pytest.mark.parametrize("rule", [rule.id for rule in rules()])
def test_explain_prints_the_page(rule: str) -> None:
    page = run("explain", rule).stdout
    assert page.startswith(f"# {rule}\n")
    has_example = any(one.id == rule and one.examples for one in rules())
    example = ("## Example", "becomes") if has_example else ()
    for part in ("## Why", *example, "## Instead", f"dagmig: ignore[{rule}]", "https://"):
        assert part in page


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_bar_shows_how_far_a_long_run_is_on_a_terminal_only(tmp_path: Path, is_terminal: bool) -> None:
    for number in range(250):
        (tmp_path / f"{number}.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    here, there = os.openpty()
    command = [sys.executable, "-m", "dagmig", "lint", "--no-cache", "--jobs", "1", str(tmp_path)]
    errors = there if is_terminal else subprocess.PIPE
    ran = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=errors, env={**os.environ, "TERM": "xterm"}
    )
    os.close(there)
    shown = b""
    while is_terminal:
        try:
            shown += os.read(here, 4096)
        except OSError:  # nobody has the terminal any more
            break
    output, other = ran.communicate()
    os.close(here)
    assert (b"Checking" in shown) is is_terminal
    assert b"Checking" not in output + (other or b"")
