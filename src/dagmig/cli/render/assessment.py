"""What ``dagmig assess`` found, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dagmig.cli.render.table import lines
from dagmig.deploy.assessment import Assessed, in_order, reasons, together
from dagmig.diagnostics import Diagnostic

VERSION = 1
FEW = 3  # ids in a cell


def as_text(found: Sequence[Assessed], unreadable: Sequence[Diagnostic]) -> str:
    """A summary, the workflows in the order to move them in, and what is to decide, most frequent first."""
    if not found:
        return "no DAG and no state machine"
    ties = together(found)
    rows = [
        (
            f"`{found[number].id}`",
            str(found[number].size),
            str(len(found[number].rows)),
            _some(sorted({found[n].id for n in ties[number]})),
            found[number].file,
        )
        for number in in_order(found, ties)
    ]
    parts = [
        _summary(found, unreadable),
        *lines(("workflow", "tasks", "to decide", "together with", "file"), rows),
    ]
    if why := reasons(found):
        table = [(str(one.workflows), str(one.rows), f"`{one.construct}`", one.said) for one in why]
        parts += ["", *lines(("workflows", "rows", "construct", "for example"), table)]
    return "\n".join(parts)


def _some(ids: Sequence[str]) -> str:
    shown = [f"`{one}`" for one in ids[:FEW]]
    return ", ".join([*shown, *([f"{len(ids) - FEW} others"] if len(ids) > FEW else [])]) or "-"


def _summary(found: Sequence[Assessed], unreadable: Sequence[Diagnostic]) -> str:
    ready = sum(not one.rows for one in found)
    size = sum(one.size for one in found)
    open_tasks = sum(len(one.tasks) for one in found)
    files = len({one.file for one in found})
    said = [
        f"workflows: {len(found)}, in {files} file{'s' * (files > 1)}; "
        f"converted as they are: {ready}; with something to decide: {len(found) - ready}",
        f"tasks: {size}; with nothing to decide: {size - open_tasks}; with something: {open_tasks}",
    ]
    if unreadable:
        said.append(f"files that cannot be read: {len({one.span.file for one in unreadable})}")
    return "\n".join((*said, ""))


def as_json(found: Sequence[Assessed], unreadable: Sequence[Diagnostic]) -> str:
    ties = together(found)
    workflows = [
        {
            "id": found[number].id,
            "file": found[number].file,
            "tasks": found[number].size,
            "open_tasks": sorted(found[number].tasks),
            "rows": [
                {
                    "construct": row.construct,
                    "task": row.task,
                    "at": str(row.source),
                    "disposition": str(row.disposition),
                    "difference": row.difference,
                }
                for row in found[number].rows
            ],
            "together_with": sorted({found[n].id for n in ties[number]}),
        }
        for number in in_order(found, ties)
    ]
    why = [
        {"construct": one.construct, "said": one.said, "rows": one.rows, "workflows": one.workflows}
        for one in reasons(found)
    ]
    unread = sorted({one.span.file for one in unreadable})
    return json.dumps(
        {"version": VERSION, "workflows": workflows, "reasons": why, "unreadable": unread}, indent=2
    )
