"""Methods of Airflow's own objects: tasks, outputs, groups, DAGs and what makes them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from dagmig.airflow.read.airflow_objects import (
    Block,
    Dag,
    Group,
    GroupFactory,
    Label,
    MappedItem,
    Several,
    Task,
    TaskFactory,
    XCom,
)
from dagmig.airflow.read.classes import Classes
from dagmig.airflow.read.evaluation import Raised, members
from dagmig.airflow.read.objects import Class, Unsure, parameters

ADDING = ("add_task", "add_tasks")  # methods of a DAG


class AirflowMethods(Classes):
    """Calls a method, an ``_on_`` for each class of objects."""

    def _on_Task(self, task: Task, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if name in ("set_downstream", "set_upstream") and (args or kwargs):
            other = args[0] if args else kwargs.get("task_or_task_list")
            self.link(task, other, name == "set_downstream", node)
            modifier = args[1] if len(args) > 1 else kwargs.get("edge_modifier")
            if isinstance(modifier, Label):
                self.mark(modifier.text, task, self._flat(other), name == "set_downstream")
            return None
        if name in ("__rshift__", "__lshift__") and len(args) == 1:
            return self.shift(task, args[0], name == "__rshift__", node)
        if name in ("as_setup", "as_teardown") and (
            task.is_teardown if name == "as_setup" else task.is_setup
        ):
            raise Raised(ValueError("a task is a setup or a teardown"))
        if name == "as_setup":
            task.is_setup = True
            return task
        if name == "as_teardown":
            task.is_teardown = True
            task.arguments["trigger_rule"] = "all_done_setup_success"
            if kwargs.get("on_failure_fail_dagrun") is not None:
                task.arguments["on_failure_fail_dagrun"] = kwargs["on_failure_fail_dagrun"]
            for setup in self._flat(kwargs.get("setups") or []):
                if isinstance(setup, (Task, XCom)):
                    real = setup.task if isinstance(setup, XCom) else setup
                    real.is_setup = True
                    self._edge(real, task)
            return task
        return self._unread_method(name, "a task", args, kwargs, node)

    def _on_XCom(self, xcom: XCom, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if name in ("map", "zip", "concat"):
            return self._several(xcom, name, args, kwargs)
        found = self._on_Task(xcom.task, name, args, kwargs, node)
        return xcom if found is xcom.task else found

    def _several(self, first: XCom | Several, kind: str, args: list[Any], kwargs: dict[str, Any]) -> Several:
        given = [*args, kwargs["f"]] if "f" in kwargs else args
        return Several(kind, [first, *given], kwargs.get("fillvalue"), "fillvalue" in kwargs)

    def _on_Several(
        self, owner: Several, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        return self._several(owner, name, args, kwargs)

    def _on_Group(
        self, group: Group, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        if name in ("set_downstream", "set_upstream") and (args or kwargs):
            other = args[0] if args else kwargs.get("task_or_task_list")
            self.link(group, other, name == "set_downstream", node)
            return None
        return self._unread_method(name, "a task group", args, kwargs, node)

    _on_Label = _on_Group

    def _on_Block(
        self, block: Block, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        if name == "add_task" and args and isinstance(args[0], (Task, XCom)):
            self.contexts.note(args[0].task if isinstance(args[0], XCom) else args[0])
            return None
        return Unsure(node, f"`{name}` of a block of setups or teardowns")

    def _on_Dag(self, dag: Dag, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if name == "get_task" and args and args[0] in dag.tasks:
            return dag.tasks[args[0]]
        self.effects += name in (*ADDING, "set_dependency")
        if name in ADDING and len(args) == 1 and all(isinstance(one, Task) for one in self._flat(args[0])):
            for one in self._flat(args[0]):
                self.add(dag, one)
            return None
        if name in (*ADDING, "set_dependency"):
            ends = [dag.tasks.get(one) if isinstance(one, str) else None for one in args]
            if name == "set_dependency" and len(ends) == 2 and ends[0] is not None and ends[1] is not None:
                self._edge(ends[0], ends[1])
            else:
                self.doubt(node, f"what `{name}` is given is not known")
            return None
        return self._unread_method(name, "a DAG", args, kwargs, node)

    def _unread_method(
        self, name: str, owner: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Unsure:
        """A method of Airflow's that only matters here where it is handed parts of a graph."""
        if any(isinstance(item, (Dag, Task, XCom, Group)) for item in members([args, kwargs])):
            self.doubt(node, f"what `{name}` of {owner} does is not known")
        return Unsure(node, f"`{name}` of {owner}")

    def _on_TaskFactory(
        self, factory: TaskFactory, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        if name == "override":
            return replace(factory, kwargs={**factory.kwargs, **kwargs})
        if name == "partial":
            return replace(factory, partial={**(factory.partial or {}), **kwargs})
        if name in ("expand", "expand_kwargs"):
            return self._expand(factory, name, args, kwargs, node)
        return Unsure(node, f"`{name}` of a task")

    def _on_Class(
        self, owner: Class, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        if name == "partial":
            return TaskFactory(owner.name, None, {}, node, partial=kwargs, cls=owner)
        return Unsure(node, f"`{owner.name}.{name}`")

    def _on_GroupFactory(
        self, factory: GroupFactory, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        if name == "override":
            return GroupFactory(factory.function, {**factory.kwargs, **kwargs}, factory.node, factory.partial)
        if name == "partial":
            return GroupFactory(factory.function, factory.kwargs, factory.node, {**factory.partial, **kwargs})
        if name in ("expand", "expand_kwargs"):
            mapped = kwargs if name == "expand" else {"kwargs": args[0] if args else None}
            wanted = [
                one.name
                for one in parameters(factory.function.node.args)
                if one.kind == "positional" and one.name not in factory.partial
            ]
            given = list(kwargs) if name == "expand" else wanted
            is_whole = name == "expand" and len(given) == 1
            items = {
                key: MappedItem(
                    kwargs.get(key) if name == "expand" else mapped["kwargs"], () if is_whole else (key,)
                )
                for key in given
            }
            return self._call_group(factory, [], items, node, (name, mapped))
        return Unsure(node, f"`{name}` of a task group")
