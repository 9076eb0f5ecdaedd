"""Scripts worth running a machine with: all tasks succeed, one fails, one fails and then succeeds.

Results are made up from what the machine asks of them: the paths it reads (``$states.result.a.b``) and the
texts it compares with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from random import Random
from typing import Any

from tests.oracles.scripts import Script

Machine = Mapping[str, Any]
_READ = re.compile(r"\$states\.result((?:\.\w+)+)")
_PATH = re.compile(r"\$((?:\.\w+)+)")
_TEXT = re.compile(r"'([^'\\]*)'|\"StringEquals\": \"([^\"\\]*)\"")
ENDED = {
    "life_cycle_state": "TERMINATED",
    "result_state": "SUCCESS",
    "IsTruncated": False,
    "FormattedRecords": '[{"check_result": 1}]',  # JSON text; LocalStack's ``$parse`` takes any text
}
ERRORS = ("Broken", "States.Timeout", "States.TaskFailed")


def scripts(machine: Machine, seed: int, most: int = 12) -> Iterator[Script]:
    """At most so many scripts, the same ones for the same seed."""
    random = Random(seed)
    tasks = dict(task_states(machine))
    texts = [first or second for first, second in _TEXT.findall(json.dumps(machine))][:20]
    pool = [*texts, True, False, 0, 3, ["x"], {"k": 1}, None]
    yield success(tasks, random, pool)
    yield success(tasks, random, pool)
    for name in random.sample(sorted(tasks), min(len(tasks), most // 3)):
        yield {**success(tasks, random, pool), name: [{"throw": random.choice(ERRORS), "cause": "made up"}]}
    for name in random.sample(sorted(tasks), min(len(tasks), most // 3)):
        entry = success({name: tasks[name]}, random, pool)[name]
        failing = [{"throw": "Broken", "cause": "once"}] * random.randint(1, 3)
        yield {**success(tasks, random, pool), name: [*failing, *entry]}


def success(tasks: Mapping[str, Any], random: Random, pool: list[Any]) -> dict[str, list[dict[str, Any]]]:
    """Every task returns something that its state can read."""
    return {name: [{"return": _result(state, random, pool)}] for name, state in tasks.items()}


def task_states(scope: Machine) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in scope["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for branch in state.get("Branches", ()):
            yield from task_states(branch)
        for key in ("ItemProcessor", "Iterator"):
            if key in state:
                yield from task_states(state[key])


def _result(state: Mapping[str, Any], random: Random, pool: list[Any]) -> Any:
    fields = {key: state[key] for key in ("Assign", "Output", "ResultSelector", "OutputPath") if key in state}
    text = json.dumps(fields)
    found: dict[str, Any] = {}
    for path in (*_READ.findall(text), *_PATH.findall(text)):
        keys = path[1:].split(".")
        inner = found
        for key in keys[:-1]:
            inner = inner.setdefault(key, {})
            if not isinstance(inner, dict):
                break
        else:
            inner.setdefault(keys[-1], ENDED.get(keys[-1], deepcopy(random.choice(pool))))
    return found
