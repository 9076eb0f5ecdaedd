"""Guardrails and evaluations of Amazon Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/."""

from __future__ import annotations

from dagmig.graph.values import Literal
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.existing import DROPPED, made_or_found
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.table import table

OPERATORS, SDK = AMAZON + "bedrock.", "aws-sdk:bedrock:"
GUARDRAIL = Field("guardrail_identifier", "GuardrailIdentifier")
WHAT = (
    Field("guardrail_name", "Name"),
    Field("blocked_input_messaging", "BlockedInputMessaging"),
    Field("blocked_outputs_messaging", "BlockedOutputsMessaging"),
    Field("description", "Description"),
    Field("topic_policy_config", "TopicPolicyConfig", PASCAL),
    Field("content_policy_config", "ContentPolicyConfig", PASCAL),
    Field("word_policy_config", "WordPolicyConfig", PASCAL),
    Field("sensitive_information_policy_config", "SensitiveInformationPolicyConfig", PASCAL),
)
NAMED = ("guardrail_name", "blocked_input_messaging", "blocked_outputs_messaging")

create = made_or_found(
    table(
        OPERATORS + "BedrockCreateGuardrailOperator",
        SDK + "createGuardrail",
        *WHAT,
        Field("contextual_grounding_policy_config", "ContextualGroundingPolicyConfig", PASCAL),
        Field("kms_key_id", "KmsKeyId"),
        Field("tags", "Tags", PASCAL),
        result="$states.result.GuardrailId",
        dropped=DROPPED,
        notes={"if_exists": "the name of one that is there is sought among the first 1,000 guardrails"},
        required=dict.fromkeys(NAMED),
    ),
    "Bedrock.ConflictException",
    Status(
        SDK + "listGuardrails", {"MaxResults": Literal(1000)}, "Guardrails[Name = @guardrail_name][0].Id", ()
    ),
)
delete = table(
    OPERATORS + "BedrockDeleteGuardrailOperator",
    SDK + "deleteGuardrail",
    GUARDRAIL,
    Field("guardrail_version", "GuardrailVersion"),
    required={"guardrail_identifier": None},
)
create_version = table(
    OPERATORS + "BedrockCreateGuardrailVersionOperator",
    SDK + "createGuardrailVersion",
    GUARDRAIL,
    Field("description", "Description"),
    result="$states.result.Version",
    required={"guardrail_identifier": None},
)
update = table(
    OPERATORS + "BedrockUpdateGuardrailOperator",
    SDK + "updateGuardrail",
    GUARDRAIL,
    *WHAT,
    result="$states.result.GuardrailId",
    required=dict.fromkeys(("guardrail_identifier", *NAMED)),
)
evaluate = table(
    OPERATORS + "BedrockCreateEvaluationJobOperator",
    SDK + "createEvaluationJob",
    Field("job_name", "JobName"),
    Field("role_arn", "RoleArn"),
    Field("evaluation_config", "EvaluationConfig", PASCAL),
    Field("inference_config", "InferenceConfig", PASCAL),
    Field("output_data_config", "OutputDataConfig", PASCAL),
    Field("job_description", "JobDescription"),
    result="$states.result.JobArn",
    required=dict.fromkeys(
        ("job_name", "role_arn", "evaluation_config", "inference_config", "output_data_config")
    ),
)
