"""A definition in JSON, laid out as Workflow Studio does; numbers and texts stay as they are spelled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dagmig.asl.model import Machine, escape
from dagmig.asl.order import ordered, ordered_parts
from dagmig.asl.places import CLOSES, OPENS, TOKEN

INDENT = "  "


@dataclass(slots=True)
class Branch:
    """An object or list of the text; ``members`` are its values as spelled, with their keys in an object."""

    is_object: bool
    members: list[tuple[str, Branch | str]] = field(default_factory=list)


def laid_out(text: str, machine: Machine) -> str:
    """The text of a machine with its fields in order, two blanks a level and a final newline.

    No key of it may be written twice (``Machine.duplicate_keys``): one of them would be lost.
    """
    kinds = {part.pointer: part.of for part in ordered_parts(machine)}
    new = "".join(_written(_tree(text), "", kinds, "\n")) + "\n"
    if json.loads(new) != machine.document:
        raise ValueError("the layout changed the definition")
    return new


def _tree(text: str) -> Branch | str:
    """The values of a valid JSON text."""
    whole = Branch(False)
    stack, key = [whole], ""
    for word in (token[0] for token in TOKEN.finditer(text)):
        if word in CLOSES:
            stack.pop()
        elif word in {":", ","}:
            continue
        elif stack[-1].is_object and not key:
            key = word
        else:
            value = Branch(word == "{") if word in OPENS else word
            stack[-1].members.append((key, value))
            key = ""
            if isinstance(value, Branch):
                stack.append(value)
    return whole.members[0][1]


def _written(value: Branch | str, pointer: str, kinds: Mapping[str, str], end: str) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    opening, closing = "{}" if value.is_object else "[]"
    members = _in_order(value, kinds[pointer]) if pointer in kinds else value.members
    inner = end + INDENT
    for index, (key, member) in enumerate(members):
        name = escape(json.loads(key)) if key else str(index)
        yield (f",{inner}" if index else f"{opening}{inner}") + (f"{key}: " if key else "")
        yield from _written(member, f"{pointer}/{name}", kinds, inner)
    yield f"{end}{closing}" if members else opening + closing


def _in_order(value: Branch, of: str) -> list[tuple[str, Branch | str]]:
    named = {json.loads(key): (key, member) for key, member in value.members}
    return [named[name] for name in ordered(named, of)]
