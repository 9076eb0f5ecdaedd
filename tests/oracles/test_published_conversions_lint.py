"""What a conversion of a published file makes has no finding that the file had not."""

from __future__ import annotations

import hashlib

from tests import conversions_lint
from tests.oracles import corpus
from tests.oracles.corpora import corpora

MISSING = {
    "example_comprehend_document_classifier.py": "the reader says that dependencies are missing",
}  # files whose machines have findings of their own, with the reason


def test_machines_of_published_dags() -> None:
    files = {hashlib.sha256(file.read_bytes()).digest(): file for one in corpora() for file in one.files}
    found = {file.name: list(conversions_lint.of_machines(file)) for file in files.values()}
    assert {name: lines for name, lines in found.items() if lines and name not in MISSING} == {}
    assert len(files) > 1000


def test_dags_of_published_machines() -> None:
    """Of the fixtures' where no published ones are at hand, as everywhere they are asked for."""
    files = corpus.machines()
    assert [line for file in files for line in conversions_lint.of_dag(file)] == []
    assert len(files) > (500 if corpus.machines_folder() else 50)
