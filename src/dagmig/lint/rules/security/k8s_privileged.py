"""The rule ``k8s-privileged``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.pods import member, pods
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source

CONTEXTS = ("security_context", "container_security_context")


@dag_rule(Severity.WARNING, words={*CONTEXTS})
def k8s_privileged(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A pod runs privileged.

    Its container may do on the node what root may: leave the container, read the secrets of other pods.
    See https://kubernetes.io/docs/concepts/security/pod-security-standards/

    ```python bad
    from airflow import DAG
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        KubernetesPodOperator(
            task_id="load", image="load:3.1", container_security_context={"privileged": True}
        )
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        KubernetesPodOperator(
            task_id="load", image="load:3.1", container_security_context={"privileged": False}
        )
    ```

    Instead: Leave it out, and add the capabilities that are needed.
    """
    for task in pods(workflow):
        for name in CONTEXTS:
            if member(task.argument(name), "privileged") is True:
                span = source.syntax.argument_span(task.span, name)
                yield Finding(f"the pod of `{task.id}` runs privileged", span)
