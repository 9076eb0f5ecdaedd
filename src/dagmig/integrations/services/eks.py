"""Pods on Amazon EKS: a Kubernetes Job of one pod, run to its end.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html; ``EksPodOperator`` and
``KubernetesPodOperator``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, New, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, DURABLE, POLLING
from dagmig.integrations.fragment import MAIN, Expression, Fragment
from dagmig.integrations.pod import ARGUMENTS, template
from dagmig.integrations.spelling import items, mapping, members
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import AWS_BASE, account

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
RUN_JOB = PREFIX + "eks:runJob"
EKS_POD = AMAZON + "eks.EksPodOperator"
KUBERNETES_POD = "airflow.providers.cncf.kubernetes.operators.pod.KubernetesPodOperator"
OWN = {"cluster_name", "namespace", "name", "pod_name", "random_name_suffix", "on_finish_action",
       "is_delete_operator_pod"}  # fmt: skip
LOG = ("get_logs", "init_container_logs", "container_logs", "log_events_on_failure", "log_events_on_startup",
       "log_pod_spec_on_failure", "logging_interval", "container_name_log_prefix_enabled",
       "log_formatter")  # fmt: skip
CLIENT = ("kubernetes_conn_id", "in_cluster", "cluster_context", "config_file", "aws_profile", "region")
START = ("startup_timeout_seconds", "startup_check_interval_seconds", "schedule_timeout_seconds")
DROPPED = {
    **AWS_BASE,
    **POLLING,
    **DURABLE,
    **dict.fromkeys(LOG, "a state does not print the pod's log"),
    **dict.fromkeys(CLIENT, "the state reaches the cluster by its endpoint and the machine's role"),
    **dict.fromkeys(START, "a Job waits for its pod to start: the task's execution_timeout bounds that too"),
    "base_container_status_polling_interval": "Step Functions waits by itself, at its own pace",
    "reattach_on_restart": "an execution does not lose its place when a worker is lost",
    "on_kill_action": "a stopped execution does not delete the Job",
    "xcom_sidecar_container_security_context": "there is no container for XCom",
    "trigger_kwargs": "nothing is deferred",
}  # fmt: skip
UNDECIDED = {
    "callbacks": "nothing calls them",
    "progress_callback": "nothing calls it",
    "skip_on_exit_code": "this exit code fails the state; the operator skips what follows",
    "pod_template_file": "put the file's template into the Job",
    "pod_template_dict": "merge the template into the Job",
    "full_pod_spec": "merge the pod into the Job",
}
FILL_IN = (
    "fill in ${kubernetes_cluster_name}, ${kubernetes_endpoint} and ${kubernetes_certificate_authority} "
    "when deploying"
)
GKE = dict.fromkeys(
    ("location", "project_id", "gcp_conn_id", "impersonation_chain", "use_internal_ip", "use_dns_endpoint",
     "regional"),
    "the cluster is on EKS",
)  # fmt: skip
READ = {"ClusterName", "Namespace", "Job", "CertificateAuthority", "Endpoint"}
DELETED_AFTER = 300  # seconds: the state has read the Job's end by then
BACK = {"image": "image", "command": "cmds", "args": "arguments", "imagePullPolicy": "image_pull_policy"}
SPEC_BACK = {"serviceAccountName": "service_account_name", "nodeSelector": "node_selector",
             "activeDeadlineSeconds": "active_deadline_seconds", "affinity": "affinity",
             "tolerations": "tolerations"}  # fmt: skip


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, OWN | ARGUMENTS, DROPPED, "eks:runJob", report, UNDECIDED)
    return _job(task, report, *_cluster(task, report))


def _of_gke(task: Task, report: Report) -> Fragment:
    """A pod of Google's clusters, which no state reaches, on EKS."""
    account(task, OWN | ARGUMENTS, {**DROPPED, **GKE}, "eks:runJob", report, UNDECIDED)
    value = task.argument("cluster_name")
    name = f" `{value.value}`" if isinstance(value, Literal) else ""
    said = (
        f"the pod runs in a cluster on EKS in place of GKE's{name}: it needs there what it uses of that (its "
        f"image, secrets, service account and node pool). {FILL_IN}"
    )
    _row(task, "cluster_name", DECISION, said, report)
    return _job(task, report, "${kubernetes_cluster_name}", "kubernetes")


