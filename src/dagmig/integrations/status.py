"""Work that is under way: the call that asks how it stands, and what the words of the answer mean.

Operators that wait, and sensors, declare one ``Status``; ``poller`` and ``sensor`` make the loops of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal, Reference, Value
from dagmig.integrations.fragment import Expression, Part, Ref
from dagmig.integrations.spelling import items

PREFIX = "arn:aws:states:::"
ANSWER = "$states.result"
STATUS, REASON = "$:status", "$:reason"
ENUMERATIONS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("ClusterStates", "NodegroupStates", "FargateProfileStates"), str),
    **dict.fromkeys(("EcsClusterStates", "EcsTaskDefinitionStates", "EcsTaskStates"), str),
    "ApprovalStatus": lambda member: "".join(map(str.capitalize, member.split("_"))),
    **dict.fromkeys(("RdsDbType", "SuccessState", "WaitPolicy"), str.lower),
}  # the provider's, each with how it spells the word of a member's name
_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Status:
    """``ask`` are the parameters of ``action``: text is the name of an argument of the operator; text that
    begins with ``$.`` a path into the answer of the state that started the work, ``[$.`` the list of what
    is there, ``@`` what that state sends as this parameter; a pair is an argument and its default; a
    ``Literal`` stands as it is, lists and dicts hold such, and a function makes it of the task.

    ``at`` is a path into the answer. Its word is one of ``done`` or ``failed``, or the work goes on; with
    ``pending``, every word that is not known is a failure. Where there is nothing at ``at``, or the call
    fails with an error of ``gone``, the word is ``missing``. ``is_list``: ``at`` leads to many words, of
    which all must be done. ``reason`` is a path to text that says why.
    """

    action: str
    ask: Mapping[str, Any]
    at: str
    done: tuple[str, ...]
    failed: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    missing: str = ""
    gone: tuple[str, ...] = ()
    reason: str = ""
    is_list: bool = False
    keeps: tuple[str, ...] = ()  # further paths that ``at`` reads as ``$:name``
    words: Mapping[str, Value] = field(default_factory=dict)  # see ``of``

    @property
    def arguments(self) -> frozenset[str]:
        """The operator's arguments that the call needs."""
        return frozenset(_arguments(self.ask.values()))

    def started(self) -> dict[str, Expression]:
        """The ``Assign`` of the state that starts the work: what the call needs of its answer."""
        paths = [*_paths(self.ask), *self.keeps]
        return {f":{_variable(path)}": Expression.of(path.replace("$.", f"{ANSWER}.", 1)) for path in paths}

    def call(self, task: Task, then: Ref, sent: Any = None) -> dict[str, Any]:
        """The state that asks; ``sent`` are the parameters of the state that started the work."""
        found = f"{ANSWER}.{self.at}" if self.at else ANSWER
        word = f"[{found}]" if self.is_list else found
        absent = f"['{self.missing}']" if self.is_list else f"'{self.missing}'"
        known = f"$exists({found}) ? {word} : {absent}" if self.missing else word
        assign = {":status": Expression.of(known)}
        if self.reason:
            why = f"{ANSWER}.{self.reason}"
            assign[":reason"] = Expression.of(f"$exists({why}) ? $string({why}) : ''")
        state: dict[str, Any] = {
            "Type": "Task",
            "Resource": PREFIX + self.action,
            "Arguments": self._arguments(task, sent or {}),
            "Assign": assign,
            "Output": {},
            "Next": then,
        }
        if self.gone:
            nothing: dict[str, Any] = {":status": Expression.of(absent) if self.is_list else self.missing}
            if self.reason:
                nothing[":reason"] = ""
            caught = {"ErrorEquals": list(self.gone), "Assign": nothing, "Output": {}, "Next": then}
            state["Catch"] = [caught]
        return state

    def _arguments(self, task: Task, sent: Any) -> dict[str, Any]:
        known = sent if isinstance(sent, Mapping) else {}
        asked = {parameter: _asked(task, value, known) for parameter, value in self.ask.items()}
        return {name: value for name, value in asked.items() if value not in (None, Literal(None), [])}

    def of(self, **words: Value | None) -> Status:
        """The same, with ``done`` or ``failed`` words that an argument gives."""
        given = {name: value for name, value in words.items() if value not in (None, Literal(None))}
        return replace(self, words={k: v for k, v in given.items() if v is not None})

    def asked(self, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The operator's arguments by the call's parameters, both JSON; None where they are not its own."""
        if not parameters.keys() <= self.ask.keys():
            return None
        found: dict[str, Any] = {}
        for name, value in parameters.items():
            match self.ask[name], value:
                case [str(argument)], [one] if argument in self.arguments:
                    found[argument] = one
                case ((str(argument) | (str(argument), _)), _) if argument in self.arguments:
                    found[argument] = value
                case Literal(constant), _ if constant == value:
                    pass
                case _:
                    return None
        return found

    @property
    def is_done(self) -> Expression:
        """The condition that the work has ended well."""
        inside = self._among("$" if self.is_list else STATUS, "done", self.done)
        if not self.is_list:
            return inside
        return Expression.of(f"$count({STATUS}) > 0 and $count({STATUS}[$not(", *inside.parts, ")]) = 0")

    @property
    def has_failed(self) -> Expression | None:
        """The condition, asked after ``is_done``, that the work has ended badly."""
        one = "$" if self.is_list else STATUS
        if self.pending:
            among = self._among(one, "pending", (*self.pending, *(self.done if self.is_list else ())))
            found = Expression.of("$not(", *among.parts, ")")
        elif self.failed or "failed" in self.words:
            found = self._among(one, "failed", self.failed)
        else:
            return None
        return Expression.of(f"$count({STATUS}[", *found.parts, "]) > 0") if self.is_list else found

    @property
    def cause(self) -> Expression:
        """JSONata that says how it stands."""
        word = f"$join({STATUS}, ', ')" if self.is_list else STATUS
        why = f" & ($length({REASON}) > 0 ? ': ' & {REASON} : '')" if self.reason else ""
        return Expression.of(f"'{self.action.rpartition(':')[2]} says ' & {word}{why}")

    def _among(self, one: str, kind: str, declared: tuple[str, ...]) -> Expression:
        value = self.words.get(kind)
        known = declared if value is None else _known(value)
        if known is None:
            assert value is not None
            return Expression.of(f"{one} in ", value)
        parts = [part for text in known for part in (", ", _written(text))][1:]
        return (
            Expression.of(f"{one} = ", *parts)
            if len(known) == 1
            else Expression.of(f"{one} in [", *parts, "]")
        )


def word(value: Value | None) -> str | None:
    """The text of a word, or of a member of a provider's enumeration; None where it is not known."""
    match value:
        case Literal(str() as text) if "{{" not in text:
            return text
        case Reference(name):
            *_, enumeration, member = ("", *name.removesuffix(".value").split("."))
            return ENUMERATIONS[enumeration](member) if enumeration in ENUMERATIONS else None
    return None


def _known(value: Value) -> tuple[str, ...] | None:
    is_many = isinstance(value, Items) or (
        isinstance(value, Literal) and isinstance(value.value, (list, tuple, set, frozenset))
    )
    if not is_many:
        found = word(value)
        return None if found is None else (found,)
    if isinstance(value, Literal) and isinstance(value.value, (set, frozenset)):
        value = Literal(sorted(value.value, key=str))
    words = [word(item) for item in items(value)]
    return None if None in words else tuple(one for one in words if one is not None)


def _written(text: str) -> Part:
    """A word in JSONata."""
    return f"'{text}'" if re.fullmatch(r"[\w .-]+", text, re.ASCII) else Literal(text)


def _arguments(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        match value:
            case str() if not value.startswith(("$.", "[$.", "@")):
                yield value
            case (str(name), _):
                yield name
            case list():
                yield from _arguments(value)
            case dict():
                yield from _arguments(value.values())


def _paths(value: Any) -> Iterator[str]:
    match value:
        case str() if value.startswith(("$.", "[$.")):
            yield value
        case list():
            yield from (path for item in value for path in _paths(item))
        case dict():
            yield from _paths(list(value.values()))


def _asked(task: Task, value: Any, sent: Mapping[str, Any]) -> Any:
    match value:
        case str() if value.startswith(("$.", "[$.")):
            return Expression.of(f"$:{_variable(value)}")
        case str() if value.startswith("@"):
            return sent.get(value[1:])
        case str():
            return task.argument(value)
        case tuple():
            name, default = value
            return task.argument(name) or Literal(default)
        case list():
            asked = [_asked(task, item, sent) for item in value]
            return [item for item in asked if item not in (None, Literal(None))]
        case dict():
            return {key: _asked(task, item, sent) for key, item in value.items()}
        case _ if callable(value):
            return value(task)
    return value


def _variable(path: str) -> str:
    """The name of what is at a path: its last key."""
    keys = re.findall(r"(?<=\.)[A-Za-z]\w*", path)
    return _WORD_BEGINS.sub("_", keys[-1]).lower()
