"""A machine, its DAG, and the machine that the DAG becomes, with the ledgers of both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.oracles.lifted_machines import Lifted, called, lifted

from dagmig.asl.model import written_states
from dagmig.diagnostics import Report, Row
from dagmig.graph.values import Literal
from dagmig.pipeline import airflow_to_asl

MOMENT = "2024-05-06T07:08:09+00:00"
WHOLE = "the execution's whole input stands for `dag_run.conf`"


@dataclass(frozen=True)
class Returned:
    """``document`` is the machine that has come back, ``functions`` the sources beside it, by name; ``rows``
    are those of the way back, with a pointer into the machine as the target.
    """

    lifted: Lifted
    document: Mapping[str, Any]
    functions: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        return self.lifted.name

    @cached_property
    def states(self) -> dict[str, Mapping[str, Any]]:
        return dict(written_states(self.document))

    @cached_property
    def tasks(self) -> dict[str, str]:
        """By state the task that it does the work of: a state is named after it, and may say more."""
        exact = {row.target.rpartition("/")[2]: row.task for row in self.rows if row.task}
        return {name: exact.get(name) or name.partition(" ")[0] for name in self.states}

    @cached_property
    def open_rows(self) -> dict[str, list[Row]]:
        """By task the rows of the way back that somebody has to decide."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if row.disposition.is_open and row.task:
                found.setdefault(row.task, []).append(row)
        return found

    def given(self, first: Any) -> Any:
        """The input of a run, of that which the first machine has."""
        conf = self.lifted.conf(first)
        is_whole = any(WHOLE in row.difference for row in self.rows)
        return conf if is_whole else {"conf": conf, "logical_date": MOMENT}

    @property
    def for_worker(self) -> dict[str, Any]:
        """As ``returned_worker`` wants it."""
        resources = {one["Resource"] for one in self.states.values() if one["Type"] == "Task"}
        documents = {
            name: task.call.arguments["doc_json"]
            for name, task in self.lifted.workflow.tasks.items()
            if "doc_json" in task.call.arguments
        }
        return {
            "document": self.document,
            "functions": self.functions,
            "tasks": self.tasks,
            "called": {text: called(text) for text in resources},
            "kept": {name: one.value for name, one in documents.items() if isinstance(one, Literal)},
        }


def returned(folder: Path) -> Returned:
    """The machine of a folder of ``fixtures/machines``, there and back."""
    there = lifted(folder)
    (back,) = airflow_to_asl(there.text, "dag.py", Report())
    functions = {name.removesuffix(".py"): text for name, text in back.functions.items()}
    return Returned(there, back.machine, functions, tuple(back.report.rows))
