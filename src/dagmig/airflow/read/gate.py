"""What no parser should be handed: files nested so deeply that libcst runs out of stack, and broken strings.

libcst's parser is native code, and a stack that overflows there ends the process; CPython's own parser
has limits and raises. A file is therefore shown to CPython first.
"""

from __future__ import annotations

import ast
import warnings

MAX_DEPTH = (
    250  # nested expressions and blocks; libcst's visitors reach Python's recursion limit at about 300
)
BROKEN_STRING = ("(unicode error)", "(value error)")


def refusal(text: str) -> tuple[str, int, int] | None:
    """Why a text is not worth parsing, with line and column (from 1); None where it is.

    Other syntax errors are left to libcst, which knows the syntax of every version of Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes like "\\d"
            tree = ast.parse(text)
    except (RecursionError, MemoryError):
        return "nested too deeply", 1, 1
    except SyntaxError as error:
        if not error.msg.startswith(BROKEN_STRING):
            return None
        return f"syntax error: {error.msg}", error.lineno or 1, error.offset or 1
    except ValueError:  # half a surrogate pair, a NUL
        return None
    return ("nested too deeply", 1, 1) if _is_deep(tree) else None


def _is_deep(tree: ast.Module) -> bool:
    """Level by level, without recursion; `a or b or c` is one level in CPython's tree, two in libcst's."""
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if any(isinstance(node, ast.BoolOp) and len(node.values) > MAX_DEPTH for node in level):
            return True
        if not level:
            return False
    return True
