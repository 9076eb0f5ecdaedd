"""The rule ``variable-shadow``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.variables import hidden
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def variable_shadow(subject: Subject) -> Iterator[Finding]:
    """A branch or an inline Map assigns a variable of the machine around it.

    Variables of an outer scope can be read inside, and not set: Step Functions refuses a definition that
    assigns the same name in both.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Both"},
      "Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Count", "States": {
          "Count": {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}"}, "End": true}}}]}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Both"},
      "Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Count", "States": {
          "Count": {"Type": "Pass", "Output": "{% $n + 1 %}", "End": true}}}]}}}
    ```

    Instead: Give it another name, or hand the value on as the branch's output.
    """
    for state, names in hidden(subject.machine.root):
        shown = ", ".join(f"`${name}`" for name in sorted(names))
        span = subject.machine.locate(state.pointer, True)
        yield Finding(f"`{state.name}` assigns {shown}, which an outer scope assigns too", span)
