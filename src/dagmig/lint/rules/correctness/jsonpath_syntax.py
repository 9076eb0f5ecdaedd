"""The rule ``jsonpath-syntax``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.paths import PathError, is_reference, parse
from dagmig.diagnostics import Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.places import path_texts
from dagmig.lint.machine.values import is_open
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

PLAIN = frozenset({"ResultPath"})


@source_rule(Severity.ERROR, ("machine",))
def jsonpath_syntax(source: Source) -> Iterator[Finding]:
    """A path cannot be read as JSONPath.

    Step Functions refuses the definition. A path begins with `$`, `$$` (the context object) or the name of a
    variable, and goes on with `.name`, `['name']`, `[0]` or a filter; a `ResultPath` names one place, without
    filters. What ends in `.$` holds a path or an intrinsic function.
    See https://states-language.net/spec.html#path

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause.", "End": true}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}
    ```

    Instead: Correct the path at the column shown.
    """
    for subject in source.subjects:
        for place in path_texts(subject):
            if is_open(place.text) or place.text.startswith("States."):
                continue
            try:
                parse(place.text)
            except PathError as error:
                span = inside(source, subject, place.pointer, place.text, error.position)
                yield Finding(f"`{place.text}` is no path: {error}", span)
                continue
            if place.field in PLAIN and not is_reference(place.text):
                span = subject.machine.locate(place.pointer)
                yield Finding(f"`{place.field}` names one place: `{place.text}` does not", span)
