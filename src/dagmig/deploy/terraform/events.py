"""The rules, pipes and the route that start the machine, in Terraform.

https://registry.terraform.io/providers/hashicorp/aws/5.80.0/docs/resources/cloudwatch_event_target,
.../pipes_pipe, .../apigatewayv2_integration
"""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.lower.event_start import Event, Message
from dagmig.deploy.event_resources import INPUT, MESSAGE, READS, pattern, queue, queues
from dagmig.deploy.role import Statement
from dagmig.deploy.route_resources import PATH
from dagmig.deploy.stack import Stack
from dagmig.deploy.terraform.hcl import Block, Raw, expression, filled
from dagmig.deploy.terraform.parts import MACHINE, PSEUDO, STARTS, policy, role

_NAMES = PSEUDO | {"machine": str(MACHINE)}


def resources(stack: Stack) -> Iterator[Block]:
    """What starts the machine at its events."""
    read = queues(stack.events)
    if len(read) < len(stack.events):
        yield role("events", "events.amazonaws.com")
        yield policy("events", [STARTS], _NAMES)
    if read:
        yield role("pipe", "pipes.amazonaws.com")
        yield policy("pipe", [STARTS, Statement(READS, read)], _NAMES)
    for number, event in enumerate(stack.events, 1):
        label = f"start{number if number > 1 else ''}"
        if isinstance(event, Message):
            yield _pipe(stack, event, label)
        else:
            yield from _rule(event, label)


def _rule(event: Event, label: str) -> Iterator[Block]:
    found = pattern(event, lambda arn: filled(arn, PSEUDO))
    body = {"event_pattern": Raw(f"jsonencode({expression(found, '  ')})"), "state": "ENABLED"}
    yield Block("resource", ("aws_cloudwatch_event_rule", label), body)
    target = {
        "rule": Raw(f"aws_cloudwatch_event_rule.{label}.name"),
        "arn": MACHINE,
        "role_arn": Raw("aws_iam_role.events.arn"),
    }
    given = {"input_paths": INPUT["InputPathsMap"], "input_template": INPUT["InputTemplate"]}
    yield Block(
        "resource", ("aws_cloudwatch_event_target", label), target, (Block("input_transformer", (), given),)
    )


def _pipe(stack: Stack, event: Message, label: str) -> Block:
    body = {
        "name": stack.name[:64],
        "role_arn": Raw("aws_iam_role.pipe.arn"),
        "source": filled(queue(event), PSEUDO),
        "target": MACHINE,
    }
    size = Block("sqs_queue_parameters", (), {"batch_size": event.size})
    start = Block("step_function_state_machine_parameters", (), {"invocation_type": "FIRE_AND_FORGET"})
    blocks = (
        Block("source_parameters", (), {}, (size,)),
        Block("target_parameters", (), {"input_template": MESSAGE}, (start,)),
    )
    return Block("resource", ("aws_pipes_pipe", label), body, blocks)


def route(stack: Stack) -> Iterator[Block]:
    """The route that starts the machine for whom IAM allows it."""
    yield role("route", "apigateway.amazonaws.com")
    yield policy("route", [STARTS], _NAMES)
    api = Raw("aws_apigatewayv2_api.start.id")
    about = {"name": stack.name, "protocol_type": "HTTP", "description": f"Starts {stack.name}"}
    yield Block("resource", ("aws_apigatewayv2_api", "start"), about)
    integration = {
        "api_id": api,
        "integration_type": "AWS_PROXY",
        "integration_subtype": "StepFunctions-StartExecution",
        "credentials_arn": Raw("aws_iam_role.route.arn"),
        "payload_format_version": "1.0",
        "request_parameters": {"StateMachineArn": MACHINE, "Input": "$request.body"},
    }
    yield Block("resource", ("aws_apigatewayv2_integration", "start"), integration)
    start = {
        "api_id": api,
        "route_key": f"POST {PATH}",
        "authorization_type": "AWS_IAM",
        "target": Raw('"integrations/${aws_apigatewayv2_integration.start.id}"'),
    }
    yield Block("resource", ("aws_apigatewayv2_route", "start"), start)
    stage = {"api_id": api, "name": "$default", "auto_deploy": True}
    yield Block("resource", ("aws_apigatewayv2_stage", "start"), stage)
    url = Raw(f'"${{aws_apigatewayv2_api.start.api_endpoint}}{PATH}"')
    yield Block("output", ("start_url",), {"value": url})
