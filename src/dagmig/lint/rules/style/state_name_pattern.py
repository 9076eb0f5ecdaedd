"""The rule ``state-name-pattern``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.INFO, ("machine",), is_default=False)
def state_name_pattern(source: Source) -> Iterator[Finding]:
    """A state's name does not match the project's pattern for names.

    One way to write names makes definitions, logs and alarms easier to read and to search. The pattern is
    the setting `state-name-pattern`, a regular expression that the whole name has to match; without the
    setting, words that begin with a capital letter and are not parted (`ClearTable`).
    See https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html

    ```json bad
    {"StartAt": "short_rest", "States": {
      "short_rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    ```json good
    {"StartAt": "ShortRest", "States": {
      "ShortRest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Write all names alike.
    """
    pattern = re.compile(source.state_names)
    for subject in source.subjects:
        for state in subject.states:
            if not pattern.fullmatch(state.name):
                span = subject.machine.locate(state.pointer, True)
                yield Finding(f"`{state.name}` does not match `{pattern.pattern}`", span)
