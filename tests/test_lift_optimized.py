"""Every optimised integration, with each of its patterns, as a task of a DAG."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.test_lift import each, lifted, open_rows, parallel, work

from dagmig.asl.lift import own, renamed, sdk
from dagmig.asl.lift.document import Known, Obj
from dagmig.asl.resource import Resource, parse
from dagmig.asl.services.optimized import OPTIMIZED, called
from dagmig.graph.model import Workflow
from dagmig.graph.values import Function

ARN = "arn:aws:states:::"
JSONATA = {"QueryLanguage": "JSONata"}
POD = {"spec": {"restartPolicy": "Never", "containers": [{"name": "base", "image": "i"}]}}
JOB = {"metadata": {"name": "n"}, "spec": {"backoffLimit": 0, "template": POD}}
CONNECTION = {"ConnectionArn": "arn:aws:events:eu-central-1:1:connection/rates/1"}
NEEDED: dict[str, dict[str, Any]] = {
    "apigateway:invoke": {"ApiEndpoint": "a.execute-api.eu-central-1.amazonaws.com", "Method": "GET"},
    "bedrock:invokeModel": {"ModelId": "m", "Body": {"prompt": "p"}},
    "elasticmapreduce:createCluster": {"Name": "c", "Instances": {"KeepJobFlowAliveWhenNoSteps": True}},
    "events:putEvents": {"Entries": [{"Source": "s", "DetailType": "t", "Detail": {"a": "b"}}]},
    "http:invoke": {"ApiEndpoint": "https://h.example.com/a", "Method": "GET", "Authentication": CONNECTION},
    "sns:publish": {"TopicArn": "t", "Message": "m"},
}  # what the API does not say that it needs
GIVEN: dict[str, Any] = {
    **{"TrainingDataConfig": {"S3Uri": "s"}, "Ids": ["i"], "ReportArns": ["r"], "Key": {"id": {"S": "k"}}},
    **{"Item": {"id": {"S": "k"}}, "ResourcesVpcConfig": {"SubnetIds": ["s"]}, "Subnets": ["s"]},
    **{"ContainerProvider": {"Id": "e", "Type": "EKS", "Info": {"EksInfo": {"Namespace": "n"}}}},
    **{"Settings": {"Inputs": [{"FileInput": "f"}]}, "OutputDataConfig": {"S3Uri": "s"}},
    **{"TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s"}}}},
    **{
        "TransformOutput": {"S3OutputPath": "s"},
        "TransformResources": {"InstanceType": "t", "InstanceCount": 1},
    },
    **{
        "ProcessingResources": {"ClusterConfig": {"InstanceType": "t"}},
        "AppSpecification": {"ImageUri": "i"},
    },
    "HyperParameterTuningJobConfig": {"Strategy": "Bayesian"},
    "HumanTaskConfig": {"WorkteamArn": "w"},
    "ProductionVariants": [{"VariantName": "v"}],
    "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s"}}},
    "OutputConfig": {"S3OutputPath": "s"},
    **{"TerminationProtected": True, "Job": JOB, "CertificateAuthority": "YQ==", "Method": "GET"},
    **{"Step": {"Name": "s", "HadoopJarStep": {"Jar": "j"}}, "InstanceFleet": {"TargetSpotCapacity": 1}},
    "InstanceGroup": {"InstanceCount": 2},
}
RESOURCES = [
    f"{service}:{action}{pattern}"
    for service, actions in OPTIMIZED.items()
    for action, patterns in actions.items()
    for pattern in patterns
]
KEPT = [text for text in RESOURCES if text.endswith(".waitForTaskToken")]
"""A task token is sent back to Step Functions, so that these states stay there (``lift/kept``)."""
CONVERTED = [text for text in RESOURCES if text not in KEPT]
OPEN = {"http:invoke": "the connection `rates` of Airflow"}
"""What somebody has to do: EventBridge does not tell what its connection signs in with."""
UNKNOWN_RESULTS = {"eks:runJob": "AWS does not say what eks:runJob returns"}
FUNCTIONS = {
    "apigateway:invoke": "call_api(",
    "eks:call": "call_cluster(",
    "eks:runJob": "start_cluster_job(",
    "eks:runJob.sync": "cluster_job_to_end(",
    "http:invoke": "call_service(",
}


OF_THEIR_OWN = {
    **{text: one.parameters for text, one in renamed.RENAMED.items()},
    **{text: parameters for text, (_, parameters) in {**own._ON_CLUSTER, **own._BY_NAME}.items()},
}


def needs(resource: Resource) -> list[str]:
    """What an integration with parameters of its own needs."""
    return [name[:-1] for name in OF_THEIR_OWN.get(resource.short, ()) if name.endswith("*")]


def given(text: str) -> dict[str, Any]:
    """The fewest parameters that an integration takes."""
    resource = parse(ARN + text)
    found = called(resource)
    names = found[1].required if found else needs(resource)
    return NEEDED.get(resource.short) or {name: GIVEN.get(name, "x") for name in names}


def referring(value: Any, *, is_jsonata: bool, path: str = "a") -> Any:
    """The same with all text from the input, but what has to be known when the DAG is written."""
    if isinstance(value, list):
        return [referring(one, is_jsonata=is_jsonata, path=path) for one in value]
    if isinstance(value, str):
        return f"{{% $states.input.{path} %}}" if is_jsonata else value
    if not isinstance(value, dict):
        return value
    found = {}
    for name, one in value.items():
        is_text = isinstance(one, str) and not is_jsonata
        inner = f"$.{path}" if is_text else referring(one, is_jsonata=is_jsonata, path=f"{path}.{name}")
        found[f"{name}.$" if is_text else name] = inner
    return found


def state(text: str, next_: str | None = None, **fields: Any) -> dict[str, Any]:
    return work(next_, Resource=ARN + text, **{"Parameters": given(text), **fields})


def sources(workflow: Workflow) -> Iterator[str]:
    """What each task does: its operator, and its function."""
    for task in workflow.tasks.values():
        function = task.call.arguments.get("python_callable")
        yield task.call.operator + (function.source if isinstance(function, Function) else "")


def names(text: str) -> str:
    """What stands in the DAG of an integration: the method of the client, or a function."""
    resource = parse(ARN + text)
    if resource.short + resource.pattern in FUNCTIONS:
        return FUNCTIONS[resource.short + resource.pattern]
    found = {
        "elasticmapreduce:modifyInstanceFleetByName": "modify_instance_fleet",
        "elasticmapreduce:modifyInstanceGroupByName": "modify_instance_groups",
        "bedrock:invokeModel": "invoke_model",
    }.get(resource.short)
    arguments = Obj({name: Known(one) for name, one in given(text).items()})
    made = None if found else renamed.api_call(resource, arguments)
    return f".{found or (made and sdk.method(made.action.name))}("


OPERATORS = {
    "http:invoke": "HttpOperator",
    "batch:submitJob": "BatchOperator",
    "bedrock:invokeModel": "BedrockInvokeModelOperator",
    "bedrock:createModelCustomizationJob": "BedrockCustomizeModelOperator",
    "databrew:startJobRun": "GlueDataBrewStartJobOperator",
    "eks:createCluster": "EksCreateClusterOperator",
    "eks:createNodegroup": "EksCreateNodegroupOperator",
    "eks:deleteCluster": "EksDeleteClusterOperator",
    "eks:deleteFargateProfile": "EksDeleteFargateProfileOperator",
    "eks:runJob": "EksPodOperator",
    "eks:deleteNodegroup": "EksDeleteNodegroupOperator",
    "elasticmapreduce:addStep": "EmrAddStepsOperator",
    "elasticmapreduce:createCluster": "EmrCreateJobFlowOperator",
    "elasticmapreduce:terminateCluster": "EmrTerminateJobFlowOperator",
    "emr-containers:createVirtualCluster": "EmrEksCreateClusterOperator",
    "emr-serverless:createApplication": "EmrServerlessCreateApplicationOperator",
    "emr-serverless:deleteApplication": "EmrServerlessDeleteApplicationOperator",
    "emr-serverless:stopApplication": "EmrServerlessStopApplicationOperator",
    "events:putEvents": "EventBridgePutEventsOperator",
    "glue:startJobRun": "GlueJobOperator",
    "lambda:invoke": "LambdaInvokeFunctionOperator",
    "sagemaker:createEndpoint": "SageMakerEndpointOperator",
    "sagemaker:createEndpointConfig": "SageMakerEndpointConfigOperator",
    "sagemaker:createHyperParameterTuningJob": "SageMakerTuningOperator",
    "sagemaker:createModel": "SageMakerModelOperator",
    "sagemaker:createProcessingJob": "SageMakerProcessingOperator",
    "sagemaker:createTrainingJob": "SageMakerTrainingOperator",
    "sagemaker:createTransformJob": "SageMakerTransformOperator",
    "sns:publish": "SnsPublishOperator",
    "sqs:sendMessage": "SqsPublishOperator",
    "states:startExecution": "StepFunctionStartExecutionOperator",
}


def check(text: str, states: dict[str, Any], **fields: Any) -> None:
    """The machine becomes a DAG that calls what it names, with no open row."""
    workflow, rows = lifted(states, **fields)
    said = OPEN.get(text)
    assert [row for row in open_rows(rows) if said is None or said not in row] == []
    resource = parse(ARN + text)
    wanted = [names(text), OPERATORS.get(resource.short, names(text))]
    assert any(one in source for one in wanted for source in sources(workflow)), wanted


@pytest.mark.parametrize("text", CONVERTED)
def test_it_is_converted(text: str) -> None:
    check(text, {"A": state(text)})
    check(text, {"A": work(Resource=ARN + text, Arguments=given(text))}, **JSONATA)


@pytest.mark.parametrize("text", CONVERTED)
def test_its_data_comes_from_the_input(text: str) -> None:
    fixed = {"Method", "Authentication"} if text == "http:invoke" else {"Method"}
    kept = {name: value for name, value in given(text).items() if name in fixed}
    moved = {name: value for name, value in given(text).items() if name not in fixed}
    found = {**kept, **referring(moved, is_jsonata=False)}
    check(text, {"A": state(text, Parameters=found)})
    found = {**kept, **referring(moved, is_jsonata=True)}
    check(text, {"A": work(Resource=ARN + text, Arguments=found)}, **JSONATA)


LATE = "bedrock:createModelCustomizationJob"
"""Of its objects some may be within themselves: how boto3 spells them depends on what is in them."""


@pytest.mark.parametrize("text", CONVERTED)
def test_its_objects_come_from_the_input(text: str) -> None:
    fixed = {"Method", "ApiEndpoint", "Authentication", "Input"}
    found = {
        (name if name in fixed else f"{name}.$"): (value if name in fixed else f"$.{name}")
        for name, value in given(text).items()
    }
    if text.startswith(LATE):
        (row,) = open_rows(lifted({"A": state(text, Parameters=found)})[1])
        assert "is only known when the machine runs, and boto3 spells it another way" in row
    else:
        check(text, {"A": state(text, Parameters=found)})


@pytest.mark.parametrize("text", CONVERTED)
def test_all_that_it_answers_is_read(text: str) -> None:
    states = {"A": state(text, "B"), "B": work(Parameters={"all.$": "$"})}
    if (said := UNKNOWN_RESULTS.get(text)) is None:
        check(text, states)
    else:
        assert any(said in row for row in open_rows(lifted(states)[1]))


@pytest.mark.parametrize("text", [text for text in CONVERTED if text != "lambda:invoke"])
def test_a_part_of_its_answer_is_read(text: str) -> None:
    """Also one that the operator does not return; of a Lambda function's answer all parts are known."""
    states = {"A": state(text, "B", ResultPath="$.a"), "B": work(Parameters={"part.$": "$.a.Part"})}
    if (said := UNKNOWN_RESULTS.get(text)) is None:
        check(text, states)
    else:
        assert any(said in row for row in open_rows(lifted(states)[1]))


