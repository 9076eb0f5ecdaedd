"""Functions and methods of plain Python whose result a graph depends on."""

from __future__ import annotations

import ast
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from dagmig.airflow.read import paths
from dagmig.airflow.read.airflow_objects import Dag, Group, Task, XCom
from dagmig.airflow.read.evaluation import NotKnown, Raised, is_known, members
from dagmig.airflow.read.expressions import BUILTINS, FAILURES
from dagmig.airflow.read.iterators import Endless
from dagmig.airflow.read.library import SHAPES, VALUES
from dagmig.airflow.read.objects import Assumed, Class, Func, Instance, Lazy, Method, New, Ref, Unsure
from dagmig.airflow.read.outputs import Outputs
from dagmig.airflow.read.proxies import Ordered
from dagmig.airflow.read.texts import has_hidden_order

CALLABLE = (Func, Method, Ref, Class)
BUILDING = frozenset({"setattr", "exec", "eval"})
UNORDERED = ("builtins.len", "builtins.set", "copy.copy")
CALLERS = frozenset(
    {
        "builtins.sorted",
        "builtins.min",
        "builtins.max",
        "builtins.map",
        "builtins.filter",
        "functools.reduce",
        "itertools.groupby",
        "itertools.accumulate",
        "itertools.takewhile",
        "itertools.dropwhile",
        "itertools.starmap",
    }
)
BY_KEY = ("builtins.sorted", "builtins.min", "builtins.max", "itertools.groupby")
ORDERING = ("builtins.sorted", "builtins.min", "builtins.max")
BOUNDED = ("itertools.islice", "itertools.takewhile", "builtins.zip", "builtins.map")
ITERATING = frozenset(
    [
        "builtins.list",
        "builtins.tuple",
        "builtins.set",
        "builtins.enumerate",
        "builtins.zip",
        "builtins.sorted",
        "builtins.min",
        "builtins.max",
        "builtins.sum",
        "builtins.any",
        "builtins.all",
        "builtins.map",
        "builtins.filter",
        "builtins.iter",
        "itertools.chain",
        "itertools.islice",
        "itertools.product",
        "itertools.pairwise",
        "itertools.combinations",
    ]
)
ENVIRONMENT = ("os.getenv", "os.environ.get")
METHODS_OF = ("str", "list", "dict", "set", "tuple", "bytes", "int", "float")
TYPES: dict[str, type] = {
    **{f"builtins.{kind.__name__}": kind for kind in (str, int, float, bool, bytes, list, tuple, dict, set)},
    **{f"datetime.{kind.__name__}": kind for kind in (datetime, date, time, timedelta)},
}


