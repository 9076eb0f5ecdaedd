"""Run by Airflow's own Python: the states and XComs of a run of ``fallback_dag.py``, as JSON into a file."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from airflow.utils import db

db.initdb()

import fallback_dag  # noqa: E402
from airflow.models.dagbundle import DagBundleModel  # noqa: E402
from airflow.models.serialized_dag import SerializedDagModel  # noqa: E402
from airflow.models.xcom import XComModel  # noqa: E402
from airflow.sdk.serde import deserialize  # noqa: E402
from airflow.serialization.definitions.dag import SerializedDAG  # noqa: E402
from airflow.serialization.serialized_objects import LazyDeserializedDAG  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402

WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)


def main(answer: str) -> None:
    dag = fallback_dag.rendered.dag
    with create_session() as session:
        session.merge(DagBundleModel(name="oracle"))
        session.flush()
        SerializedDAG.bulk_write_to_db("oracle", None, [dag], session=session)
        SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle_name="oracle", session=session)
    run = dag.test(logical_date=WHEN, run_conf={"word": "said"})
    with create_session() as session:
        rows = session.query(XComModel).filter(XComModel.run_id == run.run_id)
        xcoms = [[one.task_id, one.map_index, one.key, deserialize(one.value)] for one in rows]
        instances = run.get_task_instances(session=session)
        states = [[one.task_id, one.map_index, str(one.state)] for one in instances]
    found = {"run_id": run.run_id, "xcoms": xcoms, "states": states}
    Path(answer).write_text(json.dumps(found, default=str), encoding="utf-8")


main(sys.argv[1])
