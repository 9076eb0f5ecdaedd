"""One file as the rules see it: parsed once in each way, and only when a rule asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dagmig.diagnostics import Report, Span
from dagmig.graph.model import Task, Workflow

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from dagmig.asl.model import Machine, Scope, State
    from dagmig.lint.members import Members
    from dagmig.lint.role import Role
    from dagmig.lint.syntax import Syntax

Found = TypeVar("Found")
UNREADABLE = "unparsable-file"
CAPITALISED = "[A-Z][A-Za-z0-9]*"


class Declared(NamedTuple):
    """What a file says of a DAG or an asset, for the rules that look at all files of a run.

    ``kind``: a ``dag`` is declared (``twin`` where a comment allows its id twice; ``detail`` is its cron
    expression), another is ``triggers``-ed or ``waits`` (``detail`` is the waiting DAG's cron expression,
    empty where it says what it waits for), an asset ``produces`` or ``consumes``; a ``pool`` has, or a task
    ``takes`` of it, as many slots as ``detail`` says; ``style`` is ``@dag`` or ``DAG``; ``partial``: the file
    was named by the user, so that the run may not see the others.
    """

    name: str
    span: Span
    kind: str = "dag"
    detail: str = ""


@dataclass(frozen=True)
class Subject:
    """A state machine and the role it runs with; None where nobody told.

    ``properties`` are those of the resource that defines it in ``template``, ``pointer`` the place of them.
    ``text`` is that of the file that is looked at, ``file`` its name; the machine may stand in another.
    """

    machine: Machine
    role: Role | None = None
    properties: Mapping[str, Any] | None = None
    pointer: str = ""
    template: Machine | None = None
    text: str = ""
    file: str = ""

    @cached_property
    def members(self) -> Members:
        """What edits the machine, where it stands in this file."""
        from dagmig.lint.members import Members

        return Members(self.text if self.machine.file == self.file else "", self.machine)

    @cached_property
    def template_members(self) -> Members:
        """What edits the template that defines the machine."""
        from dagmig.lint.members import Members

        return Members("", self.machine) if self.template is None else Members(self.text, self.template)

    @cached_property
    def known(self) -> dict[Any, Any]:
        """What ``remembered`` functions found."""
        return {}

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Every level of the machine, outermost first."""
        return tuple(self.machine.root.walk())

    @cached_property
    def states(self) -> tuple[State, ...]:
        """Every state of every level."""
        return tuple(state for scope in self.scopes for state in scope.states.values())


def remembered(compute: Callable[[Subject], Iterable[Found]]) -> Callable[[Subject], tuple[Found, ...]]:
    """The same, found out once for all rules that ask about a machine."""

    @wraps(compute)
    def ask(subject: Subject) -> tuple[Found, ...]:
        if ask not in subject.known:
            subject.known[ask] = tuple(compute(subject))
        found: tuple[Found, ...] = subject.known[ask]
        return found

    return ask


@dataclass
class Source:
    """One file. ``kind`` is ``dag`` (Python), ``machine`` (JSON, YAML, Terraform), or ``installation``
    (settings and plugins of Airflow, in any format); ``role`` is the user's.

    ``state_names`` is the pattern that names of states have; ``target_airflow`` the version that the DAGs run
    on, empty where nobody told; ``beside`` are other files, by name, that a template names and that were
    read, ``unread`` those that could not be, with the places that name them.
    """

    text: str
    file: str
    kind: str
    role: Role | None = None
    is_explicit: bool = True
    project_root: str | None = None
    state_names: str = CAPITALISED
    target_airflow: str = ""
    report: Report = field(default_factory=Report)
    beside: dict[str, str] = field(default_factory=dict)
    unread: dict[str, Span] = field(default_factory=dict)
    _templates: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def given(self) -> frozenset[str]:
        """The names of the arguments of the file's DAGs and tasks, and of their operators, wherever they are
        written: modules of the project bring some along.
        """
        from dagmig.lint.words import given

        return given(self.workflows)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins in the text."""
        found = [0]
        for line in self.lines:
            found.append(found[-1] + len(line) + 1)
        return found

    @property
    def language(self) -> str:
        """``python``, ``json``, ``yaml``, ``hcl``, or ``text`` for settings that are none of these."""
        if self.kind == "dag" or self.file.endswith(".py"):
            return "python"
        if self.file.endswith(".tf"):
            return "hcl"
        if self.kind == "installation" and not self.file.endswith((".json", ".yaml", ".yml")):
            return "text"
        return "yaml" if self.file.endswith((".yaml", ".yml")) else "json"

    @cached_property
    def tree(self) -> SgNode:
        """The root of the file's syntax tree (tree-sitter)."""
        from ast_grep_py import SgRoot

        return SgRoot(self.text, self.language).root()

    @cached_property
    def syntax(self) -> Syntax:
        """The file as CPython parses it; empty for a file that is no Python."""
        from dagmig.lint.syntax import Syntax

        return Syntax(self.text if self.language == "python" else "", self.file)

    @cached_property
    def workflows(self) -> tuple[Workflow, ...]:
        """The DAGs of a Python file; what the reader could not know is in ``report``."""
        if self.kind != "dag":
            return ()
        from dagmig.airflow.read import read

        found = read(self.text, self.file, self.report, project_root=self.project_root)
        if not self.target_airflow:
            return found
        is_airflow_3 = int(self.target_airflow.partition(".")[0]) >= 3
        return tuple(replace(workflow, is_airflow_3=is_airflow_3) for workflow in found)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """The machines of a JSON or YAML file: the file itself, or those a template defines."""
        if self.kind != "machine":
            return ()
        from dagmig.lint.template import subjects

        return tuple(replace(one, text=self.text, file=self.file) for one in subjects(self))

    @property
    def declared(self) -> tuple[Declared, ...]:
        """What is certain of it."""
        from dagmig.lint.declared import declared

        return tuple(declared(self))

    def templates(self, task: Task) -> tuple[tuple[str, str], ...]:
        """Each text of a task of the file that Airflow renders, with its argument."""
        if id(task) not in self._templates:
            from dagmig.graph.jinja import has_jinja
            from dagmig.lint.commands import ARGUMENT, returned
            from dagmig.lint.templated import templates

            of_body = [(ARGUMENT, one.text) for one in returned(task, self.syntax) if has_jinja(one.text)]
            self._templates[id(task)] = (*templates(task), *of_body)
        return self._templates[id(task)]

    def template_span(self, task: Task, argument: str, text: str) -> Span:
        """Where a text of ``templates`` is written."""
        from dagmig.lint.commands import ARGUMENT, returned

        for one in returned(task, self.syntax) if argument == ARGUMENT else ():
            if one.text == text:
                return one.span
        return self.syntax.argument_span(task.span, argument)

    def functions(self, name: str) -> list[SgNode]:
        """The functions of a name that the file defines, anywhere in it."""
        return self.tree.find_all(kind="function_definition", has={"field": "name", "regex": f"^{name}$"})

    def span(self, node: SgNode) -> Span:
        at = node.range()
        return Span(self.file, at.start.line + 1, at.start.column + 1, at.end.line + 1, at.end.column + 1)
