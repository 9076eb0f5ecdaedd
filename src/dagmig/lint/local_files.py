"""The files that code reads and writes by a path that is written in it."""

from __future__ import annotations

import ast

from dagmig.lint.arguments import argument
from dagmig.lint.syntax import Syntax

WRITES = ("to_csv", "to_parquet", "to_json", "to_excel", "to_pickle", "write_text", "write_bytes")
READS = ("read_csv", "read_parquet", "read_json", "read_excel", "read_pickle", "read_text", "read_bytes")


def access(node: ast.Call, name: str, syntax: Syntax) -> tuple[str | None, bool]:
    """The path of a file that a call opens, and whether it writes."""
    last = name.rpartition(".")[2]
    if name == "open":
        mode = syntax.text_of(argument(node, "mode", 1)) or "r"
        return syntax.text_of(argument(node, "file", 0)), mode[:1] in ("w", "a", "x")
    if last in WRITES and not name.startswith("pathlib."):
        return syntax.text_of(argument(node, "path", 0)), True
    if last in READS and name.startswith(("pandas.", "polars.")):
        return syntax.text_of(argument(node, "path", 0)), False
    return None, False
