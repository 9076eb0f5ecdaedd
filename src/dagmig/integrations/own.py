"""Operators of the user's own: a YAML file of ``schemas/integrations.schema.json`` -> integrations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from dagmig.diagnostics import Disposition, Report, Severity, Span
from dagmig.graph.model import Task
from dagmig.integrations import Integration
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import JSON_TEXT, LIST, PASCAL, SAME, TAGS
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits

CODECS = {"json-text": JSON_TEXT, "pascal-keys": PASCAL, "list": LIST, "tags": TAGS}
CODE = "bad-integration"


Fault = tuple[tuple[str | int, ...], str]
"""The keys that lead to what is wrong, and what is."""


def own_integrations(
    text: str, file: str, report: Report, check: Callable[[Mapping[str, Any]], Iterator[Fault]]
) -> tuple[Integration, ...] | None:
    """The integrations that a file declares; None, said in ``report`` with the place, where it is none.

    ``check`` says what else is wrong in one of them.
    """
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        document = yaml.safe_load(text)
        json.dumps(document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = Span(file) if mark is None else Span(file, mark.line + 1, mark.column + 1)
        report.add(CODE, f"not YAML: {error.problem}", at, Severity.ERROR)
        return None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        report.add(CODE, f"no YAML of texts, numbers and objects: {error}", Span(file), Severity.ERROR)
        return None
    faults = [*_faults(document)] or [*_repeated(document)] or [*_checked(document, check)]
    for path, message in faults:
        report.add(CODE, message, _place(node, path, file), Severity.ERROR)
    return None if faults else tuple(_integration(one, file) for one in document["integrations"])


def _faults(document: Any) -> Iterator[Fault]:
    """What the schema does not allow, with the keys that lead there."""
    from jsonschema import Draft202012Validator

    schema = json.loads((Path(__file__).parents[1] / "schemas" / "integrations.schema.json").read_bytes())
    for error in Draft202012Validator(schema).iter_errors(document):
        yield tuple(error.absolute_path), error.message


def _repeated(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Operators that are declared twice, and arguments."""
    seen: set[str] = set()
    for number, one in enumerate(document["integrations"]):
        path = ("integrations", number)
        for name in (one["operator"], *one.get("aliases", ())):
            if name in seen:
                yield (*path, "operator"), f"`{name}` is declared twice"
            seen.add(name)
        known: set[str] = set()
        groups = [given["argument"] for given in one.get("fields", ())]
        for name in (*groups, *one.get("dropped", ()), *one.get("undecided", ())):
            if name in known:
                yield path, f"the argument `{name}` of `{one['operator']}` stands in two places"
            known.add(name)


def _checked(
    document: Mapping[str, Any], check: Callable[[Mapping[str, Any]], Iterator[Fault]]
) -> Iterator[Fault]:
    for number, one in enumerate(document["integrations"]):
        for path, message in check(one):
            yield ("integrations", number, *path), message


def _place(node: Any, path: tuple[str | int, ...], file: str) -> Span:
    """Where the value at the end of a path stands; the last value on the way that there is."""
    for key in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
        elif isinstance(node, yaml.MappingNode):
            found = [value for name, value in node.value if getattr(name, "value", None) == key]
            node = found[0] if found else node
    if node is None:
        return Span(file)
    start, end = node.start_mark, node.end_mark
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _integration(given: Mapping[str, Any], file: str) -> Integration:
    waits = given.get("waits")
    made = table(
        given["operator"],
        given["action"],
        *(
            Field(one["argument"], one["parameter"], CODECS.get(one.get("as", ""), SAME), one.get("default"))
            for one in given.get("fields", ())
        ),
        waits=None if waits is None else Waits(**waits),
        result=given.get("result"),
        aliases=tuple(given.get("aliases", ())),
        dropped=given.get("dropped"),
        undecided=given.get("undecided"),
        sends=given.get("sends"),
    )

    def to_asl(task: Task, report: Report) -> Fragment:
        said = f"translated as {file} says; dagmig does not know what the operator does besides"
        report.row("integration", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
        return made.to_asl(task, report)

    return replace(made, to_asl=to_asl)
