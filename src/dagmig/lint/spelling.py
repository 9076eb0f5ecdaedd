"""How a value is spelled where it stands: JSON, JSON in a text, YAML in quotes or plain, HCL."""

from __future__ import annotations

import json
import re

from dagmig.asl.model import JSON

PLAIN = re.compile(r"[A-Za-z_/](?:[\w./$-]|:(?=[\w:]))*(?: [\w./$-]+)*")
WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})  # YAML 1.1 reads no text
TEMPLATE = re.compile(r"[$%]\{")


def quoted(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False)


def escaped(text: str) -> str:
    """A text as it stands inside a JSON string."""
    return quoted(text)[1:-1]


def is_plain(text: str) -> bool:
    """Whether YAML reads a text without quotes as that text."""
    return PLAIN.fullmatch(text) is not None and text.lower() not in WORDS


def spells(written: str, value: JSON) -> bool:
    """Whether ``written`` is a spelling of a value; a plain text spells itself."""
    if written == value or (isinstance(value, str) and written == _single(value)):
        return True
    for read in (str, _unescaped):
        try:
            found = json.loads(read(written))
        except ValueError:
            continue
        if found == value and isinstance(found, bool) == isinstance(value, bool):
            return True
    return False


def respelled(written: str, old: JSON, new: JSON) -> str | None:
    """``new``, spelled as ``written`` spells ``old``; None where it does not."""
    if not spells(written, old):
        return None
    if written.startswith('\\"') or (_unescaped(written).startswith(("[", "{")) and '\\"' in written):
        return escaped(quoted(new))
    if isinstance(new, str) and written.startswith("'"):
        return _single(new)
    if isinstance(new, str) and written == old:
        return new if is_plain(new) else quoted(new)
    if isinstance(new, str) and written == json.dumps(old) != quoted(old):
        return json.dumps(new)
    return quoted(new)


def _single(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _unescaped(written: str) -> str:
    try:
        return str(json.loads(f'"{written}"'))
    except ValueError:
        return written
