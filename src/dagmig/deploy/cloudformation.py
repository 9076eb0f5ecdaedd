"""A stack as a template of CloudFormation, or of SAM.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/ and
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import yaml

from dagmig.deploy.alarm_resources import alarms, email_parameters, has_emails
from dagmig.deploy.container.resources import (
    BUCKET,
    Container,
    Links,
    bucket,
    definition,
    execution_statements,
    log_group,
    statements,
)
from dagmig.deploy.event_resources import started_by_events
from dagmig.deploy.names import DEFINITION
from dagmig.deploy.role import WITHOUT_ACCOUNT, Statement
from dagmig.deploy.route_resources import URL, route
from dagmig.deploy.schedule import Schedule
from dagmig.deploy.stack import RETENTION, Function, Stack

JSON = Any
WHY = "#"  # a key of this name is written as a comment
MACHINE, ROLE, LOG, KEY = "StateMachine", "StateMachineRole", "LogGroup", "KmsKeyArn"
NOTHING = {"Ref": "AWS::NoValue"}


def _first(text: str) -> str:
    """What a template's description takes, which is 1,024 bytes."""
    return text.encode()[:1024].decode(errors="ignore")


def template(stack: Stack, *, is_sam: bool) -> str:
    """The template as YAML; paths in it are relative to the bundle's folder."""
    document: dict[str, JSON] = {"AWSTemplateFormatVersion": "2010-09-09"}
    if is_sam:
        document["Transform"] = "AWS::Serverless-2016-10-31"
    document["Description"] = _first(stack.description) or f"The workflow {stack.name}"
    document["Parameters"] = _parameters(stack)
    document["Conditions"] = {
        "HasKey": {"Fn::Not": [{"Fn::Equals": [{"Ref": KEY}, ""]}]},
        **has_emails(stack),
    }
    document["Resources"] = _resources(stack, is_sam)
    document["Outputs"] = {"StateMachineArn": {"Value": {"Ref": MACHINE}}}
    if stack.has_route:
        document["Outputs"]["StartUrl"] = {"Value": {"Fn::Sub": URL}}
    return _yaml(document)


def _parameters(stack: Stack) -> dict[str, JSON]:
    found = {
        stack.ids.parameters[name]: {
            "Type": "String",
            **({"NoEcho": True} if name in stack.secrets else {}),
            "Description": about,
        }
        for name, about in sorted(stack.parameters.items())
    }
    key = "The KMS key that encrypts definitions, inputs and outputs; empty for AWS's own"
    found[KEY] = {"Type": "String", "Default": "", "Description": key}
    return found | email_parameters(stack)


def _resources(stack: Stack, is_sam: bool) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for function in stack.functions:
        if function.container is None:
            found |= _function(function, stack, is_sam)
    for container in stack.containers:
        found |= _container(container, stack)
    if any(one.kind == "batch" for one in stack.containers):
        found[stack.ids.parameters[BUCKET]] = bucket()
    machine_role = _role("states.amazonaws.com", stack.statements, _references(stack))
    machine_role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(_with_key())
    found |= {ROLE: machine_role, LOG: _log(f"/aws/vendedlogs/states/{stack.name}"), MACHINE: _machine(stack)}
    if stack.schedules:
        starts = Statement(("states:StartExecution",), (f"@{MACHINE}",))
        found["SchedulerRole"] = _role("scheduler.amazonaws.com", [starts])
    for number, schedule in enumerate(stack.schedules, 1):
        suffix = str(number) if number > 1 else ""
        found[f"Schedule{suffix}"] = _schedule(stack, schedule, suffix)
    found |= started_by_events(stack, _role) | (route(stack, _role) if stack.has_route else {})
    found |= alarms(stack)
    return found


def _with_key() -> JSON:
    allowed = {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": [{"Ref": KEY}],
    }
    return {"Fn::If": ["HasKey", allowed, NOTHING]}


def _machine(stack: Stack) -> JSON:
    log = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": [LOG, "Arn"]}}}
    key = {
        "KmsKeyId": {"Ref": KEY},
        "Type": "CUSTOMER_MANAGED_KMS_KEY",
        "KmsDataKeyReusePeriodSeconds": 300,
    }
    properties: dict[str, JSON] = {
        "StateMachineName": stack.name,
        "StateMachineType": "STANDARD",
        "DefinitionS3Location": stack.definition,
    }
    if stack.parameters:
        text = json.dumps(stack.machine)
        names = [name for name in sorted({*stack.parameters, *stack.own}) if f"${{{name}}}" in text]
        references = _references(stack)
        filled = {name: {"Ref": references[name]} for name in names}
        properties["DefinitionSubstitutions"] = filled
    properties |= {
        "RoleArn": {"Fn::GetAtt": [ROLE, "Arn"]},
        "LoggingConfiguration": {"Level": "ERROR", "IncludeExecutionData": False, "Destinations": [log]},
        "TracingConfiguration": {"Enabled": True},
        "EncryptionConfiguration": {"Fn::If": ["HasKey", key, NOTHING]},
    }
    if stack.tags:
        properties["Tags"] = [{"Key": name, "Value": value} for name, value in sorted(stack.tags.items())]
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}


