"""The rule ``states-reference-misplaced``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.jsonata import Node
from dagmig.asl.paths import used
from dagmig.diagnostics import Severity
from dagmig.lint.machine.expressions import guarded, steps, tree
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.places import evaluated, misplaced, path_texts
from dagmig.lint.machine.values import is_expression, is_open
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",))
def states_reference_misplaced(source: Source) -> Iterator[Finding]:
    """An expression asks for a result, an error or a task token where there is none.

    `$states.result` is there in the `Assign` and `Output` of a Task, Parallel or Map,
    `$states.errorOutput` in those of a catcher, and the token of `$states.context.Task` (`$$.Task` in
    JSONPath) in what a callback or an activity is given. Anywhere else they are undefined, and the
    execution fails.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Output": {"name": "{% $states.result.name %}"}, "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Output": {"name": "{% $states.input.name %}"}, "End": true}}}
    ```

    Instead: Ask for it in the `Assign` or `Output` of the state that has it, and keep it in a variable.
    """
    for subject in source.subjects:
        for place in evaluated(subject):
            node = tree(place.source) if is_expression(place.text) and not is_open(place.text) else None
            if not isinstance(node, Node) or "states" in guarded(node):
                continue
            for part, _ in node.walk():
                if (message := misplaced(steps(part), place)) is not None:
                    span = inside(source, subject, place.pointer, place.text, part.position + 2)
                    yield Finding(message, span)
        for place in path_texts(subject):
            for one in used(place.text):
                if (
                    one.root == "$$"
                    and (message := misplaced(("states", "context", *one.keys[:2]), place)) is not None
                ):
                    yield Finding(message, inside(source, subject, place.pointer, place.text, one.position))
