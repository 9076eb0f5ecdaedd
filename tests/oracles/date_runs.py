"""Run by Airflow's own Python: the dates of a DAG's runs, by its schedule.

``python date_runs.py DAGS.py COUNT MOMENT...`` writes for each DAG of the file, by its id, the runs that its
schedule starts from its start date on, and what a run started by hand at each moment is dated.
"""

from __future__ import annotations

import json
import logging
import os
import runpy
import sys
import warnings
from datetime import datetime
from typing import Any

warnings.simplefilter("ignore")


def text(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()


def interval(found: Any) -> dict[str, Any]:
    return {"data_interval_start": text(found.start), "data_interval_end": text(found.end)}


def scheduled(dag: Any, timetable: Any, count: int) -> list[dict[str, Any]]:
    from airflow.timetables.base import TimeRestriction

    restriction = TimeRestriction(earliest=utc(dag.start_date), latest=None, catchup=True)
    found, last = [], None
    for _ in range(count):
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
        if info is None:
            break
        last = info.data_interval
        run = {"scheduled_time": text(info.run_after), "logical_date": text(info.logical_date)}
        run |= interval(last)
        if hasattr(dag, "previous_schedule"):  # Airflow 2
            following = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
            run["prev_execution_date"] = text(dag.previous_schedule(info.logical_date))
            run["next_execution_date"] = text(following and following.logical_date)
        found.append(run)
    return found


def utc(moment: datetime) -> Any:
    import pendulum

    return pendulum.instance(moment).in_timezone("UTC")


def by_hand(timetable: Any, moment: str) -> dict[str, Any]:
    at = utc(datetime.fromisoformat(moment))
    return {
        "start": moment,
        "logical_date": text(at),
        **interval(timetable.infer_manual_data_interval(run_after=at)),
    }


def main(file: str, count: str, *moments: str) -> None:
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        from airflow.sdk import DAG
    except ImportError:
        from airflow.models.dag import DAG
    answer = {}
    for dag in runpy.run_path(file).values():
        if not isinstance(dag, DAG):
            continue
        timetable = dag.timetable
        if not hasattr(timetable, "infer_manual_data_interval"):  # the SDK's, which only describes one
            from airflow.serialization.decoders import decode_timetable
            from airflow.serialization.encoders import encode_timetable

            timetable = decode_timetable(encode_timetable(timetable))
        answer[dag.dag_id] = {
            "scheduled": scheduled(dag, timetable, int(count)),
            "by hand": [by_hand(timetable, moment) for moment in moments],
        }
    json.dump(answer, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
