"""Jobs and models of Amazon SageMaker: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html.

``config`` is what ``operators/sagemaker.py`` sends. ``SageMakerBaseOperator`` looks roles up by their names,
uploads files and adds a timestamp to the name of a job that is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.spelling import members
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import WAITING, table
from dagmig.integrations.waits import Waits, Watch, polls

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
OPERATORS = AMAZON + "sagemaker."
PACE = {
    **dict.fromkeys(("check_interval", "max_attempts"), WAITING),
    "max_ingestion_time": "the state waits until the job has ended: bound it by execution_timeout",
    "print_log": "a state does not print the job's log",
}
ARN_ONLY = "the answer of the call has the ARN only; the operator returns the whole description"
NAMES = {
    **dict.fromkeys(("check_if_job_exists", "action_if_job_exists"), "it decides about the job's name"),
    **dict.fromkeys(("check_if_model_exists", "action_if_model_exists"), "it decides about the model's name"),
}
ROLES = ("RoleArn", "ExecutionRoleArn")


def _unique(name: str, integration: Integration) -> Integration:
    """A job's name gets a timestamp, as SageMaker refuses a name that is taken."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        if task.argument("action_if_job_exists") == Literal("fail"):
            return fragment
        if task.argument("check_if_job_exists") == Literal(False):
            return fragment
        state = fragment.states[MAIN]
        said = "the job's name always gets a timestamp; the operator adds one where the name is taken"
        report.row("action_if_job_exists", task.span, f"task:{task.id}", NOTED, said, task=task.id)
        given = {**state, "Arguments": _renamed(name, state["Arguments"])}
        return replace(fragment, states={**fragment.states, MAIN: given})

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert integration.to_airflow is not None
        call = integration.to_airflow(resource, parameters, span, report)
        return replace(call, arguments={**call.arguments, "action_if_job_exists": Literal("fail")})

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


def _renamed(name: str, arguments: Any) -> Any:
    now = ", 0, 52) & '-' & $string($floor($millis() / 1000))"
    if not isinstance(arguments, dict):
        return Expression.of(
            "$merge([", arguments, f", {{'{name}': $substring(", arguments, f".{name}{now}}}])"
        )
    if name not in arguments:
        return arguments
    return {**arguments, name: Expression.of("$substring(", arguments[name], now)}


def _checked(integration: Integration) -> Integration:
    """Rows for what the operator does to the config first."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        arguments = fragment.states[MAIN]["Arguments"]
        if not isinstance(arguments, dict):
            said = "`config` is known only when the DAG runs: roles and files to upload are not looked at"
            report.row("config", task.span, f"task:{task.id}", NOTED, said, task=task.id)
            return fragment
        if "S3Operations" in arguments:
            said = "`S3Operations` make buckets and upload files before the job: do that when deploying"
            report.row("config", task.span, f"task:{task.id}", DECISION, said, task=task.id)
        for role in ROLES:
            value = arguments.get(role)
            is_text = isinstance(value, Literal) and isinstance(value.value, str)
            if is_text and value is not None and not str(value.value).startswith(("arn:", "{{", "${")):
                said = f"`{role}` is a role's name, which the operator looks up: give its ARN"
                report.row("config", task.span, f"task:{task.id}", DECISION, said, task=task.id)
        known = {key: value for key, value in arguments.items() if key != "S3Operations"}
        states = {**fragment.states, MAIN: {**fragment.states[MAIN], "Arguments": known}}
        return replace(fragment, states=states)

    return replace(integration, to_asl=to_asl)


def _parts(action: str, last: str, integration: Integration) -> Integration:
    """A ``config`` of several parts is several calls: the model, the endpoint's configuration, the work."""
    calls = {"Model": "createModel", "EndpointConfig": "createEndpointConfig"}

    def to_asl(task: Task, report: Report) -> Fragment:
        parts = _known(task.argument("config"))
        if last not in parts:
            return integration.to_asl(task, report)
        given = {**task.call.arguments, "config": parts[last]}
        fragment = integration.to_asl(replace(task, call=replace(task.call, arguments=given)), report)
        before: dict[str, Any] = {}
        for part, call in calls.items():
            if part in parts:
                resource = f"{PREFIX}sagemaker:{call}"
                before[part.lower()] = {"Type": "Task", "Resource": resource, "Arguments": parts[part]}
        names = [*before, MAIN]
        chained = {name: {**before[name], "Next": Ref(names[i + 1])} for i, name in enumerate(before)}
        states = {**chained, **fragment.states}
        return replace(fragment, states=states, entry=names[0])

    return replace(integration, to_asl=to_asl)


