"""Spark applications on Kubernetes, which its Spark operator runs.

https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md; ``operators/spark_kubernetes.py``,
``operators/custom_object_launcher.py`` and ``sensors/spark_kubernetes.py`` of the cncf-kubernetes provider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.eks_call import CALL, CLIENT, called, say_cluster
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.http_work import Words
from dagmig.integrations.manifests import parsed
from dagmig.integrations.poller import FAILED, WEEK, Poll, bound, looped, say_pace
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.services.eks import DROPPED
from dagmig.integrations.spelling import given, mapping, members
from dagmig.integrations.table import account

PROVIDER = "airflow.providers.cncf.kubernetes."
WORDS = Words("status.applicationState.state", ("COMPLETED",), ("FAILED", "UNKNOWN"),
              "status.applicationState.errorMessage")  # fmt: skip
SENSED = {"application_name", "namespace", "api_group", "api_version"}
NO_LOG = dict.fromkeys(("attach_log", "container_name"), "a state prints nothing")
OPERATOR = {"image", "code_path", "namespace", "name", "application_file", "template_spec",
            "delete_on_termination", "random_name_suffix"}  # fmt: skip
NOT_USED = {"success_run_history_limit": "the operator does not use it"}
UNTOUCHED = "the application is sent as it is written: say it there"
LONGEST_NAME = 63


def _sense(task: Task, report: Report) -> Fragment:
    account(task, {*OWN, *SENSED}, {**CLIENT, **NO_LOG}, CALL, report)
    say_cluster(task, report)
    group, version = given(task, "api_group"), given(task, "api_version")
    path = (
        *("/apis/", group or Literal("sparkoperator.k8s.io"), "/", version or Literal("v1beta2")),
        *("/namespaces/", given(task, "namespace") or Literal("default"), "/sparkapplications/"),
        given(task, "application_name") or Literal(""),
    )
    ask = {**WORDS.asked(called(task, "GET", *path)), "Next": Ref("found?")}
    ending = WORDS.ending(Expression.of("'the application'"), FAILED)
    return sensed(task, {MAIN: ask}, WORDS.is_done, report, failed=ending)


def _run(task: Task, report: Report) -> Fragment:
    undecided = {name: UNTOUCHED for name in task.call.arguments if name not in {*DROPPED, *OPERATOR}}
    account(task, OPERATOR, {**DROPPED, **CLIENT, **NOT_USED}, CALL, report, undecided)
    try:
        body, (group, version, kind) = _application(task)
    except ValueError as problem:
        said = f"the application is not known: {problem}"
        opened(task, "application_file", said, report)
        return failing(f"Task {task.id} was not translated: the application is not known.")
    say_cluster(task, report)
    namespace = given(task, "namespace") or Literal("default")
    base = (f"/apis/{group}/{version}/namespaces/", namespace, f"/{kind.lower()}s")
    name = Expression.of("$:name")
    start = {
        **called(task, "POST", *base, RequestBody=body),
        "Assign": {":name": Expression.of("$states.result.ResponseBody.metadata.name")},
    }
    ask = WORDS.asked(called(task, "GET", *base, "/", name))
    subject = Expression.of("'the application ' & $:name")
    poll = Poll(ask, WORDS.is_done, WORDS.ending(subject, FAILED), 10, *bound(task, WEEK, FAILED))
    say_pace(task, poll, "application_file", report)
    states: dict[str, Mapping[str, Any]] = looped(start, poll, subject)
    if task.argument("delete_on_termination") not in (None, Literal(True)):
        return Fragment(states, is_bounded=True)
    noted(task, "delete_on_termination", "an application that failed is not deleted", report)
    done = dict(states["done?"])
    first, *others = done["Choices"]
    states["done?"] = {**done, "Choices": [{**first, "Next": Ref("delete")}, *others]}
    states["delete"] = called(task, "DELETE", *base, "/", name)
    return Fragment(states, is_bounded=True)


def _application(task: Task) -> tuple[Any, tuple[str, str, str]]:
    """The object, and its group, version and kind. Raises ``ValueError`` where it is not known."""
    whole = given(task, "template_spec")
    if (text := given(task, "application_file")) is not None:
        if isinstance(text, Literal) and str(text.value).strip().endswith((".yaml", ".yml", ".json")):
            raise ValueError(f"it is in the file `{text.value}`: put its text here")
        (document,) = _one(parsed(text))
        whole = Literal(document)
    fields = dict(members(whole or Literal({})))
    if "kubernetes" in fields:
        raise ValueError("what `kubernetes` says must be in the application itself")
    fields = dict(members(fields["spark"])) if "spark" in fields else fields
    kind, version = (getattr(fields.get(name), "value", None) for name in ("kind", "apiVersion"))
    if not isinstance(kind, str) or not isinstance(version, str) or version.count("/") != 1:
        raise ValueError("it has no kind or version")
    metadata = dict(members(fields["metadata"])) if "metadata" in fields else {}
    metadata |= {"name": _name(task, metadata.get("name"))}
    metadata["namespace"] = given(task, "namespace") or Literal("default")
    spec = dict(members(fields["spec"])) if "spec" in fields else {}
    for argument, field in (("image", "image"), ("code_path", "mainApplicationFile")):
        if (value := given(task, argument)) is not None:
            spec[field] = value
    group, _, number = version.partition("/")
    body = {**fields, "metadata": metadata, "spec": mapping(spec.items())}
    return body, (group, number, kind)


def _one(documents: list[Any]) -> list[Any]:
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise ValueError("it is not one object")
    return documents


def _name(task: Task, own: Value | None) -> Any:
    """The application's name, with a random ending unless told otherwise."""
    wanted = given(task, "name") or own
    if wanted is None:
        wanted = Literal(re.sub(r"[^a-z0-9]+", "-", task.id.lower()).strip("-"))
    if task.argument("random_name_suffix") == Literal(False):
        return wanted
    return Expression.of("$substring(", wanted, f", 0, {LONGEST_NAME - 9}) & '-' & $substring($uuid(), 0, 8)")


run = Integration(
    PROVIDER + "operators.spark_kubernetes.SparkKubernetesOperator",
    (),
    _run,
    form=f"`{CALL}`, then a bounded loop that asks for the application's state",
)
sensor = Integration(
    PROVIDER + "sensors.spark_kubernetes.SparkKubernetesSensor",
    (),
    _sense,
    form=f"`{CALL}` in a bounded loop",
)
