"""A state machine as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def dump(machine: Mapping[str, Any]) -> str:
    """JSON as Workflow Studio writes it: two blanks, fields in their order, a final newline."""
    return json.dumps(machine, indent=2, ensure_ascii=False) + "\n"
