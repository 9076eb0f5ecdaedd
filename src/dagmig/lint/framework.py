"""What variables of the Serverless Framework stand for, as far as the file itself says it.

https://www.serverless.com/framework/docs/guides/variables/self
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dagmig.asl.model import JSON, escape

OF_SELF = re.compile(r"\$\{self:([\w.-]+)(?:\s*,\s*([^${}]*))?\}")
MAX_STEPS = 4  # of a variable that stands for another


def resolved(value: JSON, document: Mapping[str, JSON], inside: tuple[str, ...] = ()) -> JSON:
    """A value with what ``${self:custom.rate}`` stands for; what the file does not say stays as it is.

    ``inside`` are the variables that are looked at, of which none stands for itself.
    """
    if isinstance(value, list):
        return [resolved(member, document, inside) for member in value]
    if isinstance(value, dict):
        return {key: resolved(member, document, inside) for key, member in value.items()}
    if not isinstance(value, str) or len(inside) == MAX_STEPS:
        return value
    if (whole := OF_SELF.fullmatch(value)) is not None:
        found = None if whole[1] in inside else _held(whole, document)
        return value if found is None else resolved(found, document, (*inside, whole[1]))

    def written(one: re.Match[str]) -> str:
        found = None if one[1] in inside else resolved(_held(one, document), document, (*inside, one[1]))
        return str(found) if isinstance(found, (str, int, float)) else one[0]

    return OF_SELF.sub(written, value)


def place(value: JSON, document: Mapping[str, JSON]) -> str:
    """The pointer to what a text that is one variable stands for; empty for anything else."""
    whole = OF_SELF.fullmatch(value) if isinstance(value, str) else None
    if whole is None or _at(whole[1], document) is None:
        return ""
    return "".join(f"/{escape(key)}" for key in whole[1].split("."))


def _held(variable: re.Match[str], document: Mapping[str, JSON]) -> JSON:
    found = _at(variable[1], document)
    default = variable[2]
    if found is not None or default is None:
        return found
    return _WORDS.get(default.strip(), default.strip().strip("'\""))


def _at(path: str, document: Mapping[str, JSON]) -> JSON:
    found: JSON = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


_WORDS: Mapping[str, JSON] = {"true": True, "false": False, "null": None}
