"""Airflow's own objects as a DAG file makes them: DAGs, tasks, groups, and the dependencies between them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import libcst as cst

from dagmig.airflow.read import names, paths
from dagmig.airflow.read.contexts import Contexts
from dagmig.airflow.read.evaluate import (
    MAX_DEPTH,
    MAX_SIZE,
    Evaluator,
    Exhausted,
    Raised,
    Return,
    is_known,
    members,
)
from dagmig.airflow.read.objects import (
    Class,
    Dag,
    DagFactory,
    Decorator,
    Func,
    Group,
    GroupFactory,
    Label,
    MappedItem,
    Method,
    New,
    Ref,
    Scope,
    Several,
    Task,
    TaskFactory,
    Unsure,
    XCom,
)

DEPENDS = (Task, XCom, Several, Group, Label)
ASSETS = ("airflow.sdk.asset", "airflow.sdk.asset.multi", "airflow.sdk.definitions.asset.decorators.asset")
OF_ASSETS = ("name", "uri", "group", "extra", "watchers", "outlets")
NOT_ARGUMENTS = ("task_id", "dag", "task_group")


class Builder(Evaluator):
    """Reads one module; ``dags`` are in order of creation, ``doubts`` what could not be known."""

    def __init__(self) -> None:
        super().__init__()
        self.dags: list[Dag] = []
        self.doubts: list[tuple[str, str, cst.CSTNode]] = []
        self.dag_stack: list[Dag] = []
        self.group_stack: list[Group] = []
        self.globals: dict[str, Any] = {}
        self.contexts = Contexts(self._edge)

    def doubt(self, node: cst.CSTNode, message: str, code: str = "unknown-value") -> None:
        self.doubts.append((code, message, node))
        affected = self.dag_stack[-1:] or self.dags
        for dag in affected:
            dag.is_complete = False

    # Context managers

    def enter(self, value: Any, node: cst.CSTNode) -> Any:
        if isinstance(value, Dag):
            value.is_registered = True
            self.dag_stack.append(value)
            self.group_stack.append(value.root)
        elif isinstance(value, Group):
            self.group_stack.append(value)
        elif isinstance(value, (Task, XCom)):
            task = value.task if isinstance(value, XCom) else value
            if not (task.is_setup or task.is_teardown):
                self.doubt(node, "a task used as a context manager is no setup or teardown")
            self.contexts.enter(task)
        elif isinstance(value, list) and value:
            self.doubt(node, "a list used as a context manager")
        elif isinstance(value, (New, Ref)):
            return value
        return value

    def leave(self, value: Any) -> None:
        if isinstance(value, Dag):
            self.dag_stack.pop()
            self.group_stack.pop()
        elif isinstance(value, Group):
            self.group_stack.pop()
        elif isinstance(value, (Task, XCom)):
            self.contexts.leave()

    # Calls

    def call(self, callee: Any, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        match callee:
            case Ref(name):
                return self._call_name(name, args, kwargs, node)
            case Func():
                return self.invoke(callee, args, kwargs, node)
            case Class():
                return self._call_class(callee, args, kwargs, node)
            case Method():
                return self._call_method(callee.owner, callee.name, args, kwargs, node)
            case Decorator():
                if callee.kwargs is None and args and isinstance(args[0], Func) and not kwargs:
                    return self.decorate([(callee, node)], args[0])
                return Decorator(callee.kind, kwargs, args)
            case TaskFactory():
                return self._call_task(callee, args, kwargs, node)
            case GroupFactory():
                return self._call_group(callee, args, kwargs, node)
            case DagFactory():
                return self._call_dag(callee, args, kwargs, node)
        self._may_build("a call of something unknown", args, kwargs, node)
        return Unsure(node, "the result of a call")

    def _may_build(self, what: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> None:
        """A call nobody can look into may add tasks when it is handed a DAG or stands inside one."""
        handed = any(isinstance(item, (Dag, Task, XCom, Group)) for item in members([args, kwargs]))
        if handed or self.dag_stack:
            self.doubt(node, f"{what} may add tasks or dependencies")

    def _call_name(self, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:  # noqa: C901
        role = names.role(name)
        if role == "DAG":
            return self._make_dag(args, kwargs, node)
        if role == "TaskGroup":
            return self._make_group(args, kwargs, node)
        if role == "Label":
            return Label(str(args[0]) if args and isinstance(args[0], str) else "")
        if role in names.DECORATORS:
            return self.call(Decorator(role), args, kwargs, node)
        if role in names.DEPENDENCY_FUNCTIONS:
            getattr(self, f"_{role}")(args, node)
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
        if last == "partial" and name == "functools.partial" and args:
            return args[0] if isinstance(args[0], Func) else New(name, args, kwargs, node)
        plain = self._plain(name, args, kwargs, node)
        if plain is not NotImplemented:
            return plain
        if not names.is_pure(name) and not last[:1].isupper():
            self._may_build(f"`{name}`", args, kwargs, node)
        if last[:1].isupper() or name.startswith("airflow."):
            return New(name, args, kwargs, node)
        return Unsure(node, f"the result of `{name}`")

    def _plain(self, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        """The few pure functions whose result a graph depends on."""
        if not kwargs and (found := paths.call(name, args)) is not NotImplemented:
            return found
        if not all(is_known(value) for value in [*args, *kwargs.values()]) and not name.startswith(
            "builtins."
        ):
            return NotImplemented
        try:
            if name in ("datetime.datetime", "datetime.timedelta", "datetime.date"):
                return {"datetime": datetime, "timedelta": timedelta, "date": date}[name.split(".")[1]](
                    *args, **kwargs
                )
            if name == "json.dumps" and args:
                return json.dumps(*args, **kwargs)
            if name in ("pendulum.duration",):
                return timedelta(**kwargs)
            if name in ("pendulum.datetime", "pendulum.DateTime"):
                zone = kwargs.pop("tz", "UTC")
                tz = timezone.utc if zone == "UTC" else ZoneInfo(zone) if isinstance(zone, str) else zone
                return datetime(*args, **kwargs, tzinfo=tz)  # type: ignore[misc]
            if name in ("pendulum.timezone", "pendulum.tz.timezone", "pytz.timezone", "zoneinfo.ZoneInfo"):
                return ZoneInfo(args[0])
            if name.startswith("builtins."):
                return self._builtin(name[9:], args, kwargs, node)
        except (TypeError, ValueError, LookupError, OverflowError, ZoneInfoNotFoundError, OSError):
            return Unsure(node, f"`{name}` of these arguments")
        return NotImplemented

    def _builtin(self, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:  # noqa: C901, PLR0912
        if name == "range" and all(isinstance(a, int) for a in args):
            found = range(*args)
            if len(found) > MAX_SIZE:
                raise Exhausted
            return list(found)
        if name in ("list", "tuple", "enumerate", "zip", "reversed", "sorted", "set", "len") and args:
            lists = [self._iterate(a) for a in args if not isinstance(a, int)]
            if any(items is None for items in lists):
                return Unsure(node, f"{name} of something unknown")
            first: list[Any] = lists[0] or []
            match name:
                case "zip":
                    return [tuple(row) for row in zip(*[i or [] for i in lists])]  # noqa: B905
                case "enumerate":
                    start = kwargs.get("start", args[1] if len(args) > 1 else 0)
                    return list(map(tuple, enumerate(first, start if isinstance(start, int) else 0)))
                case "sorted":
                    return sorted(first) if not kwargs else Unsure(node)
                case "tuple":
                    return tuple(first)
                case "reversed":
                    return first[::-1]
                case "len":
                    return len(first)
                case "set":
                    return set(first)
            return first
        if name == "dict" and len(args) <= 1:
            base = dict(args[0]) if args and isinstance(args[0], (dict, list)) else {}
            return Unsure(node) if args and not isinstance(args[0], (dict, list)) else {**base, **kwargs}
        if name in ("list", "tuple", "set") and not args:
            return {"list": [], "tuple": (), "set": set()}[name]
        if name in ("str", "int", "float", "bool", "min", "max", "sum", "abs") and all(map(is_known, args)):
            functions: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool}
            return {**functions, "min": min, "max": max, "sum": sum, "abs": abs}[name](*args)
        if name == "globals":
            return self.globals
        if name in {"map", "setattr", "exec", "eval"}:
            self._may_build(f"`{name}`", args, kwargs, node)
        return Unsure(node, f"`{name}` of something unknown")

    def _call_class(self, callee: Class, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        if "task_id" in kwargs or self._makes_tasks(callee):
            return self._make_task(callee.name, kwargs, node)
        return Unsure(node, f"an object of `{callee.name}`")

    def _makes_tasks(self, callee: Class) -> bool:
        return any(
            names.is_operator(base.name)
            if isinstance(base, Ref)
            else isinstance(base, Class) and self._makes_tasks(base)
            for base in callee.bases
        )

    def invoke(self, function: Func, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        """Run a function of the file at the place it is called."""
        if isinstance(function.node, cst.FunctionDef) and function.node.asynchronous is not None:
            return Unsure(node)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.depth -= 1
            raise Exhausted
        scope = Scope({}, function.env)
        try:
            self._bind_parameters(function, args, kwargs, scope, node)
            if isinstance(function.node, cst.Lambda):
                return self.value(function.node.body, scope)
            self.run(function.node.body, scope)
        except Return as done:
            return done.value
        finally:
            self.depth -= 1
        return None

    def _bind_parameters(
        self, function: Func, args: list[Any], kwargs: dict[str, Any], scope: Scope, node: cst.CSTNode
    ) -> None:
        parameters, left, given = function.node.params, dict(kwargs), list(args)
        for parameter in [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]:
            name = parameter.name.value
            positional = parameter not in parameters.kwonly_params
            if positional and given:
                scope.names[name] = given.pop(0)
            elif name in left:
                scope.names[name] = left.pop(name)
            elif parameter.default is not None:
                scope.names[name] = self.value(parameter.default, function.env)
            else:
                scope.names[name] = Unsure(node, f"`{name}` was not given")
        if isinstance(parameters.star_arg, cst.Param):
            scope.names[parameters.star_arg.name.value] = tuple(given)
        if parameters.star_kwarg is not None:
            scope.names[parameters.star_kwarg.name.value] = left

    # DAGs, groups, tasks

    def _make_dag(self, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Dag:
        self.effects += 1
        arguments = dict(kwargs)
        for name, value in zip(("dag_id", "description", "schedule"), args, strict=False):
            arguments.setdefault(name, value)
        dag_id = arguments.pop("dag_id", Unsure(node))
        defaults = arguments.pop("default_args", None) or {}
        dag = Dag(dag_id, arguments, {}, node)
        self.dags.append(dag)
        if isinstance(defaults, dict):
            dag.defaults = dict(defaults)
        else:
            self._doubt_defaults(dag, defaults, node)
        if not isinstance(dag_id, str):
            self.doubts.append(("unknown-id", "the dag_id is not known", node))
        if "**" in arguments:
            if "default_args" not in kwargs:
                dag.defaults["**"] = arguments["**"]
            self.doubts.append(("unknown-value", "the DAG has arguments that are not known", node))
        return dag

    def _doubt_defaults(self, dag: Dag, defaults: Any, node: cst.CSTNode) -> None:
        dag.defaults = {"**": defaults}
        self.doubts.append(("unknown-default-args", "default_args are not known", node))

    def _make_group(
        self, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode, label: str = ""
    ) -> Group:
        self.effects += 1
        found = kwargs.get("group_id", args[0] if args else label)
        if not isinstance(found, str):
            self.doubt(node, "the group_id is not known", "unknown-id")
            found = "unknown"
        dag = kwargs.get("dag") if isinstance(kwargs.get("dag"), Dag) else self._dag()
        parent = kwargs.get("parent_group")
        if not isinstance(parent, Group):
            parent = self._group(dag)
        prefix = kwargs.get("prefix_group_id", True) is not False
        if dag is not None and kwargs.get("add_suffix_on_collision") is True:
            found = self._unique(found, parent, set(dag.groups) | set(dag.tasks))
        own = kwargs.get("default_args")
        inherited = dict(parent.defaults) if parent else {}
        group_id = parent.child_id(found) if parent else found
        group = Group(
            group_id, found, parent, prefix, {**inherited, **(own if isinstance(own, dict) else {})}
        )
        group.node = node
        tooltip = kwargs.get("tooltip")
        group.doc = tooltip if isinstance(tooltip, str) else ""
        if parent is not None:
            parent.children.append(group)
        if dag is not None:
            dag.groups[group_id] = group
        return group

    def _dag(self) -> Dag | None:
        return self.dag_stack[-1] if self.dag_stack else None

    def _group(self, dag: Dag | None) -> Group | None:
        if self.group_stack and (dag is None or self._dag() is dag):
            return self.group_stack[-1]
        return dag.root if dag is not None else None

    def _unique(self, label: str, parent: Group | None, taken: set[str]) -> str:
        """As Airflow's ``get_unique_task_id``: ``label__1`` and so on."""
        full = parent.child_id(label) if parent else label
        if full not in taken:
            return label
        prefix = re.split(r"__\d+$", full)[0]
        numbers = [int(m[1]) for t in taken if (m := re.fullmatch(rf"{re.escape(prefix)}__(\d+)", t))]
        return f"{re.split(r'__[0-9]+$', label)[0]}__{max([0, *numbers]) + 1}"

    def _make_task(
        self,
        kind: str,
        kwargs: dict[str, Any],
        node: cst.CSTNode,
        *,
        unique: bool = False,
        function: Func | None = None,
    ) -> Task:
        self.effects += 1
        arguments = {key: value for key, value in kwargs.items() if key not in NOT_ARGUMENTS}
        dag = kwargs.get("dag") if isinstance(kwargs.get("dag"), Dag) else self._dag()
        if isinstance(kwargs.get("dag"), Unsure):
            self.doubt(node, "the task's dag is not known")
        group = kwargs.get("task_group")
        group = group if isinstance(group, Group) else self._group(dag)
        label = names.text(kwargs.get("task_id"))
        task = Task(None, kind, arguments, {}, node, function=function)
        own = kwargs.get("default_args")
        task.defaults = {
            **(dag.defaults if dag else {}),
            **(group.defaults if group else {}),
            **(own if isinstance(own, dict) else {} if own is None else {"**": own}),
        }
        task.group = group
        if not isinstance(label, str):
            self.doubt(node, "the task_id is not known", "unknown-id")
            return task
        if unique and dag is not None:
            label = self._unique(label, group, set(dag.tasks))
        task.id = group.child_id(label) if group else label
        if dag is not None:
            self.add(dag, task)
        self.contexts.note(task)
        self._depend_on_arguments(task, arguments)
        return task

    def add(self, dag: Dag, task: Task) -> None:
        """Put a task into a DAG; a second task of the same id is Airflow's DuplicateTaskIdFound."""
        if task.id is None:
            return
        task.dag = dag
        if task.id in dag.tasks and dag.tasks[task.id] is not task:
            self.doubts.append(("duplicate-task-id", f"task id `{task.id}` is used twice", task.node))
            dag.is_complete = False
            return
        dag.tasks[task.id] = task
        group = task.group or dag.root
        task.group = group
        group.children.append(task)

    def _depend_on_arguments(self, task: Task, arguments: Any) -> None:
        for item in members(arguments):
            for up in self._producers(item):
                self._edge(up, task)

    def _producers(self, item: Any) -> Iterator[Task]:
        match item:
            case XCom(task=up):
                yield up
            case Several(parts=parts) | New(args=parts):
                for part in parts:
                    yield from self._producers(part)
            case MappedItem(value=value):
                for inner in members(value):
                    yield from self._producers(inner)

    # TaskFlow

    def decorate(self, decorators: list[tuple[Any, cst.CSTNode]], function: Func) -> Any:
        result: Any = function
        for mark, node in reversed(decorators):
            result = self._decorate_once(mark, result, node)
        return result

    def _decorate_once(self, mark: Any, target: Any, node: cst.CSTNode) -> Any:  # noqa: C901, PLR0912
        if isinstance(mark, Ref):
            role = names.role(mark.name)
            if role in names.DECORATORS:
                mark = Decorator(role)
            elif ".task." in mark.name and mark.name.startswith("airflow."):
                mark = Decorator("task." + mark.name.rpartition("task.")[2])
        if isinstance(mark, Decorator):
            kwargs = mark.kwargs or {}
            if mark.kind in ("setup", "teardown"):
                if isinstance(target, Func):
                    target = TaskFactory("task", target, {}, node)
                if isinstance(target, TaskFactory):
                    target.is_setup, target.is_teardown = mark.kind == "setup", mark.kind == "teardown"
                    target.on_failure_fail_dagrun = kwargs.get("on_failure_fail_dagrun")
                    return target
                self.doubt(node, f"@{mark.kind} over something unknown")
                return target
            if not isinstance(target, Func):
                return Unsure(node, "decorated twice")
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
        return Unsure(node, "a decorator from elsewhere") if not isinstance(target, Func) else target

    def _make_asset(
        self, is_multi: bool, kwargs: dict[str, Any], target: Func | TaskFactory, node: cst.CSTNode
    ) -> Any:
        """``@asset``: a DAG of one task that makes the asset, named as it unless ``dag_id`` is given."""
        function = target.function if isinstance(target, TaskFactory) else target
        label = function.name if function is not None else ""
        name = label if is_multi else kwargs.get("name") or label
        own = {key: value for key, value in kwargs.items() if key not in OF_ASSETS}
        outlets = kwargs.get("outlets") if is_multi else [New("airflow.sdk.Asset", [name], {}, node)]
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
        return New("airflow.sdk.Asset", [name], {}, node)

    def _call_task(
        self, factory: TaskFactory, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if factory.function is None:
            return Unsure(node)
        own = {**factory.kwargs}
        own.setdefault("task_id", factory.function.name)
        own |= {"python_callable": factory.function, "op_args": args, "op_kwargs": kwargs}
        task = self._make_task(f"@{factory.kind}", own, node, unique=True, function=factory.function)
        task.is_setup, task.is_teardown = factory.is_setup, factory.is_teardown
        if factory.on_failure_fail_dagrun is not None:
            task.arguments["on_failure_fail_dagrun"] = factory.on_failure_fail_dagrun
        return XCom(task)

    def _expand(
        self, factory: TaskFactory, kind: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        mapped = dict(kwargs)
        if kind == "expand_kwargs":
            mapped = {"kwargs": args[0] if args else kwargs.get("kwargs")}
        if factory.function is None:
            task = self._make_task(factory.kind, dict(factory.partial or {}), node)
        else:
            own = {**factory.kwargs}
            own.setdefault("task_id", factory.function.name)
            own |= {
                "python_callable": factory.function,
                "op_args": [],
                "op_kwargs": dict(factory.partial or {}),
            }
            task = self._make_task(f"@{factory.kind}", own, node, unique=True, function=factory.function)
        task.expand = (kind, mapped)
        task.is_setup, task.is_teardown = factory.is_setup, factory.is_teardown
        self._depend_on_arguments(task, mapped)
        return XCom(task) if factory.function is not None else task

    def _call_group(
        self,
        factory: GroupFactory,
        args: list[Any],
        kwargs: dict[str, Any],
        node: cst.CSTNode,
        expand: Any = None,
    ) -> Any:
        own = {"add_suffix_on_collision": True, **factory.kwargs}
        group = self._make_group([], own, node, factory.function.name)
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

    def _call_dag(
        self, factory: DagFactory, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        own = dict(factory.kwargs)
        if not isinstance(own.get("dag_id"), str) and "dag_id" not in own:
            own["dag_id"] = factory.function.name
        dag = self._make_dag([], own, factory.node)
        dag.doc = factory.function.doc
        self.enter(dag, node)
        try:
            parameters = factory.function.node.params
            params = {p.name.value: New("dagmig.param", [p.name.value], {}, node) for p in parameters.params}
            self.invoke(factory.function, [], {**params, **kwargs}, node)
        finally:
            self.leave(dag)
        return dag

    # Attributes and methods

    def attribute(self, owner: Any, name: str, node: cst.CSTNode) -> Any:  # noqa: C901, PLR0912
        match owner:
            case Task() if name == "output":
                return XCom(owner)
            case XCom() if name == "operator":
                return owner.task
            case Task() | XCom() if name in ("task_id", "node_id"):
                task = owner.task if isinstance(owner, XCom) else owner
                return task.id if task.id is not None else Unsure(node)
            case Task() if name == "dag":
                return owner.dag if owner.dag is not None else Unsure(node)
            case Dag() if name == "dag_id":
                return owner.id
            case Dag() if name == "tasks":
                return list(owner.tasks.values())
            case Dag() if name == "default_args":
                return owner.defaults
            case Group() if name == "group_id":
                return owner.id
            case TaskFactory() | GroupFactory() if name == "function":
                return owner.function
            case Decorator(kind="task"):
                return Decorator(f"task.{name}")
            case Class() if name in owner.members:
                return owner.members[name]
            case Unsure():
                return Unsure(node, owner.why)
            case paths.FilePath() if (found := paths.attribute(owner, name)) is not NotImplemented:
                return found
        return Method(owner, name)

    def set_attribute(self, owner: Any, name: str, value: Any, node: cst.CSTNode) -> None:
        if isinstance(owner, Task) and name in (
            "trigger_rule",
            "retries",
            "retry_delay",
            "retry_exponential_backoff",
            "max_retry_delay",
            "execution_timeout",
            "timeout",
            "dag",
        ):
            if name == "dag" and isinstance(value, Dag):
                self.add(value, owner)
            else:
                owner.arguments[name] = value
        if isinstance(owner, Dag) and name in ("doc_md", "catchup", "schedule"):
            owner.arguments[name] = value
        if isinstance(owner, Dag) and name == "default_args":
            owner.defaults = value if isinstance(value, dict) else {"**": value}

    def subscript(self, owner: Any, key: Any, node: cst.CSTNode) -> Any:
        if isinstance(owner, XCom):
            return XCom(owner.task, key)
        if isinstance(owner, (MappedItem, New)):
            return Unsure(node) if isinstance(owner, New) else owner
        return Unsure(node, "an item of something unknown")

    def _call_method(
        self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        method = getattr(self, f"_on_{type(owner).__name__}", None)
        if method is not None:
            return method(owner, name, args, kwargs, node)
        if isinstance(owner, paths.FilePath):
            found = paths.method(owner, name, args)
            return Unsure(node, "a path of the machine") if found is NotImplemented else found
        if isinstance(owner, (str, list, dict, tuple, set, datetime, timedelta)):
            return self._data_method(owner, name, args, kwargs, node)
        if isinstance(owner, New) and not names.is_pure(owner.type):
            self._may_build(f"`{owner.type}.{name}`", args, kwargs, node)
        return Unsure(node, f"the result of `{name}`")

    def _data_method(
        self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("append", "extend", "update", "insert", "setdefault", "add") and isinstance(
            owner, (list, dict, set)
        ):
            inner = self._iterate(args[0]) if name == "extend" and args else args
            if inner is None or (name == "update" and args and not isinstance(args[0], dict)):
                self.doubt(node, "a collection grows by something unknown")
                if isinstance(owner, dict) and args:
                    owner["**"] = args[0]
                return None
            args = [inner] if name == "extend" else args
        elif name in ("items", "keys", "values", "copy", "get", "pop", "index", "count") and isinstance(
            owner, (list, dict, tuple)
        ):
            if any(isinstance(a, Unsure) for a in args[:1]):
                return Unsure(node)
        elif not all(is_known(a) for a in [*args, *kwargs.values()]):
            return Unsure(node, f"`{name}` of something unknown")
        elif isinstance(owner, str) and (
            name in ("ljust", "rjust", "center", "zfill", "expandtabs")
            or (name == "format" and any(c in owner for c in (":", "[", ".", "!")))
        ):
            return Unsure(node)
        if not isinstance(name, str) or name.startswith("_") or name in ("now", "today", "utcnow"):
            return Unsure(node)
        try:
            found = getattr(owner, name)(*args, **kwargs)
        except (AttributeError, TypeError, ValueError, LookupError, OverflowError):
            return Unsure(node, f"`{name}` of these values")
        return (
            [*map(tuple, found)] if name == "items" else list(found) if name in ("keys", "values") else found
        )

    def _on_Task(
        self, task: Task, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("set_downstream", "set_upstream") and (args or kwargs):
            other = args[0] if args else kwargs.get("task_or_task_list")
            self.link(task, other, name == "set_downstream", node)
            return None
        if name == "as_setup":
            task.is_setup = True
            return task
        if name == "as_teardown":
            task.is_teardown = True
            task.arguments.setdefault("trigger_rule", "all_done_setup_success")
            for setup in self._flat(kwargs.get("setups") or []):
                if isinstance(setup, (Task, XCom)):
                    real = setup.task if isinstance(setup, XCom) else setup
                    real.is_setup = True
                    self._edge(real, task)
            return task
        return Unsure(node, f"`{name}` of a task")

    def _on_XCom(
        self, xcom: XCom, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("map", "zip", "concat"):
            return Several([xcom, *args])
        found = self._on_Task(xcom.task, name, args, kwargs, node)
        return xcom if found is xcom.task else found

    def _on_Several(
        self, owner: Several, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        return Several([owner, *args])

    def _on_Group(
        self, group: Group, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name in ("set_downstream", "set_upstream") and args:
            self.link(group, args[0], name == "set_downstream", node)
            return None
        return Unsure(node, f"`{name}` of a task group")

    _on_Label = _on_Group

    def _on_Dag(self, dag: Dag, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        if name == "get_task" and args and args[0] in dag.tasks:
            return dag.tasks[args[0]]
        if name in ("add_task",) and args and isinstance(args[0], Task):
            self.add(dag, args[0])
            return None
        if name in ("task", "task_group"):
            return Decorator(name)
        return Unsure(node, f"`{name}` of a DAG")

    def _on_TaskFactory(
        self, factory: TaskFactory, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name == "override":
            copy = TaskFactory(
                factory.kind, factory.function, {**factory.kwargs, **kwargs}, factory.node, factory.partial
            )
            copy.is_setup, copy.is_teardown = factory.is_setup, factory.is_teardown
            return copy
        if name == "partial":
            merged = {**(factory.partial or {}), **kwargs}
            return TaskFactory(factory.kind, factory.function, factory.kwargs, factory.node, merged)
        if name in ("expand", "expand_kwargs"):
            return self._expand(factory, name, args, kwargs, node)
        return Unsure(node, f"`{name}` of a task")

    def _on_Class(
        self, owner: Class, name: str, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
        if name == "partial":
            return TaskFactory(owner.name, None, {}, node, partial=kwargs)
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
            items = {
                key: MappedItem(kwargs.get(key) if name == "expand" else mapped["kwargs"]) for key in given
            }
            return self._call_group(factory, [], items, node, (name, mapped))
        return Unsure(node, f"`{name}` of a task group")

    # Dependencies

    def shift(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> Any:
        """``left >> right``; the value is ``right``, as in Python."""
        concerned = isinstance(left, DEPENDS) or isinstance(right, DEPENDS)
        if concerned:
            self.link(left, right, forward, node)
            return right
        if any(isinstance(item, DEPENDS) for item in members([left, right])):
            self.doubt(node, "a list cannot be shifted onto a list")
            return right
        if isinstance(left, int) and isinstance(right, int) and right < 64:
            return left >> right if forward else left << right if left < MAX_SIZE else Unsure(node)
        if self.dag_stack or self.dags:
            self.doubt(node, "a dependency of something unknown")
        return Unsure(node)

    def link(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> None:
        self.effects += 1
        first, second = (left, right) if forward else (right, left)
        for item in [*self._flat(first), *self._flat(second)]:
            if not isinstance(item, DEPENDS):
                self.doubt(node, "a dependency of something unknown")
                return
        for up in self._flat(first):
            for down in self._flat(second):
                self._connect(up, down)

    def _connect(self, up: Any, down: Any) -> None:
        if isinstance(up, Label) or isinstance(down, Label):
            label = up if isinstance(up, Label) else down
            (label.downstream if label is up else label.upstream).append(down if label is up else up)
            for one in label.upstream:
                for other in label.downstream:
                    self._connect(one, other)
            return
        ups, downs = self._ends(up, leaves=True), self._ends(down, leaves=False)
        for one in ups:
            for other in downs:
                self._edge(one, other)

    def _ends(self, item: Any, *, leaves: bool) -> list[Task]:
        match item:
            case Task():
                return [item]
            case XCom(task=task):
                return [task]
            case Group():
                return item.leaves() if leaves else item.roots()
            case Several():
                return list(dict.fromkeys(self._producers(item)))
        return []

    def _flat(self, item: Any) -> list[Any]:
        return list(item) if isinstance(item, (list, tuple, set)) else [item]

    def _edge(self, up: Task, down: Task) -> None:
        if up.dag is None and down.dag is not None:
            self.add(down.dag, up)
        elif down.dag is None and up.dag is not None:
            self.add(up.dag, down)
        if down not in up.downstream:
            up.downstream.append(down)
            down.upstream.append(up)

    def _chain(self, args: list[Any], node: cst.CSTNode) -> None:
        for up, down in pairwise(args):
            both = isinstance(up, (list, tuple)) and isinstance(down, (list, tuple))
            if both and len(up) == len(down):
                for one, other in zip(up, down, strict=True):
                    self.link(one, other, True, node)
            elif both:
                self.doubt(node, "chain of lists of different lengths")
            else:
                self.link(up, down, True, node)

    def _chain_linear(self, args: list[Any], node: cst.CSTNode) -> None:
        for up, down in pairwise(args):
            self.link(up, down, True, node)

    def _cross_downstream(self, args: list[Any], node: cst.CSTNode) -> None:
        if len(args) == 2:
            self.link(args[0], args[1], True, node)
        else:
            self.doubt(node, "cross_downstream of something unknown")


__all__ = ["Builder", "Raised"]
