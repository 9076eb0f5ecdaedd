"""Which parameters of AWS's actions are text, where an operator stands for the action.

``texts.json`` is written by ``python -m tests.oracles.parameter_texts`` from botocore's models. A way that it
does not name leads to a number, a truth value, a list or an object, or is not known.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dagmig.asl.resource import Resource
from dagmig.asl.services.optimized import called

TEXTS = Path(__file__).with_name("texts.json")
MEMBER = "*"  # in a way: the members of a list, the values of a map
JSON = "**"  # at its end: all that is there is written as JSON text
_OWN: Mapping[str, tuple[str, ...]] = {
    "elasticmapreduce:addStep": (
        "ClusterId",
        "ExecutionRoleArn",
        "Step.Name",
        "Step.ActionOnFailure",
        "Step.HadoopJarStep.Jar",
        "Step.HadoopJarStep.MainClass",
        "Step.HadoopJarStep.Args.*",
    ),
    "elasticmapreduce:terminateCluster": ("ClusterId",),
}  # https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the parameters of an action: ``ways`` are those from here on to text."""

    ways: frozenset[tuple[str, ...]] = frozenset()

    @property
    def is_text(self) -> bool:
        return () in self.ways or self.is_json

    @property
    def is_json(self) -> bool:
        return (JSON,) in self.ways

    def inside(self, key: str) -> Place:
        """A member of an object, or of a list (``*``)."""
        if self.is_json:
            return self
        return Place(frozenset(way[1:] for way in self.ways if way[:1] in ((key,), (MEMBER,))))

    def with_json(self, *way: str) -> Place:
        """The same with a way to what is written as JSON text."""
        return Place(self.ways | {(*way, JSON)})

    def without(self, *way: str) -> Place:
        """The same with a way that may lead to anything."""
        return Place(self.ways - {way})


@cache
def _file() -> Mapping[str, Mapping[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = json.loads(TEXTS.read_text(encoding="utf-8"))
    return found


def parameters(resource: Resource) -> Place:
    """The parameters of an action."""
    ways: Collection[str] = _OWN.get(resource.short, ())
    if (found := called(resource)) is not None:
        client, action = found
        ways = _file().get(client, {}).get(action.name, ())
    return Place(frozenset(tuple(way.split(".")) for way in ways))
