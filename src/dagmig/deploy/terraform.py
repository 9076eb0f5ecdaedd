"""A stack as ``main.tf``.

https://registry.terraform.io/providers/hashicorp/aws/5.80.0/docs and
https://registry.terraform.io/providers/hashicorp/archive/latest/docs/data-sources/file
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from dagmig.deploy.hcl import Block, Raw, expression, filled, quoted
from dagmig.deploy.role import Statement
from dagmig.deploy.schedule import Schedule
from dagmig.deploy.stack import ALARMS, FAILURES, RETENTION, Function, Stack

MACHINE = Raw("aws_sfn_state_machine.this.arn")
TOPIC = Raw("aws_sns_topic.alarms.arn")
ACCOUNT = Raw("data.aws_caller_identity.current.account_id")
PSEUDO = {
    "AWS::Partition": "data.aws_partition.current.partition",
    "AWS::Region": "data.aws_region.current.name",
    "AWS::AccountId": str(ACCOUNT),
}
KEY = 'var.kms_key_arn == "" ? [] : [var.kms_key_arn]'


def main(stack: Stack) -> str:
    """The text; paths in it are relative to the bundle's folder."""
    return "\n\n".join(block.text() for block in _blocks(stack)) + "\n"


def _blocks(stack: Stack) -> Iterator[Block]:
    yield from _head(stack)
    for function in stack.functions:
        yield from _function(function)
    names = PSEUDO | {name: f"var.{name}" for name in stack.parameters}
    yield _assumed("machine", "states.amazonaws.com")
    key = Statement(("kms:Decrypt", "kms:GenerateDataKey"), ("${key}",))
    yield _policy("machine", stack.statements, names, _object(key, {"key": "var.kms_key_arn"}))
    yield _log("machine", quoted(f"/aws/vendedlogs/states/{stack.name}"))
    yield _machine(stack)
    if stack.schedules:
        yield _assumed("scheduler", "scheduler.amazonaws.com")
        yield _policy(
            "scheduler", [Statement(("states:StartExecution",), ("${machine}",))], {"machine": MACHINE}
        )
    for number, schedule in enumerate(stack.schedules, 1):
        yield _schedule(stack, schedule, str(number) if number > 1 else "")
    yield from _alarms(stack)
    yield Block("output", ("state_machine_arn",), {"value": MACHINE})


def _head(stack: Stack) -> Iterator[Block]:
    providers = {
        "aws": {"source": "hashicorp/aws", "version": "~> 5.80"},
        "archive": {"source": "hashicorp/archive", "version": "~> 2.4"},
    }
    if not stack.functions:
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
    for name, default, about in (("kms_key_arn", "", key), ("alarm_email", stack.email, email)):
        yield Block("variable", (name,), {"type": Raw("string"), "default": default, "description": about})


def _function(function: Function) -> Iterator[Block]:
    label = _label(function.folder)
    archive = f"data.archive_file.{label}"
    folder = f"${{path.module}}/functions/{function.folder}"
    yield Block(
        "data",
        ("archive_file", label),
        {
            "type": "zip",
            "source_dir": Raw(f'"{folder}"'),
            "output_path": Raw(f'"${{path.module}}/.{label}.zip"'),
        },
    )
    yield _assumed(label, "lambda.amazonaws.com")
    writes = Statement(("logs:CreateLogStream", "logs:PutLogEvents"), ("${log}:*",))
    yield _policy(label, [writes], {"log": f"aws_cloudwatch_log_group.{label}.arn"})
    yield _log(label, quoted(f"/aws/lambda/{function.name}"))
    given = {name: Raw(f"var.{parameter}") for name, parameter in function.environment.items()}
    yield Block(
        "resource",
        ("aws_lambda_function", label),
        {
            "function_name": function.name,
            "filename": Raw(f"{archive}.output_path"),
            "source_code_hash": Raw(f"{archive}.output_base64sha256"),
            "handler": f"handler.{function.entry}",
            "runtime": function.runtime,
            "memory_size": function.memory,
            "timeout": function.timeout,
            "role": Raw(f"aws_iam_role.{label}.arn"),
        },
        (Block("environment", (), {"variables": given}),) if given else (),
    )


def _label(text: str) -> str:
    """As Terraform takes it: letters, digits, ``-`` and ``_``, and no digit at the beginning."""
    return re.sub(r"^(?=\d)", "_", re.sub(r"[^A-Za-z0-9_-]", "_", text))


def _assumed(label: str, service: str) -> Block:
    trust: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if service != "lambda.amazonaws.com":
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return Block("resource", ("aws_iam_role", label), {"assume_role_policy": _document([_written(trust)])})


