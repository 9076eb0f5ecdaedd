"""How boto3 spells the parameters that Step Functions has in PascalCase, and what of an answer it spells so.

The states of ``aws-sdk`` have the letters of AWS's SDK for Java, in which acronyms are words: ``DbInstance``.
Of DynamoDB's types (``BOOL``) it is not known, so that they stay.

``spelling.zip`` is made by ``tests/oracles/service_spelling.py`` from botocore's models.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dagmig.integrations.sdk_names import sdk_name

SPELLINGS = Path(__file__).with_name("spelling.zip")
_RENAMED = {"equals": "EqualsValue", "Equals": "EqualsValue"}  # says the page above


_AS_IN_THE_API = frozenset({"dynamodb", "dynamodbstreams"})


def pascal(name: str) -> str:
    """A member of botocore's models as an optimized integration spells it."""
    return _RENAMED.get(name, name[:1].upper() + name[1:])


def of_sdk(name: str, client: str) -> str:
    """A member of botocore's models as a state of ``aws-sdk`` spells it."""
    return pascal(name) if client in _AS_IN_THE_API else _RENAMED.get(name, sdk_name(name))


Answers = dict[str, tuple[list[str] | None, str]]
_Client = tuple[dict[str, int], Answers, list[Any], dict[str, list[str]]]


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
                spelled = (own for own in members if name in (pascal(own), of_sdk(own, self.client)))
                found = next(spelled, None)
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

    def is_as_optimized(self, outer: tuple[int, ...] = ()) -> bool:
        """Whether boto3 spells all of it as an optimized integration does, if not as ``aws-sdk``."""
        if self.number == 0 or self.number in outer:
            return True
        held = self._held
        names, numbers = (list(held), list(held.values())) if isinstance(held, dict) else ([], held[:1])
        seen = (*outer, self.number)
        return all(pascal(name) == name for name in names) and all(
            Shape(self.client, number).is_as_optimized(seen) for number in numbers
        )

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


PASCAL, SDK = "P", "S"  # how an answer is spelled otherwise by boto3


@dataclass(frozen=True, slots=True)
class Answer:
    """How an answer is respelt: ``PASCAL`` or ``SDK``, empty where it is as in Step Functions. ``maps``: its
    members that are maps, whose keys stay; None where names do not tell.
    """

    way: str = ""
    maps: tuple[str, ...] | None = ()


def answer(client: str, action: str, *, is_sdk: bool) -> Answer:
    """How what an action answers is spelled, to an optimized integration or to a state of ``aws-sdk``."""
    maps, ways = _client(client)[1].get(action, ([], ""))
    way = SDK if is_sdk and SDK in ways else PASCAL if PASCAL in ways else ""
    return Answer(way, None if maps is None else tuple(maps)) if way else Answer()


def contents(client: str, action: str) -> tuple[tuple[str, ...], ...]:
    """The ways to what is bytes in what an action is given (``("Records", "*", "Data")``); those within maps
    are not known. At the end of one that is the body of the request stands ``**``: Step Functions writes JSON
    there, and of a text as well (see ``integrations/contents``).
    """
    return tuple(tuple(way.split(".")) for way in _client(client)[3].get(action, ()))
