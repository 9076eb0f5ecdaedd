"""Text -> machine: JSON or YAML, with the place of every value."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from dagmig.asl.model import JSON, Machine, escape
from dagmig.asl.places import json_places
from dagmig.diagnostics import Report, Severity, Span

YAML_SUFFIXES = (".yaml", ".yml")
MAX_DEPTH = 200  # nesting of a definition; AWS's own 1 MiB machines stay far below


def is_machine(document: JSON) -> bool:
    """Whether a JSON document of unknown purpose holds a state machine."""
    return isinstance(document, dict) and isinstance(document.get("States"), dict) and "StartAt" in document


def load(text: str, file: str, report: Report) -> Machine | None:
    """Read one definition. A text that cannot be read gives None and a diagnostic ``unparsable-file``."""
    is_yaml = file.endswith(YAML_SUFFIXES)
    text = text.removeprefix("\ufeff")
    try:
        document = _from_yaml(text) if is_yaml else _from_json(text)
        json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair is no text: a ValueError
    except json.JSONDecodeError as error:
        return _unreadable(report, error.msg, Span(file, error.lineno, error.colno))
    except YamlError as error:
        return _unreadable(report, error.problem, Span(file, error.line, error.column))
    except (RecursionError, ValueError) as error:
        is_deep = isinstance(error, RecursionError)
        return _unreadable(report, "nested too deeply" if is_deep else str(error), Span(file))
    if not isinstance(document, dict):
        return _unreadable(report, "a state machine is a JSON object", Span(file))
    if _depth_exceeds(document, MAX_DEPTH):
        return _unreadable(report, f"nested more than {MAX_DEPTH} levels deep", Span(file))
    locate = _locator(text, file, is_yaml)
    return Machine(document, file, locate, tuple(_repeated_keys(text, file, is_yaml)))


def load_machine(text: str, file: str, report: Report) -> Machine | None:
    """As ``load``; None, said in ``report``, for a document that is no machine, too."""
    machine = load(text, file, report)
    if machine is None or is_machine(machine.document):
        return machine
    said = "not a state machine: it needs `StartAt` and an object `States`"
    report.add("not-a-machine", said, Span(file), Severity.ERROR)
    return None


class YamlError(Exception):
    """PyYAML's complaint, with the place; lines and columns count from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.problem, self.line, self.column = problem, line, column


def _unreadable(report: Report, message: str, span: Span) -> Machine | None:
    report.add("unparsable-file", f"cannot be read: {message}", span, Severity.ERROR)
    return None


def _from_json(text: str) -> JSON:
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def _refuse(constant: str) -> JSON:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text} is too large")
    return number


def with_functions(text: str) -> JSON:
    """A YAML template that ``load`` can read, with the functions that its tags are short for:
    ``!Ref x`` is ``{"Ref": "x"}``.
    """
    return _from_yaml(text.removeprefix("\ufeff"), has_functions=True)


def _from_yaml(text: str, *, has_functions: bool = False) -> JSON:
    import yaml

    from dagmig.asl.yaml_loader import check_size, loader

    try:
        check_size(text)
        document = yaml.load(text, loader(has_functions=has_functions))
        return json.loads(json.dumps(document, default=str, allow_nan=False))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError(error.problem or "not YAML", line, column) from error
    except yaml.reader.ReaderError as error:
        refused = yaml.reader.Reader.NON_PRINTABLE.search(text)  # the error counts bytes or characters
        before = text[: refused.start()] if refused else ""
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise YamlError("it holds a control character", line, column) from error
    except (yaml.YAMLError, TypeError) as error:
        raise YamlError(str(error), 1, 1) from error


def _depth_exceeds(document: JSON, limit: int) -> bool:
    level: list[JSON] = [document]
    for _ in range(limit):
        level = [child for value in level for child in _children(value)]
        if not level:
            return False
    return True


def _children(value: JSON) -> list[JSON]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _locator(text: str, file: str, is_yaml: bool) -> Callable[..., Span]:
    @cache
    def places() -> Mapping[str, tuple[Span, Span]]:
        return dict(_yaml_places(text, file) if is_yaml else json_places(text, file))

    def locate(pointer: str, key: bool = False) -> Span:
        known = pointer
        while known not in places() and known:
            known = known.rpartition("/")[0]
        value_span, key_span = places().get(known, (Span(file), Span(file)))
        found = key_span if key else value_span
        return Span(file, found.line, found.column, found.end_line, found.end_column, pointer)

    return locate


def _yaml_places(text: str, file: str) -> Iterator[tuple[str, tuple[Span, Span]]]:
    import yaml

    from dagmig.asl.yaml_loader import loader

    def span(node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    root = yaml.compose(text, loader())
    stack: list[tuple[yaml.Node | None, str, Span | None]] = [(root, "", None)]
    while stack:
        node, pointer, key_span = stack.pop()
        if node is None:
            continue
        yield pointer, (span(node), key_span or span(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                stack.append((value, f"{pointer}/{escape(str(key.value))}", span(key)))
        elif isinstance(node, yaml.SequenceNode):
            stack += [(child, f"{pointer}/{index}", None) for index, child in enumerate(node.value)]


def _repeated_keys(text: str, file: str, is_yaml: bool) -> Iterator[str]:
    """The pointers of keys written twice in one object, in source order, each once."""
    if not is_yaml and not _repeats(text):
        return
    seen: set[str] = set()
    said: set[str] = set()
    for pointer, _ in _yaml_places(text, file) if is_yaml else json_places(text, file):
        if pointer in seen:
            said.add(pointer)
        seen.add(pointer)
    yield from (pointer for pointer in sorted(said) if not any(_is_below(pointer, other) for other in said))


def _is_below(pointer: str, other: str) -> bool:
    return pointer != other and pointer.startswith(f"{other}/")


def _repeats(text: str) -> bool:
    """Whether any object of a JSON text has a key twice; much faster than looking for the place."""
    found = False

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        members = dict(pairs)
        found = found or len(members) != len(pairs)
        return members

    json.loads(text, object_pairs_hook=build)
    return found