def _references(stack: Stack) -> dict[str, str]:
    """By the name of a ``${...}`` of the machine the id of what fills it in."""
    ids = stack.ids
    return {**ids.parameters, **{name: f"{stem}{DEFINITION}" for name, stem in ids.containers.items()}}


def _function(function: Function, stack: Stack, is_sam: bool) -> dict[str, JSON]:
    ids = stack.ids
    name = ids.functions[function.folder]
    group = f"/aws/lambda/{function.name}"
    writes = Statement(("logs:CreateLogStream", "logs:PutLogEvents"), (f"@{name}Log",))
    common = {
        "FunctionName": function.name,
        "Handler": f"handler.{function.entry}",
        "Runtime": function.runtime,
        "MemorySize": function.memory,
        "Timeout": function.timeout,
        "Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
    }
    if function.environment:
        given = {name: {"Ref": ids.parameters[parameter]} for name, parameter in function.environment.items()}
        common["Environment"] = {"Variables": given}
    code = f"functions/{function.folder}"
    if is_sam:
        resource = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": code, **common}}
    else:
        resource = {"Type": "AWS::Lambda::Function", "Properties": {"Code": code, **common}}
    return {
        f"{name}Role": _role("lambda.amazonaws.com", [writes]),
        f"{name}Log": _log(group),
        f"{name}Function": resource,
    }


def _container(container: Container, stack: Stack) -> dict[str, JSON]:
    name = stack.ids.containers[container.parameter]
    group = log_group(container, stack.name)
    links = Links(
        {"Ref": f"{name}Log"},
        {"Ref": "AWS::Region"},
        {"Fn::GetAtt": [f"{name}StartRole", "Arn"]},
        {"Fn::GetAtt": [f"{name}Role", "Arn"]},
    )
    references = _references(stack)
    ref = {name: {"Ref": references[name]} for name in stack.parameters}
    role = _role("ecs-tasks.amazonaws.com", statements(container, stack.name), references)
    return {
        f"{name}Role": role,
        f"{name}StartRole": _role("ecs-tasks.amazonaws.com", execution_statements(f"@{name}Log")),
        f"{name}Log": _log(f"/{container.kind}/{group}"),
        f"{name}{DEFINITION}": definition(container, group, ref, links),
    }


def _log(name: str) -> JSON:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name, "RetentionInDays": RETENTION}}


def _role(service: str, statements: Iterable[Statement], parameters: Mapping[str, str] | None = None) -> JSON:
    trust: dict[str, JSON] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if service not in WITHOUT_ACCOUNT:
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    allowed = [_statement(one, parameters or {}) for one in statements]
    policy = {
        "PolicyName": "allowed",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": allowed},
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [policy],
        },
    }


def _statement(one: Statement, parameters: Mapping[str, str]) -> JSON:
    made: dict[str, JSON] = {WHY: one.why} if one.why else {}
    made["Effect"] = "Allow"
    made["Action"] = list(one.actions)
    made["Resource"] = [_arn(arn, parameters) for arn in one.resources]
    for operator, key, values in one.conditions:
        made.setdefault("Condition", {}).setdefault(operator, {})[key] = [
            _arn(value, parameters) for value in values
        ]
    return made


def _arn(arn: str, parameters: Mapping[str, str]) -> JSON:
    """A text, what it is put together of, or with ``@`` another resource of the template.

    ``parameters`` are the ids by the names in ``${...}``.
    """
    if arn.startswith("@"):
        logical = arn[1:]
        return {"Ref": logical} if logical == MACHINE else {"Fn::GetAtt": [logical, "Arn"]}
    named = re.sub(
        r"\$\{([a-z][a-z0-9_]*)\}",
        lambda found: f"${{{parameters.get(found[1], found[1])}}}",
        arn,
    )
    if (whole := re.fullmatch(r"\$\{(\w+)\}", named)) is not None:
        return {"Ref": whole[1]}
    return {"Fn::Sub": named} if "${" in named else named


def _schedule(stack: Stack, schedule: Schedule, suffix: str) -> JSON:
    properties: dict[str, JSON] = {
        "Name": f"{stack.name[:60]}{'-' + suffix if suffix else ''}",
        "ScheduleExpression": schedule.expression,
        "ScheduleExpressionTimezone": schedule.timezone,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED" if schedule.is_enabled else "DISABLED",
    }
    for name, moment in (("StartDate", schedule.start), ("EndDate", schedule.end)):
        if moment is not None:
            properties[name] = _shown(moment)
    properties["Target"] = {
        "Arn": {"Ref": MACHINE},
        "RoleArn": {"Fn::GetAtt": ["SchedulerRole", "Arn"]},
        "Input": json.dumps(schedule.input),
    }
    return {"Type": "AWS::Scheduler::Schedule", "Properties": properties}


def _shown(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Plain(yaml.SafeDumper):
    """Without anchors, which no template has."""

    def ignore_aliases(self, data: JSON) -> bool:
        return True


def _yaml(document: JSON) -> str:
    """As YAML; what stands under the key ``WHY`` is a comment."""
    text = yaml.dump(document, Dumper=_Plain, sort_keys=False, width=1_000_000, allow_unicode=True)
    return re.sub(
        r"^(\s*(?:- )?)'#': (.*)$", lambda found: f"{found[1]}# {found[2]}", text, flags=re.MULTILINE
    )
