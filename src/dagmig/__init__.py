"""Lint, and convert between, Apache Airflow DAGs and AWS Step Functions state machines."""

__version__ = "0.1.0"
