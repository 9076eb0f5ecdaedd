"""Sensors for Amazon SageMaker's work: every word but those of work that goes on or failed is success.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/; ``sensors/sagemaker.py`` and ``SageMakerHook``.
"""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor

SENSORS = "airflow.providers.amazon.aws.sensors.sagemaker."
OLD = "airflow.providers.amazon.aws.sensors."
CONTRIB = "airflow.contrib.sensors."
DROPPED = {
    "resource_type": "it only names the work in a message",
    "print_log": "a state does not print the job's log",
    "verbose": "a state prints nothing",
}


def _sensor(
    kind: str,
    action: str,
    ask: dict[str, str],
    at: str,
    done: tuple[str, ...],
    failed: tuple[str, ...] = ("Failed",),
    aliases: tuple[str, ...] = (),
) -> Integration:
    status = Status(f"aws-sdk:sagemaker:{action}", ask, at, done, failed, reason="FailureReason")
    return sensor(f"{SENSORS}SageMaker{kind}Sensor", status, dropped=DROPPED, aliases=aliases)


def _old(kind: str) -> tuple[str, ...]:
    """The sensor's place in a module of its own."""
    module = f"sagemaker_{kind.lower()}"
    return (
        f"{OLD}{module}.SageMaker{kind}Sensor",
        f"{CONTRIB}{module}_sensor.SageMaker{kind}Sensor",
    )


training = _sensor(
    "Training",
    "describeTrainingJob",
    {"TrainingJobName": "job_name"},
    "TrainingJobStatus",
    ("Completed",),
    ("Failed", "Stopped"),
    aliases=_old("Training"),
)
processing = _sensor(
    "Processing",
    "describeProcessingJob",
    {"ProcessingJobName": "job_name"},
    "ProcessingJobStatus",
    ("Completed",),
    ("Failed", "Stopped"),
)
transform = _sensor(
    "Transform",
    "describeTransformJob",
    {"TransformJobName": "job_name"},
    "TransformJobStatus",
    ("Completed", "Stopped"),
    aliases=_old("Transform"),
)
tuning = _sensor(
    "Tuning",
    "describeHyperParameterTuningJob",
    {"HyperParameterTuningJobName": "job_name"},
    "HyperParameterTuningJobStatus",
    ("Completed", "Stopped"),
    aliases=_old("Tuning"),
)
endpoint = _sensor(
    "Endpoint",
    "describeEndpoint",
    {"EndpointName": "endpoint_name"},
    "EndpointStatus",
    ("InService", "OutOfService", "UpdateRollbackFailed"),
    aliases=_old("Endpoint"),
)
pipeline = _sensor(
    "Pipeline",
    "describePipelineExecution",
    {"PipelineExecutionArn": "pipeline_exec_arn"},
    "PipelineExecutionStatus",
    ("Succeeded", "Stopped"),
)
auto_ml = _sensor(
    "AutoML", "describeAutoMLJob", {"AutoMlJobName": "job_name"}, "AutoMlJobStatus", ("Completed", "Stopped")
)
