"""What the code of a task takes from around it: values, imports, variables of the environment, programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.test_functions import answer, converted, failure, ran

AROUND = """
n, LIST, UPPER = 10, [1], [k.upper() for k in "ab"]

def made(n, k=2):
    def work(given=n):
        return [n, k, given, LIST]
    return work

def of_lambda(q):
    return lambda: q

@dag(schedule=None)
def d():
    rate = {"a": (1, None, 2.5)}
    for j in range(2):
        def late(j=j):
            return [j, rate]
        PythonOperator(task_id=f"late{j}", python_callable=late)
        PythonOperator(task_id=f"last{j}", python_callable=lambda: j)
    PythonOperator(task_id="made", python_callable=made(4))
    PythonOperator(task_id="lambda_", python_callable=of_lambda("x"))

    @task
    def taken():
        return rate["a"]
    taken()

d()
for m in range(3):
    pass
"""


def test_values_of_what_is_around_a_function_come_along(tmp_path: Path) -> None:
    """A closure has the last value of a variable, a default that of its definition."""
    one = converted(f"from airflow.sdk import dag\n{AROUND}")
    assert not [
        row.difference
        for row in one.report.rows
        if row.construct == "python-callable" and row.disposition.is_open
    ]
    rate = {"a": [1, None, 2.5]}
    assert ran(one, tmp_path)[0] == {
        "d-late0": [0, rate],
        "d-late1": [1, rate],
        "d-last0": 1,
        "d-last1": 1,
        "d-made": [4, 2, 4, [1]],
        "d-lambda_": "x",
        "d-taken": rate["a"],
    }


LOST = [
    "def made(n):\n    other = object()\n    def work():\n        return other\n    return work",
    "def made(n):\n    def work():\n        nonlocal n\n        n += 1\n        return n\n    return work",
    "n = 1\ndef one():\n    return n\ndef made(n):\n    def go():\n        return n, one()\n    return go",
]


@pytest.mark.parametrize("code", LOST)
def test_what_is_around_a_function_and_no_plain_data_is_a_row(code: str) -> None:
    dag = f"""
{code}
with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=made(4))
"""
    rows = [row.difference for row in converted(dag).report.rows if row.construct == "python-callable"]
    assert any("the code uses `" in row for row in rows)


GENERATORS = ("yield x", "yield from [x]", "return (one for one in [x])", "return pages(x)")


@pytest.mark.parametrize("body", GENERATORS)
def test_a_generator_is_no_answer(body: str, tmp_path: Path) -> None:
    """Airflow's XComs hold none, so that the task fails; without one its body is never run."""
    dag = f"""
def pages(x):
    yield x

def work(x):
    {body}

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=[1])
"""
    name, cause = failure(dag, tmp_path)
    assert (name, "generator is not JSON" in cause) == ("TypeError", True)
    said = [row.disposition.value for row in converted(dag).report.rows if "generator" in row.difference]
    assert said == ["noted"]
    kept = dag.replace("op_args=[1]", "op_args=[1], do_xcom_push=False")
    assert "generator object" in answer(kept, tmp_path)


def test_what_holds_a_generator_within_is_an_answer(tmp_path: Path) -> None:
    dag = """
def work(x):
    def pages():
        yield x
    return list(pages())

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=[1])
"""
    assert answer(dag, tmp_path) == [1]


def test_only_the_names_that_are_used_are_imported() -> None:
    dag = """
import json, pandas as pd
from datetime import date, datetime as moment, timedelta

def work(day):
    return json.dumps(str(moment.fromisoformat(day)))

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=["{{ ds }}"])
"""
    one = converted(dag)
    (source,) = one.functions.values()
    imported = [line for line in source.splitlines() if line.startswith(("import", "from"))]
    assert imported == ["import json", "from datetime import datetime as moment"]
    assert not any(row.construct == "imports" for row in one.report.rows)


ENVIRONMENT = [
    ('os.environ["A_B"]', ["`A_B`"]),
    ('os.environ.get("A_B", "x")', ["`A_B`"]),
    ('os.getenv("A_B") or os.environ["C"]', ["`A_B`, `C`"]),
    ("os.getenv(given)", ["an environment variable whose name is computed"]),
    ('{"get": 1}.get("A_B")', []),
    ('os.environ["AWS_REGION"]', []),
]


@pytest.mark.parametrize(("code", "names"), ENVIRONMENT)
def test_what_the_code_reads_of_its_environment_is_a_row(code: str, names: list[str]) -> None:
    dag = f"""
import os
def work(given):
    return {code}

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=["x"])
"""
    rows = [row for row in converted(dag).report.rows if row.construct == "environment"]
    assert all(name in row.difference for name, row in zip(names, rows, strict=True))


PROGRAMS = [
    ("echo ${HOME} && echo $USER {{ ds }}", ""),
    ("gzip ${FILE:-x} | aws s3 cp - s3://b", ": `aws`, `gzip` must be in the function's image"),
    ("{{ params.program }} -x", ": what Jinja prints there must be in the function's image"),
]


@pytest.mark.parametrize(("command", "said"), PROGRAMS)
def test_the_programs_of_a_command_are_said(command: str, said: str) -> None:
    dag = f"""
with DAG("d", schedule=None, params={{"program": "ls"}}):
    BashOperator(task_id="t", bash_command="{command}")
"""
    (row,) = [row for row in converted(dag).report.rows if row.construct == "bash_command"]
    assert row.difference.partition("environment of its own")[2] == said


VARIABLES = [
    ("aws s3 ls s3://$BUCKET/${FOLDER}", "", "`BUCKET`, `FOLDER`"),
    ("echo $AIRFLOW_CTX_DAG_ID", "", ""),
    ("echo $A-$B:${C%.gz}", "", "`A`, `B`, `C`"),
    ("for f in a b; do echo $f $HOME; done; A=1; echo ${A} $1 $?", "", ""),
    ("read -r line; export B=2 && echo $line $B ${C:-none}", "", ""),
    ("echo '$A' \\\\$B # $C", "", ""),
    ("echo $A $B", ", env={'A': 'x'}, append_env=True", "`B`"),
    ("echo $A $B", ", env={'A': 'x'}", ""),
    ("{{ params.program }} $AWS_REGION", "", ""),
]


@pytest.mark.parametrize(("command", "arguments", "names"), VARIABLES)
def test_what_a_command_reads_of_its_environment_is_a_row(command: str, arguments: str, names: str) -> None:
    dag = f"""
with DAG("d", schedule=None, params={{"program": "ls"}}):
    BashOperator(task_id="t", bash_command="{command}"{arguments})
"""
    rows = [row.difference for row in converted(dag).report.rows if row.construct == "environment"]
    assert [row.partition("reads ")[2].partition(" of its")[0] for row in rows] == ([names] if names else [])
