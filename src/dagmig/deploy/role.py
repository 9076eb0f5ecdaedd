"""What the roles of a bundle allow: the machine's, the scheduler's, and those of its functions.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dagmig.asl.model import Machine
from dagmig.deploy.arns import HERE, resources
from dagmig.lint.machine import maps
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.machine.permissions import of_call, passes_role
from dagmig.lint.source import Subject

EVENTS_RULES = {
    "batch": "StepFunctionsGetEventsForBatchJobsRule",
    "codebuild": "StepFunctionsGetEventForCodeBuildStartBuildRule",
    "ecs": "StepFunctionsGetEventsForECSTaskRule",
    "sagemaker:createTrainingJob": "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    "sagemaker:createTransformJob": "StepFunctionsGetEventsForSageMakerTransformJobsRule",
    "sagemaker:createHyperParameterTuningJob": "StepFunctionsGetEventsForSageMakerTuningJobsRule",
    "sagemaker:createProcessingJob": "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
    "states": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    "elasticmapreduce:addStep": "StepFunctionsGetEventForEMRAddJobFlowStepsRule",
    "elasticmapreduce:createCluster": "StepFunctionsGetEventForEMRRunJobFlowRule",
    "elasticmapreduce:terminateCluster": "StepFunctionsGetEventForEMRTerminateJobFlowsRule",
    "emr-serverless:startJobRun": "StepFunctionsGetEventsForEMRServerlessJobRule",
    "emr-serverless": "StepFunctionsGetEventsForEMRServerlessApplicationRule",
}  # with which Step Functions hears of a job's end; of EKS and Glue it asks
TO_HEAR = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
STOPS = {
    "batch": ("batch:TerminateJob", "batch:DescribeJobs"),
    "codebuild": ("codebuild:StopBuild", "codebuild:BatchGetBuilds"),
    "ecs": ("ecs:StopTask", "ecs:DescribeTasks"),
    "glue": ("glue:GetJobRuns", "glue:BatchStopJobRun"),
    "athena": ("athena:StopQueryExecution",),
    "eks": ("eks:DescribeCluster", "eks:DeleteCluster"),
    "states": ("states:DescribeExecution", "states:StopExecution"),
}  # what ``.sync`` asks, and does where its execution is stopped
OF_JOBS = {
    "batch:DescribeJobs": ("*",),
    "batch:TerminateJob": (HERE % "batch" + "job/*",),
    "ecs:DescribeTasks": (HERE % "ecs" + "task/*",),
    "ecs:StopTask": (HERE % "ecs" + "task/*",),
}  # what a call starts has no name before

Condition = tuple[str, str, tuple[str, ...]]  # operator, key, values


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement of a policy allows; ``why`` is a comment."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    why: str = ""
    conditions: tuple[Condition, ...] = ()


def of_machine(machine: Machine, name: str) -> tuple[Statement, ...]:
    """The own role of a machine of that name: what its tasks call, its log and its traces."""
    subject = Subject(machine)
    found = [
        one for call in calls(subject) if "Credentials" not in call.state.fields for one in _of(call, name)
    ]
    if any(map(maps.is_distributed, subject.states)):
        itself = HERE % "states" + "stateMachine:" + name
        execution = HERE % "states" + "execution:" + name + "*"
        found.append(Statement(("states:StartExecution",), (itself,), "a distributed Map"))
        found.append(Statement(("states:DescribeExecution", "states:StopExecution"), (execution,)))
    return (*_merged(found), LOGS, TRACES)


LOGS = Statement(
    (
        *(
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
        ),
        *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"),
        "logs:DescribeLogGroups",
    ),
    ("*",),
    "the delivery of logs takes no narrower resource",
)
TRACES = Statement(
    (
        *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
        *("xray:GetSamplingRules", "xray:GetSamplingTargets"),
    ),
    ("*",),
    "X-Ray takes no narrower resource",
)


def _of(call: Call, name: str) -> Iterator[Statement]:
    if call.resource.kind == "function":
        yield Statement(("lambda:InvokeFunction",), (call.resource.text,))
        return
    if call.resource.service == "http":
        yield from _of_http(call, name)
        return
    for action in of_call(call):
        found = resources(call, action)
        why = f"{call.resource.short} names no narrower resource" if found == ("*",) else ""
        yield Statement((action,), found, why)
    if call.resource.pattern.startswith(".sync"):
        yield from _of_sync(call)
    if passes_role(call):
        service = {"elasticmapreduce": "elasticmapreduce", "ecs": "ecs-tasks"}.get(
            call.resource.service, call.resource.service
        )
        to = ("StringEquals", "iam:PassedToService", (f"{service}.amazonaws.com",))
        yield Statement(("iam:PassRole",), _roles(call), "", (to,))


def _of_http(call: Call, name: str) -> Iterator[Statement]:
    configuration = call.value("InvocationConfig")
    connection = configuration.get("ConnectionArn") if isinstance(configuration, dict) else None
    arn = (
        connection
        if isinstance(connection, str) and not connection.startswith("{%")
        else HERE % "events" + "connection/*"
    )
    itself = HERE % "states" + "stateMachine:" + name
    yield Statement(("states:InvokeHTTPEndpoint",), (itself,), "", tuple(_of_endpoint(call)))
    yield Statement(("events:RetrieveConnectionCredentials",), (arn,))
    secret = HERE % "secretsmanager" + "secret:events!connection/*"
    yield Statement(("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"), (secret,))


def _of_endpoint(call: Call) -> Iterator[Condition]:
    """The method and the address of an HTTP Task, as far as they are written out."""
    method, endpoint = call.value("Method"), call.value("ApiEndpoint")
    if isinstance(method, str) and method.isalpha():
        yield "StringEquals", "states:HTTPMethod", (method,)
    if isinstance(endpoint, str) and endpoint.startswith("https://"):
        is_whole = call.given is not None and "QueryParameters" not in call.given
        yield "StringLike", "states:HTTPEndpoint", (endpoint if is_whole else f"{endpoint}*",)
    elif isinstance(endpoint, str) and (begin := BEGIN.match(endpoint)) is not None:
        yield "StringLike", "states:HTTPEndpoint", (f"{begin[1]}*",)


BEGIN = re.compile(r"\{%\s*'(https://[^'\\*?]+)'\s*&")


def _of_sync(call: Call) -> Iterator[Statement]:
    service = call.resource.service
    rule = EVENTS_RULES.get(call.resource.short, EVENTS_RULES.get(service))
    if rule is not None:
        yield Statement(TO_HEAR, (HERE % "events" + f"rule/{rule}",))
    for action in STOPS.get(service, ()):
        if action in OF_JOBS:
            found = OF_JOBS[action]
            yield Statement((action,), found, "" if found != ("*",) else f"{action} takes no resource")
        elif service == "states":
            yield Statement((action,), _executions(call))
        else:
            yield Statement((action,), resources(call, action))


def _executions(call: Call) -> tuple[str, ...]:
    return tuple(
        arn.replace(":stateMachine:", ":execution:") + ":*"
        for arn in resources(call, "states:StartExecution")
    )


def _roles(call: Call) -> tuple[str, ...]:
    """The roles that a call hands on, where its parameters name them."""
    values = [call.value(name) for name in call.given or () if name.endswith(("Role", "RoleArn"))]
    found = [text for text in values if isinstance(text, str) and not text.startswith("{%")]
    arns = [
        one
        if one.startswith(("arn:", "${"))
        else f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{one}"
        for one in found
    ]
    return tuple(arns) or ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*",)


def _merged(found: Iterable[Statement]) -> list[Statement]:
    """Those with the same resources as one, then those with the same actions, in order."""
    made: dict[tuple[object, ...], Statement] = {}
    for one in found:
        key = (one.resources, one.why, one.conditions)
        actions = {*one.actions, *(made[key].actions if key in made else ())}
        made[key] = replace(one, actions=tuple(sorted(actions)))
    merged: dict[tuple[object, ...], Statement] = {}
    for one in made.values():
        key = (one.actions, one.why, one.conditions)
        arns = {*one.resources, *(merged[key].resources if key in merged else ())}
        merged[key] = replace(one, resources=tuple(sorted(arns)))
    return sorted(merged.values(), key=lambda one: (one.actions, one.resources, one.conditions))
