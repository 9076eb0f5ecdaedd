"""Kubernetes manifests in YAML: their objects, and the paths by which the API knows them.

https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from dagmig.graph.values import Literal, Value

IRREGULAR = {
    "Endpoints": "endpoints",
    "Ingress": "ingresses",
    "IngressClass": "ingressclasses",
    "NetworkPolicy": "networkpolicies",
    "PriorityClass": "priorityclasses",
    "StorageClass": "storageclasses",
}
IN_A_NAMESPACE = frozenset(
    {
        *(
            "ConfigMap",
            "CronJob",
            "DaemonSet",
            "Deployment",
            "Endpoints",
            "HorizontalPodAutoscaler",
            "Ingress",
        ),
        *(
            "Ingress",
            "Job",
            "LimitRange",
            "NetworkPolicy",
            "PersistentVolumeClaim",
            "Pod",
            "PodDisruptionBudget",
        ),
        *("PodTemplate", "ReplicaSet", "ReplicationController", "ResourceQuota", "Role", "RoleBinding"),
        *("Secret", "Service", "ServiceAccount", "StatefulSet"),
    }
)
IN_THE_CLUSTER = frozenset(
    {
        *("ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "IngressClass", "Namespace"),
        *("Node", "PersistentVolume", "PriorityClass", "StorageClass"),
    }
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object; ``namespace`` is its own, None where it has none."""

    body: dict[str, Any]
    version: str
    plural: str
    name: str
    namespace: str | None
    is_namespaced: bool

    def collection(self, namespace: Value) -> tuple[str | Value, ...]:
        """The path of all such objects; ``namespace`` is that of an object without one of its own."""
        base = f"/{'apis' if '/' in self.version else 'api'}/{self.version}/"
        if not self.is_namespaced:
            return (base + self.plural,)
        own = namespace if self.namespace is None else Literal(self.namespace)
        return (f"{base}namespaces/", own, f"/{self.plural}")


class _Loader(yaml.SafeLoader):
    """Without aliases, which a few lines of text make endless objects of."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("it has aliases")
        return super().compose_node(parent, index)


def parsed(value: Value) -> list[Any]:
    """The documents of a YAML text. Raises ``ValueError`` in words where they are not known."""
    if not isinstance(value, Literal) or not isinstance(value.value, str) or "{%" in value.value:
        raise ValueError("it is known only when the DAG runs")
    if "{{" in value.value:
        raise ValueError("it is a template")
    try:
        found = [one for one in yaml.load_all(value.value, _Loader) if one is not None]
    except (yaml.YAMLError, RecursionError) as problem:
        raise ValueError(f"it is no YAML: {str(problem).splitlines()[0]}") from None
    if not found:
        raise ValueError("there is none")
    return found


def manifests(value: Value, *, is_custom: bool, is_namespaced: bool) -> list[Manifest]:
    """The objects of a YAML text; those of a custom definition say nothing of a namespace by their kind.
    Raises ``ValueError`` in words where they are not known.
    """
    return [_manifest(one, is_custom, is_namespaced) for one in parsed(value)]


def _manifest(body: Any, is_custom: bool, is_namespaced: bool) -> Manifest:
    if not isinstance(body, dict) or not _is_json(body):
        raise ValueError("it has more than JSON can say")
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        raise ValueError("an object has no name")
    kind, version, name = body.get("kind"), body.get("apiVersion"), metadata.get("name")
    if not (isinstance(kind, str) and isinstance(version, str) and isinstance(name, str)):
        raise ValueError("an object has no kind, version or name")
    if "List" in kind:
        raise ValueError("a list of objects must be a document each")
    if not is_custom and kind not in IN_A_NAMESPACE | IN_THE_CLUSTER:
        raise ValueError(f"{kind} is not a kind that is known")
    plural = f"{kind.lower()}s" if is_custom else IRREGULAR.get(kind, f"{kind.lower()}s")
    namespaced = is_namespaced if is_custom else kind in IN_A_NAMESPACE
    namespace = metadata.get("namespace")
    return Manifest(body, version, plural, name, None if namespace is None else str(namespace), namespaced)


def _is_json(value: Any) -> bool:
    match value:
        case dict():
            return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
        case list():
            return all(_is_json(item) for item in value)
    return value is None or isinstance(value, (str, int, float, bool))
