"""What a DAG file may ask the tasks, groups and DAGs it made: ids, neighbours, roots, what was given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dagmig.airflow.read.airflow_objects import Dag, Group, Task, XCom
from dagmig.airflow.read.objects import Lazy
from dagmig.airflow.read.operator_facts import facts

GIVEN = ("retries", "retry_delay", "max_retry_delay", "execution_timeout", "trigger_rule", "owner", "pool")
DEFAULTS = {
    "retries": 0,
    "retry_delay": timedelta(seconds=300),
    "max_retry_delay": None,
    "execution_timeout": None,
    "trigger_rule": "all_success",
    "owner": "airflow",
    "pool": "default_pool",
}


def attribute(owner: Any, name: str) -> Any:
    """The value of an attribute; ``NotImplemented`` where that is not known here."""
    match owner:
        case Task():
            return _of_task(owner, name)
        case XCom():
            return {"operator": owner.task, "key": owner.key}.get(name, _of_task(owner.task, name))
        case Dag():
            return _of_dag(owner, name)
        case Group():
            return _of_group(owner, name)
    return NotImplemented


def method(owner: Any, name: str, args: list[Any]) -> Any:
    """The result of a method that changes nothing; ``NotImplemented`` where that is not known here."""
    match owner, name, args:
        case Dag(), "get_task", [str(wanted)] if wanted in owner.tasks:
            return owner.tasks[wanted]
        case Dag(), "has_task", [str(wanted)]:
            return wanted in owner.tasks
        case Group(), "get_roots", []:
            return Lazy(list(owner.roots()))
        case Group(), "get_leaves", []:
            return Lazy(list(owner.leaves()))
        case Group(), "get_child_by_label", [str(wanted)]:
            return _children(owner).get(owner.child_id(wanted), NotImplemented)
        case Group(), "iter_tasks", []:
            return Lazy(list(owner.tasks()))
    return NotImplemented


def _of_task(task: Task, name: str) -> Any:
    if name in ("is_setup", "is_teardown"):
        return getattr(task, name)
    if name in ("task_id", "node_id"):
        return task.id if task.id is not None else NotImplemented
    if name in ("dag", "task_group"):
        found = task.dag if name == "dag" else task.group
        return NotImplemented if found is None else found
    if name in ("upstream_list", "downstream_list", "upstream_task_ids", "downstream_task_ids"):
        near = task.upstream if name.startswith("upstream") else task.downstream
        return list(near) if name.endswith("list") else {one.id for one in near}
    if name not in GIVEN:
        known = facts(task.operator)
        return XCom(task) if known is not None and name in known.outputs else NotImplemented
    if "**" in task.arguments or "**" in task.defaults:
        return NotImplemented
    return task.arguments.get(name, task.defaults.get(name, DEFAULTS[name]))


def _of_dag(dag: Dag, name: str) -> Any:
    tasks = list(dag.tasks.values())
    match name:
        case "dag_id":
            return dag.id
        case "tasks":
            return tasks
        case "task_dict":
            return dict(dag.tasks)
        case "task_ids":
            return list(dag.tasks)
        case "roots":
            return [one for one in tasks if not one.upstream]
        case "leaves":
            return [one for one in tasks if not one.downstream]
        case "default_args":
            return dag.defaults
        case "task_group":
            return dag.root
    return dag.arguments.get(name, NotImplemented)


def _of_group(group: Group, name: str) -> Any:
    match name:
        case "group_id" | "node_id":
            return group.id
        case "label":
            return group.label
        case "children":
            return _children(group)
        case "roots":
            return group.roots()
        case "leaves":
            return group.leaves()
        case "default_args":
            return group.defaults
        case "parent_group":
            return NotImplemented if group.parent is None else group.parent
    return NotImplemented


def _children(group: Group) -> dict[str, Task | Group]:
    return {child.id: child for child in group.children if child.id is not None}
