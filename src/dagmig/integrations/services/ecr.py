"""Repositories of Amazon ECR: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/."""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.table import table

NAME, REGISTRY = Field("repository_name", "RepositoryName"), Field("registry_id", "RegistryId")
FORCE = Field("force", "Force")
ANSWER = "the names in the answer begin with capital letters"

create = table(
    AMAZON + "ecr.EcrCreateRepositoryOperator",
    "aws-sdk:ecr:createRepository",
    NAME,
    REGISTRY,
    Field("tags", "Tags", PASCAL),
    Field("image_tag_mutability", "ImageTagMutability"),
    Field("image_tag_mutability_exclusion_filters", "ImageTagMutabilityExclusionFilters", PASCAL),
    Field("image_scanning_configuration", "ImageScanningConfiguration", PASCAL),
    Field("encryption_configuration", "EncryptionConfiguration", PASCAL),
    result="$states.result",
    returns=ANSWER,
    required={"repository_name": None},
)
set_policy = table(
    AMAZON + "ecr.EcrSetRepositoryPolicyOperator",
    "aws-sdk:ecr:setRepositoryPolicy",
    NAME,
    REGISTRY,
    Field("policy_text", "PolicyText"),
    FORCE,
    result="$states.result",
    returns=ANSWER,
    required={"repository_name": None, "policy_text": None},
)
delete = table(
    AMAZON + "ecr.EcrDeleteRepositoryOperator",
    "aws-sdk:ecr:deleteRepository",
    NAME,
    REGISTRY,
    FORCE,
    result="$states.result",
    returns=ANSWER,
    required={"repository_name": None},
)
