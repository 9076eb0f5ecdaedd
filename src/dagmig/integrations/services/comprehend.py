"""Jobs and classifiers of Amazon Comprehend.

https://docs.aws.amazon.com/comprehend/latest/APIReference/; ``operators/comprehend.py``,
``sensors/comprehend.py`` and the provider's waiters.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

OPERATORS, SENSORS = AMAZON + "comprehend.", "airflow.providers.amazon.aws.sensors.comprehend."
INPUT, OUTPUT = Field("input_data_config", "InputDataConfig"), Field("output_data_config", "OutputDataConfig")
ROLE, LANGUAGE = Field("data_access_role_arn", "DataAccessRoleArn"), Field("language_code", "LanguageCode")
MODE = Field("mode", "Mode")
WARNINGS = {"fail_on_warnings": "a classifier that was trained with warnings is a success"}
NO_WARNINGS = {"fail_on_warnings": False}


def _detecting(asked: str) -> Status:
    return Status(
        "aws-sdk:comprehend:describePiiEntitiesDetectionJob",
        {"JobId": asked},
        "PiiEntitiesDetectionJobProperties.JobStatus",
        ("COMPLETED",),
        ("FAILED", "STOP_REQUESTED", "STOPPED"),
        reason="PiiEntitiesDetectionJobProperties.Message",
    )


def _training(asked: str) -> Status:
    return Status(
        "aws-sdk:comprehend:describeDocumentClassifier",
        {"DocumentClassifierArn": asked},
        "DocumentClassifierProperties.Status",
        ("TRAINED", "TRAINED_WITH_WARNING"),
        ("DELETING", "STOP_REQUESTED", "STOPPED", "IN_ERROR"),
        reason="DocumentClassifierProperties.Message",
    )


detect = table(
    OPERATORS + "ComprehendStartPiiEntitiesDetectionJobOperator",
    "aws-sdk:comprehend:startPiiEntitiesDetectionJob",
    INPUT,
    OUTPUT,
    MODE,
    ROLE,
    LANGUAGE,
    waits=polls(_detecting("$.JobId"), every=("waiter_delay", 60), times=("waiter_max_attempts", 20)),
    spread="start_pii_entities_kwargs",
    result="$states.result.JobId",
    required=dict.fromkeys(
        ("input_data_config", "output_data_config", "mode", "data_access_role_arn", "language_code")
    ),
)
classify = table(
    OPERATORS + "ComprehendCreateDocumentClassifierOperator",
    "aws-sdk:comprehend:createDocumentClassifier",
    Field("document_classifier_name", "DocumentClassifierName"),
    INPUT,
    OUTPUT,
    MODE,
    ROLE,
    LANGUAGE,
    waits=polls(_training("$.DocumentClassifierArn"), every=("waiter_delay", 60)),
    spread="document_classifier_kwargs",
    result="$states.result.DocumentClassifierArn",
    undecided=WARNINGS,
    harmless=NO_WARNINGS,
    required=dict.fromkeys(
        ("document_classifier_name", "input_data_config", "mode", "data_access_role_arn", "language_code")
    ),
)
detected_sensor = sensor(
    SENSORS + "ComprehendStartPiiEntitiesDetectionJobCompletedSensor",
    _detecting("job_id"),
    every=120,
    times=("max_retries", 75),
)
classified_sensor = sensor(
    SENSORS + "ComprehendCreateDocumentClassifierCompletedSensor",
    _training("document_classifier_arn"),
    every=120,
    times=("max_retries", 75),
    undecided=WARNINGS,
    harmless=NO_WARNINGS,
)
