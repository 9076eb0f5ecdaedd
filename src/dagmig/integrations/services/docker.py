"""Containers of Docker on Amazon ECS with Fargate: a task definition, then a task that runs to its end.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html and
https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html; ``DockerOperator``.
"""

from __future__ import annotations

import ast
import math
import re
import shlex
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given, members
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import account

OWN = {"image", "command", "entrypoint", "environment", "cpus", "mem_limit", "user", "working_dir"}
DAEMON = ("docker_url", "api_version", "tls_ca_cert", "tls_client_cert", "tls_client_key", "tls_verify",
          "tls_hostname", "tls_ssl_version", "timeout", "container_name", "hostname",
          "auto_remove", "force_pull", "tty")  # fmt: skip
DROPPED = {
    **dict.fromkeys(DAEMON, "Amazon ECS runs the container, without a Docker daemon of yours"),
    **dict.fromkeys(("log_opts_max_size", "log_opts_max_file"), "the log goes where the definition says"),
    **dict.fromkeys(("mount_tmp_dir", "host_tmp_dir", "tmp_dir"), "the container has a disk of its own"),
    "xcom_all": "nothing reads the container's log",
}
UNDECIDED = {
    "docker_conn_id": "put the registry's credentials into `RepositoryCredentials`",
    "private_environment": "put the values into `Secrets`: they are not in the machine",
    "env_file": "put its variables into `Environment`",
    "mounts": "mount a file system of Amazon EFS instead",
    "volumes": "mount a file system of Amazon EFS instead",
    "network_mode": "a task on Fargate has a network interface of its own",
    "skip_on_exit_code": "this exit code fails the state; the operator skips what follows",
    "retrieve_output": "nothing is read of the container's files",
    "retrieve_output_path": "nothing is read of the container's files",
    **dict.fromkeys(
        ("dns", "dns_search", "shm_size", "privileged", "cap_add", "extra_hosts", "device_requests",
         "ipc_mode", "port_bindings", "ulimits", "labels"),
        "it is not part of the definition",
    ),
}  # fmt: skip
EMPTY = (Literal(None), Literal(False), Literal([]), Literal({}), Literal(""))
SIZES = {
    256: (512, 2048, 512),
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}  # of Fargate: CPU units, and the least, the most and the steps of MiB
UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}
CLUSTER, SUBNET, GROUP, ROLE = (
    f"${{docker_{name}}}" for name in ("cluster", "subnet", "security_group", "execution_role_arn")
)


def _to_asl(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) in EMPTY}
    account(task, {*OWN, *nothing}, DROPPED, "ecs:runTask", report, UNDECIDED)
    said = (
        f"the container runs on Fargate: fill in {CLUSTER}, {SUBNET}, {GROUP} and {ROLE}, which reads the "
        "image, when deploying; each run registers a revision of the task definition"
    )
    opened(task, "docker_url", said, report)
    cpu, memory = _size(task, report)
    definition = {
        "Family": Literal(re.sub(r"[^A-Za-z0-9_-]", "-", task.id)),
        "RequiresCompatibilities": ["FARGATE"],
        "NetworkMode": "awsvpc",
        "Cpu": str(cpu),
        "Memory": str(memory),
        "ExecutionRoleArn": ROLE,
        "ContainerDefinitions": [_container(task, report)],
    }
    register = {
        "Type": "Task",
        "Resource": PREFIX + "aws-sdk:ecs:registerTaskDefinition",
        "Arguments": definition,
        "Assign": {":definition": Expression.of("$states.result.TaskDefinition.TaskDefinitionArn")},
        "Output": {},
        "Next": Ref(MAIN),
    }
    network = {"Subnets": [SUBNET], "SecurityGroups": [GROUP], "AssignPublicIp": "ENABLED"}
    run = {
        "Type": "Task",
        "Resource": PREFIX + "ecs:runTask.sync",
        "Arguments": {
            "Cluster": CLUSTER,
            "LaunchType": "FARGATE",
            "TaskDefinition": Expression.of("$:definition"),
            "NetworkConfiguration": {"AwsvpcConfiguration": network},
        },
    }
    return Fragment({"define": register, MAIN: run}, entry="define")


def _container(task: Task, report: Report) -> dict[str, Any]:
    container: dict[str, Any] = {
        "Name": "main",
        "Essential": True,
        "Image": given(task, "image") or Literal(""),
    }
    for argument, parameter in (("command", "Command"), ("entrypoint", "EntryPoint")):
        if (value := given(task, argument)) is not None:
            container[parameter] = _words(task, argument, value, report)
    if (environment := given(task, "environment")) is not None:
        try:
            container["Environment"] = [
                {"Name": Literal(name), "Value": _text(value)} for name, value in members(environment)
            ]
        except ValueError as problem:
            opened(task, "environment", f"it is not in the definition: {problem}", report)
    for argument, parameter in (("user", "User"), ("working_dir", "WorkingDirectory")):
        if (value := given(task, argument)) is not None:
            container[parameter] = _text(value)
    return container


def _text(value: Value) -> Value:
    return Literal(str(value.value)) if isinstance(value, Literal) else value


def _words(task: Task, argument: str, value: Value, report: Report) -> Any:
    """A command as a list: a text is one that is written out, else it is split as a shell does."""
    text = value.value if isinstance(value, Literal) else None
    if isinstance(value, Literal) and not isinstance(text, str):
        return value
    if isinstance(text, str) and text.strip().startswith("["):
        try:
            return Literal([str(word) for word in ast.literal_eval(text.strip())])
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            opened(task, argument, f"`{argument}` is no list that is known", report)
            return [value]
    if isinstance(text, str) and "{{" not in text:
        try:
            return Literal(shlex.split(text))
        except ValueError as problem:
            opened(task, argument, f"`{argument}` cannot be split: {problem}", report)
            return [value]
    noted(task, argument, f"`{argument}` is split at its spaces, whatever its quotes", report)
    return Expression.of("$type(", value, ") = 'string' ? $split(", value, ", /\\s+/) : ", value)


def _size(task: Task, report: Report) -> tuple[int, int]:
    """The smallest task of Fargate that has what is wanted."""
    cpus, limit = given(task, "cpus"), given(task, "mem_limit")
    wanted = float(cpus.value) if isinstance(cpus, Literal) and isinstance(cpus.value, (int, float)) else 1.0
    memory = _mebibytes(limit) if limit is not None else 0
    if memory is None or (cpus is not None and not isinstance(cpus, Literal)):
        opened(task, "mem_limit", "how much of it the container needs is not known", report)
    for units, (least, most, step) in SIZES.items():
        if units >= 1024 * wanted and (memory or 0) <= most:
            return units, max(least, math.ceil((memory or 0) / step) * step)
    opened(task, "cpus", "Fargate has no task of this size", report)
    units, (_, most, _) = [*SIZES.items()][-1]
    return units, most


def _mebibytes(value: Value) -> int | None:
    if not isinstance(value, Literal):
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([bkmg]?)b?", str(value.value).strip().lower())
    return math.ceil(float(found[1]) * UNITS[found[2]] / 2**20) if found else None


docker = Integration(
    "airflow.providers.docker.operators.docker.DockerOperator",
    (),
    _to_asl,
    None,
    ("airflow.operators.docker_operator.DockerOperator",),
    "`aws-sdk:ecs:registerTaskDefinition`, then `ecs:runTask.sync`",
)
