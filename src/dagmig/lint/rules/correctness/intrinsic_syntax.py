"""The rule ``intrinsic-syntax``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.asl.paths import ARITIES, Call, PathError, parse
from dagmig.diagnostics import Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.places import path_texts
from dagmig.lint.machine.values import is_open
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

NUMBER, TEXT = "number", "text"
KINDS: dict[str, tuple[str, ...]] = {
    "MathAdd": (NUMBER, NUMBER),
    "MathRandom": (NUMBER, NUMBER, NUMBER),
    "ArrayRange": (NUMBER, NUMBER, NUMBER),
    "ArrayGetItem": ("", NUMBER),
    "ArrayPartition": ("", NUMBER),
    "StringSplit": (TEXT, TEXT),
    "StringToJson": (TEXT,),
    "Base64Encode": (TEXT,),
    "Base64Decode": (TEXT,),
    "Hash": ("", TEXT),
}  # of the arguments that are one kind of value; the others take any


@source_rule(Severity.ERROR, ("machine",))
def intrinsic_syntax(source: Source) -> Iterator[Finding]:
    """An intrinsic function is written wrongly, does not exist, or has the wrong arguments.

    Step Functions refuses the definition, or the state fails with `States.IntrinsicFailure`. Texts stand in
    single quotes, and `States.Format` has an argument for each `{}` of its template.
    See https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html

    ```json bad
    {"StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "End": true,
        "Parameters": {"text.$": "States.Format('{} and {}', $.one)"}}}}
    ```

    ```json good
    {"StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "End": true,
        "Parameters": {"text.$": "States.Format('{} and {}', $.one, $.other)"}}}}
    ```

    Instead: Write the function as its page shows it.
    """
    for subject in source.subjects:
        for place in path_texts(subject):
            if place.text.startswith("States.") and not is_open(place.text.replace("{}", "")):
                for position, message in _faults(place.text):
                    yield Finding(message, inside(source, subject, place.pointer, place.text, position))


def _faults(text: str) -> Iterator[tuple[int, str]]:
    """The places, counted from 0, and what is wrong there."""
    try:
        found = parse(text)
    except PathError as error:
        yield error.position, str(error)
        return
    for call in found.walk() if isinstance(found, Call) else ():
        if not isinstance(call, Call):
            continue
        if call.name not in ARITIES:
            close = get_close_matches(call.name, ARITIES, n=1)
            hint = f": `States.{close[0]}` is meant?" if close else ""
            yield call.position, f"there is no function `States.{call.name}`{hint}"
            continue
        low, high = ARITIES[call.name]
        given = len(call.arguments)
        if not low <= given <= high:
            wanted = str(low) if low == high else f"{low} to {high}" if high < 99 else f"at least {low}"
            yield call.position, f"`States.{call.name}` takes {wanted} arguments, not {given}"
        elif wrong := _wrong_kind(call):
            yield call.position, wrong
        elif call.name == "Format" and isinstance(template := call.arguments[0], str):
            holes = sum(map(bool, re.findall(r"\\.|(\{\})", template)))
            if holes != given - 1:
                yield call.position, f"the template has {holes} `{{}}` for {given - 1} arguments"


def _wrong_kind(call: Call) -> str:
    """What is wrong with a literal where a number or a text is asked for; empty where nothing is."""
    for wanted, given in zip(KINDS.get(call.name, ()), call.arguments, strict=False):
        if isinstance(given, str) and wanted and given.startswith("'") == (wanted == NUMBER):
            return f"`States.{call.name}` takes a {wanted} here, not `{given}`"
    return ""
