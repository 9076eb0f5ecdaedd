"""Airflow's own objects as a DAG file makes them: calls, attributes and methods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import libcst as cst

from dagmig.airflow.read import names, paths, queries, records
from dagmig.airflow.read.classes import Classes
from dagmig.airflow.read.data_files import Opened
from dagmig.airflow.read.doubts import reason
from dagmig.airflow.read.evaluation import Raised, is_known, members
from dagmig.airflow.read.objects import (
    Block,
    Bound,
    Class,
    Dag,
    DagFactory,
    Decorator,
    Func,
    Group,
    GroupFactory,
    Instance,
    Label,
    MappedItem,
    Method,
    Module,
    New,
    Ref,
    Several,
    Task,
    TaskFactory,
    Unsure,
    Wrapped,
    XCom,
)
from dagmig.airflow.read.operator_facts import facts
from dagmig.airflow.read.taskflow import CONDITIONS
from dagmig.diagnostics import Severity

SET_ON_TASKS = frozenset(
    {"trigger_rule", "retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay"}
    | {"execution_timeout", "timeout"}
)
OF_DAGS = frozenset({"doc_md", "catchup", "schedule", "start_date", "end_date", "max_active_runs"})

ADDING = ("add_task", "add_tasks")  # methods of a DAG


class Builder(Classes):
    """Reads one module; ``dags`` are in order of creation, ``doubts`` what could not be known."""

    def call(self, callee: Any, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:  # noqa: C901, PLR0912
        match callee:
            case Ref(name):
                return self._call_name(name, args, kwargs, node)
            case Func():
                return self.invoke(callee, args, kwargs, node)
            case Class():
                return self.construct(callee, args, kwargs, node)
            case Bound():
                return self.call_bound(callee, args, kwargs, node)
            case Instance() if isinstance(found := callee.cls.find("__call__")[0], Func):
                return self.invoke(found, [callee, *args], kwargs, node)
            case Method():
                return self._call_method(callee.owner, callee.name, args, kwargs, node)
            case Decorator():
                is_mark = len(args) == 1 and not kwargs and callee.kind not in CONDITIONS
                if is_mark and isinstance(args[0], (Func, TaskFactory)):
                    return self._decorate_once(callee, args[0], node)
                return Decorator(callee.kind, kwargs, args, callee.dag)
            case TaskFactory():
                return self._call_task(callee, args, kwargs, node)
            case GroupFactory():
                return self._call_group(callee, args, kwargs, node)
            case DagFactory():
                return self._call_dag(callee, args, kwargs, node)
            case New(type="operator.itemgetter", args=[key]) if args:
                return self.item(args[0], key, node)
            case New(type="functools.partial", args=[function, *first], kwargs=named):
                return self.call(function, [*first, *args], {**named, **kwargs}, node)
        self._may_build(f"a call of something unknown{reason(callee)}", args, kwargs, node)
        return Unsure(node, "the result of a call")

    def _call_name(self, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:  # noqa: C901, PLR0912
        if name.startswith("builtins."):
            found = self.ask_object(name[9:], args, node)
            if found is not NotImplemented:
                return found
        role = names.role(name)
        if role == "DAG":
            return self._make_dag(args, kwargs, node)
        if role == "XComArg" or name == "typing.cast":
            return self._same_value(name, args, kwargs, node)
        if role == "TaskGroup":
            return self._make_group(args, kwargs, node)
        if name.startswith("airflow.providers.databricks.") and name.endswith(".DatabricksWorkflowTaskGroup"):
            group = self._make_group(args, kwargs, node)
            group.has_launch = True
            return group
        if name in names.GIVE_BACK and args:
            return args[0]
        if name.startswith("airflow.providers.") and name.endswith("TaskGroup"):
            self.doubt(node, f"what `{name.rpartition('.')[2]}` adds to the group is not known")
            return self._make_group(args, kwargs, node)
        if name.endswith(".context_wrapper") and name.startswith("airflow."):
            return Wrapped(args[0]) if args and isinstance(args[0], list) else Unsure(node)
        if name.endswith(".TriggerRule") and args and isinstance(args[0], str):
            return names.Rule(args[0])
        if role == "Label":
            return self._label(args[0] if args else kwargs.get("label"), node)
        if role in names.DECORATORS:
            return self.call(Decorator(role), args, kwargs, node)
        if role in names.DEPENDENCY_FUNCTIONS:
            getattr(self, f"_{role}")(args, kwargs, node)
            return None
        if (name.startswith("airflow.") and ".decorators.task." in name) or name.startswith(
            "airflow.sdk.task."
        ):
            kind = name.rpartition("task.")[2]
            return self.call(Decorator(f"task.{kind}"), args, kwargs, node)
        last = name.rpartition(".")[2]
        if last == "partial" and "." in name and names.is_operator(name.rpartition(".")[0]):
            return TaskFactory(name.rpartition(".")[0], None, {}, node, partial=kwargs)
        if "task_id" in kwargs or (names.is_operator(name) and (kwargs or "." in name) and not args):
            return self._make_task(name, kwargs, node)
        if name in records.KEPT:
            return New(name, args, kwargs, node)
        plain = self._plain(name, args, kwargs, node)
        if plain is not NotImplemented:
            return plain
        if not names.is_pure(name) and not last[:1].isupper():
            self._may_build(f"`{name}`", args, kwargs, node)
        if name.startswith("airflow.") and name.endswith(".Asset.ref"):
            return New("airflow.sdk.AssetRef", args, kwargs, node)
        if last[:1].isupper() or name.startswith("airflow."):
            return New(name, args, kwargs, node)
        return Unsure(node, f"the result of `{name}`")

    def _label(self, text: Any, node: cst.CSTNode) -> Label:
        if not isinstance(text, str):
            said = f"the label of a dependency is not known{reason(text)}: it has none"
            self.say("unknown-value", said, node, Severity.INFO)
        return Label(text if isinstance(text, str) else "")

    def _same_value(self, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        """``XComArg(task, key=...)`` and ``cast(type, value)``: what they were given."""
        if name == "typing.cast":
            return args[1] if len(args) == 2 else kwargs.get("val", Unsure(node))
        task = args[0] if args else kwargs.get("operator")
        key = args[1] if len(args) > 1 else kwargs.get("key", "return_value")
        if isinstance(task, Task):
            return XCom(task, key)
        said = f"the task of an XComArg is not known{reason(task)}"
        self.doubt(node, said, follows="its dependencies are missing")
        return Unsure(node)

    def attribute(self, owner: Any, name: str, node: cst.CSTNode) -> Any:
        found = self.object_attribute(owner, name, node)
        if found is NotImplemented:
            found = queries.attribute(owner, name)
        if found is not NotImplemented:
            return found
        match owner:
            case Task() if name == "output":
                return XCom(owner)
            case TaskFactory() | GroupFactory() if name == "function":
                return owner.function
            case Decorator(kind="task"):
                return Decorator(f"task.{name}", dag=owner.dag)
            case Dag() if name in ("task", "task_group"):
                return Decorator(name, dag=owner)
            case names.Rule() if name in ("value", "name"):
                return str(owner) if name == "value" else owner.upper()
            case Unsure():
                return Unsure(node, owner.why)
            case paths.FilePath() if (part := paths.attribute(owner, name)) is not NotImplemented:
                return part
        return Method(owner, name)

    def set_attribute(self, owner: Any, name: str, value: Any, node: cst.CSTNode) -> None:
        if self.set_object_attribute(owner, name, value, node):
            return
        task = owner.task if isinstance(owner, XCom) else owner
        if isinstance(task, Task):
            self._set_of_task(task, name, value, node)
        elif isinstance(owner, Dag) and name in OF_DAGS:
            owner.arguments[name] = value if name != "schedule" else Unsure(node, "set too late")
        elif isinstance(owner, Dag) and name == "default_args":
            owner.defaults = value if isinstance(value, dict) else {"**": value}

    def _set_of_task(self, task: Task, name: str, value: Any, node: cst.CSTNode) -> None:
        if name in ("is_setup", "is_teardown") and isinstance(value, bool):
            task.arguments.setdefault("trigger_rule", task.defaults.get("trigger_rule", "all_success"))
            setattr(task, name, value)
        elif name == "dag":
            if isinstance(value, Dag):
                self.add(value, task)
        elif not name.startswith("_"):
            if name in SET_ON_TASKS or name in task.arguments:
                task.arguments[name] = value
            self._depend_on_attributes(task, {name: value})

    def _of_name(self, name: str, attribute: str) -> Any:
        if attribute == "template_fields" and (known := facts(name)) is not None:
            return tuple(sorted(known.fields))
        return names.text(super()._of_name(name, attribute))

    def subscript(self, owner: Any, key: Any, node: cst.CSTNode) -> Any:
        if isinstance(owner, Ref) and owner.name == "sys.modules" and key == "dag":
            return Module("dag", self.main)
        if isinstance(owner, Group) and isinstance(key, str):
            return self._call_method(owner, "get_child_by_label", [key], {}, node)
        if isinstance(owner, XCom):
            return XCom(owner.task, key)
        if isinstance(owner, Class) and owner.kind == "enum" and isinstance(key, str):
            return owner.fields.get(key, Unsure(node, "no such member"))
        if isinstance(owner, Instance) and isinstance(found := owner.cls.find("__getitem__")[0], Func):
            return self.invoke(found, [owner, key], {}, node)
        if isinstance(owner, (MappedItem, New)):
            return Unsure(node) if isinstance(owner, New) else owner
        return Unsure(node, "an item of something unknown")

    def _call_method(
        self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("__enter__", "__exit__") and isinstance(owner, (Dag, Group, Task, XCom)):
            return self.enter(owner, node) if name == "__enter__" else self.leave(owner)
        if (
            isinstance(owner, New)
            and owner.type == "contextlib.ExitStack"
            and name == "enter_context"
            and args
        ):
            self.kept_open.setdefault(id(owner), []).append(args[0])
            return self.enter(args[0], node)
        found = queries.method(owner, name, args)
        if found is not NotImplemented:
            return found
        method = getattr(self, f"_on_{type(owner).__name__}", None)
        if method is not None:
            return method(owner, name, args, kwargs, node)
        if isinstance(owner, (paths.FilePath, Opened)):
            read = self.of_file(owner, name, args, node)
            if read is not NotImplemented:
                return read
        if isinstance(owner, paths.FilePath):
            found = paths.method(owner, name, args)
            return Unsure(node, "a path of the machine") if found is NotImplemented else found
        if is_known(owner):
            return self._data_method(owner, name, args, kwargs, node)
        if isinstance(owner, New) and not names.is_pure(owner.type):
            self._may_build(f"`{owner.type}.{name}`", args, kwargs, node)
        return Unsure(node, f"the result of `{name}`")

    def _on_Task(
        self, task: Task, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
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

    def _on_XCom(
        self, xcom: XCom, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("map", "zip", "concat"):
            return self._several(xcom, name, args, kwargs)
        found = self._on_Task(xcom.task, name, args, kwargs, node)
        return xcom if found is xcom.task else found

    def _on_Several(
        self, owner: Several, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        return self._several(owner, name, args, kwargs)

    def _several(self, first: XCom | Several, kind: str, args: list[Any], kwargs: dict[str, Any]) -> Several:
        given = [*args, kwargs["f"]] if "f" in kwargs else args
        return Several(kind, [first, *given], kwargs.get("fillvalue"), "fillvalue" in kwargs)

    def _on_Group(
        self, group: Group, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("set_downstream", "set_upstream") and (args or kwargs):
            other = args[0] if args else kwargs.get("task_or_task_list")
            self.link(group, other, name == "set_downstream", node)
            return None
        return self._unread_method(name, "a task group", args, kwargs, node)

    _on_Label = _on_Group

    def _on_Block(
        self, block: Block, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name == "add_task" and args and isinstance(args[0], (Task, XCom)):
            self.contexts.note(args[0].task if isinstance(args[0], XCom) else args[0])
            return None
        return Unsure(node, f"`{name}` of a block of setups or teardowns")

    def _on_Dag(self, dag: Dag, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
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
        self, name: str, owner: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Unsure:
        """A method of Airflow's that only matters here where it is handed parts of a graph."""
        if any(isinstance(item, (Dag, Task, XCom, Group)) for item in members([args, kwargs])):
            self.doubt(node, f"what `{name}` of {owner} does is not known")
        return Unsure(node, f"`{name}` of {owner}")

    def _on_TaskFactory(
        self, factory: TaskFactory, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name == "override":
            return replace(factory, kwargs={**factory.kwargs, **kwargs})
        if name == "partial":
            return replace(factory, partial={**(factory.partial or {}), **kwargs})
        if name in ("expand", "expand_kwargs"):
            return self._expand(factory, name, args, kwargs, node)
        return Unsure(node, f"`{name}` of a task")

    def _on_Class(
        self, owner: Class, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name == "partial":
            return TaskFactory(owner.name, None, {}, node, partial=kwargs, cls=owner)
        return Unsure(node, f"`{owner.name}.{name}`")

    def _on_GroupFactory(
        self, factory: GroupFactory, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name == "override":
            return GroupFactory(factory.function, {**factory.kwargs, **kwargs}, factory.node, factory.partial)
        if name == "partial":
            return GroupFactory(factory.function, factory.kwargs, factory.node, {**factory.partial, **kwargs})
        if name in ("expand", "expand_kwargs"):
            mapped = kwargs if name == "expand" else {"kwargs": args[0] if args else None}
            wanted = [
                p.name.value
                for p in factory.function.node.params.params
                if p.name.value not in factory.partial
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
