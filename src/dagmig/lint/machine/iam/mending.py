"""The edits of a role that stands in the template with its machine.

They are unsafe: what a machine may do is for its owner to decide.
"""

from __future__ import annotations

from collections.abc import Iterable

from dagmig.asl.model import JSON
from dagmig.diagnostics import Fix
from dagmig.lint.machine.iam.need import Allowed
from dagmig.lint.role import Statement
from dagmig.lint.source import Subject


def allowed(subject: Subject, needed: Iterable[Allowed]) -> Fix | None:
    """The role with one more statement, which allows what is needed; None where it cannot be written here."""
    found = list(needed)
    place = next((one.pointer for one in _statements(subject) if one.pointer[-1:].isdigit()), None)
    if place is None or not found:
        return None
    actions = list(dict.fromkeys(one.action for one in found))
    resources = list(dict.fromkeys(arn for one in found for arn in one.resources))
    statement: dict[str, JSON] = {
        "Effect": "Allow",
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": [_arn(one) for one in resources] if len(resources) > 1 else _arn(resources[0]),
    }
    for operator, key, values in found[0].conditions:
        shown = [_arn(value) for value in values]
        given = statement.setdefault("Condition", {}).setdefault(operator, {})
        given[key] = shown if len(shown) > 1 else shown[0]
    return subject.template_members.appended(place.rpartition("/")[0], statement)


def _arn(text: str) -> JSON:
    return {"Fn::Sub": text} if "${AWS::" in text else text


def without(subject: Subject, statement: Statement, action: str) -> Fix | None:
    """The role without an action; without the statement, where it allows nothing else."""
    if not _is_here(subject, statement):
        return None
    members = subject.template_members
    if len(statement.actions) == 1:
        return members.removed(statement.pointer)
    return members.removed(f"{statement.pointer}/Action/{statement.actions.index(action)}")


def narrowed(subject: Subject, statement: Statement, actions: Iterable[str]) -> Fix | None:
    """The role with the actions in the place of a pattern, where that is all of a statement's ``Action``."""
    found = sorted(set(actions))
    if not found or len(statement.actions) != 1 or not _is_here(subject, statement):
        return None
    return subject.template_members.replaced(
        f"{statement.pointer}/Action", found if len(found) > 1 else found[0]
    )


def _statements(subject: Subject) -> list[Statement]:
    """Those of the role that allow something and stand in the file at hand."""
    found = subject.role.statements if subject.role is not None else ()
    return [one for one in found if one.allows and _is_here(subject, one)]


def _is_here(subject: Subject, statement: Statement) -> bool:
    template = subject.template
    return (
        template is not None
        and template.file == subject.file == subject.machine.file
        and subject.template_members.document(statement.pointer) is not None
    )
