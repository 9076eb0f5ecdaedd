"""A state machine as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dagmig.asl.order import in_order


def dump(machine: Mapping[str, Any]) -> str:
    """JSON as ``dagmig fmt`` leaves it: two blanks, fields in their order, a final newline."""
    return json.dumps(in_order(machine), indent=2, ensure_ascii=False) + "\n"
