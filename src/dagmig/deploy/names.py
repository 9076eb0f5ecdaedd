"""What a bundle's things are called: the machine, and in a template of CloudFormation all it has of its own.

Ids there are of letters and digits only, so that ``a-b``, ``a_b`` and ``aB`` would be one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

DEFINITION = "DefinitionArn"
_OF_FUNCTION = ("Role", "Log", "Function")
_OF_CONTAINER = ("Role", "StartRole", "Log", DEFINITION)
_OF_EVERY_STACK = re.compile(
    r"KmsKeyArn|StateMachine(Arn|Role)?|LogGroup|SchedulerRole|(Schedule|Event|Pipe)\d*|(Events|Pipe)Role"
    r"|Alarm(Topic|TopicPolicy|(Email|Subscription)\d*)|Executions\w+|TellFailures"
    r"|Start(Api|ApiRole|Integration|Route|Stage|Url)"
)


# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: also with an ending
_OF_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LogicalIds:
    """By name the id of a parameter, and the beginning of the ids of a function's or a container's resources.

    Where two names would have one id, each has a hash of its own behind it.
    """

    parameters: Mapping[str, str]
    functions: Mapping[str, str]
    containers: Mapping[str, str]

    @classmethod
    def of(cls, parameters: Iterable[str], functions: Iterable[str], containers: Iterable[str]) -> LogicalIds:
        """The ids of one stack; containers by the parameter that they fill in."""
        plain = [
            *(("", name, (pascal(name),)) for name in parameters),
            *(("f", name, tuple(pascal(name) + end for end in _OF_FUNCTION)) for name in functions),
            *(("c", name, tuple(pascal(_stem(name)) + end for end in _OF_CONTAINER)) for name in containers),
        ]
        times = Counter(one.lower() for _, _, ids in plain for one in ids)
        apart = {
            (kind, name)
            for kind, name, ids in plain
            if any(times[one.lower()] > 1 or _OF_EVERY_STACK.fullmatch(one) for one in ids)
        }

        def begun(kind: str, named: Callable[[str], str] = str) -> dict[str, str]:
            return {
                name: pascal(named(name)) + (_hash(name) if (kind, name) in apart else "")
                for one, name, _ in plain
                if one == kind
            }

        return cls(begun(""), begun("f"), begun("c", _stem))


def machine_name(text: str) -> str:
    """An id as the name of a state machine, and of files: at most 80 letters, digits, ``-`` and ``_``."""
    name = re.sub(r"[^\w-]+", "-", text, flags=re.ASCII).strip("-")[:80] or "workflow"
    return f"{name}-dag" if _OF_DEVICES.fullmatch(name) else name


def folders(names: Iterable[str]) -> dict[str, str]:
    """A folder for each: those that differ in upper and lower case only have a hash of their own behind them,
    as many a disk has one folder for both.
    """
    names = list(names)
    times = Counter(name.lower() for name in names)
    return {name: f"{name}-{_hash(name)}" if times[name.lower()] > 1 else name for name in names}


def pascal(name: str) -> str:
    """``databricks_default_host`` -> ``DatabricksDefaultHost``."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name) if part)


def _stem(parameter: str) -> str:
    return parameter.removesuffix("_definition_arn")


def _hash(name: str) -> str:
    return "X" + hashlib.sha256(name.encode()).hexdigest()[:8]
