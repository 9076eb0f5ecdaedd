"""YAML as state machines are written in: JSON's types only, CloudFormation's tags, no unbounded aliases."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

MAX_DEPTH = 200
MAX_VALUES = 500_000  # after aliases are written out; AWS's limit for a definition is 1 MiB of text
TIMESTAMP = "tag:yaml.org,2002:timestamp"
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def loader(*, has_functions: bool = False) -> Any:
    """A safe loader that leaves dates as text and takes a value with an unknown tag (``!Sub``) as it is;
    with ``has_functions`` as the function of CloudFormation that the tag is short for (``Fn::Sub``).
    """

    class Loader(_SAFE):  # type: ignore[misc]
        yaml_implicit_resolvers = {  # noqa: RUF012
            first: [(tag, pattern) for tag, pattern in resolvers if tag != TIMESTAMP]
            for first, resolvers in _SAFE.yaml_implicit_resolvers.items()
        }

    Loader.add_constructor(None, _function if has_functions else _untagged)
    return Loader


def _function(loader_: Any, node: yaml.Node) -> Any:
    name = node.tag.removeprefix("!")
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": _untagged(loader_, node)}


def _untagged(loader_: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader_.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader_.construct_sequence(node, deep=True)
    return loader_.construct_scalar(node)


def check_size(text: str) -> None:
    """Refuse a text that is nested too deeply, or too large once its aliases are written out.

    Reads events only, so that nothing is built; raises ``yaml.MarkedYAMLError``.
    """
    sizes: dict[str, int] = {}
    counts, anchors = [0], [""]
    for event in yaml.parse(text, _SAFE):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            counts.append(1)
            anchors.append(event.anchor or "")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            size, anchor = counts.pop(), anchors.pop()
            counts[-1] += size
            sizes[anchor] = size
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in anchors:
                raise _problem("an alias to what it is in", event)
            counts[-1] += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            counts[-1] += 1
            sizes[event.anchor or ""] = 1
        if len(counts) > MAX_DEPTH:
            raise _problem("nested too deeply", event)
        if counts[-1] > MAX_VALUES:
            raise _problem("too large", event)


def _problem(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
