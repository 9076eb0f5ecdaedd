"""Reading any file ends in text or in one diagnostic; writing leaves the old file or the new one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dagmig.diagnostics import Report
from dagmig.source import MAX_BYTES, decode, read_text, write_text


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.json", b'{"a": 1}', '{"a": 1}'),
        ("a.json", b"\xef\xbb\xbf{}", "{}"),
        ("a.py", b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (
            "a.py",
            "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
            "# -*- coding: latin-1 -*-\nx = 'é'\n",
        ),
        ("a.py", b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
        ("a.py", b"", ""),
    ],
)
def test_text_is_read(name: str, data: bytes, text: str) -> None:
    report = Report()
    assert decode(data, name, report) == text
    assert list(report) == []


@pytest.mark.parametrize(
    ("name", "data", "line", "column"),
    [
        ("a.json", b'{"a":\n "\xff"}', 2, 3),
        ("a.json", "é\n".encode() + b"\xc3\xa9\xff", 2, 2),
        ("a.yaml", b"\xff\xfe\x00", 1, 1),
        ("a.py", b"x = 1\n\ny = '\xff'\n", 3, 6),
        ("a.py", b"# coding: no-such-thing\n", 1, 1),
    ],
)
def test_what_is_no_text_is_said_with_its_place(name: str, data: bytes, line: int, column: int) -> None:
    report = Report()
    assert decode(data, name, report) is None
    (diagnostic,) = report
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == (
        "unparsable-file",
        line,
        column,
    )


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", ".", "loop", "pipe", "nul\0"):
        report = Report()
        assert read_text(tmp_path / name, report) is None
        assert [diagnostic.code for diagnostic in report] == ["unparsable-file"]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.py").open("wb") as handle:
        handle.truncate(MAX_BYTES + 1)
    report = Report()
    assert read_text(tmp_path / "big.py", report) is None
    assert [diagnostic.code for diagnostic in report] == ["file-too-large"]


def test_writing_replaces_the_whole_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    write_text(path, "one\n")
    path.chmod(0o640)
    write_text(path, "two\n")
    assert path.read_text() == "two\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [found.name for found in path.parent.iterdir()] == ["a.json"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_text(path, "old\n")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800\n")
    assert path.read_text() == "old\n"
    assert [found.name for found in tmp_path.iterdir()] == ["a.json"]
