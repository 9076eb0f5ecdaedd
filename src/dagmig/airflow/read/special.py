"""What classes of the project say of operators, items, truth and text: Python's special methods."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read import records
from dagmig.airflow.read.airflow_objects import Dag, Group, Task
from dagmig.airflow.read.constructing import Constructing, is_exception
from dagmig.airflow.read.evaluation import ATOMS, MAX_SIZE, Raised, is_known
from dagmig.airflow.read.objects import Class, Frozen, Func, Instance, Ref, Unsure
from dagmig.airflow.read.proxies import Shown
from dagmig.airflow.read.texts import formatted

HAVE_CLASS = (
    Instance,
    records.NamedTuple,
    records.OwnDict,
    records.Member,
    records.TextMember,
    records.NumberMember,
)
ARITHMETIC: dict[type, str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.BitOr: "or",
    ast.BitAnd: "and",
    ast.BitXor: "xor",
    ast.MatMult: "matmul",
    ast.RShift: "rshift",
    ast.LShift: "lshift",
}
ORDER: dict[type, tuple[str, str]] = {
    ast.Lt: ("__lt__", "__gt__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.GtE: ("__ge__", "__le__"),
}
GENERATED = ("__repr__", "__eq__", "__lt__", "__le__", "__gt__", "__ge__")
EQUALITY = ("__eq__", "__eq__")


class Special(Constructing):
    """Calls special methods as Python does: looked up on the class, the left side first."""

    def class_of(self, value: Any) -> Any:
        return value.cls if isinstance(value, HAVE_CLASS) else None

    def own_method(self, value: Any, name: str) -> Func | None:
        """The function that the class of an object of the project has under that name."""
        if isinstance(value, (Task, Group, Dag)):
            instance = self.natives.get(id(value))
            cls = instance.cls if instance is not None else None
        else:
            cls = self.class_of(value)
        if not isinstance(cls, Class):
            return None
        found, owner = cls.find(name)
        data = records.dataclass_of(cls) if name in GENERATED else None
        if data is not None and isinstance(owner, Class) and cls.mro.index(data) < cls.mro.index(owner):
            return None  # the one that is written for the dataclass comes first
        return found if isinstance(found, Func) else None

    def own_operator(
        self, kind: type, left: Any, right: Any, node: ast.AST, *, in_place: bool = False
    ) -> Any:
        if type(left) in ATOMS and type(right) in ATOMS:
            return NotImplemented
        if kind in ARITHMETIC:
            name = ARITHMETIC[kind]
            if in_place and (own := self.own_method(left, f"__i{name}__")) is not None:
                return self.invoke(own, [left, right], {}, node)
            return self._either_side(f"__{name}__", f"__r{name}__", left, right, node)
        if kind in (ast.In, ast.NotIn):
            return self._own_contains(left, right, node, kind is ast.In)
        if kind in (ast.Eq, ast.NotEq):
            return self._own_equality(left, right, node, kind is ast.Eq)
        if kind not in ORDER:
            return NotImplemented
        found = self._either_side(*ORDER[kind], left, right, node)
        if found is NotImplemented and isinstance(left, Instance) and isinstance(right, Instance):
            data = records.dataclass_of(left.cls)
            if left.cls is right.cls and data is not None and data.options.get("order") is True:
                return self.compare(kind, _fields(left, data), _fields(right, data), node)
        return found

    def _either_side(self, name: str, reflected: str, left: Any, right: Any, node: ast.AST) -> Any:
        own, other = self.own_method(left, name), self.own_method(right, reflected)
        if own is None and other is None:
            return NotImplemented
        if own is not None and other is not None and self.class_of(left) is not self.class_of(right):
            return self.unknown(node, "an operator of two classes")
        if own is not None:
            found = self.invoke(own, [left, right], {}, node)
            if not _is_declined(found):
                return found
        elif not _is_plain(left) or (name == "__mod__" and isinstance(left, (str, bytes))):
            return NotImplemented
        is_alike = self.class_of(left) is self.class_of(right)
        if other is None or (is_alike and name.removeprefix("__") == reflected.removeprefix("__r")):
            return self.unknown(node)  # of one class, the other side is asked for comparisons only
        found = self.invoke(other, [right, left], {}, node)
        return self.unknown(node) if _is_declined(found) else found

    def _own_contains(self, left: Any, right: Any, node: ast.AST, positive: bool) -> Any:
        own = self.own_method(right, "__contains__")
        if own is not None:
            truth = self.truth(self.invoke(own, [right, left], {}, node))
            return Unsure(node) if truth is None else truth == positive
        if self.own_method(right, "__iter__") is None:
            return NotImplemented
        items = self._iterate(right)
        return self.unknown(node) if items is None else self._contains(left, items, node, positive)

    def _own_equality(self, left: Any, right: Any, node: ast.AST, positive: bool) -> Any:
        if not positive and (self.own_method(left, "__ne__") or self.own_method(right, "__ne__")):
            return self.unknown(node)
        found = self._either_side(*EQUALITY, left, right, node)
        if found is NotImplemented and not isinstance(left, Instance) and not isinstance(right, Instance):
            return found
        if found is NotImplemented:
            found = self._same_object(left, right, node)
        truth = self.truth(found)
        return Unsure(node) if truth is None else truth == positive

    def _same_object(self, left: Any, right: Any, node: ast.AST) -> Any:
        """Of objects without an ``__eq__`` that the file writes: those of a dataclass are their fields."""
        if left is right:
            return True
        if not _is_plain(left) or not _is_plain(right):
            return self.unknown(node)
        if not isinstance(left, Instance) or not isinstance(right, Instance) or left.cls is not right.cls:
            return False
        data = records.dataclass_of(left.cls)
        if data is None or data.options.get("eq", True) is False:
            return False
        return self.compare(ast.Eq, _fields(left, data), _fields(right, data), node)

    def ask_special(self, name: str, args: list[Any], node: ast.AST) -> Any:
        """``len``, ``str`` and the like of an object of the project; else ``NotImplemented``."""
        match name, args:
            case "str" | "repr", [Instance() | records.NamedTuple() as thing]:
                text = self.as_text(thing, "r" if name == "repr" else "")
                if text is thing:
                    return NotImplemented
                return str(text) if self.is_deeply_known(text) else Unsure(node, "text of an object")
            case "len", [Class(kind="enum") as cls]:
                return len(self._iterate(cls) or [])
            case "bool", [Instance() as thing]:
                truth = self.truth(thing)
                return Unsure(node, "the truth of an object") if truth is None else truth
            case "len", [thing] if (own := self.own_method(thing, "__len__")) is not None:
                return self.invoke(own, [thing], {}, node)
            case "next", [thing, *default] if (own := self.own_method(thing, "__next__")) is not None:
                return self._next_or(own, thing, default, node)
        return NotImplemented

    def _next_or(self, step: Func, iterator: Any, default: list[Any], node: ast.AST) -> Any:
        try:
            return self.invoke(step, [iterator], {}, node)
        except Raised as raised:
            if default and isinstance(raised.error, StopIteration):
                return default[0]
            raise

    def own_item(self, method: str, owner: Any, args: list[Any], node: ast.AST) -> Any:
        own = self.own_method(owner, method)
        return NotImplemented if own is None else self.invoke(own, [owner, *args], {}, node)

    def is_key(self, value: Any) -> bool:
        if isinstance(value, Instance):
            own = self.own_method(value, "__eq__") or self.own_method(value, "__hash__")
            is_data = records.dataclass_of(value.cls) is not None and not isinstance(value, Frozen)
            if own is not None or is_data or value.cls.foreign():
                return False  # others may be the same key
            if isinstance(value, Frozen) and not all(map(self.is_key, value.key)):
                return False
        return super().is_key(value)

    def _iterate(self, value: Any) -> list[Any] | None:
        if isinstance(value, Class) and value.kind == "enum":
            return list({id(member): member for member in value.fields.values()}.values())
        own = self.own_method(value, "__iter__")
        if own is None:
            return super()._iterate(value)
        found = self.invoke(own, [value], {}, own.node)
        step = self.own_method(found, "__next__")
        return self._stepped(found, step) if step is not None else super()._iterate(found)

    def _stepped(self, iterator: Any, step: Func) -> list[Any] | None:
        """What ``__next__`` gives until it raises StopIteration."""
        found: list[Any] = []
        while len(found) < MAX_SIZE:
            try:
                found.append(self.invoke(step, [iterator], {}, step.node))
            except Raised as raised:
                if isinstance(raised.error, StopIteration):
                    return found
                raise
        return None

    def as_text(self, value: Any, conversion: str = "") -> Any:
        """What ``str`` (``repr`` for ``r``) makes of an object of the project, where its class says it."""
        if not isinstance(value, (Instance, records.NamedTuple)):
            return value
        for name in ("__repr__",) if conversion == "r" else ("__str__", "__repr__"):
            own = self.own_method(value, name)
            if own is not None:
                return self.invoke(own, [value], {}, own.node)
            if isinstance(value.cls.find(name)[1], Ref):
                break
        if isinstance(value, records.NamedTuple):
            return value
        if (data := records.dataclass_of(value.cls)) is not None and data.options.get("repr", True) is True:
            return self._as_fields(value, data)
        args = value.attributes.get("args")
        if conversion != "r" and is_exception(value.cls) and isinstance(args, tuple):
            if len(args) < 2:
                return self.as_text(args[0]) if args else ""
            return args
        return value

    def _as_fields(self, value: Instance, data: Class) -> Any:
        """The text that a dataclass has of itself."""
        parts: list[str] = []
        for name in data.fields:
            if name in data.init_only or not records.option(data, name, "repr"):
                continue
            given = self.as_text(value.attributes.get(name), "r")
            if not value.cls.qualname or not self.is_deeply_known(given):
                return value
            is_own = isinstance(value.attributes.get(name), Instance)
            parts.append(f"{name}={given if is_own else formatted(given, 'r', '')}")
        return f"{value.cls.qualname}({', '.join(parts)})"

    def as_shown(self, value: Any, node: ast.AST) -> Any:
        """An object of the project as ``str.format`` may look into it; other values as they are."""
        return Shown(self, value, node) if isinstance(value, (Instance, records.NamedTuple)) else value

    def truth(self, value: Any) -> bool | None:
        if not isinstance(value, Instance):
            return super().truth(value)
        own = self.own_method(value, "__bool__") or self.own_method(value, "__len__")
        if own is not None:
            return super().truth(self.invoke(own, [value], {}, own.node))
        return None if value.cls.foreign() or not value.cls.is_known else True


def _is_declined(found: Any) -> bool:
    return isinstance(found, Ref) and found.name == "builtins.NotImplemented"


def _is_plain(value: Any) -> bool:
    """Whether a value is compared by identity, or as Python's own data."""
    return is_known(value) or (isinstance(value, Instance) and value.cls.is_known and not value.cls.foreign())


def _fields(instance: Instance, data: Class) -> tuple[Any, ...]:
    names = [
        name for name in data.fields if name not in data.init_only and records.option(data, name, "compare")
    ]
    return tuple(instance.attributes.get(name) for name in names)
