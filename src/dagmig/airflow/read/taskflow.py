"""Decorators: ``@task``, ``@task_group``, ``@dag``, ``@asset``, ``@setup``, and calls of what they made."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read import names
from dagmig.airflow.read.airflow_objects import (
    DagFactory,
    Decorator,
    Group,
    GroupFactory,
    MappedItem,
    TaskFactory,
    XCom,
)
from dagmig.airflow.read.calling import unexpected
from dagmig.airflow.read.doubts import reason
from dagmig.airflow.read.evaluation import Raised, members
from dagmig.airflow.read.making import Making
from dagmig.airflow.read.objects import Func, New, Ref, Unsure, parameters

ASSETS = ("airflow.sdk.asset", "airflow.sdk.asset.multi", "airflow.sdk.definitions.asset.decorators.asset")

CONDITIONS = ("task.run_if", "task.skip_if")
OF_ASSETS = ("name", "uri", "group", "extra", "watchers", "outlets")


class TaskFlow(Making):
    """Decorated functions and what calling or expanding them makes."""

    def decorate(self, decorators: list[tuple[Any, ast.AST]], function: Func) -> Any:
        result: Any = function
        for mark, node in reversed(decorators):
            result = self._decorate_once(mark, result, node)
        return result

    def _decorate_once(self, mark: Any, target: Any, node: ast.AST) -> Any:  # noqa: C901, PLR0912
        if isinstance(mark, Ref):
            role = names.role(mark.name)
            if role in names.DECORATORS:
                mark = Decorator(role)
            elif ".task." in mark.name and mark.name.startswith("airflow."):
                mark = Decorator("task." + mark.name.rpartition("task.")[2])
        if isinstance(mark, Decorator):
            kwargs = {**(mark.kwargs or {}), **({"dag": mark.dag} if mark.dag is not None else {})}
            if mark.kind in ("setup", "teardown"):
                if isinstance(target, Func):
                    target = TaskFactory("task", target, {}, node)
                if isinstance(target, TaskFactory):
                    target.is_setup, target.is_teardown = mark.kind == "setup", mark.kind == "teardown"
                    target.on_failure_fail_dagrun = kwargs.get("on_failure_fail_dagrun")
                    return target
                self.doubt(node, f"what `@{mark.kind}` decorates is not known{reason(target)}")
                return target
            if mark.kind in CONDITIONS and isinstance(target, TaskFactory):
                hook = New(f"airflow.sdk.{mark.kind}", list(mark.args), kwargs, node)
                before = target.kwargs.get("pre_execute")
                hooks = before if isinstance(before, list) else [] if before is None else [before]
                target.kwargs["pre_execute"] = [*hooks, hook]
                return target
            if not isinstance(target, Func):
                return Unsure(node, "a function decorated twice")
            if mark.kind == "dag":
                positional = {"dag_id": mark.args[0]} if mark.args else {}
                return DagFactory(target, {**positional, **kwargs}, node)
            if mark.kind == "task_group":
                positional = {"group_id": mark.args[0]} if mark.args else {}
                return GroupFactory(target, {**positional, **kwargs}, node)
            return TaskFactory(mark.kind, target, dict(kwargs), node)
        if isinstance(mark, (Ref, New)):
            name = mark.name if isinstance(mark, Ref) else mark.type
            if name in ASSETS and isinstance(target, (Func, TaskFactory)):
                given = mark.kwargs if isinstance(mark, New) else {}
                return self._make_asset(name.endswith(".multi"), dict(given), target, node)
            if names.is_pure(name):
                return target
            if isinstance(target, Func):
                target.altered_by = name
        return Unsure(node, "a decorator from elsewhere") if not isinstance(target, Func) else target

    def _make_asset(
        self, is_multi: bool, kwargs: dict[str, Any], target: Func | TaskFactory, node: ast.AST
    ) -> Any:
        """``@asset``: a DAG of one task that makes the asset, named as it unless ``dag_id`` is given."""
        function = target.function if isinstance(target, TaskFactory) else target
        label = function.name if function is not None else ""
        name = label if is_multi else kwargs.get("name") or label
        own = {key: value for key, value in kwargs.items() if key not in OF_ASSETS}
        asset = New("airflow.sdk.Asset", [name], {k: kwargs[k] for k in ("uri",) if k in kwargs}, node)
        outlets = kwargs.get("outlets") if is_multi else [asset]
        dag = self._make_dag([], {"catchup": False, **own, "dag_id": kwargs.get("dag_id") or name}, node)
        dag.doc = function.doc if function is not None else ""
        self.enter(dag, node)
        if isinstance(target, TaskFactory):
            target.kwargs["outlets"] = outlets
            self._call_task(target, [], {}, node)
        else:
            arguments = {"task_id": label, "python_callable": target, "outlets": outlets}
            self._make_task("@asset", arguments, node, function=target)
        self.leave(dag)
        return asset

    def _call_task(self, factory: TaskFactory, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if factory.function is None:
            return Unsure(node)
        own = self._named(factory, factory.function.name, node)
        own |= {"python_callable": factory.function, "op_args": args, "op_kwargs": kwargs}
        task = self._make_task(f"@{factory.kind}", own, node, unique=True, function=factory.function)
        task.is_setup, task.is_teardown = factory.is_setup, factory.is_teardown
        if factory.on_failure_fail_dagrun is not None:
            task.arguments["on_failure_fail_dagrun"] = factory.on_failure_fail_dagrun
        return XCom(task)

    def _named(self, factory: TaskFactory, name: str, node: ast.AST) -> dict[str, Any]:
        """The arguments of a decorator, with the task_id: the function's name where they give none."""
        if "**" in factory.kwargs and "task_id" not in factory.kwargs:
            said = f"arguments of the task `{name}` are not known{reason(factory.kwargs['**'])}"
            self.doubt(node, said, "unknown-id", "its task_id may be another one")
        return {"task_id": name, **factory.kwargs}

    def _expand(
        self, factory: TaskFactory, kind: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        mapped = dict(kwargs)
        if kind == "expand_kwargs":
            mapped = {"kwargs": args[0] if args else kwargs.get("kwargs")}
        if factory.function is None:
            given = dict(factory.partial or {})
            task = self._make_task(factory.kind, given, node, cls=factory.cls, is_mapped=True)
        else:
            own = self._named(factory, factory.function.name, node)
            own |= {
                "python_callable": factory.function,
                "op_args": [],
                "op_kwargs": dict(factory.partial or {}),
            }
            operator, function = f"@{factory.kind}", factory.function
            given = {**(factory.partial or {}), **(kwargs if kind == "expand" else {})}
            if (error := unexpected(function, given)) is not None:
                raise Raised(error)
            task = self._make_task(operator, own, node, unique=True, function=function, is_mapped=True)
        if self._is_in_mapped_group(task.group):
            raise Raised(NotImplementedError("operator expansion in an expanded task group"))
        task.expand = (kind, mapped)
        task.is_setup, task.is_teardown = factory.is_setup, factory.is_teardown
        for item in members(mapped):
            self._depend_on_item(task, item)
        return XCom(task) if factory.function is not None else task

    @staticmethod
    def _is_in_mapped_group(group: Group | None) -> bool:
        """Whether Airflow refuses that a task is mapped, as its group is (``MappedOperator``)."""
        while group is not None and group.expand is None:
            group = group.parent
        return group is not None

    def _call_group(
        self,
        factory: GroupFactory,
        args: list[Any],
        kwargs: dict[str, Any],
        node: ast.AST,
        expand: Any = None,
    ) -> Any:
        own = {"add_suffix_on_collision": True, **factory.kwargs}
        group = self._make_group([], own, node, factory.function.name)
        if expand and self.is_airflow_3 and any(isinstance(item, MappedItem) for item in expand[1].values()):
            raise Raised(ValueError("Nested Mapped TaskGroups are not yet supported"))
        group.expand = expand
        group.doc = group.doc or factory.function.doc
        self.group_stack.append(group)
        try:
            result = self.invoke(factory.function, args, {**factory.partial, **kwargs}, node)
        finally:
            self.group_stack.pop()
        if expand is not None:
            ups = [up for item in members(expand[1]) for up in self._producers(item)]
            for up in ups:
                for root in group.roots():
                    self._edge(up, root)
        return group if result is None else result

    def _call_dag(self, factory: DagFactory, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        own = dict(factory.kwargs)
        if not isinstance(own.get("dag_id"), str) and "dag_id" not in own:
            own["dag_id"] = own.get("**", factory.function.name)
        dag = self._make_dag([], own, factory.node)
        dag.doc = factory.function.doc
        self.enter(dag, node)
        try:
            wanted = parameters(factory.function.node.args)
            params = {one.name: New("dagmig.param", [one.name], {}, node) for one in wanted}
            self.invoke(factory.function, [], params, node)
        finally:
            self.leave(dag)
        return dag
