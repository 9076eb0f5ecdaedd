"""Short ways to write machines, outcomes and what is seen of an execution."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dagmig.verify.engine import ABSENT, Attempt, Outcome, Trace, compile_machine, failure, run

FUNCTION = "arn:aws:states:::lambda:invoke"
TASK = {"Type": "Task", "Resource": FUNCTION}
FINAL = ("Succeed", "Fail", "Choice")
ANY = ["States.ALL"]


def flow(**states: dict[str, Any]) -> dict[str, Any]:
    """A scope: its first state starts, each goes to the next one unless it says otherwise, the last ends."""
    names = list(states)
    found = {}
    for name, following in zip(names, [*names[1:], None], strict=True):
        state = states[name]
        if state["Type"] not in FINAL and not {"Next", "End"} & state.keys():
            state = {**state, "Next": following} if following else {**state, "End": True}
        found[name] = state
    return {"StartAt": names[0], "States": found}


def jsonata(**states: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **flow(**states)}


def passing(output: Any, **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Output": output, **fields}


def task(**fields: Any) -> dict[str, Any]:
    return {**TASK, **fields}


def parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), **fields}


def each(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor, **fields}


def distributed(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return each(
        {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **processor}, **fields
    )


def retry(*names: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(names), **fields}


def catch(*names: str, then: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(names), "Next": then, **fields}


def execute(machine: dict[str, Any], given: Any = None, /, *, setting: Any = None, **outcomes: Any) -> Trace:
    """Run; ``outcomes`` are what the attempts of a Task come to: one, or a list whose last entry repeats.

    A string is the name of an error, an ``Outcome`` itself, a function is called with the attempt; anything
    else is returned. A Task without outcomes echoes its arguments.
    """
    used: Counter[Any] = Counter()

    def call(attempt: Attempt) -> Outcome:
        if attempt.state not in outcomes:
            return Outcome(attempt.arguments)
        entries = outcomes[attempt.state]
        entries = entries if isinstance(entries, list) else [entries]
        entry = entries[min(used[attempt.state, attempt.place], len(entries) - 1)]
        used[attempt.state, attempt.place] += 1
        if callable(entry):
            entry = entry(attempt)
        if isinstance(entry, str):
            return failure(entry, "it was asked to fail")
        return entry if isinstance(entry, Outcome) else Outcome(entry)

    options = {} if setting is None else {"setting": setting}
    return run(compile_machine(machine), given, call, **options)


def result(trace: Trace) -> Any:
    """The output of an execution that succeeded, the name of its error of one that did not."""
    return trace.error if trace.output is ABSENT else trace.output
