"""Where the names come from that programs use."""

# ruff: noqa: E501 (a row is a line)

from __future__ import annotations

import abc
import collections
import contextlib
import copy
import dataclasses
import enum
import functools
import itertools
import json
import math
import operator
import os
import pathlib
import re
import string
import textwrap
import types
import typing
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

NAMES: dict[str, tuple[str, ...]] = {
    "airflow.sdk": (
        "DAG", "Asset", "AssetAll", "AssetAny", "BaseOperator", "CronDataIntervalTimetable", "CronTriggerTimetable",
        "DeltaDataIntervalTimetable", "Label", "Param", "TaskGroup", "TriggerRule", "chain", "chain_linear",
        "cross_downstream", "dag", "setup", "task", "task_group", "teardown",
    ),
    "airflow.providers.standard.operators.empty": ("EmptyOperator",),
    "airflow.providers.standard.operators.bash": ("BashOperator",),
    "airflow.providers.standard.operators.python": ("BranchPythonOperator", "PythonOperator", "ShortCircuitOperator"),
    "airflow.providers.standard.operators.trigger_dagrun": ("TriggerDagRunOperator",),
    "airflow.providers.standard.sensors.bash": ("BashSensor",),
    "airflow.providers.standard.sensors.python": ("PythonSensor",),
    "airflow.providers.standard.sensors.time_delta": ("TimeDeltaSensor",),
    "abc": ("ABC", "abstractmethod"),
    "collections": ("Counter", "OrderedDict", "defaultdict", "deque", "namedtuple"),
    "contextlib": ("contextmanager",),
    "dataclasses": ("asdict", "dataclass", "field", "fields", "replace"),
    "datetime": ("date", "datetime", "time", "timedelta"),
    "enum": ("Enum", "IntEnum", "auto"),
    "functools": ("partial", "reduce"),
    "pathlib": ("Path",),
    "types": ("SimpleNamespace",),
    "typing": ("NamedTuple", "TypedDict"),
}  # fmt: skip
MODULES = (
    "collections", "copy", "functools", "itertools", "json", "math", "operator", "os", "pendulum", "re", "string", "textwrap",
)  # fmt: skip
_IMPORTED = (
    abc, collections, contextlib, copy, dataclasses, enum, functools, itertools, json, math, operator, os, pathlib,
    re, string, textwrap, types, typing,
)  # fmt: skip
_DATES = {"date": date, "datetime": datetime, "time": time, "timedelta": timedelta}


def plain_names() -> dict[str, Any]:
    """The names that are no names of Airflow's, as a program finds them."""
    modules = {module.__name__: module for module in _IMPORTED}
    found = {name: modules[name] for name in MODULES if name in modules}
    for module, names in NAMES.items():
        if module in modules:
            found |= {name: getattr(modules[module], name) for name in names}
    return {**found, **_DATES}


def header(text: str, random: Random) -> str:
    """The imports a text needs."""
    used = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text))
    lines = [f"import {module}" for module in MODULES if re.search(rf"(?<![\w.]){module}\.", text)]
    for module, names in NAMES.items():
        if wanted := sorted(used & set(names)):
            lines.append(f"from {module} import {', '.join(wanted)}")
    if random.random() < 0.3:
        random.shuffle(lines)
    return "\n".join(lines) + "\n"


STYLES = (
    "from common.MODULE import {}", "from common.MODULE import {}", "import common.MODULE as lib_MODULE",
    "from common import MODULE as lib_MODULE", "import common.MODULE", "from common.MODULE import *",
)  # fmt: skip


def importing(text: str, names: set[str], style: str, module: str = "") -> tuple[str, str]:
    """The text, with the names reached as the style of import has it, and the import; none where unused."""
    used = sorted(names & set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text)))
    if not used:
        return text, ""
    line = style.replace("MODULE", module)
    if "{}" in line or line.endswith("*"):
        return text, line.format(", ".join(used)) + "\n"
    reached = line.split(" as ")[1] if " as " in line else line.split()[1]
    pattern = re.compile(rf"(?<![\w.])({'|'.join(used)})(?!\w)")
    return pattern.sub(rf"{reached}.\1", text), line + "\n"
