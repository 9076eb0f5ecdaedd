"""What IAM knows of each action: the resources that it can be limited to, and what else it needs.

``authorization.zip`` is made by ``tests/oracles/authorization.py`` from the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/; a service is read when it is asked for.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

AUTHORIZATION = Path(__file__).with_name("authorization.zip")


@dataclass(frozen=True, slots=True)
class Privilege:
    """An IAM action (``glue:StartJobRun``); ``level``: List, Read, Write, Tagging, Permissions management.

    ``resources`` are the kinds of resource that it takes, each with its ARN, in which ``${Name}`` stands for
    a part; ``required`` are those of them without which it allows nothing; ``dependents`` the IAM actions
    that its caller needs besides.
    """

    name: str
    level: str
    resources: Mapping[str, str]
    required: tuple[str, ...]
    dependents: tuple[str, ...]


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(AUTHORIZATION)


@cache
def _services() -> frozenset[str]:
    return frozenset(name.removesuffix(".json") for name in _archive().namelist())


def privilege(action: str) -> Privilege | None:
    """What is known of an IAM action, in any case of its letters; None where there is none of that name."""
    service, _, name = action.partition(":")
    return _privileges(service.lower()).get(name.lower())


@cache
def _privileges(service: str) -> dict[str, Privilege]:
    if service not in _services():
        return {}
    document = json.loads(_archive().read(f"{service}.json"))
    kinds: Mapping[str, str] = document["resources"]
    return {
        name.lower(): _privilege(f"{service}:{name}", row, kinds) for name, row in document["actions"].items()
    }


def _privilege(name: str, row: str, kinds: Mapping[str, str]) -> Privilege:
    level, taken, dependents = row.split("|")
    marked = taken.split(",") if taken else []
    return Privilege(
        name,
        level,
        {kind: kinds[kind] for one in marked if (kind := one.rstrip("*")) in kinds},
        tuple(one.rstrip("*") for one in marked if one.endswith("*")),
        tuple(dependents.split(",")) if dependents else (),
    )
