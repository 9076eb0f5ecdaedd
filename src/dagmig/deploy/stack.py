"""All that an account needs for one workflow, whichever template says it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dagmig.asl.lower.event_start import Event
from dagmig.deploy.container.resources import BUCKET, Container
from dagmig.deploy.names import LogicalIds
from dagmig.deploy.role import Statement
from dagmig.deploy.schedule import Schedule

PLACEHOLDER = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")
RETENTION = 30  # days that logs are kept
ALARMS = {"Failed": "ExecutionsFailed", "TimedOut": "ExecutionsTimedOut", "Throttled": "ExecutionThrottled"}
FAILURES = ("FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function: its ``name``, the folder of its code in the bundle, its source, what it installs.

    ``files`` are what else is in the folder, ``environment`` the variables with the parameters that give
    their values. With a ``container`` it runs there, not in Lambda.
    """

    name: str
    folder: str
    source: str
    entry: str = "handler"
    requirements: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    container: Container | None = None
    runtime: str = "python3.12"
    memory: int = 512  # MB
    timeout: int = 900  # seconds, the most that Lambda gives


@dataclass(frozen=True, slots=True)
class Stack:
    """``parameters`` are what the machine's ``${...}`` and the functions' variables stand for, with
    descriptions; those in ``secrets`` are shown nowhere. ``tells_failures``: the DAG has callbacks or e-mails
    for failures, ``emails`` are where those go. ``events`` start the machine, ``has_route``: so does a
    request. ``late``: how long an execution may take until somebody is told.
    """

    name: str
    machine: Mapping[str, Any]
    description: str = ""
    functions: tuple[Function, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    statements: tuple[Statement, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    containers: tuple[Container, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    tells_failures: bool = False
    emails: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    has_route: bool = False
    late: timedelta | None = None

    @property
    def own(self) -> frozenset[str]:
        """The ``${...}`` of the machine that the stack's own resources fill in."""
        buckets = {BUCKET for one in self.containers if one.kind == "batch"}
        return frozenset({one.parameter for one in self.containers} | buckets)

    @property
    def ids(self) -> LogicalIds:
        """The ids in a template of CloudFormation."""
        functions = (one.folder for one in self.functions if one.container is None)
        containers = {one.parameter for one in self.containers}
        own = sorted(self.own - containers)
        return LogicalIds.of([*sorted(self.parameters), *own], functions, sorted(containers))

    @property
    def definition(self) -> str:
        """The machine's file in the bundle."""
        return f"statemachine/{self.name}.asl.json"


def placeholders(machine: Mapping[str, Any], own: str) -> Iterator[str]:
    """The ``${...}`` of a machine that deploying fills in; not those in the source's ``own`` text."""
    found = dict.fromkeys(PLACEHOLDER.findall(json.dumps(machine)))
    yield from (name for name in found if f"${{{name}}}" not in own)
