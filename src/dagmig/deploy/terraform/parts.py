"""What the resources of a ``main.tf`` have in common: roles, policies, logs, and how they name each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dagmig.deploy.role import WITHOUT_ACCOUNT, Statement
from dagmig.deploy.stack import RETENTION
from dagmig.deploy.terraform.hcl import Block, Raw, expression, filled

MACHINE = Raw("aws_sfn_state_machine.this.arn")
ACCOUNT = Raw("data.aws_caller_identity.current.account_id")
PSEUDO = {
    "AWS::Partition": "data.aws_partition.current.partition",
    "AWS::Region": "data.aws_region.current.name",
    "AWS::AccountId": str(ACCOUNT),
}
STARTS = Statement(("states:StartExecution",), ("${machine}",))


def identifier(text: str) -> str:
    """As Terraform takes it: letters, digits, ``-`` and ``_``, and no digit at the beginning."""
    return re.sub(r"^(?=\d)", "_", re.sub(r"[^A-Za-z0-9_-]", "_", text))


def role(name: str, service: str) -> Block:
    """A role that a service takes on."""
    trust: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if service not in WITHOUT_ACCOUNT:
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return Block("resource", ("aws_iam_role", name), {"assume_role_policy": document([written(trust)])})


def policy(
    name: str, statements: Iterable[Statement], names: Mapping[str, str], with_key: Raw | None = None
) -> Block:
    """What a role allows; ``names`` are the expressions of ``${...}``."""
    made = [statement(one, names) for one in statements]
    key = f'var.kms_key_arn == "" ? [] : [{with_key}]' if with_key is not None else ""
    body = {"name": "allowed", "role": Raw(f"aws_iam_role.{name}.id"), "policy": document(made, key)}
    return Block("resource", ("aws_iam_role_policy", name), body)


def document(statements: list[Raw], more: str = "") -> Raw:
    """A policy; ``more`` is a list that is only known in Terraform."""
    shown = expression(statements, "    ")
    whole = f"concat({shown}, {more})" if more else shown
    return Raw(f'jsonencode({{\n    "Version" = "2012-10-17"\n    "Statement" = {whole}\n  }})')


def statement(one: Statement, names: Mapping[str, str]) -> Raw:
    """One of its statements."""
    made: dict[str, Any] = {
        "Effect": "Allow",
        "Action": one.actions,
        "Resource": [filled(arn, names) for arn in one.resources],
    }
    for operator, key, values in one.conditions:
        given = [filled(value, names) for value in values]
        made.setdefault("Condition", {}).setdefault(operator, {})[key] = given
    return Raw((f"# {one.why}\n      " if one.why else "") + written(made))


def written(value: Mapping[str, Any]) -> Raw:
    """An object among the statements of a policy."""
    return Raw(expression(value, "      "))


def log(name: str, group: str) -> Block:
    """A log group, which is called ``group`` in the account."""
    body = {"name": group, "retention_in_days": RETENTION}
    return Block("resource", ("aws_cloudwatch_log_group", name), body)
