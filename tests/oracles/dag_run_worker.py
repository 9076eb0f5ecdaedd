"""Run by Airflow's own Python: run DAGs as the scheduler does, with the outcome of each body given.

``python dag_run_worker.py IN.jsonl OUT.jsonl`` in an ``AIRFLOW_HOME`` of its own. A line of the input is
``{"source": DAG file that calls its DAG `dag`, "vectors": [{outcomes, lengths, durations}]}``, or, instead of
``source``, ``file``, ``root`` (the dags folder it lies in) and ``dag`` (an id); a line of the output is its
error, or its runs ``{"state", "instances": [[task, map index, state, attempts, start, end]]}``.

Real: the DAG and its serialization, its task instances in a database, ``DagRun.update_state`` (all that the
scheduler checks, expansion, the state of the run), ``schedule_tis``, what branches and short circuits skip
(``SkipMixin``, and the API's route in Airflow 3), ``handle_failure`` (retries, ``fail_fast``). Scripted: that
a body runs, when it ends in virtual time, and what it comes to. Nothing is executed.
"""

from __future__ import annotations

import heapq
import json
import logging
import os
import sys
import warnings
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

warnings.simplefilter("ignore")
STARTED = datetime(2024, 1, 1, tzinfo=timezone.utc)
NEVER = datetime(2200, 1, 1, tzinfo=timezone.utc)
ENDED = ("success", "failed", "skipped", "upstream_failed", "removed")


class Run:
    """One run of a DAG; ``times`` are the virtual times of each instance's first start and last end."""

    def __init__(self, airflow, number: int, vector: dict) -> None:
        self.airflow, self.vector, self.now, self.events = airflow, vector, 0.0, []
        self.outcomes = {(name, index): said for name, index, said in vector["outcomes"]}
        self.durations = {(name, index): said for name, index, said in vector["durations"]}
        self.attempts: dict[tuple, int] = {}
        self.times: dict[tuple, list[float]] = {}
        self.seen: dict[tuple, object] = {}
        self.can_skip = any("chosen" in said for said in self.outcomes.values())
        self.run_id = airflow.create(number)

    def said(self, given: dict, key: tuple, otherwise: object):
        return given.get(key, given.get((key[0], -1), otherwise))

    def finished(self) -> dict:
        while True:
            run = self.airflow.run(self.run_id)
            while self.passed_over(run):
                run = self.airflow.run(self.run_id)
            if run.state != "running":
                return self.result(run)
            if not self.events:
                left = [name for (name, _), state in self.states(run).items() if state not in ENDED]
                raise RuntimeError(f"the run {self.run_id} stands still before {left}")
            self.now = self.events[0][0]
            while self.events and self.events[0][0] == self.now:
                _, key, attempt = heapq.heappop(self.events)
                self.end(key, attempt)

    def passed_over(self, run) -> bool:
        """One pass of the scheduler, which starts what it may; whether another can come to something.

        It cannot where nothing has ended, but for what it does when a body runs that was to be skipped.
        """
        if run.state != "running":
            return False
        session, before = self.airflow.session, self.seen
        schedulable, _ = run.update_state(session=session, execute_callbacks=False)
        run.schedule_tis(schedulable, session=session)
        session.flush()
        session.expire_all()
        self.see(run)
        if "scheduled" in self.seen.values() and run.state == "running":  # no executor takes it otherwise
            self.start(run)
        ended = any(state in ENDED and before.get(key) != state for key, state in self.seen.items())
        return ended or self.seen.keys() != before.keys() or (self.can_skip and self.seen != before)

    def start(self, run) -> None:
        session = self.airflow.session
        for instance in run.get_task_instances(session=session):
            if instance.state == "scheduled":
                key = (instance.task_id, instance.map_index)
                instance.state = self.seen[key] = "running"
                instance.start_date = STARTED
                self.attempts[key] = self.attempts.get(key, 0) + 1
                self.times.setdefault(key, [self.now, self.now])
                ends = self.now + self.said(self.durations, key, 1.0)
                heapq.heappush(self.events, (ends, key, self.attempts[key]))
        session.flush()

    def states(self, run) -> dict:
        from airflow.models.taskinstance import TaskInstance as TI
        from sqlalchemy import select

        wanted = select(TI.task_id, TI.map_index, TI.state)
        rows = self.airflow.session.execute(wanted.where(TI.dag_id == run.dag_id, TI.run_id == run.run_id))
        return {(task, index): state for task, index, state in rows}

    def end(self, key: tuple, attempt: int) -> None:
        """The body of an instance ends, unless somebody ended it before."""
        run = self.airflow.run(self.run_id)
        instance = self.airflow.instance(run, key)
        if attempt != self.attempts[key]:
            return
        if instance.state == "up_for_retry":
            instance.end_date = STARTED
            self.airflow.session.commit()
        if instance.state != "running":
            return
        self.times[key][1] = self.now
        outcome = self.said(self.outcomes, key, {})
        state, failures = outcome.get("state", "success"), outcome.get("failures")
        if attempt <= (failures or 0) or (state == "failed" and failures is None):
            self.airflow.fail(instance)
            self.wait_for_retry(instance, key, attempt)
        elif state == "failed":
            self.airflow.fail_for_good(instance)
        elif state == "skipped":
            instance.set_state("skipped", session=self.airflow.session)
        else:
            self.succeed(run, instance, outcome)
        self.airflow.session.commit()
        self.see(run, but=key)

    def wait_for_retry(self, instance, key: tuple, attempt: int) -> None:
        """The delay passes in virtual time: until then the attempt has not ended, and then it has long."""
        if instance.state != "up_for_retry":
            return
        delay = (instance.next_retry_datetime() - instance.end_date).total_seconds()
        if delay:
            instance.end_date = NEVER
            heapq.heappush(self.events, (self.now + delay, key, attempt))

    def see(self, run, but: tuple | None = None) -> None:
        """Look at all states; an instance that no longer runs was ended from outside, but for one."""
        found = self.states(run)
        for key, state in self.seen.items():
            if state == "running" and found[key] != "running" and key != but:
                self.times[key][1] = self.now
        self.seen = found

    def succeed(self, run, instance, outcome: dict) -> None:
        key = (instance.task_id, instance.map_index)
        has_skipped = "chosen" in outcome and self.airflow.choose(run, instance, outcome["chosen"])
        instance = self.airflow.instance(run, key)
        if not (has_skipped and self.airflow.is_3):
            length = self.vector["lengths"].get(instance.task_id, 1)
            self.airflow.push(instance, [[index] for index in range(length)])
        instance.set_state("success", session=self.airflow.session)

    def result(self, run) -> dict:
        found = []
        for (name, index), state in sorted(self.states(run).items()):
            times = self.times.get((name, index), [None, None])
            ended = str(state) if state in ENDED else None
            found.append([name, index, ended, self.attempts.get((name, index), 0), *times])
        return {"state": str(run.state), "instances": found}


