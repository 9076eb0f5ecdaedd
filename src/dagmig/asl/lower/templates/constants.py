"""Expressions of constants only, which Jinja itself evaluates."""

from __future__ import annotations

from jinja2 import nodes
from jinja2.nodes import EvalContext, Impossible
from jinja2.sandbox import SandboxedEnvironment

from dagmig.asl.lower.templates.code import Code, known


class _Environment(SandboxedEnvironment):
    """Folds what is constant, except for operators that may make large values of small ones."""

    intercepted_binops = frozenset({"**", "*", "%"})


_CONTEXT = EvalContext(_Environment())


def folded(node: nodes.Node, own_filters: frozenset[str] | None) -> Code | None:
    """The code of a constant; None where something is known only when it runs.

    ``own_filters`` are those of the DAG, as of ``Rendering``.
    """
    inner = [node, *node.find_all(nodes.Node)]
    if not isinstance(node, nodes.Expr) or any(isinstance(each, (nodes.Name, nodes.Call)) for each in inner):
        return None
    used = {each.name for each in inner if isinstance(each, nodes.Filter)}
    if used and (own_filters is None or used & own_filters):
        return None
    try:
        return known(node.as_const(_CONTEXT))
    except Impossible:
        return None
