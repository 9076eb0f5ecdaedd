"""The rule ``k8s-latest-tag``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Workflow
from dagmig.lint.operators import known
from dagmig.lint.pods import WORDS, pods
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING, words=WORDS)
def k8s_latest_tag(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A pod's image is whatever was pushed last.

    The task runs another program than yesterday without a change to the DAG, and a retry another than the
    first attempt; nobody can tell which it was. Flagged: `:latest`, and an image of a registry of one's own
    without a tag.
    See https://kubernetes.io/docs/concepts/configuration/overview/

    ```python bad
    from airflow import DAG
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        KubernetesPodOperator(task_id="load", image="registry.example.com/load:latest")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        KubernetesPodOperator(task_id="load", image="registry.example.com/load:3.1")
    ```

    Instead: Name a version, or a digest.
    """
    for task in pods(workflow):
        image = known(task, "image")
        if not isinstance(image, str) or has_jinja(image) or "@" in image or not image:
            continue
        registry, _, name = image.rpartition("/")
        if name.endswith(":latest") or (":" not in name and ("." in registry or ":" in registry)):
            span = source.syntax.argument_span(task.span, "image")
            yield Finding(f"the image of `{task.id}` is whatever was pushed last", span)
