"""Pipelines and experiments of Amazon SageMaker.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/; ``operators/sagemaker.py`` and ``SageMakerHook``.
"""

from __future__ import annotations

from dagmig.graph.values import Literal, Value
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import TAGS, Codec, items, mapping, members, sequence
from dagmig.integrations.status import Status, word
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

OPERATORS = AMAZON + "sagemaker."
EXECUTION = Status(
    "aws-sdk:sagemaker:describePipelineExecution",
    {"PipelineExecutionArn": "$.PipelineExecutionArn"},
    "PipelineExecutionStatus",
    ("Succeeded",),
    ("Failed", "Stopped"),
    reason="FailureReason",
)
NO_CONFIG = {"config": "the operator does not use it"}
NO_LOG = {"verbose": "a state prints nothing"}


def _parameters(value: Value) -> Value:
    """A flat dict as a list of names and values."""
    return sequence(mapping([("Name", Literal(key)), ("Value", item)]) for key, item in members(value))


def _from_parameters(value: Value) -> Value:
    found = [dict(members(one)) for one in items(value)]
    if any(one.keys() != {"Name", "Value"} or word(one["Name"]) is None for one in found):
        raise ValueError("not names and values")
    return mapping((str(word(one["Name"])), one["Value"]) for one in found)


start_pipeline = table(
    OPERATORS + "SageMakerStartPipelineOperator",
    "aws-sdk:sagemaker:startPipelineExecution",
    Field("pipeline_name", "PipelineName"),
    Field(
        "display_name",
        "PipelineExecutionDisplayName",
        default="airflow-triggered-execution",
        absent="the operator names the execution airflow-triggered-execution",
    ),
    Field("pipeline_params", "PipelineParameters", Codec(_parameters, _from_parameters)),
    waits=polls(EXECUTION, default=False, every=("check_interval", 30), times=("waiter_max_attempts", 9999)),
    result="$states.result.PipelineExecutionArn",
    dropped={**NO_CONFIG, **NO_LOG},
    required={"pipeline_name": None},
)
stop_pipeline = table(
    OPERATORS + "SageMakerStopPipelineOperator",
    "aws-sdk:sagemaker:stopPipelineExecution",
    Field("pipeline_exec_arn", "PipelineExecutionArn"),
    waits=polls(
        Status(
            "aws-sdk:sagemaker:describePipelineExecution",
            {"PipelineExecutionArn": "pipeline_exec_arn"},
            "PipelineExecutionStatus",
            ("Stopped", "Succeeded"),
            ("Failed",),
        ),
        default=False,
        every=("check_interval", 30),
        times=("waiter_max_attempts", 9999),
    ),
    dropped={**NO_CONFIG, **NO_LOG},
    undecided={"fail_if_not_running": "an execution that has ended fails the state"},
    harmless={"fail_if_not_running": True},
    notes={"fail_if_not_running": "the state fails where the execution has ended already"},
    required={"pipeline_exec_arn": None},
)
create_experiment = table(
    OPERATORS + "SageMakerCreateExperimentOperator",
    "aws-sdk:sagemaker:createExperiment",
    Field("name", "ExperimentName"),
    Field("description", "Description"),
    Field("tags", "Tags", TAGS),
    result="$states.result.ExperimentArn",
    dropped=NO_CONFIG,
    required={"name": None},
)
