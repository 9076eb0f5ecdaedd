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


def read_text(path: Path, report: Report) -> str | None:
    """The text of a file, its line ends made LF; None and a diagnostic where it cannot be had.

    Python's own rule for the encoding of a source file (PEP 263) holds for ``.py``, UTF-8 for the rest.
    """
    span = Span(str(path))
    try:
        if not path.is_file():
            _unreadable(report, missing(path), span)
            return None
        if (size := path.stat().st_size) > MAX_BYTES:
            message = f"{size / 1e6:.0f} MB is more than any DAG file or state machine"
            _unreadable(report, message, span, "file-too-large")
            return None
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        _unreadable(report, getattr(error, "strerror", None) or str(error), span)
        return None
    return decode(data, str(path), report)


def missing(path: Path) -> str:
    """Why a path is no file that can be read, in words."""
    try:
        path.stat()
    except OSError as error:
        is_loop = error.errno == errno.ELOOP
        return "too many levels of symbolic links" if is_loop else "no such file"
    return "not a regular file"


def decode(data: bytes, file: str, report: Report) -> str | None:
    """Bytes -> text; None and a diagnostic ``unparsable-file`` with the place where they are no text."""
    encoding = "utf-8-sig"
    try:
        if file.endswith(".py"):
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
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
