"""The names of AWS's APIs in the states of ``aws-sdk``."""

from __future__ import annotations

import re


def sdk_name(name: str) -> str:
    """A name of the API in the letters of AWS's SDK for Java: acronyms are words, as in DbInstance."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z](?:[a-zA-Z0-9]|$))", " ", name)
    apart = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", apart)
    words = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", apart).split()
    return "".join(word[:1].upper() + word[1:].lower() for word in words)