class Airflow:
    """What both versions have in common; ``dag`` is as the file makes it."""

    is_3 = False

    def __init__(self, dag, session) -> None:
        self.dag, self.session = dag, session
        starts = (one.start_date for one in (dag, *dag.tasks))
        self.first = max([STARTED, *filter(None, starts)])  # tasks that start later are not in a run

    def run(self, run_id: str):
        from airflow.models.dagrun import DagRun
        from sqlalchemy import select

        wanted = select(DagRun).where(DagRun.run_id == run_id, DagRun.dag_id == self.dag.dag_id)
        run = self.session.scalars(wanted).one()
        run.dag = self.scheduled
        return run

    def instance(self, run, key: tuple):
        from airflow.models.taskinstance import TaskInstance as TI
        from sqlalchemy import select

        wanted = select(TI).where(TI.dag_id == run.dag_id, TI.run_id == run.run_id)
        found = self.session.scalars(wanted.where(TI.task_id == key[0], TI.map_index == key[1])).one()
        found.task = self.scheduled.get_task(key[0])
        return found

    def choose(self, run, instance, chosen: list[str]) -> bool:
        """Let a branch or a short circuit skip as its operator does; whether it asked to."""
        operator = self.dag.get_task(instance.task_id)
        if type(operator).__name__ == "MappedOperator":
            operator = operator.unmap({"op_args": []})
        self.session.commit()
        if hasattr(operator, "do_branch"):
            return self.skipping(run, instance, lambda ti: operator.do_branch({"ti": ti}, list(chosen)))
        operator.execute_callable = lambda: bool(chosen)
        context = {"dag_run": run, "task": operator, "params": {}}
        return self.skipping(run, instance, lambda ti: operator.execute({"ti": ti, **context}))


class Airflow2(Airflow):
    def __init__(self, dag, session) -> None:
        from airflow.models.baseoperator import ExecutorSafeguard

        super().__init__(dag, session)
        ExecutorSafeguard.test_mode = True
        self.scheduled = dag
        dag.sync_to_db(session=session)

    def create(self, number: int) -> str:
        date = self.first + timedelta(seconds=number)
        run = self.dag.create_dagrun(
            state="running", run_id=f"run_{number}", execution_date=date, start_date=date,
            data_interval=(date, date), session=self.session,
        )  # fmt: skip
        return run.run_id

    def fail(self, instance) -> None:
        instance.handle_failure("scripted", session=self.session)

    def fail_for_good(self, instance) -> None:
        instance.handle_failure("scripted", force_fail=True, session=self.session)

    def skipping(self, run, instance, skips) -> bool:
        skips(instance)
        self.session.commit()
        return True

    def push(self, instance, value: list) -> None:
        from airflow.models.taskmap import TaskMap

        instance.xcom_push("return_value", value, session=self.session)
        self.session.merge(TaskMap.from_task_instance_xcom(instance, value))


