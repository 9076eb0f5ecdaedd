"""The rule ``jsonata-dollar-root``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.jsonata import Node
from dagmig.diagnostics import Fix, Severity, Span
from dagmig.lint.edit import offset, replaced
from dagmig.lint.machine.expressions import tree
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.places import evaluated
from dagmig.lint.machine.values import is_expression, is_open
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.UNSAFE)
def jsonata_dollar_root(source: Source) -> Iterator[Finding]:
    """An expression refers to a document that it does not have.

    In Step Functions `$`, `$$` and bare names have nothing to refer to at the top level of an expression:
    the input is `$states.input`, and the functions of `States.` belong to JSONPath. Inside of a path's
    later steps, predicates and functions `$` and names are what JSONata says. Step Functions refuses the
    definition.
    The fix writes `$states.input` for `$` and `$states.context` for `$$`; it is unsafe, as a variable may
    have been meant.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $.pause %}", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $states.input.pause %}", "End": true}}}
    ```

    Instead: Begin with `$states.input`, `$states.context` or a variable.
    """
    for subject in source.subjects:
        for place in evaluated(subject):
            node = tree(place.source) if is_expression(place.text) and not is_open(place.text) else None
            if not isinstance(node, Node):
                continue
            for part, is_top in node.walk():
                if (message := _fault(part, is_top)) is not None:
                    width = len(str(part.value)) + (part.kind == "variable")
                    span = inside(source, subject, place.pointer, place.text, part.position + 2, width)
                    yield Finding(message, span, _mended(part, source, span))


def _mended(part: Node, source: Source, span: Span) -> Fix | None:
    """`$states.input` for `$`, `$states.context` for `$$`; None for anything else."""
    name = {"": "$", "$": "$$"}.get(str(part.value)) if part.kind == "variable" else None
    if name is None or span.file != source.file:
        return None
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    meant = "$states.input" if name == "$" else "$states.context"
    return replaced(source, span, meant) if source.text[start:end] == name else None


def _fault(part: Node, is_top: bool) -> str | None:
    if part.kind == "variable" and (part.value == "$" or (part.value == "" and is_top)):
        return f"`${part.value}` has nothing to refer to: the input is `$states.input`"
    if part.kind == "call" and part.value == "eval":
        return "`$eval` is not available in Step Functions"
    if not is_top or part.kind not in ("name", "wildcard"):
        return None
    if part.value == "States":
        return "the functions of `States.` belong to JSONPath"
    return f"`{part.value}` has nothing to be a field of: the input is `$states.input`"
