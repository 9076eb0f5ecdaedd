"""The random programs themselves: valid Python, the same for the same name, whatever the hash seed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

from airflow_read.programs import program
from airflow_read.programs.single import singles

NAMES = [*(f"0/{number}" for number in range(15)), *(f"0/project/{number}" for number in range(5))]
CODE = (
    "from airflow_read.programs import program; import sys; print([program(name) for name in sys.argv[1:]])"
)
DRAWN = """
from hypothesis import Phase, given, settings
from airflow_read.programs import names

@settings(max_examples=200, derandomize=True, database=None, phases=[Phase.generate])
@given(names(0))
def show(name):
    print(name)

show()
"""


def test_programs_are_valid_python() -> None:
    for name in NAMES:
        for text in program(name).files.values():
            ast.parse(text)


def test_a_name_is_the_same_program_in_every_process() -> None:
    folder = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": folder, "PYTHONHASHSEED": "7"}
    assert _printed(CODE, *NAMES, **environment).strip() == str([program(name) for name in NAMES])


def test_hypothesis_draws_the_same_names_whatever_modules_are_loaded() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    alone = _printed(DRAWN, **environment)
    assert len(set(alone.split())) == 200
    assert _printed(f"import dagmig.cli.convert, airflow_read.cases{DRAWN}", **environment) == alone


def _printed(code: str, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_most_rows_of_the_tables_stand_alone() -> None:
    made = list(singles())
    assert len(made) > 850
    assert not [
        row for row, one in made if "DAG(" not in one.files[one.main] and "@dag" not in one.files[one.main]
    ]