def _job(task: Task, report: Report, cluster: Any, placeholder: str) -> Fragment:
    """The Job; ``placeholder`` begins the names of what is filled in about the cluster."""

    def refuse(argument: str, problem: str) -> None:
        _row(task, argument, DECISION, f"`{argument}` is not in the Job: {problem}", report)

    pod = template(task, refuse)
    metadata = pod.pop("metadata", {})
    spec: dict[str, Any] = {"backoffLimit": 0}
    if _is_deleted(task):
        spec["ttlSecondsAfterFinished"] = DELETED_AFTER
    spec["template"] = {**({"metadata": metadata} if metadata else {}), "spec": pod["spec"]}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": _name(task)}, "spec": spec}
    namespace = task.argument("namespace")
    arguments = {
        "ClusterName": cluster,
        "CertificateAuthority": f"${{{placeholder}_certificate_authority}}",
        "Endpoint": f"${{{placeholder}_endpoint}}",
        "Namespace": "default" if namespace in (None, Literal(None)) else namespace,
        "Job": job,
    }
    if task.argument("do_xcom_push") == Literal(True):
        _row(task, "do_xcom_push", DECISION, "what the pod writes to /airflow/xcom is not read", report)
    state = {"Type": "Task", "Resource": RUN_JOB + ".sync", "Arguments": arguments}
    return Fragment({MAIN: state})


def _is_deleted(task: Task) -> bool:
    if task.argument("is_delete_operator_pod") == Literal(False):
        return False
    return task.argument("on_finish_action") in (None, Literal(None), Literal("delete_pod"))


def _name(task: Task) -> Any:
    """The Job's name, with a random ending unless told otherwise (``create_unique_id``)."""
    wanted = task.argument("pod_name") or task.argument("name")
    if wanted is None or wanted == Literal(None):
        wanted = Literal(re.sub(r"[^a-z0-9]+", "-", task.id.lower()).strip("-")[:54])
    if task.argument("random_name_suffix") == Literal(False):
        return wanted
    return Expression.of(wanted, " & '-' & $substring($uuid(), 0, 8)")


def _cluster(task: Task, report: Report) -> tuple[Any, str]:
    """The cluster's name, and the beginning of the placeholders for its address."""
    value = task.argument("cluster_name")
    text = value.value if isinstance(value, Literal) else None
    if isinstance(text, str) and "{{" not in text:
        name = re.sub(r"\W", "_", text, flags=re.ASCII)
        said = (
            f"fill in ${{{name}_endpoint}} and ${{{name}_certificate_authority}} when deploying; the "
            "cluster's endpoint is public, and the machine's role may run Jobs there"
        )
        _row(task, "cluster_name", NOTED, said, report)
        return value, name
    said = f"eks:runJob reaches clusters on EKS with a public endpoint: {FILL_IN}"
    _row(task, "cluster_name", DECISION, said, report)
    return "${kubernetes_cluster_name}" if value is None else value, "kubernetes"


def _row(task: Task, construct: str, disposition: Disposition, said: str, report: Report) -> None:
    report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)


