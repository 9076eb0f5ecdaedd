"""Every file of a run: from the cache, in this process, or in several; the order is always the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from dagmig.diagnostics import Diagnostic, Report, Severity, Span
from dagmig.lint import Options, Tracked, untracked
from dagmig.lint.cache import Cache
from dagmig.lint.check import Result, check, may_concern
from dagmig.lint.files import Target, targets
from dagmig.lint.role import Role, read_role
from dagmig.lint.source import Source
from dagmig.source import read_text

MANY = 40  # files: fewer are done before a second process has started
CHUNK = 8


def run(
    paths: Iterable[str | os.PathLike[str]],
    options: Options,
    report: Report,
    notes: Report | None = None,
    tracked: Tracked = untracked,
) -> list[Diagnostic]:
    """The findings of the chosen rules; what concerns no file in particular is said in ``report``."""
    role = None if options.role is None else read_role(options.role, report)
    files = targets(paths, report)
    results = list(_results(files, role, options, report, tracked))
    if notes is not None and not results and not report.diagnostics:
        where = files[0].path if len(files) == 1 else f"any of {len(files)} files"
        notes.add("nothing-to-check", f"no DAG and no state machine in {where}", Span(""), Severity.INFO)
    found = [diagnostic for result in results for diagnostic in result.found]
    found += _over_run(results)
    return [diagnostic for diagnostic in found if _is_chosen(diagnostic, options)]


def _results(
    files: list[Target], role: Role | None, options: Options, report: Report, tracked: Tracked
) -> Iterator[Result]:
    """The results in the order of the files."""
    cache = Cache.open(options)
    done: dict[int, Result] = {}
    waiting: list[tuple[int, Target, str]] = []
    for number, target in enumerate(files):
        text = read_text(Path(target.path), report)
        if text is None or not may_concern(target, text):
            continue
        known = cache.get(target, text)
        if known is None:
            waiting.append((number, target, text))
        else:
            done[number] = known
    checked = tracked(_checked(waiting, role, options), len(waiting))
    for (number, target, text), result in zip(waiting, checked, strict=True):
        cache.put(target, text, result)
        done[number] = result
    return (done[number] for number in sorted(done))


def _checked(waiting: list[tuple[int, Target, str]], role: Role | None, options: Options) -> Iterator[Result]:
    jobs = options.jobs or os.cpu_count() or 1
    sources = [(text, target) for _, target, text in waiting]
    if len(waiting) < MANY or jobs == 1 or role is not None:
        return map(partial(_check_one, role=role, project_root=options.project_root), sources)
    return _in_processes(sources, jobs, options.project_root)


def _in_processes(sources: list[tuple[str, Target]], jobs: int, project_root: str | None) -> Iterator[Result]:
    from concurrent.futures import ProcessPoolExecutor

    check_one = partial(_check_one, project_root=project_root)
    try:
        pool = ProcessPoolExecutor(min(jobs, 8))
    except (OSError, ImportError):  # no semaphores here, as in AWS Lambda
        yield from map(check_one, sources)
        return
    with pool:
        yield from pool.map(check_one, sources, chunksize=CHUNK)


def _check_one(
    source: tuple[str, Target], role: Role | None = None, project_root: str | None = None
) -> Result:
    text, target = source
    return check(Source(text, target.path, target.kind, role, target.is_explicit, project_root=project_root))


def _over_run(results: list[Result]) -> Iterator[Diagnostic]:
    declared = [one for result in results for one in result.declared]
    if len(declared) < 2:
        return
    from dagmig.lint.check import rules

    for rule in rules():
        yield from rule.over_run(declared)


def _is_chosen(diagnostic: Diagnostic, options: Options) -> bool:
    if not options.select and not options.ignore:
        return True
    from dagmig.lint.check import rules

    category = next((rule.category for rule in rules() if rule.id == diagnostic.code), None)
    if category is None:  # an unreadable file or a crash is never chosen away
        return True
    names = {diagnostic.code, category.value}
    return (not options.select or bool(names & set(options.select))) and not names & set(options.ignore)
