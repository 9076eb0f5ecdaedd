"""Versions of models in Amazon SageMaker's registry, with the group that they are in.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html;
``operators/sagemaker.py`` and ``SageMakerHook.create_model_package_group``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import Codec, mapping, sequence
from dagmig.integrations.status import PREFIX, word
from dagmig.integrations.table import table

SDK = "aws-sdk:sagemaker:"
ERROR = "SageMaker.SageMakerException"  # also where the group is there: a ValidationException
IS_THERE = "Model Package Group already exists"
CSV = Literal(["text/csv"])
CAUGHT = {
    ":error": Expression.of("$states.errorOutput.Error"),
    ":cause": Expression.of("$states.errorOutput.Cause"),
}


def _approval(value: Value) -> Value:
    """A member of ``ApprovalStatus``, whose words are ``Approved`` and the like."""
    found = word(value)
    if found is None:
        raise ValueError("not a status that is known")
    return Literal(found)


def _with_group(made: Integration) -> Integration:
    """The group is made first where it is not there, and taken back where the version cannot be made."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = made.to_asl(task, report)
        main = dict(fragment.states[MAIN])
        group = {"ModelPackageGroupName": task.argument("package_group_name") or Literal("")}
        arguments = main["Arguments"]
        if isinstance(arguments, dict):
            containers = {"Image": arguments.pop("Image", None), "ModelDataUrl": arguments.pop("Url", None)}
            arguments.setdefault(
                "InferenceSpecification",
                mapping(
                    [
                        ("Containers", sequence([mapping((k, v) for k, v in containers.items() if v)])),
                        ("SupportedContentTypes", CSV),
                        ("SupportedResponseMimeTypes", CSV),
                    ]
                ),
            )
        failed = {"ErrorEquals": ["States.ALL"], "Assign": CAUGHT, "Output": {}, "Next": Ref("was made?")}
        states = {**_group(group, task), MAIN: {**main, "Catch": [failed], "Next": AFTER}, **_back(group)}
        return replace(fragment, states=states, entry="group")

    form = f"`{SDK}createModelPackageGroup`, then `{SDK}createModelPackage`"
    return Integration(made.operator, (), to_asl, form=form)


def _group(group: dict[str, Value], task: Task) -> dict[str, dict[str, Any]]:
    description = task.argument("package_desc") or Literal("")
    is_there = {"Condition": Expression.of(f"$contains($:cause, '{IS_THERE}')"), "Next": Ref(MAIN)}
    caught = {":made": False, **CAUGHT}
    return {
        "group": {
            "Type": "Task",
            "Resource": f"{PREFIX}{SDK}createModelPackageGroup",
            "Arguments": {**group, "ModelPackageGroupDescription": description},
            "Assign": {":made": True},
            "Output": {},
            "Catch": [{"ErrorEquals": [ERROR], "Assign": caught, "Output": {}, "Next": Ref("is there?")}],
            "Next": Ref(MAIN),
        },
        "is there?": {"Type": "Choice", "Choices": [is_there], "Default": Ref("failed")},
    }


def _back(group: dict[str, Value]) -> dict[str, dict[str, Any]]:
    was_made = {"Condition": Expression.of("$:made"), "Next": Ref("group back")}
    return {
        "was made?": {"Type": "Choice", "Choices": [was_made], "Default": Ref("failed")},
        "group back": {
            "Type": "Task",
            "Resource": f"{PREFIX}{SDK}deleteModelPackageGroup",
            "Arguments": group,
            "Output": {},
            "Next": Ref("failed"),
        },
        "failed": {"Type": "Fail", "Error": Expression.of("$:error"), "Cause": Expression.of("$:cause")},
    }


register = _with_group(
    table(
        AMAZON + "sagemaker.SageMakerRegisterModelVersionOperator",
        SDK + "createModelPackage",
        Field("image_uri", "Image"),
        Field("model_url", "Url"),
        Field("package_group_name", "ModelPackageGroupName"),
        Field("package_desc", "ModelPackageDescription", default=""),
        Field("model_approval", "ModelApprovalStatus", Codec(_approval), default="PendingManualApproval"),
        spread="extras",
        result="$states.result.ModelPackageArn",
        dropped={
            "package_group_desc": "the operator describes the group by `package_desc`",
            "config": "the operator does not use it",
        },
    )
)
