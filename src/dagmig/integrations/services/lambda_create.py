"""Functions of AWS Lambda: made, and waited for.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html; ``LambdaHook.create_lambda`` says which
argument is which parameter.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import SNAKE
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

STATE = Status(
    "aws-sdk:lambda:getFunction",
    {"FunctionName": "function_name", "Qualifier": "qualifier"},
    "Configuration.State",
    ("Active",),
    ("Failed",),
    reason="Configuration.StateReason",
)

create_function = table(
    AMAZON + "lambda_function.LambdaCreateFunctionOperator",
    "aws-sdk:lambda:createFunction",
    Field("function_name", "FunctionName"),
    Field("runtime", "Runtime"),
    Field("role", "Role"),
    Field("handler", "Handler"),
    Field("code", "Code"),
    Field("description", "Description"),
    Field("timeout", "Timeout"),
    waits=polls(STATE, default=False, every=("waiter_delay", 15)),
    spread="config",
    spread_codec=SNAKE,
    result="$states.result.FunctionArn",
    required={"function_name": None, "role": None, "code": None},
)
state_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.lambda_function.LambdaFunctionStateSensor",
    STATE,
    targets="target_states",
)
