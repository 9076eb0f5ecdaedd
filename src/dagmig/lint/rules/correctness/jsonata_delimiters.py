"""The rule ``jsonata-delimiters``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.edit import rewritten
from dagmig.lint.machine.places import evaluated, templates
from dagmig.lint.machine.values import is_expression
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

LOOKS = re.compile(r"\$states\.(?:input|result|context|errorOutput)\b.*", re.DOTALL)


@source_rule(Severity.WARNING, ("machine",), fix=FixKind.UNSAFE)
def jsonata_delimiters(source: Source) -> Iterator[Finding]:
    """What looks like a JSONata expression is a plain text.

    An expression begins with `{%` and ends with `%}`, without a blank or another character before or
    after, and only in a state whose query language is JSONata. Everything else is handed on as it is
    written. The fix removes blanks around the delimiters, or adds them; it is unsafe, as the value
    changes.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Output": {"name": "$states.input.name"}, "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Output": {"name": "{% $states.input.name %}"}, "End": true}}}
    ```

    Instead: Write the whole value as `{% expression %}`, and join texts with `&` inside.
    """
    for subject in source.subjects:
        for place in evaluated(subject):
            text = place.text
            if is_expression(text) or not ("{%" in text or LOOKS.fullmatch(text)):
                continue
            span = subject.machine.locate(place.pointer)
            meant = text.strip() if is_expression(text.strip()) else None
            meant = f"{{% {text} %}}" if LOOKS.fullmatch(text) and "%}" not in text else meant
            fix = rewritten(source, span, text, meant) if meant else None
            unsafe = Fix(fix.edits, safe=False) if fix else None
            yield Finding(f"`{text}` is a text, no expression", span, unsafe)
        for place in templates(subject):
            if is_expression(place.text):
                span = subject.machine.locate(place.pointer)
                yield Finding("`{% ... %}` is a text here: the state uses JSONPath", span)
