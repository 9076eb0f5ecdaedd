"""The rule ``poll-instead-of-sync``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.flow import loops
from dagmig.asl.model import Scope
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

STARTS = {
    "glue:startJobRun": ("getJobRun",),
    "batch:submitJob": ("describeJobs",),
    "ecs:runTask": ("describeTasks",),
    "athena:startQueryExecution": ("getQueryExecution",),
    "codebuild:startBuild": ("batchGetBuilds",),
    "databrew:startJobRun": ("describeJobRun",),
    "sagemaker:createTrainingJob": ("describeTrainingJob",),
    "sagemaker:createTransformJob": ("describeTransformJob",),
    "sagemaker:createProcessingJob": ("describeProcessingJob",),
    "mediaconvert:createJob": ("getJob",),
    "states:startExecution": ("describeExecution",),
    "sfn:startExecution": ("describeExecution",),
    "elasticmapreduce:addStep": ("describeStep",),
    "emr:addJobFlowSteps": ("describeStep",),
}


@machine_rule(Severity.WARNING)
def poll_instead_of_sync(subject: Subject) -> Iterator[Finding]:
    """A job is started and asked after in a loop, where Step Functions could wait for it.

    The optimized integration with `.sync` waits for the end of the job by itself: fewer states, fewer
    transitions to pay, and no delay between the end of the job and the next round.
    There is no fix: states that decide on the answer, and the answer itself, are others with `.sync`.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync

    ```json bad
    {"StartAt": "Run", "States": {
      "Run": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "Next": "Rest",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]},
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
      "Look": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getJobRun", "Next": "Ready",
        "Parameters": {"JobName": "load", "RunId.$": "$.JobRunId"}, "ResultPath": "$.run",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]},
      "Ready": {"Type": "Choice", "Default": "Rest",
        "Choices": [{"Variable": "$.run.JobRun.JobRunState", "StringEquals": "SUCCEEDED", "Next": "Done"}]},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Run", "States": {
      "Run": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Next": "Done",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "TimeoutSeconds": 7200},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Use the integration with `.sync`, and remove the loop.
    """
    called = {call.state.name: call for call in calls(subject)}
    for scope in subject.scopes:
        looped = {name for group in loops(scope) if _waits(group, scope) for name in group}
        asked = {called[name].resource.action for name in looped if name in called}
        for name in scope.states:
            call = called.get(name)
            if call is None or name in looped or call.resource.pattern:
                continue
            started = f"{call.resource.service}:{call.resource.action}"
            if asked & set(STARTS.get(started, ())) and _is_one(call):
                span = subject.machine.locate(call.pointer)
                yield Finding(f"`{call.resource.short}` could wait for the job with `.sync`", span)


def _is_one(call: Call) -> bool:
    """Whether one job is started: `.sync` waits for one step of a cluster, and the API takes a list."""
    steps = call.value("Steps")
    return call.given is not None and (
        "Steps" not in call.given or (isinstance(steps, list) and len(steps) == 1)
    )


def _waits(group: frozenset[str], scope: Scope) -> bool:
    return any(scope.states[name].type == "Wait" for name in group)
