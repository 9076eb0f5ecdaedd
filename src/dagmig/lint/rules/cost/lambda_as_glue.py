"""The rule ``lambda-as-glue``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.model import JSON
from dagmig.asl.resource import parse
from dagmig.diagnostics import Severity
from dagmig.lint.inline_code import only_call
from dagmig.lint.machine.resources import Resource, refers, resources
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

KINDS = ("AWS::Lambda::Function", "AWS::Serverless::Function")


@machine_rule(Severity.INFO, is_default=False)
def lambda_as_glue(subject: Subject) -> Iterator[Finding]:
    """A Lambda function does nothing but one call of a service.

    Step Functions makes the call itself (`aws-sdk` integrations), without a function to pay, to wait for
    and to keep up to date. Judged are functions whose Python stands in the machine's own template; what
    others do, a definition does not show.
    See https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html

    ```yaml bad
    Resources:
      Tell:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.13
          InlineCode: |
            import boto3

            def handler(event, context):
                return boto3.client("sqs").send_message(QueueUrl="a", MessageBody=event["text"])
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition:
            StartAt: Tell
            TimeoutSeconds: 60
            States:
              Tell: {Type: Task, Resource: !GetAtt Tell.Arn, Retry: [{ErrorEquals: [States.ALL]}], End: true}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition:
            StartAt: Tell
            TimeoutSeconds: 60
            States:
              Tell: {Type: Task, Resource: "arn:aws:states:::sqs:sendMessage",
                Parameters: {QueueUrl: a, "MessageBody.$": $.text},
                Retry: [{ErrorEquals: [States.ALL]}], End: true}
    ```

    Instead: Call the service from the state.
    """
    glue = [
        (function, call) for function in resources(subject, *KINDS) if (call := only_call(_code(function)))
    ]
    for state in subject.states if glue else ():
        for function, call in glue:
            if state.type == "Task" and _calls(state.fields, function.name, subject):
                span = subject.machine.locate(f"{state.pointer}/Resource")
                yield Finding(f"the function `{function.name}` only calls `{call}`", span)


def _code(function: Resource) -> str:
    """The Python of a function that stands in the template; empty where it is elsewhere."""
    inline = function.properties.get("Code")
    code = inline.get("ZipFile") if isinstance(inline, dict) else function.properties.get("InlineCode")
    is_python = str(function.properties.get("Runtime")).startswith("python")
    return code if is_python and isinstance(code, str) else ""


def _calls(fields: JSON, name: str, subject: Subject) -> bool:
    """Whether a task calls a function of the template, through a substitution or not."""
    called = fields.get("Resource")
    if isinstance(called, str) and parse(called).short in ("lambda:invoke", "aws-sdk:lambda:invoke"):
        given = fields.get("Parameters", fields.get("Arguments"))
        called = given.get("FunctionName") if isinstance(given, dict) else None
    substitutions = (subject.properties or {}).get("DefinitionSubstitutions")
    variables = re.findall(r"\$\{(\w+)\}", called) if isinstance(called, str) else []
    values = [substitutions.get(one) for one in variables] if isinstance(substitutions, dict) else []
    return any(value is not None and refers(value, name) for value in (called, *values))
