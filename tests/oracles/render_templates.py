"""Run by Airflow's own Python: what Airflow renders templates to.

Standard input is ``{"templates": [...], "native": bool, "params": {...}, "conf": {...}, "xcoms": {...},
"variables": {...}, "logical_date": ..., "data_interval_start": ..., "data_interval_end": ...}``; standard
output a list with ``{"text": ...}`` or ``{"error": ...}`` for each.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from datetime import datetime
from typing import Any

warnings.simplefilter("ignore")


class Instance:
    """A task instance that pulls from given XComs; what is not there is None."""

    task_id, dag_id, run_id, try_number, map_index = "say", "told", "run-1", 1, -1

    def __init__(self, xcoms: dict[str, dict[str, Any]]) -> None:
        self.xcoms = xcoms

    def xcom_pull(self, task_ids=None, dag_id=None, key="return_value", default=None):
        if isinstance(task_ids, str):
            found = self.xcoms.get(task_ids, {}).get(key)
            return default if found is None else found
        return [self.xcoms.get(name, {}).get(key) for name in task_ids]


class Run:
    run_id, run_type, dag_id = "run-1", "manual", "told"

    def __init__(self, conf: dict[str, Any], dates: dict[str, Any]) -> None:
        self.conf = conf
        vars(self).update(dates)


class Variables:
    """``var.value`` or ``var.json``, as Airflow's own accessor behaves."""

    def __init__(self, found: dict[str, str], is_json: bool) -> None:
        self.found, self.is_json = found, is_json

    def __getattr__(self, name: str) -> Any:
        if name not in self.found:
            raise KeyError(name)
        return self.get(name)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        text = self.found.get(name)
        return default if text is None else json.loads(text) if self.is_json else text


def dates(asked: dict[str, Any]) -> dict[str, Any]:
    """A run's dates as both versions put them into a template's context."""
    try:
        from airflow.sdk._shared.timezones.timezone import coerce_datetime
    except ImportError:
        from airflow.utils.timezone import coerce_datetime

    found = {
        name: coerce_datetime(datetime.fromisoformat(asked[name]))
        for name in ("logical_date", "data_interval_start", "data_interval_end")
    }
    logical = found["logical_date"]
    ds, ts = logical.strftime("%Y-%m-%d"), logical.isoformat()
    return {
        **found,
        "ds": ds,
        "ds_nodash": ds.replace("-", ""),
        "ts": ts,
        "ts_nodash": logical.strftime("%Y%m%dT%H%M%S"),
        "ts_nodash_with_tz": ts.replace("-", "").replace(":", ""),
    }


def context(asked: dict[str, Any], dag: Any, task: Any, params: dict[str, Any]) -> dict[str, Any]:
    try:
        from airflow.sdk.execution_time.context import MacrosAccessor

        macros: Any = MacrosAccessor()
    except ImportError:
        from airflow import macros
    moments, instance = dates(asked), Instance(asked["xcoms"])
    if not hasattr(macros, "__getattr__"):  # Airflow 2
        moments["execution_date"] = moments["logical_date"]
    return {
        **moments,
        "macros": macros,
        "params": params,
        "ti": instance,
        "task_instance": instance,
        "dag_run": Run(asked["conf"], moments),
        "run_id": "run-1",
        "dag": dag,
        "task": task,
        "task_instance_key_str": f"told__say__{moments['ds_nodash']}",
        "test_mode": False,
        "var": {"value": Variables(asked["variables"], False), "json": Variables(asked["variables"], True)},
    }


def rendered(template: str, task: Any, found: dict[str, Any], environment: Any) -> dict[str, Any]:
    try:
        return {"text": task.render_template(template, found, environment)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    logging.disable(logging.CRITICAL)
    asked = json.load(sys.stdin)
    try:
        from airflow.providers.standard.operators.bash import BashOperator
        from airflow.sdk import DAG
        from airflow.sdk.definitions.param import ParamsDict
    except ImportError:
        from airflow.models.dag import DAG
        from airflow.models.param import ParamsDict
        from airflow.operators.bash import BashOperator
    with DAG(
        "told", schedule=None, params=asked["params"], render_template_as_native_obj=asked["native"]
    ) as dag:
        task = BashOperator(task_id="say", bash_command="true")
    params = ParamsDict(asked["params"])
    params.update(asked["conf"])
    found = context(asked, dag, task, params.dump() if hasattr(params, "dump") else params)
    environment = task.get_template_env()
    answers = [rendered(one, task, found, environment) for one in asked["templates"]]
    json.dump(answers, sys.stdout, default=repr)


if __name__ == "__main__":
    main()
