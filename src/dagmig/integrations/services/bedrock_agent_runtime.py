"""Runtimes of Amazon Bedrock AgentCore: https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/."""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

SDK = "aws-sdk:bedrockagentcorecontrol:"
PACE = ("waiter_delay", 60), ("waiter_max_attempts", 20)
ASK = SDK + "getAgentRuntime"

create = table(
    AMAZON + "bedrock.BedrockCreateAgentRuntimeOperator",
    SDK + "createAgentRuntime",
    Field("agent_runtime_name", "AgentRuntimeName"),
    Field("agent_runtime_artifact", "AgentRuntimeArtifact", PASCAL),
    Field("role_arn", "RoleArn"),
    Field("network_configuration", "NetworkConfiguration", PASCAL),
    waits=polls(
        Status(
            ASK,
            {"AgentRuntimeId": "$.AgentRuntimeId", "AgentRuntimeVersion": "$.AgentRuntimeVersion"},
            "Status",
            ("READY",),
            ("CREATE_FAILED", "UPDATE_FAILED", "DELETING"),
            reason="FailureReason",
        ),
        every=PACE[0],
        times=PACE[1],
    ),
    spread="create_agent_runtime_kwargs",
    spread_codec=PASCAL,
    result="$states.result.AgentRuntimeArn",
    required=dict.fromkeys(
        ("agent_runtime_name", "agent_runtime_artifact", "role_arn", "network_configuration")
    ),
)
delete = table(
    AMAZON + "bedrock.BedrockDeleteAgentRuntimeOperator",
    SDK + "deleteAgentRuntime",
    Field("agent_runtime_id", "AgentRuntimeId"),
    waits=polls(
        Status(
            ASK,
            {"AgentRuntimeId": "agent_runtime_id"},
            "Status",
            ("gone",),
            ("CREATE_FAILED", "UPDATE_FAILED", "READY"),
            missing="gone",
            gone=("BedrockAgentCoreControl.ResourceNotFoundException",),
            reason="FailureReason",
        ),
        every=PACE[0],
        times=PACE[1],
    ),
    required={"agent_runtime_id": None},
)
