"""State machines, converted -> the files of a bundle for Airflow, by path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from dagmig.deploy.airflow import connections, kept, requirements
from dagmig.deploy.airflow.dag_test import dag_test
from dagmig.deploy.airflow.migration import migration
from dagmig.deploy.bundle import BundleError
from dagmig.deploy.ledger import ledger
from dagmig.diagnostics import Diagnostic, Disposition, Severity, Span
from dagmig.pipeline import Converted

NOT_READ = "definition-not-read"


def files(converted: Sequence[Converted], file: Path, said: Iterable[Diagnostic] = ()) -> dict[str, str]:
    """The files; ``said`` is what the file's reading gave. Raises ``BundleError`` where two machines would be
    one DAG.
    """
    names = [one.id for one in converted]
    for name in names:
        if [other.lower() for other in names].count(name.lower()) > 1:
            raise BundleError(f"two state machines of {file} become the DAG `{name}`")
    dags = {f"dags/{one.id}.py": one.text for one in converted}
    for module in requirements.unknown(dags.values()):
        needed = f"add what brings the module `{module}` to requirements.txt"
        converted[0].report.row("import", Span(str(file)), "", Disposition.DECISION, needed)
    workflows = [one.workflow for one in converted if one.workflow is not None]
    used = connections.connections(workflows)
    variables = {
        name: value for one in converted for name, value in {**one.variables, **kept.variables(one)}.items()
    }
    found = dict(dags)
    for one in converted:
        found |= kept.files(one)
    found["requirements.txt"] = "".join(f"{line}\n" for line in requirements.requirements(dags.values()))
    if used:
        found["connections.yaml"] = connections.text(used)
    if variables:
        found["variables.json"] = json.dumps(variables, indent=2, sort_keys=True) + "\n"
    found["tests/test_dags.py"] = dag_test(workflows)
    found["ledger.json"] = ledger(file, "dags", converted)
    unread = [one for one in said if one.code == NOT_READ and one.severity is not Severity.INFO]
    found["MIGRATION.md"] = migration(converted, used, variables, unread)
    return found
