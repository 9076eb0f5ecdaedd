"""The ledger of a conversion as JSON (``schemas/ledger.schema.json``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from dagmig.diagnostics import Row
from dagmig.pipeline import Converted

VERSION = 1


def ledger(file: Path, target: str, converted: Sequence[Converted]) -> str:
    """The text; ``file`` was converted, ``target`` is where the result was written."""
    rows = [_row(one.id, row) for one in converted for row in one.report.rows]
    document = {"version": VERSION, "source": str(file), "target": target, "rows": rows}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _row(workflow: str, row: Row) -> dict[str, object]:
    source = row.source
    return {
        "construct": row.construct,
        "source": {"file": source.file, "line": source.line, "column": source.column},
        "target": row.target,
        "disposition": str(row.disposition),
        "difference": row.difference,
        "task": row.task,
        "workflow": workflow,
    }
