"""Files whose text stands for their name in a template field, as Airflow loads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagmig.diagnostics import Disposition, Report
from dagmig.pipeline import Converted, airflow_to_asl

HEAD = """\
import os
from airflow.sdk import DAG
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.providers.amazon.aws.operators.redshift_data import RedshiftDataOperator
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.operators.bash import BashOperator
HERE = os.path.dirname(__file__)
"""
ATHENA = "AthenaOperator(task_id='a', query='{0}', database='d', output_location='s3://b/')"


def converted(root: Path, body: str, given: str = "", **files: str) -> Converted:
    """The DAG ``root/dags/dag.py`` with files beside it; ``__`` in their names is a slash, ``_`` a dot."""
    dags = root / "dags"
    for name, text in files.items():
        place = root / name.replace("__", "/").replace("_", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    dags.mkdir(exist_ok=True)
    (dags / "dag.py").write_text(f"{HEAD}with DAG('d', schedule=None{given}) as dag:\n    {body}\n")
    report = Report()
    (found,) = airflow_to_asl((dags / "dag.py").read_text(), str(dags / "dag.py"), report)
    return found


def sent(one: Converted, task: str = "a") -> Any:
    return one.machine["States"][task]["Arguments"]


def rows(one: Converted) -> list[tuple[Disposition, str]]:
    return [(row.disposition, row.difference) for row in one.report.rows if row.construct == "template-file"]


@pytest.mark.parametrize(
    ("given", "name", "file"),
    [
        ("", "x.sql", "dags__x_sql"),
        ("", "sql/x.sql", "dags__sql__x_sql"),
        ("", "/sql/x.sql", "dags__sql__x_sql"),
        (", template_searchpath='/opt/airflow/dags/sql'", "x.sql", "dags__sql__x_sql"),
        (", template_searchpath=['/usr/local/airflow/include']", "q/x.sql", "include__q__x_sql"),
        (", template_searchpath=[os.path.join(HERE, 'sql')]", "x.sql", "dags__sql__x_sql"),
        (", template_searchpath=HERE", "sql/x.sql", "dags__sql__x_sql"),
    ],
)
def test_the_text_of_a_file_stands_for_its_name(tmp_path: Path, given: str, name: str, file: str) -> None:
    one = converted(tmp_path, ATHENA.format(name), given, **{file: "select 1 -- {{ params.x }}\n"})
    assert "select 1 -- " in sent(one)["QueryString"]
    ((disposition, said),) = rows(one)
    assert disposition is Disposition.NOTED
    assert file.replace("__", "/").replace("_", ".") in said
    assert not [row for row in one.report.rows if row.disposition is Disposition.DECISION]


@pytest.mark.parametrize("name", ["y.sql", "../x.sql", "../../secret.sql", "{{ ds }}.sql"])
def test_a_file_that_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "secret.sql").write_text("select secret")
    one = converted(tmp_path, ATHENA.format(name), x_sql="select 1")
    ((disposition, said),) = rows(one)
    assert disposition is Disposition.DECISION
    assert f"`{name}`" in said
    assert "select" not in json.dumps(one.machine)


def test_no_link_leads_out_of_the_project(tmp_path: Path) -> None:
    outside = tmp_path / "outside.sql"
    outside.write_text("select secret")
    (tmp_path / "p/dags").mkdir(parents=True)
    (tmp_path / "p/dags/x.sql").symlink_to(outside)
    one = converted(tmp_path / "p", ATHENA.format("x.sql"))
    assert "secret" not in json.dumps(one.machine)
    assert [disposition for disposition, _ in rows(one)] == [Disposition.DECISION]


def test_lists_and_scripts(tmp_path: Path) -> None:
    files = {"dags__x_sql": "select 1\n", "dags__run_sh": "set -e\necho {{ ds }}\n"}
    body = "RedshiftDataOperator(task_id='a', sql=['x.sql', 'select 2'], database='d', workgroup_name='w')"
    assert sent(converted(tmp_path, body, **files))["Sqls"] == ["select 1", "select 2"]
    one = converted(tmp_path, "BashOperator(task_id='a', bash_command='run.sh')", **files)
    assert "set -e" in json.dumps(one.machine)
    assert len(rows(one)) == 1


def test_a_text_loses_one_newline_at_its_end(tmp_path: Path) -> None:
    assert sent(converted(tmp_path, ATHENA.format("select 1\\n\\n")))["QueryString"] == "select 1\n"


def test_arguments_that_are_no_templates_stay(tmp_path: Path) -> None:
    body = ATHENA.format("select 1").replace("'s3://b/'", "'s3://b/', client_request_token='t.sql'")
    one = converted(tmp_path, body)
    assert sent(one)["ClientRequestToken"] == "t.sql"
    assert rows(one) == []
