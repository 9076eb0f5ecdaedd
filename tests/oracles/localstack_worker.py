"""Runs machines in LocalStack's Step Functions interpreter, in process: no server, no AWS, no Java.

Executed by the Python of an environment of its own. Each line of the standard input is a job,
``{"definition", "script", "input"}``, each line written its answer: ``status``, ``output``, ``error`` and the
``steps`` in order, ``[state, items, attempt]``: ``attempt`` is null where the state was entered, else
``[outcome, arguments]``. What a Task calls is not called: the script (see ``scripts``) says what comes of it.
Nothing waits, and branches run one after the other.
"""

from __future__ import annotations

import copy
import datetime
import functools
import json
import logging
import os
import sys
import types
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

os.environ["DISABLE_EVENTS"] = "1"
logging.disable(logging.CRITICAL)
sys.setrecursionlimit(20_000)

import localstack_corrections  # noqa: E402 - LocalStack reads the environment when it is imported
import localstack_modules as ls  # noqa: E402

ACCOUNT = "123456789012"
REGION = "us-east-1"
ARN = f"arn:aws:states:{REGION}:{ACCOUNT}"
MAX_STEPS = 2000
STARTED = datetime.datetime(2024, 5, 6, 7, 8, 9, 123_000, tzinfo=datetime.timezone.utc)


class Job:
    """The running one: its script, and what has happened."""

    def __init__(self) -> None:
        self.script: dict[str, list[dict[str, Any]]] = {}
        self.steps: list[Any] = []
        self.used: Counter[Any] = Counter()
        self.random = Random(0)
        self.seconds = 0.0

    def millis(self) -> int:
        """The present moment: only Wait states move it."""
        return round(1000 * (STARTED.timestamp() + self.seconds))

    def entry(self, state: str, items: tuple[int, ...]) -> dict[str, Any]:
        """What the next attempt of a state does."""
        entries = self.script.get(f"{state}@{items[-1]}") if items else None
        entries = entries or self.script.get(state) or [{}]
        number = self.used[state, items]
        self.used[state, items] += 1
        return entries[min(number, len(entries) - 1)]


JOB = Job()


class TooLong(BaseException):
    """Nothing of LocalStack's takes it for an error of the machine."""


class AtOnce:
    """A thread that has ended when it has started."""

    native_id = 0

    def __init__(self, target: Callable[..., None], args: Any = (), **_: Any) -> None:
        self._run = functools.partial(target, *args)

    def start(self) -> None:
        self._run()

    def join(self, timeout: float | None = None) -> None:
        pass

    def is_alive(self) -> bool:
        return False


def run_at_once() -> None:
    """Nothing runs beside anything else, and nothing waits."""
    for module in (ls.programs, ls.branches, ls.maps):
        module.threading = types.SimpleNamespace(Thread=AtOnce, Lock=module.threading.Lock)
    ls.working.Thread = AtOnce
    ls.retriers.time = types.SimpleNamespace(sleep=lambda seconds: None)
    ls.waits.WaitFunction._wait_interval = wait


def wait(self: Any, env: Any, wait_seconds: float) -> None:
    JOB.seconds += max(0, wait_seconds)


def parse_paths_once() -> None:
    """JSONPath's parser makes its tables anew each time."""
    for module in (ls.paths, ls.result_paths):
        module.parse = functools.lru_cache(maxsize=4096)(module.parse)


def items_of(env: Any) -> tuple[int, ...]:
    return getattr(env, "item_indexes", ())


def record_items() -> None:
    """Frames know which items of which Maps they belong to."""
    inner = ls.environments.Environment.as_inner_frame_of.__func__

    def with_item(evaluate: Callable[..., None]) -> Callable[..., None]:
        def evaluated(self: Any, env: Any, job: Any) -> None:
            env.item_indexes = (*items_of(env), job.job_index)
            evaluate(self, env, job)

        return evaluated

    def inner_frame(cls: Any, env: Any, *arguments: Any, **named: Any) -> Any:
        frame = inner(cls, env, *arguments, **named)
        frame.item_indexes = items_of(env)
        frame.task_arguments = getattr(env, "task_arguments", None)
        return frame

    worker = ls.items.IterationWorker
    for kind in (worker, *localstack_corrections.descendants(worker)):
        if "_eval_job" in vars(kind):
            kind._eval_job = with_item(kind._eval_job)
    ls.environments.Environment.as_inner_frame_of = classmethod(inner_frame)


