"""A stack as ``main.tf``.

https://registry.terraform.io/providers/hashicorp/aws/5.80.0/docs
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from dagmig.deploy.role import Statement
from dagmig.deploy.schedule import Schedule
from dagmig.deploy.stack import Stack
from dagmig.deploy.terraform import containers, events, functions
from dagmig.deploy.terraform.alarms import alarms
from dagmig.deploy.terraform.hcl import Block, Raw
from dagmig.deploy.terraform.parts import MACHINE, PSEUDO, STARTS, log, policy, role, statement

KEY = 'var.kms_key_arn == "" ? [] : [var.kms_key_arn]'


def main(stack: Stack) -> str:
    """The text; paths in it are relative to the bundle's folder."""
    about = f"# {' '.join(stack.description.split())}\n\n" if stack.description else ""
    return about + "\n\n".join(block.text() for block in _blocks(stack)) + "\n"


def _blocks(stack: Stack) -> Iterator[Block]:
    yield from _head(stack)
    for function in stack.functions:
        if function.container is None:
            yield from functions.resources(function)
    for container in stack.containers:
        yield from containers.resources(container, stack)
    if any(one.kind == "batch" for one in stack.containers):
        yield from containers.bucket()
    yield role("machine", "states.amazonaws.com")
    key = statement(
        Statement(("kms:Decrypt", "kms:GenerateDataKey"), ("${key}",)), {"key": "var.kms_key_arn"}
    )
    yield policy("machine", stack.statements, PSEUDO | _filled_in(stack), key)
    yield log("machine", f"/aws/vendedlogs/states/{stack.name}")
    yield _machine(stack)
    if stack.schedules:
        yield role("scheduler", "scheduler.amazonaws.com")
        yield policy("scheduler", [STARTS], {"machine": MACHINE})
    for number, schedule in enumerate(stack.schedules, 1):
        yield _schedule(stack, schedule, str(number) if number > 1 else "")
    yield from events.resources(stack)
    if stack.has_route:
        yield from events.route(stack)
    yield from alarms(stack)
    yield Block("output", ("state_machine_arn",), {"value": MACHINE})


def _filled_in(stack: Stack) -> dict[str, str]:
    """By the name of a ``${...}`` of the machine the expression of what fills it in."""
    return {name: f"var.{name}" for name in stack.parameters} | containers.names(stack.containers)


def _head(stack: Stack) -> Iterator[Block]:
    providers = {
        "aws": {"source": "hashicorp/aws", "version": "~> 5.80"},
        "archive": {"source": "hashicorp/archive", "version": "~> 2.4"},
    }
    if all(one.container is not None for one in stack.functions):
        del providers["archive"]
    yield Block(
        "terraform", (), {"required_version": ">= 1.3"}, (Block("required_providers", (), providers),)
    )
    for kind in ("partition", "region", "caller_identity"):
        yield Block("data", (f"aws_{kind}", "current"))
    for name, about in sorted(stack.parameters.items()):
        hidden = {"sensitive": True} if name in stack.secrets else {}
        yield Block("variable", (name,), {"type": Raw("string"), "description": about, **hidden})
    key = "The KMS key that encrypts definitions, inputs and outputs; empty for AWS's own"
    email = "Where failed executions are told; empty for nobody"
    yield _variable("kms_key_arn", "string", "", key)
    yield _variable("alarm_emails", "list(string)", list(stack.emails), email)


def _variable(name: str, kind: str, default: Any, about: str) -> Block:
    return Block("variable", (name,), {"type": Raw(kind), "default": default, "description": about})


def _machine(stack: Stack) -> Block:
    """Of the definition only the parameters are filled in: other ``${...}`` are the DAG's own."""
    definition = f'file("${{path.module}}/{stack.definition}")'
    text = json.dumps(stack.machine)
    for name, given in sorted(_filled_in(stack).items()):
        if f"${{{name}}}" in text:
            definition = f'replace({definition}, "$${{{name}}}", {given})'
    log = {
        "log_destination": Raw('"${aws_cloudwatch_log_group.machine.arn}:*"'),
        "include_execution_data": False,
        "level": "ERROR",
    }
    key = Block(
        "content",
        (),
        {
            "kms_key_id": Raw("encryption_configuration.value"),
            "type": "CUSTOMER_MANAGED_KMS_KEY",
            "kms_data_key_reuse_period_seconds": 300,
        },
    )
    body = {
        "name": stack.name,
        "type": "STANDARD",
        "role_arn": Raw("aws_iam_role.machine.arn"),
        "definition": Raw(definition),
        **({"tags": stack.tags} if stack.tags else {}),
        "depends_on": [Raw("aws_iam_role_policy.machine")],
    }
    blocks = (
        Block("logging_configuration", (), log),
        Block("tracing_configuration", (), {"enabled": True}),
        Block("dynamic", ("encryption_configuration",), {"for_each": Raw(KEY)}, (key,)),
    )
    return Block("resource", ("aws_sfn_state_machine", "this"), body, blocks)


def _schedule(stack: Stack, schedule: Schedule, suffix: str) -> Block:
    body: dict[str, Any] = {
        "name": f"{stack.name[:60]}{'-' + suffix if suffix else ''}",
        "schedule_expression": schedule.expression,
        "schedule_expression_timezone": schedule.timezone,
        "state": "ENABLED" if schedule.is_enabled else "DISABLED",
    }
    for name, moment in (("start_date", schedule.start), ("end_date", schedule.end)):
        if moment is not None:
            body[name] = _shown(moment)
    target = {
        "arn": MACHINE,
        "role_arn": Raw("aws_iam_role.scheduler.arn"),
        "input": json.dumps(schedule.input),
    }
    blocks = (Block("flexible_time_window", (), {"mode": "OFF"}), Block("target", (), target))
    return Block("resource", ("aws_scheduler_schedule", f"this{suffix}"), body, blocks)


def _shown(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