def _known(config: Value | None) -> dict[str, Value]:
    try:
        return dict(members(config)) if config is not None else {}
    except ValueError:
        return {}


def _job_of(name: str) -> Watch:
    """How a machine asks for a job by its name (``TrainingJobName``)."""
    job = name.removesuffix("Name")
    words = ("Completed",), ("Failed", "Stopped"), ("InProgress", "Stopping")
    status = Status(f"aws-sdk:sagemaker:describe{job}", {name: f"@{name}"}, f"{job}Status", *words)
    return Watch(status, "check_interval", "max_attempts", {"deferrable": True}, repeats=(name,))


def _job(name: str, operator: str, action: str, key: str, extra: dict[str, str] | None = None) -> Integration:
    return _checked(
        _unique(
            name,
            table(
                OPERATORS + operator,
                f"sagemaker:{action}",
                waits=Waits(needs_both=True, by_hand=(_job_of(name),)),
                spread="config",
                result=f"{{'{key}': $states.result}}",
                returns="" if key else ARN_ONLY,
                dropped={**PACE, **NAMES},
                undecided=extra or {},
                harmless=dict.fromkeys(extra or {}),
                required={"config": {}},
            ),
        )
    )


def _call(operator: str, action: str, key: str) -> Integration:
    return _checked(
        table(
            OPERATORS + operator,
            f"sagemaker:{action}",
            spread="config",
            result=f"{{'{key}': $states.result}}" if key else None,
            returns=ARN_ONLY,
            required={"config": {}},
        )
    )


training = _job("TrainingJobName", "SageMakerTrainingOperator", "createTrainingJob", "Training")
processing = _job(
    "ProcessingJobName",
    "SageMakerProcessingOperator",
    "createProcessingJob",
    "Processing",
    {"output_files_to_xcom": "the files are not read: read them in a state after this one"},
)
tuning = _checked(
    table(
        OPERATORS + "SageMakerTuningOperator",
        "sagemaker:createHyperParameterTuningJob",
        waits=Waits(),
        spread="config",
        result="{'Tuning': $states.result}",
        dropped=PACE,
        required={"config": {}},
    )
)
transform = _parts(
    "createTransformJob",
    "Transform",
    _job("TransformJobName", "SageMakerTransformOperator", "createTransformJob", "Transform"),
)
model = _call("SageMakerModelOperator", "createModel", "Model")
endpoint_config = _call("SageMakerEndpointConfigOperator", "createEndpointConfig", "EndpointConfig")
endpoint = _parts(
    "createEndpoint",
    "Endpoint",
    table(
        OPERATORS + "SageMakerEndpointOperator",
        "sagemaker:createEndpoint",
        waits=polls(
            Status(
                "aws-sdk:sagemaker:describeEndpoint",
                {"EndpointName": "$.EndpointArn.$split($, '/')[1]"},
                "EndpointStatus",
                ("InService",),
                ("Failed",),
                reason="FailureReason",
            ),
            every=("check_interval", 30),
            times=("", None),
        ),
        spread="config",
        result="{'Endpoint': $states.result}",
        returns=ARN_ONLY,
        dropped={"max_ingestion_time": PACE["max_ingestion_time"]},
        undecided={"operation": "only `create` is translated, and an endpoint that is there is not updated"},
        harmless={"operation": "create"},
        required={"config": {}},
    ),
)
delete_model = table(
    OPERATORS + "SageMakerDeleteModelOperator",
    "aws-sdk:sagemaker:deleteModel",
    spread="config",
    required={"config": {}},
)
