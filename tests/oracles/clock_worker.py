"""Run by Airflow's own Python: what operators that look at the clock make of moments.

``python clock_worker.py CASES.json`` writes an answer for each moment of each case: a case is the source of a
DAG file with a task ``t``, and moments that are now, and the run's logical date. Of a branch the answer is
what it chooses, of a sensor whether it goes on.
"""

from __future__ import annotations

import datetime as real
import json
import logging
import os
import sys
import types
import warnings
from pathlib import Path
from typing import Any
from unittest import mock

warnings.simplefilter("ignore")


def answer(source: str, moment: str) -> Any:
    import pendulum

    now = pendulum.parse(moment)

    class Now(real.datetime):
        @classmethod
        def now(cls, tz=None):
            return real.datetime.fromisoformat(moment).astimezone(tz)

    clock = types.SimpleNamespace(**{**vars(real), "datetime": Now})
    with mock.patch("airflow.providers.standard.sensors.time.datetime", clock):
        module: dict[str, Any] = {}
        exec(compile(source, "dag.py", "exec"), module)
    task = module["d"].get_task("t")
    context = {"logical_date": now, "dag_run": None}
    kind = sys.modules[type(task).__module__]
    with mock.patch.object(kind.timezone, "utcnow", lambda: now):
        if hasattr(task, "choose_branch"):
            chosen = task.choose_branch(context)
            return sorted(chosen) if isinstance(chosen, (set, list)) else chosen
        return bool(task.poke(context))


def main(file: str) -> None:
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    given = json.loads(Path(file).read_text())
    found = {
        name: [answer(case["source"], moment) for moment in case["moments"]] for name, case in given.items()
    }
    json.dump(found, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
