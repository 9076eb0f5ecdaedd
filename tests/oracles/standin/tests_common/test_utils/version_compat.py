"""Which Airflow is installed."""

from __future__ import annotations

from airflow import __version__


def _at_least(*wanted: int) -> bool:
    major, minor, *_ = __version__.split(".")
    return (int(major), int(minor)) >= wanted


AIRFLOW_V_2_10_PLUS = _at_least(2, 10)
AIRFLOW_V_3_0_PLUS = _at_least(3, 0)
AIRFLOW_V_3_1_PLUS = _at_least(3, 1)
AIRFLOW_V_3_2_PLUS = _at_least(3, 2)
