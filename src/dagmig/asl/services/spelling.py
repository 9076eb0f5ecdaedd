"""How boto3 spells the parameters that Step Functions has in PascalCase, and what of an answer it spells so.

``spelling.zip`` is made by ``tests/oracles/service_spelling.py`` from botocore's models.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

SPELLINGS = Path(__file__).with_name("spelling.zip")
_RENAMED = {"equals": "EqualsValue", "Equals": "EqualsValue"}  # says the page above


def pascal(name: str) -> str:
    """A member of botocore's models as Step Functions spells it."""
    return _RENAMED.get(name, name[:1].upper() + name[1:])


_Client = tuple[dict[str, int], dict[str, list[str] | None], list[Any], dict[str, list[str]]]


@cache
def _client(client: str) -> _Client:
    """The numbers of what actions are given, the maps of their answers, the shapes, the ways to bytes."""
    with zipfile.ZipFile(SPELLINGS) as archive:
        if f"{client}.json" not in archive.namelist():
            return {}, {}, [], {}
        given, answers, shapes, contents = json.loads(archive.read(f"{client}.json"))
    return given, answers, shapes, contents


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may have in it; ``number`` is 0 where boto3 spells all of it as Step Functions does."""

    client: str
    number: int = 0

    @property
    def is_plain(self) -> bool:
        return self.number == 0

    @property
    def _held(self) -> Any:
        return _client(self.client)[2][self.number - 1]

    def member(self, name: str) -> tuple[str, Shape] | None:
        """boto3's name of a member, and its shape; a map has every member. None where there is none."""
        match self._held:
            case dict() as members:
                found = next((own for own in members if pascal(own) == name), None)
                return None if found is None else (found, Shape(self.client, members[found]))
            case [int() as inner, "map"]:
                return name, Shape(self.client, inner)
        return None

    @property
    def item(self) -> Shape | None:
        """The shape of a list's members; None where it is no list."""
        match self._held:
            case [int() as inner]:
                return Shape(self.client, inner)
        return None

    def in_camel_case(self, outer: tuple[int, ...] = ()) -> dict[str, Any] | None:
        """Where boto3 begins every name with a small letter: the members with objects of that kind, each with
        its own such members. None where it spells otherwise, or an object is within itself.
        """
        if self.number in outer:
            return None
        held = [self._held]
        while isinstance(held[-1], list):
            if len(held[-1]) > 1:
                return None
            held.append(_client(self.client)[2][held[-1][0] - 1])
        found: dict[str, Any] = {}
        for own, number in held[-1].items():
            if not own[:1].islower() or pascal(own) in _RENAMED.values():
                return None
            if number:
                inner = Shape(self.client, number).in_camel_case((*outer, self.number))
                if inner is None:
                    return None
                found[pascal(own)] = inner
        return found


def parameters(client: str, action: str) -> Shape:
    """The shape of what an action (``RunTask``) of a client (``ecs``) is given."""
    return Shape(client, _client(client)[0].get(action, 0))


def answer_maps(client: str, action: str) -> list[str] | Literal[False] | None:
    """False where an answer is spelled as in Step Functions; else its members that are maps, whose keys stay.

    None where names do not tell.
    """
    return _client(client)[1].get(action, False)


def contents(client: str, action: str) -> tuple[tuple[str, ...], ...]:
    """The ways to what is bytes in what an action is given (``("Records", "*", "Data")``); those within maps
    are not known. At the end of one that is the body of the request stands ``**``: Step Functions writes JSON
    there, and of a text as well (see ``integrations/contents``).
    """
    return tuple(tuple(way.split(".")) for way in _client(client)[3].get(action, ()))