def _to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
    def leave(what: str) -> None:
        said = f"{what} is not an argument of EksPodOperator"
        report.row("parameter-not-translated", span, "", DECISION, said)

    found: dict[str, Value] = {"cluster_name": parameters.get("ClusterName", Literal(None))}
    if parameters.get("Namespace", Literal("default")) != Literal("default"):
        found["namespace"] = parameters["Namespace"]
    if not resource.endswith(".sync"):
        report.row("parameter-not-translated", span, "", DECISION, "the operator waits for the pod's end")
    for name in sorted(parameters.keys() - READ):
        leave(f"`{name}`")
    try:
        found |= _job_back(dict(members(parameters["Job"])), leave)
    except (ValueError, KeyError):
        leave("`Job`")
    said = "the operator reads the cluster's address and certificate from EKS by itself"
    report.row("Endpoint", span, "", NOTED, said)
    return Call(EKS_POD, found)


def _job_back(job: dict[str, Value], leave: Any) -> dict[str, Value]:
    spec = dict(members(job["spec"]))
    pod = dict(members(spec.pop("template")))
    found: dict[str, Value] = {}
    metadata = dict(members(job["metadata"])) if "metadata" in job else {}
    if "name" in metadata:
        found |= {"pod_name": metadata.pop("name"), "random_name_suffix": Literal(False)}
    if spec.pop("backoffLimit", None) != Literal(0):
        leave("a Job's own retries (`backoffLimit`)")
    if spec.pop("ttlSecondsAfterFinished", None) is None:
        found["on_finish_action"] = Literal("keep_pod")
    inner = dict(members(pod["spec"])) if "spec" in pod else {}
    for name, value in members(pod["metadata"]) if "metadata" in pod else []:
        if name in ("labels", "annotations"):
            found[name] = value
        elif name != "name":
            leave(f"`{name}` of the pod's metadata")
    containers = items(inner.pop("containers"))
    if not containers:
        raise ValueError("there is no container")
    found |= _container_back(dict(members(containers[0])), leave)
    inner.pop("restartPolicy", None)
    for name, value in inner.items():
        if name in SPEC_BACK:
            found[SPEC_BACK[name]] = value
        else:
            leave(f"`{name}` of the pod")
    for name in [*metadata, *spec, *(f"container {number}" for number in range(2, len(containers) + 1))]:
        leave(f"`{name}` of the Job")
    return found


def _container_back(container: dict[str, Value], leave: Any) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in container.items():
        match name:
            case "name" if value != Literal("base"):
                found["base_container_name"] = value
            case "name":
                pass
            case "env":
                found["env_vars"] = _environment_back(value)
            case "resources":
                keywords = dict(members(value))
                found["container_resources"] = New(
                    "kubernetes.client.models.V1ResourceRequirements", (), keywords
                )
            case _ if name in BACK:
                found[BACK[name]] = value
            case _:
                leave(f"`{name}` of the container")
    return found


def _environment_back(value: Value) -> Value:
    pairs = [dict(members(one)) for one in items(value)]
    if any(one.keys() != {"name", "value"} for one in pairs):
        raise ValueError("a variable's value is not its own")
    return mapping((one["name"].value, one["value"]) for one in pairs if isinstance(one["name"], Literal))


eks_pod = Integration(
    EKS_POD, (RUN_JOB, RUN_JOB + ".sync"), _to_asl, _to_airflow, (AMAZON + "eks.EKSPodOperator",)
)
kubernetes_pod = Integration(
    KUBERNETES_POD,
    (),
    _to_asl,
    None,
    (
        "airflow.providers.cncf.kubernetes.operators.kubernetes_pod.KubernetesPodOperator",
        "airflow.contrib.operators.kubernetes_pod_operator.KubernetesPodOperator",
        "airflow.contrib.operators.kubernetes_pod.KubernetesPodOperator",
    ),
    form="`eks:runJob.sync`",
)
gke_pod = Integration(
    "airflow.providers.google.cloud.operators.kubernetes_engine.GKEStartPodOperator",
    (),
    _of_gke,
    None,
    (
        "airflow.contrib.operators.gcp_container_operator.GKEPodOperator",
        "airflow.providers.google.cloud.operators.kubernetes_engine.GKEPodOperator",
    ),
    form="`eks:runJob.sync`",
)
