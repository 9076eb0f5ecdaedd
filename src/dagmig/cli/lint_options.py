"""What the commands that lint have in common: which rules, on which terms."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dagmig.cli.project import project_root
from dagmig.lint import Options

REPORTS = {
    "text": "findings:text",
    "concise": "findings:concise",
    "json": "reports:as_json",
    "jsonl": "reports:jsonl",
    "github": "reports:github",
    "gitlab": "reports:gitlab",
    "sarif": "sarif:sarif",
    "junit": "reports:junit",
}
PRESET_NAMES = ("recommended", "strict", "security", "airflow3", "migration")
OPTIONS = (
    click.option(
        "--preset", metavar="NAMES", default="", help=f"Start from these rules: {', '.join(PRESET_NAMES)}."
    ),
    click.option("--select", metavar="NAMES", default="", help="Only these rules or categories (a,b,c)."),
    click.option("--extend-select", metavar="NAMES", default="", help="These rules or categories as well."),
    click.option("--ignore", metavar="NAMES", default="", help="Not these rules or categories."),
    click.option(
        "--per-file-ignores",
        metavar="GLOB:NAMES",
        multiple=True,
        help="Not these rules or categories in files of a pattern.",
    ),
    click.option("--target-airflow", metavar="VERSION", default="", help="The Airflow that the DAGs run on."),
    click.option(
        "--rule-dir",
        type=click.Path(exists=True, file_okay=False),
        multiple=True,
        help="A folder of your own ast-grep rules.",
    ),
    click.option(
        "--role",
        type=click.Path(path_type=Path),
        help="An IAM policy document: what the machines' role allows.",
    ),
    click.option(
        "--baseline", type=click.Path(path_type=Path), help="Findings that are known and not printed."
    ),
    click.option("--with-ruff", is_flag=True, help="Run an installed ruff, too, with its rules for Airflow."),
    project_root,
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
    click.option("--jobs", "-j", type=click.IntRange(1), help="How many processes (default: one a core)."),
    click.option("--no-cache", is_flag=True, help="Neither read nor keep results of earlier runs."),
)


def with_lint_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``OPTIONS``, which come to it as one argument ``options``."""

    @functools.wraps(function)
    def called(**given: Any) -> None:
        from dagmig.lint.config import ConfigError

        try:
            own = {name: given.pop(name) for name in NAMES}
            function(options=_options(**own), **given)
        except ConfigError as error:
            raise click.UsageError(str(error)) from error

    for option in reversed(OPTIONS):
        called = option(called)
    return called


NAMES = (
    *("preset", "select", "extend_select", "ignore", "per_file_ignores", "target_airflow", "rule_dir"),
    *("role", "baseline", "with_ruff", "project_root", "isolated", "jobs", "no_cache"),
)


def names_of(place: str) -> Callable[..., None]:
    """The function that prints a report, imported when it is needed."""
    module, _, name = place.partition(":")
    found: Callable[..., None] = getattr(importlib.import_module(f"dagmig.cli.render.{module}"), name)
    return found


def _options(**given: Any) -> Options:
    rule_dirs = tuple(str(Path(name).absolute()) for name in given["rule_dir"])
    known = _rule_dirs(rule_dirs, given["isolated"])

    def names(option: str) -> tuple[str, ...]:
        return _names(given[option], f"--{option.replace('_', '-')}", known)

    if not re.fullmatch(r"(\d+(\.\d+)*)?", given["target_airflow"]):
        raise click.BadParameter("a version is numbers with dots, such as 3.0", param_hint="--target-airflow")
    return Options(
        presets=_presets(given["preset"]),
        select=names("select"),
        extend_select=names("extend_select"),
        ignore=names("ignore"),
        per_file_ignores=tuple(_per_file(text, known) for text in given["per_file_ignores"]),
        target_airflow=given["target_airflow"],
        rule_dirs=rule_dirs,
        role=given["role"],
        baseline=given["baseline"],
        with_ruff=given["with_ruff"],
        project_root=given["project_root"],
        use_config=not given["isolated"],
        use_cache=not given["no_cache"],
        jobs=given["jobs"],
    )


def _rule_dirs(given: tuple[str, ...], isolated: bool) -> tuple[str, ...]:
    """Whose names may be used: those of the options and of the configuration where dagmig runs."""
    from dagmig.lint.config import nearest

    config = None if isolated else nearest(Path.cwd())
    return tuple(dict.fromkeys((*(config.plan.rule_dirs if config else ()), *given)))


def _presets(text: str) -> tuple[str, ...]:
    names = _split(text)
    for name in names:
        if name not in PRESET_NAMES:
            raise click.BadParameter(f"{name!r} is none of {', '.join(PRESET_NAMES)}", param_hint="--preset")
    return names


def _per_file(text: str, rule_dirs: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    glob, colon, names = text.rpartition(":")
    if not colon or not glob:
        raise click.BadParameter(f"{text!r} is not GLOB:NAMES", param_hint="--per-file-ignores")
    return glob, _names(names, "--per-file-ignores", rule_dirs)


def _names(text: str, option: str, rule_dirs: tuple[str, ...]) -> tuple[str, ...]:
    """The rules and categories in a list; an unknown one is a usage error."""
    names = _split(text)
    if names:
        from dagmig.lint.plan import unknown

        if wrong := unknown(names, rule_dirs):
            raise click.BadParameter(wrong[1], param_hint=option)
    return names


def _split(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
