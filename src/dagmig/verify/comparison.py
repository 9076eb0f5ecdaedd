"""Where an execution and a DAG run part, under the guarantee that the machine gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dagmig.asl.lower.guarantee import Doubt, When
from dagmig.graph.values import Entries, Items, Literal, MapItem, Output, Value
from dagmig.verify.bodies import value
from dagmig.verify.dag_run import Program, admissible
from dagmig.verify.dag_run.run_state import BAD
from dagmig.verify.execution import Execution
from dagmig.verify.observed import ALL, Instance, Observed, State, Vector, named

SITUATIONS = 2_000  # so many are looked at where the order of events decides


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that is not the same, and both sides."""

    said: str
    run: Observed
    execution: Execution


@dataclass(frozen=True, slots=True)
class Comparison:
    """``worked`` are the tasks whose work the machine does; ``is_strict``: it claims the guarantee STRICT.
    What the tasks ``apart`` return is not compared as a whole: an object stands for it. ``doubts`` are the
    rows of the ledger about what may end otherwise.
    """

    program: Program
    worked: frozenset[str]
    is_strict: bool
    apart: frozenset[str] = frozenset()
    doubts: tuple[Doubt, ...] = ()

    def difference(self, vector: Vector, run: Observed, execution: Execution) -> Difference | None:
        """None where Airflow, in some order of events, does what the execution did."""
        said = next(self._differences(vector, run, execution), None)
        if said is None:
            return None
        others = admissible(self.program, vector, SITUATIONS).runs
        if any(next(self._differences(vector, other, execution), None) is None for other in others):
            return None
        return Difference(said, run, execution)

    def is_declared(self, run: Observed) -> bool:
        """Whether the ledger has a row for what may differ in this run."""
        return any(self._applies(doubt, run) for doubt in self.doubts)

    def _applies(self, doubt: Doubt, run: Observed) -> bool:
        match doubt.when:
            case When.EVER:
                return True
            case When.AFTER_FAILURE:
                return any(ended.state is State.FAILED for ended in run.instances.values())
            case When.AFTER_FAILURE_AND_SKIP:
                nodes = self.program.nodes
                names = {nodes[place].id for place in nodes[self.program.place[doubt.task]].upstream}
                states = {ended.state for one, ended in run.instances.items() if one[0] in names}
                return State.SKIPPED in states and not states.isdisjoint(BAD)
        return False

    def _differences(self, vector: Vector, run: Observed, execution: Execution) -> Iterator[str]:
        wanted = {one for one in run.executed if one[0] in self.worked}
        has_failed = any(ended.state is State.FAILED for ended in run.instances.values())
        may_stop = has_failed and not self.is_strict
        for state in execution.others:
            yield f"the state {state} does work in the machine that no task does in Airflow"
        for one in sorted(execution.executed - wanted):
            yield f"{named(one)} runs in the machine, but not in Airflow"
        for one in sorted(set() if may_stop else wanted - execution.executed):
            yield f"{named(one)} runs in Airflow, but not in the machine"
        if run.state is not execution.state:
            yield f"the run is {run.state} in Airflow, the execution ends as {execution.state}"
        for one in sorted(execution.executed):
            yield from self._of_instance(one, vector, run, execution, may_stop)

    def _of_instance(
        self, one: Instance, vector: Vector, run: Observed, execution: Execution, may_stop: bool
    ) -> Iterator[str]:
        ended, attempts = run.instances[one], execution.attempts[one]
        is_stopped = attempts[-1].ended is None or (may_stop and len(attempts) < ended.attempts)
        if not is_stopped and len(attempts) != ended.attempts:
            yield f"{named(one)} is tried {ended.attempts} times in Airflow, {len(attempts)} in the machine"
        if not (is_stopped and may_stop) and execution.ended[one] is not ended.state:
            yield f"{named(one)} ends as {ended.state} in Airflow, as {execution.ended[one]} in the machine"
        for other in sorted(run.before.get(one, ())):
            if other[0] in self.worked and not execution.precedes(other, one):
                yield f"{named(one)} starts before {named(other)} has ended, which it waits for in Airflow"
        payload = attempts[0].arguments.get("Payload", {})
        given = [("", self._given(one, vector, run), payload.get("args"))]
        keywords = payload.get("kwargs", {})
        given += [(name, item, keywords.get(name)) for name, item in self._item(one, vector, run)]
        for name, wanted, found in given:
            if wanted is not None and found != wanted:
                as_ = f" as {name}" if name else ""
                sides = f"{_json(wanted)}{as_} in Airflow, {_json(found)} by the machine"
                yield f"{named(one)} is given {sides}"

    def _given(self, one: Instance, vector: Vector, run: Observed) -> list[Any] | None:
        """A callable's positional arguments, where they are what other tasks return."""
        task = self.program.workflow.tasks[one[0]]
        if not task.call.operator.startswith("@task"):
            return None
        args = task.argument("op_args")
        outputs = [arg for arg in args.items if self._is_whole(arg)] if isinstance(args, Items) else []
        if not isinstance(args, Items) or len(outputs) != len(args.items):
            return None
        return [self._value(arg.task, one, vector, run) for arg in outputs if isinstance(arg, Output)]

    def _item(self, one: Instance, vector: Vector, run: Observed) -> Iterator[tuple[str, Any]]:
        """A callable's keyword arguments that are its instance's item, where it is mapped over one list."""
        task, node = self.program.workflow.tasks[one[0]], self.program.nodes[self.program.place[one[0]]]
        expansion = self.program.workflow.groups[node.group].expand if node.group else task.expand
        if expansion is None or expansion.kind != "expand" or len(expansion.arguments) != 1:
            return
        ((name, over),) = expansion.arguments.items()
        items = self._list(over, vector, run) if task.call.operator.startswith("@task") else []
        given = task.argument("op_kwargs")
        pairs = given.entries if isinstance(given, Entries) else ()
        inside = [key.value for key, item in pairs if isinstance(key, Literal) and item == MapItem()]
        for key in inside if node.group else [name]:
            if 0 <= one[1] < len(items):
                yield key, items[one[1]]

    def _list(self, over: Value, vector: Vector, run: Observed) -> list[Any]:
        """What is mapped over, where that is known: a list that is written out, or what a task returned."""
        if isinstance(over, Literal) and isinstance(over.value, list):
            return over.value
        if not isinstance(over, Output) or over.task in self.apart:
            return []
        if self.program.nodes[self.program.place[over.task]].lengths is None:
            found = value(self.program, vector, (over.task, ALL))
            return found if isinstance(found, list) else []
        return [value(self.program, vector, one) for one in sorted(run.values) if one[0] == over.task]

    def _is_whole(self, value: Any) -> bool:
        """What a chooser returned is not looked at: the ledger says what Airflow 3 makes of that."""
        is_whole = isinstance(value, Output) and value.key == "return_value" and not value.path
        if not is_whole or value.task in self.apart:
            return False
        return self.program.nodes[self.program.place[value.task]].chooser is None

    def _value(self, task: str, reader: Instance, vector: Vector, run: Observed) -> Any:
        """What others are given of a task: nothing where nothing was returned; of instances a list, but in a
        mapped group what that of the same index returned. Of a task in a group Airflow 3 gives others what
        alone was returned, and nothing for an empty list.
        """
        program = self.program
        node, group = (program.nodes[program.place[name]] for name in (task, reader[0]))
        is_beside = node.group is not None and node.group == group.group
        if node.lengths is None or is_beside:
            one = (task, reader[1] if is_beside else ALL)
            return value(program, vector, one) if one in run.values else None
        given = [value(program, vector, one) for one in sorted(run.values) if one[0] == task]
        if node.group is not None and program.airflow >= 3 and len(given) == 1:
            return given[0]
        return given if given or (program.airflow >= 3 and node.group is None) else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
