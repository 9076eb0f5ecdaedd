"""Executions recorded on AWS, as far as what was recorded says enough to run them again.

``cases.jsonl`` (``DAGMIG_RECORDINGS``) has an object a line: ``definition``, ``input``, ``script`` (see
``scripts``) and ``expected``: ``status``, ``output``, ``error``, ``cause`` and ``trace``, the states entered
and the attempts made in each scope. A definition with ``modified`` true is a template: the recorded test
filled in something, which is taken from its name, or from ``FILLED``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.oracles.scripts import caller

from dagmig.verify.engine import Attempt, Outcome, Reading, Trace, compile_machine, failure, run

NOT_RECORDED: Mapping[str, str] = {
    "test_base_jsonata_regular_expressions": "the expression was filled in, and is not in the recording",
    "test_merge_with_dynamic_args": "the expression was filled in, and is not in the recording",
    "test_map_state_lambda": "what the children's task returned is not in the recording",
    "test_map_item_reader_csv_headers_decl_duplicate_headers": "reading a file is not the engine's",
    "test_map_item_reader_json_no_json_list_object": "reading a file is not the engine's",
}
FILLED: Mapping[str, str] = {
    "test_result_selector": "$$.Execution.Input",
    "test_variable": "$$.Execution.Input.input-value",
}
NAMELESS = "States.TaskFailed"  # what the recordings call a failure without a name
_ANYTHING = re.compile(r"<[\w:.-]+>|111111111111")
_PARAMETER = re.compile(r"(?P<name>\w+)(?:\[(?P<value>.*)\])?")
_MADE_UP = {"start-time", "entered-time", "date", "snf_role_arn"}
MORE_ITEMS = [{"more": 1}, {"more": 2}]


class Recorded:
    """One recorded execution."""

    def __init__(self, line: str) -> None:
        case = json.loads(line)
        found = _PARAMETER.fullmatch(case["test"].rpartition("::")[2])
        assert found is not None, case["test"]
        self.test: str = found[0]
        self.reason = NOT_RECORDED.get(found["name"])
        self.expected = case["expected"]
        self.script = case["script"]
        self.definition = case["definition"]
        if case["modified"]:
            self.definition = _filled(self.definition, FILLED.get(found["name"], found["value"]), self.script)
        self.input = _decoded_once(case["input"])

    def run(self) -> Trace:
        """Run it again in our engine."""
        scripted = caller(self.script)

        def call(attempt: Attempt) -> Outcome:
            if attempt.items and not any(key.partition("@")[0] == attempt.state for key in self.script):
                return Outcome(attempt.arguments)  # children's tasks are not recorded; they echoed
            outcome = scripted(attempt)
            is_nameless = (outcome.error, outcome.cause) == (NAMELESS, "")
            return failure(None) if is_nameless else outcome  # SendTaskFailure without an error

        return run(compile_machine(self.definition), self.input, call, self._read)

    def _read(self, reading: Reading) -> Any:
        """The items that a file held, as the recorded children gave them back; more where some are left."""
        items = _decoded(self.expected["output"])
        if "BatchMapState" in self.definition["States"]:
            items = [item for batch in items for item in batch["Items"]]
        return items + MORE_ITEMS if any("MaxItems" in key for key in reading.config) else items

    def differences(self, trace: Trace) -> list[str]:
        """Where an execution of ours is not the recorded one; nothing where it is."""
        expected = self.expected
        found = []
        if (trace.status, trace.error) != (expected["status"], expected["error"]):
            wanted = f"{expected['status']} {expected['error']}"
            found.append(f"{trace.status} {trace.error}: {trace.cause}; recorded: {wanted}")
        elif trace.status == "SUCCEEDED" and not _is_alike(
            _decoded(trace.output), _decoded(expected["output"])
        ):
            found.append(f"output {trace.output!r}, recorded: {expected['output']!r}")
        elif trace.status != "SUCCEEDED":
            ours, theirs = _decoded(trace.cause or ""), _decoded(expected.get("cause") or "")
            if not _is_alike(ours, theirs):
                found.append(f"cause {ours!r}, recorded: {theirs!r}")
        ours = steps(trace)
        for scope, items, wanted in expected["trace"]:
            is_cut_short = expected["status"] == "FAILED" and scope
            made = ours.get((tuple(scope), tuple(items)), [])
            if made != wanted and not is_cut_short:
                found.append(f"in {scope}{items}: {made}, recorded: {wanted}")
        return found


def cases(file: Path) -> list[Recorded]:
    """Every recorded execution."""
    return [Recorded(line) for line in file.read_text(encoding="utf-8").splitlines()]


def steps(trace: Trace) -> dict[tuple[tuple[str, ...], tuple[int, ...]], list[str]]:
    """``> State`` entered and ``* State#n outcome`` attempted, in order, by scope and Map indexes."""
    events: list[tuple[int, Any, str]] = [(visit.order, visit, f"> {visit.state}") for visit in trace.visits]
    numbers: Counter[Any] = Counter()
    for attempt in trace.attempts:
        if attempt.ended_order is not None:
            number = numbers[attempt.state, attempt.place]
            numbers[attempt.state, attempt.place] += 1
            outcome = f"throw:{attempt.error or NAMELESS}" if attempt.has_failed else "return"
            events.append((attempt.ended_order, attempt, f"* {attempt.state}#{number} {outcome}"))
    found: dict[tuple[tuple[str, ...], tuple[int, ...]], list[str]] = {}
    for _, event, text in sorted(events, key=lambda event: event[0]):
        scope = tuple(f"{s.state}[]" if s.is_item else f"{s.state}[{s.number}]" for s in event.place)
        items = tuple(step.number for step in event.place if step.is_item)
        found.setdefault((scope, items), []).append(text)
    return found


