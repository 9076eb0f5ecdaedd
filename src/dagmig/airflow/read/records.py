"""Classes that Python writes methods for: dataclasses, named tuples, enumerations."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read.evaluation import NotKnown
from dagmig.airflow.read.objects import Class, Descriptor, Func, Instance, New, Ref, Unsure

REQUIRED = object()
NAMED_TUPLES = ("typing.NamedTuple", "collections.namedtuple")
ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum"})
KEPT = frozenset({"dataclasses.field", "dataclasses.dataclass", "enum.auto"})
OF_DICTS = frozenset(dir(dict)) - {"__doc__", "__module__"}
OWN_TEXT = frozenset({"__str__", "__repr__", "__format__"})
OWN_WAY = OWN_TEXT | {"__eq__", "__hash__", "__new__", "__init__", "_missing_"}


class NamedTuple(tuple[Any, ...]):
    """The value of a named tuple: a tuple that knows its class."""

    cls: Class

    @classmethod
    def of(cls, kind: Class, values: list[Any]) -> NamedTuple:
        found = cls(values)
        found.cls = kind
        return found

    @property
    def has_own_text(self) -> bool:
        """Whether its class says what it is in text."""
        names = {name for one in self.cls.mro if isinstance(one, Class) for name in one.members}
        return bool(names & OWN_TEXT)

    def __repr__(self) -> str:
        pairs = (f"{name}={value!r}" for name, value in zip(self.cls.fields, self, strict=True))
        return f"{self.cls.name}({', '.join(pairs)})"


class OwnDict(dict[Any, Any]):
    """An object of a class of the project that is a dict with more methods."""

    cls: Class
    attributes: dict[str, Any]

    @classmethod
    def of(cls, kind: Class, items: dict[Any, Any]) -> OwnDict:
        found = cls(items)
        found.cls, found.attributes = kind, {}
        return found


class Member:
    """A member of an enumeration that keeps Python's own ``str``; equal to itself only."""

    def __init__(self, cls: Class, name: str, value: Any) -> None:
        self.cls, self.name, self.value = cls, name, value

    def __str__(self) -> str:
        return f"{self.cls.name}.{self.name}"

    def __repr__(self) -> str:
        return f"<{self}: {self.value!r}>"


class DiffersByVersion(NotKnown, TypeError):
    """A text that differs between versions of Python."""


class NumberMember(int):
    """A member of an enumeration of numbers. Its text differs between versions of Python."""

    cls: Class
    name: str

    def __repr__(self) -> str:
        return f"<{self.cls.name}.{self.name}: {int(self)}>"

    def __str__(self) -> str:
        raise DiffersByVersion

    def __format__(self, spec: str) -> str:
        raise DiffersByVersion


class TextMember(str):
    """A member of an enumeration of texts. How it is formatted differs between versions of Python."""

    cls: Class
    name: str
    __slots__ = ("cls", "name")

    def __str__(self) -> str:
        raise DiffersByVersion

    def __format__(self, spec: str) -> str:
        raise DiffersByVersion


class PlainMember(TextMember):
    """A member of a ``StrEnum``, whose text is its value."""

    __slots__ = ()

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, spec: str) -> str:
        return str.__format__(self, spec)


def is_own_dict(cls: Class) -> bool:
    """Whether a class adds methods to ``dict`` and changes none."""
    own = {name for one in cls.mro if isinstance(one, Class) for name in one.members}
    return cls.foreign() == ["builtins.dict"] and cls.is_known and not own & OF_DICTS


def dataclass_of(cls: Class) -> Class | None:
    """The dataclass that wrote the methods of a class."""
    return next((one for one in cls.mro if isinstance(one, Class) and one.kind == "dataclass"), None)


def fields_of(cls: Class, node: ast.ClassDef) -> dict[str, Any]:
    """The fields of a dataclass or named tuple in order, with their defaults; ``REQUIRED`` without one."""
    found: dict[str, Any] = {}
    for base in reversed(cls.mro[1:]):
        if isinstance(base, Class):
            found.update(base.fields)
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if not {"ClassVar", "KW_ONLY"} & _names(statement.annotation):
            found[statement.target.id] = cls.members.get(statement.target.id, REQUIRED)
    return found


