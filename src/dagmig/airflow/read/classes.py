"""Classes of the project: what defining one makes, objects of it, and their attributes and methods.

A class of tasks, groups or DAGs runs its own ``__init__`` and becomes the Airflow object when that reaches
Airflow's.
"""

from __future__ import annotations

import builtins
from dataclasses import replace
from typing import Any

import libcst as cst

from dagmig.airflow.read import names, records
from dagmig.airflow.read.evaluation import Raised
from dagmig.airflow.read.objects import (
    PLAIN_BASES,
    Bound,
    Class,
    Dag,
    Descriptor,
    Func,
    Group,
    Instance,
    Method,
    Module,
    New,
    Ref,
    Scope,
    Super,
    Task,
    TaskFactory,
    Unsure,
)
from dagmig.airflow.read.taskflow import TaskFlow

DESCRIPTORS = {
    "builtins.property": "property",
    "functools.cached_property": "property",
    "builtins.staticmethod": "staticmethod",
    "builtins.classmethod": "classmethod",
}
MADE_OF = {"getter": "function", "setter": "setter"}  # of a property
KEEPING = frozenset({"abc.abstractmethod", "typing.final", "typing.override", "typing.runtime_checkable"})
NOT_MODELLED = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__new__"})
HAVE_CLASS = (Instance, records.NamedTuple, records.Member, records.TextMember, records.NumberMember)
Native = Task | Group | Dag


