"""Calls of a Kubernetes cluster's API: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html.

The cluster is one on EKS with a public endpoint, which the operators' connection does not tell.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Value
from dagmig.integrations.fragment import Expression
from dagmig.integrations.http import address
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given
from dagmig.integrations.status import PREFIX

CALL = "eks:call"
CLIENT = dict.fromkeys(
    ("kubernetes_conn_id", "in_cluster", "cluster_context", "config_file", "aws_conn_id", "region"),
    "the state reaches the cluster by its endpoint and the machine's role",
)


def say_cluster(task: Task, report: Report) -> None:
    """The row for the cluster, once for all calls of a task."""
    said = (
        "eks:call reaches clusters on EKS with a public endpoint: fill in ${kubernetes_cluster_name}, "
        "${kubernetes_endpoint} and ${kubernetes_certificate_authority} when deploying"
    )
    opened(task, "cluster_name", said, report)


def called(task: Task, method: str, *path: str | Value | Expression, **arguments: Any) -> dict[str, Any]:
    """The state of a call; ``path`` are texts as they are and values as segments, further ``arguments`` are
    RequestBody and QueryParameters.
    """
    known = {
        "ClusterName": given(task, "cluster_name") or "${kubernetes_cluster_name}",
        "CertificateAuthority": "${kubernetes_certificate_authority}",
        "Endpoint": "${kubernetes_endpoint}",
        "Method": method,
        "Path": address(*path),
    }
    return {"Type": "Task", "Resource": PREFIX + CALL, "Arguments": {**known, **arguments}}
