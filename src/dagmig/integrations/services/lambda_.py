"""AWS Lambda: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, LAMBDA_RETRY, LOGS
from dagmig.integrations.base_arguments import BASE_ARGUMENTS
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import JSON_TEXT
from dagmig.integrations.table import table

WHOLE_INPUT = Literal("{{ dag_run.conf | tojson }}")  # what asl.lift writes for a state's untouched input
ANSWERS = (None, Literal(None), Literal("RequestResponse"))


def _json(source: str) -> str:
    """JSON text of a value, as the function writes it: ``$string`` alone leaves a text without quotes."""
    made = f"$string({{'v': {source}}})"
    return f"$substring({made}, 5, $length({made}) - 6)"


def _with_exceptions(integration: Integration) -> Integration:
    """A function named by its ARN that is handed the run's whole input can be the state's Resource.

    An invocation that does not wait for the function has no answer to read.
    """

    def to_asl(task: Task, report: Report) -> Fragment:
        name, only = task.argument("function_name"), {"function_name", "payload"} | BASE_ARGUMENTS
        is_arn = isinstance(name, Literal) and str(name.value).startswith("arn:aws:lambda:")
        fragment = integration.to_asl(task, report)
        if is_arn and task.argument("payload") == WHOLE_INPUT and task.call.arguments.keys() <= only:
            assert isinstance(name, Literal)
            return replace(fragment, direct=_resource(name.value))
        has_answer = task.argument("invocation_type") in ANSWERS
        return fragment if has_answer else replace(fragment, outputs={})

    return replace(integration, to_asl=to_asl)


def _resource(arn: Any) -> Fragment:
    answer = Projection(MAIN, Expression.of(_json("$states.result")))
    return Fragment({MAIN: {"Type": "Task", "Resource": arn}}, {"return_value": answer})


lambda_invoke = _with_exceptions(
    table(
        AMAZON + "lambda_function.LambdaInvokeFunctionOperator",
        "lambda:invoke",
        Field("function_name", "FunctionName"),
        Field("qualifier", "Qualifier"),
        Field("invocation_type", "InvocationType"),
        Field("client_context", "ClientContext"),
        Field("payload", "Payload", JSON_TEXT),
        result=_json("$states.result.Payload"),
        dropped=LOGS,
        transport=(LAMBDA_RETRY,),
        aliases=(
            AMAZON + "aws_lambda.AwsLambdaInvokeFunctionOperator",
            AMAZON + "lambda_function.AwsLambdaInvokeFunctionOperator",
        ),
    )
)
