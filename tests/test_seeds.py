"""The seed cases, whole: what a user moves first."""

from __future__ import annotations

import json

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl, asl_to_airflow

TRIGGER_JOB = {
    "StartAt": "TriggerJob",
    "States": {
        "TriggerJob": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:trigger",
            "End": True,
        }
    },
}


def test_a_lambda_machine_becomes_a_dag_and_an_equal_machine() -> None:
    report = Report()
    dag = asl_to_airflow(json.dumps(TRIGGER_JOB), "trigger_job.asl.json", report, "")
    assert dag is not None
    assert not dag.report.has_open_rows
    (back,) = airflow_to_asl(dag.text, "trigger_job.py", report)
    assert back.machine == TRIGGER_JOB
    assert not back.report.has_open_rows
    assert list(report) == []
