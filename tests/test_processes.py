"""Work in several processes: all of it is done, once, whatever becomes of the other processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dagmig.lint import Options, lint_paths
from dagmig.lint.processes import Crew

HERE = os.getpid()


def place_of(number: int) -> tuple[int, int]:
    time.sleep(0.002)
    return number, os.getpid()


def only_here(number: int, here: int, end: Callable[[], None]) -> tuple[int, int]:
    if os.getpid() != here and number % 10 == 7:
        end()
    return place_of(number)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def failing() -> None:
    raise ValueError("no")


def nothing() -> None:
    pass


def done_by(crew: Crew[int, tuple[int, int]], count: int) -> set[int]:
    """The processes that took part; every item is done, and comes back under its own number."""
    for number in range(count):
        crew.put(number)
    found = dict(crew.results())
    assert sorted(found) == list(range(count))
    assert all(done[0] == number for number, done in found.items())
    return {done[1] for done in found.values()}


@pytest.mark.parametrize(
    ("processes", "count", "expected"), [(1, 100, 1), (2, 200, 2), (4, 400, 4), (2, 7, 1)]
)
def test_all_is_done_by_as_many_as_there_are(processes: int, count: int, expected: int) -> None:
    done = done_by(Crew(place_of, processes, nothing), count)
    assert len(done) == expected
    assert os.getpid() in done


@pytest.mark.parametrize("end", [killed, failing])
def test_what_another_process_does_not_give_back_is_done_here(end: Callable[[], None]) -> None:
    done = done_by(Crew(partial(only_here, here=HERE, end=end), 3, nothing), 200)
    assert os.getpid() in done


def test_one_that_cannot_begin_does_nothing() -> None:
    assert done_by(Crew(place_of, 2, failing), 100) == {os.getpid()}


@pytest.mark.parametrize(
    ("name", "error"), [("Pipe", OSError(24, "Too many")), ("Process", AssertionError())]
)
def test_without_others_all_is_done_here(
    name: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    if name == "Pipe":
        monkeypatch.setattr("multiprocessing.Pipe", refuse)
    else:
        monkeypatch.setattr("multiprocessing.Process.start", refuse)
    assert done_by(Crew(place_of, 2, nothing), 50) == {os.getpid()}


def test_what_fails_everywhere_is_raised_here() -> None:
    def fail(number: int) -> None:
        raise ValueError(number)

    crew = Crew(fail, 2, nothing)
    for number in range(100):
        crew.put(number)
    with pytest.raises(ValueError, match=r"^\d+$"):
        list(crew.results())
    assert multiprocessing.active_children() == []


def test_processes_that_are_no_copies(tmp_path: Path) -> None:
    """As on macOS and Windows, where another process begins anew and imports what it needs."""
    dags = tmp_path / "dags"
    dags.mkdir()
    for number in range(60):
        (dags / f"{number}.py").write_text(
            f"from airflow import DAG\ndag = DAG('a_{number}', schedule='99 * * * *')\n"
        )
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, sys\n"
        "from dagmig.lint import Options, lint_paths\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    print([str(one) for one in lint_paths(sys.argv[1:], Options(jobs=2))])\n"
    )
    ran = subprocess.run([sys.executable, script, dags], capture_output=True, text=True, check=True)
    found = lint_paths([dags], Options(jobs=1))
    assert ran.stdout == f"{[str(one) for one in found]}\n" != "[]\n"
    assert ran.stderr == ""
