"""Airflow's authoring API in odd forms (``bodies.txt``, ``files.txt``); the oracles put them to Airflow."""

from __future__ import annotations

import pytest

from airflow_read.cases import MORE, bodies, files
from airflow_read.graphs import shown, workflows


@pytest.mark.parametrize(("text", "expected"), bodies())
def test_a_body(text: str, expected: str) -> None:
    found, codes = workflows(MORE + text)
    assert [shown(one, codes) for one in found if one.id == "d"] == [expected]


@pytest.mark.parametrize(("text", "expected"), files())
def test_a_file(text: str, expected: dict[str, str]) -> None:
    found, codes = workflows(MORE + text)
    assert {str(one.id): shown(one, codes) for one in found} == expected
