"""The input that a template gives its machine's executions, as the params of a DAG."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dagmig.deploy.airflow.starts import Start
from dagmig.deploy.airflow.substitutions import HOLE
from dagmig.lint.secrets import is_secret

JSON = Any
FILLED_IN = "<aws."  # https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html


def given_input(starts: Sequence[Start], key: str = "") -> tuple[dict[str, JSON], str]:
    """The input where all starts give the same, under a ``key`` where there is one; why a run of the DAG
    lacks it, where one does.
    """
    starts = [start for start in starts if start.is_enabled] or starts
    inputs = [_read(start.given) for start in starts if start.expression or start.pattern is not None]
    if not inputs:
        return {}, ""
    first = {key: inputs[0]} if key and inputs[0] is not None else inputs[0]
    if any(one != inputs[0] for one in inputs):
        return (
            {},
            "what starts the machine gives it different inputs: a run of the DAG has none of them",
        )
    if any(start.is_changed for start in starts) or not isinstance(first, dict):
        about = "the event" if any(start.is_event for start in starts) else "what the schedule gives"
        return {}, f"the machine reads its input, {about}: a scheduled run of the DAG has no conf"
    known = {name: value for name, value in first.items() if _is_kept(name, value)}
    missing = [name for name in first if name not in known]
    said = "the schedule or the template fills it in, or it looks like a secret"
    return known, f"a run of the DAG has no {', '.join(missing)} in its input: {said}" if missing else ""


def _is_kept(name: str, value: JSON) -> bool:
    """Whether a part of the input is the same in each run, and may be written into a file."""
    text = value if isinstance(value, str) else json.dumps(value)
    return FILLED_IN not in text and HOLE.search(text) is None and not _holds_secret(name, value)


def _holds_secret(name: str, value: JSON) -> bool:
    if isinstance(value, dict):
        return any(_holds_secret(inner, held) for inner, held in value.items())
    if isinstance(value, list):
        return any(_holds_secret(name, member) for member in value)
    return isinstance(value, str) and is_secret(name, value)


def _read(given: JSON) -> JSON:
    if not isinstance(given, str):
        return None if isinstance(given, dict) and _is_intrinsic(given) else given
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return None


def _is_intrinsic(given: dict[str, JSON]) -> bool:
    name = next(iter(given), "")
    return len(given) == 1 and (name == "Ref" or name.startswith("Fn::"))
