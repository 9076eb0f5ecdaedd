"""The optimized integrations: which actions there are, and how each can be waited for.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and the page of each service
there.
"""

from __future__ import annotations

from collections.abc import Mapping

from dagmig.asl.resource import Resource
from dagmig.asl.services import Action, service

_RUN, _TOKEN = ("", ".sync"), ("", ".waitForTaskToken")
_ONLY = ("",)
_ALL = ("", ".sync", ".waitForTaskToken")
OPTIMIZED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "apigateway": {"invoke": _TOKEN},
    "athena": {
        "startQueryExecution": _RUN,
        "stopQueryExecution": _ONLY,
        "getQueryExecution": _ONLY,
        "getQueryResults": _ONLY,
    },
    "batch": {"submitJob": _RUN},
    "bedrock": {"invokeModel": _TOKEN, "createModelCustomizationJob": _ALL},
    "codebuild": {
        "startBuild": _RUN,
        "stopBuild": _ONLY,
        "batchDeleteBuilds": _ONLY,
        "batchGetReports": _ONLY,
        "startBuildBatch": _RUN,
        "stopBuildBatch": _ONLY,
        "retryBuildBatch": _RUN,
        "deleteBuildBatch": _ONLY,
    },
    "databrew": {"startJobRun": _RUN},
    "dynamodb": dict.fromkeys(("getItem", "putItem", "deleteItem", "updateItem"), _ONLY),
    "ecs": {"runTask": _ALL},
    "eks": {
        **dict.fromkeys(("createCluster", "createFargateProfile", "createNodegroup"), _RUN),
        **dict.fromkeys(("deleteCluster", "deleteFargateProfile", "deleteNodegroup"), _RUN),
        "call": _TOKEN,
        "runJob": _ALL,
    },
    "elasticmapreduce": {
        **dict.fromkeys(("createCluster", "terminateCluster", "addStep"), _RUN),
        **dict.fromkeys(("setClusterTerminationProtection", "cancelStep"), _ONLY),
        **dict.fromkeys(("modifyInstanceFleetByName", "modifyInstanceGroupByName"), _ONLY),
    },
    "emr-containers": {"createVirtualCluster": _ONLY, "deleteVirtualCluster": _RUN, "startJobRun": _RUN},
    "emr-serverless": {
        **dict.fromkeys(("createApplication", "startApplication", "stopApplication"), _RUN),
        **dict.fromkeys(("deleteApplication", "startJobRun", "cancelJobRun"), _RUN),
    },
    "events": {"putEvents": _TOKEN},
    "glue": {"startJobRun": _RUN},
    "http": {"invoke": _TOKEN},
    "lambda": {"invoke": _TOKEN},
    "mediaconvert": {"createJob": _RUN},
    "sagemaker": {
        **dict.fromkeys(("createTrainingJob", "createTransformJob", "createProcessingJob"), _RUN),
        **dict.fromkeys(("createHyperParameterTuningJob", "createLabelingJob"), _RUN),
        **dict.fromkeys(("createEndpoint", "updateEndpoint", "createEndpointConfig", "createModel"), _ONLY),
    },
    "sns": {"publish": _TOKEN},
    "sqs": {"sendMessage": _TOKEN},
    "states": {"startExecution": ("", ".sync", ".sync:2", ".waitForTaskToken")},
}  # of each action the patterns it has, the plain one (a response is waited for) being empty
_OWN_PARAMETERS = frozenset(
    {
        *("apigateway:invoke", "bedrock:invokeModel", "eks:call", "eks:runJob", "http:invoke"),
        *(f"elasticmapreduce:{action}" for action in OPTIMIZED["elasticmapreduce"]),
    }
)
_SDK_NAMES = {
    "states": "sfn",
    "events": "eventbridge",
    "emr-containers": "emrcontainers",
    "emr-serverless": "emrserverless",
}
SDK_PATTERNS = ("", ".waitForTaskToken")


def api_action(name: str, action: str) -> Action | None:
    """The API action behind an optimized one; None where it has parameters of its own, or is not known."""
    if f"{name}:{action}" in _OWN_PARAMETERS:
        return None
    found = service(_SDK_NAMES.get(name, name))
    return found.actions.get(action) if found else None


def client_name(name: str) -> str:
    """Botocore's name of the client behind an optimized integration's service."""
    found = service(_SDK_NAMES.get(name, name))
    return found.client if found else name


def called(resource: Resource) -> tuple[str, Action] | None:
    """Botocore's name of the client and the API action that a resource calls; None as in ``api_action``."""
    if resource.kind == "sdk":
        found = service(resource.service)
        client, action = (found.client, found.actions.get(resource.action)) if found else ("", None)
    else:
        client, action = client_name(resource.service), api_action(resource.service, resource.action)
    return None if action is None else (client, action)
