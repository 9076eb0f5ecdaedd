"""What ``dagmig verify`` found, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dagmig.verify.observed import named

if TYPE_CHECKING:
    from dagmig.verify.execution import Execution
    from dagmig.verify.observed import Observed, Vector
    from dagmig.verify.proof import NotVerified, Verdict

VERSION = 1
INDENT = "  "


def as_text(name: str, found: Verdict | NotVerified, seed: int) -> str:
    """One DAG's verdict, with the counter-example where there is one."""
    if isinstance(found, Exception):
        return f"{name}: not verified: {found}"
    if found.difference is None or found.vector is None:
        return "\n".join([f"{name}: {_guarantee(found)}: the same in {_tried(found, seed)}", *_notes(found)])
    run, execution = found.difference.run, found.difference.execution
    return "\n".join(
        [
            f"{name}: differs, seen after {found.tried} of {found.total:,} ways to go",
            f"{INDENT}where    {_said(found.vector) or 'everything succeeds'}",
            f"{INDENT}Airflow  {run.state}: {_ran(run)}",
            f"{INDENT}machine  {execution.state}{_error(execution)}: {_executed(execution)}",
            f"{INDENT}so       {found.difference.said}",
            *_notes(found),
        ]
    )


def as_json(found: list[tuple[str, Verdict | NotVerified]], seed: int) -> str:
    """All verdicts."""
    return json.dumps({"version": VERSION, "seed": seed, "dags": [_entry(*one) for one in found]}, indent=2)


def _entry(name: str, found: Verdict | NotVerified) -> dict[str, Any]:
    if isinstance(found, Exception):
        return {"id": name, "verdict": "not verified", "reason": str(found)}
    entry: dict[str, Any] = {
        "id": name,
        "verdict": "same" if found.difference is None else "different",
        "guarantee": _guarantee(found),
        "tried": found.tried,
        "total": found.total,
        "declared": found.declared,
        "outlined": list(found.outlined),
    }
    if found.difference is not None and found.vector is not None:
        run, execution = found.difference.run, found.difference.execution
        entry["difference"] = {
            "said": found.difference.said,
            "where": _said(found.vector),
            "airflow": {"state": str(run.state), "ran": _ran(run)},
            "machine": {"state": str(execution.state), "error": execution.error, "ran": _executed(execution)},
        }
    return entry


def _guarantee(found: Verdict) -> str:
    return "STRICT" if found.is_strict else "SUCCESS-PATH"


def _tried(found: Verdict, seed: int) -> str:
    if found.tried == found.total:
        return "the one way to go" if found.total == 1 else f"all {found.total:,} ways to go"
    return f"{found.tried:,} of {found.total:,} ways to go (seed {seed})"


def _notes(found: Verdict) -> list[str]:
    notes = []
    if found.declared:
        said = "something else happens, which the ledger has a row for"
        notes.append(f"{INDENT}in {found.declared:,} of them {said}")
    if found.outlined:
        listed = ", ".join(found.outlined)
        notes.append(f"{INDENT}the work of {listed} is not one call, and stands as one here")
    return notes


def _said(vector: Vector) -> str:
    """What is not plain success in a vector."""
    said = []
    for one, outcome in sorted(vector.outcomes.items()):
        if outcome.failures and outcome.state == "success":
            said.append(f"{named(one)} fails {outcome.failures} times first")
        elif outcome.state != "success":
            said.append(f"{named(one)} {'fails' if outcome.state == 'failed' else 'skips itself'}")
        if outcome.chosen is not None:
            said.append(f"{named(one)} chooses {' and '.join(outcome.chosen) or 'nothing'}")
    said += [f"{task} gives a list of {length}" for task, length in sorted(vector.lengths.items())]
    return ", ".join(said)


def _ran(run: Observed) -> str:
    ran = sorted((ended.started or 0.0, one, ended) for one, ended in run.instances.items() if ended.executed)
    return ", ".join(f"{named(one)} {ended.state}" for _, one, ended in ran) or "nothing ran"


def _executed(execution: Execution) -> str:
    ran = sorted((tried[0].order, one) for one, tried in execution.attempts.items())
    return ", ".join(f"{named(one)} {execution.ended[one]}" for _, one in ran) or "nothing ran"


def _error(execution: Execution) -> str:
    return f" ({execution.error})" if execution.error else ""
