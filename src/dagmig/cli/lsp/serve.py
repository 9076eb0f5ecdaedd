"""The protocol: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from dagmig import __version__
from dagmig.cli.lsp.session import Action, Checked, Place, edit_between, page_of
from dagmig.diagnostics import Diagnostic, Severity
from dagmig.lint.check import rules
from dagmig.lint.config import FILES, forget
from dagmig.lint.files import is_known

PAUSE = 0.15  # seconds without a key before a text is checked
SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}
FIX_ALL = f"{lsp.CodeActionKind.SourceFixAll.value}.dagmig"
KINDS = [lsp.CodeActionKind.QuickFix, FIX_ALL]


def serve() -> None:
    """Serve until the editor ends it."""
    Linter().server.start_io()


class Linter:
    """The features, and the findings in each open file."""

    def __init__(self) -> None:
        self.server = LanguageServer("dagmig", __version__)
        self.known: dict[str, Checked] = {}
        for name, handler in (
            (lsp.TEXT_DOCUMENT_DID_OPEN, self.opened),
            (lsp.TEXT_DOCUMENT_DID_CHANGE, self.changed),
            (lsp.TEXT_DOCUMENT_DID_SAVE, self.saved),
            (lsp.TEXT_DOCUMENT_DID_CLOSE, self.closed),
            (lsp.TEXT_DOCUMENT_HOVER, self.hover),
        ):
            self.server.feature(name)(partial(handler))  # it sets attributes, which methods do not take
        options = lsp.CodeActionOptions(code_action_kinds=KINDS)
        self.server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)(partial(self.actions))

    def opened(self, params: lsp.DidOpenTextDocumentParams) -> None:
        forget()
        self._check(params.text_document.uri)

    async def changed(self, params: lsp.DidChangeTextDocumentParams) -> None:
        """Check when no key was pressed for a while."""
        uri, version = params.text_document.uri, params.text_document.version
        await asyncio.sleep(PAUSE)
        if self._document(uri).version == version:
            self._check(uri)

    def saved(self, params: lsp.DidSaveTextDocumentParams) -> None:
        """Check, and all other files too where it is the configuration."""
        forget()
        uri = params.text_document.uri
        is_configuration = uri.rpartition("/")[2] in FILES
        for one in list(self.known) if is_configuration else [uri]:
            self._check(one)

    def closed(self, params: lsp.DidCloseTextDocumentParams) -> None:
        self.known.pop(params.text_document.uri, None)
        self._publish(params.text_document.uri, [])

    def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        """The pages of the rules that found something at a place."""
        uri = params.text_document.uri
        checked = self._current(uri)
        if checked is None:
            return None
        document = self._document(uri)
        at = document.position_codec.position_from_client_units(document.lines, params.position)
        found = list(checked.around(at.line, at.character))
        pages = [text for code in dict.fromkeys(one.code for one in found) if (text := page_of(code))]
        if not pages:
            return None
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n---\n\n".join(pages))
        return lsp.Hover(content, self._range(uri, checked.place(found[0])))

    def actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """Quick fixes on the lines, and all safe ones at once where they are asked for."""
        uri = params.text_document.uri
        checked = self._current(uri)
        if checked is None:
            return []
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        found: list[lsp.CodeAction] = []
        if not only or _is_wanted(lsp.CodeActionKind.QuickFix.value, only):
            lines = (params.range.start.line, params.range.end.line)
            found += [self._action(uri, checked, action) for action in checked.actions(*lines)]
        if _is_wanted(FIX_ALL, only) and (action := checked.all_mended()) is not None:
            found.append(self._action(uri, checked, action))
        return found

    def _action(self, uri: str, checked: Checked, action: Action) -> lsp.CodeAction:
        edit = edit_between(checked.text, action.new)
        place = Place(*_line_and_column(checked.text, edit.start), *_line_and_column(checked.text, edit.end))
        about = [] if action.about is None else [self._diagnostic(uri, checked, action.about)]
        return lsp.CodeAction(
            action.title,
            kind=lsp.CodeActionKind.QuickFix if about else FIX_ALL,
            diagnostics=about or None,
            is_preferred=action.is_preferred or None,
            edit=lsp.WorkspaceEdit(changes={uri: [lsp.TextEdit(self._range(uri, place), edit.text)]}),
        )

    def _check(self, uri: str) -> None:
        path = _path(uri)
        if path is None:
            return
        checked = Checked.of(path, self._document(uri).source)
        self.known[uri] = checked
        if checked.complaint:
            message = lsp.ShowMessageParams(lsp.MessageType.Error, f"dagmig: {checked.complaint}")
            self.server.window_show_message(message)
        self._publish(uri, [self._diagnostic(uri, checked, one) for one in checked.found])

    def _current(self, uri: str) -> Checked | None:
        """The findings in the text as it is now, which an editor may ask for before the pause is over."""
        checked = self.known.get(uri)
        if checked is None:
            return None
        source = self._document(uri).source.replace("\r\n", "\n").replace("\r", "\n")
        return checked if checked.text == source else Checked.of(checked.file, source)

    def _publish(self, uri: str, found: list[lsp.Diagnostic]) -> None:
        self.server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found))

    def _diagnostic(self, uri: str, checked: Checked, one: Diagnostic) -> lsp.Diagnostic:
        url = next((rule.url for rule in rules() if rule.id == one.code), "")
        return lsp.Diagnostic(
            self._range(uri, checked.place(one)),
            one.message,
            SEVERITIES[one.severity],
            one.code,
            lsp.CodeDescription(url) if url else None,
            "dagmig",
        )

    def _range(self, uri: str, place: Place) -> lsp.Range:
        """In the units of the editor, which counts UTF-16 unless it says otherwise."""
        document = self._document(uri)
        start, end = lsp.Position(place.line, place.column), lsp.Position(place.end_line, place.end_column)
        codec, lines = document.position_codec, document.lines
        found: lsp.Range = codec.range_to_client_units(lines, lsp.Range(start, end))
        return found

    def _document(self, uri: str) -> Any:
        return self.server.workspace.get_text_document(uri)


def _is_wanted(kind: str, only: list[str]) -> bool:
    return any(kind == one or kind.startswith(f"{one}.") for one in only)


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1


def _path(uri: str) -> str | None:
    """The path of a file that is checked; None of another."""
    parts = urlsplit(uri)
    path = url2pathname(parts.path)
    is_looked_at = parts.scheme == "file" and is_known(Path(path).name)
    return str(Path(path)) if is_looked_at else None
