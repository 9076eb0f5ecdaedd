"""Formats of ``strftime`` and of pendulum as the pictures that ``$fromMillis`` takes.

https://docs.python.org/3/library/datetime.html#format-codes, https://pendulum.eustace.io/docs/#formatter;
pictures: https://www.w3.org/TR/xpath-functions-31/#rules-for-datetime-formatting
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.templates.code import DATE

DIRECTIVES: Mapping[str, str] = {
    "Y": "[Y0001]", "m": "[M01]", "d": "[D01]", "H": "[H01]", "M": "[m01]", "S": "[s01]", "y": "[Y01]",
    "j": "[d001]", "I": "[h01]", "p": "[PN]", "A": "[FNn]", "a": "[FNn,3-3]", "B": "[MNn]", "b": "[MNn,3-3]",
    "h": "[MNn,3-3]", "u": "[F1]", "F": DATE, "T": "[H01]:[m01]:[s01]", "R": "[H01]:[m01]", "f": "000000",
    "D": "[M01]/[D01]/[Y01]", "%": "%", "-d": "[D]", "-m": "[M]", "-H": "[H]", "-j": "[d]", "-I": "[h]",
    "n": "\n", "t": "\t", "C": "", "Z": "", "z": "", "-M": "", "-S": "",
}  # of strftime, in the C locale; the empty ones are not translated  # fmt: skip
TOKENS: Mapping[str, str] = {
    "YYYY": "[Y0001]", "YY": "[Y01]", "MMMM": "[MNn]", "MMM": "[MNn,3-3]", "MM": "[M01]", "M": "[M]",
    "DDDD": "[d001]", "DDD": "[d]", "DD": "[D01]", "D": "[D]", "dddd": "[FNn]", "ddd": "[FNn,3-3]",
    "HH": "[H01]", "H": "[H]", "hh": "[h01]", "h": "[h]", "mm": "[m01]", "ss": "[s01]", "A": "[PN]",
}  # of pendulum's DateTime.format  # fmt: skip
_TOKEN = re.compile(r"\[([^\[\]]*)\]|(YYYY|YY|MMMM|MMM|MM|M|DDDD|DDD|DD|D|dddd|ddd|HH|H|hh|h|mm|ss|A)|([A-Za-z]+)|(.)", re.DOTALL)  # noqa: E501  # fmt: skip


def picture(layout: str) -> str:
    """The picture of a format of ``strftime``. Raises ``Untranslatable``."""
    found: list[str] = []
    for plain, directive in re.findall(r"([^%]+)|%(-?.|$)", layout, re.DOTALL):
        if plain:
            found.append(plain.replace("[", "[[").replace("]", "]]"))
        elif not (shown := DIRECTIVES.get(directive, "")):
            raise Untranslatable(f"the directive %{directive} of a date's format")
        else:
            found.append(shown)
    return "".join(found)


def pendulum_picture(layout: str) -> str:
    """The picture of a format of pendulum. Raises ``Untranslatable``."""
    found: list[str] = []
    for escaped, token, other, character in _TOKEN.findall(layout):
        if other:
            raise Untranslatable(f"{other} of a date's format")
        plain = escaped or character
        found.append(TOKENS[token] if token else plain.replace("[", "[[").replace("]", "]]"))
    return "".join(found)
