"""Classes of the project as they are defined: bases, members, decorators."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from dagmig.airflow.read import records
from dagmig.airflow.read.airflow_objects import TaskFactory
from dagmig.airflow.read.objects import (
    PLAIN_BASES,
    Class,
    Descriptor,
    Func,
    Instance,
    Method,
    New,
    Ref,
    Scope,
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
NOT_MODELLED = frozenset({"__getattribute__", "__setattr__", "__new__"})


class Defining(TaskFlow):
    """``natives`` are the objects behind tasks, groups and DAGs of the project's own classes."""

    def __init__(self) -> None:
        super().__init__()
        self.natives: dict[int, Instance] = {}
        self.receivers: list[tuple[Class, Any]] = []

    def _do_ClassDef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [
            self.value(base.value if isinstance(base, ast.Starred) else base, scope) for base in node.bases
        ]
        inner = Scope({}, scope)
        before = self.effects
        self.run(node.body, inner)
        if self.effects != before:
            said = f"the body of class `{node.name}` builds tasks, which is not followed"
            self.doubt(node, said)
        name = node.name
        cls = Class(name, bases, inner.names, home=scope.root, qualname=name if scope is scope.root else "")
        self._order(cls)
        if node.keywords:
            cls.is_known = cls.is_known and all(
                k.arg == "metaclass" and _is_abc(self.value(k.value, scope)) for k in node.keywords
            )
        for member in inner.names.values():
            self._belongs(member, cls, inner, scope)
        found: Any = cls
        self._written(cls, node)
        self._announce(cls, node, scope)
        for decorator in reversed(node.decorator_list):
            found = self._decorate_class(self.value(decorator, scope), found, node)
        scope.names[node.name] = found

    def _announce(self, cls: Class, node: ast.ClassDef, scope: Scope) -> None:
        """``__init_subclass__`` of the classes it comes from."""
        found, _ = cls.find("__init_subclass__", cls)
        if isinstance(found, Func):
            given = {k.arg: self.value(k.value, scope) for k in node.keywords if k.arg is not None}
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

    def _written(self, cls: Class, node: ast.ClassDef) -> None:
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
                cls.init_only += one.init_only if isinstance(one, Class) else ()

    def _decorate_class(self, mark: Any, cls: Any, node: ast.ClassDef) -> Any:
        name = mark.name if isinstance(mark, Ref) else mark.type if isinstance(mark, New) else ""
        if not isinstance(cls, Class) or name in KEEPING:
            return cls
        if name == "dataclasses.dataclass":
            given = mark.kwargs if isinstance(mark, New) else {}
            cls.kind, cls.fields, cls.options = "dataclass", records.fields_of(cls, node), given
            cls.init_only = records.init_only_of(cls, node)
            cls.is_known = cls.is_known and given.get("init", True) is True
            return cls
        if name in ("enum.unique", "functools.total_ordering"):
            return cls
        cls.is_known = False
        return cls

    def _decorate_once(self, mark: Any, target: Any, node: ast.AST) -> Any:
        if isinstance(mark, Ref) and mark.name in DESCRIPTORS:
            return Descriptor(DESCRIPTORS[mark.name], target)
        if isinstance(mark, Ref) and mark.name in KEEPING:
            return target
        if isinstance(mark, Method) and isinstance(mark.owner, Descriptor):
            return replace(mark.owner, **{MADE_OF[mark.name]: target}) if mark.name in MADE_OF else mark.owner
        return super()._decorate_once(mark, target, node)


def _is_abc(value: Any) -> bool:
    return isinstance(value, Ref) and value.name in ("abc.ABCMeta", *PLAIN_BASES)
