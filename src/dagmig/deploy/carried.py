"""The modules of the user's project that a function's code imports: they go into its folder, as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dagmig.airflow.read.project import Project
from dagmig.integrations.code import is_stood_in
from dagmig.integrations.python_source import Import, imports

OWN = frozenset({"handler", "test_handler", "container"})  # modules of the bundle's own in that folder


@dataclass(slots=True)
class Carried:
    """``files`` are modules by path within the function's folder, ``foreign`` the dotted names of what is
    imported from elsewhere, ``left`` the modules that cannot be carried.
    """

    files: dict[str, str] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)


def carried(source: str, project: Project | None, *, is_generated: bool = True) -> Carried:
    """All that a module imports, also by way of the project's own modules. A generated function has what
    stands for some imports from Airflow.
    """
    found = Carried()
    waiting: list[tuple[str, str, bool]] = [("", source, False)]
    while waiting:
        name, text, is_package = waiting.pop()
        for one in imports(text):
            if not name and is_generated and is_stood_in(one, text):
                continue
            for module in _absolute(one, name, is_package=is_package):
                waiting += _take(module, one, project, found)
    return found


def _absolute(one: Import, inside: str, *, is_package: bool) -> Iterator[str]:
    """The imported modules by their absolute names, with what is taken from them."""
    level = len(one.module) - len(one.module.lstrip("."))
    name = one.module[level:]
    if level:
        parts = inside.split(".")[: None if is_package and level == 1 else -(level - is_package)]
        name = ".".join([*parts, *([name] if name else [])])
    if one.names:
        yield from (f"{name}.{taken}" if taken != "*" and name else name or taken for taken in one.names)
    else:
        yield name


def _take(
    module: str, one: Import, project: Project | None, found: Carried
) -> Iterator[tuple[str, str, bool]]:
    """Put a module and the packages around it into ``found``; yield those that are new, with their texts."""
    parts = module.split(".")
    top = project.find(parts[0]) if project is not None and parts[0] else None
    if project is None or top is None:
        if one.module.startswith("."):
            found.left.add(module)
        else:
            found.foreign.add(module)
        return
    if parts[0] in OWN:
        found.left.add(parts[0])
        return
    for count in range(1, len(parts) + 1):
        name = ".".join(parts[:count])
        path = project.find(name)
        if path is None or path.is_dir():
            continue
        is_package = path.name == "__init__.py"
        place = "/".join(parts[:count]) + ("/__init__.py" if is_package else ".py")
        if place in found.files:
            continue
        text = project.text(path)
        if text is None:
            found.left.add(name)
            continue
        found.files[place] = text
        yield name, text, is_package
