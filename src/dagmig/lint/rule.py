"""What a rule is, whichever way it is written."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from dataclasses import field, replace
from enum import Enum
from typing import TYPE_CHECKING, TypedDict

from dagmig.diagnostics import Diagnostic, Fix, Severity, Span
from dagmig.frozen import frozen
from dagmig.graph.model import Workflow
from dagmig.lint.source import Declared, Source, Subject

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from dagmig.lint.suppress import Mark

    Unused = tuple[Mark, tuple[str, ...]]


class Category(str, Enum):
    """What a rule protects; the name of its folder."""

    CORRECTNESS = "correctness"
    CUSTOM = "custom"  # the user's own
    MIGRATION = "migration"
    PERFORMANCE = "performance"
    RELIABILITY = "reliability"
    SCHEDULING = "scheduling"
    SECURITY = "security"
    COST = "cost"
    STYLE = "style"
    UPGRADE = "upgrade"

    def __str__(self) -> str:
        return self.value


class FixKind(str, Enum):
    """Whether a rule's findings can be mended, and whether that keeps the behaviour."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    NONE = "none"

    def __str__(self) -> str:
        return self.value


class Need(str, Enum):
    """What of a DAG a rule has to know in full, as it flags what is *not* there, or how things hang together.

    Where the reader does not know it, the rule says nothing. A rule that flags a text, or a value that is
    there, needs nothing else.
    """

    GRAPH = "every task and dependency"
    TRIGGERS = "the trigger rules"
    ARGUMENTS = "every argument of a task, with the `default_args`"
    CALL = "every argument that a task is given where it is made"
    SETTINGS = "every argument of the DAG"
    SCHEDULE = "the schedule"

    def __str__(self) -> str:
        return self.value


@frozen(frozen=True, slots=True)
class Finding:
    message: str
    span: Span
    fix: Fix | None = None


@frozen(frozen=True, slots=True)
class Example:
    """Two whole files; ``language`` is ``python``, ``json`` (a machine), ``yaml`` (a template)."""

    language: str
    bad: str
    good: str


Check = Callable[[Source], Iterable[Finding]]
RunCheck = Callable[[Iterable[Declared]], Iterable[Finding]]
MarksCheck = Callable[[Source, "Iterable[Unused]"], Iterable[Finding]]