def _filled(value: Any, parameter: str | None, script: Mapping[str, Any]) -> Any:
    """A template with what the recorded test filled in."""
    match value:
        case {"ErrorEquals": ([] | ["<%WaitForTaskTokenFailureErrorName%>"]), **rest}:
            thrown = [entry["throw"] for entries in script.values() for entry in entries if "throw" in entry]
            return {**rest, "ErrorEquals": thrown[:1]}
        case {"item.$": _}:
            return {"item.$": parameter}
        case "%CONTEXT_OBJECT_LITERAL_PLACEHOLDER%":
            return parameter
        case dict():
            return {key: _filled(item, parameter, script) for key, item in value.items()}
        case list():
            return [_filled(item, parameter, script) for item in value]
    return value


def _decoded_once(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _decoded(value: Any) -> Any:
    """Texts that are JSON, as what they say: the recordings decoded some of them and some not."""
    match value:
        case dict():
            return {key: _decoded(item) for key, item in value.items()}
        case list():
            return [_decoded(item) for item in value]
        case str() if (once := _decoded_once(value)) != value or not isinstance(once, str):
            return _decoded(once)
    return value


def _is_alike(ours: Any, recorded: Any) -> bool:
    """Equal, but for what the recordings replaced: ``<uuid:1>``, dates, random numbers."""
    match recorded:
        case dict():
            return (
                isinstance(ours, dict)
                and ours.keys() == recorded.keys()
                and all(_is_alike(ours[key], recorded[key]) for key in recorded)
            )
        case list():
            return (
                isinstance(ours, list) and len(ours) == len(recorded) and all(map(_is_alike, ours, recorded))
            )
        case "RandomNumberGenerated":
            return isinstance(ours, int)
        case str() if recorded in _MADE_UP or _ANYTHING.search(recorded):
            parts = [re.escape(part) for part in _ANYTHING.split(recorded)]
            return recorded in _MADE_UP or bool(re.fullmatch(".*".join(parts), str(ours), re.DOTALL))
    return type(ours) is type(recorded) and bool(ours == recorded)
