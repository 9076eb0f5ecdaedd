"""The files of an Airflow installation besides its DAGs: its settings, as files or variables, and plugins."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagmig.asl.model import Machine
    from dagmig.lint.source import Declared, Source

LOCAL_SETTINGS = "airflow_local_settings.py"
PLAIN = re.compile(
    r"(Dockerfile|Containerfile)(\..+)?|.+\.[Dd]ockerfile|\.env(\..+)?|.+\.env|airflow\.cfg"
)  # of no suffix that says what they are
DEFAULT_POOL = "default_pool"
POOLS = ("airflow_settings.yaml", "airflow_settings.yml", "pools.json")
WHOLE = frozenset({"airflow.cfg", LOCAL_SETTINGS, *POOLS})
VARIABLES = "AIRFLOW__"  # how variables with settings begin
MARK = {".py": "AirflowPlugin", ".yaml": VARIABLES, ".yml": VARIABLES}


def is_plain(name: str) -> bool:
    """Whether a file of this name, which is no Python, JSON or YAML, may hold settings."""
    return PLAIN.fullmatch(name) is not None


def is_of_installation(path: str, text: str) -> bool:
    """A cheap test; a Python file may define DAGs, and a YAML file machines, all the same."""
    name = os.path.basename(path)  # noqa: PTH119 - ten thousand Paths are slow
    if name in WHOLE:
        return True
    mark = MARK.get(name[name.rfind(".") :]) or (VARIABLES if is_plain(name) else None)
    return mark is not None and mark in text


def pools(source: Source) -> Iterator[Declared]:
    """The pools that a file defines: for ``airflow pools import``, or in the settings of the Astro CLI."""
    if PurePath(source.file).name not in POOLS:
        return
    from dagmig.asl.load import load
    from dagmig.diagnostics import Report
    from dagmig.lint.source import Declared

    found = load(source.text, source.file, Report())
    for pointer, name, slots in _pools(found) if found is not None else ():
        if isinstance(name, str) and type(slots) is int and found is not None:
            yield Declared(name, found.locate(pointer), "pool", str(slots))


def _pools(found: Machine) -> Iterator[tuple[str, Any, Any]]:
    """Place, name and slots of each."""
    from dagmig.asl.model import escape

    document: Any = found.document
    if found.locate("").file.endswith(".json"):
        for name, about in document.items() if isinstance(document, Mapping) else ():
            if isinstance(about, Mapping):
                yield f"/{escape(name)}", name, about.get("slots")
        return
    airflow = document.get("airflow") if isinstance(document, Mapping) else None
    given = airflow.get("pools") if isinstance(airflow, Mapping) else None
    for number, about in enumerate(given if isinstance(given, list) else ()):
        if isinstance(about, Mapping):
            yield f"/airflow/pools/{number}", about.get("pool_name"), about.get("pool_slot")
