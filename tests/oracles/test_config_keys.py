"""The package's table of settings that moved is that of the real Airflow."""

from __future__ import annotations

import json

from tests.oracles.config_keys import TABLE, asked


def test_the_table_is_airflows() -> None:
    assert json.loads(TABLE.read_text(encoding="utf-8")) == asked()
