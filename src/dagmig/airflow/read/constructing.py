"""Objects of the project's classes.

A class of tasks, groups or DAGs runs its own ``__init__`` and becomes the Airflow object when that reaches
Airflow's.
"""

from __future__ import annotations

import ast
import builtins
from typing import Any

from dagmig.airflow.read import names, records
from dagmig.airflow.read.airflow_objects import Dag, Group, Task
from dagmig.airflow.read.attributes import Attributes
from dagmig.airflow.read.evaluation import Raised
from dagmig.airflow.read.objects import (
    Bound,
    Class,
    Frozen,
    Func,
    Instance,
    New,
    Ref,
    Super,
    Unsure,
    parameters,
)

TYPED_DICTS = {"typing.TypedDict", "typing_extensions.TypedDict"}


class Constructing(Attributes):
    """Calls classes, and functions on behalf of the objects they belong to."""

    def construct(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """Call a class of the project."""
        if cls.kind == "enum":
            return self._enum_member(cls, args, node)
        base = self._native_base(cls)
        if base is not None:
            return self._construct_native(cls, args, kwargs, node)
        if set(cls.foreign()) & TYPED_DICTS:
            return self.call(Ref("builtins.dict"), args, kwargs, node)
        if records.is_own_dict(cls):
            found = self.call(Ref("builtins.dict"), args, kwargs, node)
            return records.OwnDict.of(cls, found) if isinstance(found, dict) else found
        if not cls.is_known:
            self._may_build(f"`{cls.name}`", args, kwargs, node)
            return Unsure(node, f"an object of `{cls.name}`")
        if cls.kind == "named tuple":
            fields = records.assigned(cls, args, kwargs, node)
            if fields is None:
                raise Raised
            return records.NamedTuple.of(cls, list(fields.values()))
        data = records.dataclass_of(cls)
        is_frozen = data is not None and data.options.get("frozen") is True
        instance = Frozen(cls) if is_frozen else Instance(cls)
        self._initialise(instance, args, kwargs, node)
        return instance

    def _enum_member(self, cls: Class, args: list[Any], node: ast.AST) -> Any:
        if len(args) != 1 or isinstance(args[0], (Unsure, Ref)):
            return Unsure(node, f"a member of `{cls.name}`")
        for member in cls.fields.values():
            if member is args[0] or records.value_of(member) == args[0]:
                return member
        raise Raised

    def _initialise(self, instance: Instance, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        cls = instance.cls
        found, owner = cls.find("__init__")
        if isinstance(found, Func):
            self.invoke(found, [instance, *args], kwargs, node)
        elif cls.fields and cls.kind != "enum" and not isinstance(owner, Ref):
            self._set_fields(instance, args, kwargs, node)
        elif is_exception(cls):
            instance.attributes["args"] = tuple(args)
        elif isinstance(owner, Ref):
            self._may_build(f"`{owner.name}`", args, kwargs, node)
        elif args or kwargs:
            raise Raised

    def _set_fields(self, instance: Instance, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        found = records.assigned(instance.cls, args, kwargs, node)
        if found is None:
            raise Raised
        values = {name: self._field_value(value, node) for name, value in found.items()}
        handed = [values.pop(name) for name in instance.cls.init_only]
        instance.attributes.update(values)
        after, _ = instance.cls.find("__post_init__")
        if isinstance(after, Func):
            self.invoke(after, [instance, *handed], {}, node)

    def _field_value(self, value: Any, node: ast.AST) -> Any:
        if not isinstance(value, New) or value.type != "dataclasses.field":
            return value
        if "default_factory" in value.kwargs:
            return self.call(value.kwargs["default_factory"], [], {}, node)
        if "default" in value.kwargs:
            return value.kwargs["default"]
        raise Raised

    def _native_base(self, cls: Class) -> str | None:
        for name in cls.foreign():
            if names.role(name) in ("DAG", "TaskGroup"):
                return names.role(name)
            if names.is_operator(name):
                return "task"
        return None

    def _construct_native(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        instance = Instance(cls)
        found, _ = cls.find("__init__")
        if not isinstance(found, Func) or not cls.is_known:
            return self._born(instance, kwargs, node, args)
        self._call_init(instance, found, args, kwargs, node)
        if instance.native is None:
            self.doubt(node, f"what `{cls.name}` makes is not known")
            return Unsure(node, f"an object of `{cls.name}`")
        if isinstance(instance.native, Task):
            self._depend_on_attributes(instance.native, instance.attributes)
        return instance.native

    def _base(self, task: Task) -> str:
        """Of a class of the project the operator it comes from, where that says which its templates are."""
        if task.cls is None:
            return super()._base(task)
        owner = task.cls.find("template_fields")[1]
        bases = [name for name in task.cls.foreign() if names.is_operator(name)]
        return "" if isinstance(owner, Class) or not bases else bases[0]

    def _makes_edge(self, task: Task, argument: str) -> bool | None:
        if task.cls is not None:
            wanted, owner = task.cls.find("template_fields")
            if isinstance(owner, Class):
                return argument in wanted if are_texts(wanted) else None
        return super()._makes_edge(task, argument)

    def _call_init(
        self, instance: Instance, init: Func, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> None:
        """An operator's ``__init__``: what it names and is not given comes from ``default_args``."""
        given = dict(kwargs)
        if self._native_base(instance.cls) == "task":
            known = self._defaults_for(kwargs)
            for name in [parameter.name for parameter in parameters(init.node.args)][1:]:
                if name not in given and name in known:
                    given[name] = known[name]
        self.invoke(init, [instance, *args], given, node)

    def _defaults_for(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        dag = kwargs.get("dag") if isinstance(kwargs.get("dag"), Dag) else self._dag()
        given = kwargs.get("task_group")
        group = given if isinstance(given, Group) else self._group(dag)
        own = kwargs.get("default_args")
        return {
            **(dag.defaults if dag else {}),
            **(group.defaults if group else {}),
            **(own if isinstance(own, dict) else {}),
        }

    def _born(self, instance: Instance, kwargs: dict[str, Any], node: ast.AST, args: Any = ()) -> Any:
        """Airflow's own ``__init__`` is reached: the object becomes a task, a group or a DAG."""
        base = self._native_base(instance.cls)
        if base == "DAG":
            native: Any = self._make_dag(list(args), kwargs, node)
        elif base == "TaskGroup":
            native = self._make_group(list(args), kwargs, node)
        else:
            native = self._make_task(instance.cls.name, kwargs, node, cls=instance.cls)
        instance.native = native
        self.natives[id(native)] = instance
        return native

    def invoke(self, function: Func, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """Run a function; inside one of another module everything stands where the main file called it."""
        outer, owner = self.site, function.owner
        if outer is None and function.env.root is not self.main:
            self.site = node
        method = isinstance(owner, Class) and bool(args)
        if method:
            self.receivers.append((owner, args[0]))
        effects = self.effects
        try:
            result = super().invoke(function, args, kwargs, node)
            return (
                self.unknown(node, f"what `@{function.altered_by}` returns")
                if function.altered_by
                else result
            )
        finally:
            if function.altered_by and self.effects != effects:
                self.doubt(node, f"what `@{function.altered_by}` makes of `{function.name}` is not known")
            self.site = outer
            if method:
                self.receivers.pop()

    def _make_group(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST, label: str = "") -> Group:
        return super()._make_group(args, _natives_in(kwargs), node, label)

    def _make_task(self, kind: str, kwargs: dict[str, Any], node: ast.AST, **more: Any) -> Task:
        return super()._make_task(kind, _natives_in(kwargs), node, **more)

    def shift(self, left: Any, right: Any, forward: bool, node: ast.AST) -> Any:
        return super().shift(_native(left), _native(right), forward, node)

    def link(self, left: Any, right: Any, forward: bool, node: ast.AST) -> None:
        super().link(_native(left), _native(right), forward, node)

    def call_bound(self, bound: Bound, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if isinstance(bound.owner, records.NamedTuple) and bound.function.name in ("_asdict", "_replace"):
            values = dict(zip(bound.owner.cls.fields, bound.owner, strict=True)) | kwargs
            if bound.function.name == "_asdict":
                return values
            return records.NamedTuple.of(bound.owner.cls, list(values.values()))
        if isinstance(bound.owner, Super):
            return self._super_init(bound.owner, args, kwargs, node)
        return self.invoke(bound.function, [bound.owner, *args], kwargs, node)

    def _super_init(self, owner: Super, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        instance: Instance = owner.owner
        if self._native_base(instance.cls) is not None:
            if instance.native is None:
                self._born(instance, kwargs, node, args)
            return
        foreign = [name for name in instance.cls.foreign() if not names.is_pure(name)]
        if foreign:
            self._may_build(f"`{foreign[0]}`", args, kwargs, node)
        if is_exception(instance.cls):
            instance.attributes["args"] = tuple(args)


def _native(value: Any) -> Any:
    """The task, group or DAG that an object of the project is, also in lists."""
    if isinstance(value, (list, tuple)) and any(isinstance(one, Instance) for one in value):
        return type(value)(_native(one) for one in value)
    return value.native if isinstance(value, Instance) and value.native is not None else value


def _natives_in(kwargs: dict[str, Any]) -> dict[str, Any]:
    wanted = ("dag", "task_group", "parent_group")
    return {key: _native(value) if key in wanted else value for key, value in kwargs.items()}


def is_exception(cls: Class) -> bool:
    """Whether a class is of Python's own exceptions and of nothing else from elsewhere."""
    kinds = [getattr(builtins, name.removeprefix("builtins."), None) for name in cls.foreign()]
    return bool(kinds) and all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds)


def are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)
