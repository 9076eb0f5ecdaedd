"""``MIGRATION.md`` of DAGs that were state machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dagmig.deploy.migration import decisions, differences
from dagmig.pipeline import Converted


def migration(
    converted: Sequence[Converted], connections: Mapping[str, Mapping[str, str]], variables: Sequence[str]
) -> str:
    """The text; ``variables`` are those whose value a person has to fill in."""
    return "\n".join(_lines(converted, connections, variables)) + "\n"


def _lines(
    converted: Sequence[Converted], connections: Mapping[str, Mapping[str, str]], variables: Sequence[str]
) -> Iterator[str]:
    yield f"# Moving {', '.join(one.id for one in converted)} to Airflow"
    for one in converted:
        about = f" {one.id}" if len(converted) > 1 else ""
        yield from ("", f"## Before{about}", "", *decisions(one.report.rows, "the DAG", "the state machine"))
    yield from ("", "## Set up", "", "```sh", "pip install -r requirements.txt")
    yield from (["airflow connections import connections.yaml"] if connections else [])
    yield from (["airflow variables import variables.json"] if variables else [])
    yield from ("python -m pytest tests", "```", "")
    yield "Install with the constraints of your version of Airflow, and put what is in `dags` where it looks."
    if connections:
        yield from ("", "Connections without secrets are in `connections.yaml`:", "")
        yield from ("| connection | type | |", "|---|---|---|")
        yield from (
            f"| `{name}` | {one['conn_type']} | {one['description']} |" for name, one in connections.items()
        )
        if any(one["conn_type"] == "aws" for one in connections.values()):
            yield from ("", "The role of the state machine is not used: `aws_default` needs what it allows.")
    if variables:
        yield from ("", "Variables whose value has to be filled in:", "")
        yield from (f"- [ ] `{name}`" for name in variables)
    yield from ("", "## After", "")
    yield "Switch off what started the state machine (its schedule or rule), and switch on the DAG."
    for one in converted:
        yield from differences(one.report.rows, f" in {one.id}" if len(converted) > 1 else "")
