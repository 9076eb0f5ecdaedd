"""Values as JSON text in templates: ``tojson``, ``json.dumps``, and JSON of what is no text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import nodes

from dagmig.asl.lower.scene import Scene, Untranslatable
from dagmig.asl.lower.templates.code import TIMES, Code, Kind, label, required
from dagmig.diagnostics import Disposition

JSON_TEXT = "tojson writes JSON as Step Functions does: without spaces after `,` and `:`, keys in their order"
DUMPS = ["macros", "json", "dumps"]
COMPACT = {"separators": (",", ":"), "ensure_ascii": False}


def tojson(scene: Scene, code: Code, arguments: Mapping[str, Code]) -> Code:
    """``tojson``. Raises ``Untranslatable``."""
    if arguments:
        raise Untranslatable("tojson with an indent")
    code = required(code)
    match code.kind:
        case Kind.WHOLE | Kind.FLAG | Kind.NOTHING:
            return Code(f"$string({code.source})", Kind.TEXT)
        case Kind.ITEMS | Kind.ENTRIES:
            scene.note(Disposition.NOTED, JSON_TEXT)
            return Code(f"$string({code.source})", Kind.TEXT)
        case Kind.TEXT | Kind.ANY:
            scene.note(Disposition.NOTED, JSON_TEXT)
            held = f"$string({{'v': {code.source}}})"
            return Code(f"($v := {held}; $substring($v, 5, $length($v) - 6))", Kind.TEXT)
    raise Untranslatable(f"tojson of {label(code)}")


def dumped(scene: Scene, positional: Sequence[Code], named: Mapping[str, Code]) -> Code:
    """``json.dumps`` without spaces and with all letters as they are, as Step Functions writes JSON."""
    if {name: code.constant for name, code in named.items()} != COMPACT or len(positional) != 1:
        raise Untranslatable("json.dumps with spaces, or of letters as numbers")
    return tojson(scene, positional[0], {})


def text_or_json(scene: Scene, code: Code) -> Code:
    """A text as it is, anything else as JSON. Raises ``Untranslatable``."""
    code = required(code)
    if code.kind is Kind.TEXT and not code.types:
        return code
    if code.kind in (*TIMES, Kind.SPAN):
        raise Untranslatable(f"tojson of {label(code)}")
    scene.note(Disposition.NOTED, JSON_TEXT)
    return Code(f"$string({code.source})", Kind.TEXT)


def no_text_as_json(node: nodes.Node) -> nodes.Expr | None:
    """``x`` of ``x if x is string else x | tojson``, or of the same with ``json.dumps`` as above."""
    match node:
        case nodes.CondExpr(test=nodes.Test(name="string", node=asked), expr1=given, expr2=written):
            pass
        case _:
            return None
    match written:
        case nodes.Filter(name="tojson", node=value, args=[], kwargs=[]):
            is_json = True
        case nodes.Call(node=called, args=[value], kwargs=named, dyn_kwargs=None):
            is_json = dotted(called) == DUMPS and _constants(named) == COMPACT
        case _:
            return None
    return given if is_json and asked == given == value else None


def _constants(named: Sequence[nodes.Keyword]) -> dict[str, object]:
    found = {}
    for one in named:
        try:
            found[one.key] = one.value.as_const()
        except nodes.Impossible:
            return {}
    return found


def dotted(node: nodes.Node) -> list[str]:
    """``macros.datetime.strptime`` as its names; nothing where it is something else."""
    path: list[str] = []
    while isinstance(node, nodes.Getattr):
        path.append(node.attr)
        node = node.node
    return [node.name, *reversed(path)] if isinstance(node, nodes.Name) else []
