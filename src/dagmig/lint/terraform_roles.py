"""The role of a machine in a Terraform file, where the policies that it has are literal.

``aws_iam_role_policy``, and ``aws_iam_policy`` where it is attached; a policy is ``jsonencode``, a
here-document or the file's own ``aws_iam_policy_document``. A role that the file does not make is not known;
one that has policies that cannot be read, or may have some in the module's other files, is not complete.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dagmig.asl.model import JSON
from dagmig.diagnostics import Report, Span
from dagmig.lint import hcl
from dagmig.lint.role import Role, Statement, statements
from dagmig.source import read_text

if TYPE_CHECKING:
    from dagmig.lint.source import Source

ROLE, ITS_POLICY, POLICY = "aws_iam_role", "aws_iam_role_policy", "aws_iam_policy"
ATTACHMENTS = ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment")
DOCUMENT = "aws_iam_policy_document"
MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_OF_ROLE = re.compile(r"\$\{aws_iam_role\.([\w-]+)\.\w+\}")
_OF_POLICY = re.compile(r"\$\{aws_iam_policy\.([\w-]+)\.\w+\}")
_DATA = re.compile(r"data\.aws_iam_policy_document\.([\w-]+)\.json\b")
_ENCODE = re.compile(r"jsonencode\s*\(")
Spans = Callable[[int, int], Span]


class _NotKnown(Exception):
    """A policy, or who has it, cannot be read."""


class Roles:
    """The roles that a file makes."""

    def __init__(self, source: Source, span: Spans) -> None:
        self.source, self.span = source, span
        self.places: dict[str, tuple[int, int]] = {}  # of statements by pointer

    @cached_property
    def blocks(self) -> dict[tuple[str, str], hcl.Block]:
        kinds = (ROLE, ITS_POLICY, POLICY, *ATTACHMENTS)
        return {(one.kind, one.name): one for one in hcl.blocks(self.source.text, kinds)}

    @cached_property
    def documents(self) -> dict[str, hcl.Block]:
        return {one.name: one for one in hcl.blocks(self.source.text, (DOCUMENT,), "data")}

    def of(self, arn: JSON) -> Role | None:
        """The role of a machine by its ``role_arn``; None where the file does not make it."""
        named = _OF_ROLE.fullmatch(arn) if isinstance(arn, str) else None
        return self._role(named[1]) if named is not None else None

    def _role(self, name: str) -> Role | None:
        made = self.blocks.get((ROLE, name))
        if made is None:
            return None
        is_complete = made.body is not None and not self._is_elsewhere(name)
        is_complete &= not set(made.body or ()) & {"inline_policy", "managed_policy_arns"}
        found: list[Statement] = []
        for kind, policy in self._policies(name):
            try:
                found += self._of(kind, policy)
            except _NotKnown:
                is_complete = False
        return Role(tuple(found), is_complete, lambda pointer, _=False: self.span(*self.places[pointer]))

    def _is_elsewhere(self, name: str) -> bool:
        """Whether another file of the module names the role."""
        for path, text in self._others:
            if text is None:
                return True
            if re.search(rf"\b{ROLE}\.{re.escape(name)}\b", text):
                self.source.beside[str(path)] = text
                return True
        return False

    @cached_property
    def _others(self) -> list[tuple[Path, str | None]]:
        """The texts of the module's other files; None where one cannot be read."""
        here = Path(self.source.file)
        paths = sorted(path for path in here.parent.glob("*.tf") if path.name != here.name)
        return [(path, read_text(path, Report())) for path in paths]

    def _policies(self, name: str) -> Iterator[tuple[str, str]]:
        """The kinds and names of the role's policies; an empty name is one that is not known."""
        for (kind, own), block in self.blocks.items():
            if kind not in (ITS_POLICY, *ATTACHMENTS):
                continue
            body = block.body or {}
            holders = body.get("role", body.get("roles"))
            named = [
                _OF_ROLE.fullmatch(str(one)) for one in (holders if isinstance(holders, list) else [holders])
            ]
            if all(one is not None and one[1] != name for one in named):
                continue
            if None in named:  # a variable, or another role's name
                yield kind, ""
            elif kind == ITS_POLICY:
                yield kind, own
            else:
                policy = _OF_POLICY.fullmatch(str(body.get("policy_arn")))
                yield POLICY, policy[1] if policy is not None else ""

    def _of(self, kind: str, name: str) -> list[Statement]:
        """The statements of a policy. Raises ``_NotKnown``."""
        place = dict(hcl.attributes(self.source.text, kind, "policy")).get(name)
        block = self.blocks.get((kind, name))
        if place is None or block is None:
            raise _NotKnown
        text = self.source.text
        if (data := _DATA.match(text, place)) is not None:
            return self._of_document(data[1])
        pointer = f"/{kind}.{name}"
        if (here := hcl.heredoc(text, place)) is not None:
            try:
                policy = json.loads(text[slice(*here)])
            except ValueError as problem:
                raise _NotKnown from problem
            return self._checked(policy, pointer, lambda _: block.head)
        if (encode := _ENCODE.match(text, place)) is None:
            raise _NotKnown
        try:
            value = hcl.value(text, encode.end())
        except hcl.NotLiteral as problem:
            raise _NotKnown from problem
        return self._checked(value.document, pointer, lambda at: value.places.get(at, block.head)[:2])

    def _of_document(self, name: str) -> list[Statement]:
        block = self.documents.get(name)
        if block is None or block.body is None or set(block.body) & set(MERGED):
            raise _NotKnown
        written = block.body.get("statement", [])
        made = [_statement(one) for one in (written if isinstance(written, list) else [written])]
        return self._checked({"Statement": made}, f"/{DOCUMENT}.{name}", lambda _: block.head)

    def _checked(
        self, policy: JSON, pointer: str, place: Callable[[str], tuple[int, ...]]
    ) -> list[Statement]:
        """The statements, where all of them are literal."""
        found = list(statements(policy, pointer))
        written = policy.get("Statement") if isinstance(policy, Mapping) else None
        written = written if isinstance(written, list) else [written]
        if len(found) != len(written) or any(one.get("Effect") not in ("Allow", "Deny") for one in written):
            raise _NotKnown
        for one in found:
            if not one.is_inverted and (not one.actions or any("${" in action for action in one.actions)):
                raise _NotKnown
            start, end = place(one.pointer.removeprefix(pointer))[:2]
            self.places[one.pointer] = (start, end)
        return found


def _statement(block: JSON) -> JSON:
    """A ``statement`` block as a policy has it."""
    if not isinstance(block, Mapping) or "dynamic" in block:
        raise _NotKnown
    names = {
        "actions": "Action",
        "not_actions": "NotAction",
        "resources": "Resource",
        "not_resources": "NotResource",
    }
    made = {name: block[own] for own, name in names.items() if own in block}
    return {"Effect": block.get("effect", "Allow"), **made}
