"""Templates with what Airflow renders them to in one run, in ``fixtures/templates.jsonl``.

A line is ``[template, text]``; ``[template, text, "noted"]`` where the machine's text may be another and the
ledger says so, ``[template, text, "refused"]`` where it has none and fails (``text`` is null where Airflow
fails too). ``python -m tests.oracles.test_templates_as_airflow --write`` fills in what real Airflow says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.jsonata_run import Execution

from dagmig.asl.lower.scene import Default, Rendering, Scene, Untranslatable
from dagmig.asl.lower.templates.statements import printed
from dagmig.asl.lower.texts import doubt
from dagmig.diagnostics import Disposition
from dagmig.graph.values import Output, Value

FILE = Path(__file__).parent.parent / "fixtures" / "templates.jsonl"
NOTED, REFUSED = "noted", "refused"
DATES = {
    "logical_date": "2024-05-06T07:08:09+00:00",
    "data_interval_start": "2024-05-05T00:00:00+00:00",
    "data_interval_end": "2024-05-06T00:00:00+00:00",
}
PARAMS = {
    "text": "orders",
    "size": 3,
    "zero": 0,
    "flag": True,
    "none": None,
    "list": ["a", "b"],
    "numbers": [1, 2, 3],
    "map": {"k": "v", "n": 2},
    "empty": "",
    "rows": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}],
}
CONF = {
    "day": "2024-01-31",
    "limit": 10,
    "tables": ["t1", "t2"],
    "deep": {"a": {"b": "c"}},
    "on": False,
    "text": "given",
    "padded": "  p q  ",
    "number": "42",
    "zeros": [0],
    "quoted": 'it\'s "so"',
}
XCOMS: dict[str, dict[str, Any]] = {
    "give": {"return_value": "s3://in/x"},
    "rows": {"return_value": {"rows": 3, "files": ["f1", "f2"]}},
    "number": {"return_value": 7},
}
VARIABLES = {"stage": "prod", "limits": '{"max": 5}'}
ASKED = {"params": PARAMS, "conf": CONF, "xcoms": XCOMS, "variables": VARIABLES, **DATES}


def scene(notes: list[str], *, is_native: bool = False, is_airflow_3: bool = True) -> Scene:
    """A run in which only ``give`` is known to return a text; differences go to ``notes``."""
    params = {name: Default(value) for name, value in PARAMS.items()}
    own = {"dag.dag_id": "told", "task.task_id": "say", "ti.task_id": "say", "ti.dag_id": "told"}

    def doubtful(value: Value) -> Disposition | None:
        if isinstance(value, Output):
            return None if value == Output("give") else Disposition.DECISION
        return doubt(value, {}, frozenset(), params)

    def in_text(value: Value) -> None:
        if (found := doubtful(value)) is not None:
            notes.append(str(found))

    def lookup(name: str, default: str | None) -> str:
        return f"$var_{name}" if name in VARIABLES else default or f"$error('{name}')"

    return Scene(
        lambda output: f"$x_{output.task}_{output.key}",
        lambda name: f"${name}",
        lookup,
        params,
        own,
        in_text,
        lambda disposition, _: notes.append(str(disposition)),
        lambda _: True,
        doubtful,
        Rendering(is_native=is_native),
        is_airflow_3,
    )


def variables() -> dict[str, Any]:
    """What the run's states have assigned."""
    outputs = {f"x_{task}_{key}": value for task, found in XCOMS.items() for key, value in found.items()}
    return {**outputs, **DATES, **{f"var_{name}": value for name, value in VARIABLES.items()}}


def execution() -> Execution:
    return Execution(lambda *_: None, {"conf": CONF, "logical_date": DATES["logical_date"]})


def rendered(template: str, **options: bool) -> tuple[Any, str]:
    """What the machine makes of a template, and ``noted`` or ``refused`` where that may be something else."""
    notes: list[str] = []
    try:
        code = printed(template, scene(notes, **options))
    except Untranslatable:
        return None, REFUSED
    return execution().value(f"{{% {code.source} %}}", variables()), NOTED if notes else ""


def cases() -> list[tuple[str, Any, str]]:
    """The templates, what Airflow renders, and what the machine may do otherwise."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [(one[0], one[1], one[2] if len(one) > 2 else "") for one in found]
