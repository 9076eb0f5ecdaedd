"""Airflow's own objects as a DAG file makes them: calls, attributes and methods."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read import names, paths, queries, records
from dagmig.airflow.read.airflow_methods import AirflowMethods
from dagmig.airflow.read.airflow_objects import (
    Dag,
    DagFactory,
    Decorator,
    Group,
    GroupFactory,
    Label,
    MappedItem,
    Task,
    TaskFactory,
    Wrapped,
    XCom,
)
from dagmig.airflow.read.calling import refused
from dagmig.airflow.read.data_files import Opened
from dagmig.airflow.read.doubts import reason
from dagmig.airflow.read.evaluation import Raised, is_known
from dagmig.airflow.read.making import LAUNCHED_WITH
from dagmig.airflow.read.objects import Bound, Class, Func, Instance, Method, Module, New, Ref, Unsure
from dagmig.airflow.read.operator_facts import facts
from dagmig.airflow.read.taskflow import CONDITIONS
from dagmig.diagnostics import Severity

SET_ON_TASKS = frozenset(
    {"trigger_rule", "retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay"}
    | {"execution_timeout", "timeout"}
)
ORDERS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
OF_DAGS = frozenset({"doc_md", "catchup", "schedule", "start_date", "end_date", "max_active_runs"})


class Builder(AirflowMethods):
    """Reads one module; ``dags`` are in order of creation, ``doubts`` what could not be known."""

    def call(self, callee: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:  # noqa: C901, PLR0912
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
                if (error := refused(callee, args, kwargs)) is not None:
                    raise Raised(error)
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

    def compare(self, kind: type, left: Any, right: Any, node: ast.AST) -> Any:
        if kind in ORDERS and isinstance(left, (Task, XCom)) and isinstance(right, (Task, XCom)):
            raise Raised(TypeError("tasks have no order"))  # ``BaseOperator.__gt__`` takes a file
        return super().compare(kind, left, right, node)

    def _call_name(self, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:  # noqa: C901, PLR0912
        if "task_id" in kwargs and names.only_makes_tasks(name):
            return self._make_task(name, kwargs, node)
        if name.startswith("builtins.") or name == "object.__setattr__":
            found = self.ask_object(name.removeprefix("builtins."), args, node)
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
            group.launch = {name: kwargs[name] for name in LAUNCHED_WITH if name in kwargs}
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
        is_named = "task_id" in kwargs and not names.is_of_python(name)
        if is_named or (names.is_operator(name) and (kwargs or "." in name) and not args):
            return self._make_task(name, kwargs, node)
        if args and facts(name) is not None:
            raise Raised(TypeError("use keyword arguments when initializing operators"))
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

    def _label(self, text: Any, node: ast.AST) -> Label:
        if not isinstance(text, str):
            said = f"the label of a dependency is not known{reason(text)}: it has none"
            self.say("unknown-value", said, node, Severity.INFO)
        return Label(text if isinstance(text, str) else "")

    def _same_value(self, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
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

    def attribute(self, owner: Any, name: str, node: ast.AST) -> Any:
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

    def set_attribute(self, owner: Any, name: str, value: Any, node: ast.AST) -> None:
        if self.set_object_attribute(owner, name, value, node):
            return
        task = owner.task if isinstance(owner, XCom) else owner
        if isinstance(task, Task):
            self._set_of_task(task, name, value, node)
        elif isinstance(owner, Dag) and name in OF_DAGS:
            owner.arguments[name] = value if name != "schedule" else Unsure(node, "set too late")
        elif isinstance(owner, Dag) and name == "default_args":
            owner.defaults = value if isinstance(value, dict) else {"**": value}

    def _set_of_task(self, task: Task, name: str, value: Any, node: ast.AST) -> None:
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

    def subscript(self, owner: Any, key: Any, node: ast.AST) -> Any:
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
        self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
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
