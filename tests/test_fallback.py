"""``--fallback container``: operators without an integration run as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from dagmig.cli import main
from jsonata_run import Execution, Failed

HEAD = """\
from airflow.providers.cncf.kubernetes.secret import Secret
from airflow.sdk import DAG, task, task_group
from acme.operators import TeleportOperator

with DAG("etl", schedule=None):
"""
ONE = (
    HEAD
    + """\
    beam = TeleportOperator(task_id="beam", to="Mars {{ ds }}", fuel="{{ ti.xcom_pull(task_ids='load') }}")
    @task
    def load():
        return [1]
    @task
    def last(x):
        return x
    load() >> beam
    last(beam.output)
"""
)
FLAG = "--fallback container"


def converted(dag: str, folder: Path, *options: str) -> tuple[Result, Path]:
    (folder / "project/dags").mkdir(parents=True)
    (folder / "project/pyproject.toml").write_text(
        "[project]\ndependencies = "
        '["apache-airflow==3.1.0", "apache-airflow-providers-cncf-kubernetes==10.1"]\n'
    )
    path = folder / "project/dags/dag.py"
    path.write_text(dag)
    arguments = ["convert", str(path), "--to", "asl", "--bundle", str(folder / "out"), *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False), folder / "out"


def rows(out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((out / "ledger.json").read_text())["rows"]
    return found


LACKING = [
    ("FileSensor(task_id='t', filepath='/data/x')", "`filepath` must be on a file system"),
    ("SFTPOperator(task_id='t', local_filepath='/a', remote_filepath='/b')", "`local_filepath` must be on"),
    ("DockerSwarmOperator(task_id='t', image='x')", "a Docker daemon"),
    ("SFTPSensor(task_id='t', path='/data/x')", None),
]


@pytest.mark.parametrize(("call", "said"), LACKING)
def test_what_a_container_has_not_is_a_row(call: str, said: str | None, tmp_path: Path) -> None:
    dag = f"""
from airflow.providers.docker.operators.docker_swarm import DockerSwarmOperator
from airflow.providers.sftp.operators.sftp import SFTPOperator
from airflow.providers.sftp.sensors.sftp import SFTPSensor
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.sdk import DAG
with DAG("etl", schedule=None):
    {call}
"""
    _, out = converted(dag, tmp_path, *FLAG.split())
    _, *found = [r["difference"] for r in rows(out) if r["task"] == "t" and r["disposition"] == "decision"]
    assert [said is not None and said in row for row in found] == ([] if said is None else [True])


def test_without_the_flag_a_row_names_it(tmp_path: Path) -> None:
    _, out = converted(ONE, tmp_path)
    (said,) = (row["difference"] for row in rows(out) if "no integration" in row["difference"])
    assert FLAG in said
    assert not (out / "container").exists()


def test_with_it_the_operator_gets_what_its_arguments_name(tmp_path: Path) -> None:
    result, out = converted(ONE, tmp_path, *FLAG.split())
    assert result.exit_code == 1
    events: list[Any] = []

    def call(resource: str, given: Any) -> Any:
        if resource == "arn:aws:states:::lambda:invoke":
            return {"Payload": given.get("Payload", {}).get("args", [[1]])[0]}
        environment = given["Overrides"]["ContainerOverrides"][0]["Environment"]
        events.append(json.loads({one["Name"]: one["Value"] for one in environment}["DAGMIG_EVENT"]))
        return {"return_value": "landed"}

    machine = json.loads((out / "statemachine/etl.asl.json").read_text())
    given = {"logical_date": "2024-05-06T00:00:00+00:00", "conf": {"a": [1]}}
    assert Execution(call, given).run(machine) == {"Payload": "landed"}
    (event,) = events
    assert (event["dag_id"], event["task_id"]) == ("etl", "beam")
    assert (event["conf"], event["xcoms"]) == ({"a": [1]}, {"load": {"return_value": [1]}})
    assert event["logical_date"] == "2024-05-06T00:00:00+00:00"


def test_the_image_has_the_projects_airflow_and_providers(tmp_path: Path) -> None:
    _, out = converted(ONE, tmp_path, *FLAG.split())
    installed = (out / "container/requirements.txt").read_text().splitlines()
    assert "apache-airflow==3.1.0" in installed
    assert "apache-airflow-providers-cncf-kubernetes==10.1" in installed
    image = (out / "container/Dockerfile").read_text()
    assert 'DAGMIG_DAG_FILE="/opt/project/dags/dag.py"' in image
    for name in ("runner.py", "container.py"):
        compile((out / "container" / name).read_text(), name, "exec")
    template = yaml.safe_load((out / "template.yaml").read_text())
    definition = template["Resources"]["FallbackDefinitionArn"]
    assert definition["Type"] == "AWS::ECS::TaskDefinition"
    assert "FallbackImage" in template["Parameters"]


def test_an_operator_that_skips_itself_skips_what_follows(tmp_path: Path) -> None:
    _, out = converted(ONE, tmp_path, *FLAG.split())

    def call(resource: str, given: Any) -> Any:
        if resource == "arn:aws:states:::lambda:invoke":
            assert "args" not in given.get("Payload", {}), "the last task ran"
            return {"Payload": [1]}
        raise Failed("AirflowSkipException", "")

    Execution(call).run(json.loads((out / "statemachine/etl.asl.json").read_text()))


def test_a_class_of_the_file_is_sent_what_the_tasks_before_it_return(tmp_path: Path) -> None:
    dag = """\
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, BaseOperator, task
class Own(BaseOperator):
    template_fields = ("given",)
    def __init__(self, *, given, **kwargs):
        super().__init__(**kwargs)
        self.given = given
