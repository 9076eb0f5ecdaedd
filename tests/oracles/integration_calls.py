"""The API calls that the integrations write: every Task state that an operator's arguments can lead to."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.oracles.service_catalogue import RENAMED, models

from dagmig.asl import resource as resources
from dagmig.asl.services import service
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Entries, Literal
from dagmig.integrations import Integration, registry
from dagmig.integrations.fragment import Expression, Fragment, Ref
from dagmig.integrations.sdk_names import sdk_name
from dagmig.integrations.status import PREFIX

SAMPLES = (Literal("given"), Literal({}), Literal([]), Literal(True), Literal(False))
KINDS = (
    ("db_type", "cluster"),
    ("source_type", "EXTERNAL_SOURCES"),
    ("update_rule_set", True),
    ("compute", "fargate"),
)  # which call it is depends on these
_PATH = re.compile(r"\$states\.result((?:\.[A-Za-z]\w*|\[\d+\])+)")
RESULTS_OF_JOBS = ".sync"  # what a state gives that waited is another call's answer


@dataclass(frozen=True)
class Written:
    """A Task state of an integration, and the JSONata that reads its answer."""

    integration: Integration
    resource: str
    arguments: Any
    expressions: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.integration.operator.rpartition('.')[2]}: {self.resource}"


def fragments(integration: Integration, arguments: list[str]) -> Iterator[Fragment]:
    """What an operator becomes: with each argument alone, of each kind of value, and with all of them."""
    wholes: list[dict[str, Any]] = [{}, dict.fromkeys(arguments, Literal("given"))]
    wholes += [{name: sample} for name in arguments for sample in SAMPLES]
    wholes += [{**wholes[1], name: Literal(kind)} for name, kind in KINDS if name in arguments]
    for given in wholes:
        task = Task("task", Call(integration.operator, given))
        yield integration.to_asl(task, Report())


def written(integration: Integration, arguments: list[str]) -> Iterator[Written]:
    """The states of these that call AWS's API."""
    for fragment in fragments(integration, arguments):
        for name, state in fragment.states.items():
            if state["Type"] != "Task" or not state["Resource"].startswith(PREFIX):
                continue
            given = [one.expression for one in fragment.outputs.values() if one.state == name]
            read = [*state.get("Assign", {}).values(), *given]
            texts = tuple(_text(one) for one in read if isinstance(one, Expression))
            yield Written(integration, state["Resource"], state.get("Arguments", {}), texts)


def words(fragment: Fragment) -> tuple[str, set[str], set[str]] | None:
    """Of a loop that asks: the resource, the words of success and those of failure."""
    if "poll" not in fragment.states:
        return None
    found: dict[str, set[str]] = {"done": set(), "failed": set()}
    for rule in fragment.states["done?"]["Choices"]:
        if "$:status" in (condition := _text(rule["Condition"])):
            kind = "failed" if rule["Next"] == Ref("failed") else "done"
            found[kind] = set(re.findall(r"'([^']*)'", condition))
    return fragment.states["poll"]["Resource"], found["done"], found["failed"]


def _text(expression: Expression) -> str:
    return "".join(part for part in expression.parts if isinstance(part, str))


@cache
def _models() -> Mapping[str, Mapping[str, Any]]:
    return dict(models())


@dataclass(frozen=True)
class Operation:
    """One action of a service's model, and how Step Functions spells its names."""

    model: Mapping[str, Any]
    input: str
    output: str
    is_sdk: bool

    def names(self, shape: str) -> dict[str, str]:
        """The members of a structure as a state has them, and their shapes."""
        members = self.model["shapes"][shape].get("members", {})
        return {self._spelt(name): member["shape"] for name, member in members.items()}

    def _spelt(self, name: str) -> str:
        pascal = name[:1].upper() + name[1:]
        return RENAMED.get(pascal, sdk_name(pascal) if self.is_sdk else pascal)

    def kind(self, shape: str) -> str:
        return str(self.model["shapes"][shape]["type"])

    def is_free(self, shape: str) -> bool:
        """Whether a structure holds whatever JSON."""
        return bool(self.model["shapes"][shape].get("document"))

    def member(self, shape: str) -> str:
        """The shape of a list's members."""
        return str(self.model["shapes"][shape]["member"]["shape"])


