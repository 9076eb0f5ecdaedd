"""``runner.py``: executes one task of a DAG file, outside of Airflow's scheduler, with what it is sent.

It does what Airflow's task runner does between fetching a task and storing its XCom: template fields,
``execute``, triggers of deferred tasks. Airflow 2 and 3 differ in where things are.
"""

from __future__ import annotations

RUNNER = '''"""Runs one task of a DAG file by itself: loads the file, renders the template fields, executes.

The event has dag_id, task_id, run_id, logical_date, data_interval_start, data_interval_end, conf, try_number,
the outputs of other tasks (xcoms) and, for an instance of a mapped task, what it is mapped over (mapped).
"""

import asyncio
import importlib.util
import json
import os
import sys
from datetime import datetime
from types import SimpleNamespace

DAG_FILE = os.environ.get("DAGMIG_DAG_FILE", "dag.py")


class TaskInstance:
    """What an operator may ask of its task instance."""

    def __init__(self, event, task):
        self.task, self.task_id, self.dag_id = task, event["task_id"], event["dag_id"]
        self.run_id, self.try_number = event["run_id"], event.get("try_number", 1)
        self.map_index, self.xcoms, self.pushed = -1, event.get("xcoms", {}), {}
        self.max_tries, self.hostname, self.state = task.retries, "", "running"
        self.key = SimpleNamespace(**{name: getattr(self, name) for name in ("dag_id", "task_id", "run_id")})

    def xcom_pull(self, task_ids=None, key="return_value", default=None, **_):
        if isinstance(task_ids, (list, tuple, set)):
            return [self.xcom_pull(task, key=key, default=default) for task in task_ids]
        held = self.pushed if task_ids in (None, self.task_id) else self.xcoms.get(task_ids, {})
        found = held.get(key)
        return default if found is None else found

    def xcom_push(self, key, value, **_):
        self.pushed[key] = value

    def get_first_reschedule_date(self, *_):
        return None


def run(event, _):
    """The XComs of the task by key."""
    task = fetched(event).prepare_for_execution()  # a copy whose attributes make no dependencies
    instance = TaskInstance(event, task)
    context = context_of(event, task, instance)
    if event.get("mapped"):
        task = unmapped(task, event["mapped"])
        instance.task = context["task"] = task
    if hasattr(task, "mode"):
        task.mode = "poke"  # a sensor that would give its slot back waits here
    safeguard().test_mode = True  # which lets execute() be called
    with current(context):
        task.render_template_fields(context)
        task.pre_execute(context)
        result = executed(task, context)
        task.post_execute(context, result)
    pushed = dict(instance.pushed)
    if getattr(task, "do_xcom_push", True):
        if getattr(task, "multiple_outputs", False) and isinstance(result, dict):
            pushed.update(result)
        pushed["return_value"] = result
    return json.loads(json.dumps({"return_value": None, **pushed}, default=plain))


def plain(value):
    """What JSON has no form for."""
    return list(value) if isinstance(value, (set, frozenset)) else str(value)


def fetched(event):
    """The task of the DAG file."""
    folder = os.path.dirname(os.path.abspath(DAG_FILE))
    sys.path[:0] = [folder, *(os.path.join(folder, "..", name) for name in ("plugins", "config"))]
    registry = dag_context()
    registry.current_autoregister_module_name = "dagmig_dag_file"
    spec = importlib.util.spec_from_file_location("dagmig_dag_file", DAG_FILE)
    module = sys.modules["dagmig_dag_file"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dags = [dag for dag, _ in registry.autoregistered_dags]
    dags += [one for one in vars(module).values() if hasattr(one, "dag_id") and hasattr(one, "task_dict")]
    return next(dag for dag in dags if dag.dag_id == event["dag_id"]).task_dict[event["task_id"]]


def dag_context():
    try:
        from airflow.sdk.definitions._internal.contextmanager import DagContext
    except ImportError:
        from airflow.models.dag import DagContext
    return DagContext


def safeguard():
    try:
        from airflow.sdk.bases.operator import ExecutorSafeguard
    except ImportError:
        try:
            from airflow.models.baseoperator import ExecutorSafeguard
        except ImportError:  # before Airflow 2.10
            return SimpleNamespace()
    return ExecutorSafeguard


def current(context):
    try:
        from airflow.sdk.execution_time.context import set_current_context
    except ImportError:
        from airflow.models.taskinstance import set_current_context
    return set_current_context(context)


def accessors():
    """What templates find under var, conn and macros."""
    try:
        from airflow.sdk.execution_time.context import ConnectionAccessor, MacrosAccessor, VariableAccessor

        macros = MacrosAccessor()
    except ImportError:
        from airflow import macros
        from airflow.models.taskinstance import ConnectionAccessor, VariableAccessor
    kinds = {"value": False, "json": True}
    variables = {name: VariableAccessor(deserialize_json=is_json) for name, is_json in kinds.items()}
    return {"var": variables, "conn": ConnectionAccessor(), "macros": macros}


def context_of(event, task, instance):
    """The context, as Airflow gives it to templates and to execute()."""
    import pendulum

    names = ("logical_date", "data_interval_start", "data_interval_end")
    texts = (event.get(name, event["logical_date"]).replace("Z", "+00:00") for name in names)
    date, start, end = (pendulum.instance(datetime.fromisoformat(text)) for text in texts)
    conf, params = event.get("conf") or {}, dict(task.dag.params)
    params.update(getattr(task, "params", None) or {})
    params.update({name: value for name, value in conf.items() if name in params})
    run = {"run_id": event["run_id"], "conf": conf, "logical_date": date, "dag_id": event["dag_id"]}
    interval = {"data_interval_start": start, "data_interval_end": end}
    ds, ts = date.strftime("%Y-%m-%d"), date.isoformat()
    return {
        "dag": task.dag,
        "task": task,
        "ti": instance,
        "task_instance": instance,
        "dag_run": SimpleNamespace(**run, **interval, run_type="scheduled"),
        "run_id": event["run_id"],
        "logical_date": date,
        "execution_date": date,
        **interval,
        "ds": ds,
        "ds_nodash": ds.replace("-", ""),
        "ts": ts,
        "ts_nodash": date.strftime("%Y%m%dT%H%M%S"),
        "ts_nodash_with_tz": ts.replace("-", "").replace(":", ""),
        "params": params,
        "inlets": task.inlets,
        "outlets": task.outlets,
        "test_mode": False,
        "task_instance_key_str": f"{event['dag_id']}__{event['task_id']}__{ds.replace('-', '')}",
        **accessors(),
    }


def unmapped(task, given):
    """The operator of one instance."""
    try:
        from airflow.sdk.definitions.mappedoperator import MappedOperator
    except ImportError:  # Airflow 2 takes a session, or what was resolved, beside it
        return task.unmap((given, set()))
    assert isinstance(task, MappedOperator)
    return task.unmap(given)


def executed(task, context):
    """What execute() returns, or what comes of the trigger that it waits for."""
    deferred = lambda: task.execute(context)
    while True:
        try:
            return deferred()
        except BaseException as error:
            if type(error).__name__ == "DownstreamTasksSkipped":
                raise RuntimeError("it skips tasks after it, which the state machine does not do") from error
            if type(error).__name__ != "TaskDeferred":
                raise
            event = asyncio.run(first_event(error.trigger))
            kwargs = {**(error.kwargs or {}), "event": event}
            deferred = waiting(task, error.method_name, kwargs, context)


def waiting(task, method, kwargs, context):
    return lambda: task.resume_execution(method, kwargs, context)


async def first_event(trigger):
    async for event in trigger.run():
        return event.payload
    raise RuntimeError("the trigger ended without an event")
'''


def runner() -> str:
    """The text of ``runner.py``."""
    return RUNNER