def init_only_of(cls: Class, node: ast.ClassDef) -> tuple[str, ...]:
    """The parameters of a dataclass that are handed to ``__post_init__`` and are no fields: ``InitVar``."""
    found = [name for one in reversed(cls.mro[1:]) if isinstance(one, Class) for name in one.init_only]
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and "InitVar" in _names(statement.annotation):
            found.append(statement.target.id if isinstance(statement.target, ast.Name) else "")
    return tuple(dict.fromkeys(found))


def option(cls: Class, name: str, wanted: str) -> Any:
    """What ``field(...)`` says of a field of a dataclass; True where it says nothing."""
    field = cls.fields.get(name)
    is_field = isinstance(field, New) and field.type == "dataclasses.field"
    return field.kwargs.get(wanted, True) if is_field and isinstance(field, New) else True


def _names(node: ast.expr) -> set[str]:
    match node:
        case ast.Name(id=name):
            return {name}
        case ast.Attribute(attr=name):
            return {name}
        case ast.Subscript(value=value):
            return _names(value)
    return set()


def assigned(cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> dict[str, Any] | None:
    """The fields' values as the written ``__init__`` sets them; None where the arguments do not fit.

    A default that a factory makes is left as the ``New`` of ``dataclasses.field``.
    """
    names = [name for name in cls.fields if option(cls, name, "init") is True]
    if len(args) > len(names) or set(kwargs) - set(names) or set(names[: len(args)]) & set(kwargs):
        return None
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    found = {name: given.get(name, cls.fields[name]) for name in cls.fields if _is_given(cls, name)}
    return None if any(value is REQUIRED for value in found.values()) else found


def _is_given(cls: Class, name: str) -> bool:
    """Whether the written ``__init__`` gives a field a value."""
    field = cls.fields[name]
    is_made = isinstance(field, New) and {"default", "default_factory"} & set(field.kwargs)
    return bool(is_made) or option(cls, name, "init") is True


def members_of(cls: Class) -> None:
    """Make the members of an enumeration, in place."""
    numbers = any(isinstance(one, Ref) and one.name in ("builtins.int", "enum.IntEnum") for one in cls.mro)
    texts = any(isinstance(one, Ref) and one.name in ("builtins.str", "enum.StrEnum") for one in cls.mro)
    own = any(name in OWN_WAY for one in cls.mro if isinstance(one, Class) for name in one.members)
    last: Any = 0
    made: dict[str, Any] = {}
    for name, value in list(cls.members.items()):
        if name.startswith("_") or isinstance(value, (Func, Descriptor)):
            continue
        if isinstance(value, New) and value.type == "enum.auto":
            value = name.lower() if texts else last + 1 if isinstance(last, int) else Unsure(value.node)
        last = value
        twin = next((m for m in made.values() if value_of(m) is value or value_of(m) == value), None)
        made[name] = cls.members[name] = (
            twin if twin is not None else _member(cls, name, value, texts, numbers, own)
        )
    cls.fields = made


def _member(cls: Class, name: str, value: Any, texts: bool, numbers: bool, own: bool) -> Any:
    if own:
        return Instance(cls, {"name": name, "value": value, "_value_": value})
    if texts and isinstance(value, str):
        is_plain = any(isinstance(one, Ref) and one.name == "enum.StrEnum" for one in cls.mro)
        member = PlainMember(value) if is_plain else TextMember(value)
        member.cls, member.name = cls, name
        return member
    if numbers and isinstance(value, int):
        number = NumberMember(value)
        number.cls, number.name = cls, name
        return number
    return Member(cls, name, value)


def value_of(member: Any) -> Any:
    """The value of a member, whichever way it is held."""
    if isinstance(member, Instance):
        return member.attributes.get("value")
    if isinstance(member, NumberMember):
        return int(member)
    return str.__str__(member) if isinstance(member, TextMember) else member.value
