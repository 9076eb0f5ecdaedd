"""What one operator becomes: one state, or a few that belong together, with values still in them.

A fragment is the contract between the integrations and ``asl.lower``. Its states are ASL as plain dicts
whose leaves may also be a ``Value`` (rendered to JSON or JSONata), an ``Expression`` or a ``Ref``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from dagmig.graph.values import Value

MAX_FUNCTION_NAME = 64
SKIP = "AirflowSkipException"  # the error by which a task skips itself
WITH_TOKEN = "arn:aws:states:::ecs:runTask.waitForTaskToken"
ANSWERS = ("lambda:invoke", "ecs:runTask.waitForTaskToken")  # the resources whose result is what code returns
MAIN = ""  # the local name of the state that does the work; it is named after the task


@dataclass(frozen=True, slots=True)
class Ref:
    """A transition: another state of the fragment by local name, or ``AFTER``."""

    state: str


AFTER = Ref("after")  # whatever follows the task: becomes Next or End


@dataclass(frozen=True, slots=True)
class InZone:
    """JSONata that the DAG's time zone decides; ``write`` raises ``ValueError`` with what has no form."""

    write: Callable[[tzinfo], str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a Jinja expression gives, written without braces: the value itself, not its text.
    ``is_library``: code that is written so, in which ``evaluate`` gives what JSONata does.
    """

    source: str
    is_library: bool = False


Part = str | Value | InZone | Rendered


@dataclass(frozen=True, slots=True)
class Expression:
    """JSONata without its delimiters. ``$:name`` stands for a variable of this fragment and is
    renamed so that it is unique in the machine; a ``Value`` part is put in as a JSONata operand.
    """

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, *parts: Part) -> Expression:
        return cls(parts)


@dataclass(frozen=True, slots=True)
class FunctionName:
    """The name of a task's generated Lambda function, unique in the account by the DAG's id."""

    task: str

    def within(self, dag_id: str) -> str:
        """``<dag_id>-<task>`` in a Lambda name's characters; a hash stands for what is cut or changed
        (64 characters: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html).
        """
        wanted = f"{dag_id}-{self.task}"
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", wanted)
        if plain == wanted and len(plain) <= MAX_FUNCTION_NAME:
            return plain
        return f"{plain[: MAX_FUNCTION_NAME - 9]}-{hashlib.sha256(wanted.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Projection:
    """How the value an operator pushes to XCom is got: evaluated in the ``Assign`` of ``state``
    (where ``$states.result`` is that state's result) or from the fragment's variables. ``difference`` is
    how it differs from what the operator pushes, which is said where another task reads it.
    """

    state: str
    expression: Expression
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Fragment:
    """``states`` by local name, ``entry`` first; a name other than ``MAIN`` is a suffix (``task wait``).

    A state without Next, End and of no terminal type goes to ``AFTER``. An ``Assign`` key ``:name``
    declares the fragment variable that ``$:name`` reads. ``outputs`` maps XCom keys (``return_value``,
    ``run_id``) to their projections; lower emits only those that a later task reads. ``transport`` are
    retriers for the service's own transient errors on MAIN, which Airflow's client library retries by
    itself. With several states the task's own retries wrap the whole fragment (a Parallel of one branch),
    with one they stand on it. ``is_bounded``: the states themselves end at the task's execution_timeout.
    ``skips`` are errors by which the task skips itself.
    ``error`` is the key of the output that holds the error where the task has failed.
    ``direct`` is the same work for a state that is handed the execution's input as ``dag_run.conf``.
    """

    states: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Projection] = field(default_factory=dict)
    transport: tuple[Mapping[str, Any], ...] = ()
    functions: Mapping[str, str] = field(default_factory=dict)  # Lambda sources by file name
    entry: str = MAIN
    final: tuple[str, ...] = ()  # errors that fail the task at once, whatever its retries
    is_bounded: bool = False
    skips: tuple[str, ...] = ()
    direct: Fragment | None = None
    error: str = ""

    @property
    def gives_anything(self) -> bool:
        """Whether what it gives is whatever code returns, of any size."""
        return any(str(state.get("Resource", "")).endswith(ANSWERS) for state in self.states.values())


def failing(cause: str) -> Fragment:
    """States that fail when they are reached, with what follows still reachable for validators."""
    never = {"Condition": Expression.of("false"), "Next": AFTER}
    failed = {"Type": "Fail", "Error": "NotTranslated", "Cause": cause}
    choice = {"Type": "Choice", "Choices": [never], "Default": Ref("failed")}
    return Fragment({MAIN: choice, "failed": failed})
