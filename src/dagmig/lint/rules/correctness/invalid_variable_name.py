"""The rule ``invalid-variable-name``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import is_open
from dagmig.lint.machine.variables import all_assigned
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def invalid_variable_name(subject: Subject) -> Iterator[Finding]:
    """A variable has a name that Step Functions does not take.

    A name begins with a letter and goes on with letters, digits and underscores, has at most 80
    characters, and is not `states`, which is the language's own.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"1st": "{% $states.input.name %}"}, "Next": "Done"},
      "Done": {"Type": "Succeed", "Output": "{% $1st %}"}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"first": "{% $states.input.name %}"}, "Next": "Done"},
      "Done": {"Type": "Succeed", "Output": "{% $first %}"}}}
    ```

    Instead: Choose another name.
    """
    for state in subject.states:
        for name in sorted(all_assigned(state)):
            if not is_open(name) and (not name.isidentifier() or len(name) > 80 or name == "states"):
                span = subject.machine.locate(state.pointer, True)
                yield Finding(f"`{name}` is no name for a variable", span)
