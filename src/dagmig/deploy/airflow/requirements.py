"""The distributions that a DAG file's imports are of, as lines of a requirements file.

A provider's modules are ``airflow.providers.NAME`` or, for a few families, ``airflow.providers.FAMILY.NAME``;
its distribution is ``apache-airflow-providers-NAME`` or ``...-FAMILY-NAME``.
https://airflow.apache.org/docs/apache-airflow-providers/
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

CORE = ""  # the key of Airflow itself
COMES_WITH = {"boto3": "amazon", "botocore": "amazon", "pendulum": CORE}  # what brings a module

LIBRARIES = {"jsonata": "jsonata-python>=0.6,<1"}  # modules of others that generated tasks import


def requirements(texts: Iterable[str]) -> tuple[str, ...]:
    """The lines, for the texts of some DAG files: from the version that conversions are tried with to the
    next one that may break them.
    """
    known = versions()
    modules = {module for text in texts for module in _imported(text)}
    found = {name for module in modules if (name := distribution(module)) is not None}
    lines = [_line(name, known[name]) for name in sorted({CORE, *found})]
    tops = {module.partition(".")[0] for module in modules}
    return (*lines, *(LIBRARIES[name] for name in sorted(tops & LIBRARIES.keys())))


def unknown(texts: Iterable[str]) -> tuple[str, ...]:
    """The top-level modules that are imported, and of which nobody knows here what brings them."""
    modules = {module for text in texts for module in _imported(text)}
    tops = {module.partition(".")[0] for module in modules if distribution(module) is None}
    return tuple(sorted(tops - sys.stdlib_module_names - LIBRARIES.keys()))


def distribution(module: str) -> str | None:
    """What stands behind ``apache-airflow-providers-``, ``CORE`` for Airflow; None for another one's."""
    parts = module.split(".")
    if parts[0] in COMES_WITH:
        return COMES_WITH[parts[0]]
    if parts[0] != "airflow":
        return None
    if parts[1:2] != ["providers"]:
        return CORE
    names = ("-".join(parts[2:4]), parts[2] if len(parts) > 2 else "")
    return next((name for name in names if name and name in versions()), None)


@cache
def versions() -> Mapping[str, str]:
    """The version of each distribution that conversions are tried with."""
    text = files("dagmig.deploy.airflow").joinpath("versions.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def _line(name: str, version: str) -> str:
    major, minor, *_ = version.split(".")
    project = f"apache-airflow-providers-{name}" if name else "apache-airflow"
    return f"{project}>={major}.{minor},<{int(major) + 1}"


def _imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
