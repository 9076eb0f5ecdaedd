"""Lint, and convert between, Apache Airflow DAGs and AWS Step Functions state machines.

The public API, each importing what it needs when it is called: ``read`` a DAG file's graphs, ``check``
files (``lint`` is the package of the linter), ``to_asl`` and ``to_airflow`` convert. Paths in; nothing is
executed, nothing is written.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagmig.diagnostics import Diagnostic, Report
    from dagmig.graph.model import Workflow
    from dagmig.pipeline import Converted

__all__ = ["__version__", "check", "read", "to_airflow", "to_asl"]
__version__ = "0.1.0"


def read(path: str | os.PathLike[str], report: Report) -> tuple[Workflow, ...]:
    """The DAGs of a Python file; what could not be known or read is said in ``report``."""
    from pathlib import Path

    from dagmig.airflow.read import read as read_dags
    from dagmig.source import read_text

    text = read_text(Path(path), report)
    return () if text is None else read_dags(text, str(path), report)


def check(*paths: str | os.PathLike[str]) -> list[Diagnostic]:
    """The findings in files and folders, in reading order, by the rules that are on by default."""
    from dagmig.lint import lint_paths

    return lint_paths(paths)


def to_asl(path: str | os.PathLike[str], report: Report, dag_id: str | None = None) -> list[Converted]:
    """Each DAG of a Python file (or the one named) as a state machine with its own ledger."""
    from pathlib import Path

    from dagmig.pipeline import airflow_to_asl
    from dagmig.source import read_text

    text = read_text(Path(path), report)
    return [] if text is None else airflow_to_asl(text, str(path), report, dag_id)


def to_airflow(path: str | os.PathLike[str], report: Report, dag_id: str) -> Converted | None:
    """A state machine as an Airflow 3 DAG file with its ledger; None where it cannot be read.

    What a template fills in (``${...}``), and a secret, is an Airflow Variable.
    """
    from pathlib import Path

    from dagmig.deploy.airflow.secrets import without_secrets
    from dagmig.source import read_text

    text = read_text(Path(path), report)
    return None if text is None else without_secrets(text, str(path), report, dag_id)
