"""Results of earlier runs, by the content of the file and the build of dagmig that made them.

They stand below the user's cache folder. A cache that cannot be read or written is no cache; what is in it
that we did not write is ignored.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagmig.diagnostics import Diagnostic, Edit, Fix, Severity, Span
from dagmig.lint import Options
from dagmig.lint.check import Result
from dagmig.lint.files import Target
from dagmig.lint.plan import Plan
from dagmig.lint.settings import Settings
from dagmig.lint.source import Declared
from dagmig.lint.store import Store

if TYPE_CHECKING:
    from dagmig.airflow.read.project import Project

PLAIN = Settings(Plan())


@dataclass
class Cache:
    """``folder`` is None where nothing is kept; without ``has_results`` only what is known of rules is."""

    folder: Path | None
    has_results: bool = True
    projects: dict[tuple[str, str | None], Project | None] = field(default_factory=dict)
    store: Store = field(init=False)
    keys: dict[str, tuple[str, Settings, str, str]] = field(default_factory=dict)  # of what was asked for

    def __post_init__(self) -> None:
        self.store = Store(Path(self.folder or "", "results"))

    @classmethod
    def open(cls, options: Options) -> Cache:
        """The cache of this build; what a user's role gives is not kept."""
        if not options.use_cache:
            return cls(None)
        try:
            home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        except RuntimeError:  # a container's user without a home
            return cls(None)
        return cls(Path(home) / "dagmig" / _build(), options.role is None)

    def get(self, target: Target, text: str, settings: Settings = PLAIN, kind: str = "") -> Result | None:
        """What an earlier run with the same settings found in the same text, placed at the target's path."""
        if self.folder is None or not self.has_results:
            return None
        try:
            key = _key(target, text, settings, kind)
            self.keys[target.path] = (text, settings, kind, key)
            document = self.store.get(key)
            holds = self._holds(target, document["leans"], settings.project_root)
            return _result(document, target.path) if holds else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def put(
        self, target: Target, text: str, result: Result, settings: Settings = PLAIN, kind: str = ""
    ) -> None:
        """Keep a result once ``save`` is called; not one of a crash, nor one that is about other files."""
        is_kept = self.has_results and result.is_alone
        if self.folder is None or not is_kept or any(d.code == "rule-crashed" for d in result.found):
            return
        *asked, key = self.keys.pop(target.path, (None, None, None, ""))
        if asked[0] is not text or asked[1:] != [settings, kind]:
            key = _key(target, text, settings, kind)
        self.store.put(key, _document(result))

    def save(self) -> None:
        """Write what was put in."""
        if self.folder is not None:
            with suppress(OSError):
                self.store.save()

    def _holds(self, target: Target, leans: dict[str, str], root: str | None) -> bool:
        """Whether the modules of the project that the result depends on are as they were."""
        if not leans:
            return True
        key = (os.path.dirname(target.path), root)  # noqa: PTH120 - asked for each file
        if key not in self.projects:
            from dagmig.airflow.read.project import Project

            self.projects[key] = Project.of(target.path, root)
        project = self.projects[key]
        return project is not None and project.holds(leans)


def _key(target: Target, text: str, settings: Settings, kind: str) -> str:
    place = str(Path(target.path).absolute()) if "__file__" in text else ""
    name = os.path.basename(target.path)  # noqa: PTH119 - asked for each file
    name_counts = name if kind == "installation" else ".".join(["", *name.split(".")[1:][-2:]])
    given = (kind, name_counts, str(target.is_explicit), place, settings.key, text)
    return hashlib.sha256("\0".join(given).encode("utf-8", "surrogatepass")).hexdigest()


def _build() -> str:
    """A name for this very code and these rules, by the version and the place, size and time of each file:
    an editable checkout changes without a new version.
    """
    root = Path(__file__).parents[1]
    found = [(root / "__init__.py").read_text(encoding="utf-8")]
    for place in (root, root.parents[1] / "rules"):
        for folder, _, names in os.walk(place):
            for name in names:
                if name.endswith((".py", ".yml", ".json", ".zip")):
                    about = os.stat(f"{folder}/{name}")  # noqa: PTH116 - hundreds of Paths are slow
                    found.append(f"{folder}/{name} {about.st_size} {about.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:16]


def _document(result: Result) -> dict[str, Any]:
    return {
        "found": [_finding(diagnostic) for diagnostic in result.found],
        "declared": [[one.name, _place_of(one.span), one.kind, one.detail] for one in result.declared],
        "leans": dict(result.leans),
    }


def _finding(diagnostic: Diagnostic) -> list[Any]:
    fix = diagnostic.fix
    edits = None if fix is None else [fix.safe, [[e.start, e.end, e.text] for e in fix.edits]]
    text = [diagnostic.code, diagnostic.message, diagnostic.severity.value, diagnostic.hint]
    return [*text, _place_of(diagnostic.span), edits]


def _place_of(span: Span) -> list[Any]:
    return [span.line, span.column, span.end_line, span.end_column, span.pointer]


def _result(document: dict[str, Any], file: str) -> Result:
    found = []
    for code, message, severity, hint, place, fix in document["found"]:
        edits = None if fix is None else Fix(tuple(Edit(*edit) for edit in fix[1]), fix[0])
        found.append(Diagnostic(code, message, Span(file, *place), Severity(severity), hint, edits))
    declared = [Declared(name, Span(file, *place), *more) for name, place, *more in document["declared"]]
    return Result(tuple(found), tuple(declared), tuple(document["leans"].items()))
