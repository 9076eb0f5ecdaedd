"""Values as text that fits its surroundings: between brackets, or as a block of YAML."""

from __future__ import annotations

from dataclasses import dataclass

from dagmig.asl.model import JSON
from dagmig.lint.spelling import escaped, is_plain, quoted


@dataclass(frozen=True, slots=True)
class Style:
    """How the members of an object are written; ``is_escaped`` inside a JSON string."""

    colon: str
    is_plain: bool
    is_escaped: bool
    is_yaml: bool

    @property
    def is_hcl(self) -> bool:
        return self.colon == " = "

    def scalar(self, value: JSON) -> str:
        if isinstance(value, str) and self.is_yaml and is_plain(value):
            return value
        return escaped(quoted(value)) if self.is_escaped else quoted(value)

    def key(self, name: str) -> str:
        if self.is_plain and (name.isidentifier() or (self.is_yaml and is_plain(name.removesuffix(".$")))):
            return name
        return escaped(quoted(name)) if self.is_escaped else quoted(name)


def flow_member(name: str, value: JSON, style: Style, indent: str, unit: str | None) -> str:
    return f"{style.key(name)}{style.colon}{flow(value, style, indent, unit)}"


def flow(value: JSON, style: Style, indent: str, unit: str | None) -> str:
    """A value between brackets; on one line where ``unit``, what a level is indented by, is None."""
    if not isinstance(value, dict | list) or not value:
        return style.scalar(value)
    inner = indent + (unit or "")
    if isinstance(value, dict):
        members = [flow_member(name, one, style, inner, unit) for name, one in value.items()]
    else:
        members = [flow(one, style, inner, unit) for one in value]
    left, right = "{}" if isinstance(value, dict) else "[]"
    if unit is None:
        return f"{left}{(', ' if style.colon.endswith(' ') else ',').join(members)}{right}"
    between = f"\n{inner}" if style.is_hcl and isinstance(value, dict) else f",\n{inner}"
    return f"{left}\n{inner}{between.join(members)}\n{indent}{right}"


def block_member(name: str, value: JSON, indent: str, style: Style) -> str:
    """A field of a YAML block; what is in it stands below, lists of scalars on its line."""
    key = f"{indent}{style.key(name)}:"
    deeper = f"{indent}  "
    if isinstance(value, dict) and value:
        return "\n".join([key, *(block_member(one, held, deeper, style) for one, held in value.items())])
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return "\n".join([key, *(block_element(one, deeper, style) for one in value)])
    return f"{key} {flow(value, style, '', None)}"


def block_element(value: JSON, indent: str, style: Style) -> str:
    if not isinstance(value, dict) or not value:
        return f"{indent}- {flow(value, style, '', None)}"
    lines = "\n".join(block_member(name, held, f"{indent}  ", style) for name, held in value.items())
    return f"{indent}- {lines[len(indent) + 2 :]}"
