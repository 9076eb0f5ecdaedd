"""Values and blocks in Terraform's language.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Raw(str):
    """An expression as it is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its labels; in its ``body`` are arguments by name, ``blocks`` come after them."""

    kind: str
    labels: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    comment: str = ""

    def text(self, indent: str = "") -> str:
        """The block, its arguments aligned as ``terraform fmt`` does not insist on."""
        head = " ".join([self.kind, *(json.dumps(label) for label in self.labels)])
        inner = indent + "  "
        lines = [f"{indent}# {self.comment}"] if self.comment else []
        lines.append(f"{indent}{head} {{")
        lines += [f"{inner}{name} = {expression(value, inner)}" for name, value in self.body.items()]
        lines += [block.text(inner) for block in self.blocks]
        lines.append(f"{indent}}}")
        return "\n".join(lines)


def quoted(text: str) -> Raw:
    """A text that Terraform does not look into."""
    return Raw(_escaped(text).replace("${", "$${").replace("%{", "%%{"))


def filled(text: str, names: Mapping[str, str]) -> Raw:
    """A text in which ``${name}`` is the expression that ``names`` has for it; others stay as they are."""
    parts = re.split(r"(\$\{[\w:]+\})", text)
    if len(parts) == 3 and not parts[0] and not parts[2] and parts[1][2:-1] in names:
        return Raw(names[parts[1][2:-1]])
    shown = []
    for part in parts:
        name = part[2:-1] if part.startswith("${") else ""
        shown.append(f"${{{names[name]}}}" if name in names else quoted(part)[1:-1])
    return Raw('"' + "".join(shown) + '"')


def expression(value: Any, indent: str = "") -> str:
    """A value of JSON, in which ``Raw`` stands for itself."""
    inner = indent + "  "
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        lines = [f"{inner}{_escaped(name)} = {expression(one, inner)}\n" for name, one in value.items()]
        return "{\n" + "".join(lines) + indent + "}"
    if isinstance(value, (list, tuple)):
        if len(value) < 2:
            return f"[{''.join(expression(one, indent) for one in value)}]"
        return "[\n" + "".join(f"{inner}{expression(one, inner)},\n" for one in value) + indent + "]"
    return json.dumps(value)


def _escaped(text: str) -> str:
    """In quotes; characters of control, for most of which there is no escape, become spaces."""
    return json.dumps(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", text), ensure_ascii=False)
