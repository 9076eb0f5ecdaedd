"""The law of fixes over all published machines, as they are, as YAML and inside of templates."""

from __future__ import annotations

import json

from tests.mending import complaints, forms
from tests.oracles import corpus


def test_law_holds_for_published_machines() -> None:
    said = [
        (path.name, one)
        for path in corpus.machines()
        for one in complaints(path.read_text(encoding="utf-8"), path.name)
    ]
    assert said == []


def test_law_holds_for_published_machines_in_other_files() -> None:
    said = []
    for path in corpus.machines()[::4]:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        said += [(path.name, file, one) for file, text in forms(document) for one in complaints(text, file)]
    assert said == []
