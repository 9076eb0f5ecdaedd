"""The graph: what Airflow builds from a DAG file, as data.

Everything is frozen; spans do not take part in comparison, so equal graphs are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from enum import Enum

from dagmig.diagnostics import Span
from dagmig.frozen import frozen
from dagmig.graph.values import Unknown, Value


class TriggerRule(str, Enum):
    """When a task runs, given the states of its direct upstream tasks (Airflow's ``TriggerRule``)."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ALL_SKIPPED = "all_skipped"
    ALWAYS = "always"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_SKIPPED = "none_skipped"
    ONE_DONE = "one_done"
    ONE_FAILED = "one_failed"
    ONE_SUCCESS = "one_success"

    def __str__(self) -> str:
        return self.value


RETIRED_RULES = {"none_failed_or_skipped": "none_failed_min_one_success", "dummy": "always"}  # in Airflow 3


@frozen(frozen=True, slots=True)
class Call:
    """An operator and the arguments it was given.

    ``operator`` is the qualified name as the file imports it (``airflow.operators.bash.BashOperator``);
    a TaskFlow task is ``@task``, ``@task.branch``, ``@task.bash`` ... with ``python_callable``,
    ``op_args`` and ``op_kwargs``. Arguments are those written at the call (after ``.partial`` and
    ``.override``), without ``task_id``, ``dag`` and ``task_group``; see ``Task.defaults`` for the rest.
    """

    operator: str
    arguments: Mapping[str, Value] = field(default_factory=dict)


@frozen(frozen=True, slots=True)
class Policy:
    """How a task is retried and bounded, after ``default_args``; Airflow's defaults where nothing is said.

    ``backoff`` is 0.0 for a constant delay, else the factor (True in Airflow is 2.0).
    """

    retries: int | Unknown = 0
    retry_delay: timedelta | Unknown = timedelta(seconds=300)
    backoff: float | Unknown = 0.0
    max_delay: timedelta | Unknown | None = None
    timeout: timedelta | Unknown | None = None


@frozen(frozen=True, slots=True)
class Expansion:
    """Dynamic task mapping: ``kind`` is ``expand`` (one value a mapped argument) or
    ``expand_kwargs`` (then ``arguments`` holds one entry, ``kwargs``).
    """

    kind: str
    arguments: Mapping[str, Value]


@frozen(frozen=True, slots=True)
class Task:
    """One task. ``id`` carries its group's prefix; ``defaults`` are the ``default_args`` in effect.

    ``plain`` are arguments of its operator that are surely no templates: Airflow does not render them.
    """

    id: str
    call: Call
    policy: Policy = field(default_factory=Policy)
    trigger: TriggerRule | Unknown = TriggerRule.ALL_SUCCESS
    expand: Expansion | None = None
    group: str | None = None
    is_setup: bool = False
    is_teardown: bool = False
    doc: str = ""
    defaults: Mapping[str, Value] = field(default_factory=dict)
    plain: frozenset[str] = field(default=frozenset(), compare=False)
    span: Span = field(default_factory=lambda: Span(""), compare=False)

    def argument(self, name: str) -> Value | None:
        """The argument as written, else the default in effect, else None."""
        return self.call.arguments.get(name, self.defaults.get(name))


@frozen(frozen=True, slots=True, order=True)
class Edge:
    upstream: str
    downstream: str
    label: str = field(default="", compare=False)


@frozen(frozen=True, slots=True)
class Group:
    """A task group; ``id`` and ``parent`` are full ids. A mapped group has ``expand``."""

    id: str
    parent: str | None = None
    expand: Expansion | None = None
    doc: str = ""
    span: Span = field(default_factory=lambda: Span(""), compare=False)


@frozen(frozen=True, slots=True)
class Workflow:
    """One DAG.

    ``arguments`` are the DAG's own arguments as written (``schedule_interval`` keeps its name;
    without ``dag_id`` and ``default_args``), ``defaults`` its ``default_args``. ``id`` is None where
    unknown. ``is_complete`` is False when there may be tasks or edges that the reader did not see;
    a diagnostic then says where. ``is_airflow_3``: the file imports ``airflow.sdk``, which Airflow 2 lacks.
    ``hosts`` are those of HTTP connections by id, where a machine says them.
    """

    id: str | None
    tasks: Mapping[str, Task] = field(default_factory=dict)
    edges: frozenset[Edge] = frozenset()
    groups: Mapping[str, Group] = field(default_factory=dict)
    arguments: Mapping[str, Value] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)
    doc: str = ""
    is_complete: bool = True
    is_airflow_3: bool = field(default=False, compare=False)
    span: Span = field(default_factory=lambda: Span(""), compare=False)
    hosts: Mapping[str, str] = field(default_factory=dict, compare=False)
