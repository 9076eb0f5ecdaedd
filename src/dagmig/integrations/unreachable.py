"""Operators that no state of a machine can stand for, and what a person can do instead."""

from __future__ import annotations

GOOGLE = (
    "an HTTP Task can call Google's API, through an EventBridge connection that has a "
    "user's refresh token in place of a service account's key"
)
FILES = "a state machine sees no file system: put the file into Amazon S3 and wait for it there"
SFTP = "a state machine does not speak SFTP: use AWS Transfer Family, or a container"
COPIES = "it copies data in the worker, and a state holds 256 KiB: call a Lambda function, or a container"
AT_HAND = "a state machine sees no file system: put the file there beforehand, or use a container"
SIGNED = "each request is signed anew, which an EventBridge connection cannot do: call a Lambda function"
SOCKET = "it speaks to the pod over a web socket, which no state can: use a container"
MANIFESTS = "it applies manifests that it loads when it runs: install Kueue beforehand, or use a container"
LIBRARY = (
    "the sagemaker-studio library runs it, which no state can call: start the notebook by "
    "SageMakerUnifiedStudioNotebookOperator, or use a container"
)
STREAM = "the answer is a stream, which no state can read: call a Lambda function"
ASYNC = (
    "the package is retired, and Airflow's own operator with `deferrable=True` does the same: say that one, "
    "which is translated"
)
REDSHIFT = "say it as RedshiftDataOperator, which is translated: no state speaks to Redshift's port"
WIRE = "no state speaks to the database: use a container, or a Lambda function with its driver"
PREFIX = "say it as S3KeySensor with `wildcard_match`, which is translated"
SUBDAG = "Airflow 3 has no SubDAGs: make it a TaskGroup, whose tasks are translated"
HIVE = "no state speaks to Hive: run the statement in Athena, or as a step of EMR (SQL by `hive-script`)"
TRANSFERS = "airflow.providers.amazon.aws.transfers."
AZURE = "airflow.providers.microsoft.azure."
KUBERNETES = "airflow.providers.cncf.kubernetes.operators."
REASONS = {
    TRANSFERS + "local_to_s3.": AT_HAND,
    **{
        f"{TRANSFERS}{name}.": COPIES
        for name in (
            *("azure_blob_to_s3", "exasol_to_s3", "ftp_to_s3", "gcs_to_s3", "glacier_to_gcs"),
            *("google_api_to_s3", "hive_to_dynamodb", "http_to_s3", "imap_attachment_to_s3", "mongo_to_s3"),
            *("s3_to_ftp", "s3_to_sftp", "s3_to_sql", "salesforce_to_s3", "sftp_to_s3", "sql_to_s3"),
        )
    },
    "airflow.providers.amazon.aws.operators.s3.S3FileTransformOperator": COPIES,
    "airflow.providers.amazon.aws.operators.sagemaker_unified_studio.": LIBRARY,
    "airflow.providers.amazon.aws.sensors.sagemaker_unified_studio.": LIBRARY,
    "airflow.providers.amazon.aws.operators.bedrock.BedrockInvokeAgentRuntimeOperator": STREAM,
    AZURE + "transfers.local_to_": AT_HAND,
    AZURE + "transfers.": COPIES,
    AZURE + "operators.cosmos.": SIGNED,
    AZURE + "sensors.cosmos.": SIGNED,
    KUBERNETES + "pod_exec.": SOCKET,
    KUBERNETES + "kueue.KubernetesInstallKueueOperator": MANIFESTS,
    "airflow.providers.google.": GOOGLE,
    "airflow.contrib.operators.bigquery_operator.": GOOGLE,
    "airflow.providers.standard.sensors.filesystem.FileSensor": FILES,
    "airflow.sensors.filesystem.FileSensor": FILES,
    "airflow.contrib.sensors.file_sensor.FileSensor": FILES,
    "airflow.providers.sftp.": SFTP,
    "airflow.contrib.operators.sftp_operator.": SFTP,
    "airflow.contrib.sensors.sftp_sensor.": SFTP,
    "airflow.operators.subdag": SUBDAG,
    "astronomer.providers.": ASYNC,
    "airflow.providers.amazon.aws.operators.redshift_sql.": REDSHIFT,
    "airflow.providers.amazon.aws.operators.redshift.RedshiftSQLOperator": REDSHIFT,
    "airflow.providers.amazon.aws.sensors.s3_prefix.": PREFIX,
    "airflow.sensors.s3_prefix_sensor.": PREFIX,
    "airflow.operators.s3_file_transform_operator.": COPIES,
    "airflow.providers.amazon.aws.operators.s3_file_transform.": COPIES,
    **{
        f"airflow.providers.{name}.operators.": WIRE
        for name in ("jdbc", "oracle", "microsoft.mssql", "sqlite", "trino", "presto", "teradata", "vertica")
    },
    "airflow.operators.hive_operator.": HIVE,
    "airflow.providers.apache.hive.operators.hive.": HIVE,
}


def reason_against(operator: str) -> str:
    """Why the operator has no integration; empty where no more is known."""
    return next((said for beginning, said in REASONS.items() if operator.startswith(beginning)), "")