def _policy(
    label: str, statements: Iterable[Statement], names: Mapping[str, str], with_key: Raw | None = None
) -> Block:
    made = [_object(one, names) for one in statements]
    key = f'var.kms_key_arn == "" ? [] : [{with_key}]' if with_key is not None else ""
    policy = _document(made, key)
    body = {"name": "allowed", "role": Raw(f"aws_iam_role.{label}.id"), "policy": policy}
    return Block("resource", ("aws_iam_role_policy", label), body)


def _document(statements: list[Raw], more: str = "") -> Raw:
    shown = expression(statements, "    ")
    whole = f"concat({shown}, {more})" if more else shown
    return Raw(f'jsonencode({{\n    "Version" = "2012-10-17"\n    "Statement" = {whole}\n  }})')


def _object(one: Statement, names: Mapping[str, str]) -> Raw:
    made: dict[str, Any] = {
        "Effect": "Allow",
        "Action": one.actions,
        "Resource": [filled(arn, names) for arn in one.resources],
    }
    for operator, key, values in one.conditions:
        given = [filled(value, names) for value in values]
        made.setdefault("Condition", {}).setdefault(operator, {})[key] = given
    return Raw((f"# {one.why}\n      " if one.why else "") + _written(made))


def _written(value: Mapping[str, Any]) -> Raw:
    return Raw(expression(value, "      "))


def _log(label: str, name: Raw) -> Block:
    body = {"name": name, "retention_in_days": RETENTION}
    return Block("resource", ("aws_cloudwatch_log_group", label), body)


def _machine(stack: Stack) -> Block:
    """Of the definition only the parameters are filled in: other ``${...}`` are the DAG's own."""
    definition = f'file("${{path.module}}/{stack.definition}")'
    for name in sorted(stack.parameters):
        definition = f'replace({definition}, "$${{{name}}}", var.{name})'
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


def _alarms(stack: Stack) -> Iterator[Block]:
    yield Block("resource", ("aws_sns_topic", "alarms"), {"name": f"{stack.name}-alarms"})
    subscription = {
        "count": Raw('var.alarm_email == "" ? 0 : 1'),
        "topic_arn": TOPIC,
        "protocol": "email",
        "endpoint": Raw("var.alarm_email"),
    }
    yield Block("resource", ("aws_sns_topic_subscription", "alarms"), subscription)
    said = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    statements = [_publishes("cloudwatch.amazonaws.com") | {"Condition": said}]
    if stack.tells_failures:  # of a rule's events a topic's policy cannot ask for more
        statements.append(_publishes("events.amazonaws.com"))
    policy = {"arn": TOPIC, "policy": _document(list(map(_written, statements)))}
    yield Block("resource", ("aws_sns_topic_policy", "alarms"), policy)
    for name, metric in ALARMS.items():
        yield _alarm(stack, name, metric)
    if stack.late is not None:  # of milliseconds, told when an execution ends
        longest = {
            "statistic": "Maximum",
            "threshold": stack.late // timedelta(milliseconds=1),
            "comparison_operator": "GreaterThanThreshold",
        }
        late = _alarm(stack, "Late", "ExecutionTime")
        yield replace(late, body={**late.body, **longest})
    if stack.tells_failures:
        yield from _failures(stack)


def _publishes(service: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sns:Publish",
        "Resource": TOPIC,
    }


def _alarm(stack: Stack, name: str, metric: str) -> Block:
    body = {
        "alarm_name": f"{stack.name}-{metric}",
        "namespace": "AWS/States",
        "metric_name": metric,
        "dimensions": {"StateMachineArn": MACHINE},
        "statistic": "Sum",
        "period": 300,
        "evaluation_periods": 1,
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "treat_missing_data": "notBreaching",
        "alarm_actions": [TOPIC],
    }
    return Block("resource", ("aws_cloudwatch_metric_alarm", name.lower()), body)


def _failures(stack: Stack) -> Iterator[Block]:
    detail = {"stateMachineArn": [MACHINE], "status": list(FAILURES)}
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": detail,
    }
    about = "Tells of executions that fail, as the DAG's callbacks and e-mails do"
    body = {
        "name": f"{stack.name[:50]}-failures",
        "description": about,
        "event_pattern": Raw(f"jsonencode({expression(pattern, '  ')})"),
    }
    yield Block("resource", ("aws_cloudwatch_event_rule", "failures"), body)
    target = {"rule": Raw("aws_cloudwatch_event_rule.failures.name"), "arn": TOPIC}
    yield Block("resource", ("aws_cloudwatch_event_target", "failures"), target)
