"""What a template fills into a machine where the DAG cannot read it: a row for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dagmig.asl.model import Machine
from dagmig.deploy.airflow.substitutions import OF_TERRAFORM, bare
from dagmig.diagnostics import Disposition, Report

JSON = Any
NUMBERS = frozenset(
    {
        *("MaxAttempts", "IntervalSeconds", "BackoffRate", "MaxDelaySeconds"),
        *("TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency"),
        *("ToleratedFailureCount", "ToleratedFailurePercentage"),
    }
)
"""The fields of a state that the DAG has as numbers."""
_DIRECTIVE = re.compile(r"(?<!%)%\{")
_OPENS = re.compile(r"(?<!\$)\$\{")
_NAME = re.compile(r"\$\{([^{}]+)\}")


def say_numbers(machine: Machine, ledger: Report) -> None:
    """A row for each number of a state, or of the machine, that a template fills in."""
    states = [(state.name, state.fields) for state in machine.root.all_states()]
    for name, fields in [("the machine", machine.document), *states]:
        for field, value in _numbers(fields):
            shown = _NAME.sub(lambda found: f"${{{bare(found[1])}}}", value)
            said = f"`{field}` of {name} is `{shown}`, which is not known here: write it into the DAG"
            ledger.row("substitution", machine.locate(""), "", Disposition.DECISION, said)


def _numbers(state: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    retriers = state.get("Retry")
    for part in (state, *(retriers if isinstance(retriers, list) else ())):
        for field, value in part.items() if isinstance(part, dict) else ():
            if field in NUMBERS and isinstance(value, str) and "${" in value:
                yield field, value


def say_terraform(machine: Machine, ledger: Report) -> None:
    """A row for what Terraform makes that is no name: a directive, an expression with texts in it."""
    text = str(machine.document)
    if _DIRECTIVE.search(text):
        said = "a directive of Terraform (`%{ ... }`) is taken as it is: write there what it makes"
        ledger.row("substitution", machine.locate(""), "", Disposition.DECISION, said)
    if len(_OPENS.findall(text)) > len(OF_TERRAFORM.findall(text)):
        said = "an expression of Terraform with texts in it is taken as it is: write there what it gives"
        ledger.row("substitution", machine.locate(""), "", Disposition.DECISION, said)
