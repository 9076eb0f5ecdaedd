"""The container group that ``AzureContainerInstancesOperator`` makes of its arguments.

``execute`` of ``operators/container_instances.py``; the names are those of
``azure.mgmt.containerinstance.models.ContainerGroup``.
"""

from __future__ import annotations

import re
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.azure_objects import as_rest
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given, is_dict, items, members

OBJECTS = {
    "ip_address": "ipAddress",
    "subnet_ids": "subnetIds",
    "dns_config": "dnsConfig",
    "diagnostics": "diagnostics",
}
KNOWN = {
    *OBJECTS,
    *("name", "image", "region", "registry_conn_id", "environment_variables", "secured_variables", "volumes"),
    *("memory_in_gb", "cpu", "gpu", "command", "tags", "os_type", "restart_policy", "ports", "priority"),
    "identity",
}


def group(task: Task, report: Report) -> dict[str, Any]:
    """The request's body. Raises ``ValueError`` in words where an argument is not known."""
    volumes, mounts = _volumes(task, report)
    properties: dict[str, Any] = {
        "containers": [{"name": _argument(task, "name", ""), "properties": _container(task, mounts)}],
        "imageRegistryCredentials": _registries(task, report),
        "volumes": volumes,
        "restartPolicy": _argument(task, "restart_policy", "Never"),
        "osType": _argument(task, "os_type", "Linux"),
        "priority": _argument(task, "priority", "Regular"),
    }
    for argument, name in OBJECTS.items():
        if (value := given(task, argument)) is not None:
            properties[name] = as_rest(value)
    found: dict[str, Any] = {"location": _argument(task, "region", ""), "properties": properties}
    if (tags := given(task, "tags")) is not None:
        found["tags"] = tags
    if (identity := given(task, "identity")) is not None:
        found["identity"] = _identity(identity)
    return found


def _argument(task: Task, name: str, default: Any) -> Value:
    """An argument; what is false counts as not given."""
    value = given(task, name)
    return Literal(default) if value is None or value in (Literal(0), Literal("")) else value


def _container(task: Task, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    requests: dict[str, Any] = {
        "memoryInGB": _argument(task, "memory_in_gb", 2.0),
        "cpu": _argument(task, "cpu", 1.0),
    }
    if (gpu := given(task, "gpu")) is not None:
        requests["gpu"] = as_rest(gpu)
    found: dict[str, Any] = {
        "image": _argument(task, "image", ""),
        "resources": {"requests": requests},
        "environmentVariables": _environment(task),
        "volumeMounts": mounts,
    }
    if (command := given(task, "command")) is not None:
        found["command"] = command
    if (ports := given(task, "ports")) is not None:
        found["ports"] = as_rest(ports)
    elif given(task, "ip_address") is not None:
        found["ports"] = [{"port": 80}]
    return found


def _environment(task: Task) -> list[dict[str, Any]]:
    value, secured = given(task, "environment_variables"), given(task, "secured_variables") or Literal([])
    if not isinstance(secured, Literal) or not isinstance(secured.value, (list, tuple, set, str)):
        raise ValueError("which variables are secured is not known")
    return [
        {"name": name, ("secureValue" if name in secured.value else "value"): one}
        for name, one in members(value or Literal({}))
    ]


def _identity(value: Value) -> dict[str, Any]:
    """``resource_ids`` of a dict are the keys of what the API has."""
    if not is_dict(value):
        found: dict[str, Any] = as_rest(value)
        return found
    known = dict(members(value))
    kind = known.get("type") or Literal("")
    if isinstance(kind, Literal):
        kind = Literal(re.sub(r",(?=\S)", ", ", str(kind.value)))
    ids, ready = (known.get(name) or Literal(None) for name in ("resource_ids", "user_assigned_identities"))
    if ids not in (Literal(None), Literal([])):
        names: dict[str, Any] = {str(item.value): {} for item in items(ids) if isinstance(item, Literal)}
        if len(names) < len(items(ids)):
            raise ValueError("an identity is not known")
        return {"type": kind, "userAssignedIdentities": names}
    return {"type": kind, **({} if ready == Literal(None) else {"userAssignedIdentities": ready})}


def _registries(task: Task, report: Report) -> list[dict[str, str]]:
    value = given(task, "registry_conn_id")
    if value is None:
        return []
    return [_secret(task, "registry_conn_id", value, ("server", "username", "password"), report)]


def _volumes(task: Task, report: Report) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Volumes and where they are mounted, of tuples of a connection, an account, a share, a path, and whether
    it is read only.
    """
    volumes, mounts = [], []
    for number, volume in enumerate(items(given(task, "volumes") or Literal([]))):
        through, account, share, path, is_read_only = _five(volume)
        key = _secret(task, "volumes", through, ("storage_account_key",), report)["storage_account_key"]
        file = {
            "shareName": share,
            "storageAccountName": account,
            "readOnly": is_read_only,
            "storageAccountKey": key,
        }
        name = f"mount-{number}"
        volumes.append({"name": name, "azureFile": file})
        mounts.append({"name": name, "mountPath": path, "readOnly": is_read_only})
    return volumes, mounts


def _five(volume: Value) -> list[Value]:
    found = items(volume)
    if len(found) != 5:
        raise ValueError("a volume has five parts")
    return found


def _secret(
    task: Task, argument: str, through: Value, fields: tuple[str, ...], report: Report
) -> dict[str, str]:
    """What the body has of another connection, to be filled in."""
    if not isinstance(through, Literal) or "{{" in str(through.value):
        raise ValueError(f"a connection of `{argument}` is known only when the DAG runs")
    stem = re.sub(r"\W", "_", str(through.value), flags=re.ASCII)
    found = {name: f"${{{stem}_{name}}}" for name in fields}
    shown = found[fields[-1]]
    said = (
        f"fill in {', '.join(found.values())} when deploying; {shown} stands in the machine's definition "
        "then: prefer an identity that the container group has"
    )
    opened(task, argument, said, report)
    return found
