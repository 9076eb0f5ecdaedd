"""A Kubernetes pod as the operators describe it, and as the manifest of a Job.

``KubernetesPodOperator.build_pod_request_obj`` says which argument is which field
(https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/); the client's models are the
manifest's objects with their names in snake case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Items, Literal, New, Value
from dagmig.integrations.spelling import is_dict, items, mapping, members, sequence

CONTAINER = {
    "image": "image",
    "cmds": "command",
    "arguments": "args",
    "image_pull_policy": "imagePullPolicy",
    "container_resources": "resources",
    "ports": "ports",
    "volume_mounts": "volumeMounts",
    "container_security_context": "securityContext",
    "termination_message_policy": "terminationMessagePolicy",
}
SPEC = {
    "active_deadline_seconds": "activeDeadlineSeconds",
    "affinity": "affinity",
    "automount_service_account_token": "automountServiceAccountToken",
    "dns_config": "dnsConfig",
    "dnspolicy": "dnsPolicy",
    "host_aliases": "hostAliases",
    "hostname": "hostname",
    "hostnetwork": "hostNetwork",
    "init_containers": "initContainers",
    "node_selector": "nodeSelector",
    "priority_class_name": "priorityClassName",
    "runtime_class_name": "runtimeClassName",
    "schedulername": "schedulerName",
    "security_context": "securityContext",
    "service_account_name": "serviceAccountName",
    "subdomain": "subdomain",
    "termination_grace_period": "terminationGracePeriodSeconds",
    "tolerations": "tolerations",
    "volumes": "volumes",
}
METADATA = {"labels": "labels", "annotations": "annotations"}
ENVIRONMENT = {"env_vars", "pod_runtime_info_envs", "env_from", "configmaps", "secrets", "image_pull_secrets"}
ARGUMENTS = frozenset({*CONTAINER, *SPEC, *METADATA, *ENVIRONMENT, "base_container_name"})
_IRREGULAR = {
    "host_ip": "hostIP",
    "pod_ip": "podIP",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "_from": "from",
}
_MODEL = re.compile(r"(?:.*\.)?V\d\w*")


def template(task: Task, refuse: Callable[[str, str], None]) -> dict[str, Any]:
    """The pod template of the arguments, as a fragment's node; ``refuse`` is told what has no place."""
    container: dict[str, Any] = {"name": task.argument("base_container_name") or Literal("base")}
    container |= _fields(task, CONTAINER, refuse)
    env, env_from = _environment(task, refuse)
    container |= {name: found for name, found in (("env", env), ("envFrom", env_from)) if found}
    spec = {"containers": [container], "restartPolicy": "Never", **_fields(task, SPEC, refuse)}
    if (secrets := task.argument("image_pull_secrets")) not in (None, Literal(None)):
        spec["imagePullSecrets"] = _pull_secrets(secrets, refuse)
    metadata = _fields(task, METADATA, refuse)
    return {**({"metadata": metadata} if metadata else {}), "spec": spec}


def manifest(value: Value) -> Value:
    """A model of the Kubernetes client as the object it stands for. Raises ``ValueError`` for other code."""
    match value:
        case New(name, (), keywords) if _MODEL.fullmatch(name):
            return mapping(
                (_camel(key), manifest(item)) for key, item in keywords.items() if item != Literal(None)
            )
        case New(name):
            raise ValueError(f"{name.rpartition('.')[2]} is not known")
        case Items():
            return sequence(manifest(item) for item in items(value))
        case Entries():
            return mapping((key, manifest(item)) for key, item in members(value))
    return value


def _camel(name: str) -> str:
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _fields(task: Task, names: Mapping[str, str], refuse: Callable[[str, str], None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for argument, name in names.items():
        value = task.argument(argument)
        if value is None or value in (Literal(None), Literal([]), Literal({})):
            continue
        try:
            found[name] = manifest(value)
        except ValueError as problem:
            refuse(argument, str(problem))
    return found


def _environment(task: Task, refuse: Callable[[str, str], None]) -> tuple[list[Any], list[Any]]:
    """``env`` and ``envFrom``: of variables, config maps and Airflow's Secret objects."""
    env: list[Any] = []
    env_from: list[Any] = []
    for argument, found in (("env_vars", env), ("pod_runtime_info_envs", env), ("env_from", env_from)):
        _add(task, argument, found, _variables, refuse)
    _add(task, "configmaps", env_from, _config_maps, refuse)
    for secret in _listed(task, "secrets", refuse):
        try:
            kind, entry = _secret(secret)
        except ValueError as problem:
            refuse("secrets", str(problem))
        else:
            (env if kind == "env" else env_from).append(entry)
    return env, env_from


def _add(
    task: Task,
    argument: str,
    found: list[Any],
    read: Callable[[Value], list[Value]],
    refuse: Callable[[str, str], None],
) -> None:
    value = task.argument(argument)
    if value is None or value == Literal(None):
        return
    try:
        found += read(value)
    except ValueError as problem:
        refuse(argument, str(problem))


def _variables(value: Value) -> list[Value]:
    if not is_dict(value):
        return [manifest(item) for item in items(value)]
    return [mapping([("name", Literal(name)), ("value", item)]) for name, item in members(value)]


def _config_maps(value: Value) -> list[Value]:
    return [mapping([("configMapRef", mapping([("name", item)]))]) for item in items(value)]


def _listed(task: Task, argument: str, refuse: Callable[[str, str], None]) -> list[Value]:
    value = task.argument(argument)
    if value is None or value == Literal(None):
        return []
    try:
        return items(value)
    except ValueError as problem:
        refuse(argument, str(problem))
        return []


def _secret(value: Value) -> tuple[str, Value]:
    """``Secret(deploy_type, deploy_target, secret, key)`` as an entry of ``env`` or ``envFrom``."""
    if not isinstance(value, New) or not value.type.endswith(".Secret"):
        raise ValueError("a secret is not known")
    names = ("deploy_type", "deploy_target", "secret", "key")
    given = {**dict(zip(names, value.arguments, strict=False)), **value.keywords}
    named = mapping([("name", given.get("secret", Literal("")))])
    target, key = given.get("deploy_target"), given.get("key")
    if given.get("deploy_type") != Literal("env"):
        raise ValueError("a secret is mounted as a file: name its volume and mount")
    if target in (None, Literal(None)):
        return "env_from", mapping([("secretRef", named)])
    if target is None or key is None:
        raise ValueError("a secret has no key")
    reference = mapping([*members(named), ("key", key)])
    source = mapping([("secretKeyRef", reference)])
    return "env", mapping([("name", target), ("valueFrom", source)])


def _pull_secrets(value: Value, refuse: Callable[[str, str], None]) -> Any:
    if isinstance(value, Literal) and isinstance(value.value, str):
        return [{"name": Literal(name)} for name in value.value.split(",")]
    try:
        return manifest(value)
    except ValueError as problem:
        refuse("image_pull_secrets", str(problem))
        return []
