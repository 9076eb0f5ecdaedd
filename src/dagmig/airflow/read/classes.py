"""What Python asks objects and classes of the project: what they are, their text, their members."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read import records
from dagmig.airflow.read.airflow_objects import Dag, Group, Task, TaskFactory
from dagmig.airflow.read.constructing import are_texts
from dagmig.airflow.read.evaluation import Raised
from dagmig.airflow.read.objects import Bound, Class, Func, Instance, Module, New, Ref, Unsure
from dagmig.airflow.read.special import Special


class Classes(Special):
    """Answers for objects of the project, and makes the classes that libraries write."""

    def _call_collections_namedtuple(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        match args:
            case [str(name), str(fields)]:
                wanted: Any = fields.replace(",", " ").split()
            case [str(name), [*fields] | (*fields,)] if are_texts(fields):
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

    def _call_types_SimpleNamespace(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if args or "**" in kwargs:
            return self.unknown(node, "a namespace of unknown names")
        cls = Class("SimpleNamespace", [], {}, is_known=False, home=self.main)
        cls.mro = [cls]
        return Instance(cls, dict(kwargs))

    def ask_object(self, name: str, args: list[Any], node: ast.AST) -> Any:
        """``isinstance``, ``hasattr`` and the like over the project's objects; else ``NotImplemented``."""
        match name, args:
            case "super", _:
                return self.super_here(args, node)
            case "isinstance", [thing, kind]:
                return self._is_instance(thing, kind, node)
            case "hasattr", [Instance() as thing, str(wanted)]:
                if self.own_method(thing, "__getattr__") is not None:
                    return self._has_attribute(thing, wanted, node)
                known = wanted in thing.attributes or isinstance(thing.cls.find(wanted)[1], Class)
                sure = thing.cls.is_known and not thing.cls.foreign()
                return True if known else False if sure else Unsure(node)
            case "getattr", [thing, str(wanted), *default] if isinstance(thing, (Instance, Class, Module)):
                try:
                    return self.attribute(thing, wanted, node)
                except Raised:
                    return default[0] if default else Unsure(node)
            case "setattr" | "object.__setattr__", [thing, str(wanted), value]:
                if isinstance(thing, (Instance, Class, Module, Task, Dag)):
                    return self.set_attribute(thing, wanted, value, node)
            case "type", [Instance() as thing]:
                return thing.cls
            case "callable", [Func() | Bound() | Class() | TaskFactory()]:
                return True
            case "vars", [Instance() as thing]:
                return thing.attributes
        return self.ask_special(name, args, node)

    def _has_attribute(self, thing: Any, name: str, node: ast.AST) -> bool:
        try:
            self.attribute(thing, name, node)
        except Raised as raised:
            if isinstance(raised.error, AttributeError):
                return False
            raise
        return True

    def _is_instance(self, thing: Any, kind: Any, node: ast.AST) -> Any:
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


RECORDS = (records.NamedTuple, records.OwnDict)
BUILTIN_TYPES: dict[str, type] = {
    f"builtins.{kind.__name__}": kind for kind in (str, int, float, bool, bytes, list, tuple, dict, set)
}


def _is_data(value: Any) -> bool:
    return value is None or type(value) in BUILTIN_TYPES.values() or isinstance(value, RECORDS)
