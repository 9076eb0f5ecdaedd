"""The language server as an editor speaks to it: JSON-RPC over standard input and output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dagmig.cli import main

TEXT = """\
from airflow import DAG

dag = DAG("nightly", doc_md="ä 🌙", schedule_interval="0 25 * * *", catchup=False)
"""
MENDED = TEXT.replace("schedule_interval", "schedule")


class Editor:
    """The other end of the pipe."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "dagmig", "server"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.uri = (folder / "dag.py").as_uri()
        self.version = 0

    def start(self, folder: Path) -> None:
        capabilities = {"general": {"positionEncodings": ["utf-16"]}}
        folder_uri = folder.as_uri()
        found = self.ask("initialize", processId=os.getpid(), rootUri=folder_uri, capabilities=capabilities)
        self.capabilities = found["capabilities"]
        self.tell("initialized")

    def tell(self, method: str, **params: Any) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        self._write({"jsonrpc": "2.0", "id": method, "method": method, "params": params})
        while (message := self.read()).get("id") != method:
            pass
        assert "error" not in message, message
        return message["result"]

    def open(self, text: str, uri: str | None = None) -> list[dict[str, Any]]:
        uri = uri or self.uri
        document = {"uri": uri, "languageId": "python", "version": self.version, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return self.published(uri)

    def type(self, text: str) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])

    def published(self, uri: str | None = None) -> list[dict[str, Any]]:
        while True:
            message = self.read()
            if message.get("method") == "textDocument/publishDiagnostics":
                assert message["params"]["uri"] == (uri or self.uri)
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def actions(self, line: int, **context: Any) -> list[dict[str, Any]]:
        place = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}
        found: list[dict[str, Any]] = self.ask(
            "textDocument/codeAction",
            textDocument={"uri": self.uri},
            range=place,
            context={"diagnostics": [], **context},
        )
        return found

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        found: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return found

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    started = Editor(tmp_path)
    try:
        started.start(tmp_path)
        yield started
    finally:
        started.process.kill()
        started.process.communicate()


def applied(text: str, action: dict[str, Any], uri: str) -> str:
    """The text after an action's edits, whose columns count UTF-16 units."""
    for edit in reversed(action["edit"]["changes"][uri]):
        ends = []
        for place in (edit["range"]["start"], edit["range"]["end"]):
            lines = text.split("\n")
            before = lines[place["line"]].encode("utf-16-le")[: 2 * place["character"]].decode("utf-16-le")
            ends.append(sum(len(line) + 1 for line in lines[: place["line"]]) + len(before))
        text = text[: ends[0]] + edit["newText"] + text[ends[1] :]
    return text


def test_findings_come_as_one_types(editor: Editor) -> None:
    found = {one["code"]: one for one in editor.open(TEXT)}
    assert set(found) == {"schedule-interval", "invalid-cron"}
    one = found["schedule-interval"]
    assert (one["severity"], one["source"]) == (1, "dagmig")
    assert one["codeDescription"]["href"].startswith("https://")
    start = TEXT.split("\n")[2].encode("utf-16-le").index("schedule_interval".encode("utf-16-le")) // 2
    assert one["range"] == {
        "start": {"line": 2, "character": start},
        "end": {"line": 2, "character": start + len("schedule_interval")},
    }
    for text in (TEXT[:-5], TEXT[:-3], MENDED):
        editor.type(text)
    assert {one["code"] for one in editor.published()} == {"invalid-cron"}


def test_quick_fixes(editor: Editor) -> None:
    editor.open(TEXT)
    by_title = {action["title"]: action for action in editor.actions(2)}
    mend = by_title["dagmig: mend schedule-interval"]
    assert (mend["kind"], mend["isPreferred"]) == ("quickfix", True)
    assert [one["code"] for one in mend["diagnostics"]] == ["schedule-interval"]
    assert applied(TEXT, mend, editor.uri) == MENDED
    silence = applied(TEXT, by_title["dagmig: silence invalid-cron here"], editor.uri)
    assert silence == TEXT.replace("False)\n", "False)  # dagmig: ignore[invalid-cron]\n")
    assert editor.actions(0) == []
    (everything,) = editor.actions(0, only=["source.fixAll"])
    assert applied(TEXT, everything, editor.uri) == MENDED


def test_hover_shows_the_page(editor: Editor) -> None:
    (start,) = [one["range"]["start"] for one in editor.open(TEXT) if one["code"] == "invalid-cron"]
    document = {"uri": editor.uri}
    shown = editor.ask("textDocument/hover", textDocument=document, position=start)
    assert shown["contents"]["kind"] == "markdown"
    assert shown["contents"]["value"] == CliRunner().invoke(main, ["explain", "invalid-cron"]).stdout.rstrip(
        "\n"
    )
    nowhere = {"line": 0, "character": 0}
    assert editor.ask("textDocument/hover", textDocument=document, position=nowhere) is None


def test_configuration_counts_and_is_read_again_when_saved(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "dagmig.toml").write_text('select = ["upgrade"]\n')
    assert [one["code"] for one in editor.open(TEXT)] == ["schedule-interval"]
    (tmp_path / "dagmig.toml").write_text('select = ["x"]\n')
    editor.tell("textDocument/didSave", textDocument={"uri": (tmp_path / "dagmig.toml").as_uri()})
    said = editor.read()
    assert said["method"] == "window/showMessage"
    assert "dagmig.toml:1:12: there is no rule or category 'x'" in said["params"]["message"]
    assert editor.published() == []


def test_other_files_and_closed_ones_have_no_findings(editor: Editor, tmp_path: Path) -> None:
    editor.tell(
        "textDocument/didOpen",
        textDocument={"uri": (tmp_path / "a.txt").as_uri(), "languageId": "text", "version": 0, "text": "a"},
    )
    machine = '{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": []}}}'
    codes = [one["code"] for one in editor.open(machine, (tmp_path / "a.asl.json").as_uri())]
    assert "choice-no-default" in codes
    editor.tell("textDocument/didClose", textDocument={"uri": (tmp_path / "a.asl.json").as_uri()})
    assert editor.published((tmp_path / "a.asl.json").as_uri()) == []


def test_it_ends_when_it_is_asked_to(editor: Editor) -> None:
    editor.open("x = (\n")
    assert editor.ask("shutdown") is None
    editor.tell("exit")
    assert editor.process.wait(timeout=20) == 0


def test_without_pygls_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dagmig.cli.lsp.serve", raising=False)
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    result = CliRunner().invoke(main, ["server"])
    assert (result.exit_code, "pip install 'dagmig[server]'" in result.stderr) == (1, True)