with DAG("etl", schedule=None):
    @task
    def load():
        return [1]
    EmptyOperator(task_id="before") >> Own(task_id="own", given=load())
"""
    _, out = converted(dag, tmp_path, *FLAG.split())
    text = (out / "statemachine/etl.asl.json").read_text()
    assert '\\"xcoms\\": {\\"load\\": {\\"return_value\\": $x_load_return_value}}' in text
    assert not any("not translated" in row["difference"] for row in rows(out))


def test_in_a_mapped_group_no_instance_can_be_told(tmp_path: Path) -> None:
    dag = (
        HEAD
        + """\
    @task_group
    def each(x):
        TeleportOperator(task_id="beam", to=x)
    each.expand(x=[1, 2])
"""
    )
    _, out = converted(dag, tmp_path, *FLAG.split())
    assert any(
        row["disposition"] == "decision" and "no integration" in row["difference"] for row in rows(out)
    )
    assert not (out / "container").exists()


@pytest.mark.parametrize("options", [["--fallback", "container"], ["--python-target", "ecs"]])
def test_the_options_hold_without_a_bundle(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text(ONE)
    arguments = ["convert", str(tmp_path / "dag.py"), "--to", "asl", *options]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert "ecs:runTask.waitForTaskToken" in result.stdout


DEAD_ENDS = """\
import outside
from airflow.providers.amazon.aws.operators.datasync import DataSyncOperator
from airflow.providers.common.sql.operators.sql import SQLCheckOperator
from airflow.providers.snowflake.operators.snowflake import SnowflakeSqlApiOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensor
from airflow.sdk import DAG
with DAG("etl", schedule=None):
    DataSyncOperator(task_id="no_task_named")
    SQLCheckOperator(task_id="in_a_file", sql="check.sql")
    SnowflakeSqlApiOperator(task_id="api", sql="check.sql", statement_count=1)
    PythonOperator(task_id="elsewhere", python_callable=outside.run)
    DateTimeSensor(task_id="unknown_value", target_time=outside.time())
"""


def test_what_an_integration_does_not_translate_runs_as_it_is(tmp_path: Path) -> None:
    _, out = converted(DEAD_ENDS, tmp_path, *FLAG.split())
    machine = (out / "statemachine/etl.asl.json").read_text()
    tasks = ("no_task_named", "in_a_file", "api", "elsewhere", "unknown_value")
    machine = machine.replace('\\"', '"')
    assert [task for task in tasks if f'"task_id": {task!r}' not in machine] == []
    assert "NotTranslated" not in machine
    assert "not translated" not in machine
    assert not any("no form" in row["difference"] for row in rows(out))


def test_without_the_flag_each_dead_end_names_it(tmp_path: Path) -> None:
    _, out = converted(DEAD_ENDS, tmp_path)
    named = {row["task"] for row in rows(out) if FLAG in row["difference"]}
    assert named == {"no_task_named", "in_a_file", "api", "elsewhere", "unknown_value"}


def test_the_flag_is_not_named_where_it_does_not_help(tmp_path: Path) -> None:
    dag = HEAD.replace("from acme", "import outside\nfrom acme") + (
        "    from airflow.providers.standard.operators.python import BranchPythonOperator\n"
        "    from airflow.providers.standard.operators.empty import EmptyOperator\n"
        "    BranchPythonOperator(task_id='a', python_callable=outside.f) >> EmptyOperator(task_id='b')\n"
    )
    _, out = converted(dag, tmp_path, *FLAG.split())
    said = [row["difference"] for row in rows(out) if FLAG in row["difference"]]
    assert said == [
        f"the callable's code is not known; {FLAG} does not run it, as it chooses which tasks run after it"
    ]


@pytest.mark.parametrize(
    "operator", ["amazon.aws.operators.sagemaker.SageMakerConditionOperator", "acme.MyBranchOperator"]
)
def test_an_operator_that_chooses_is_never_run_as_it_is(tmp_path: Path, operator: str) -> None:
    module, _, name = operator.rpartition(".")
    module = module if module == "acme" else f"airflow.providers.{module}"
    dag = HEAD + (
        f"    from {module} import {name}\n"
        "    from airflow.providers.standard.operators.empty import EmptyOperator\n"
        "    after = [EmptyOperator(task_id='b'), EmptyOperator(task_id='c')]\n"
        f"    {name}(task_id='a', if_task_ids='b') >> after\n"
    )
    _, out = converted(dag, tmp_path, *FLAG.split())
    (said,) = [row for row in rows(out) if "chooses which tasks run after it" in row["difference"]]
    assert said["disposition"] == "redesign"
    assert not (out / "container").exists()
