"""What holds for one file: the options of the run over the configuration nearest to the file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from dagmig.diagnostics import Diagnostic
from dagmig.lint import Options
from dagmig.lint.config import Config, nearest
from dagmig.lint.globs import names_file
from dagmig.lint.plan import OF_RUFF, Described, Plan, is_named
from dagmig.lint.source import CAPITALISED

Ignores = tuple[tuple[Path, str, tuple[str, ...]], ...]  # where the pattern starts, the pattern, names


@dataclass(frozen=True)
class Settings:
    """What holds for the files of one folder."""

    plan: Plan
    ignores: Ignores = ()
    project_root: str | None = None
    baseline: Path | None = None
    with_ruff: bool = False
    state_names: str = CAPITALISED
    user_rules: str = ""  # a fingerprint of the files of `rule-dirs`
    registry: str = ""  # the folder where what is known of the rules is kept

    @cached_property
    def key(self) -> str:
        """What of it a result depends on."""
        return f"{self.plan}{self.project_root}{self.state_names}{self.user_rules}"


@dataclass
class Settled:
    """The settings of each folder of a run; raises ``ConfigError`` where a file is read that is wrong."""

    options: Options
    registry: str = ""
    known: dict[str, Settings] = field(default_factory=dict)

    def of(self, path: str) -> Settings:
        folder = os.path.dirname(path)  # noqa: PTH120 - asked for each finding
        found = self.known.get(folder)
        if found is None:
            config = nearest(Path(folder).absolute()) if self.options.use_config else None
            found = replace(settings(self.options, config), registry=self.registry)
            self.known[folder] = found
        return found

    def allows(self, diagnostic: Diagnostic) -> bool:
        """Whether no pattern of files takes the finding's rule out for the file; one that is none stays."""
        file = diagnostic.span.file
        settings = self.of(file) if file else None
        names = _ignored(file, settings.ignores) if settings and settings.ignores else set()
        if settings is None or not names:
            return True
        rule = _rule(diagnostic.code, settings.plan.rule_dirs)
        return rule is None or not is_named(rule, names)


def settings(options: Options, config: Config | None) -> Settings:
    base = Config(Path.cwd()) if config is None else config
    plan = base.plan
    if options.presets or options.select:
        presets = tuple(options.presets) or Plan().presets
        plan = Plan(presets, tuple(options.select), (), (), plan.target_airflow, plan.rule_dirs)
    plan = replace(
        plan,
        extend_select=(*plan.extend_select, *options.extend_select),
        ignore=(*plan.ignore, *options.ignore),
        target_airflow=options.target_airflow or plan.target_airflow,
        rule_dirs=tuple(dict.fromkeys((*plan.rule_dirs, *options.rule_dirs))),
    )
    own = ((Path.cwd(), glob, names) for glob, names in options.per_file_ignores)
    ignores = (*((base.folder, glob, names) for glob, names in base.per_file_ignores), *own)
    root = options.project_root if options.project_root is not None else base.project_root
    baseline = (options.baseline or base.baseline) if options.use_baseline else None
    asked = (*plan.select, *plan.extend_select)
    with_ruff = options.with_ruff or base.with_ruff or any(map(OF_RUFF.fullmatch, asked))
    return Settings(plan, ignores, root, baseline, with_ruff, base.state_names, _fingerprint(plan.rule_dirs))


def _fingerprint(folders: tuple[str, ...]) -> str:
    if not folders:
        return ""
    from dagmig.lint.user_rules import rule_files

    digest = hashlib.sha256()
    for path in rule_files(folders):
        digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _ignored(file: str, ignores: Ignores) -> set[str]:
    """The names that are not wanted in a file."""
    path = Path(file).absolute()
    return {
        name
        for folder, glob, names in ignores
        if path.is_relative_to(folder) and names_file(glob, path.relative_to(folder).as_posix())
        for name in names
    }


def _rule(code: str, rule_dirs: tuple[str, ...]) -> Described | None:
    """What is known of the rule that a finding is of; None where it is of none."""
    if OF_RUFF.fullmatch(code):
        from dagmig.lint.ruff import RuffRule

        return RuffRule(code)
    from dagmig.lint.check import rules

    return next((rule for rule in rules(rule_dirs) if rule.id == code), None)
