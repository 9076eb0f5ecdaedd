"""Prints the arguments of operators (names on stdin, as JSON) as their installed classes have them."""

import importlib
import inspect
import json
import sys


def arguments(operator: str) -> list[str] | None:
    """Every argument of the class and its bases but BaseOperator's own; None for a class that is gone."""
    module, name = operator.rsplit(".", 1)
    found: set[str] = set()
    try:
        made = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return None
    for base in made.__mro__:
        if base.__module__ == "airflow.sdk.bases.operator":
            break
        if "__init__" in vars(base):
            parameters = inspect.signature(inspect.unwrap(vars(base)["__init__"])).parameters.values()
            found |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return sorted(found - {"self"})


json.dump({operator: arguments(operator) for operator in json.load(sys.stdin)}, sys.stdout)