def operation(text: str) -> Operation | None:
    """The action of a resource; None where it is Step Functions' own (``eks:runJob``, ``http:invoke``)."""
    resource = resources.parse(text)
    if resource.kind == "optimized":
        client, action = _CLIENTS.get(resource.service, resource.service), resource.action
        action = _ACTIONS.get(f"{resource.service}:{action}", action)
    else:
        found = service(resource.service)
        assert found is not None, text
        client, action = found.client, resource.action
    model = _models().get(client, {"operations": {}})
    for name, one in model["operations"].items():
        if name[:1].lower() + name[1:] == action:
            given, answer = (one.get(part, {}).get("shape", "") for part in ("input", "output"))
            return Operation(model, given, answer, resource.kind != "optimized")
    return None


_CLIENTS = {"elasticmapreduce": "emr", "states": "stepfunctions"}
_ACTIONS = {
    "elasticmapreduce:createCluster": "runJobFlow",
    "elasticmapreduce:terminateCluster": "",
    "elasticmapreduce:addStep": "",
}


def unknown_parameters(one: Written) -> list[str]:
    """The parameters, and fields of them, that the API does not have."""
    found = operation(one.resource)
    return [] if found is None else list(_unknown(found, found.input, one.arguments, ""))


def _unknown(found: Operation, shape: str, node: Any, path: str) -> Iterator[str]:
    if isinstance(node, (list, tuple)) and shape and found.kind(shape) == "list":
        for item in node:
            yield from _unknown(found, found.member(shape), item, path)
        return
    fields = _fields(node)
    if not fields or not shape or found.kind(shape) != "structure" or found.is_free(shape):
        return
    names = found.names(shape)
    for name, value in fields.items():
        if name not in names:
            yield f"{path}{name}"
        else:
            yield from _unknown(found, names[name], value, f"{path}{name}.")


def _fields(node: Any) -> dict[str, Any]:
    match node:
        case Literal(dict() as known):
            return {str(key): Literal(value) for key, value in known.items()}
        case Entries(entries):
            return {str(key.value): value for key, value in entries if isinstance(key, Literal)}
        case Mapping():
            return dict(node)
    return {}


def unknown_results(one: Written) -> list[str]:
    """The paths into the answer that the API's answer does not have."""
    found = operation(one.resource)
    if found is None or RESULTS_OF_JOBS in one.resource:
        return []
    paths = {path for text in one.expressions for path in _PATH.findall(text)}
    return sorted(path for path in paths if not _leads(found, found.output, re.findall(r"[A-Za-z]\w*", path)))


def _leads(found: Operation, shape: str, keys: list[str]) -> bool:
    while shape and found.kind(shape) == "list":
        shape = found.member(shape)
    if not keys:
        return True
    if not shape or found.kind(shape) in ("map", "blob") or found.is_free(shape):
        return bool(shape)  # what a function answers with is a blob to the API
    names = found.names(shape) if found.kind(shape) == "structure" else {}
    return keys[0] in names and _leads(found, names[keys[0]], keys[1:])


def waiters(site: Any) -> Iterator[tuple[str, set[str], set[str]]]:
    """Of the provider's waiters and botocore's: client and operation, words of success and of failure."""
    places = [*site.glob("airflow/providers/amazon/aws/waiters/*.json")]
    for folder in sorted(site.glob("botocore/data/*")):
        versions = sorted(folder.glob("*/waiters-2.json*"))
        places += versions[-1:]
    for place in places:
        data = place.read_bytes()
        document = json.loads(gzip.decompress(data) if place.suffix == ".gz" else data)
        client = place.stem if place.parent.name == "waiters" else place.parts[-3]
        for waiter in document["waiters"].values():
            if "acceptors" not in waiter:
                continue
            ends: dict[str, set[str]] = {"success": set(), "failure": set(), "retry": set()}
            for acceptor in waiter["acceptors"]:
                if acceptor["matcher"] in ("path", "pathAll", "pathAny"):
                    ends.setdefault(acceptor["state"], set()).add(str(acceptor["expected"]))
            operation = waiter["operation"]
            name = f"{client}:{operation[:1].lower()}{operation[1:]}"
            yield name, ends["success"], ends["failure"]


def all_written(arguments: Mapping[str, list[str]]) -> Iterator[Written]:
    """Every state of every integration, once."""
    for integration in registry().integrations:
        seen = set()
        for one in written(integration, arguments[integration.operator]):
            key = (one.resource, repr(one.arguments), one.expressions)
            if key not in seen:
                seen.add(key)
                yield one
