"""What the ledger says of operators that no state can stand for."""

from __future__ import annotations

import pytest

from dagmig.diagnostics import Disposition, Report
from dagmig.integrations import registry
from dagmig.integrations.unreachable import REASONS, reason_against
from dagmig.pipeline import airflow_to_asl

GOOGLES = "airflow.providers.google."  # what is said of all of them that have no integration
DAG = """
from airflow.sdk import DAG
from {module} import {name}

with DAG("d", schedule=None):
    {name}(task_id="t")
"""


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        ("airflow.providers.google.cloud.operators.gcs", "GCSCreateBucketOperator", "refresh token"),
        ("airflow.providers.apache.hive.operators.hive", "HiveOperator", "Athena"),
        ("airflow.providers.standard.sensors.filesystem", "FileSensor", "S3"),
        ("airflow.providers.sftp.operators.sftp", "SFTPOperator", "SFTP"),
        ("airflow.providers.amazon.aws.transfers.sql_to_s3", "SqlToS3Operator", "256 KiB"),
        (
            "airflow.providers.microsoft.azure.transfers.local_to_wasb",
            "LocalFilesystemToWasbOperator",
            "file",
        ),
        ("airflow.providers.cncf.kubernetes.operators.pod_exec", "KubernetesPodExecOperator", "web socket"),
    ],
)
def test_the_row_says_why(module: str, name: str, said: str) -> None:
    (made,) = airflow_to_asl(DAG.format(module=module, name=name), "dag.py", Report())
    (row,) = [row for row in made.report.rows if row.disposition is Disposition.DECISION]
    assert row.task == "t"
    assert said in row.difference


def test_nothing_is_said_of_others() -> None:
    assert reason_against("airflow.providers.other.operators.x.XOperator") == ""
    own = [one.operator for one in registry().integrations]
    others = tuple(beginning for beginning in REASONS if beginning != GOOGLES)
    assert [name for name in own if name.startswith(others)] == []
