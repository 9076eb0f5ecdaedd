"""Every file of a run: from the cache, in this process, or in several; the order is always the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dagmig.airflow.read.project import looked_at_once
from dagmig.diagnostics import Diagnostic, Report, Severity, Span
from dagmig.lint import Options, Tracked, untracked
from dagmig.lint.cache import Cache
from dagmig.lint.check import Result, check, kind_of
from dagmig.lint.files import Target, targets
from dagmig.lint.globs import Patterns
from dagmig.lint.processes import Crew
from dagmig.lint.registry import Registry
from dagmig.lint.settings import Settings, Settled
from dagmig.lint.source import Source
from dagmig.lint.suppress import Marks
from dagmig.source import read_text

if TYPE_CHECKING:
    from dagmig.lint.role import Role

MANY = 40  # files: fewer are done before a second process has started
MOST = 8  # processes


class Job(NamedTuple):
    """One file that has to be checked."""

    target: Target
    text: str
    settings: Settings
    kind: str
    role: Role | None


@dataclass
class Found:
    """What a run found; ``texts`` are the contents of the files it found something to mend in."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


def run(
    paths: Iterable[str | os.PathLike[str]],
    options: Options,
    report: Report,
    notes: Report,
    tracked: Tracked = untracked,
) -> Found:
    """The findings of the chosen rules; what concerns no file in particular is said in ``report``."""
    role = _role(options, report)
    cache = Cache.open(options)
    settled = Settled(options, str(cache.folder or ""))
    files = files_of(paths, options, report)
    found = Found()
    with looked_at_once():
        results = list(_results(files, role, settled, cache, report, tracked, found.texts))
    if not results and not report.diagnostics:
        where = files[0].path if len(files) == 1 else f"any of {len(files)} files"
        notes.add(
            "nothing-to-check",
            f"no DAG and no state machine in {where}",
            Span(""),
            Severity.INFO,
        )
    found.diagnostics = [diagnostic for result in results for diagnostic in result.found]
    found.diagnostics += _over_run(results, settled)
    found.diagnostics += _of_ruff(found.diagnostics, files, settled, notes)
    left = _once([diagnostic for diagnostic in found.diagnostics if settled.allows(diagnostic)])
    found.diagnostics = list(_beyond_baseline(left, settled, notes))
    return found


def _role(options: Options, report: Report) -> Role | None:
    if options.role is None:
        return None
    from dagmig.lint.role import read_role

    return read_role(options.role, report)


def _once(found: list[Diagnostic]) -> list[Diagnostic]:
    """In reading order, a finding of a file that a template names too only once: the one with a fix."""
    best: dict[tuple[str, str, Span], Diagnostic] = {}
    for one in Report(found):
        key = (one.code, one.message, one.span)
        if key not in best or best[key].fix is None:
            best[key] = one
    return list(best.values())


def files_of(paths: Iterable[str | os.PathLike[str]], options: Options, report: Report) -> list[Target]:
    """The files on disk, and those whose text is given."""
    given = [path for path in paths if str(path) in options.texts]
    on_disk = [path for path in paths if str(path) not in options.texts]

    def excluded(folder: Path) -> Patterns | None:
        from dagmig.lint.config import nearest

        config = nearest(folder) if options.use_config else None
        return Patterns.of(f"{config.folder}/", config.exclude) if config and config.exclude else None

    return [*(Target(str(path), True) for path in given), *targets(on_disk, report, excluded)]


def _results(
    files: list[Target],
    role: Role | None,
    settled: Settled,
    cache: Cache,
    report: Report,
    tracked: Tracked,
    texts: dict[str, str],
) -> Iterator[Result]:
    """The results in the order of the files."""
    done: dict[int, Result] = {}
    waiting: list[tuple[int, Job]] = []
    crew = Crew(_check_one, _processes(files, role, settled.options), _begin)
    for number, target in enumerate(files):
        text = settled.options.texts.get(target.path)
        text = read_text(target.path, report) if text is None else text
        kind = None if text is None else kind_of(target, text)
        if text is None or kind is None:
            continue
        job = Job(target, text, settled.of(target.path), kind, role)
        known = cache.get(target, text, job.settings, kind)
        if known is None:
            waiting.append((number, job))
            crew.put(job)
        else:
            done[number] = _noted(known, job, texts)
    try:
        for place, result in tracked(crew.results(), len(waiting)):
            number, job = waiting[place]
            cache.put(job.target, job.text, result, job.settings, job.kind)
            done[number] = _noted(result, job, texts)
    finally:
        cache.save()
    return (done[number] for number in sorted(done))


def _processes(files: list[Target], role: Role | None, options: Options) -> int:
    is_one = len(files) < MANY or role is not None
    return 1 if is_one else min(options.jobs or os.cpu_count() or 1, MOST)


def _noted(result: Result, job: Job, texts: dict[str, str]) -> Result:
    if any(diagnostic.fix is not None for diagnostic in result.found):
        texts[job.target.path] = job.text
    return result


_until_the_end = ExitStack()


def _begin() -> None:
    """In a process that does nothing else."""
    _until_the_end.enter_context(looked_at_once())


def _check_one(job: Job) -> Result:
    target, text, settings, kind, role = job
    root, names, version = settings.project_root, settings.state_names, settings.plan.target_airflow
    source = Source(text, target.path, kind, role, target.is_explicit, root, names, version)
    return check(source, Registry(settings.registry).chosen(settings.plan, kind))


def _over_run(results: list[Result], settled: Settled) -> Iterator[Diagnostic]:
    """What the rules over all files find, where the file's own settings have the rule."""
    declared = [one for result in results for one in result.declared]
    every = {settled.of(one.span.file).plan: settled.of(one.span.file) for one in declared}
    registries = [Registry(one.registry).over_run(one.plan) for one in every.values()]
    for rule in {rule.id: rule for found in registries for rule in found}.values():
        for found in rule.over_run(declared):
            if not found.span.file or settled.of(found.span.file).plan.has(rule):
                yield found


def _of_ruff(
    found: list[Diagnostic], files: list[Target], settled: Settled, notes: Report
) -> list[Diagnostic]:
    """What ruff finds, as far as each file's settings and comments want it."""
    texts = settled.options.texts
    chosen = [file.path for file in files if file.is_python and settled.of(file.path).with_ruff]
    if not chosen:
        return []
    from dagmig.lint.ruff import RuffRule, besides, findings

    wanted = (
        one
        for one in findings(chosen, notes, texts)
        if settled.of(one.span.file).plan.has(RuffRule(one.code))
    )
    return besides(found, _uncommented(wanted, texts))


def _uncommented(found: Iterable[Diagnostic], texts: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The findings that no comment of their file silences."""
    by_file: dict[str, list[Diagnostic]] = {}
    for one in found:
        by_file.setdefault(one.span.file, []).append(one)
    for file, these in by_file.items():
        text = texts[file] if file in texts else read_text(Path(file), Report())
        yield from these if text is None else Marks(Source(text, file, "dag")).unsuppressed(these)


def _beyond_baseline(found: list[Diagnostic], settled: Settled, notes: Report) -> Iterator[Diagnostic]:
    """The findings that are not in the baseline of their file's settings."""
    by_baseline: dict[Path, list[Diagnostic]] = {}
    for diagnostic in found:
        baseline = settled.of(diagnostic.span.file).baseline
        if baseline is None:
            yield diagnostic
        else:
            by_baseline.setdefault(baseline, []).append(diagnostic)
    for path, these in by_baseline.items():
        from dagmig.lint.baseline import beyond

        yield from beyond(these, path, notes)
