"""Run by a Python with moto and SAM's translator: deploy bundles into an AWS that is only in memory.

``python deploy_worker.py FOLDER...`` prints for each bundle what is there then. ``template.yaml`` is made
ready as ``sam deploy`` or ``aws cloudformation package`` do it: code is uploaded, SAM is translated.
Moto's CloudFormation has no schedules, alarms, subscriptions and policies of topics: these are made by the
calls of their own services.
"""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import boto3
import yaml
from moto import mock_aws

REGION, BUCKET, MACHINE = "us-east-1", "artifacts", "StateMachine"
OWN_CALLS = {
    "AWS::Scheduler::Schedule": ("scheduler", "create_schedule"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "put_metric_alarm"),
}
LEFT_OUT = {*OWN_CALLS, "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy"}


def packaged(folder: Path) -> dict[str, Any]:
    """The template as CloudFormation gets it, with the definition in it."""
    template = yaml.safe_load((folder / "template.yaml").read_text())
    boto3.client("s3", REGION).create_bucket(Bucket=BUCKET)
    for name, resource in template["Resources"].items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Serverless::Function":
            _upload(folder / properties["CodeUri"], name)
            properties["CodeUri"] = f"s3://{BUCKET}/{name}"
        elif resource["Type"] == "AWS::Lambda::Function":
            _upload(folder / properties["Code"], name)
            properties["Code"] = {"S3Bucket": BUCKET, "S3Key": name}
    if "Transform" in template:
        template = _translated(template)
    properties = template["Resources"][MACHINE]["Properties"]
    text = (folder / properties.pop("DefinitionS3Location")).read_text()
    for name in properties.pop("DefinitionSubstitutions", {}):
        text = text.replace(f"${{{name}}}", _given(name))
    properties["DefinitionString"] = json.dumps(json.loads(text))
    return template


def _translated(template: dict[str, Any]) -> dict[str, Any]:
    from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
    from samtranslator.translator.transform import transform

    loader = ManagedPolicyLoader(boto3.client("iam", REGION))
    loader._policy_map = {}
    parameters = {name: _given(name) for name, one in template["Parameters"].items() if "Default" not in one}
    return transform(template, parameters, loader)


def _upload(folder: Path, key: str) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    boto3.client("s3", REGION).put_object(Bucket=BUCKET, Key=key, Body=data.getvalue())


def _given(name: str) -> str:
    return f"arn:aws:events:{REGION}:123456789012:given/{name}"


def deployed(folder: Path) -> dict[str, Any]:
    """The names and texts of what is there after the bundle was deployed."""
    template = packaged(folder)
    resources = template["Resources"]
    own = {name: one for name, one in resources.items() if one["Type"] in LEFT_OUT}
    template["Resources"] = {name: one for name, one in resources.items() if name not in own}
    asked = [name for name, one in template.get("Parameters", {}).items() if "Default" not in one]
    formation = boto3.client("cloudformation", REGION)
    formation.create_stack(
        StackName="bundle",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": _given(name)} for name in asked],
        Capabilities=["CAPABILITY_IAM"],
    )
    (stack,) = formation.describe_stacks(StackName="bundle")["Stacks"]
    made = formation.list_stack_resources(StackName="bundle")["StackResourceSummaries"]
    ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in made}
    for one in own.values():
        if one["Type"] in OWN_CALLS:
            _called(one, ids)
    return {
        "status": stack["StackStatus"],
        "missing": sorted({*template["Resources"]} - {*ids}),
        **_there(ids),
    }


def _called(resource: dict[str, Any], ids: dict[str, str]) -> None:
    service, action = OWN_CALLS[resource["Type"]]
    properties = _resolved(resource["Properties"], ids)
    if service == "cloudwatch":
        properties["AlarmName"] = f"alarm-{properties['MetricName']}"
    getattr(boto3.client(service, REGION), action)(**properties)


def _resolved(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_resolved(one, ids) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return ids[value["Ref"]]
    if set(value) == {"Fn::GetAtt"}:
        return boto3.client("iam", REGION).get_role(RoleName=ids[value["Fn::GetAtt"][0]])["Role"]["Arn"]
    return {name: _resolved(one, ids) for name, one in value.items()}


def _there(ids: dict[str, str]) -> dict[str, Any]:
    states, iam = boto3.client("stepfunctions", REGION), boto3.client("iam", REGION)
    (machine,) = states.list_state_machines()["stateMachines"]
    found = states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])
    role = found["roleArn"].rpartition("/")[2]
    trust = yaml.safe_load(str(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]))
    policy = iam.get_role_policy(RoleName=role, PolicyName="allowed")["PolicyDocument"]
    policy = yaml.safe_load(policy) if isinstance(policy, str) else policy  # Python's, of moto
    allowed = [one for one in policy["Statement"] if isinstance(one, dict)]  # moto leaves AWS::NoValue there
    scheduler = boto3.client("scheduler", REGION)
    schedules = [scheduler.get_schedule(Name=one["Name"]) for one in scheduler.list_schedules()["Schedules"]]
    alarms = boto3.client("cloudwatch", REGION).describe_alarms()["MetricAlarms"]
    functions = boto3.client("lambda", REGION).list_functions()["Functions"]
    return {
        "machine": machine["stateMachineArn"],
        "definition": json.loads(found["definition"]),
        "trusted": [one["Principal"]["Service"] for one in trust["Statement"]],
        "actions": sorted({action for one in allowed for action in one["Action"]}),
        "schedules": [(one["ScheduleExpression"], one["Target"]["Arn"]) for one in schedules],
        "alarms": sorted(one["MetricName"] for one in alarms),
        "watched": sorted({pair["Value"] for one in alarms for pair in one["Dimensions"]}),
        "functions": sorted(one["FunctionName"] for one in functions),
        "topics": len(boto3.client("sns", REGION).list_topics()["Topics"]),
        "log groups": sorted(
            one["logGroupName"] for one in boto3.client("logs", REGION).describe_log_groups()["logGroups"]
        ),
    }


def main(*folders: str) -> None:
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[name] = "testing"
    os.environ["AWS_DEFAULT_REGION"] = REGION
    found = {}
    for folder in folders:
        with mock_aws():
            found[folder] = deployed(Path(folder))
    json.dump(found, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
