"""Errors an execution meets, and which of them a Retry or a Catch sees.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html, corrected by what
executions on AWS did: ``States.Runtime`` is never caught, not even by name; ``States.DataLimitExceeded``
is caught where a Task's result was too large, and nowhere else. An error leaves a branch under its own name;
that ``States.BranchFailed`` matches it as well is not known of AWS, and not assumed.
"""

from __future__ import annotations

from collections.abc import Collection

ALL = "States.ALL"
DATA_LIMIT = "States.DataLimitExceeded"
HEARTBEAT = "States.HeartbeatTimeout"
INTRINSIC = "States.IntrinsicFailure"
ITEM_READER = "States.ItemReaderFailed"
QUERY = "States.QueryEvaluationError"
RESULT_PATH = "States.ResultPathMatchFailure"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
TOLERANCE = "States.ExceedToleratedFailureThreshold"


class InvalidMachine(ValueError):
    """A definition that Step Functions would refuse; the text says why."""


class StatesError(Exception):
    """An error of an execution: its name (None: a failure without one) and its cause.

    ``is_final``: no Retry and no Catch sees it. ``also`` are further names it answers to. ``is_evaluation``:
    the machine itself could not go on, and the cause is to say where.
    """

    def __init__(
        self,
        name: str | None,
        cause: str | None = None,
        *,
        is_final: bool = False,
        is_evaluation: bool = False,
        also: Collection[str] = (),
    ) -> None:
        super().__init__(name, cause)
        self.name = name
        self.cause = cause
        self.is_final = is_final or name == RUNTIME
        self.is_evaluation = is_evaluation
        self.also = also

    def locate(self, state: str, event: int) -> None:
        """Say in the cause of an evaluation's error where it was, once."""
        if self.is_evaluation:
            self.is_evaluation = False
            where = (
                f"An error occurred while executing the state '{state}' (entered at the event id #{event})."
            )
            self.cause = f"{where} {self.cause}"

    @property
    def output(self) -> dict[str, str | None]:
        """The error output that a Catcher gets."""
        return {"Error": self.name, "Cause": self.cause}

    def matches(self, names: Collection[str]) -> bool:
        """Whether an ``ErrorEquals`` names this error; ``States.TaskFailed`` stands for all but a timeout."""
        if self.is_final:
            return False
        if self.name in names or ALL in names or any(name in names for name in self.also):
            return True
        return TASK_FAILED in names and self.name != TIMEOUT


def runtime(cause: str) -> StatesError:
    """Something that cannot be processed: a path to nothing, a field of the wrong type."""
    return StatesError(RUNTIME, cause, is_evaluation=True)
