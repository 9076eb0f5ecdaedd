"""``--http-start``: a route of API Gateway that starts the machine, for whom IAM allows it.

A request has the body of Airflow's own (``POST .../dagRuns``): ``{"conf": {...}}``, ``logical_date`` if it
likes; the whole of it is the execution's input.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dagmig.deploy.role import Statement
from dagmig.deploy.stack import Stack

JSON = Any
MACHINE, API, ROLE, INTEGRATION = "StateMachine", "StartApi", "StartApiRole", "StartIntegration"
PATH = "/dagRuns"
URL = f"${{{API}.ApiEndpoint}}{PATH}"


def route(stack: Stack, role: Callable[[str, Sequence[Statement]], JSON]) -> dict[str, JSON]:
    """The resources by logical id; ``role`` makes a role for a service."""
    starts = Statement(("states:StartExecution",), (f"@{MACHINE}",))
    parameters = {"StateMachineArn": {"Ref": MACHINE}, "Input": "$request.body"}
    integration = {
        "ApiId": {"Ref": API},
        "IntegrationType": "AWS_PROXY",
        "IntegrationSubtype": "StepFunctions-StartExecution",
        "CredentialsArn": {"Fn::GetAtt": [ROLE, "Arn"]},
        "PayloadFormatVersion": "1.0",
        "RequestParameters": parameters,
    }
    target = {"Fn::Sub": f"integrations/${{{INTEGRATION}}}"}
    start = {
        "ApiId": {"Ref": API},
        "RouteKey": f"POST {PATH}",
        "AuthorizationType": "AWS_IAM",
        "Target": target,
    }
    about = {"Name": stack.name, "ProtocolType": "HTTP", "Description": f"Starts {stack.name}"}
    stage = {"ApiId": {"Ref": API}, "StageName": "$default", "AutoDeploy": True}
    return {
        ROLE: role("apigateway.amazonaws.com", [starts]),
        API: {"Type": "AWS::ApiGatewayV2::Api", "Properties": about},
        INTEGRATION: {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
        "StartRoute": {"Type": "AWS::ApiGatewayV2::Route", "Properties": start},
        "StartStage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": stage},
    }
