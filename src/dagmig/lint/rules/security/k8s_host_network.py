"""The rule ``k8s-host-network``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.operators import known
from dagmig.lint.pods import pods
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING, words={"hostnetwork"})
def k8s_host_network(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A pod uses the network of its node.

    It reaches what listens on the node alone, the metadata service with the node's credentials among them,
    and network policies do not hold for it.
    See https://kubernetes.io/docs/concepts/security/pod-security-standards/

    ```python bad
    from airflow import DAG
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        KubernetesPodOperator(task_id="load", image="load:3.1", hostnetwork=True)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        KubernetesPodOperator(task_id="load", image="load:3.1")
    ```

    Instead: Leave `hostnetwork` out.
    """
    for task in pods(workflow):
        if known(task, "hostnetwork") is True:
            span = source.syntax.argument_span(task.span, "hostnetwork")
            yield Finding(f"the pod of `{task.id}` uses the network of its node", span)
