"""Operators that no state of a machine can stand for, and what a person can do instead."""

from __future__ import annotations

GOOGLE = (
    "Google signs service accounts in by a signed token of their own, which an EventBridge connection cannot "
    "make: call it from a Lambda function"
)
FILES = "a state machine sees no file system: put the file into Amazon S3 and wait for it there"
SFTP = "a state machine does not speak SFTP: use AWS Transfer Family, or a container"
REASONS = {
    "airflow.providers.google.": GOOGLE,
    "airflow.contrib.operators.bigquery_operator.": GOOGLE,
    "airflow.providers.standard.sensors.filesystem.FileSensor": FILES,
    "airflow.sensors.filesystem.FileSensor": FILES,
    "airflow.contrib.sensors.file_sensor.FileSensor": FILES,
    "airflow.providers.sftp.": SFTP,
}


def reason_against(operator: str) -> str:
    """Why the operator has no integration; empty where no more is known."""
    return next((said for beginning, said in REASONS.items() if operator.startswith(beginning)), "")
