"""A whole template as one JSONata text: what is printed, joined; ``if``, ``for`` and ``set``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jinja2 import nodes

from dagmig.asl.lower.scene import Rendering, Scene, Untranslatable
from dagmig.asl.lower.templates.code import OPEN, Code, Kind, known, loose, required, surely
from dagmig.asl.lower.templates.expressions import Expressions, Locals
from dagmig.asl.lower.templates.names import as_json
from dagmig.asl.lower.templates.texts import items, joined
from dagmig.diagnostics import Disposition
from dagmig.graph import jinja
from dagmig.graph.values import Opaque

NATIVE = "text that reads as a Python literal stays text; Airflow renders it as that literal"


def printed(text: str, scene: Scene) -> Code:
    """What Airflow renders a text to: a text, or a value where the DAG renders native objects.

    Raises ``Untranslatable``.
    """
    rendering = scene.rendering
    if rendering.problem:
        raise Untranslatable(rendering.problem)
    try:
        body = jinja.tree(text, rendering.options).body
    except jinja.BadTemplate as error:
        raise Untranslatable(f"{text!r}, which Jinja cannot read ({error}),") from error
    if not rendering.is_native:
        return surely(_Statements(scene).texts(body))
    value = _single(body)
    found = surely(_Statements(scene).texts(body)) if value is None else Expressions(scene).of(value)
    if found.kind in (Kind.TEXT, Kind.ANY):
        scene.note(Disposition.NOTED, NATIVE)
    return as_json(found)


def given(source: str, scene: Scene, *, is_library: bool = False) -> Code:
    """What an expression gives, as JSON. Raises ``Untranslatable``."""
    if is_library:
        scene = replace(scene, rendering=Rendering(is_library=True))
    if scene.rendering.problem:
        raise Untranslatable(scene.rendering.problem)
    options = dict(scene.rendering.options)
    opening = options.get("variable_start_string", "{{")
    text = f"{opening} {source} {options.get('variable_end_string', '}}')}"
    value = _single(jinja.tree(text, scene.rendering.options).body)
    assert value is not None
    return as_json(required(Expressions(scene).of(value)))


def _single(body: Sequence[nodes.Node]) -> nodes.Expr | None:
    """The one expression that a template consists of."""
    match body:
        case [nodes.Output(nodes=[found])] if not isinstance(found, nodes.TemplateData):
            return found
    return None


@dataclass(frozen=True, slots=True)
class _Statements:
    scene: Scene
    names: Locals = field(default_factory=dict)
    depth: int = 0

    def texts(self, body: Sequence[nodes.Node]) -> Code:
        """The text of statements in a row; what is set lasts to the end of the row."""
        parts: list[Code] = []
        for place, node in enumerate(body):
            match node:
                case nodes.Output():
                    parts += self._printed(node)
                case nodes.If():
                    parts.append(self._if(node))
                case nodes.For():
                    parts.append(self._for(node))
                case nodes.Assign(target=nodes.Name(name=name), node=value):
                    given = required(Expressions(self.scene, self.names).of(value))
                    return joined([*parts, self._with(name, given, body[place + 1 :])])
                case nodes.AssignBlock(target=nodes.Name(name=name), filter=None):
                    given = surely(required(self.inner().texts(node.body)))
                    return joined([*parts, self._with(name, given, body[place + 1 :])])
                case _:
                    raise Untranslatable(f"the statement {type(node).__name__.lower()} of a template")
        return joined(parts)

    def inner(self) -> _Statements:
        return replace(self, depth=self.depth + 1)

    def _printed(self, node: nodes.Output) -> list[Code]:
        expressions = Expressions(self.scene, self.names)
        return [
            known(part.data) if isinstance(part, nodes.TemplateData) else expressions.text(part)
            for part in node.nodes
        ]

    def _with(self, name: str, given: Code, rest: Sequence[nodes.Node]) -> Code:
        if given.constant is not OPEN:
            return replace(self, names={**self.names, name: given}).texts(rest)
        variable = f"$v_{name}"
        held = replace(given, source=variable, is_loose=False, iso="")
        after = replace(self, names={**self.names, name: held}).texts(rest)
        return Code(f"({variable} := {given.source}; {after.source})", Kind.TEXT, is_sure=after.is_sure)

    def _if(self, node: nodes.If) -> Code:
        for branch in (node.body, node.else_, *(each.body for each in node.elif_)):
            if any(isinstance(each, (nodes.Assign, nodes.AssignBlock)) for each in branch):
                raise Untranslatable("a name that a template sets in one branch only")
        expressions = Expressions(self.scene, self.names)
        arms = [(expressions.truth(each.test), self.inner().texts(each.body)) for each in (node, *node.elif_)]
        otherwise = self.inner().texts(node.else_)
        source = required(otherwise).atom
        for test, body in reversed(arms):
            source = f"{test} ? {required(body).atom} : {source}"
        return loose(source, Kind.TEXT, is_sure=otherwise.is_sure and all(body.is_sure for _, body in arms))

    def _for(self, node: nodes.For) -> Code:
        if node.recursive:
            raise Untranslatable("a recursive loop")
        target, source, member = self._loop(node)
        number = self.depth
        names = {**self.names, **member, **_numbers(number)}
        if node.test is not None:
            own = Expressions(self.scene, {**self.names, **member}).truth(node.test)
            source = f"[$filter({source}, function({target}) {{ {own} }})]"
        inside = replace(self, names=names, depth=number + 1).texts(node.body)
        parameters = f"{target}, $i{number}, $a{number}"
        body = f"$join([$map({source}, function({parameters}) {{ {surely(required(inside)).source} }})])"
        if not node.else_:
            return Code(body, Kind.TEXT)
        otherwise = self.inner().texts(node.else_)
        return loose(f"$count({source}) > 0 ? {body} : {surely(required(otherwise)).atom}", Kind.TEXT)

    def _loop(self, node: nodes.For) -> tuple[str, str, dict[str, Code]]:
        """The loop's JSONata variable, what it goes over, and its names."""
        expressions = Expressions(self.scene, self.names)
        match node.target, node.iter:
            case (
                nodes.Tuple(items=[nodes.Name(name=key), nodes.Name(name=value)]),
                nodes.Call(node=nodes.Getattr(node=of, attr="items"), args=[], kwargs=[]),
            ):
                over = required(expressions.of(of))
                if over.kind not in (Kind.ENTRIES, Kind.ANY):
                    raise Untranslatable("items() of what is no dict")
                found = f"$lookup({over.source}, $v_{key})"
                seen = Opaque(value)
                member = Code(found, Kind.ANY, seen=seen)
                return f"$v_{key}", f"$keys({over.source})", {
                    key: Code(f"$v_{key}", Kind.TEXT), value: member
                }  # fmt: skip
            case nodes.Name(name=name), over_node:
                over = expressions.of(over_node)
                kind = Kind.TEXT if over.kind is Kind.ENTRIES else over.of
                return f"$v_{name}", items(over), {name: Code(f"$v_{name}", kind, seen=Opaque(name))}
        raise Untranslatable("a loop over several names")


def _numbers(number: int) -> dict[str, Code]:
    """Where a loop is, by the names of its attributes."""
    at, of = f"$i{number}", f"$a{number}"
    return {
        "loop.index": loose(f"{at} + 1", Kind.WHOLE),
        "loop.index0": Code(at, Kind.WHOLE),
        "loop.first": loose(f"{at} = 0", Kind.FLAG),
        "loop.last": loose(f"{at} = $count({of}) - 1", Kind.FLAG),
        "loop.length": Code(f"$count({of})", Kind.WHOLE),
        "loop.revindex": loose(f"$count({of}) - {at}", Kind.WHOLE),
    }
