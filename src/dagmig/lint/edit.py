"""The edits that fixes are made of."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.graph.model import Task
from dagmig.lint.source import Source
from dagmig.lint.spelling import quoted, respelled

if TYPE_CHECKING:
    from dagmig.lint.syntax import Syntax


def with_argument(source: Source, call: Span, argument: str, *, among: str = "") -> Fix | None:
    """Give the call at ``call`` one more argument, after its last; unsafe, as it changes what the call does.

    None where no call stands there, or none that has the keyword argument ``among``.
    """
    node = source.syntax.call_at(call)
    if node is None or source.syntax.span(node) != _bare(call) or not [*node.args, *node.keywords]:
        return None
    if among and not any(one.arg == among for one in node.keywords):
        return None
    edit = argument_added(source.syntax, node, argument)
    return None if edit is None else Fix((edit,), safe=False)


def with_task_argument(source: Source, task: Task, argument: str) -> Fix | None:
    """Give a task one more argument: at its operator's call, or at the ``@task`` over its function."""
    if not task.call.operator.startswith("@"):
        return with_argument(source, task.span, argument, among="task_id")
    decorator = _decorator(source.syntax, task)
    if decorator is None:
        return None
    if isinstance(decorator, ast.Call):
        edit = argument_added(source.syntax, decorator, argument)
        return None if edit is None else Fix((edit,), safe=False)
    end = source.syntax.offset(decorator, end=True)
    return Fix((Edit(end, end, f"({argument})"),), safe=False)


def _decorator(syntax: Syntax, task: Task) -> ast.expr | None:
    """The ``@task`` over the one function whose call makes the task; None where it is called otherwise."""
    call = syntax.call_at(task.span)
    if call is None or not isinstance(call.func, ast.Name):
        return None
    functions = syntax.functions.get(call.func.id, [])
    return syntax.decorator(functions[0]) if len(functions) == 1 else None


def argument_added(syntax: Syntax, call: ast.Call, argument: str) -> Edit | None:
    """One more argument after a call's last: on a line of its own where that is below the call's first.

    None where the call's only argument is a generator, which would need brackets.
    """
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    members = sorted(given, key=lambda one: (one.lineno, one.col_offset))
    close = syntax.offset(call, end=True) - 1
    if not members:
        return Edit(close, close, argument)
    last = members[-1]
    if isinstance(last, ast.GeneratorExp):
        return None
    is_below = syntax.span(last).line > syntax.span(call).line
    gap = "\n" + syntax.margin(syntax.span(last).line) if is_below else " "
    end = _after_brackets(syntax.text, syntax.offset(last, end=True), close)
    if is_below and (remark := re.compile(r",[ \t]*#[^\n]*").match(syntax.text, end, close)):
        return Edit(remark.end(), remark.end(), f"{gap}{argument},")
    return Edit(end, end, f",{gap}{argument}")


def argument_removed(syntax: Syntax, call: ast.Call, name: str) -> Edit | None:
    """A call without one of its arguments: its line goes where nothing else stands there."""
    given = next((one for one in call.keywords if one.arg == name), None)
    if given is None:
        return None
    text, start = syntax.text, syntax.offset(given)
    later = [offset for one in (*call.args, *call.keywords) if (offset := syntax.offset(one)) > start]
    close = min(later, default=syntax.offset(call, end=True) - 1)  # of what may belong to it
    end = _after_brackets(text, syntax.offset(given, end=True), close)
    comma = re.compile(r"\s*,[ \t]*").match(text, end, close)
    before = text.rfind("\n", 0, start) + 1
    if comma:
        end = comma.end()
    if not text[before:start].strip() and text[end : end + 1] == "\n":
        return Edit(before, end + 1, "")
    if comma:
        return Edit(start, end, "")
    lead = re.search(r",\s*$", text[before:start])
    return Edit(before + lead.start() if lead else start, end, "")


def _after_brackets(text: str, start: int, close: int) -> int:
    """The end of an argument that ends at ``start`` but for the brackets around it."""
    end = start
    for found in re.finditer(r"#[^\n]*|\)", text[start:close]):
        if found[0] == ")":
            end = start + found.end()
    return end


def without_argument(source: Source, call: ast.Call, name: str) -> Fix | None:
    """Take an argument away; None for the only one."""
    edit = argument_removed(source.syntax, call, name) if len([*call.args, *call.keywords]) > 1 else None
    return None if edit is None else Fix((edit,))


def renamed(source: Source, value: Span, old: str, new: str) -> Fix | None:
    """Write another name where a machine holds ``old``; None where it is not there."""
    return _respelled(source, value, old, new, is_safe=False)


def rewritten(source: Source, value: Span, expected: object, new: object) -> Fix | None:
    """Write another value where a machine holds ``expected``; None where it is not there. A safe fix."""
    return _respelled(source, value, expected, new, is_safe=True)


def _respelled(source: Source, value: Span, old: object, new: object, is_safe: bool) -> Fix | None:
    if value.file != source.file:
        return None
    start, end = offset(source, value.line, value.column), offset(source, value.end_line, value.end_column)
    written = source.text[start:end]
    if source.language == "hcl" and written == old and not str(new).isidentifier():
        spelled: str | None = quoted(new)  # a key that needs quotes
    else:
        spelled = respelled(written, old, new)
    return Fix((Edit(start, end, spelled),), is_safe) if spelled is not None else None


def replaced(source: Source, span: Span, text: str, *, safe: bool = False) -> Fix:
    """Write something else where ``span`` is."""
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    return Fix((Edit(start, end, text),), safe)


def offset(source: Source, line: int, column: int) -> int:
    """The place in the text (from 0) of a line and column (from 1)."""
    return source.starts[line - 1] + column - 1


def _bare(span: Span) -> Span:
    return Span(span.file, span.line, span.column, span.end_line, span.end_column)
