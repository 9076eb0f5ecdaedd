"""Jinja as JSONata: the machine's text is Airflow's (``tests/templates.py``)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.templates import NOTED, REFUSED, cases, rendered


@pytest.mark.parametrize(
    ("template", "text", "doubt"), cases(), ids=[template[:60] for template, _, _ in cases()]
)
def test_a_template_is_what_airflow_renders(template: str, text: Any, doubt: str) -> None:
    if text is None and not doubt:
        with pytest.raises(Exception):  # noqa: B017
            rendered(template)
        return
    said, found = rendered(template)
    assert found == doubt
    if doubt not in (NOTED, REFUSED):
        assert said == text
