"""DAG source -> graph, by static evaluation: the file is parsed once, never imported and never run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from dagmig.airflow.read.candidates import has_no_dag, may_define_dag
from dagmig.diagnostics import Report, Severity, Span
from dagmig.graph.model import Workflow


def read(
    text: str, file: str, report: Report, *, bodies: bool = False, project_root: str | None = None
) -> tuple[Workflow, ...]:
    """The DAGs of a file, as Airflow would build them; what cannot be known is said in ``report``.

    Modules of the same project are read too, never a file outside ``project_root`` (found where it is None,
    see ``project``). With ``bodies`` the functions carry the source they need elsewhere
    (``Function.source``).
    """
    if not may_define_dag(text):
        if text.strip():
            _check_syntax(text, file, report)
        return ()
    from dagmig.airflow.read.calls import Calls
    from dagmig.airflow.read.gate import Refusal, examined
    from dagmig.airflow.read.module import read_module

    with _collector_paused():
        why = examined(text)
        if not isinstance(why, Refusal):
            if has_no_dag(text, file, project_root):
                return ()
            calls = Calls(text, why, file)
            try:
                return read_module(text, file, report, calls, bodies=bodies, project_root=project_root)
            except RecursionError:  # hundreds of adjacent strings, an object that holds itself
                why = Refusal("nested too deeply")
    span = Span(file, why.line, why.column)
    report.add("unparsable-file", f"cannot be read: {why.message}", span, Severity.ERROR)
    return ()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A tree is a hundred thousand objects without a circle: to look for some again and again while it is
    made and read takes a tenth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check_syntax(text: str, file: str, report: Report) -> None:
    if "\0" in text:
        report.add("unparsable-file", "cannot be read: it holds a NUL character", Span(file), Severity.ERROR)
