"""Reading a file that may be anything, and writing one whole or not at all."""

from __future__ import annotations

import codecs
import errno
import io
import os
import tempfile
import tokenize
from pathlib import Path

from dagmig.diagnostics import Report, Severity, Span

MAX_BYTES = 10 * 1024 * 1024  # AWS's limit for a machine is 1 MiB; no DAG file comes near
UNREADABLE_CODES = frozenset({"unparsable-file", "file-too-large"})  # of a file that yields nothing at all


def read_text(path: str | os.PathLike[str], report: Report) -> str | None:
    """The text of a file, its line ends made LF; None and a diagnostic where it cannot be had.

    Python's own rule for the encoding of a source file (PEP 263) holds for ``.py``, UTF-8 for the rest.
    """
    file = os.fspath(path)  # no Path: thousands of files are read in a run
    span = Span(file)
    try:
        if not os.path.isfile(file):  # noqa: PTH113
            _unreadable(report, missing(Path(file)), span)
            return None
        with open(file, "rb") as opened:  # noqa: PTH123
            if (size := os.fstat(opened.fileno()).st_size) > MAX_BYTES:
                message = f"{size / 1e6:.0f} MB is more than any DAG file or state machine"
                _unreadable(report, message, span, "file-too-large")
                return None
            data = opened.read()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        _unreadable(report, getattr(error, "strerror", None) or str(error), span)
        return None
    return decode(data, file, report)


def missing(path: Path) -> str:
    """Why a path is no file that can be read, in words."""
    try:
        path.stat()
    except OSError as error:
        is_loop = error.errno == errno.ELOOP
        return "too many levels of symbolic links" if is_loop else "no such file"
    return "not a regular file"


def _encoding(data: bytes) -> str:
    """That of a Python file; raises ``SyntaxError`` and ``LookupError``."""
    second = data.find(b"\n", data.find(b"\n") + 1)
    if b"coding" not in data[: second if second >= 0 else None] and not data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def decode(data: bytes, file: str, report: Report) -> str | None:
    """Bytes -> text; None and a diagnostic ``unparsable-file`` with the place where they are no text."""
    encoding = "utf-8-sig"
    try:
        if file.endswith(".py"):
            encoding = _encoding(data)
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        start = before.rfind(b"\n") + 1
        column = len(before[start:].removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")) + 1
        span = Span(file, before.count(b"\n") + 1, column)
        _unreadable(report, f"not {encoding.removesuffix('-sig')} text", span)
        return None
    except (SyntaxError, LookupError, UnicodeError) as error:
        _unreadable(report, str(error), Span(file))
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old content or the new, never half; raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unreadable(report: Report, message: str, span: Span, code: str = "unparsable-file") -> None:
    report.add(code, f"cannot be read: {message}", span, Severity.ERROR)
