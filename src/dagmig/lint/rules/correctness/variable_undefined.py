"""The rule ``variable-undefined``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.diagnostics import Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.values import is_open
from dagmig.lint.machine.variables import all_assigned, befores, uses
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",))
def variable_undefined(source: Source) -> Iterator[Finding]:
    """A variable is used that no state on the way here has assigned.

    The execution fails there. A variable is known after the state that assigns it, in the states that
    follow and in the branches and inline Maps below them; what a branch assigns is gone when the branch
    is over, and a distributed Map sees no variables of the machine around it.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"pause": 60}, "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": "{% $pauses %}", "Next": "Done"},
      "Done": {"Type": "Succeed", "Output": "{% $pause %}"}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"pause": 60}, "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": "{% $pause %}", "Next": "Done"},
      "Done": {"Type": "Succeed", "Output": "{% $pause %}"}}}
    ```

    Instead: Assign it in a state before, or correct its name.
    """
    for subject in source.subjects:
        known = dict(befores(subject))
        everywhere = {name for state in subject.states for name in all_assigned(state)}
        for use in uses(subject):
            before = known.get(use.place.state.pointer)
            own = all_assigned(use.place.state)
            if before is None or use.name in before.sometimes or use.name in own or is_open(use.place.text):
                continue
            close = get_close_matches(use.name, before.sometimes, n=1)
            hint = f": `${close[0]}` is meant?" if close else ""
            if not use.is_guarded or use.name not in everywhere:
                elsewhere = " (it is in another scope, or later)" if use.name in everywhere else hint
                span = inside(
                    source, subject, use.place.pointer, use.place.text, use.position, len(use.name) + 1
                )
                yield Finding(f"no state before assigns `${use.name}`{elsewhere}", span)
