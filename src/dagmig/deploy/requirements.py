"""What a function installs, by the modules that its code imports."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dagmig.deploy.distributions import distribution
from dagmig.deploy.pins import Pin, requirement
from dagmig.diagnostics import Disposition

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
_CREDENTIALS = re.compile(r"//[^/@\s]*@")
STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)


@dataclass(frozen=True, slots=True)
class Needed:
    """The lines of ``requirements.txt``, and what is to be said of them."""

    lines: tuple[str, ...] = ()
    said: tuple[tuple[Disposition, str], ...] = ()


def needed(
    modules: Iterable[str],
    pins: Mapping[str, Pin],
    provided: Collection[str],
    given: Collection[str] = (),
    *,
    has_airflow: bool = False,
) -> Needed:
    """What has to be installed for some imported modules (dotted names).

    ``provided`` are top-level packages that are there already, ``given`` lines that the task itself names.
    """
    own = [line for line in given if requirement(line, "") is not None]
    named = {found[0] for line in own if (found := requirement(line, "")) is not None}
    lines, said = dict.fromkeys(own), [(DECISION, _not_taken(line)) for line in given if line not in own]
    asked = {name for name in modules if _is_foreign(name, provided)}
    for module in sorted(asked):
        if module.partition(".")[0] == "airflow" and not has_airflow:
            said.append((DECISION, _of_airflow(module)))
            continue
        name = distribution(module, {*pins, *named})
        if name is None:
            said.append((DECISION, f"no telling which package has `{module}`: add it to requirements.txt"))
        elif name not in named:
            lines[f"{name}{_pinned(pins.get(name))}"] = None
            said += _about(module, name, pins.get(name))
    return Needed(tuple(sorted(lines)), tuple(dict.fromkeys(said)))


def _not_taken(line: str) -> str:
    """Of a line that names no package: Jinja, an option of pip, an address, which may hold a password."""
    shown = _CREDENTIALS.sub("//", line)
    return f"`{shown}` of the task's `requirements` is not taken over: put what it stands for into the file"


def _is_foreign(module: str, provided: Collection[str]) -> bool:
    top = module.partition(".")[0]
    return bool(top) and top not in STANDARD_LIBRARY and top not in provided


def _pinned(pin: Pin | None) -> str:
    return f"{pin.extras}{pin.versions}" if pin is not None else ""


def _about(module: str, name: str, pin: Pin | None) -> Iterator[tuple[Disposition, str]]:
    if pin is not None and pin.versions:
        shown = f"{name}{pin.versions}"
        yield NOTED, f"the code needs `{module.partition('.')[0]}`: {shown} is installed, as {pin.file} says"
    elif pin is not None:
        yield DECISION, f"`{name}` is installed in its newest version: {pin.file} says none"
    else:
        yield DECISION, f"`{name}` is installed in its newest version: no file of the project says which"


def _of_airflow(module: str) -> str:
    what = "a provider's hook" if ".hooks" in module else "Airflow itself"
    return (
        f"the code imports `{module}`: it needs {what}, which a function does not have: call "
        "the service with its own client"
    )
