"""Jobs that Kueue starts when their queue has room: https://kueue.sigs.k8s.io/docs/tasks/run/jobs/.

``KubernetesStartKueueJobOperator`` is ``KubernetesJobOperator`` with a queue's name; the Job begins
suspended.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.rows import opened
from dagmig.integrations.services.kubernetes_job import job
from dagmig.integrations.spelling import given, mapping, members

QUEUE = "kueue.x-k8s.io/queue-name"


def _to_asl(task: Task, report: Report) -> Fragment:
    arguments = {name: value for name, value in task.call.arguments.items() if name != "queue_name"}
    queue: Value = given(task, "queue_name") or Literal("")
    for name in ("labels", "annotations"):
        try:
            known = dict(members(given(task, name) or Literal({})))
        except ValueError as problem:
            opened(task, name, f"the queue is not among the `{name}`, which are {problem}", report)
        else:
            arguments[name] = mapping({**known, QUEUE: queue}.items())
    if given(task, "suspend") is None:
        arguments["suspend"] = Literal(True)
    return job.to_asl(replace(task, call=replace(task.call, arguments=arguments)), report)


start_job = Integration(
    "airflow.providers.cncf.kubernetes.operators.kueue.KubernetesStartKueueJobOperator",
    (),
    _to_asl,
    form="`eks:runJob`, `eks:runJob.sync`",
)