@pytest.mark.parametrize("text", CONVERTED)
def test_errors_are_told_apart(text: str) -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}]
    ends = {"B": work(Parameters={}), "C": work(Parameters={})}
    check(text, {"A": state(text, "B", Retry=retry, Catch=catch, TimeoutSeconds=90), **ends})
    retry = [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}, {"ErrorEquals": ["Wrong"], "MaxAttempts": 0}]
    check(text, {"A": state(text, "B", Retry=retry, Catch=catch), **ends})


@pytest.mark.parametrize("text", CONVERTED)
def test_it_is_within_others(text: str) -> None:
    check(text, {"P": {**parallel({"A": state(text)}, {"B": work()}), "End": True}})
    check(text, {"M": {**each({"A": state(text, "B"), "B": work(Parameters={})}), "End": True}})
    again = {"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}], "End": True}
    last = {"A": state(text, "B"), "B": {"Type": "Pass", "Parameters": {"all.$": "$"}, "End": True}}
    if text in UNKNOWN_RESULTS:
        last = {"A": state(text, ResultPath=None)}
    check(text, {"P": {**parallel(last, {"B": work()}), **again}})
    check(text, {"M": {**each({"N": {**each(last), "End": True}}), "End": True}})


@pytest.mark.parametrize("text", CONVERTED)
def test_an_unknown_parameter_is_said(text: str) -> None:
    _, rows = lifted({"A": state(text, Parameters={**given(text), "Colour": "red"})})
    assert any("`Colour`" in row for row in open_rows(rows)), open_rows(rows)


@pytest.mark.parametrize("text", KEPT)
def test_with_a_task_token_it_stays_in_step_functions(text: str) -> None:
    workflow, rows = lifted({"A": state(text)})
    assert [row for row in open_rows(rows) if "stays in Step Functions" not in row] == []
    assert workflow.tasks.keys() == {"A_start", "A"}


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        (text, name)
        for text in CONVERTED
        for name in given(text)
        if needs(parse(ARN + text)) or text.startswith(("apigateway", "http"))
        if text not in ("elasticmapreduce:createCluster", "elasticmapreduce:createCluster.sync")
    ],
)
def test_a_missing_parameter_is_said(text: str, left_out: str) -> None:
    parameters = {name: value for name, value in given(text).items() if name != left_out}
    assert open_rows(lifted({"A": state(text, Parameters=parameters)})[1])
