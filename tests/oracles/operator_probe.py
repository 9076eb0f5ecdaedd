"""Run by Airflow's own Python: what its operators do that a DAG file does not say, as JSON.

``python operator_probe.py OUT.json``: every operator class of Airflow and the installed providers is made
once with as little as it needs, and once for each argument with another task's output there. Under a class's
qualified name (``@task.bash`` for a decorator): its template ``fields``, how the names of template ``files``
end and, where it could be made, ``plain`` the arguments an output in which makes no edge, ``edges`` those in
which it makes one, ``mixed`` those where it depends on what it is in, ``required`` those without which it is
refused, ``outputs`` the properties that are the task's output, and ``own`` the values that a task has which
says nothing, where they are not those of every operator.

Works with Airflow 2 and 3, without a network.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import logging
import re
import sys
import tempfile
import warnings
from datetime import timedelta
from pathlib import Path

import dagbag_graphs

HOMES = re.compile(r"\.(operators|sensors|transfers)(\.|$)")
PACKAGES = ("airflow.providers", "airflow.operators", "airflow.sensors")
OWN = (
    "retries",
    "retry_delay",
    "max_retry_delay",
    "execution_timeout",
    "trigger_rule",
    "retry_exponential_backoff",
)
MISSING = re.compile(r"missing keyword arguments? (.*)")
CALLABLES = ("callable", "function", "fn")


def classes(base: type) -> dict[str, type]:
    """The operators in the modules that hold them, by qualified name where they are defined."""
    found = {}
    for package in PACKAGES:
        for name in modules(package):
            found |= of_module(name, base)
    return found


def modules(package: str) -> list[str]:
    """Those of a package that hold operators; some packages of providers have no ``__init__.py``."""
    try:
        places = list(importlib.import_module(package).__path__)
    except ImportError:
        return []
    found = set()
    for place in places:
        for file in Path(place).rglob("*.py"):
            parts = file.relative_to(place).with_suffix("").parts
            found.add(".".join((package, *(part for part in parts if part != "__init__"))))
    return sorted(name for name in found if HOMES.search(name) and ".tests." not in name)


def of_module(name: str, base: type) -> dict[str, type]:
    try:
        module = importlib.import_module(name)
    except BaseException:
        return {}
    return {
        f"{value.__module__}.{value.__qualname__}": value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__.startswith("airflow.")
    }


def decorators() -> dict[str, type]:
    """The classes behind ``@task`` and ``@task.<name>``."""
    from airflow.decorators import task
    from airflow.providers_manager import ProvidersManager

    found = {"@task": task(lambda: None).operator_class}
    for name in ProvidersManager().taskflow_decorators:
        with contextlib.suppress(Exception):
            found[f"@task.{name}"] = getattr(task, name)(lambda: None).operator_class
    return found


def parameters(cls: type, base: type) -> list[str]:
    """The names of the class's arguments but those of every operator."""
    found: dict[str, None] = {}
    for one in cls.__mro__:
        if one is base:
            break
        if "__init__" in vars(one):
            signature = inspect.signature(inspect.unwrap(vars(one)["__init__"]))
            kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
            found |= {p.name: None for p in signature.parameters.values() if p.kind in kinds}
    known = set(inspect.signature(inspect.unwrap(base.__init__)).parameters)
    return [name for name in found if name not in known]


def stand_in(name: str, kind: object) -> object:
    return print if any(mark in name for mark in CALLABLES) else kind


def least(cls: type, make) -> dict | None:
    """The fewest arguments with which the class can be made; None where none were found."""
    for kind in ("x", {}, [], 1, timedelta(seconds=1)):
        given: dict[str, object] = {}
        for _ in range(12):
            try:
                make(cls, given)
                return given
            except BaseException as error:
                missing = MISSING.search(str(error))
                names = re.findall(r"'(\w+)'", missing[1]) if missing else []
                if not names or set(names) <= given.keys():
                    break
                given |= {name: stand_in(name, kind) for name in names}
    return None


class Probe:
    """Makes operators, each in a DAG of its own beside a task ``up`` that has an output."""

    def __init__(self, dag, empty) -> None:
        self.dag, self.empty = dag, empty

    def make(self, cls: type, given: dict, output: str = "", wrapped=lambda out: out):
        from datetime import datetime

        with self.dag("d", start_date=datetime(2020, 1, 1)):
            up = self.empty(task_id="up")
            more = {output: wrapped(up.output)} if output else {}
            return cls(task_id="t", **{**given, **more})

    def kind_of(self, cls: type, given: dict, name: str) -> str:
        """Whether an output makes an edge, by itself, in a dict, in a list; empty where none can be there."""
        seen = []
        for wrapped in (lambda out: out, lambda out: {"k": out}, lambda out: [out]):
            with contextlib.suppress(BaseException):
                task = self.make(cls, given, name, wrapped)
                seen.append("up" in task.upstream_task_ids)
        return "" if not seen else "edges" if all(seen) else "mixed" if any(seen) else "plain"

    def outputs(self, task, base: type) -> list[str]:
        """The properties whose value is the task's output."""
        found = []
        known = dir(base)
        for name in dir(type(task)):
            if name not in known and isinstance(getattr(type(task), name, None), property):
                with contextlib.suppress(BaseException):
                    value = getattr(task, name)
                    if type(value).__name__ == "PlainXComArg" and value.operator is task:
                        found.append(name)
        return found

    def facts(self, cls: type, base: type, plain: dict) -> dict:
        fields = cls.template_fields
        found: dict[str, object] = {
            "fields": [fields]
            if isinstance(fields, str)
            else [*fields]
            if isinstance(fields, (list, tuple))
            else [],
            "files": [one for one in cls.template_ext or () if isinstance(one, str)],
        }
        first = {}
        if hasattr(cls, "custom_operator_name") and "Decorated" in cls.__name__:
            first = {"python_callable": lambda: None, "op_args": [], "op_kwargs": {}}
        given = least(cls, lambda cls, given: self.make(cls, {**first, **given}))
        if given is None:
            return found
        found["required"] = sorted(given.keys() - first.keys())
        given = {**first, **given}
        found |= {"plain": [], "edges": [], "mixed": []}
        for name in parameters(cls, base):
            if kind := self.kind_of(cls, given, name):
                found[kind].append(name)
        found["outputs"] = self.outputs(self.make(cls, given), base)
        own = own_values(self.make(cls, given))
        found["own"] = {name: value for name, value in own.items() if value != plain[name]}
        return found


def own_values(task) -> dict[str, object]:
    values = {name: getattr(task, name, None) for name in OWN}
    return {
        name: value.total_seconds() if isinstance(value, timedelta) else getattr(value, "value", value)
        for name, value in values.items()
    }


def main(out: str) -> None:
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w") as log:
        dagbag_graphs.isolate(home)
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
            from airflow import DAG
            from airflow.providers.standard.operators.empty import EmptyOperator

            base = next(one for one in EmptyOperator.__mro__ if one.__name__ == "BaseOperator")
            probe = Probe(DAG, EmptyOperator)
            plain = own_values(probe.make(EmptyOperator, {}))
            found = {**classes(base), **decorators()}
            facts = {name: probe.facts(cls, base, plain) for name, cls in found.items()}
    Path(out).write_text(json.dumps(facts, sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1])
