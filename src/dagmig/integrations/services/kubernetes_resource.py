"""Objects of a Kubernetes cluster, made and deleted by its API.

``operators/resource.py`` of the cncf-kubernetes provider: objects of Kubernetes' own kinds, or of custom
definitions, whose plural it takes for the kind with an ``s``.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.eks_call import CALL, CLIENT, called, say_cluster
from dagmig.integrations.fragment import MAIN, Fragment, Ref, failing
from dagmig.integrations.manifests import Manifest, manifests
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.cncf.kubernetes.operators.resource."
KNOWN = {"yaml_conf", "namespace", "custom_resource_definition", "namespaced"}
FILE = {"yaml_conf_file": "put the file's text into `yaml_conf`"}
BACKGROUND = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}


def _create(task: Task, one: Manifest, namespace: Value) -> dict[str, Any]:
    return called(task, "POST", *one.collection(namespace), RequestBody=Literal(one.body))


def _delete(task: Task, one: Manifest, namespace: Value) -> dict[str, Any]:
    path = (*one.collection(namespace), "/", Literal(one.name))
    is_custom = _is(task, "custom_resource_definition", default=False)
    return called(task, "DELETE", *path, **({} if is_custom else {"RequestBody": BACKGROUND}))


def _is(task: Task, name: str, *, default: bool) -> bool:
    value = given(task, name)
    return bool(value.value) if isinstance(value, Literal) else default


def _to_asl(make: Callable[[Task, Manifest, Value], dict[str, Any]]) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, KNOWN, CLIENT, CALL, report, FILE)
        for name in ("custom_resource_definition", "namespaced"):
            if not isinstance(task.argument(name) or Literal(None), Literal):
                opened(task, name, "it is known only when the DAG runs: its default is taken", report)
        try:
            found = manifests(
                given(task, "yaml_conf") or Literal(""),
                is_custom=_is(task, "custom_resource_definition", default=False),
                is_namespaced=_is(task, "namespaced", default=True),
            )
        except ValueError as problem:
            opened(task, "yaml_conf", f"`yaml_conf` is not known: {problem}", report)
            return failing(f"Task {task.id} was not translated: `yaml_conf` is not known.")
        say_cluster(task, report)
        namespace = given(task, "namespace")
        if namespace is None and any(one.is_namespaced and one.namespace is None for one in found):
            said = "the connection may name another namespace than `default`: say `namespace`"
            noted(task, "namespace", said, report)
        names = [MAIN, *(str(number) for number in range(2, len(found) + 1))]
        states = {
            name: make(task, one, namespace or Literal("default"))
            for name, one in zip(names, found, strict=True)
        }
        for name, following in pairwise(names):
            states[name]["Next"] = Ref(following)
        return Fragment(states)

    return to_asl


create = Integration(
    OPERATORS + "KubernetesCreateResourceOperator", (), _to_asl(_create), form=f"`{CALL}`, an object each"
)
delete = Integration(
    OPERATORS + "KubernetesDeleteResourceOperator", (), _to_asl(_delete), form=f"`{CALL}`, an object each"
)
