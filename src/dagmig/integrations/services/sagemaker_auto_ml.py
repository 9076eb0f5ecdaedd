"""AutoML jobs of Amazon SageMaker.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJob.html;
``SageMakerHook.create_auto_ml_job``.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

BEST = "$exists($states.result.BestCandidate) ? $states.result.BestCandidate : null"
NAMES = "the names in it are spelt as Step Functions does"


def _with_input(integration: Integration) -> Integration:
    """The one channel of input, and what the job has found when it has ended."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        source = {"S3DataType": "S3Prefix", "S3Uri": task.argument("s3_input")}
        channel = {
            "DataSource": {"S3DataSource": source},
            "TargetAttributeName": task.argument("target_attribute"),
        }
        if task.argument("compressed_input") == Literal(True):
            channel["CompressionType"] = Literal("Gzip")
        state = fragment.states[MAIN]
        arguments = {**state["Arguments"], "InputDataConfig": [channel]}
        states = {**fragment.states, MAIN: {**state, "Arguments": arguments}}
        outputs = {"return_value": Projection("poll", Expression.of(BEST), NAMES)} if "poll" in states else {}
        return replace(fragment, states=states, outputs=outputs)

    return replace(
        integration, to_asl=to_asl, to_airflow=None, resources=(), form="`aws-sdk:sagemaker:createAutoMLJob`"
    )


auto_ml = _with_input(
    table(
        AMAZON + "sagemaker.SageMakerAutoMLOperator",
        "aws-sdk:sagemaker:createAutoMLJob",
        Field("job_name", "AutoMlJobName"),
        Field("s3_output", "OutputDataConfig.S3OutputPath"),
        Field("role_arn", "RoleArn"),
        Field("time_limit", "AutoMlJobConfig.CompletionCriteria.MaxAutoMlJobRuntimeInSeconds"),
        Field("autodeploy_endpoint_name", "ModelDeployConfig.EndpointName"),
        waits=polls(
            Status(
                "aws-sdk:sagemaker:describeAutoMLJob",
                {"AutoMlJobName": "job_name"},
                "AutoMlJobStatus",
                ("Completed", "Stopped"),
                ("Failed",),
                reason="FailureReason",
            ),
            every=("check_interval", 30),
            times=("", None),
        ),
        spread="extras",
        dropped={
            "config": "the operator does not use it",
            **dict.fromkeys(("s3_input", "target_attribute", "compressed_input"), "it is part of the input"),
        },
    )
)