class PlainCalls(Outputs):
    """Calls that make no tasks, and calls of which nobody knows whether they do."""

    def _may_build(self, what: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        """A call nobody can look into may add tasks when it is handed a DAG or stands inside one."""
        handed = any(isinstance(item, (Dag, Task, XCom, Group)) for item in members([args, kwargs]))
        if handed or self.dag_stack:
            self.doubt(node, f"what {what} adds is not known")

    def _plain(self, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """What a function of Python or a library gives; ``NotImplemented`` where it is neither."""
        if not kwargs and (found := paths.call(name, args)) is not NotImplemented:
            return found
        method = _unbound(name)
        if method is not None and args and name not in VALUES:
            return self._call_method(args[0], method, args[1:], kwargs, node)
        own = getattr(self, f"_call_{name.replace('.', '_')}", None)
        if own is not None and "**" not in kwargs:
            return own(args, kwargs, node)
        if name in ENVIRONMENT or (name.startswith("airflow.") and name.endswith("Variable.get")):
            return self._environment(args, kwargs, node, name)
        row = SHAPES.get(name, VALUES.get(name))
        if row is not None:
            return self._row(row, name, args, kwargs, node)
        if name.startswith("builtins.") and name[9:] in BUILTINS:
            if name[9:] in BUILDING:
                self._may_build(f"`{name[9:]}`", args, kwargs, node)
            return self.unknown(node, f"`{name[9:]}` of something unknown")
        return NotImplemented

    def _row(self, row: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        why = f"`{name.removeprefix('builtins.')}` of something unknown"
        try:
            if name in ORDERING and _holds_objects(args) and kwargs.get("key") is None:
                key = lambda item: Ordered(self, item, node)  # noqa: E731
                return row(self._given(args[0], name, True, node), **{**kwargs, "key": key})
            by_key = kwargs.get("key") is not None
            given = [self._given(arg, name, by_key, node) for arg in args]
            named = {key: self._given(arg, name, by_key, node) for key, arg in kwargs.items()}
            return row(*given, **named)
        except (NotKnown, RecursionError, OSError):
            return self.unknown(node, why)
        except FAILURES as error:
            if not all(map(self.is_deeply_known, [*args, *kwargs.values()])):
                return self.unknown(node, why)
            raise Raised(error) from None

    def _given(self, value: Any, name: str, by_key: bool, node: ast.AST) -> Any:
        """An argument as a row takes it: items of an iterator, functions that can be called."""
        is_deep = name not in SHAPES
        if name in ORDERING and isinstance(value, Class) and value.kind == "enum":
            value = self._iterate(value)
        elif name in CALLERS and (isinstance(value, CALLABLE) or _is_callable(value)):
            return self._function(value, is_deep, node)
        if isinstance(value, Unsure) or id(value) in self.blurred:
            raise NotKnown
        if isinstance(value, Endless) and name in BOUNDED:
            self.touch(value)
            return value
        if isinstance(value, Lazy) or (name in ITERATING and isinstance(value, (Class, Instance))):
            value = self._iterate(value)
            if value is None:
                raise NotKnown
        if isinstance(value, dict) and "**" in value:
            raise NotKnown
        if is_deep:
            value = self.as_text(value) if name == "builtins.str" else value
            if not (by_key and name in BY_KEY) and not self.is_deeply_known(value):
                raise NotKnown
        elif name not in UNORDERED and has_hidden_order(value):
            raise NotKnown
        return value

    def _function(self, value: Any, is_deep: bool, node: ast.AST) -> Any:
        if isinstance(value, Ref) and (kind := TYPES.get(value.name)) is not None and not is_deep:
            return kind

        def call(*args: Any, **kwargs: Any) -> Any:
            found = self.call(value, list(args), kwargs, node)
            if isinstance(found, Unsure) or (is_deep and not self.is_deeply_known(found)):
                raise NotKnown
            return found

        return call

    def _call_builtins_next(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if not args or not isinstance(args[0], Lazy) or id(args[0]) in self.blurred:
            return self.unknown(node, "`next` of something unknown")
        self.touch(args[0])
        if isinstance(args[0], Endless):
            return next(args[0])
        if args[0].items:
            return args[0].items.pop(0)
        if len(args) > 1:
            return args[1]
        raise Raised(StopIteration())

    def _call_builtins_isinstance(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if len(args) != 2 or not is_known(args[0]):
            return self.unknown(node)
        kinds = args[1] if isinstance(args[1], tuple) else (args[1],)
        known = [TYPES.get(kind.name) if isinstance(kind, Ref) else None for kind in kinds]
        if None in known:
            return self.unknown(node)
        return isinstance(args[0], tuple(kind for kind in known if kind is not None))

    def _call_builtins_type(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if len(args) != 1 or not is_known(args[0]) or self.class_of(args[0]) is not None:
            return self.unknown(node)
        kind = str if isinstance(args[0], Assumed) else type(args[0])
        return Ref(f"{kind.__module__}.{kind.__name__}")

    def _call_builtins_callable(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        return False if args and is_known(args[0]) else self.unknown(node)

    def _call_builtins_hasattr(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if len(args) != 2 or not is_known(args[0]) or not isinstance(args[1], str):
            return self.unknown(node)
        return hasattr(args[0], args[1])

    def _call_operator_itemgetter(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        return New("operator.itemgetter", args, kwargs, node)

    _call_operator_attrgetter = _call_operator_itemgetter

    def _call_builtins_globals(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        return self.globals if self.site is None else self.unknown(node)

    def _names_here(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """``vars()`` and ``locals()``: at the top of the module its names."""
        return self.globals if not args and not self.depth and self.site is None else self.unknown(node)

    _call_builtins_vars = _call_builtins_locals = _names_here

    def _call_functools_partial(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        return New("functools.partial", args, kwargs, node)

    def _call_collections_defaultdict(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        kind = TYPES.get(args[0].name) if args and isinstance(args[0], Ref) else None
        if len(args) != 1 or kwargs or kind not in (list, dict, set, int, str, float):
            return self.unknown(node, "a dict with defaults")
        return defaultdict(kind)

    def _environment(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST, source: str) -> Any:
        """The default of an environment variable or an Airflow Variable, and that it was taken."""
        what = "environment variable" if source in ENVIRONMENT else "Airflow Variable"
        if "default_var" in kwargs:
            kwargs = {**kwargs, "default": kwargs["default_var"]}
        default = args[1] if len(args) > 1 else kwargs.get("default")
        if not args or not isinstance(args[0], str):
            return self.unknown(node)
        if len(args) < 2 and "default" not in kwargs:
            return Unsure(node, f"the {what} `{args[0]}`")
        message = f"the {what} `{args[0]}` is taken to be unset, so that its default counts"
        self.say("assumed-default", message, node)
        return Assumed(default) if type(default) is str else default


def _is_callable(value: Any) -> bool:
    return isinstance(value, New) and value.type in ("functools.partial", "operator.itemgetter")


def _holds_objects(args: list[Any]) -> bool:
    """Whether a function is handed one collection that holds objects of the project."""
    items = args[0].items if len(args) == 1 and isinstance(args[0], Lazy) else args[0] if args else ()
    is_one = len(args) == 1 and isinstance(items, (list, tuple))
    return is_one and any(isinstance(item, Instance) for item in items)


def _unbound(name: str) -> str | None:
    """The method of ``str.upper`` and its like."""
    parts = name.split(".")
    is_method = len(parts) == 3 and parts[0] == "builtins" and parts[1] in METHODS_OF
    return parts[2] if is_method else None