class Classes(TaskFlow):
    """``natives`` are the objects behind tasks, groups and DAGs of the project's own classes."""

    def __init__(self) -> None:
        super().__init__()
        self.natives: dict[int, Instance] = {}
        self.receivers: list[tuple[Class, Any]] = []

    def _do_ClassDef(self, node: cst.ClassDef, scope: Scope) -> None:
        bases = [self.value(argument.value, scope) for argument in node.bases]
        inner = Scope({}, scope)
        before = self.effects
        self.run(node.body, inner)
        if self.effects != before:
            said = f"the body of class `{node.name.value}` builds tasks, which is not followed"
            self.doubt(node.name, said)
        cls = Class(node.name.value, bases, inner.names, home=scope.root)
        self._order(cls)
        if node.keywords:
            cls.is_known = cls.is_known and all(
                k.keyword is not None
                and k.keyword.value == "metaclass"
                and _is_abc(self.value(k.value, scope))
                for k in node.keywords
            )
        for member in inner.names.values():
            self._belongs(member, cls, inner, scope)
        found: Any = cls
        self._written(cls, node)
        self._announce(cls, node, scope)
        for decorator in reversed(node.decorators):
            found = self._decorate_class(self.value(decorator.decorator, scope), found, node)
        scope.names[node.name.value] = found

    def _announce(self, cls: Class, node: cst.ClassDef, scope: Scope) -> None:
        """``__init_subclass__`` of the classes it comes from."""
        found, _ = cls.find("__init_subclass__", cls)
        if isinstance(found, Func):
            given = {
                k.keyword.value: self.value(k.value, scope) for k in node.keywords if k.keyword is not None
            }
            self.invoke(found, [cls], given, node)

    def _belongs(self, member: Any, cls: Class, inner: Scope, around: Scope) -> None:
        function = member.function if isinstance(member, (Descriptor, TaskFactory)) else member
        if isinstance(function, Func) and function.env is inner:
            function.env, function.owner = around, cls  # methods do not see the names of their class

    def _order(self, cls: Class) -> None:
        """The order in which bases are asked, where there is one; unknown bases make the class unknown."""
        found: list[Any] = [cls]
        for base in cls.bases:
            if isinstance(base, Class):
                later = base.mro
                cls.is_known = cls.is_known and base.is_known
            elif isinstance(base, Ref):
                later = [base]
            else:
                cls.is_known = False
                continue
            found = [one for one in found if one not in later] + later
        unique: list[Any] = []
        for one in reversed(found):
            if one not in unique:
                unique.append(one)
        cls.mro = unique[::-1]
        if any(name in cls.members for name in NOT_MODELLED):
            cls.is_known = False

    def _written(self, cls: Class, node: cst.ClassDef) -> None:
        foreign = {one.name for one in cls.mro if isinstance(one, Ref)}
        if foreign & records.ENUMS:
            cls.kind = "enum"
            records.members_of(cls)
        elif "typing.NamedTuple" in foreign:
            cls.kind, cls.fields = "named tuple", records.fields_of(cls, node)
        elif any(isinstance(one, Class) and one.kind == "dataclass" for one in cls.mro[1:]):
            cls.fields = {}
            for one in reversed(cls.mro[1:]):
                cls.fields.update(one.fields if isinstance(one, Class) else {})

    def _decorate_class(self, mark: Any, cls: Any, node: cst.ClassDef) -> Any:
        name = mark.name if isinstance(mark, Ref) else mark.type if isinstance(mark, New) else ""
        if not isinstance(cls, Class) or name in KEEPING:
            return cls
        if name == "dataclasses.dataclass":
            given = mark.kwargs if isinstance(mark, New) else {}
            cls.kind, cls.fields = "dataclass", records.fields_of(cls, node)
            cls.is_known = cls.is_known and given.get("init", True) is True
            return cls
        if name in ("enum.unique", "functools.total_ordering"):
            return cls
        cls.is_known = False
        return cls

    def _decorate_once(self, mark: Any, target: Any, node: cst.CSTNode) -> Any:
        if isinstance(mark, Ref) and mark.name in DESCRIPTORS:
            return Descriptor(DESCRIPTORS[mark.name], target)
        if isinstance(mark, Ref) and mark.name in KEEPING:
            return target
        if isinstance(mark, Method) and isinstance(mark.owner, Descriptor):
            return replace(mark.owner, **{MADE_OF[mark.name]: target}) if mark.name in MADE_OF else mark.owner
        return super()._decorate_once(mark, target, node)

    def construct(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        """Call a class of the project."""
        if cls.kind == "enum":
            return self._enum_member(cls, args, node)
        base = self._native_base(cls)
        if base is not None:
            return self._construct_native(cls, args, kwargs, node)
        if not cls.is_known:
            self._may_build(f"`{cls.name}`", args, kwargs, node)
            return Unsure(node, f"an object of `{cls.name}`")
        if cls.kind == "named tuple":
            found = records.assigned(cls, args, kwargs, node)
            if found is None:
                raise Raised
            return records.NamedTuple.of(cls, list(found.values()))
        instance = Instance(cls)
        self._initialise(instance, args, kwargs, node)
        return instance

    def _enum_member(self, cls: Class, args: list[Any], node: cst.CSTNode) -> Any:
        if len(args) != 1 or isinstance(args[0], (Unsure, Ref)):
            return Unsure(node, f"a member of `{cls.name}`")
        for member in cls.fields.values():
            if member is args[0] or records.value_of(member) == args[0]:
                return member
        raise Raised

    def _initialise(
        self, instance: Instance, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> None:
        cls = instance.cls
        found, owner = cls.find("__init__")
        if isinstance(found, Func):
            self.invoke(found, [instance, *args], kwargs, node)
        elif cls.fields and cls.kind != "enum" and not isinstance(owner, Ref):
            self._set_fields(instance, args, kwargs, node)
        elif _is_exception(cls):
            instance.attributes["args"] = tuple(args)
        elif isinstance(owner, Ref):
            self._may_build(f"`{owner.name}`", args, kwargs, node)
        elif args or kwargs:
            raise Raised

    def _set_fields(
        self, instance: Instance, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> None:
        found = records.assigned(instance.cls, args, kwargs, node)
        if found is None:
            raise Raised
        for name, value in found.items():
            instance.attributes[name] = self._field_value(value, node)
        after, _ = instance.cls.find("__post_init__")
        if isinstance(after, Func):
            self.invoke(after, [instance], {}, node)

    def _field_value(self, value: Any, node: cst.CSTNode) -> Any:
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

    def _construct_native(
        self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> Any:
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
                return argument in wanted if _are_texts(wanted) else None
        return super()._makes_edge(task, argument)

    def _call_init(
        self, instance: Instance, init: Func, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode
    ) -> None:
        """An operator's ``__init__``: what it names and is not given comes from ``default_args``."""
        given = dict(kwargs)
        if self._native_base(instance.cls) == "task":
            parameters = init.node.params
            known = self._defaults_for(kwargs)
            for parameter in [*parameters.params[1:], *parameters.kwonly_params]:
                if parameter.name.value not in given and parameter.name.value in known:
                    given[parameter.name.value] = known[parameter.name.value]
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

    def _born(self, instance: Instance, kwargs: dict[str, Any], node: cst.CSTNode, args: Any = ()) -> Any:
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

    def invoke(self, function: Func, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
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

    def _make_group(
        self, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode, label: str = ""
    ) -> Group:
        return super()._make_group(args, _natives_in(kwargs), node, label)

    def _make_task(self, kind: str, kwargs: dict[str, Any], node: cst.CSTNode, **more: Any) -> Task:
        return super()._make_task(kind, _natives_in(kwargs), node, **more)

    def shift(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> Any:
        return super().shift(_native(left), _native(right), forward, node)

    def link(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> None:
        super().link(_native(left), _native(right), forward, node)

    def enters_itself(self, value: Any) -> bool:
        """Whether the class of an object of the project says what ``with`` does."""
        if isinstance(value, (Task, Group, Dag)):
            instance = self.natives.get(id(value))
            own = ("__enter__", "__exit__")
            return instance is not None and any(isinstance(instance.cls.find(n)[1], Class) for n in own)
        return self.class_of(value) is not None

    def object_attribute(self, owner: Any, name: str, node: cst.CSTNode) -> Any:
        """An attribute of an object, a class, a module ...; ``NotImplemented`` where it is none of those."""
        match owner:
            case Module():
                return self.member_of(owner, name, node)
            case Instance():
                return self._of_instance(owner, owner, name, node)
            case Task() | Group() | Dag() if id(owner) in self.natives:
                instance = self.natives[id(owner)]
                if name in instance.attributes or isinstance(instance.cls.find(name)[1], Class):
                    return self._of_instance(instance, owner, name, node)
            case Class():
                return self._of_class(owner, name, node)
            case Super():
                return self._of_super(owner, name, node)
            case records.NamedTuple():
                return self._of_tuple(owner, name, node)
            case records.Member() | records.TextMember() | records.NumberMember() if name in (
                "name",
                "value",
                "_value_",
                "_name_",
            ):
                return owner.name if "name" in name else records.value_of(owner)
            case records.Member():
                found, cls = owner.cls.find(name)
                return Unsure(node) if cls is None else self._bind(found, owner, owner.cls, node)
            case records.TextMember() | records.NumberMember() if isinstance(owner.cls.find(name)[1], Class):
                return self._bind(owner.cls.find(name)[0], owner, owner.cls, node)
        return NotImplemented

    def _of_instance(self, instance: Instance, owner: Any, name: str, node: cst.CSTNode) -> Any:
        found, cls = instance.cls.find(name)
        if isinstance(found, Descriptor) and found.kind == "property":
            return self._bind(found, owner, instance.cls, node)
        if name in instance.attributes:
            return instance.attributes[name]
        if name == "__class__":
            return instance.cls
        if name == "__dict__":
            return dict(instance.attributes)
        if isinstance(cls, Class):
            return self._bind(found, owner, instance.cls, node)
        if instance.native is not None and owner is instance:
            return self.attribute(instance.native, name, node)
        if isinstance(cls, Ref) or not instance.cls.is_known:
            return Unsure(node, f"`{name}` of an object of `{instance.cls.name}`")
        raise Raised

    def _of_class(self, cls: Class, name: str, node: cst.CSTNode) -> Any:
        if name in ("__name__", "__qualname__"):
            return cls.name
        if name == "_fields" and cls.kind == "named tuple":
            return tuple(cls.fields)
        if name == "__members__" and cls.kind == "enum":
            return dict(cls.fields)
        found, owner = cls.find(name)
        if not isinstance(owner, Class):
            return NotImplemented
        if isinstance(found, Descriptor):
            if found.kind == "staticmethod":
                return found.function
            return Bound(found.function, cls) if found.kind == "classmethod" else Unsure(node)
        return found

    def _of_super(self, owner: Super, name: str, node: cst.CSTNode) -> Any:
        real = owner.owner
        instance = self.natives.get(id(real), real)
        cls = real if isinstance(real, Class) else getattr(instance, "cls", None)
        if not isinstance(cls, Class) or owner.after not in cls.mro:
            return Unsure(node, "`super()`")
        found, source = cls.find(name, owner.after)
        if isinstance(source, Class):
            return self._bind(found, real, cls, node)
        if name == "__init__" and isinstance(real, Instance):
            return Bound(Func("__init__", cst.Lambda(cst.Parameters(), cst.Name("None")), self.main), owner)
        if isinstance(instance, Instance) and instance.native is not None:
            return Method(instance.native, name)
        return Unsure(node, f"`super().{name}`")

    def _of_tuple(self, owner: records.NamedTuple, name: str, node: cst.CSTNode) -> Any:
        if name in owner.cls.fields:
            return owner[list(owner.cls.fields).index(name)]
        if name == "_fields":
            return tuple(owner.cls.fields)
        if name in ("_asdict", "_replace"):
            return Bound(Func(name, cst.Lambda(cst.Parameters(), cst.Name("None")), self.main), owner)
        found, source = owner.cls.find(name)
        return self._bind(found, owner, owner.cls, node) if isinstance(source, Class) else NotImplemented

    def _bind(self, found: Any, owner: Any, cls: Class, node: cst.CSTNode) -> Any:
        match found:
            case Func():
                return Bound(found, owner)
            case Descriptor(kind="property", function=Func() as getter):
                return self.invoke(getter, [owner], {}, node)
            case Descriptor(kind="staticmethod"):
                return found.function
            case Descriptor(kind="classmethod", function=Func() as function):
                return Bound(function, cls)
            case Descriptor():
                return Unsure(node, "a descriptor of something unknown")
        return found

    def call_bound(self, bound: Bound, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        if isinstance(bound.owner, records.NamedTuple) and bound.function.name in ("_asdict", "_replace"):
            values = dict(zip(bound.owner.cls.fields, bound.owner, strict=True)) | kwargs
            if bound.function.name == "_asdict":
                return values
            return records.NamedTuple.of(bound.owner.cls, list(values.values()))
        if isinstance(bound.owner, Super):
            return self._super_init(bound.owner, args, kwargs, node)
        return self.invoke(bound.function, [bound.owner, *args], kwargs, node)

    def _super_init(self, owner: Super, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> None:
        instance: Instance = owner.owner
        if self._native_base(instance.cls) is not None:
            if instance.native is None:
                self._born(instance, kwargs, node, args)
            return
        foreign = [name for name in instance.cls.foreign() if not names.is_pure(name)]
        if foreign:
            self._may_build(f"`{foreign[0]}`", args, kwargs, node)
        if _is_exception(instance.cls):
            instance.attributes["args"] = tuple(args)

    def _iterate(self, value: Any) -> list[Any] | None:
        if isinstance(value, Class) and value.kind == "enum":
            return list({id(member): member for member in value.fields.values()}.values())
        return super()._iterate(value)

    def as_text(self, value: Any) -> Any:
        """What ``str`` makes of an object of the project, where its class or an exception says it."""
        if not isinstance(value, Instance):
            return value
        own, owner = value.cls.find("__str__")
        if isinstance(own, Func):
            return self.invoke(own, [value], {}, own.node)
        args = value.attributes.get("args")
        if isinstance(owner, Ref) and _is_exception(value.cls) and isinstance(args, tuple):
            if len(args) < 2:
                return self.as_text(args[0]) if args else ""
            return args
        return value

    def class_of(self, value: Any) -> Any:
        return value.cls if isinstance(value, HAVE_CLASS) else None

    def truth(self, value: Any) -> bool | None:
        if isinstance(value, Instance):
            own = any(isinstance(value.cls.find(name)[1], Class) for name in ("__bool__", "__len__"))
            return None if own or value.cls.foreign() or not value.cls.is_known else True
        return super().truth(value)

    def _call_collections_namedtuple(self, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        match args:
            case [str(name), str(fields)]:
                wanted: Any = fields.replace(",", " ").split()
            case [str(name), [*fields] | (*fields,)] if _are_texts(fields):
                wanted = fields
            case _:
                return self.unknown(node, "a named tuple of unknown fields")
        defaults = kwargs.get("defaults", ())
        if (
            set(kwargs) - {"defaults"}
            or not isinstance(defaults, (list, tuple))
            or not all(map(str.isidentifier, wanted))
        ):
            return self.unknown(node, "a named tuple of unknown fields")
        given = dict(zip(reversed(wanted), reversed(defaults), strict=False))
        cls = Class(name, [], {}, kind="named tuple", home=self.main)
        cls.mro, cls.fields = [cls], {field: given.get(field, records.REQUIRED) for field in wanted}
        return cls

    def _call_types_SimpleNamespace(self, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        if args or "**" in kwargs:
            return self.unknown(node, "a namespace of unknown names")
        cls = Class("SimpleNamespace", [], {}, is_known=False, home=self.main)
        cls.mro = [cls]
        return Instance(cls, dict(kwargs))

    def super_here(self, args: list[Any], node: cst.CSTNode) -> Any:
        if args:
            after, owner = args[0], args[1] if len(args) > 1 else None
        elif self.receivers:
            after, owner = self.receivers[-1]
        else:
            return Unsure(node, "`super()`")
        return Super(after, owner) if isinstance(after, Class) else Unsure(node, "`super()`")

    def set_object_attribute(self, owner: Any, name: str, value: Any, node: cst.CSTNode) -> bool:
        """Whether the owner is an object, class or module of the project, whose attribute was set."""
        instance = self.natives.get(id(owner)) if isinstance(owner, (Task, Group, Dag)) else owner
        match instance:
            case Instance():
                found, _ = instance.cls.find(name)
                if isinstance(found, Descriptor) and isinstance(found.setter, Func):
                    self.invoke(found.setter, [owner, value], {}, node)
                    return True
                if isinstance(found, Descriptor):
                    self.doubt(node, f"what setting `{name}` does is not known")
                self.touch(instance.attributes)
                instance.attributes[name] = value
                if instance.native is not None and owner is instance:
                    self.set_attribute(instance.native, name, value, node)
                return owner is instance
            case Class():
                self.touch(instance.members)
                instance.members[name] = value
                return True
            case Module():
                self.touch(instance.scope.names)
                instance.scope.names[name] = value
                return True
        return False

    def ask_object(self, name: str, args: list[Any], node: cst.CSTNode) -> Any:  # noqa: C901
        """``isinstance``, ``hasattr`` and the like over the project's objects; else ``NotImplemented``."""
        match name, args:
            case "super", _:
                return self.super_here(args, node)
            case "isinstance", [thing, kind]:
                return self._is_instance(thing, kind, node)
            case "hasattr", [Instance() as thing, str(wanted)]:
                known = wanted in thing.attributes or isinstance(thing.cls.find(wanted)[1], Class)
                sure = thing.cls.is_known and not thing.cls.foreign()
                return True if known else False if sure else Unsure(node)
            case "getattr", [thing, str(wanted), *default] if isinstance(thing, (Instance, Class, Module)):
                try:
                    return self.attribute(thing, wanted, node)
                except Raised:
                    return default[0] if default else Unsure(node)
            case "setattr", [thing, str(wanted), value]:
                if isinstance(thing, (Instance, Class, Module, Task, Dag)):
                    return self.set_attribute(thing, wanted, value, node)
            case "str", [Instance() as thing] if (text := self.as_text(thing)) is not thing:
                return str(text) if self.is_deeply_known(text) else Unsure(node, "text of an object")
            case "len", [Class(kind="enum") as cls]:
                return len(self._iterate(cls) or [])
            case "type", [Instance() as thing]:
                return thing.cls
            case "callable", [Func() | Bound() | Class() | TaskFactory()]:
                return True
            case "vars", [Instance() as thing]:
                return thing.attributes
        return NotImplemented

    def _is_instance(self, thing: Any, kind: Any, node: cst.CSTNode) -> Any:
        kinds = kind if isinstance(kind, tuple) else (kind,)
        answers = [self._is_a(thing, one) for one in kinds]
        return True if True in answers else Unsure(node, "`isinstance`") if None in answers else False

    def _is_a(self, thing: Any, kind: Any) -> bool | None:
        cls = getattr(thing, "cls", None)
        if isinstance(kind, Class):
            native = self.natives.get(id(thing)) if isinstance(thing, (Task, Group, Dag)) else None
            cls = native.cls if native is not None else cls
            known = not isinstance(thing, (Unsure, Ref, New))
            return (isinstance(cls, Class) and kind in cls.mro) if known else None
        if isinstance(kind, Ref) and kind.name in BUILTIN_TYPES and _is_data(thing):
            return isinstance(thing, BUILTIN_TYPES[kind.name])
        if (
            isinstance(kind, Ref)
            and kind.name in BUILTIN_TYPES
            and isinstance(thing, (Instance, Task, Func, Dag))
        ):
            return False if not (isinstance(thing, Instance) and thing.cls.foreign()) else None
        return None


def _native(value: Any) -> Any:
    """The task, group or DAG that an object of the project is, also in lists."""
    if isinstance(value, (list, tuple)) and any(isinstance(one, Instance) for one in value):
        return type(value)(_native(one) for one in value)
    return value.native if isinstance(value, Instance) and value.native is not None else value


def _natives_in(kwargs: dict[str, Any]) -> dict[str, Any]:
    wanted = ("dag", "task_group", "parent_group")
    return {key: _native(value) if key in wanted else value for key, value in kwargs.items()}


BUILTIN_TYPES: dict[str, type] = {
    f"builtins.{kind.__name__}": kind for kind in (str, int, float, bool, bytes, list, tuple, dict, set)
}


def _is_data(value: Any) -> bool:
    return value is None or type(value) in BUILTIN_TYPES.values() or isinstance(value, records.NamedTuple)


def _is_exception(cls: Class) -> bool:
    """Whether a class is of Python's own exceptions and of nothing else from elsewhere."""
    kinds = [getattr(builtins, name.removeprefix("builtins."), None) for name in cls.foreign()]
    return bool(kinds) and all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds)


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)


def _is_abc(value: Any) -> bool:
    return isinstance(value, Ref) and value.name in ("abc.ABCMeta", *PLAIN_BASES)
