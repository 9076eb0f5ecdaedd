"""What a template fills into a machine's ``${...}``: which names there are, and the values that are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from dagmig.asl.model import Machine
from dagmig.lint.embedded import BARE
from dagmig.lint.secrets import is_secret

JSON = Any
HOLE = re.compile(r"\$\{([^${}\"]+)\}")
OF_TERRAFORM = re.compile(r"(?<!\$)" + HOLE.pattern)  # where `$${x}` is written for `${x}` as it is
UNKNOWN = "to be filled in: {}"
A_FUNCTION = "arn:aws:lambda:::function:"


def with_holes(machine: Machine, is_function: Callable[[str], bool]) -> tuple[Machine, frozenset[str]]:
    """The machine with each function of CloudFormation in it (``Ref``, ``Fn::GetAtt`` ...) as a text
    ``${...}``, and the names of these. A ``Resource`` that is a function's is written as an ARN, by which it
    is known; ``plain`` takes that away again.
    """
    made: set[str] = set()
    document = {key: _held(value, is_function, made) for key, value in machine.document.items()}
    return Machine(document, machine.file, machine.locate, machine.duplicate_keys), frozenset(made)


def plain(text: str) -> str:
    """A text without the ARN that ``with_holes`` put before a function."""
    return text.replace(f"{A_FUNCTION}${{", "${")


def written(text: str) -> str:
    """A text with its ``${...}`` as the template has them."""
    return plain(text).replace(f"${{{BARE}", "${")


def _held(value: JSON, is_function: Callable[[str], bool], made: set[str]) -> JSON:
    if isinstance(value, list):
        return [_held(member, is_function, made) for member in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and ((key := next(iter(value))) == "Ref" or key.startswith("Fn::")):
        return _filled(key, _held(value[key], is_function, made), made)
    found = {key: _held(member, is_function, made) for key, member in value.items()}
    named = HOLE.fullmatch(resource) if isinstance(resource := found.get("Resource"), str) else None
    if named is not None and is_function(named[1]):
        found["Resource"] = A_FUNCTION + named[0]
    return found


def _filled(function: str, given: JSON, made: set[str]) -> str:
    """What a function of CloudFormation gives, as a text with holes."""
    parts = given if isinstance(given, list) else [given]
    match function, parts:
        case "Fn::Sub", [str() as text, *_]:
            made.update(HOLE.findall(text))
            return text.replace("${!", "${")
        case "Fn::Join", [str() as between, [*texts]] if all(isinstance(one, str) for one in texts):
            return between.join(texts)
        case (("Ref" | "Fn::GetAtt"), _):
            name = ".".join(map(str, parts))
        case _:
            name = f"{function.removeprefix('Fn::')} {re.sub(r'[^A-Za-z0-9.:-]+', ' ', _flat(given)).strip()}"
    made.add(name)
    return f"${{{name}}}"


def holes(document: JSON, form: re.Pattern[str] = HOLE) -> Iterable[str]:
    """The names in a machine's ``${...}``, each once."""
    return dict.fromkeys(form.findall(_flat(document)))


def bare(name: str) -> str:
    """A name without the sign that it stands where no text does."""
    return name.removeprefix(BARE)


def _flat(document: JSON) -> str:
    if isinstance(document, dict):
        return "\n".join([*map(str, document), *map(_flat, document.values())])
    return "\n".join(map(_flat, document)) if isinstance(document, list) else str(document)


def variables(names: Iterable[str]) -> dict[str, str]:
    """The Airflow Variable of each name: ``LoadFunction.Arn`` -> ``LoadFunction_Arn``."""
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda one: one.startswith(BARE)):
        if bare(name) in found:
            found[name] = found[bare(name)]
            continue
        stem = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value"
        stem = f"_{stem}" if stem[0].isdigit() else stem
        free, number = stem, 2
        while free in found.values():
            free, number = f"{stem}_{number}", number + 1
        found[name] = free
    return found


def values(
    names: Mapping[str, str],
    given: Mapping[str, JSON],
    parameters: Mapping[str, JSON],
    resources: Collection[str],
) -> tuple[dict[str, str], frozenset[str]]:
    """What each Variable is, as far as the template says, and those whose value is a secret, which is left
    out; ``given`` are the template's substitutions.
    """
    found: dict[str, str] = {}
    for name, variable in names.items():
        name = bare(name)
        told = given.get(name)
        is_resource = isinstance(told, str) and told.partition(".")[0] in resources
        found[variable] = UNKNOWN.format(told) if is_resource else _value(name, told, parameters)
    secrets = frozenset(name for name, value in found.items() if is_secret(name, value))
    return {
        name: UNKNOWN.format(name) if name in secrets else value for name, value in found.items()
    }, secrets


def apart(
    names: Mapping[str, str], values: Mapping[str, str], taken: Mapping[str, str], machine: str
) -> dict[str, str]:
    """The Variables, with the machine's name before one that is ``taken`` for another value."""
    own = next(iter(variables([machine]).values()))
    return {
        name: f"{own}_{variable}" if taken.get(variable, values[variable]) != values[variable] else variable
        for name, variable in names.items()
    }


def _value(name: str, given: JSON, parameters: Mapping[str, JSON]) -> str:
    if isinstance(given, (str, int, float)) and str(given) not in parameters and "${" not in str(given):
        return str(given)
    named = given.get("Ref") if isinstance(given, dict) else given if given is not None else name
    about = parameters.get(named) if isinstance(named, str) else None
    if isinstance(about, dict):
        default, is_secret = about.get("Default"), about.get("NoEcho") in (True, "true", "True")
        if isinstance(default, (str, int, float)) and default != "" and not is_secret:
            return str(default)
    return UNKNOWN.format(name if given is None else _shown(given))


def _shown(given: JSON) -> str:
    inner = next(iter(given.values()), "") if isinstance(given, dict) else given
    return ".".join(map(str, inner)) if isinstance(inner, list) else str(inner)
