"""The rule ``unknown-states-error``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import STATES_ERRORS, policies
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def unknown_states_error(subject: Subject) -> Iterator[Finding]:
    """A retrier or catcher names an error of `States.` that there is not.

    Names that begin with `States.` are the language's own. One that it does not have is never raised, so the
    retrier or catcher never acts.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailure"], "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    Instead: Name an error of the language, or one of your own without `States.`.
    """
    for policy in policies(subject):
        for index, error in policy.places:
            if (
                error.startswith("States.")
                and error not in STATES_ERRORS
                and not error.startswith("States.Http.")
            ):
                close = get_close_matches(error, STATES_ERRORS, n=1)
                hint = f": `{close[0]}` is meant?" if close else ""
                span = subject.machine.locate(f"{policy.pointer}/ErrorEquals/{index}")
                yield Finding(f"there is no error `{error}`{hint}", span)
