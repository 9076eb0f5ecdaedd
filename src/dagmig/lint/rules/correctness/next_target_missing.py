"""The rule ``next-target-missing``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.asl.model import Scope
from dagmig.diagnostics import Fix, Severity, Span
from dagmig.lint.edit import renamed
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source, Subject


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.UNSAFE)
def next_target_missing(source: Source) -> Iterator[Finding]:
    """A transition names a state that is not there.

    Step Functions refuses the definition. `StartAt`, `Next` and `Default` name a state of the same level:
    a branch of a Parallel and the processor of a Map are levels of their own (`transition-escapes-scope`
    says where another level has the name). The fix writes the most
    similar name of the level; it is unsafe, as another state may have been meant.
    See https://states-language.net/spec.html#transitions

    ```json bad
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Choice",
        "Choices": [{"Variable": "$.empty", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Doen"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Choice",
        "Choices": [{"Variable": "$.empty", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Correct the name, or add the state.
    """
    for subject in source.subjects:
        yield from _missing(subject, source)


def _missing(subject: Subject, source: Source) -> Iterator[Finding]:
    machine = subject.machine
    elsewhere = {state.name for state in subject.states}
    for scope in subject.scopes:
        is_level = bool(scope.states or scope.pointer or subject.pointer)
        if is_level and scope.start_at and _is_missing(scope.start_at, scope):
            message = f"`StartAt` names `{scope.start_at}`, which is no state here"
            span = machine.locate(f"{scope.pointer}/StartAt")
            yield Finding(message, span, _nearest(scope.start_at, scope, span, source))
        for state in scope.states.values():
            for arrow in state.transitions():
                if _is_missing(arrow.target, scope) and arrow.target not in elsewhere:
                    message = f"`{state.name}` goes to `{arrow.target}`, which is no state of its level"
                    span = machine.locate(arrow.pointer)
                    yield Finding(message, span, _nearest(arrow.target, scope, span, source))


def _is_missing(name: str, scope: Scope) -> bool:
    return name not in scope.states and "${" not in name


def _nearest(name: str, scope: Scope, span: Span, source: Source) -> Fix | None:
    similar = get_close_matches(name, scope.states, n=1, cutoff=0.75)
    return renamed(source, span, name, similar[0]) if similar else None
