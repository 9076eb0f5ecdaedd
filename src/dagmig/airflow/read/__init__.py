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
    from dagmig.airflow.read.module import read_module
    from dagmig.airflow.read.tree import Refusal, parsed

    with _collector_paused():
        tree = parsed(text)
        if not isinstance(tree, Refusal):
            if has_no_dag(text, file, project_root):
                return ()
            try:
                return read_module(tree, file, report, bodies=bodies, project_root=project_root)
            except RecursionError:  # an object that holds itself
                tree = Refusal("nested too deeply")
    span = Span(file, tree.line, tree.column)
    report.add("unparsable-file", f"cannot be read: {tree.message}", span, Severity.ERROR)
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