class Airflow3(Airflow):
    is_3 = True

    def __init__(self, dag, session) -> None:
        from airflow.models.dagbundle import DagBundleModel
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.sdk.bases.operator import ExecutorSafeguard
        from airflow.serialization.definitions.dag import SerializedDAG
        from airflow.serialization.serialized_objects import DagSerialization, LazyDeserializedDAG

        super().__init__(dag, session)
        ExecutorSafeguard.test_mode = True
        session.merge(DagBundleModel(name="oracle"))
        session.flush()
        SerializedDAG.bulk_write_to_db("oracle", None, [dag], session=session)
        SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle_name="oracle", session=session)
        self.scheduled = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        self.scheduled.params = type(self.scheduled.params)()  # whoever starts a run may have to give some

    def create(self, number: int) -> str:
        date = self.first + timedelta(seconds=number)
        run = self.scheduled.create_dagrun(
            run_id=f"run_{number}", logical_date=date, data_interval=(date, date), run_after=date,
            run_type="manual", triggered_by=self._by_test(), state="running", start_date=date,
            session=self.session,
        )  # fmt: skip
        return run.run_id

    @staticmethod
    def _by_test():
        from airflow.utils.types import DagRunTriggeredByType

        return DagRunTriggeredByType.TEST

    def fail(self, instance) -> None:
        instance.handle_failure(None, session=self.session)

    def fail_for_good(self, instance) -> None:
        from airflow.models.taskinstance import _stop_remaining_tasks

        instance.set_state("failed", session=self.session)
        if self.scheduled.fail_fast:
            _stop_remaining_tasks(task_instance=instance, session=self.session)

    def skipping(self, run, instance, skips) -> bool:
        from airflow.api_fastapi.execution_api.datamodels.taskinstance import (
            TISkippedDownstreamTasksStatePayload,
        )
        from airflow.api_fastapi.execution_api.routes.task_instances import ti_skip_downstream
        from airflow.sdk.exceptions import DownstreamTasksSkipped

        def push(key, value):
            self._push(instance, key, value)

        operator = self.dag.get_task(instance.task_id)
        runtime = SimpleNamespace(task=operator, map_index=instance.map_index, xcom_push=push)
        try:
            skips(runtime)
        except DownstreamTasksSkipped as asked:
            payload = TISkippedDownstreamTasksStatePayload(tasks=list(asked.tasks))
            ti_skip_downstream(instance.id, payload, self.session)
            self.session.flush()
            self.session.expire_all()
            return True
        return False

    def push(self, instance, value: list) -> None:
        from airflow.models.taskmap import TaskMap

        self._push(instance, "return_value", value)
        self.session.merge(TaskMap.from_task_instance_xcom(instance, value))

    def _push(self, instance, key: str, value) -> None:
        from airflow.models.xcom import XComModel

        XComModel.set(
            key=key, value=value, dag_id=instance.dag_id, task_id=instance.task_id, run_id=instance.run_id,
            map_index=instance.map_index, session=self.session,
        )  # fmt: skip


def runs(asked: dict, version: type[Airflow], session, first: int) -> dict:
    """What becomes of one DAG under each of its vectors; its runs are numbered from ``first``, and each is
    the only one there is.
    """
    airflow, found = version(loaded(asked), session), []
    session.commit()
    for number, vector in enumerate(asked["vectors"], first):
        run = Run(airflow, number, vector)
        found.append(run.finished())
        session.delete(airflow.run(run.run_id))
        session.commit()
    return {"runs": found}


def loaded(asked: dict):
    """The DAG, as Airflow makes it of its file."""
    if "source" in asked:
        namespace = {"__file__": __file__, "__name__": "oracle"}
        exec(compile(asked["source"], __file__, "exec"), namespace)
        return namespace["dag"]
    from airflow.dag_processing.dagbag import DagBag

    path = list(sys.path)
    sys.path.insert(0, asked["root"])
    try:
        return DagBag(asked["file"], safe_mode=False).dags[asked["dag"]]
    finally:
        sys.path[:] = path


def main(given: str, out: str) -> None:
    logging.disable(logging.CRITICAL)
    has_files = '"file": ' in Path(given).read_text()
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = str(has_files)  # for the plugins of the examples
    import airflow
    from airflow import settings
    from airflow.utils.db import initdb
    from sqlalchemy import event

    version = Airflow3 if airflow.__version__.startswith("3.") else Airflow2
    event.listen(settings.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
    initdb()
    session = settings.Session()
    first = 0
    with Path(given).open() as file, Path(out).open("w") as answers:
        for asked in map(json.loads, file):
            try:
                found = runs(asked, version, session, first)
            except Exception as error:
                if "--raise" in sys.argv:
                    raise
                session.rollback()
                found = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
            first += len(asked["vectors"])  # files of other versions have DAGs of the same names
            print(json.dumps(found), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
