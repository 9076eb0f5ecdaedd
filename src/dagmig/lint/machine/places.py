"""Where a machine holds expressions: JSONata between ``{%`` and ``%}``, JSONPath in paths and templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dagmig.asl.fields import JSONATA, JSONPATH, PATH, fields, parts
from dagmig.asl.model import JSON, State, escape
from dagmig.asl.resource import parse
from dagmig.lint.machine.choices import COMBINED
from dagmig.lint.source import Subject, remembered

INPUT, RESULT, ERROR = "input", "result", "error"
_WORK = frozenset({"Task", "Parallel", "Map"})
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials", "BatchInput")


@dataclass(frozen=True, slots=True)
class Place:
    """A text at ``pointer`` in a state's ``field``.

    ``stage`` is what there is when it is evaluated: ``input``, ``result`` (of the state's work) or ``error``
    (in a catcher). ``key`` is the key that holds the text; ``is_template`` where its ``.$`` makes it a path.
    """

    state: State
    pointer: str
    text: str
    field: str
    stage: str = INPUT
    key: str = ""
    is_template: bool = False

    @property
    def source(self) -> str:
        """The expression of a JSONata text, without its delimiters."""
        return self.text[2:-2]


@remembered
def evaluated(subject: Subject) -> Iterator[Place]:
    """Every text in the fields that JSONata states evaluate, expressions and plain ones."""
    for state in subject.states:
        if state.query_language == JSONATA:
            yield from _evaluated(state)


def _evaluated(state: State) -> Iterator[Place]:
    for part in parts(state.type, state.fields, state.pointer, JSONATA):
        known = fields(part.of)
        for name, value in part.values.items():
            if name in known and known[name].is_evaluated:
                stage = _stage(state, part.of, name)
                yield from _texts(state, value, f"{part.pointer}/{name}", name, stage)
    choices = state.fields.get("Choices") if state.type == "Choice" else None
    for index, rule in enumerate(choices if isinstance(choices, list) else ()):
        for name in ("Condition", "Assign", "Output"):
            if isinstance(rule, dict) and name in rule:
                yield from _texts(state, rule[name], f"{state.pointer}/Choices/{index}/{name}", name, INPUT)


def _stage(state: State, of: str, name: str) -> str:
    if of == "catcher":
        return ERROR
    return RESULT if of == state.type and of in _WORK and name in ("Assign", "Output") else INPUT


def _texts(state: State, value: JSON, pointer: str, field: str, stage: str, key: str = "") -> Iterator[Place]:
    if isinstance(value, str):
        yield Place(state, pointer, value, field, stage, key)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(state, member, f"{pointer}/{escape(name)}", field, stage, name)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts(state, member, f"{pointer}/{index}", field, stage, key)


@remembered
def templates(subject: Subject) -> Iterator[Place]:
    """Every text in the payload templates of JSONPath states; those under a ``.$`` are paths."""
    for state in subject.states:
        if state.query_language != JSONPATH:
            continue
        for part in parts(state.type, state.fields, state.pointer, JSONPATH):
            for name in _TEMPLATES:
                if name in fields(part.of) and isinstance(part.values.get(name), dict | list):
                    stage = ERROR if part.of == "catcher" else _template_stage(state, part.of, name)
                    pointer = f"{part.pointer}/{name}"
                    for place in _texts(state, part.values[name], pointer, name, stage):
                        yield _marked(place)
        for index, rule in enumerate(_rules(state)):
            if isinstance(rule.get("Assign"), dict):
                pointer = f"{state.pointer}/Choices/{index}/Assign"
                for place in _texts(state, rule["Assign"], pointer, "Assign", INPUT):
                    yield _marked(place)


def _template_stage(state: State, of: str, name: str) -> str:
    is_late = name == "ResultSelector" or (name == "Assign" and of in _WORK)
    return RESULT if is_late and of == state.type else INPUT


def _marked(place: Place) -> Place:
    if not place.key.endswith(".$") or not place.pointer.endswith(escape(place.key)):
        return place
    return Place(place.state, place.pointer, place.text, place.field, place.stage, place.key, True)


def _rules(state: State) -> list[dict[str, JSON]]:
    choices = state.fields.get("Choices") if state.type == "Choice" else None
    return [rule if isinstance(rule, dict) else {} for rule in choices] if isinstance(choices, list) else []


@remembered
def paths(subject: Subject) -> Iterator[Place]:
    """Every field of JSONPath states that is a path itself, those of a Choice's rules too."""
    for state in subject.states:
        if state.query_language != JSONPATH:
            continue
        for part in parts(state.type, state.fields, state.pointer, JSONPATH):
            known = fields(part.of)
            for name, value in part.values.items():
                if name in known and known[name].kind == PATH and isinstance(value, str):
                    late = name in ("OutputPath", "ResultPath") or part.of == "catcher"
                    yield Place(state, f"{part.pointer}/{name}", value, name, RESULT if late else INPUT)
        for index, rule in enumerate(_rules(state)):
            yield from _tests(state, rule, f"{state.pointer}/Choices/{index}")


def _tests(state: State, rule: JSON, pointer: str) -> Iterator[Place]:
    if not isinstance(rule, dict):
        return
    for name, value in rule.items():
        here = f"{pointer}/{escape(name)}"
        if isinstance(value, str) and (name == "Variable" or name.endswith("Path")):
            yield Place(state, here, value, name)
        elif name in COMBINED:
            members = value if isinstance(value, list) else [value]
            for index, member in enumerate(members):
                yield from _tests(state, member, here if member is value else f"{here}/{index}")


@remembered
def path_texts(subject: Subject) -> Iterator[Place]:
    """Every path or intrinsic function of the machine's JSONPath states."""
    yield from paths(subject)
    yield from (place for place in templates(subject) if place.is_template)


def misplaced(keys: tuple[str, ...], place: Place) -> str | None:
    """What is wrong with a reference to ``$states`` (the keys after it, ``states`` first), if anything is."""
    match keys:
        case ("states", "result") if place.stage != RESULT:
            return "there is no `$states.result` here"
        case ("states", "errorOutput") if place.stage != ERROR:
            return "there is no `$states.errorOutput` here"
        case ("states", "context", "Task", "Token") if not _has_token(place.state):
            return "there is no task token here: the task is no callback and no activity"
    return None


def _has_token(state: State) -> bool:
    """Whether a task is given a token, as far as its resource says; True where that is filled in later."""
    text = state.fields.get("Resource")
    if not isinstance(text, str):
        return False
    resource = parse(text)
    return resource.is_callback or resource.kind in ("activity", "unknown")
