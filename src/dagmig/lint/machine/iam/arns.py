"""The resources that a call acts on, as narrow as IAM and the machine allow.

The Service Authorization Reference has for each action the kinds of resource that it takes, and how their
ARNs are written (``asl/services/authorization``); the parameters of the call fill them in.
``${AWS::Region}`` and its like are CloudFormation's; ``*`` stands for what the machine does not name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from dagmig.asl.services.authorization import Privilege, privilege
from dagmig.lint.machine.calls import Call
from dagmig.lint.machine.iam.need import NOT_KNOWN, TAKES_NONE
from dagmig.lint.machine.iam.special import OTHERWISE, SPECIAL
from dagmig.lint.machine.iam.texts import OPEN, given, is_arn

_PART = re.compile(r"\$\{(\w+)\}")
_PLACE = {
    "Partition": "${AWS::Partition}",
    "Region": "${AWS::Region}",
    **dict.fromkeys(("Account", "AccountId"), "${AWS::AccountId}"),
}
_ENDING = re.compile(r"(Name|Identifier|Id|ID|Arn|ARN|Url)$")
_IS_ID = re.compile(r"(Id|ID|Identifier)$")
_DRAWN = frozenset({"UUID", "RandomString", "Token"})  # what AWS makes up: no parameter names it
_NEVER = frozenset({("states", "express")})  # kinds that no API call has
_GENERAL = ("Name", "Id", "Identifier", "Arn", "ResourceArn")  # parameters that do not say of what


def resources(call: Call, action: str) -> tuple[str, ...]:
    """The ARNs of an IAM action that a call needs; ``*`` alone where IAM takes no narrower one."""
    if action in SPECIAL and (found := SPECIAL[action](call)):
        return found
    known = privilege(action)
    if known is None or not known.resources:
        return (OPEN,)
    kinds = _kinds(call, known)
    return tuple(dict.fromkeys(arn for kind in kinds for arn in _arns(call, known, kind)))


def why_any(action: str) -> str:
    """Why an action is allowed on ``*``; empty where IAM limits it to resources."""
    known = privilege(action)
    return NOT_KNOWN if known is None else "" if known.resources else TAKES_NONE


def _kinds(call: Call, known: Privilege) -> tuple[str, ...]:
    """The kinds of resource that a call is about: those it must be, and those it names."""
    named = {kind: [bool(one) for one in _parts(call, known, kind).values()] for kind in known.resources}
    whole = [kind for kind, parts in named.items() if parts and all(parts)]
    if known.required:
        service = known.name.partition(":")[0]
        required = tuple(kind for kind in known.required if (service, kind) not in _NEVER)
        return (*required, *(kind for kind in whole if kind not in known.required))
    partly = [kind for kind, parts in named.items() if any(parts)]
    return tuple(whole or partly or known.resources)


def _arns(call: Call, known: Privilege, kind: str) -> Iterator[str]:
    template = known.resources[kind]
    parts = _parts(call, known, kind)
    if not parts and (
        arns := [arn for arn in _given(call, known, kind, kind, True) if _is_of(arn, template)]
    ):
        yield from arns
        return
    for values in product(*(found or (OPEN,) for found in parts.values())):
        yield _filled(template, dict(zip(parts, values, strict=True)))


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """The ARN; a value that is one already, of the same kind, as it is."""
    *_, last = ("", *parts.values())
    if is_arn(last) and (last.startswith("${") or _is_of(last, template)):
        return last
    names = {**_PLACE, **{name: _last(value) for name, value in parts.items()}}
    return _PART.sub(lambda part: names[part[1]], template)


def _is_of(arn: str, template: str) -> bool:
    """Whether an ARN is of the same service and kind of resource as a template of one."""
    own, other = arn.split(":", 5), template.split(":", 5)
    kind = re.split(r"[/:$]", other[-1], maxsplit=1)[0] if len(other) > 5 else ""
    return own[2:3] == other[2:3] and own[-1].startswith(kind)


def _last(value: str) -> str:
    """The name at the end of an ARN or an address; another text as it is."""
    if is_arn(value):
        return OPEN if value.startswith("${") else re.split(r"[:/]", value)[-1]
    if value.startswith("https://"):
        return value.rpartition("/")[2]
    return value


def _parts(call: Call, known: Privilege, kind: str) -> dict[str, tuple[str, ...]]:
    """By part of the ARN what the call gives for it; empty where it gives nothing."""
    names = [name for name in _PART.findall(known.resources[kind]) if name not in _PLACE]
    return {name: _given(call, known, kind, name, name == names[-1]) for name in names}


def _given(call: Call, known: Privilege, kind: str, part: str, is_last: bool) -> tuple[str, ...]:
    for path in _paths(call, known, kind, part, is_last):
        if found := given(call, path):
            is_no_id = _IS_ID.search(part) and path.endswith("Name") and part != "ResourceId"
            return (OPEN,) if is_no_id else found
    return ()


def _paths(call: Call, known: Privilege, kind: str, part: str, is_last: bool) -> Iterator[str]:
    """The parameters that may name a part of an ARN, the likeliest first."""
    if part in _DRAWN:
        return
    service = known.name.partition(":")[0]
    yield from OTHERWISE.get((service, part), ())
    stems = {_plain(_ENDING.sub("", part)), *([_plain(kind)] if is_last else [])}
    written = {_plain(name): name for name in call.given or ()}
    if _plain(part) in written:
        yield written[_plain(part)]
    for plain, name in written.items():
        if _plain(_ENDING.sub("", name)) in stems or plain.removesuffix("s") in {*stems, _plain(part)}:
            yield name
    if is_last and any(stem in _plain(known.name) for stem in stems):
        yield from (name for name in _GENERAL if name in (call.given or ()))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
