"""What a Terraform file names, and what it declares."""

from __future__ import annotations

import re

DECLARED = re.compile(r'^(resource|data) "(\w+)" "([\w-]+)"|^(variable) "(\w+)"', re.MULTILINE)
NAMED = re.compile(r"(?<![\w.\"/])(data\.)?(aws_\w+|archive_file|var)\.([\w-]+)")


def declared(text: str) -> list[str]:
    """The addresses of all resources, data sources and variables, in order."""
    found = []
    for kind, of, name, _, variable in DECLARED.findall(text):
        prefix = "data." if kind == "data" else ""
        found.append(f"var.{variable}" if variable else f"{prefix}{of}.{name}")
    return found


def undeclared(text: str) -> set[str]:
    """What is named and not declared."""
    return {"".join(one[:2]) + "." + one[2] for one in NAMED.findall(text)} - set(declared(text))
