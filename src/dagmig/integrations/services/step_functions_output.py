"""Executions of other machines: what they gave, and the sensor that waits for their end.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table

OUTPUT = "$exists($states.result.Output) ? $parse($states.result.Output)"
ERROR = "$exists($states.result.Error) ? $states.result.Error"

get_output = table(
    AMAZON + "step_function.StepFunctionGetExecutionOutputOperator",
    "aws-sdk:sfn:describeExecution",
    Field("execution_arn", "ExecutionArn"),
    result=f"{OUTPUT} : {ERROR} : null",
    required={"execution_arn": None},
    aliases=(AMAZON + "step_function_get_execution_output.StepFunctionGetExecutionOutputOperator",),
)
execution_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.step_function.StepFunctionExecutionSensor",
    Status(
        "aws-sdk:sfn:describeExecution",
        {"ExecutionArn": "execution_arn"},
        "Status",
        ("SUCCEEDED",),
        ("FAILED", "TIMED_OUT", "ABORTED"),
        reason="Cause",
    ),
    outputs={"output": f"{OUTPUT} : null"},
    aliases=("airflow.providers.amazon.aws.sensors.step_function_execution.StepFunctionExecutionSensor",),
)
