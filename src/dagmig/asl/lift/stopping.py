"""When a branch of a Parallel or an item of a Map fails, Step Functions starts no more of the others.

Each task that is not among the first of its branch or item looks before it begins (``pre_execute``) whether
another has failed, and fails then, too. What runs already runs on: Airflow stops it only with the whole run.
The DAG's ``fail_fast`` would do that, but skips all that has not begun: where only skipped tasks are left at
its end the run is a success (``_stop_remaining_tasks`` in airflow/models/taskinstance.py).
https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html#error-handling-parallel
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from dagmig.asl.lift import code
from dagmig.asl.lift.document import INSTANCE
from dagmig.asl.lift.expression import quote
from dagmig.asl.lift.walk import EMPTY_OPERATOR, Together, Weaver
from dagmig.diagnostics import Disposition
from dagmig.graph.values import Function

RUNS_ON = "what runs already when a branch or an item fails runs on to its end; nothing more of them begins"


def stop_together(weaver: Weaver) -> None:
    """Let the others stop when a branch or an item fails, with a row for each such state."""
    looked = _Looked(weaver)
    for one in weaver.together:
        weaver.row(one.state, Disposition.NOTED, RUNS_ON, task=one.task)
    looked.give()


@dataclass(slots=True)
class _Looked:
    """Which groups each task looks at before it begins; ``functions`` by what they look at."""

    weaver: Weaver
    functions: dict[tuple[str, ...], Function] = field(default_factory=dict)

    def give(self) -> None:
        weaver = self.weaver
        upstream: dict[str, set[str]] = {}
        for edge in weaver.edges:
            upstream.setdefault(edge.downstream, set()).add(edge.upstream)
        for task_id in weaver.works:
            around = [one for one in weaver.together if task_id in one.members]
            groups = [one for one in around if one.is_limited or upstream.get(task_id, set()) & one.members]
            conditions = self._conditions(groups)
            if conditions:
                task = weaver.tasks[task_id]
                given = {**task.call.arguments, "pre_execute": self._function(groups[-1], conditions)}
                weaver.tasks[task_id] = replace(task, call=replace(task.call, arguments=given))

    def _conditions(self, groups: Sequence[Together]) -> tuple[str, ...]:
        """What stops a task in these groups; what another looks at anyway is left out."""
        found: list[tuple[bool, list[str]]] = []
        for one in groups:
            names = list(fatal(self.weaver, one.members))
            if names and one.tolerated is None:
                is_own_item = not one.is_mapped and bool(self.weaver.tasks[min(one.members)].group)
                found.append((is_own_item, names))
        needed = [one for number, one in enumerate(found) if not _is_said(one, found, number)]
        tolerant = [
            _too_many(list(fatal(self.weaver, one.members)), one)
            for one in groups
            if one.tolerated is not None
        ]
        return (*(_condition(names, is_own_item) for is_own_item, names in needed), *tolerant)

    def _function(self, one: Together, conditions: tuple[str, ...]) -> Function:
        if conditions in self.functions:
            return self.functions[conditions]
        name = code.identifier("stop", one.task or one.state.name)
        taken = {function.name for function in self.functions.values()}
        number = 2
        while name in taken:
            name, number = f"{code.identifier('stop', one.task or one.state.name)}_{number}", number + 1
        body = ['ti = context["ti"]', *(line for one in conditions for line in one.split("\n"))]
        doc = f"Begin nothing more of {one.state.name} when a part of it has failed."
        made = code.function(name, doc, body, context=True)
        self.functions[conditions] = made
        return made


def _is_said(one: tuple[bool, list[str]], found: Sequence[tuple[bool, list[str]]], number: int) -> bool:
    """Whether another looks at all these tasks, of as many items; of two that are the same the first."""
    is_own_item, names = one
    for place, (is_own, known) in enumerate(found):
        is_wider = set(names) <= set(known) and (is_own_item or not is_own)
        is_same = set(names) == set(known) and is_own_item == is_own
        if place != number and is_wider and (not is_same or place < number):
            return True
    return False


def fatal(weaver: Weaver, members: Set[str]) -> Iterator[str]:
    """The tasks of a group whose failure is that of the group, or of its item: no Catch inside of it is for
    them.
    """
    caught = [
        inner.members
        for inner in weaver.together
        if (inner.state.pointer in weaver.caught or inner.tolerated is not None) and inner.members < members
    ]
    for task_id, task in weaver.tasks.items():
        is_inside = task_id in members and not any(task_id in one for one in caught)
        is_handled = weaver.works.get(task_id) in weaver.caught
        if is_inside and not is_handled and task.call.operator != EMPTY_OPERATOR:
            yield task_id


def listed(names: Sequence[str]) -> str:
    """The statement that makes a list of names."""
    return f"names = [{', '.join(map(quote, names))}]"


def _too_many(names: Sequence[str], one: Together) -> str:
    count, percentage = one.tolerated or ("0", "0")
    (fails,) = code.fail("more items have failed than the Map tolerates")
    asked = f"too_many_failed(ti, names, {quote(one.task)}, {count}, {percentage})"
    before = 'dag_run = context["dag_run"]\n' if "dag_run" in count + percentage else ""
    return f"{before}{listed(names)}\nif {asked}:\n    {fails}"


def _condition(names: Sequence[str], is_own_item: bool) -> str:
    """The statements that stop where one of these tasks has failed, its own item's where that is asked."""
    test = f"if failed(ti, names, {INSTANCE}):" if is_own_item else "if failed(ti, names, None):"
    (fails,) = code.fail("another branch or item has failed")
    return f"{listed(names)}\n{test}\n    {fails}"
