"""Kubernetes Jobs on Amazon EKS: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html.

``KubernetesJobOperator`` is ``KubernetesPodOperator`` with the arguments of a Job; it moves on when the Job
is made, unless told to wait for its end. ``KubernetesDeleteJobOperator`` is a call of the cluster's API.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.eks_call import CALL, CLIENT, called, say_cluster
from dagmig.integrations.fragment import MAIN, Expression, Fragment
from dagmig.integrations.pod import manifest
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.services.eks import RUN_JOB, kubernetes_pod
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

KUBERNETES = "airflow.providers.cncf.kubernetes.operators.job."
SPEC = {
    "backoff_limit": "backoffLimit",
    "completion_mode": "completionMode",
    "completions": "completions",
    "manual_selector": "manualSelector",
    "parallelism": "parallelism",
    "selector": "selector",
    "suspend": "suspend",
    "ttl_seconds_after_finished": "ttlSecondsAfterFinished",
    "active_deadline_seconds": "activeDeadlineSeconds",
}
WAITS = "wait_until_job_complete"
DROPPED = {
    "job_poll_interval": "Step Functions waits by itself, at its own pace",
    "deferrable": "the state machine waits by itself",
    "on_kill_propagation_policy": "a stopped execution does not delete the Job",
    "discover_pods_retry_number": "nothing is read of the Job's pods",
    "unwrap_single": "nothing is read of the Job's pods",
}
UNDECIDED = {
    "job_template_file": "put the file's template into the Job",
    "full_job_spec": "merge the specification into the Job",
}
DELETING = {
    "delete_on_status": "the Job is deleted whatever its status",
    "wait_for_completion": "the Job is deleted without waiting for its end",
}
OWN = {*SPEC, *DROPPED, *UNDECIDED, WAITS}


def _to_asl(task: Task, report: Report) -> Fragment:
    own = {name: value for name, value in task.call.arguments.items() if name in OWN}
    others = {name: value for name, value in task.call.arguments.items() if name not in OWN}
    account(replace(task, call=Call(task.call.operator, own)), {*SPEC, WAITS}, DROPPED, "eks:runJob", report,
            UNDECIDED)  # fmt: skip
    made = kubernetes_pod.to_asl(replace(task, call=Call(task.call.operator, others)), report)
    state = dict(made.states[MAIN])
    arguments = dict(state["Arguments"])
    arguments["Job"] = _job(task, arguments["Job"], report)
    waits = task.argument(WAITS)
    if waits is not None and not isinstance(waits, Literal):
        opened(task, WAITS, "it is known only when the DAG runs: the state waits", report)
    is_waiting = waits not in (None, Literal(None), Literal(False))
    resource = RUN_JOB + (".sync" if is_waiting else "")
    return replace(made, states={MAIN: {**state, "Resource": resource, "Arguments": arguments}})


def _job(task: Task, job: dict[str, Any], report: Report) -> dict[str, Any]:
    """The pod's Job with the arguments of this one: Kubernetes' own defaults, not those of a lone pod."""
    spec: dict[str, Any] = {"parallelism": Literal(1)}
    for argument, name in SPEC.items():
        if (value := given(task, argument)) is None:
            continue
        try:
            spec[name] = manifest(value)
        except ValueError as problem:
            opened(task, argument, f"`{argument}` is not in the Job: {problem}", report)
    metadata = {**job["spec"]["template"].get("metadata", {}), "name": _name(job["metadata"]["name"])}
    return {**job, "metadata": metadata, "spec": {**spec, "template": job["spec"]["template"]}}


def _name(name: Any) -> Any:
    """The operator puts ``job-`` before it."""
    if isinstance(name, Literal) and "{{" not in str(name.value):
        return Literal(f"job-{name.value}")
    if isinstance(name, Expression):
        return Expression.of("'job-' & ", *name.parts)
    return Expression.of("'job-' & ", name)


def _delete(task: Task, report: Report) -> Fragment:
    known = {"name", "namespace", "cluster_name", *_nothing(task)}
    dropped = {**CLIENT, "poll_interval": "nothing is waited for"}
    account(task, known, dropped, CALL, report, DELETING)
    say_cluster(task, report)
    noted(task, "name", "a Job that is not there fails the state; the operator lets it be", report)
    path = ("/apis/batch/v1/namespaces/", given(task, "namespace") or Literal("default"), "/jobs/")
    return Fragment({MAIN: called(task, "DELETE", *path, given(task, "name") or Literal(""))})


def _nothing(task: Task) -> set[str]:
    harmless = (Literal(None), Literal(False))
    return {name for name in DELETING if task.argument(name) in harmless}


job = Integration(KUBERNETES + "KubernetesJobOperator", (), _to_asl, form="`eks:runJob`, `eks:runJob.sync`")
delete_job = Integration(KUBERNETES + "KubernetesDeleteJobOperator", (), _delete, form=f"`{CALL}`")