@frozen(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check with its documentation; the examples are shown to readers and run as tests.

    ``languages`` are the inputs it looks at: ``dag``, ``machine`` or both. ``check`` sees one file,
    ``check_run`` what all files of the run declare, ``check_marks`` the comments that silence rules and the
    names in them that silenced nothing. ``is_default`` is False for a rule that a user has to
    ask for. ``airflow`` are the versions of Airflow it is about (``>=3``, ``>=2.4,<3``), empty for all.
    A file without any of ``words`` is not looked at: for a rule over DAGs (``is_over_dags``) these are names
    of arguments and operators (``Source.given``), for others names in code (``Syntax.names``).
    """

    id: str
    category: Category
    severity: Severity
    languages: frozenset[str]
    summary: str
    why: str
    instead: str
    examples: tuple[Example, ...]
    check: Check
    check_run: RunCheck | None = None
    check_marks: MarksCheck | None = None
    fix: FixKind = FixKind.NONE
    needs: frozenset[Need] = frozenset()
    url: str = ""
    is_default: bool = True
    airflow: str = ""
    words: Set[str] = field(default=frozenset(), hash=False)
    is_over_dags: bool = False

    def __call__(self, source: Source) -> Collection[Diagnostic]:
        """The findings in one file."""
        if self.words and self.words.isdisjoint(source.given if self.is_over_dags else source.syntax.names):
            return ()
        return self.findings(source)

    def findings(self, source: Source) -> Collection[Diagnostic]:
        """Those in a file that has one of ``words``."""
        return self._said(source.file, self.check, source)

    def over_run(self, declared: Iterable[Declared]) -> Collection[Diagnostic]:
        """The findings that need more than one file."""
        return () if self.check_run is None else self._said("", self.check_run, declared)

    def over_marks(self, source: Source, unused: Iterable[Unused]) -> Collection[Diagnostic]:
        """The findings about what silences others."""
        return () if self.check_marks is None else self._said(source.file, self.check_marks, source, unused)

    def _said(
        self, file: str, check: Callable[..., Iterable[Finding]], *given: object
    ) -> Collection[Diagnostic]:
        """A crash of the rule is itself a finding, and the run goes on."""
        found = []
        try:
            for finding in check(*given):
                is_own = not file or finding.span.file == file  # edits are of the text of the file at hand
                found.append(self.diagnostic(finding if is_own else replace(finding, fix=None)))
        except Exception as error:  # the one broad except: our bug must not hide other rules' findings
            message = f"the rule {self.id} crashed, please report it: {type(error).__name__}: {error}"
            found.append(Diagnostic("rule-crashed", message, Span(file), Severity.ERROR))
        return found

    def diagnostic(self, finding: Finding) -> Diagnostic:
        return Diagnostic(self.id, finding.message, finding.span, self.severity, fix=finding.fix)


class Terms(TypedDict, total=False):
    """What every decorator takes besides the severity, as the fields of ``Rule`` of these names."""

    fix: FixKind
    is_default: bool
    airflow: str
    words: Set[str]


def workflow_rule(
    severity: Severity, *needs: Need, **terms: Unpack[Terms]
) -> Callable[[Callable[[Workflow], Iterable[Finding]]], Rule]:
    """Turn a function over one DAG's graph into a rule, as ``dag_rule`` does."""
    return lambda check: _over_dags(check, severity, lambda workflow, _: check(workflow), needs, terms)


def dag_rule(
    severity: Severity, *needs: Need, **terms: Unpack[Terms]
) -> Callable[[Callable[[Workflow, Source], Iterable[Finding]]], Rule]:
    """Turn a function over one DAG's graph and the file it stands in into a rule; a graph that is not
    complete is kept from one that needs all of it.
    """
    return lambda check: _over_dags(check, severity, check, needs, terms)


def machine_rule(
    severity: Severity, **terms: Unpack[Terms]
) -> Callable[[Callable[[Subject], Iterable[Finding]]], Rule]:
    """Turn a function over one state machine (and the role it runs with, if known) into a rule."""

    def make(check: Callable[[Subject], Iterable[Finding]]) -> Rule:
        def each(source: Source) -> Iterator[Finding]:
            for subject in source.subjects:
                yield from check(subject)

        return _rule(check, severity, {"machine"}, each, terms)

    return make


def source_rule(
    severity: Severity,
    languages: Iterable[str] = ("dag",),
    *needs: Need,
    **terms: Unpack[Terms],
) -> Callable[[Check], Rule]:
    """Turn a function over one file (its syntax tree, its graphs, its machines) into a rule."""
    return lambda check: _rule(check, severity, languages, check, terms, needs)


def run_rule(severity: Severity, *needs: Need, **terms: Unpack[Terms]) -> Callable[[RunCheck], Rule]:
    """Turn a function over the DAGs that all files declare into a rule."""
    return lambda check: _rule(check, severity, {"dag"}, lambda _: (), terms, needs, check)


def marks_rule(
    severity: Severity, languages: Iterable[str], **terms: Unpack[Terms]
) -> Callable[[MarksCheck], Rule]:
    """Turn a function over a file and the comments in it that silence nothing into a rule."""
    return lambda check: replace(_rule(check, severity, languages, lambda _: (), terms), check_marks=check)


def _over_dags(
    function: Callable[..., object],
    severity: Severity,
    check: Callable[[Workflow, Source], Iterable[Finding]],
    needs: Collection[Need],
    terms: Terms,
) -> Rule:
    takes_part = Need.GRAPH not in needs

    def each(source: Source) -> Iterator[Finding]:
        for workflow in source.workflows:
            if workflow.is_complete or takes_part:
                yield from check(workflow, source)

    return replace(_rule(function, severity, {"dag"}, each, terms, needs), is_over_dags=True)


def _rule(
    function: Callable[..., object],
    severity: Severity,
    languages: Iterable[str],
    check: Check,
    terms: Terms,
    needs: Iterable[Need] = (),
    check_run: RunCheck | None = None,
) -> Rule:
    page = inspect.getdoc(function) or ""
    summary, _, rest = page.partition("\n")
    prose, _, instead = re.sub(r"^```.*?^```\n?", "", rest, flags=re.S | re.M).rpartition("Instead:")
    found = re.search(r"^See (\S+)$", prose, re.M)
    return Rule(
        id=function.__module__.rpartition(".")[2].replace("_", "-"),
        category=Category(function.__module__.split(".")[-2]),
        severity=severity,
        languages=frozenset(languages),
        summary=summary,
        why=re.sub(r"^See \S+$", "", prose, flags=re.M).strip(),
        instead=" ".join(instead.split()),
        examples=tuple(_examples(page)),
        check=check,
        check_run=check_run,
        needs=frozenset(needs),
        url=found[1] if found else "",
        **terms,
    )


def _examples(page: str) -> Iterator[Example]:
    blocks = re.findall(r"^```(\w+) (bad|good)\n(.*?)^```", page, re.M | re.S)
    for (language, kind, bad), (_, other, good) in zip(blocks[::2], blocks[1::2], strict=True):
        if (kind, other) != ("bad", "good"):
            raise ValueError("a rule's page shows a bad block, then its good one")
        yield Example(language, bad, good)
