"""Jinja's expressions as JSONata, with Python's meaning of each operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jinja2 import nodes

from dagmig.asl.lower.scene import Scene, Untranslatable
from dagmig.asl.lower.templates import calls, filters, json_texts, library, macros, moments, operators, texts
from dagmig.asl.lower.templates.code import (
    NUMBERS,
    OPEN,
    TIMES,
    Code,
    Kind,
    either,
    label,
    loose,
    required,
    text,
    truth,
)
from dagmig.asl.lower.templates.constants import folded
from dagmig.asl.lower.templates.names import MOMENTS, context, of_macros, referred
from dagmig.graph import jinja
from dagmig.graph.values import Opaque, RunContext, Value
from dagmig.integrations.jsonata import quoted

_HELD = frozenset(dir(dict)) | frozenset(dir(list)) | frozenset(dir(str))
OBJECTS = frozenset({"dag_run", "ti", "task_instance", "dag", "task", "params", "macros", "var"})
Locals = Mapping[str, Code]


@dataclass(frozen=True, slots=True)
class Expressions:
    """Compiles the expressions of one template; ``names`` are those set within the template."""

    scene: Scene
    names: Locals = field(default_factory=dict)

    def of(self, node: nodes.Node) -> Code:
        """The code of an expression. Raises ``Untranslatable``."""
        if (found := folded(node, self.scene.rendering.own_filters)) is not None:
            return found
        if not (isinstance(node, nodes.Name) and node.name in self.names):
            value = jinja.named(node) if not self._is_local(node) else None
            if value is not None and not self._is_attribute(node, value):
                return referred(value, self.scene)
        made = getattr(self, f"_{type(node).__name__.lower()}", None)
        if made is None:
            raise Untranslatable(f"{type(node).__name__} in a template")
        found = made(node)
        assert isinstance(found, Code)
        return found

    def text(self, node: nodes.Expr) -> Code:
        """The text that an expression is printed as."""
        if (value := json_texts.no_text_as_json(node)) is not None:
            return json_texts.text_or_json(self.scene, self.of(value))
        return text(self.of(node), self.scene.in_text)

    def truth(self, node: nodes.Node) -> str:
        """A JSONata boolean for an expression in a condition."""
        match node:
            case nodes.And() | nodes.Or():
                word = "and" if isinstance(node, nodes.And) else "or"
                return f"({self.truth(node.left)} {word} {self.truth(node.right)})"
            case nodes.Not():
                return f"$not({self.truth(node.node)})"
            case nodes.Name(name=name) if name in OBJECTS and name not in self.names:
                return "true"
        return truth(self.of(node))

    def _is_attribute(self, node: nodes.Node, value: Value) -> bool:
        """Whether it is an attribute of a moment of the run."""
        if not isinstance(value, RunContext) or not isinstance(node, nodes.Getattr) or value.path:
            return False
        base = value.name.rpartition(".")[0]
        return base.removeprefix("dag_run.") in MOMENTS

    def _is_local(self, node: nodes.Node) -> bool:
        while isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Call)):
            node = node.node
        return isinstance(node, nodes.Name) and node.name in self.names

    def _name(self, node: nodes.Name) -> Code:
        if node.name in self.names:
            return self.names[node.name]
        found = context(node.name, self.scene) or of_macros(node.name, self.scene.rendering.macros)
        if found is None:
            raise Untranslatable(node.name)
        return found

    def _getattr(self, node: nodes.Getattr) -> Code:
        if isinstance(node.node, nodes.Name) and (found := self.names.get(f"{node.node.name}.{node.attr}")):
            return found
        base = self.of(node.node)
        if base.kind in (*TIMES, Kind.SPAN) and (found := moments.attribute(base, node.attr)) is not None:
            return found
        if base.kind not in (Kind.ANY, Kind.ENTRIES) or node.attr in _HELD:
            raise Untranslatable(f"{node.attr} of {label(base)}")
        return calls.member(base, node.attr)

    def _getitem(self, node: nodes.Getitem) -> Code:
        base = self.of(node.node)
        if isinstance(node.arg, nodes.Slice):
            return self._sliced(base, node.arg)
        key = self.of(node.arg)
        if base.kind is Kind.TEXT and type(key.constant) is int:
            return Code(f"$substring({required(base).source}, {key.constant}, 1)", Kind.TEXT)
        if isinstance(key.constant, (str, int)) and base.kind in (Kind.ANY, Kind.ENTRIES, Kind.ITEMS):
            if base.kind is Kind.ANY and isinstance(key.constant, int):
                at = f"{base.atom}[{key.constant}]"
                letter = f"$substring({base.source}, {key.constant}, 1)"
                source = f"$type({base.source}) = 'string' ? {letter} : {at}"
                return loose(source, Kind.ANY, may_miss=True, seen=Opaque(f"{label(base)}[{key.constant}]"))
            return calls.member(base, key.constant)
        if key.kind is Kind.TEXT and base.kind in (Kind.ANY, Kind.ENTRIES):
            seen = Opaque(f"{label(base)}[...]")
            return Code(f"$lookup({base.source}, {required(key).source})", Kind.ANY, may_miss=True, seen=seen)
        if key.kind is Kind.WHOLE and base.kind in (Kind.ANY, Kind.ITEMS):
            return calls.at(base, required(key))
        raise Untranslatable(f"a part of {label(base)}")

    def _sliced(self, base: Code, wanted: nodes.Slice) -> Code:
        ends = [None if each is None else self.of(each).constant for each in (wanted.start, wanted.stop)]
        start, stop = ends
        if wanted.step is None and base.kind is Kind.ITEMS and OPEN not in ends:
            return operators.sliced(required(base), start, stop)
        if wanted.step is not None or base.kind is not Kind.TEXT or OPEN in ends:
            raise Untranslatable(f"a slice of {label(base)}")
        held = required(base).source
        start = start or 0
        if stop is None:
            return Code(f"$substring({held}, {start})", Kind.TEXT)
        if stop >= 0 and start >= 0:
            return Code(f"$substring({held}, {start}, {max(0, stop - start)})", Kind.TEXT)
        if stop < 0 <= start:
            return Code(f"$substring({held}, {start}, $length({held}) - {start - stop})", Kind.TEXT)
        raise Untranslatable(f"a slice of {label(base)}")

    def _call(self, node: nodes.Call) -> Code:
        if node.node == nodes.Name("dict", "load") and "dict" not in self.names and not node.dyn_args:
            return self._merged(node)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Untranslatable("a call with * or **")
        if (pulls := jinja.pulled(node)) is not None:
            return self._pull(pulls)
        if self.scene.rendering.is_library and isinstance(node.node, nodes.Name):
            return self._of_library(node)
        positional = [self.of(each) for each in node.args]
        named = {each.key: self.of(each.value) for each in node.kwargs}
        if (path := json_texts.dotted(node.node)) and path[0] == "macros" and "macros" not in self.names:
            if path == json_texts.DUMPS:
                return json_texts.dumped(self.scene, positional, named)
            found = macros.macro(".".join(path[1:]), positional, named)
            if found is None:
                raise Untranslatable(".".join(path))
            return found
        if path == ["range"] and not named and 1 <= len(positional) <= 2:
            return calls.ranged(positional)
        if path == ["params", "get"] and not named and isinstance(positional[0].constant, str):
            return calls.param(self.scene, positional)
        if path and path[0] == "var" and len(path) == 3 and path[2] == "get" and path[1] in ("value", "json"):
            return calls.variable(self.scene, path[1] == "json", positional, named)
        if not isinstance(node.node, nodes.Getattr):
            raise Untranslatable(f"a call of {'.'.join(path) or 'what is computed'}")
        return calls.method(self.scene, self.of(node.node.node), node.node.attr, positional, named)

    def _merged(self, node: nodes.Call) -> Code:
        """``dict(...)``, of a dict and of keywords."""
        own = nodes.Dict([nodes.Pair(nodes.Const(each.key), each.value) for each in node.kwargs])
        given = [*node.args, *([own] if own.items else []), node.dyn_kwargs]
        return calls.merged([self.of(each) for each in given if each is not None])

    def _of_library(self, node: nodes.Call) -> Code:
        """``evaluate(...)`` of JSONata, or ``holds(...)`` of what it gives."""
        assert isinstance(node.node, nodes.Name)
        if node.node.name == "holds":
            return library.holds(self.of(node.args[0]))
        query, names = node.args
        assert isinstance(query, nodes.Const) and isinstance(names, nodes.Dict)
        pairs = ((pair.key, pair.value) for pair in names.items)
        given = {key.value: required(self.of(value)) for key, value in pairs if isinstance(key, nodes.Const)}
        return library.evaluated(query.value, given)

    def _pull(self, pulls: jinja.Pull) -> Code:
        scene = self.scene
        if pulls.is_of_item and scene.of_item is not None:
            scene = replace(scene, variable=scene.of_item)
        found = [referred(output, scene) for output in pulls.outputs]
        if pulls.is_list:
            return operators.items_of(found)
        if pulls.default is None:
            return found[0]
        default = self.of(pulls.default)
        source = f"{found[0].atom} = null ? {default.atom} : {found[0].atom}"
        return loose(source, either(found[0], default), seen=found[0].seen)

    def _filter(self, node: nodes.Filter) -> Code:
        own = self.scene.rendering.own_filters
        if node.node is None or own is None or node.name in own:
            raise Untranslatable(f"the filter {node.name} of the DAG's own")
        positional = [self.of(each) for each in node.args]
        named = {str(each.key): self.of(each.value) for each in node.kwargs}
        return filters.apply(self.scene, node.name, self.of(node.node), positional, named)

    def _test(self, node: nodes.Test) -> Code:
        arguments = [self.of(each) for each in node.args]
        return filters.test(self.of(node.node), node.name, arguments)

    def _compare(self, node: nodes.Compare) -> Code:
        parts: list[str] = []
        left = self.of(node.expr)
        for operand in node.ops:
            right = self.of(operand.expr)
            parts.append(operators.compared(operand.op, required(left), required(right)))
            left = right
        if len(parts) == 1:
            return loose(parts[0], Kind.FLAG)
        return loose(" and ".join(f"({part})" for part in parts), Kind.FLAG)

    def _and(self, node: nodes.And) -> Code:
        if isinstance(node.left, nodes.Name) and self.truth(node.left) == "true":
            return self.of(node.right)
        left, right = self.of(node.left), self.of(node.right)
        if left.kind is right.kind is Kind.FLAG:
            return loose(f"{required(left).atom} and {required(right).atom}", Kind.FLAG)
        return operators.chosen(truth(left), right, left)

    def _or(self, node: nodes.Or) -> Code:
        left, right = self.of(node.left), self.of(node.right)
        if left.kind is right.kind is Kind.FLAG:
            return loose(f"{required(left).atom} or {required(right).atom}", Kind.FLAG)
        return operators.chosen(truth(left), left, right)

    def _not(self, node: nodes.Not) -> Code:
        return Code(f"$not({self.truth(node.node)})", Kind.FLAG)

    def _condexpr(self, node: nodes.CondExpr) -> Code:
        if node.expr2 is None:
            yes = required(self.text(node.expr1))  # without an else it is nothing, which prints nothing
            return loose(f"{self.truth(node.test)} ? {yes.atom} : ''", Kind.TEXT, is_sure=yes.is_sure)
        return operators.chosen(self.truth(node.test), self.of(node.expr1), self.of(node.expr2))

    def _concat(self, node: nodes.Concat) -> Code:
        return texts.joined([self.text(each) for each in node.nodes])

    def _list(self, node: nodes.List | nodes.Tuple) -> Code:
        return operators.items_of([self.of(each) for each in node.items])

    _tuple = _list

    def _dict(self, node: nodes.Dict) -> Code:
        pairs: list[str] = []
        for pair in node.items:
            key = self.of(pair.key)
            if not isinstance(key.constant, str):
                raise Untranslatable("a dict's key that is known only when it runs")
            pairs.append(f"{quoted(key.constant)}: {required(self.of(pair.value)).source}")
        return Code(f"{{{', '.join(pairs)}}}", Kind.ENTRIES)

    def _neg(self, node: nodes.Neg) -> Code:
        of = required(self.of(node.node))
        if of.kind not in NUMBERS:
            raise Untranslatable(f"the negative of {label(of)}")
        return Code(f"(-{of.atom})", of.kind)

    def _add(self, node: nodes.Add) -> Code:
        return operators.added(required(self.of(node.left)), required(self.of(node.right)))

    def _sub(self, node: nodes.Sub) -> Code:
        left, right = required(self.of(node.left)), required(self.of(node.right))
        return moments.arithmetic("-", left, right) or operators.number("-", left, right)

    def _mul(self, node: nodes.Mul) -> Code:
        return operators.number("*", required(self.of(node.left)), required(self.of(node.right)))

    def _div(self, node: nodes.Div) -> Code:
        found = operators.number("/", required(self.of(node.left)), required(self.of(node.right)))
        return replace(found, kind=Kind.FRACTION)

    def _floordiv(self, node: nodes.FloorDiv) -> Code:
        found = operators.number("/", required(self.of(node.left)), required(self.of(node.right)))
        return Code(f"$floor({found.source})", found.kind)

    def _pow(self, node: nodes.Pow) -> Code:
        return operators.power(self.of(node.left), self.of(node.right))

    def _mod(self, node: nodes.Mod) -> Code:
        if isinstance(node.left, nodes.Const) and isinstance(node.left.value, str):
            given = node.right.items if isinstance(node.right, nodes.Tuple) else [node.right]
            return texts.percent(self.scene, node.left.value, [self.of(each) for each in given])
        return operators.modulo(required(self.of(node.left)), required(self.of(node.right)))
