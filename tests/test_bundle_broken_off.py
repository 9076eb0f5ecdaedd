"""A bundle is the old one or the new one, whatever happens while it is written."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main
from dagmig.deploy import bundle

KILLS = Path(__file__).with_name("bundle_kills.py")
OLD, NEW = ({"a.txt": text, "b/c.txt": text, "b/d.txt": text} for text in ("old", "new"))
DAG = """\
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG


def work():
    return 1


with DAG({id!r}, schedule=None):
    for name in {tasks!r}:
        PythonOperator(task_id=name, python_callable=work)
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["convert", *map(str, arguments), "--to", "asl"])


@pytest.fixture
def dag(tmp_path: Path) -> Path:
    path = tmp_path / "dag.py"
    path.write_text(DAG.format(id="one", tasks=["a"]))
    return path


def states(folder: Path, *options: str) -> list[Any]:
    command = [sys.executable, KILLS, folder, *options]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the kills need fork")
def test_one_that_is_killed_leaves_the_old_bundle_or_the_new(tmp_path: Path) -> None:
    found = states(tmp_path)
    assert len(found) > 20
    assert {json.dumps(held, sort_keys=True) for held, _ in found} == {json.dumps(OLD), json.dumps(NEW)}
    assert found[-1] == [NEW, True]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the kills need fork")
def test_where_folders_cannot_change_places_the_old_one_is_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = states(tmp_path, "plain")
    assert {json.dumps(held, sort_keys=True) for held, _ in found} <= {json.dumps(OLD), json.dumps(NEW), "{}"}
    monkeypatch.setattr(bundle, "ABANDONED", 0)
    bundle.write_bundle(tmp_path / "bundle", OLD)
    assert [one.name for one in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize("age", [0, bundle.ABANDONED])
def test_what_a_killed_one_left_goes_when_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int
) -> None:
    folder = tmp_path / "bundle"
    for name in (".bundle.x.tmp", ".bundle.y.old", ".bundle.mine", ".other.x.tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / ".bundle.file.tmp").write_text("mine")
    monkeypatch.setattr(bundle, "ABANDONED", bundle.ABANDONED - age)
    bundle.write_bundle(folder, NEW)
    left = {one.name for one in tmp_path.iterdir()}
    kept = {"bundle", ".bundle.mine", ".other.x.tmp", ".bundle.file.tmp"}
    assert left == (kept if age else kept | {".bundle.x.tmp", ".bundle.y.old"})
    assert (folder / "a.txt").read_text() == "new"


def test_an_old_bundle_that_was_put_aside_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bundle"
    bundle.write_bundle(folder, OLD)
    folder.replace(tmp_path / ".bundle.x.old")
    monkeypatch.setattr(bundle, "ABANDONED", 0)
    with monkeypatch.context() as patch:
        patch.setattr(bundle.tempfile, "mkdtemp", _refuse(errno.ENOSPC))
        with pytest.raises(OSError, match="No space left"):
            bundle.write_bundle(folder, NEW)
    assert (folder / "a.txt").read_text() == "old"


def _refuse(number: int) -> Any:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "it")

    return refuse


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", ["mkdtemp", "write_text"])
def test_a_disk_that_takes_nothing_is_said(
    dag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    folder = tmp_path / "bundle"
    run(dag, "--bundle", folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    dag.write_text(DAG.format(id="two", tasks=["a"]))
    with monkeypatch.context() as patch:
        patch.setattr(bundle.tempfile if step == "mkdtemp" else Path, step, _refuse(number))
        result = run(dag, "--bundle", folder)
    assert result.exit_code == 2
    assert f"cannot write it: {os.strerror(number)}" in result.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sorted(tmp_path.iterdir()) == [folder, dag]


def test_a_disk_that_is_full_is_said(dag: Path, tmp_path: Path) -> None:
    """The system takes no file of more than 300 bytes."""
    resource = pytest.importorskip("resource")
    folder = tmp_path / "bundle"
    run(dag, "--bundle", folder)
    before = sorted(folder.rglob("*"))
    dag.write_text(DAG.format(id="two", tasks=["a"]))
    code = (
        "import resource, sys; from dagmig.__main__ import program;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)); program()"
    )
    assert resource is not None
    command = [sys.executable, "-c", code, "convert", dag, "--to", "asl", "--bundle", folder]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 2, answer.stderr
    assert "cannot write" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert sorted(folder.rglob("*")) == before
    assert sorted(tmp_path.iterdir()) == [folder, dag]


def test_the_working_directory_is_not_replaced(
    dag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    result = run(dag, "--bundle", ".")
    assert result.exit_code == 2
    assert "Error: cannot write" in result.stderr
    assert not list(here.iterdir())
    assert sorted(tmp_path.iterdir()) == [dag, here]


@pytest.mark.parametrize("kind", ["sam", "cloudformation", "terraform"])
def test_tasks_that_differ_in_case_have_folders_that_do_not(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "dag.py"
    path.write_text(DAG.format(id="one", tasks=["A", "a", "b"]))
    run(path, "--bundle", tmp_path / "bundle", "--template", kind)
    names = [one.name for one in (tmp_path / "bundle" / "functions").iterdir()]
    assert len({name.lower() for name in names}) == 3
    template = next(
        one.read_text() for one in (tmp_path / "bundle").iterdir() if one.name in ("template.yaml", "main.tf")
    )
    assert all(f"functions/{name}" in template for name in names)
    run(path, "-o", tmp_path / "plain.asl.json")
    files = [one.name for one in (tmp_path / "plain.functions").iterdir()]
    assert len({name.lower() for name in files}) == 3


@pytest.mark.parametrize("name", ["CON", "nul", "com1", "Aux"])
def test_no_file_is_called_as_a_device(tmp_path: Path, name: str) -> None:
    path = tmp_path / "dag.py"
    path.write_text(DAG.format(id=name, tasks=["a"]))
    run(path, "--bundle", tmp_path / "bundle")
    (machine,) = (tmp_path / "bundle" / "statemachine").iterdir()
    assert machine.name == f"{name}-dag.asl.json"
