"""The three commands on real files nobody here wrote: no traceback on any, and the table of what came out."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.oracles import corpora, corpus

from dagmig.cli import main

LEDGER_ROW = {"construct", "source", "target", "disposition", "difference", "task"}
VALIDATORS = ("asl_validator", "statelint_py", "aws_language_service", "cfn_lint")
REVIEWED_ERRORS = Path(__file__).with_name("reviewed_errors.csv")
REVIEWED_DAG_ERRORS = Path(__file__).with_name("reviewed_dag_errors.csv")
Results = dict[Path, Result]


def run(*arguments: str | Path) -> Result:
    """One call of the command line in this process; a crash is in the result, not raised."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def crashes(results: dict[str, Results]) -> list[str]:
    return [
        f"{command} {file}: {result.exception!r}"
        for command, by_file in results.items()
        for file, result in by_file.items()
        if result.exception is not None and not isinstance(result.exception, SystemExit)
    ]


def show(capsys: pytest.CaptureFixture[str], title: str, results: dict[str, Results]) -> None:
    """Print how often each exit code came, a line for each command, past pytest's capture."""
    with capsys.disabled():
        print(f"\n{title}")
        for command, by_file in results.items():
            counts = Counter(result.exit_code for result in by_file.values())
            cells = "".join(f"   exit {code}: {count:3}" for code, count in sorted(counts.items()))
            print(f"  {command:22}{len(by_file):4} files{cells}")


def ledger(file: Path) -> list[dict[str, object]]:
    """The rows of a ledger, found to be what the contract says."""
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["version"] == 1
    rows: list[dict[str, object]] = document["rows"]
    assert all(row.keys() >= LEDGER_ROW for row in rows), file
    return rows


def test_commands_end_on_every_example_dag(
    airflow_python: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = corpus.example_dags(airflow_python)
    assert len(files) > 60, "Airflow's example DAGs are not where they were"
    out = {file: tmp_path / str(number) for number, file in enumerate(files)}
    graph = {file: run("graph", file) for file in files}
    lint = {file: run("lint", "--format", "json", file) for file in files}
    convert = {
        file: run("convert", file, "--to", "asl", "-o", f"{to}/", "--ledger", to.with_suffix(".ledger"))
        for file, to in out.items()
    }
    results = {"graph": graph, "lint": lint, "convert --to asl": convert}
    show(capsys, "Airflow's example DAGs", results)

    assert crashes(results) == []
    assert {result.exit_code for result in [*graph.values(), *lint.values()]} <= {0, 1}
    for file, result in graph.items():
        assert "findings" in json.loads(lint[file].stdout), file
        if workflows := json.loads(result.stdout)["workflows"]:
            assert convert[file].exit_code in (0, 1), (file, convert[file].output)
            assert len(list(out[file].glob("*.asl.json"))) == len(workflows), file
            assert ledger(out[file].with_suffix(".ledger")), file


def test_commands_end_on_every_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = corpus.machines()
    assert files
    out = {file: tmp_path / f"{number}.py" for number, file in enumerate(files)}
    lint = {file: run("lint", "--format", "json", file) for file in files}
    convert = {
        file: run("convert", file, "--to", "airflow", "-o", to, "--ledger", to.with_suffix(".ledger"))
        for file, to in out.items()
    }
    results = {"lint": lint, "convert --to airflow": convert}
    show(capsys, f"State machines in {files[0].parent.name}/", results)

    assert crashes(results) == []
    assert {result.exit_code for result in lint.values()} <= {0, 1}
    assert {result.exit_code for result in convert.values()} <= {0, 1, 3}
    for file, result in convert.items():
        if result.exit_code != 3:
            compile(out[file].read_text(encoding="utf-8"), file.name, "exec", dont_inherit=True)
            assert ledger(out[file].with_suffix(".ledger")), file


def test_no_error_on_a_machine_every_validator_accepts(capsys: pytest.CaptureFixture[str]) -> None:
    """An error there is a false alarm, unless a person found the fault real (reviewed_errors.csv)."""
    folder = corpus.machines_folder()
    files = accepted_by_all(folder) if folder else corpus.fixture_machines()
    reviewed = {(row["file"], row["rule"]) for row in rows(REVIEWED_ERRORS)}
    findings = json.loads(run("lint", "--format", "json", *files).stdout)["findings"]
    errors = {(Path(f["file"]).name, f["rule"]): f["message"] for f in findings if f["severity"] == "error"}
    with capsys.disabled():
        print(
            f"\n{len(files)} machines all validators accept: {len(errors)} errors, {len(reviewed)} reviewed"
        )

    assert {place: message for place, message in errors.items() if place not in reviewed} == {}
    if folder:
        assert reviewed - errors.keys() == set(), "reviewed errors that no longer come"


def test_no_error_on_a_published_dag_of_airflow_3(
    airflow_python: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error there is a false alarm, unless a person found the fault real (reviewed_dag_errors.csv)."""
    files = [
        *corpus.example_dags(airflow_python),
        *(file for one in corpora.corpora() if one.airflow == "3" for file in one.files),
    ]
    reviewed = {(row["file"], row["rule"]) for row in rows(REVIEWED_DAG_ERRORS)}
    said = run("lint", "--format", "json", "--no-cache", "--jobs", "2", *files).stdout
    findings = json.loads(said)["findings"]
    found = [one for one in findings if one["rule"] != "duplicate-dag-id"]  # versions of the same files
    errors = {(Path(f["file"]).name, f["rule"]): f["message"] for f in found if f["severity"] == "error"}
    with capsys.disabled():
        print(f"\n{len(files)} published DAG files: {len(errors)} errors, {len(reviewed)} reviewed")
        for rule, count in Counter(f["rule"] for f in found if f["severity"] != "error").most_common():
            print(f"  {rule:40}{100 * count / len(files):7.1f} in 100 files")

    assert {place: message for place, message in errors.items() if place not in reviewed} == {}
    assert reviewed - errors.keys() == set(), "reviewed errors that no longer come"


def accepted_by_all(folder: Path) -> list[Path]:
    """The machines in which none of the four validators of ``index.csv`` finds a fault."""
    return [
        folder / row["file"] for row in rows(folder / "index.csv") if all(row[v] == "ok" for v in VALIDATORS)
    ]


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
