"""All fixes, safe and unsafe, on every published DAG file."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.fix_law import broken
from tests.oracles import corpora

from dagmig.diagnostics import Report
from dagmig.source import read_text


def test_fixes_of_published_dags_keep_the_law(published_dags: Path) -> None:
    files = sorted({file for one in corpora.corpora() for file in one.files})
    assert len(files) > 1000, f"the published DAG files are not in {published_dags}"
    texts = {file: read_text(file, Report()) for file in files}
    readable = {file: text for file, text in texts.items() if text is not None and _parses(text)}
    assert len(readable) > 1000
    assert {str(file): said for file, text in readable.items() if (said := broken(text))} == {}


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
