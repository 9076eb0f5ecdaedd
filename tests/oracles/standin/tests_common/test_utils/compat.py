"""Names that moved between versions of Airflow."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator

__all__ = ["EmptyOperator"]
