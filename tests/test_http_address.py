"""The URL of an HTTP Task: what is written out stays as it is, whatever quotes it has."""

from __future__ import annotations

import pytest

from dagmig.asl.jsonata import parse
from dagmig.graph.values import Param
from dagmig.integrations.fragment import Expression
from dagmig.integrations.http import address


@pytest.mark.parametrize(
    ("before", "after", "written"),
    [
        ("users/", "/messages", ("'users/'", "'/messages'")),
        ("users('", "')/messages", ('"users(\'"', '"\')/messages"')),  # as OData names one
        ('a"', "\\b", ('"a\\""', "'\\\\b'")),
    ],
)
def test_texts_around_a_value_are_jsonata(before: str, after: str, written: tuple[str, str]) -> None:
    made = address(before, Param("user"), after)
    assert isinstance(made, Expression)
    texts = [part for part in made.parts if isinstance(part, str)]
    assert (texts[0], texts[-1]) == written
    parse("".join(part if isinstance(part, str) else "$user" for part in made.parts))
