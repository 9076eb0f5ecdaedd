"""What a branch's callable can choose, where its code says so: the texts that it can return."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dagmig.asl.lower.returns import always_returns, function_of, own_nodes, values_returned
from dagmig.graph.values import Function, Literal, Value
from dagmig.integrations.python_source import statements


@dataclass(frozen=True, slots=True)
class Returned:
    """All texts that a function can return. ``is_single``: it never returns a list; ``is_sure``: it never
    returns None or an empty list.
    """

    texts: frozenset[str] = frozenset()
    is_single: bool = True
    is_sure: bool = True


NOTHING = Returned(is_sure=False)
EMPTY = Returned(is_single=False, is_sure=False)
CONVERTS = frozenset({"list", "tuple", "set", "sorted", "frozenset"})
READS = CONVERTS | {"len", "bool", "any", "all", "print"}
ADDS = {"append": True, "add": True, "extend": False, "update": False}  # whether they take one member
LOOKS = (
    ast.Return, ast.If, ast.IfExp, ast.BoolOp, ast.UnaryOp, ast.Compare, ast.BinOp, ast.For,
    ast.comprehension, ast.Starred, ast.FormattedValue,
)  # fmt: skip
EXPRESSIONS = 400  # no more are looked at


def returned(function: Function) -> Returned | None:
    """What the function returns; None where it may be anything else."""
    found = function_of(function)
    if found is None or any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own_nodes(found.body)):
        return None
    texts = _Texts(found, function)
    said = [NOTHING if value is None else texts.of(value) for value in values_returned(found.body)]
    return _any_of(said if always_returns(found.body) else [*said, NOTHING])


def written_out(values: Iterable[Value | None]) -> Returned | None:
    """What one of several ids, or lists of ids, can be; None where one is not known."""
    return _any_of([_ids(value) for value in values])


def _ids(value: Value | None) -> Returned | None:
    match value:
        case Literal(None):
            return NOTHING
        case Literal(str() as text):
            return Returned(frozenset({text}))
        case Literal(list() | tuple() | set() | frozenset() as ids) if all(isinstance(i, str) for i in ids):
            return Returned(frozenset(ids), len(ids) == 1, bool(ids))
    return None


class _Texts:
    """The texts that expressions of one function can be."""

    def __init__(self, found: ast.FunctionDef, function: Function) -> None:
        self.own, self.module = list(own_nodes(found.body)), statements(function.source)
        self.nodes = [node for statement in self.module for node in ast.walk(statement)]
        given = found.args
        named = (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
        self.parameters = {one.arg for one in named if one is not None}
        self.looked_at: set[str] = set()
        self.count = 0

    def of(self, value: ast.expr) -> Returned | None:
        """All that an expression can be; None where that is not known."""
        self.count += 1
        if self.count > EXPRESSIONS:
            return None
        match value:
            case ast.Constant(str() as text):
                return Returned(frozenset({text}))
            case ast.Constant(None):
                return NOTHING
            case ast.List(members) | ast.Tuple(members) | ast.Set(members):
                return self._list(members)
            case ast.IfExp(_, yes, no):
                return _any_of([self.of(yes), self.of(no)])
            case ast.BinOp(left, ast.Add(), right):
                return _joined(self.of(left), self.of(right))
            case ast.Subscript(ast.Dict() | ast.Name() as mapping):
                return self._members(mapping)
            case ast.Call(ast.Attribute(mapping, "get"), [_, *default], []):
                missing = [self.of(one) for one in default] or [NOTHING]
                return _any_of([self._members(mapping), *missing])
            case ast.Call(ast.Name(name), [given]) if name in CONVERTS and not self._binds(name):
                found = self.of(given)
                return found if found is None or not found.is_single else None
            case ast.ListComp(made, [loop]) | ast.SetComp(made, [loop]):
                return self._comprehended(made, loop)
            case ast.Name(name):
                return self._named(name)
        return None

    def _list(self, members: Sequence[ast.expr]) -> Returned | None:
        """A list of single texts, and of lists with a star."""
        if not members:
            return EMPTY
        found: list[Returned] = []
        for member in members:
            is_starred = isinstance(member, ast.Starred)
            one = self.of(member.value if isinstance(member, ast.Starred) else member)
            if one is None or one.is_single is is_starred or not (one.is_sure or is_starred):
                return None
            found.append(one)
        texts = frozenset[str]().union(*(one.texts for one in found))
        return Returned(texts, is_single=False, is_sure=any(one.is_sure for one in found))

    def _members(self, mapping: ast.expr) -> Returned | None:
        """The values of a dict that is written out."""
        if isinstance(mapping, ast.Name):
            bound = self._bound(mapping.id)
            if bound is None or len(bound) != 1 or not self._is_only_read(mapping.id):
                return None
            (mapping,) = bound
        if not isinstance(mapping, ast.Dict) or None in mapping.keys:
            return None
        return _any_of([self.of(value) for value in mapping.values])

    def _comprehended(self, made: ast.expr, loop: ast.comprehension) -> Returned | None:
        """Some of the members of a list."""
        target = loop.target
        if not (isinstance(made, ast.Name) and isinstance(target, ast.Name) and made.id == target.id):
            return None
        found = self.of(loop.iter)
        if found is None or found.is_single:
            return None
        return Returned(found.texts, is_single=False, is_sure=found.is_sure and not loop.ifs)

    def _named(self, name: str) -> Returned | None:
        """What a variable can hold: all that is ever bound to it, and added to it."""
        bound = self._bound(name)
        if bound is None or name in self.looked_at:
            return None
        self.looked_at.add(name)
        found, added = _any_of([self.of(value) for value in bound]), self._added(name)
        self.looked_at.discard(name)
        if found is None or added is None:
            return None
        if found.is_single:
            return None if added else found
        texts = found.texts.union(*(one.texts for one in added))
        return Returned(texts, False, found.is_sure) if self._is_only_read(name) else None

    def _bound(self, name: str) -> list[ast.expr] | None:
        """The values of the statements that bind a name; None where something else does."""
        if name in self.parameters or self._is_shared(name):
            return None
        found: list[ast.expr] = []
        count = 0
        for node in self.own if self._binds(name) else own_nodes(self.module):
            match node:
                case ast.Name(id=other, ctx=ast.Store() | ast.Del()) if other == name:
                    count += 1
                case ast.Assign([ast.Name(id=other)], value) if other == name:
                    found.append(value)
                case ast.AnnAssign(ast.Name(id=other), _, ast.expr() as value) if other == name:
                    found.append(value)
                case ast.AugAssign(ast.Name(id=other)) if other == name:
                    count -= 1
                case ast.MatchAs(name=other) | ast.MatchStar(other) | ast.ExceptHandler(name=other) if (
                    other == name
                ):
                    count += 1
        return found if found and count == len(found) else None

    def _added(self, name: str) -> list[Returned] | None:
        """What is added to a list anywhere; None where that is not known."""
        found: list[Returned | None] = []
        for node in self.nodes:
            match node:
                case ast.AugAssign(ast.Name(id=other), ast.Add(), value) if other == name:
                    one = self.of(value)
                    found.append(None if one is None or one.is_single else one)
                case ast.AugAssign(ast.Name(id=other)) if other == name:
                    found.append(None)
                case ast.Call(ast.Attribute(ast.Name(id=other), method), [given]) if other == name:
                    one = self.of(given) if method in ADDS else None
                    takes_it = one is not None and one.is_single is ADDS[method]
                    is_sure = one is not None and (one.is_sure or not one.is_single)
                    found.append(one if takes_it and is_sure else None)
        known = [one for one in found if one is not None]
        return known if len(known) == len(found) else None

    def _is_only_read(self, name: str) -> bool:
        """Whether nothing in the module may change a list or dict, but for what ``_added`` sees."""
        for node in self.nodes:
            used = (one for one in ast.iter_child_nodes(node) if isinstance(one, ast.Name) and one.id == name)
            if any(isinstance(one.ctx, ast.Load) for one in used) and not _reads(node):
                return False
        return True

    def _is_shared(self, name: str) -> bool:
        """Whether a function binds the name of another scope."""
        shared = (node for node in self.nodes if isinstance(node, (ast.Global, ast.Nonlocal)))
        return any(name in node.names for node in shared)

    def _binds(self, name: str) -> bool:
        stored = (node for node in self.own if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        return any(node.id == name for node in stored)


def _reads(node: ast.AST) -> bool:
    """Whether a node only looks at the list or dict that is directly in it, or adds to it."""
    match node:
        case ast.Subscript(ctx=ast.Load()):
            return True
        case ast.Attribute(attr=method):
            return method in {*ADDS, "get"}
        case ast.Call(ast.Name(name)):
            return name in READS
    return isinstance(node, LOOKS)


def _any_of(found: Iterable[Returned | None]) -> Returned | None:
    """What one of several can be; None where one is not known."""
    known = list(found)
    said = [one for one in known if one is not None]
    if not said or len(said) != len(known):
        return None
    texts = frozenset[str]().union(*(one.texts for one in said))
    return Returned(texts, all(one.is_single for one in said), all(one.is_sure for one in said))


def _joined(one: Returned | None, other: Returned | None) -> Returned | None:
    """Two lists, one after the other."""
    if one is None or other is None or one.is_single or other.is_single:
        return None
    return Returned(one.texts | other.texts, False, one.is_sure or other.is_sure)
