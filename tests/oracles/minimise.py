"""Make a program small while it keeps what is interesting about it: by statements, then by expressions."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

PARTS = ("args", "keywords", "elts", "values", "bases", "decorator_list", "names")
LISTS = ("body", "orelse", "finalbody", "handlers", "cases")


def minimised(text: str, interesting: Callable[[str], bool], budget: int = 500) -> str:
    """The smallest text found; ``text`` itself where even its tree written out anew is not interesting."""
    tree = ast.parse(text)
    best = ast.unparse(tree)
    if not interesting(best):
        return text
    tried = {best}
    changed = True
    while changed:
        changed = False
        for smaller in _smaller(ast.parse(best)):
            if smaller in tried or len(smaller) >= len(best):
                continue
            if len(tried) > budget:
                return best
            tried.add(smaller)
            if interesting(smaller):
                best, changed = smaller, True
                break
    return best


def _smaller(tree: ast.Module) -> Iterator[str]:
    count = sum(1 for _ in ast.walk(tree))
    for reduce in (_without_statements, _unwrapped, _simpler):
        for index in range(count):
            yield from reduce(tree, index)


def _node(tree: ast.Module, index: int) -> tuple[ast.Module, ast.AST]:
    twin = copy.deepcopy(tree)
    return twin, next(node for number, node in enumerate(ast.walk(twin)) if number == index)


def _text(tree: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(tree))


def _without_statements(tree: ast.Module, index: int) -> Iterator[str]:
    """Without runs of statements of one block, long runs first."""
    _, node = _node(tree, index)
    for name in LISTS:
        block = getattr(node, name, None)
        if not isinstance(block, list) or not block:
            continue
        size = len(block)
        while size:
            for start in range(0, len(block), size):
                twin, same = _node(tree, index)
                kept = getattr(same, name)
                del kept[start : start + size]
                if not kept and name in ("body", "cases") and not isinstance(same, ast.Module):
                    kept.append(ast.Pass())
                if _holds(twin):
                    yield _text(twin)
            size //= 2


def _holds(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and not node.handlers and not node.finalbody:
            return False
        if isinstance(node, ast.Match) and not all(isinstance(case, ast.match_case) for case in node.cases):
            return False
    return True


def _unwrapped(tree: ast.Module, index: int) -> Iterator[str]:
    """With the body of a compound statement in its place."""
    _, node = _node(tree, index)
    for name in LISTS[:3]:
        block = getattr(node, name, None)
        if not isinstance(block, list):
            continue
        for position, statement in enumerate(block):
            for inner in LISTS[:3]:
                if getattr(statement, inner, None):
                    twin, same = _node(tree, index)
                    own = getattr(same, name)
                    own[position : position + 1] = getattr(own[position], inner)
                    yield _text(twin)


def _simpler(tree: ast.Module, index: int) -> Iterator[str]:
    """With an expression's part, or a constant, in its place; without an argument or an item."""
    _, node = _node(tree, index)
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.expr) and not isinstance(value, (ast.Constant, ast.Name)):
            parts = [part for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr)]
            for number in range(len(parts)):
                twin, same = _node(tree, index)
                own = getattr(same, field)
                inner = [part for part in ast.iter_child_nodes(own) if isinstance(part, ast.expr)][number]
                setattr(same, field, inner)
                yield from _written(twin)
            for constant in ("a", 1):
                twin, same = _node(tree, index)
                setattr(same, field, ast.Constant(constant))
                yield from _written(twin)
        if isinstance(value, list) and field in PARTS:
            for number in range(len(value)):
                twin, same = _node(tree, index)
                del getattr(same, field)[number]
                if field == "values" and isinstance(same, ast.Dict):
                    del same.keys[number]
                yield from _written(twin)
                if (
                    field != "keywords"
                    and isinstance(value[number], ast.expr)
                    and not isinstance(value[number], ast.Constant)
                ):
                    twin, same = _node(tree, index)
                    getattr(same, field)[number] = ast.Constant("a")
                    yield from _written(twin)


def _written(tree: ast.Module) -> Iterator[str]:
    try:
        text = _text(tree)
        ast.parse(text)
    except (SyntaxError, ValueError, AttributeError, TypeError, IndexError):
        return
    yield text
