"""More cases for the rules over DAG files: ``lint_cases/*.txt``, each a file with the lines a rule flags.

Each file begins with the imports of ``PRELUDE``, in one line. A case begins with ``== rule: flags`` or
``== rule: silent`` (and words about it after a comma); a line that is flagged ends in ``#!``. A silent
case is silent for every rule that is on by default.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.source import Source

FOLDER = Path(__file__).with_name("lint_cases")
HEAD = re.compile(r"^== ([\w-]+): (flags|silent)(.*)\n", re.MULTILINE)
FLAGGED = re.compile(r"[ \t]*#!$", re.MULTILINE)
PRELUDE = """\
import boto3, json, os, random, requests, time; from datetime import date, datetime, timedelta; \
from airflow import DAG; from airflow.decorators import dag, task, task_group; \
from airflow.models import Variable; from airflow.operators.bash import BashOperator; \
from airflow.operators.empty import EmptyOperator; from airflow.utils.task_group import TaskGroup; \
from airflow.operators.python import BranchPythonOperator, PythonOperator; \
from mine import COMMON, MineOperator, names, unknown
"""
FEWEST = 3  # silent cases of a rule that is on by default
ABOUT_COMMENTS = {"unused-suppression"}  # its cases are in test_lint.py


def cases() -> list[tuple[str, str, str]]:
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        parts = HEAD.split(path.read_text(encoding="utf-8"))[1:]
        found += [
            (rule, about, text)
            for rule, about, text in zip(parts[::4], parts[1::4], parts[3::4], strict=True)
        ]
    return found


CASES = [pytest.param(*case, id=f"{case[0]}-{n}") for n, case in enumerate(cases())]


@pytest.mark.parametrize(("rule", "about", "text"), CASES)
def test_case(rule: str, about: str, text: str) -> None:
    chosen = tuple(one for one in rules() if one.is_default or one.id == rule)
    marked = [n for n, line in enumerate(text.split("\n"), 2) if line.endswith("#!")]
    assert bool(marked) == (about == "flags")
    result = check(Source(PRELUDE + FLAGGED.sub("", text), "dag.py", "dag", is_explicit=False), chosen)
    found = [*result.found, *(one for each in chosen for one in each.over_run(result.declared))]
    assert sorted((d.code, d.span.line) for d in found) == [(rule, line) for line in marked]


def test_silent_cases_are_enough() -> None:
    silent = Counter(rule for rule, about, _ in cases() if about == "silent")
    on = {rule.id for rule in rules() if rule.is_default and "dag" in rule.languages} - ABOUT_COMMENTS
    assert {rule: silent[rule] for rule in sorted(on) if silent[rule] < FEWEST} == {}
