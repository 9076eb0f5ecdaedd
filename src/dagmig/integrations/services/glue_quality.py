"""Data quality, DataBrew jobs and the catalog of AWS Glue, and the sensors for Glue's jobs.

https://docs.aws.amazon.com/glue/latest/webapi/; ``operators/glue.py``, ``operators/glue_databrew.py``,
``sensors/glue.py`` and the provider's waiters.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, POLLING
from dagmig.integrations.either import either
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import WAITING, table
from dagmig.integrations.waits import Waits, polls

OPERATORS, SENSORS = AMAZON + "glue.", "airflow.providers.amazon.aws.sensors."
BAD = ("STOPPING", "STOPPED", "FAILED", "TIMEOUT")
SHOWN = {
    "show_results": "a state prints nothing",
    "verify_result_status": "only the end of the run is looked at",
}
WHERE = (
    Field("datasource", "DataSource"),
    Field("role", "Role"),
    Field("number_of_workers", "NumberOfWorkers", default=5),
    Field("timeout", "Timeout", default=2880),
)


def _run(action: str, asked: str) -> Status:
    return Status(
        f"aws-sdk:glue:{action}", {"RunId": asked}, "Status", ("SUCCEEDED",), BAD, reason="ErrorString"
    )


def _unverified(integration: Integration) -> Integration:
    """Unless told otherwise, the operator fails where a rule does; the state machine does not look."""

    def to_asl(task: Task, report: Report) -> Fragment:
        if task.argument("verify_result_status") != Literal(False):
            said = "a rule that fails does not fail the state: look at the run's results in a state after it"
            place = f"task:{task.id}"
            report.row("verify_result_status", task.span, place, Disposition.DECISION, said, task=task.id)
        return integration.to_asl(task, report)

    return replace(integration, to_asl=to_asl)


evaluate = _unverified(
    table(
        OPERATORS + "GlueDataQualityRuleSetEvaluationRunOperator",
        "aws-sdk:glue:startDataQualityRulesetEvaluationRun",
        *WHERE,
        Field("rule_set_names", "RulesetNames"),
        waits=polls(
            _run("getDataQualityRulesetEvaluationRun", "$.RunId"),
            every=("waiter_delay", 60),
            times=("waiter_max_attempts", 20),
        ),
        spread="rule_set_evaluation_run_kwargs",
        result="$states.result.RunId",
        dropped=SHOWN,
        required={"datasource": None, "role": None, "rule_set_names": None},
    )
)
recommend = table(
    OPERATORS + "GlueDataQualityRuleRecommendationRunOperator",
    "aws-sdk:glue:startDataQualityRuleRecommendationRun",
    *WHERE,
    waits=polls(
        _run("getDataQualityRuleRecommendationRun", "$.RunId"),
        every=("waiter_delay", 60),
        times=("waiter_max_attempts", 20),
    ),
    spread="recommendation_run_kwargs",
    result="$states.result.RunId",
    dropped=SHOWN,
    required={"datasource": None, "role": None},
)


def _ruleset(action: str) -> Integration:
    return table(
        OPERATORS + "GlueDataQualityOperator",
        f"aws-sdk:glue:{action}",
        Field("name", "Name"),
        Field("ruleset", "Ruleset"),
        Field("description", "Description", default="AWS Glue Data Quality Rule Set With Airflow"),
        spread="data_quality_ruleset_kwargs",
        dropped={"update_rule_set": "it says which call is made"},
        required={"name": None, "ruleset": None},
    )


ruleset = either(
    "update_rule_set",
    "False",
    {"False": _ruleset("createDataQualityRuleset"), "True": _ruleset("updateDataQualityRuleset")},
)
databrew = table(
    AMAZON + "glue_databrew.GlueDataBrewStartJobOperator",
    "databrew:startJobRun",
    Field("job_name", "Name"),
    waits=Waits(cleans="goes on", hides=True, patience=("waiter_max_attempts", 30)),
    result="{'run_id': $states.result.RunId}",
    dropped={**POLLING, "delay": WAITING},
    required={"job_name": None},
)
job_sensor = sensor(
    SENSORS + "glue.GlueJobSensor",
    Status(
        "aws-sdk:glue:getJobRun",
        {"JobName": "job_name", "RunId": "run_id"},
        "JobRun.JobRunState",
        ("SUCCEEDED",),
        ("FAILED", "STOPPED", "TIMEOUT"),
        reason="JobRun.ErrorMessage",
    ),
    every=120,
    times=("max_retries", 60),
    dropped={"verbose": "a state does not print the job's log"},
    aliases=(
        SENSORS + "glue.AwsGlueJobSensor",
        "airflow.contrib.sensors.aws_glue_job_sensor.AwsGlueJobSensor",
    ),
)
evaluation_sensor = _unverified(
    sensor(
        SENSORS + "glue.GlueDataQualityRuleSetEvaluationRunSensor",
        _run("getDataQualityRulesetEvaluationRun", "evaluation_run_id"),
        every=120,
        times=("max_retries", 60),
        dropped=SHOWN,
    )
)
recommendation_sensor = sensor(
    SENSORS + "glue.GlueDataQualityRuleRecommendationRunSensor",
    _run("getDataQualityRuleRecommendationRun", "recommendation_run_id"),
    every=120,
    times=("max_retries", 60),
    dropped=SHOWN,
)
partition_sensor = sensor(
    SENSORS + "glue_catalog_partition.GlueCatalogPartitionSensor",
    Status(
        "aws-sdk:glue:getPartitions",
        {
            "DatabaseName": ("database_name", "default"),
            "TableName": "table_name",
            "Expression": ("expression", "ds='{{ ds }}'"),
            "MaxResults": Literal(1),
        },
        "($count(Partitions) > 0 ? 'found' : 'not found')",
        ("found",),
    ),
    every=180,
    aliases=(
        SENSORS + "glue_catalog_partition.AwsGlueCatalogPartitionSensor",
        "airflow.contrib.sensors.aws_glue_catalog_partition_sensor.AwsGlueCatalogPartitionSensor",
    ),
)
