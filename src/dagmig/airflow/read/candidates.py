"""Which files may define a DAG at all: most modules of a project define none, and need not be read."""

from __future__ import annotations

import ast
import re
from typing import Any

MARKS = ("DAG", "dag", "@asset")
MAKES = ("DAG(", "@dag", "@asset")
ABOUT = re.compile(r"dag_?(id|run)")  # names of what is about a DAG and makes none
HIDING = frozenset({"__import__", "eval", "exec", "getattr", "globals", "import_module", "locals", "vars"})


def may_define_dag(text: str) -> bool:
    """A cheap test: files that fail it define no DAG and are never parsed."""
    return "airflow" in text and any(mark in text for mark in MARKS)


def has_no_dag(text: str, file: str, project_root: str | None) -> bool:
    """Whether a file of which the text alone says that it may define a DAG defines none for certain.

    It speaks of DAGs in its comments and texts only, imports nothing of its project that might make one,
    and raises nothing.
    """
    if any(mark in text for mark in MAKES):
        return False
    from dagmig.airflow.read.tree import Refusal, parsed

    found = parsed(text)
    if isinstance(found, Refusal):
        return False
    tree = found.module
    return not any(map(_may_make, ast.walk(tree))) and not _leans(tree, file, project_root)


def _may_make(node: Any) -> bool:
    """Whether a node names a DAG or an asset, hides a name, or ends the import."""
    kind = node.__class__
    if kind is ast.Name:
        return _is_telling(node.id) or node.id in HIDING
    if kind is ast.Attribute:
        return _is_telling(node.attr) or node.attr == "import_module"
    if kind is ast.arg or kind is ast.keyword:
        return _is_telling(node.arg or "")
    if kind is ast.alias:
        return node.name in ("*", *HIDING) or _is_telling(node.name) or _is_telling(node.asname or "")
    if kind is ast.FunctionDef or kind is ast.AsyncFunctionDef or kind is ast.ClassDef:
        return _is_telling(node.name)
    return kind is ast.Module and any(isinstance(statement, ast.Raise) for statement in node.body)


def _is_telling(name: str) -> bool:
    folded = ABOUT.sub("", name.lower())
    return "dag" in folded or "asset" in folded


def _leans(tree: ast.Module, file: str, project_root: str | None) -> bool:
    """Whether a module of the file's project is imported."""
    from dagmig.airflow.read.project import Project

    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    if any(isinstance(node, ast.ImportFrom) and node.level for node in imports):
        return True
    modules = {one.name for node in imports if isinstance(node, ast.Import) for one in node.names}
    modules |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
    project = Project.of(file, project_root)
    return project is not None and any(project.find(module) is not None for module in modules)