def record_states() -> None:
    enter = ls.states.CommonStateField._eval_body

    def entered(self: Any, env: Any) -> None:
        JOB.steps.append([self.name, items_of(env), None])
        if len(JOB.steps) > MAX_STEPS:
            raise TooLong
        enter(self, env)

    ls.states.CommonStateField._eval_body = entered


def script_tasks() -> None:
    """Whatever a Task calls is a service that LocalStack only passes on, mocked by the script."""
    service = ls.unsupported.StateTaskServiceUnsupported
    every = {getattr(ls.resources.ResourceCondition, name) for name in ("WaitForTaskToken", "Sync", "Sync2")}
    before = ls.services.StateTaskService._before_eval_execution

    def remember(self: Any, env: Any, raw_parameters: Any, **named: Any) -> None:
        env.task_arguments = copy.deepcopy(raw_parameters)
        before(self, env=env, raw_parameters=raw_parameters, **named)

    def response(env: Any) -> Any:
        state, items = env.next_state_name, items_of(env)
        entry = JOB.entry(state, items)
        outcome = f"throw:{entry['throw']}" if "throw" in entry else "return"
        JOB.steps.append([state, items, [outcome, env.task_arguments]])
        if "throw" in entry:
            return ls.mocks.LocalMockedResponseThrow(0, 0, entry["throw"], entry.get("cause"))
        return ls.mocks.LocalMockedResponseReturn(0, 0, entry.get("return", {}))

    ls.unsupported._SUPPORTED_INTEGRATION_PATTERNS |= every
    service._log_unsupported_warning = lambda self: None
    ls.task_factory.state_task_service_for = lambda service_name: service()
    ls.services.StateTaskService._before_eval_execution = remember
    ls.services.StateTaskService._normalise_parameters = lambda self, *arguments, **named: None
    ls.services.StateTaskService._normalise_response = lambda self, *arguments, **named: None
    ls.environments.Environment.is_local_mocked_mode = lambda self: True
    ls.environments.Environment.get_current_local_mocked_response = response


class Execution(ls.executions.SyncExecution):
    """One that tells nobody how it ends."""

    def publish_execution_status_change_event(self) -> None:
        pass


parse = functools.lru_cache(maxsize=64)(ls.parsers.AmazonStateLanguageParser.parse)


def run(job: dict[str, Any]) -> dict[str, Any]:
    JOB.__init__()
    JOB.script = job["script"]
    definition = json.dumps(job["definition"], ensure_ascii=False)
    try:
        parse(definition)
    except Exception as error:
        refused = {"status": "INVALID", "error": type(error).__name__, "cause": str(error)}
        return {**refused, "output": None, "steps": []}
    kind = ls.api.StateMachineType.STANDARD
    machine = types.SimpleNamespace(
        arn=f"{ARN}:stateMachine:machine",
        name="machine",
        sm_type=kind,
        definition=definition,
        revision_id=None,
    )
    execution = Execution(
        name="run-1",
        sm_type=kind,
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/machine",
        exec_arn=f"{ARN}:execution:machine:run-1",
        account_id=ACCOUNT,
        region_name=REGION,
        state_machine=machine,
        start_date=STARTED,
        cloud_watch_logging_session=None,
        activity_store={},
        input_data=job["input"],
    )
    try:
        execution.start()
    except TooLong:
        return {"status": "TOO_LONG", "error": None, "cause": None, "output": None, "steps": []}
    return {
        "status": str(execution.exec_status),
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
        "steps": JOB.steps,
    }


def prepare() -> None:
    """All but what Tasks do."""
    run_at_once()
    localstack_corrections.correct_all()
    localstack_corrections.jsonata_without_java(lambda: JOB.random, lambda: JOB.millis())
    parse_paths_once()
    record_items()
    record_states()
    ls.parsers.AmazonStateLanguageParser.parse = staticmethod(parse)


def main() -> None:
    prepare()
    script_tasks()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line)), default=str), flush=True)


if __name__ == "__main__":
    main()
