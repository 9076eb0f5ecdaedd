"""``--with-ruff``: what ruff finds is chosen and silenced as dagmig's own findings are."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dagmig.cli import main
from dagmig.lint import Options, lint_paths
from dagmig.lint.config import ConfigError, forget
from dagmig.lint.plan import Plan
from dagmig.lint.ruff import RuffRule

MOVED = "from airflow.operators.bash import BashOperator"  # AIR312
REMOVED = "from airflow.utils.dates import days_ago"  # AIR301
DAG = f"""\
from airflow.sdk import DAG
{MOVED}
{REMOVED}

days_ago(1)
with DAG("nightly", schedule=None):
    BashOperator(task_id="only", bash_command="echo hi")
"""


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    forget()
    (tmp_path / "dag.py").write_text(DAG)
    return tmp_path


def codes(*arguments: str) -> list[str]:
    """The codes of ruff among what a run prints."""
    result = CliRunner().invoke(main, ["lint", "--format", "concise", "--no-cache", *arguments, "."])
    assert result.exit_code in (0, 1), result.output
    return sorted({word for line in result.stdout.split("\n") for word in line.split() if "AIR" in word})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--with-ruff", ["AIR301", "AIR312"]),
        ("", []),
        ("--with-ruff --ignore AIR301", ["AIR312"]),
        ("--with-ruff --ignore AIR31", ["AIR301"]),
        ("--with-ruff --ignore AIR", []),
        ("--with-ruff --ignore upgrade", []),
        ("--with-ruff --ignore upgrade --extend-select AIR301", ["AIR301"]),
        ("--with-ruff --ignore AIR --extend-select AIR312", ["AIR312"]),
        ("--with-ruff --select no-retries", []),
        ("--with-ruff --select upgrade --ignore AIR312", ["AIR301"]),
        ("--select AIR301", ["AIR301"]),
        ("--extend-select AIR312", ["AIR301", "AIR312"]),
        ("--with-ruff --preset security", []),
        ("--with-ruff --preset airflow3", ["AIR301", "AIR312"]),
        ("--with-ruff --target-airflow 2.10", []),
        ("--with-ruff --per-file-ignores *.py:AIR3", []),
        ("--with-ruff --per-file-ignores *.py:AIR312", ["AIR301"]),
        ("--with-ruff --per-file-ignores *.py:upgrade", []),
        ("--with-ruff --per-file-ignores other.py:AIR", ["AIR301", "AIR312"]),
    ],
)
def test_which_of_ruffs_rules_are_asked(arguments: str, expected: list[str]) -> None:
    assert codes(*arguments.split()) == expected


def test_what_is_no_code_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["lint", "--ignore", "AIR3001", "."])
    assert (result.exit_code, "AIR3001" in result.stderr) == (2, True)


def test_the_configuration_takes_codes(inside: Path) -> None:
    (inside / "dagmig.toml").write_text('with-ruff = true\nignore = ["AIR312"]\n')
    assert codes() == ["AIR301"]
    forget()
    (inside / "dagmig.toml").write_text('ignore = ["AIR3xx"]\n')
    with pytest.raises(ConfigError, match="AIR3xx"):
        lint_paths(["."])


def test_comments_silence_ruff(inside: Path) -> None:
    lines = [f"{line}  # dagmig: ignore[AIR301, AIR312]" if line else line for line in DAG.split("\n")]
    (inside / "dag.py").write_text("\n".join(lines))
    assert codes("--with-ruff") == []


def test_comments_are_written_for_ruff(inside: Path) -> None:
    CliRunner().invoke(main, ["lint", "--with-ruff", "--add-ignores", "."])
    assert "ignore[AIR312]" in (inside / "dag.py").read_text()
    assert codes("--with-ruff") == []


def test_baseline_knows_of_ruff(inside: Path) -> None:
    CliRunner().invoke(main, ["baseline", "--with-ruff", "."])
    assert codes("--with-ruff", "--baseline", "dagmig-baseline.json") == []
    (inside / "dag.py").write_text(DAG + f"{REMOVED}\ndays_ago(2)\n")
    assert codes("--with-ruff", "--baseline", "dagmig-baseline.json") == ["AIR301"]


def test_a_value_that_moves_is_no_error(inside: Path) -> None:
    text = 'from datetime import datetime\nfrom airflow.sdk import DAG\nDAG("a", start_date=datetime.now())\n'
    (inside / "dag.py").write_text(text)
    found = lint_paths(["."], Options(select=("AIR304",)))
    assert [(one.code, one.severity.value) for one in found] == [("AIR304", "warning")]


@pytest.mark.parametrize(("version", "expected"), [("", True), ("2.10", False), ("3.0", True)])
def test_what_is_about_airflow_3(version: str, expected: bool) -> None:
    assert Plan(target_airflow=version).has(RuffRule("AIR301")) is expected
    assert Plan(target_airflow=version).has(RuffRule("AIR002"))


def test_standard_input(inside: Path) -> None:
    (inside / "dag.py").unlink()
    asked = ["lint", "--format", "concise", "--with-ruff", "--stdin-filename", "dag.py"]
    result = CliRunner().invoke(main, asked, input=f"{DAG}days_ago(2)  # dagmig: ignore[AIR301]\n")
    lines = [line.split()[0] for line in result.stdout.split("\n") if "AIR301" in line]
    assert lines == ["dag.py:5:1:"]


@pytest.mark.parametrize(
    ("ours", "ruffs"),
    [
        ("removed-context-key-dynamic", 'def load(**context):\n    print(context["execution_date"])'),
        (
            "dynamic-value-in-ctor",
            "import datetime\n\nBashOperator(task_id='say', bash_command=f'say {datetime.date.today()}')",
        ),
    ],
)
def test_what_both_say_is_said_once(inside: Path, ours: str, ruffs: str) -> None:
    use = "PythonOperator(task_id='load', python_callable=load)" if "load" in ruffs else ruffs.split("\n")[-1]
    head = ruffs.rpartition("\n")[0] if use in ruffs else ruffs
    (inside / "dag.py").write_text(
        "from airflow.providers.standard.operators.bash import BashOperator\n"
        "from airflow.providers.standard.operators.python import PythonOperator\n"
        f"from airflow.sdk import DAG\n\n{head}\n\nwith DAG('nightly', schedule=None):\n    {use}\n"
    )
    text = (inside / "dag.py").read_text()
    (line,) = (n for n, one in enumerate(text.split("\n"), 1) if "execution_date" in one or "today" in one)
    found = lint_paths([inside], Options(with_ruff=True))
    assert [one.code for one in found if one.span.line == line and one.code.startswith(("AIR", ours))] == [
        ours
    ]
