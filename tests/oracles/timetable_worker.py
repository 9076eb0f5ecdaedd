"""Run by Airflow's own Python: when the runs of timetables are due.

``python timetable_worker.py CASES.json`` prints for each case the moments: a case is a cron, a list
of some, or a number of seconds, whether runs have data intervals, a zone, a start and an end date or None,
and how many.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")


def due(case: dict[str, Any]) -> list[str]:
    import pendulum
    from airflow.timetables import interval, trigger
    from airflow.timetables.base import TimeRestriction

    zone, every = pendulum.timezone(case["zone"]), case["every"]
    if isinstance(every, list):
        table = trigger.MultipleCronTriggerTimetable(*every, timezone=zone)
    elif isinstance(every, str):
        kind = interval.CronDataIntervalTimetable if case["is_interval"] else trigger.CronTriggerTimetable
        table = kind(every, timezone=zone)
    else:
        kind = interval.DeltaDataIntervalTimetable if case["is_interval"] else trigger.DeltaTriggerTimetable
        table = kind(timedelta(seconds=every))
    end = pendulum.parse(case["end"]) if case["end"] else None
    limits = TimeRestriction(earliest=pendulum.parse(case["start"]), latest=end, catchup=True)
    found, last = [], None
    while len(found) < case["count"]:
        info = table.next_dagrun_info(last_automated_data_interval=last, restriction=limits)
        if info is None:
            break
        found.append(info.run_after.in_timezone("UTC").isoformat())
        last = info.data_interval
    return found


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    json.dump([due(case) for case in json.loads(Path(sys.argv[1]).read_text())], answers)
