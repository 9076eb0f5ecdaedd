"""Tasks in containers as resources of Terraform.

https://registry.terraform.io/providers/hashicorp/aws/5.80.0/docs/resources/ecs_task_definition,
.../batch_job_definition, .../s3_bucket_lifecycle_configuration
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dagmig.deploy.container.resources import (
    BUCKET,
    DAYS,
    Container,
    Links,
    definition,
    execution_statements,
    log_group,
    statements,
)
from dagmig.deploy.stack import Stack
from dagmig.deploy.terraform.hcl import Block, Raw, expression
from dagmig.deploy.terraform.parts import PSEUDO, identifier, log, policy, role

ANSWERS = "aws_s3_bucket.answers"
_KINDS = {"ecs": "aws_ecs_task_definition", "batch": "aws_batch_job_definition"}
_NAMES = {"JobDefinitionName": "name"}
_IN_JSON = frozenset({"ContainerDefinitions", "ContainerProperties"})


def names(containers: Iterable[Container]) -> dict[str, str]:
    """By the name of a ``${...}`` of the machine the expression of the definition, or bucket, for it."""
    found = {one.parameter: f"{_KINDS[one.kind]}.{_label(one)}.arn" for one in containers}
    if any(one.kind == "batch" for one in containers):
        found[BUCKET] = f"{ANSWERS}.bucket"
    return found


def resources(container: Container, stack: Stack) -> Iterator[Block]:
    """The definition, the role of the task and the one that starts it, the log."""
    name, group = _label(container), log_group(container, stack.name)
    start = f"{name}_start"
    known = PSEUDO | names(stack.containers) | {"log": f"aws_cloudwatch_log_group.{name}.arn"}
    yield role(name, "ecs-tasks.amazonaws.com")
    yield policy(name, statements(container, stack.name), known)
    yield role(start, "ecs-tasks.amazonaws.com")
    yield policy(start, execution_statements("${log}:*"), known)
    yield log(name, f"/{container.kind}/{group}")
    links = Links(
        Raw(f"aws_cloudwatch_log_group.{name}.name"),
        Raw(PSEUDO["AWS::Region"]),
        Raw(f"aws_iam_role.{start}.arn"),
        Raw(f"aws_iam_role.{name}.arn"),
    )
    given = {one: Raw(f"var.{one}") for one in stack.parameters}
    properties = definition(container, group, given, links)["Properties"]
    body = {_NAMES.get(key, _snake(key)): _value(key, value) for key, value in properties.items()}
    yield Block("resource", (_KINDS[container.kind], name), body)


def bucket() -> Iterator[Block]:
    """Where jobs of Batch put their answers."""
    itself = {"bucket": Raw(f"{ANSWERS}.id")}
    yield Block("resource", ("aws_s3_bucket", "answers"))
    closed = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    yield Block(
        "resource", ("aws_s3_bucket_public_access_block", "answers"), itself | dict.fromkeys(closed, True)
    )
    ends = (Block("filter"), Block("expiration", (), {"days": DAYS}))
    rule = Block("rule", (), {"id": "answers", "status": "Enabled"}, ends)
    yield Block("resource", ("aws_s3_bucket_lifecycle_configuration", "answers"), itself, (rule,))


def _label(container: Container) -> str:
    return identifier(container.parameter.removesuffix("_definition_arn"))


def _value(key: str, value: Any) -> Any:
    return Raw(f"jsonencode({expression(_camel(value), '  ')})") if key in _IN_JSON else value


def _camel(value: Any) -> Any:
    """As the API has it: members begin with a small letter."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _camel(inner) for key, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
