"""The first test of a generated function, for a person to go on from."""

from __future__ import annotations

import pprint
from typing import Any

TEST = '''"""A first test of the task {task}: say what it has to answer, then it runs.

    python -m pytest --import-mode=importlib test_handler.py

What stands in braces with percent signs is what the machine computes: put an example in its place.
"""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EVENT = {event}
ANSWER = ...  # what the function answers to the event


def load(monkeypatch):
    """The handler, whose folder comes first where it looks for modules, as in Lambda."""
    monkeypatch.setattr(sys, "path", [str(HERE), *sys.path])
    spec = importlib.util.spec_from_file_location("handler", HERE / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_event_is_json():
    assert json.loads(json.dumps(EVENT)) == EVENT


@pytest.mark.skipif(ANSWER is ..., reason="say what the task answers, in ANSWER")
def test_the_task_answers(monkeypatch):
    assert load(monkeypatch).{entry}(EVENT, None) == ANSWER
'''


def test_of_handler(task: str, entry: str, event: Any) -> str:
    """The text of ``test_handler.py``; ``event`` is what the machine sends."""
    shown = pprint.pformat(event, width=100, sort_dicts=False)
    return TEST.format(task=task.replace("\\", ""), entry=entry, event=shown)
