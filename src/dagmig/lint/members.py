"""The edits of a machine's or a template's members: JSON, YAML in both styles, HCL, JSON in a text.

What is written follows what stands beside it: quotes, separators, lines and indentation.
"""

from __future__ import annotations

import re

from dagmig.asl.model import JSON
from dagmig.diagnostics import Edit, Fix
from dagmig.lint.layout import Style, block_element, block_member, flow, flow_member
from dagmig.lint.member_places import REST, Member, MemberPlaces, unescape
from dagmig.lint.spelling import TEMPLATE, respelled

COMMENT = re.compile(r"[ \t]*(,?)[ \t]*(?:#|//)[^\n]*")
INDENT = re.compile(r"[ \t]*")
COLON = re.compile(r"[ \t]*([:=])([ \t]*)")


class Members(MemberPlaces):
    """The edits of the members of a machine or a template; they are unsafe, until a rule knows better."""

    def added(self, pointer: str, name: str, value: JSON, after: tuple[str, ...] = ()) -> Fix | None:
        """Give an object one more field, after the first of ``after`` whose place is known, or its last."""
        holder = self.document(pointer)
        if not isinstance(holder, dict) or name in holder:
            return None
        names = dict.fromkeys([*(one for one in after if one in holder), *reversed(holder)])
        known = (member for one in names if (member := self.member(pointer, one)) is not None)
        write = self._below if self.is_block(pointer) else self._beside
        return next((fix for member in known if (fix := write(pointer, member, name, value))), None)

    def appended(self, pointer: str, value: JSON) -> Fix | None:
        """Give the list at ``pointer`` one more element, after its last."""
        holder = self.document(pointer)
        if not isinstance(holder, list) or not holder:
            return None
        last = self.member(pointer, str(len(holder) - 1))
        if last is None:
            return None
        if self.is_block(pointer):
            return self._element_below(pointer, last, value)
        return self._beside(pointer, last, None, value)

    def removed(self, pointer: str) -> Fix | None:
        """Take out a member that is not the only one of its object or list, if no comment goes with it."""
        parent, _, token = pointer.rpartition("/")
        holder, name = self.document(parent), unescape(token)
        names = (
            [str(index) for index in range(len(holder))] if isinstance(holder, list) else list(holder or ())
        )
        if name not in names or len(names) < 2:
            return None
        found = sorted((one for each in names if (one := self.member(parent, each))), key=lambda one: one.key)
        if len(found) != len(names):
            return None
        place = next(index for index, one in enumerate(found) if one.name == name)
        start, end = self._stretch(parent, found, place)
        if self.has_comments and re.search(r"#|//", self.text[start:end]):
            return None
        return Fix((Edit(start, end, ""),), safe=False) if start < end else None

    def renamed(self, pointer: str, new: str) -> Fix | None:
        """Give a member another name."""
        parent, _, token = pointer.rpartition("/")
        member = self.member(parent, unescape(token))
        if member is None:
            return None
        spelled = respelled(self.text[member.key : member.key_end], member.name, new)
        return None if spelled is None else Fix((Edit(member.key, member.key_end, spelled),), safe=False)

    def replaced(self, pointer: str, new: JSON) -> Fix | None:
        """Write another scalar, or list of scalars, in the place of one."""
        parent, _, token = pointer.rpartition("/")
        member = self.member(parent, unescape(token))
        if member is None:
            return None
        spelled = respelled(self.text[member.value : member.end], self.document(pointer), new)
        if spelled is None or not self._may_stand(parent, spelled):
            return None
        return Fix((Edit(member.value, member.end, spelled),), safe=False)

    def swapped(self, pointer: str, other: str) -> Fix | None:
        """Exchange two elements of a list that is not a YAML block."""
        parent, _, token = pointer.rpartition("/")
        one, two = self.member(parent, token), self.member(parent, other.rpartition("/")[2])
        if one is None or two is None or self.is_block(parent):
            return None
        texts = self.text[one.value : one.end], self.text[two.value : two.end]
        return Fix((Edit(one.value, one.end, texts[1]), Edit(two.value, two.end, texts[0])), safe=False)

    def _style(self, pointer: str, member: Member) -> Style:
        """How the members of an object are written; for a list, those of the first object in it."""
        is_element = isinstance(self.document(pointer), list)
        first = next(self.inner(f"{pointer}/{member.name}"), member) if is_element else member
        key = self.text[first.key : first.key_end]
        between = COLON.fullmatch(self.text, first.key_end, first.value)
        sign, blank = (between[1], between[2]) if between else (":", " ")
        colon = f" {sign} " if sign == "=" else f"{sign}{' ' if blank else ''}"
        is_plain = not key.startswith(('"', "\\", "'"))
        return Style(colon, is_plain, is_escaped=key.startswith('\\"'), is_yaml=is_plain and self.is_yaml)

    def _may_stand(self, pointer: str, text: str) -> bool:
        """Whether a text means itself there: no interpolation, no quote that ends a YAML scalar around it."""
        if TEMPLATE.search(text):
            return False
        return "'" not in text or not self.is_yaml or self.is_block(pointer)

    def _beside(self, pointer: str, anchor: Member, name: str | None, value: JSON) -> Fix | None:
        """A member after another between brackets."""
        style = self._style(pointer, anchor)
        start, before = self.line(anchor.key)
        is_below = before.strip() == "" and start > 0
        own = INDENT.match(self.text, start)[0]  # type: ignore[index]
        outer = INDENT.match(self.text, self.line(self.offsets(pointer)[0])[0])[0]  # type: ignore[index]
        unit = own[len(outer) :] if is_below and own.startswith(outer) else ""
        expanded = unit if unit and self._opens_a_line(pointer) else None
        text = (
            flow(value, style, own, expanded)
            if name is None
            else flow_member(name, value, style, own, expanded)
        )
        if not self._may_stand(pointer, text):
            return None
        has_newlines = style.is_hcl and is_below and name is not None  # they separate members
        gap = f"\n{own}" if is_below else " " if style.colon.endswith(" ") else ""
        comment = COMMENT.match(self.text, anchor.end) if self.has_comments and is_below else None
        if comment is not None:
            comma = () if comment[1] or has_newlines else (Edit(anchor.end, anchor.end, ","),)
            tail = "," if comment[1] else ""
            return Fix((*comma, Edit(comment.end(), comment.end(), f"{gap}{text}{tail}")), safe=False)
        sign = "" if has_newlines and REST.match(self.text, anchor.end) else ","
        return Fix((Edit(anchor.end, anchor.end, f"{sign}{gap}{text}"),), safe=False)

    def _opens_a_line(self, pointer: str) -> bool:
        """Whether the first member stands below the bracket that opens the object or list."""
        start = self.offsets(pointer)[0]
        return re.match(r"[{\[][ \t]*\n", self.text[start : start + 80]) is not None

    def _below(self, pointer: str, anchor: Member, name: str, value: JSON) -> Fix | None:
        """A field on its own line under another of a YAML block."""
        end = self.last_line(pointer, anchor)
        if end is None:
            return None
        lines = block_member(name, value, " " * len(self.line(anchor.key)[1]), self._style(pointer, anchor))
        return Fix((Edit(end, end, f"\n{lines}"),), safe=False)

    def _element_below(self, pointer: str, last: Member, value: JSON) -> Fix | None:
        """An element on its own line after the last of a YAML block."""
        end, before = self.last_line(pointer, last), self.line(last.key)[1]
        if end is None or not re.fullmatch(r"[ ]*- ", before):
            return None
        style = Style(": ", is_plain=True, is_escaped=False, is_yaml=True)
        element = block_element(value, " " * (len(before) - 2), style)
        return Fix((Edit(end, end, f"\n{element}"),), safe=False)

    def _stretch(self, pointer: str, found: list[Member], place: int) -> tuple[int, int]:
        """What to cut so that the others stay: up to the next, or from behind the one before."""
        member = found[place]
        if place + 1 < len(found):
            return member.key, found[place + 1].key
        if not self.is_block(pointer):
            return found[place - 1].end, member.end
        start, before = self.line(member.key)
        end = self.last_line(pointer, member)
        return (0, 0) if before.strip(" -") or end is None else (start - 1, end)


def together(*fixes: Fix | None, safe: bool = False) -> Fix | None:
    """One fix of several; None where one of them is."""
    edits = [edit for fix in fixes if fix is not None for edit in fix.edits]
    return Fix(tuple(edits), safe) if all(fix is not None for fix in fixes) else None
