"""``MIGRATION.md`` of DAGs that were state machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dagmig.deploy.airflow.substitutions import UNKNOWN
from dagmig.deploy.migration import decisions, differences
from dagmig.diagnostics import Diagnostic
from dagmig.pipeline import Converted


def migration(
    converted: Sequence[Converted],
    connections: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, str],
    unread: Sequence[Diagnostic] = (),
) -> str:
    """The text; ``variables`` are those with their values, ``unread`` says what of the file is no DAG."""
    return "\n".join(_lines(converted, connections, variables, unread)) + "\n"


def _lines(
    converted: Sequence[Converted],
    connections: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, str],
    unread: Sequence[Diagnostic],
) -> Iterator[str]:
    yield f"# Moving {', '.join(one.id for one in converted)} to Airflow"
    if unread:
        yield from ("", "## Not converted", "")
        yield from (f"- [ ] {one.message} (line {one.span.line})" for one in unread)
    for one in converted:
        about = f" {one.id}" if len(converted) > 1 else ""
        yield from ("", f"## Before{about}", "", *decisions(one.report.rows, "the DAG", "the state machine"))
    yield from ("", "## Set up", "", "```sh", "pip install -r requirements.txt pytest")
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
    unknown = [name for name, value in sorted(variables.items()) if value.startswith(UNKNOWN.format(""))]
    if unknown:
        yield from ("", "Variables whose value has to be filled in:", "")
        yield from (f"- [ ] `{name}`" for name in unknown)
    if known := sorted(variables.keys() - set(unknown)):
        yield from ("", "Variables with the value that the template has for them:", "")
        yield from (f"- [ ] `{name}`" for name in known)
    yield from ("", "## After", "")
    yield "Switch off what started the state machine (its schedule or rule), and switch on the DAG."
    for one in converted:
        yield from differences(one.report.rows, f" in {one.id}" if len(converted) > 1 else "")
