"""The versions that a project's own files say: read as text and data, never executed.

https://packaging.python.org/en/latest/specifications/dependency-specifiers/ has the form of a line,
https://pip.pypa.io/en/stable/reference/requirements-file-format/ that of a file.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagmig.airflow.read.project import Project
from dagmig.deploy.distributions import normalized

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock")
FILES = (
    *LOCKS,
    "Pipfile.lock",
    "requirements.lock",
    "constraints.txt",
    "requirements.txt",
    "requirements/base.txt",
    "requirements/constraints.txt",
    "pyproject.toml",
)
MOST_INCLUDES = 20
LINE = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[^\]]*\])?\s*"
    r"(?P<versions>\(?\s*(?:[=<>!~][^;#@]*)?)(?P<rest>.*)"
)
INCLUDE = re.compile(r"(?:-r|-c|--requirement|--constraint)[\s=]*(?P<file>\S+)")
EXACT = re.compile(r"={2,3}\s*[^*,\s]+")


@dataclass(frozen=True, slots=True)
class Pin:
    """What a file says of a distribution: extras in brackets, versions as pip writes them; ``file`` by its
    name.
    """

    extras: str
    versions: str
    file: str

    @property
    def is_exact(self) -> bool:
        return EXACT.fullmatch(self.versions) is not None


def pins(project: Project | None, folder: Path) -> Mapping[str, Pin]:
    """By normalized name what the files beside a DAG and in the folders above it say, up to the project's
    root. The nearest file that says an exact version counts, else the nearest.
    """
    found: dict[str, Pin] = {}
    for place in _folders(project, folder):
        for name in FILES:
            path = place / name
            text = project.data(path) if project is not None and path.is_file() else None
            if project is None or text is None:
                continue
            for distribution, pin in _read(project, path, text):
                known = found.get(distribution)
                if known is None or (pin.is_exact and not known.is_exact):
                    extras = pin.extras or (known.extras if known else "")
                    found[distribution] = Pin(extras, pin.versions, pin.file)
                elif pin.extras and not known.extras:
                    found[distribution] = Pin(pin.extras, known.versions, known.file)
    return found


def _folders(project: Project | None, folder: Path) -> Iterator[Path]:
    if project is None:
        return
    root = project.root.absolute()
    place = folder.absolute()
    for one in (place, *place.parents):
        if one.is_relative_to(root):
            yield one


def _read(project: Project, path: Path, text: str) -> Iterator[tuple[str, Pin]]:
    try:
        if path.name == "pyproject.toml":
            yield from _of_project(tomllib.loads(text), path.name)
        elif path.name in LOCKS:
            yield from _of_lock(tomllib.loads(text), path.name)
        elif path.name == "Pipfile.lock":
            yield from _of_pipfile(json.loads(text), path.name)
        else:
            yield from _of_lines(project, path, text, set())
    except (ValueError, RecursionError):  # no TOML, no JSON
        return


def _of_lines(project: Project, path: Path, text: str, seen: set[Path]) -> Iterator[tuple[str, Pin]]:
    seen.add(path)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        stripped = line.strip()
        if (include := INCLUDE.match(stripped)) is not None:
            other = path.parent / include["file"]
            inside = project.data(other) if other not in seen and len(seen) < MOST_INCLUDES else None
            if inside is not None:
                yield from _of_lines(project, other, inside, seen)
        elif (found := requirement(stripped, path.name)) is not None:
            yield found


def requirement(line: str, file: str) -> tuple[str, Pin] | None:
    """A line's distribution and what it says of it; None for an option, an address, a comment."""
    found = LINE.match(re.sub(r"\s+--hash.*|(?:^|\s)#.*", "", line))
    if found is None or line.startswith("-") or found["rest"].lstrip().startswith("@"):
        return None
    if found["rest"] and not found["rest"].lstrip().startswith(";"):
        return None
    versions = re.sub(r"[\s()]", "", found["versions"])
    extras = re.sub(r"\s", "", found["extras"] or "")
    return normalized(found["name"]), Pin(extras, versions, file)


def _of_project(data: Mapping[str, Any], file: str) -> Iterator[tuple[str, Pin]]:
    """``[project]`` of PEP 621, and Poetry's own table."""
    listed = _at(data, "project", "dependencies")
    optional = _at(data, "project", "optional-dependencies")
    groups = list(optional.values()) if isinstance(optional, dict) else []
    for lines in [listed, *groups]:
        for line in lines if isinstance(lines, list) else []:
            if isinstance(line, str) and (found := requirement(line.strip(), file)) is not None:
                yield found
    poetry = _at(data, "tool", "poetry", "dependencies")
    for name, said in poetry.items() if isinstance(poetry, dict) else []:
        version = said.get("version") if isinstance(said, dict) else said
        if isinstance(version, str) and name != "python":
            yield normalized(name), Pin("", _from_poetry(version), file)


def _from_poetry(text: str) -> str:
    """``^1.2.3`` as ``>=1.2.3,<2``; ``~1.2`` as ``>=1.2,<1.3``; a bare version is exact.

    https://python-poetry.org/docs/dependency-specification/
    """
    text = text.strip()
    if re.fullmatch(r"\d[\w.]*", text):
        return f"=={text}"
    found = re.fullmatch(r"([~^])(\d+(?:\.\d+)*)", text)
    if found is None:
        return re.sub(r"\s", "", text) if re.match(r"[=<>!]|~=", text) else ""
    numbers = [int(number) for number in found[2].split(".")]
    if found[1] == "^":
        kept = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
    else:
        kept = min(1, len(numbers) - 1)
    above = [*numbers[:kept], numbers[kept] + 1]
    return f">={found[2]},<{'.'.join(map(str, above))}"


def _of_lock(data: Mapping[str, Any], file: str) -> Iterator[tuple[str, Pin]]:
    listed = data.get("package")
    for one in listed if isinstance(listed, list) else []:
        name, version = (one.get("name"), one.get("version")) if isinstance(one, dict) else (None, None)
        if isinstance(name, str) and isinstance(version, str):
            yield normalized(name), Pin("", f"=={version}", file)


def _of_pipfile(data: Any, file: str) -> Iterator[tuple[str, Pin]]:
    listed = data.get("default") if isinstance(data, dict) else None
    for name, said in listed.items() if isinstance(listed, dict) else []:
        version = said.get("version") if isinstance(said, dict) else None
        if isinstance(version, str):
            yield normalized(name), Pin("", version, file)


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data
