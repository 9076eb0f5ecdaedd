"""The actions of AWS's services: which there are, what they take, what they give.

``catalogue.zip`` is made by ``tests/oracles/service_catalogue.py`` from botocore's models; a service is read
when a machine calls it.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("catalogue.zip")


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a service's API, names in PascalCase; ``permission`` the IAM action, empty if unknown."""

    name: str
    parameters: tuple[str, ...]
    required: tuple[str, ...]
    results: tuple[str, ...]
    permission: str


@dataclass(frozen=True, slots=True)
class Service:
    """``name`` is what ``aws-sdk:`` is followed by, ``client`` botocore's name, ``prefix`` that of IAM."""

    name: str
    client: str
    prefix: str

    @property
    def actions(self) -> dict[str, Action]:
        """By name in camelCase, as in a ``Resource``."""
        return _actions(self.name, self.prefix)


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(CATALOGUE)


@cache
def services() -> dict[str, Service]:
    """Every service, by the name that ``aws-sdk:`` is followed by."""
    index = json.loads(_archive().read("index.json"))
    return {name: Service(name, client, prefix) for name, (client, prefix) in index.items()}


def service(name: str) -> Service | None:
    """The service of a name as it stands in a ``Resource``; None for one that is not known.

    AWS drops the word Service at the end of a few names, as in ``applicationdiscovery``.
    """
    known = services()
    return known.get(name) or known.get(f"{name}service")


@cache
def _actions(name: str, prefix: str) -> dict[str, Action]:
    rows = json.loads(_archive().read(f"{name}.json"))
    return {_camel(action): _action(action, row, prefix) for action, row in rows.items()}


def _action(name: str, row: str, prefix: str) -> Action:
    given, _, results = row.removesuffix("!").partition("|")
    parameters = given.split(",") if given else []
    return Action(
        name,
        tuple(one.rstrip("*") for one in parameters),
        tuple(one.rstrip("*") for one in parameters if one.endswith("*")),
        tuple(results.split(",")) if results else (),
        f"{prefix}:{name}" if prefix and not row.endswith("!") else "",
    )


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
