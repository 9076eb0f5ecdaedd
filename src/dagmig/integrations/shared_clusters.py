"""Clusters that a group of Databricks' tasks shares, given to each of them."""

from __future__ import annotations

from dataclasses import replace

from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Literal

KEY = "job_cluster_key"


def with_cluster(workflow: Workflow, task: Task) -> Task:
    """The task with the cluster that ``job_cluster_key`` names, where the group around it says which that
    is (``DatabricksWorkflowTaskGroup(job_clusters=[...])``).
    """
    wanted = task.argument(KEY)
    if not isinstance(wanted, Literal) or not task.group:
        return task
    parts = task.group.split(".")
    names = (".".join([*parts[:end], "launch"]) for end in range(len(parts), 0, -1))
    launched = next((workflow.tasks[name] for name in names if name in workflow.tasks), None)
    clusters = launched.argument("job_clusters") if launched is not None else None
    if not isinstance(clusters, Literal) or not isinstance(clusters.value, list):
        return task
    for one in clusters.value:
        if isinstance(one, dict) and one.get(KEY) == wanted.value and "new_cluster" in one:
            kept = {name: value for name, value in task.call.arguments.items() if name != KEY}
            given = {**kept, "new_cluster": Literal(one["new_cluster"])}
            return replace(task, call=replace(task.call, arguments=given))
    return task
