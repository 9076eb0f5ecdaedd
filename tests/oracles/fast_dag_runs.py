"""Used by Airflow's own Python: run DAGs as ``dag.test()`` does, some thirty times as fast.

Real: the DAG and its serialization, its task instances in a database, ``DagRun.update_state`` (what may
begin, expansion, the state of the run), what a branch skips (the API's route), and each task, by Airflow's
own task runner (templates, ``execute``, retries, callbacks). Not there: the server between a task and the
database, which ``Supervisor`` stands for, and time: retries are due at once, and what is deferred goes on.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

STARTED = datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=timezone.utc)
RETURNED = "return_value"
MOST_INSTANCES = 300


class Log:
    """The log of a task: keeps its last exception."""

    raised: BaseException | None = None

    def info(self, *_: object, **__: object) -> None:
        pass

    def exception(self, *_: object, **__: object) -> None:
        self.raised = sys.exc_info()[1]

    def __getattr__(self, name: str):
        return self.info


class Supervisor:
    """Answers what a task asks of its server, for one run; XComs are kept as JSON, as they are sent."""

    def __init__(self, session, run, variables: Callable[[str], str]) -> None:
        self.session, self.run, self.variables = session, run, variables
        self.xcoms: dict[str, dict[tuple[str, int], object]] = {}
        self.instance = None
        self.message = None

    def send(self, msg):
        return getattr(self, type(msg).__name__)(msg)

    def SetXCom(self, msg) -> None:
        from airflow.models.taskmap import TaskMap
        from airflow.models.xcom import XComModel

        index = _index(msg)
        self.xcoms.setdefault(msg.key, {})[msg.task_id, index] = _plain(msg.value)
        place = {"dag_id": msg.dag_id, "task_id": msg.task_id, "run_id": msg.run_id, "map_index": index}
        if msg.mapped_length is not None:
            self.session.merge(TaskMap(**place, length=msg.mapped_length, keys=None))
        elif msg.key == RETURNED and index >= 0:  # how many there are is a question to the database
            XComModel.set(**place, key=msg.key, value=msg.value, serialize=False, session=self.session)

    def DeleteXCom(self, msg) -> None:
        self.xcoms.get(msg.key, {}).pop((msg.task_id, _index(msg)), None)

    def GetXCom(self, msg):
        from airflow.sdk.execution_time.comms import XComResult

        value = self.xcoms.get(msg.key, {}).get((msg.task_id, _index(msg)))
        return XComResult(key=msg.key, value=_plain(value))

    def _values(self, msg) -> list:
        found = self.xcoms.get(msg.key, {})
        return [_plain(found[place]) for place in sorted(found) if place[0] == msg.task_id]

    def GetXComSequenceSlice(self, msg):
        from airflow.sdk.execution_time.comms import XComSequenceSliceResult

        return XComSequenceSliceResult(root=self._values(msg)[msg.start : msg.stop : msg.step])

    def GetXComSequenceItem(self, msg):
        from airflow.sdk.execution_time.comms import XComSequenceIndexResult

        return XComSequenceIndexResult(root=self._values(msg)[msg.offset])

    def GetXComCount(self, msg):
        from airflow.sdk.execution_time.comms import XComCountResponse

        return XComCountResponse(len=len(self._values(msg)))

    def GetTaskStates(self, msg):
        from airflow.sdk.execution_time.comms import TaskStatesResult

        found = {}
        for one in self.run.get_task_instances(session=self.session):
            if one.task_id in (msg.task_ids or [one.task_id]):
                name = one.task_id if one.map_index < 0 else f"{one.task_id}_{one.map_index}"
                found[name] = one.state
        return TaskStatesResult(task_states={self.run.run_id: found})

    def GetTICount(self, msg):
        from airflow.sdk.execution_time.comms import TICount

        instances = self.run.get_task_instances(session=self.session)
        return TICount(count=sum(one.task_id in (msg.task_ids or []) for one in instances))

    def GetTaskRescheduleStartDate(self, msg):
        from airflow.sdk.execution_time.comms import TaskRescheduleStartDate

        return TaskRescheduleStartDate(start_date=None)

    def GetTaskStateStore(self, msg):
        from airflow.sdk.exceptions import ErrorType
        from airflow.sdk.execution_time.comms import ErrorResponse

        return ErrorResponse(error=ErrorType.TASK_STORE_NOT_FOUND)

    def GetVariable(self, msg):
        from airflow.sdk.execution_time.comms import VariableResult

        return VariableResult(key=msg.key, value=self.variables(msg.key))

    def GetConnection(self, msg):
        from airflow.sdk.execution_time.comms import ConnectionResult

        return ConnectionResult(conn_id=msg.conn_id, conn_type="aws")

    def _nothing(self, msg) -> None:
        pass

    SetRenderedFields = MaskSecret = SetTaskStateStore = DeleteTaskStateStore = _nothing
    ClearTaskStateStore = _nothing

    def SkipDownstreamTasks(self, msg) -> None:
        from airflow.api_fastapi.execution_api.datamodels.taskinstance import (
            TISkippedDownstreamTasksStatePayload,
        )
        from airflow.api_fastapi.execution_api.routes.task_instances import ti_skip_downstream

        payload = TISkippedDownstreamTasksStatePayload(tasks=list(msg.tasks))
        ti_skip_downstream(self.instance.id, payload, self.session)
        self.session.flush()

    def _ended(self, msg) -> None:
        self.message = msg

    SucceedTask = TaskState = RetryTask = RescheduleTask = DeferTask = _ended


class Dag:
    """A DAG that the database knows; ``run`` as often as wanted.

    ``resumed`` says with which event a deferred task goes on: it gets the trigger. ``errors`` are the last
    ones of the run's tasks, by task and index.
    """

    def __init__(self, dag, session, resumed: Callable[[object], object] = lambda trigger: None) -> None:
        from airflow.models.dagbundle import DagBundleModel
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.sdk.bases.operator import ExecutorSafeguard
        from airflow.serialization.definitions.dag import SerializedDAG
        from airflow.serialization.serialized_objects import DagSerialization, LazyDeserializedDAG

        ExecutorSafeguard.test_mode = True
        self.dag, self.session, self.resumed, self.number = dag, session, resumed, 0
        self.errors: dict[tuple[str, int], BaseException] = {}
        for task in dag.tasks:
            task.retry_delay = timedelta(0)
            if hasattr(task, "poke_interval"):
                task.poke_interval = 0
        session.merge(DagBundleModel(name="oracle"))
        session.flush()
        SerializedDAG.bulk_write_to_db("oracle", None, [dag], session=session)
        SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle_name="oracle", session=session)
        session.commit()
        self.scheduled = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        self.scheduled.params = type(self.scheduled.params)()

    def run(self, conf: dict, begins: Callable[[object], None], variables: Callable[[str], str]):
        """Run once. ``begins`` is told each task instance before it runs.

        Returns the run, its task instances, and the XComs as ``Supervisor`` keeps them. Raises
        ``RuntimeError`` where the run stands still.
        """
        session, run = self.session, self._create(conf)
        self.errors = {}
        supervisor = Supervisor(session, run, variables)
        begun = passes = 0  # in which nothing began: some only skip what follows
        while run.state == "running":
            session.expire_all()
            run.dag = self.scheduled
            ready, _ = run.update_state(session=session, execute_callbacks=False)
            for one in ready:
                if one.state != "up_for_reschedule":
                    one.try_number += 1
                one.state = "scheduled"
            session.flush()
            passes = 0 if ready else passes + 1
            begun += len(ready)
            if begun > MOST_INSTANCES and self.dag.dagrun_timeout:
                run.state = "failed"  # as the scheduler says when the time of the run is up
                break
            if begun > MOST_INSTANCES:
                raise RuntimeError(f"the run of {run.dag_id} goes on and on")
            if passes > len(self.dag.tasks) + 1:
                raise RuntimeError(f"the run of {run.dag_id} stands still")
            for one in sorted(ready, key=lambda one: (one.map_index, one.task_id)):
                if one.state == "scheduled":  # nobody has skipped it meanwhile
                    begins(one)
                    self._execute(one, run, supervisor)
        found = sorted(run.get_task_instances(session=session), key=lambda one: (one.task_id, one.map_index))
        return run, found, supervisor.xcoms

    def _create(self, conf: dict):
        from airflow.utils.types import DagRunTriggeredByType

        self.number += 1
        date = STARTED + timedelta(seconds=self.number)
        run = self.scheduled.create_dagrun(
            run_id=f"run_{self.number}", logical_date=date, data_interval=(date, date), run_after=date,
            run_type="manual", triggered_by=DagRunTriggeredByType.TEST, state="running", start_date=date,
            conf=json.loads(json.dumps(conf)), session=self.session,
        )  # fmt: skip
        self.session.flush()
        return run

    def _execute(self, one, run, supervisor: Supervisor) -> None:
        from airflow.sdk.execution_time.supervisor import set_supervisor_comms

        one.state, one.start_date, one.end_date = "running", STARTED, None
        supervisor.instance, supervisor.message = one, None
        self.session.flush()
        with set_supervisor_comms(supervisor):
            state, message = self._attempt(one, run, supervisor, {})
            while type(message).__name__ == "DeferTask":
                trigger = self._trigger(message)
                if getattr(trigger, "end_from_trigger", False):
                    state = "success"
                    break
                state, message = self._attempt(one, run, supervisor, self._event(message, trigger))
        self.session.expire(one)
        one.state, one.end_date = str(getattr(state, "value", state)), STARTED
        self.session.flush()

    def _attempt(self, one, run, supervisor: Supervisor, resumed: dict):
        from airflow.sdk.api.datamodels._generated import DagRun, TIRunContext
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance, finalize
        from airflow.sdk.execution_time.task_runner import run as execute

        place = (one.task_id, one.map_index)
        keys = [key for key, kept in supervisor.xcoms.items() if place in kept]
        about = {name: getattr(run, name) for name in DagRun.model_fields if hasattr(run, name)}
        about |= {"consumed_asset_events": [], "note": None, "team_name": None, "conf": _plain(run.conf)}
        known = TIRunContext.model_construct(
            dag_run=DagRun.model_construct(**about), task_reschedule_count=0, max_tries=one.max_tries,
            variables=[], connections=[], xcom_keys_to_clear=[] if resumed else keys,
            should_retry=one.max_tries != 0 and one.try_number <= one.max_tries, **resumed,
        )  # fmt: skip
        instance = RuntimeTaskInstance.model_construct(
            id=uuid.UUID(str(one.id)), task_id=one.task_id, dag_id=one.dag_id, run_id=one.run_id,
            try_number=one.try_number, map_index=one.map_index, dag_version_id=one.dag_version_id,
            task=self.dag.get_task(one.task_id), _ti_context_from_server=known, max_tries=one.max_tries,
            start_date=STARTED, state="running",
        )  # fmt: skip
        context = instance.get_template_context()
        log = Log()
        state, message, error = execute(instance, context, log)
        context["exception"] = error
        finalize(instance, state, context, log, error)
        if log.raised is not None:
            self.errors[place] = log.raised
        return state, message

    @staticmethod
    def _trigger(message):
        from airflow.sdk._shared.module_loading import import_string
        from airflow.sdk.serde import deserialize

        return import_string(message.classpath)(**deserialize(message.trigger_kwargs))

    def _event(self, message, trigger) -> dict:
        from airflow.sdk.serde import deserialize, serialize

        given = {**deserialize(message.next_kwargs or {}), "event": self.resumed(trigger)}
        return {"next_method": message.next_method, "next_kwargs": serialize(given)}


def _index(msg) -> int:
    return -1 if msg.map_index is None else msg.map_index


def _plain(value):
    """As it is after a journey as JSON."""
    return json.loads(json.dumps(value))
