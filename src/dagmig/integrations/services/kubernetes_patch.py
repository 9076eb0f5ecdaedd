"""Kubernetes Jobs that are changed, by their cluster's API.

``KubernetesPatchJobOperator`` sends a strategic merge patch
(https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch), whose kind is a
header that ``eks:call`` has not: the Job is read, merged and put back. Lists merge by what their members are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.eks_call import CALL, CLIENT, called, say_cluster
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Projection, Ref, failing
from dagmig.integrations.http_work import BODY
from dagmig.integrations.pod import manifest
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given, is_dict, members
from dagmig.integrations.table import account

RACE = "a Job that changes between the two calls fails the state; the operator's one call patches it"
SPELLING = "its names are the API's (`apiVersion`), those of the operator Python's (`api_version`)"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, {"name", "namespace", "body", "cluster_name"}, CLIENT, CALL, report)
    try:
        merged = Expression(tuple(_merged("$:job", manifest(given(task, "body") or Literal({})))))
    except ValueError as problem:
        opened(task, "body", f"`body` cannot be merged into the Job: {problem}", report)
        return failing(f"Task {task.id} was not translated: `body` cannot be merged into the Job.")
    say_cluster(task, report)
    noted(task, "body", RACE, report)
    path = ("/apis/batch/v1/namespaces/", given(task, "namespace") or Literal("default"), "/jobs/")
    name = given(task, "name") or Literal("")
    kept = {"Assign": {":job": Expression.of(BODY)}, "Output": {}, "Next": Ref(MAIN)}
    states = {
        "job": {**called(task, "GET", *path, name), **kept},
        MAIN: called(task, "PUT", *path, name, RequestBody=merged),
    }
    return Fragment(states, {"return_value": Projection(MAIN, Expression.of(BODY), SPELLING)}, entry="job")


def _merged(old: str, patch: Value) -> Iterator[Part]:
    """JSONata for an object with another merged into it, in which None takes a member away."""
    if not is_dict(patch):
        raise ValueError("it is not a dict that is known")
    changes = dict(members(patch))
    if any(name.startswith("$") for name in changes):
        raise ValueError("it directs how lists are merged")
    gone = [json.dumps(name) for name, item in changes.items() if item == Literal(None)]
    base = f"$sift({old}, function($v, $k) {{ $not($k in [{', '.join(gone)}]) }})" if gone else old
    yield f"$merge([{base}, {{"
    first = True
    for name, item in changes.items():
        if item == Literal(None):
            continue
        key = json.dumps(name)
        yield f"{'' if first else ', '}{key}: "
        first = False
        if is_dict(item):
            yield from _merged(f"$lookup({old}, {key})", item)
        elif isinstance(item, Items) or (isinstance(item, Literal) and isinstance(item.value, (list, tuple))):
            raise ValueError(f"`{name}` is a list")
        else:
            yield item
    yield "}])"


patch_job = Integration(
    "airflow.providers.cncf.kubernetes.operators.job.KubernetesPatchJobOperator",
    (),
    _to_asl,
    form=f"`{CALL}`, twice",
)
