"""``dagmig convert --durations``: a file of seconds weighs the tasks, and says where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main

DAG = """\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("n", schedule=None):
    a, b, c, d = (BashOperator(task_id=x, bash_command="true") for x in "abcd")
    [a, b] >> c
    b >> d
"""
WRONG = [
    ("a,one", "1:3: error[invalid-durations] `one` is no number of seconds"),
    ("a,nan", "1:3: error[invalid-durations] `nan` is no number of seconds"),
    ("a,1_0", "1:3: error[invalid-durations] `1_0` is no number of seconds"),
    ("a,", "1:3: error[invalid-durations] `` is no number of seconds"),
    ("task,seconds\na, -1", "2:4: error[invalid-durations] a task cannot take -1 seconds"),
    ("a,1e10", "1:3: error[invalid-durations] 1e10 seconds are too many: 1000000000 at most"),
    ("a,1\n\nb,2\na,3", "4:1: error[invalid-durations] `a` has a duration in line 1"),
    ("a,1\n,2", "2:1: error[invalid-durations] the task has no name"),
    ("a", "1:1: error[invalid-durations] a line is a task and its seconds, with a comma between"),
    ('a,1\n"b" , 2 ,3', "2:10: error[invalid-durations] a line is a task and its seconds"),
    ("a,1\ntask,seconds", "2:6: error[invalid-durations] `seconds` is no number of seconds"),
    ("a,1\n  e,2", "2:3: error[invalid-durations] no DAG has a task `e`"),
]
RIGHT = [
    "task,seconds\na,10\nb,1\nc,1\nd,20\n",
    "\ufefftask_id,duration\r\na,10\r\nb,1\r\nc,1\r\nd,20\r\n",
    '"a","10.0"\n\n b , 1e0 \nc,1.\nd,+20',
]


@pytest.fixture
def dag(tmp_path: Path) -> Path:
    file = tmp_path / "dag.py"
    file.write_text(DAG, encoding="utf-8")
    return file


def converted(dag: Path, text: str, *options: str) -> Result:
    file = dag.with_name("durations.csv")
    file.write_text(text, encoding="utf-8")
    arguments = ["convert", str(dag), "--to", "asl", "--durations", str(file), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_place(dag: Path, text: str, said: str) -> None:
    result = converted(dag, text)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert [line for line in result.stderr.splitlines() if f"durations.csv:{said}" in line]
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("text", RIGHT)
def test_seconds_choose_the_cut(dag: Path, text: str) -> None:
    """With d long, it must not wait for a: a and c come beside it, after b."""
    result = converted(dag, text)
    assert "noted[added-wait] a: it also waits for b, without depending on it" in result.stderr
    assert "noted[critical-path] 21 s, 1.00 times the DAG's\n" in result.stderr


def test_what_the_waits_cost_is_said(dag: Path) -> None:
    result = converted(dag, "a,2\nb,1\nc,1\nd,2\n")
    assert "noted[critical-path] 4 s, 1.33 times the DAG's\n" in result.stderr
    assert result.exit_code == 0


def test_tasks_without_a_duration_are_estimated_in_the_unit_of_the_others(dag: Path) -> None:
    result = converted(dag, "a,5\nb,5\nc,5\n")
    assert "noted[critical-path] 10 s, 1.00 times the DAG's; 1 task(s) without" in result.stderr


def test_durations_of_an_order_that_nests_are_exact(dag: Path) -> None:
    dag.write_text(DAG.replace("b >> d", "c >> d"), encoding="utf-8")
    result = converted(dag, RIGHT[0], "--ledger", str(dag.with_name("ledger.json")))
    assert "critical-path" not in result.stderr
    rows = json.loads(dag.with_name("ledger.json").read_text(encoding="utf-8"))["rows"]
    found = [(row["disposition"], row["difference"]) for row in rows if row["construct"] == "critical-path"]
    assert found == [("exact", "31 s, 1.00 times the DAG's")]


def test_a_task_that_may_be_there_unread_is_a_warning(dag: Path) -> None:
    unread = DAG + "    for x in unread():\n        BashOperator(task_id=x, bash_command='true')\n"
    dag.write_text("from acme import unread\n" + unread, encoding="utf-8")
    result = converted(dag, "a,1\ne,1\n")
    assert "durations.csv:2:1: warning[invalid-durations] no DAG has a task `e`" in result.stderr
    assert result.exit_code == 1


def test_a_file_that_is_not_there(dag: Path) -> None:
    arguments = ["convert", str(dag), "--to", "asl", "--durations", str(dag.with_name("none.csv"))]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "none.csv:1:1: error[unparsable-file] cannot be read: no such file" in result.stderr


def test_durations_are_of_no_use_to_airflow(dag: Path) -> None:
    machine = dag.with_name("machine.json")
    machine.write_text("{}", encoding="utf-8")
    arguments = ["convert", str(machine), "--to", "airflow", "--durations", str(machine)]
    assert CliRunner().invoke(main, arguments).exit_code == 2
