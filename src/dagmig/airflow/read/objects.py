"""What names stand for while a DAG file is read: functions, classes and their objects, what nobody can know.

Known Python (numbers, text, lists, dicts, dates) is held as itself.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dagmig.airflow.read.tree import Tree
from dagmig.frozen import frozen

Env = dict[str, Any]


class Parameter(NamedTuple):
    """One of a function; ``kind`` is ``positional`` or ``keyword``."""

    name: str
    kind: str
    default: ast.expr | None


def parameters(arguments: ast.arguments) -> list[Parameter]:
    """Those that are named one by one, in order, without ``*`` and ``**``."""
    plain = [*arguments.posonlyargs, *arguments.args]
    given = [None] * (len(plain) - len(arguments.defaults)) + [*arguments.defaults]
    found = [Parameter(one.arg, "positional", default) for one, default in zip(plain, given, strict=True)]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found + [Parameter(one.arg, "keyword", default) for one, default in named]


@dataclass(eq=False, repr=False)
class Unsure:
    """A value that cannot be known without running the file; ``node`` is where it arose."""

    node: ast.AST
    why: str = ""


class Assumed(str):
    """The default of what is set outside of the file: the text it has where nothing is set."""

    __slots__ = ()


@frozen(frozen=True, slots=True)
class Ref:
    """A name from elsewhere, qualified as imported."""

    name: str


@dataclass(eq=False, repr=False)
class New:
    """An object made by calling a name from elsewhere."""

    type: str
    args: list[Any]
    kwargs: dict[str, Any]
    node: ast.AST


@dataclass(eq=False, repr=False)
class Func:
    """A function of the file."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    env: Scope
    owner: Any = None
    decorators: tuple[ast.expr, ...] = ()  # but Airflow's own
    defaults: Env = field(default_factory=dict)
    written: Func | None = None  # the function whose decorators returned this one
    is_manager: bool = False
    altered_by: str = ""  # a decorator of another package, which may return anything

    @property
    def doc(self) -> str:
        return "" if isinstance(self.node, ast.Lambda) else ast.get_docstring(self.node) or ""


@dataclass(eq=False)
class Lazy:
    """An iterator: its items are known, and gone once they are taken."""

    items: list[Any]

    def __copy__(self) -> Lazy:
        return Lazy(list(self.items))


@dataclass(eq=False)
class Managed:
    """A call of a generator that ``contextlib.contextmanager`` made a context manager."""

    function: Func
    args: list[Any]
    kwargs: dict[str, Any]


@dataclass(eq=False, repr=False)
class Class:
    """A class of the project. ``mro`` holds it, its classes and, as ``Ref``, those from elsewhere, in order.

    ``fields`` are those of a dataclass or named tuple; ``kind`` is ``dataclass``, ``named tuple``, ``enum``
    or empty; ``is_known`` is False where a decorator or a metaclass may have made anything of it.
    """

    name: str
    bases: list[Any]
    members: Env
    mro: list[Any] = field(default_factory=list)
    kind: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    is_known: bool = True
    home: Any = None
    qualname: str = ""  # empty where it is not the name
    options: Env = field(default_factory=dict)  # of ``@dataclass``
    init_only: tuple[str, ...] = ()  # of a dataclass, the fields that are only handed to ``__post_init__``

    def __deepcopy__(self, memo: Any) -> Class:
        return self

    def find(self, name: str, after: Class | None = None) -> tuple[Any, Any]:
        """A member and the class it comes from; a ``Ref`` twice where a base from elsewhere may have it."""
        order = self.mro[self.mro.index(after) + 1 :] if after is not None else self.mro
        for one in order:
            if isinstance(one, Class):
                if name in one.members:
                    return one.members[name], one
            elif one.name not in PLAIN_BASES:
                return one, one
        return None, None

    def foreign(self) -> list[str]:
        """The names of the bases from elsewhere that bring behaviour along."""
        return [one.name for one in self.mro if isinstance(one, Ref) and one.name not in PLAIN_BASES]


PLAIN_BASES = frozenset(
    {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple"}
)


@dataclass(eq=False, repr=False)
class Instance:
    """An object of a class of the project; ``native`` is the task, group or DAG it is, once it is one."""

    cls: Class
    attributes: Env = field(default_factory=dict)
    native: Any = None


class Frozen(Instance):
    """An object of a frozen dataclass: one with the same fields is the same key."""

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(self.attributes.get(name) for name in self.cls.fields if name not in self.cls.init_only)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and other.cls is self.cls and other.key == self.key

    def __hash__(self) -> int:
        return hash((id(self.cls), self.key))


@dataclass(eq=False)
class Super:
    """``super()`` inside a method of ``after``."""

    after: Class
    owner: Any


@dataclass(eq=False)
class Bound:
    """A method of an object: the function and what it is called on."""

    function: Func
    owner: Any


@dataclass(eq=False)
class Descriptor:
    """``@property`` (and its ``setter``), ``@staticmethod`` or ``@classmethod`` over a function."""

    kind: str
    function: Any
    setter: Any = None


@dataclass(eq=False, repr=False)
class Module:
    """A module of the project; ``folder`` where it is a package."""

    name: str
    scope: Scope
    folder: Any = None


@dataclass(eq=False, repr=False)
class Scope:
    """Names, and those around them. A module's own scope knows where it stands (``place``) and its tree."""

    names: Env
    parent: Scope | None = None
    declared: dict[str, Scope] = field(default_factory=dict)  # by ``global`` and ``nonlocal``
    is_inner: bool = False  # of a comprehension
    place: Any = None
    tree: Tree | None = None
    has_yields: bool = True  # of a module: whether any of its functions may be a generator

    def holder(self, name: str) -> Scope:
        """Where an assignment to that name goes."""
        return self.declared.get(name, self)

    @property
    def root(self) -> Scope:
        """The scope of the module."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def get(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.declared:
                scope = scope.declared[name]
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        raise KeyError(name)


@dataclass(eq=False)
class Method:
    """``owner.name``, not called yet."""

    owner: Any
    name: str
