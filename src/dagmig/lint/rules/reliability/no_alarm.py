"""The rule ``no-alarm``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from dagmig.asl.model import JSON
from dagmig.diagnostics import Severity
from dagmig.lint.machine.resources import Resource, is_whole, own, refers, resources
from dagmig.lint.machine.templates import resource_span
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject
from dagmig.lint.template import MACHINE_TYPES

METRICS = ("ExecutionsFailed", "ExecutionsTimedOut")
STATUS = "Step Functions Execution Status Change"


@machine_rule(Severity.INFO, is_default=False)
def no_alarm(subject: Subject) -> Iterator[Finding]:
    """The template makes a machine, and no alarm for executions that fail or time out.

    An execution that times out is not counted as failed, so that both metrics need one. A rule of
    EventBridge on the status of executions counts as an alarm. Nothing is said where another stack or a
    macro may bring the alarms, nor of Terraform, which keeps them in files of their own.
    See https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
      Failed:
        Type: AWS::CloudWatch::Alarm
        Properties:
          Namespace: AWS/States
          MetricName: ExecutionsFailed
          Dimensions: [{Name: StateMachineArn, Value: !Ref Machine}]
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
      Failed:
        Type: AWS::CloudWatch::Alarm
        Properties:
          Namespace: AWS/States
          MetricName: ExecutionsFailed
          Dimensions: [{Name: StateMachineArn, Value: !Ref Machine}]
      TimedOut:
        Type: AWS::CloudWatch::Alarm
        Properties:
          Namespace: AWS/States
          MetricName: ExecutionsTimedOut
          Dimensions: [{Name: StateMachineArn, Value: !Ref Machine}]
    ```

    Instead: Add an alarm on each of the metrics `ExecutionsFailed` and `ExecutionsTimedOut`.
    """
    if not is_whole(subject) or any(
        _tells_of_status(rule) for rule in resources(subject, "AWS::Events::Rule")
    ):
        return
    alarms = [alarm for alarm in resources(subject, "AWS::CloudWatch::Alarm") if _is_about(alarm, subject)]
    watched = json.dumps([alarm.properties for alarm in alarms])
    if missing := [name for name in METRICS if name not in watched]:
        yield Finding(f"no alarm on {' and '.join(f'`{name}`' for name in missing)}", resource_span(subject))


def _tells_of_status(rule: Resource) -> bool:
    pattern: JSON = rule.properties.get("EventPattern")
    return isinstance(pattern, Mapping | str) and STATUS in json.dumps(pattern)


def _is_about(alarm: Resource, subject: Subject) -> bool:
    """Whether an alarm is the machine's, or may be: it names no other machine of the template."""
    others = {one.name for one in resources(subject, *MACHINE_TYPES)} - {own(subject)}
    named = any(refers(alarm.properties, name) for name in others)
    return refers(alarm.properties, own(subject)) or not named
