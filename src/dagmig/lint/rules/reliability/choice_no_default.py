"""The rule ``choice-no-default``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from dagmig.asl.model import JSON, State
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

Test = tuple[str, str, str]
NOT = "Not"
ABOUT = ("Variable", "Next", "Comment", "Assign", "Output")
ALWAYS: Test = ("true", "", "")
BOUNDS = (("LessThan", "GreaterThanEquals"), ("GreaterThan", "LessThanEquals"))


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def choice_no_default(subject: Subject) -> Iterator[Finding]:
    """A choice does not say where to go when no rule matches.

    The execution then fails with `States.NoChoiceMatched`, which cannot be caught in the Choice itself. A
    choice with a test and its opposite (true and false, present and absent, below and not below) needs
    no default.
    The fix leads to the `Fail` state of the same level, where there is exactly one; a state is never added.
    It is unsafe, as another state may be meant.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html

    ```json bad
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice",
        "Choices": [{"Variable": "$.ok", "BooleanEquals": true, "Next": "Done"},
          {"Variable": "$.ok", "StringEquals": "unsure", "Next": "Unknown"}]},
      "Unknown": {"Type": "Fail", "Error": "Unknown"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice",
        "Choices": [{"Variable": "$.ok", "BooleanEquals": true, "Next": "Done"},
          {"Variable": "$.ok", "StringEquals": "unsure", "Next": "Unknown"}],
        "Default": "Unknown"},
      "Unknown": {"Type": "Fail", "Error": "Unknown"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Add a `Default`, if only to a `Fail` state with a telling name.
    """
    for scope in subject.scopes:
        failures = [state.name for state in scope.states.values() if state.type == "Fail"]
        for state in scope.states.values():
            if state.type == "Choice" and "Default" not in state.fields and not _is_exhaustive(state):
                span = subject.machine.locate(state.pointer, True)
                only = failures[0] if len(failures) == 1 else ""
                fix = (
                    subject.members.added(state.pointer, "Default", only, after=("Choices",))
                    if only
                    else None
                )
                yield Finding(f"the choice `{state.name}` has no `Default`", span, fix)


def _is_exhaustive(state: State) -> bool:
    """Whether one rule of the choice is the opposite of another, or always true."""
    choices = state.fields.get("Choices")
    tests = [_test(rule) for rule in choices if isinstance(rule, dict)] if isinstance(choices, list) else []
    return ALWAYS in tests or any(_opposite(test) in tests for test in tests)


def _test(rule: Mapping[str, JSON]) -> Test:
    """What a rule asks: the variable, the operator and its operand; of JSONata the expression."""
    if isinstance(condition := rule.get("Condition"), str):
        inner = condition.strip().removeprefix("{%").removesuffix("%}").strip()
        negated = re.fullmatch(r"\$not\((.*)\)", inner, re.S)
        return (negated[1].strip(), NOT, "") if negated else (inner, "", "")
    if isinstance(refuted := rule.get("Not"), dict):
        subject, operator, operand = _test(refuted)
        return (f"{subject} {operator} {operand}".strip(), NOT, "")
    fields = {key: value for key, value in rule.items() if key not in ABOUT}
    if len(fields) == 1 and isinstance(variable := rule.get("Variable"), str):
        ((operator, operand),) = fields.items()
        return (variable, operator, json.dumps(operand))
    return (json.dumps({key: rule[key] for key in sorted(rule) if key not in ("Next", "Comment")}), "", "")


def _opposite(test: Test) -> Test:
    subject, operator, operand = test
    if operand in ("true", "false"):
        return (subject, operator, "false" if operand == "true" else "true")
    if operator in ("", NOT):
        return (subject, NOT if operator == "" else "", "")
    for one, other in BOUNDS:
        for here, there in ((one, other), (other, one)):
            if operator.endswith(here):
                return (subject, operator.removesuffix(here) + there, operand)
    return (f"{subject} {operator} {operand}", NOT, "")
