"""Secrets of a state machine are copied into no DAG: an Airflow Variable stands for each.

Airflow keeps a Variable encrypted, or in a secrets backend, and hides one in its logs that is called like a
secret: https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/index.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dagmig.asl.load import YAML_SUFFIXES, is_machine, load_machine
from dagmig.asl.model import Machine, State
from dagmig.deploy.airflow.substitutions import HOLE, UNKNOWN, bare, holes, variables
from dagmig.deploy.airflow.texts import Texts
from dagmig.deploy.airflow.unfilled import say_numbers
from dagmig.deploy.secrets import Found, filled_in, left_out, named, of_machine, say
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Workflow
from dagmig.lint.embedded import BARE, Written
from dagmig.lint.embedded import machine as machine_in
from dagmig.pipeline import Converted, machine_to_airflow

NAMES = re.compile(r"(?:Name|Arn|Url|Uri|Id|Cluster|TaskDefinition|Bucket|Queue)$")
"""What the parameters of calls end with that say which resource is meant."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A machine in which ``${name}`` stands for each secret; ``secrets`` are their texts with the names."""

    machine: Machine
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    found: tuple[Found, ...] = field(default=(), repr=False)

    def left_out(self, one: Converted, span: Span, names: Mapping[str, str]) -> Converted:
        """The DAG without what is left of them, in comments and the ledger, and a row for each secret;
        ``names`` are the Variables by the names in the machine.
        """
        if not self.secrets:
            return one
        unread = set()
        for text, name in self.secrets.items():
            about = next(found for found in self.found if found.text == text)
            variable = names.get(name, "")
            said = f"the Airflow Variable `{variable}` stands for it: set it where Airflow keeps secrets"
            if not variable or variable not in one.text:
                unread.add(variable)
                said = "nothing of the DAG reads it"
            say(about, (said,), span, one.report)
        rows = [replace(row, difference=left_out(row.difference, self.secrets)) for row in one.report.rows]
        one.report.rows = rows
        variables = {name: value for name, value in one.variables.items() if name not in unread}
        text = left_out(one.text, self.secrets)
        return replace(one, text=text, variables=variables, secrets=dict(self.secrets))


def hidden(machine: Machine) -> Hidden:
    """The machine without its secrets."""
    found = tuple(of_machine(machine.document))
    if not found:
        return Hidden(machine)
    secrets = named(found, {})
    return Hidden(replace(machine, document=filled_in(machine.document, secrets)), secrets, found)


def without_secrets(
    text: str, file: str, report: Report, dag_id: str, *, keeps_loops: bool = False
) -> Converted | None:
    """A state machine as a DAG; None, said in ``report``, where it cannot be read."""
    machine = _loaded(text, file, report)
    if machine is None:
        return None
    safe = hidden(machine)
    filled = [name for name in _filled_in(safe.machine) if name not in safe.secrets.values()]
    shown = dict.fromkeys(map(bare, filled))
    names = variables([*safe.secrets.values(), *filled])

    def adapt(workflow: Workflow, ledger: Report) -> tuple[Workflow, Mapping[str, str]]:
        texts = Texts(names)
        workflow = texts.workflow(workflow)
        written = str([dict(task.call.arguments) for task in workflow.tasks.values()])
        variable = {bare(name): variable for name, variable in names.items()}
        for name in (one for one in shown if variable[one] in written):
            said = f"`${{{name}}}` is the Airflow Variable `{variable[name]}`"
            ledger.row("substitution", machine.locate(""), "", Disposition.NOTED, said)
        say_unrendered(texts, workflow, ledger)
        return workflow, {variable: UNKNOWN.format(bare(name)) for name, variable in names.items()}

    made = machine_to_airflow(safe.machine, dag_id, adapt if names else None, keeps_loops=keeps_loops)
    _say_doubtful(safe.machine, names, made.report)
    say_numbers(safe.machine, made.report)
    return safe.left_out(made, machine.locate(""), names)


def _filled_in(machine: Machine) -> Iterable[str]:
    """The names that are filled into a machine before it is deployed; none where nothing tells that any is.

    In other texts ``${HOME}`` may be meant as it is.
    """
    found = list(holes(machine.document))
    states = list(machine.root.all_states())
    is_certain = (
        any("${" in str(state.fields.get("Resource")) for state in states)
        or any(map(_is_filled_in, _texts(machine.document)))
        or any(name.startswith(BARE) for name in found)
        or any(map(_takes_a_name, states))
    )
    return found if is_certain else ()


def _takes_a_name(state: State) -> bool:
    """Whether a Task is to call something whose name is filled in: a table, a queue, a function."""
    given = state.fields.get("Parameters", state.fields.get("Arguments"))
    named = [value for key, value in given.items() if NAMES.search(key)] if isinstance(given, dict) else []
    return any(isinstance(value, str) and HOLE.fullmatch(value) for value in named)


def _loaded(text: str, file: str, report: Report) -> Machine | None:
    """The machine of a file; in JSON a ``${Limit}`` may stand where no text does."""
    errors = Report()
    found = load_machine(text, file, errors)
    if found is None and "${" in text and not file.endswith(YAML_SUFFIXES):
        whole = Written.slice(text, 0, len(text))
        filled = machine_in(whole, {}, text, file, "", Report())
        found = filled if filled is not None and is_machine(filled.document) else None
    if found is None:
        report.diagnostics.extend(errors)
    return found


def _is_filled_in(text: str) -> bool:
    """Whether it is certain of a text: it is an ARN."""
    return text.startswith("arn:") and HOLE.search(text) is not None


def _texts(document: Any) -> Iterator[str]:
    match document:
        case str():
            yield document
        case dict() | list():
            for member in document.values() if isinstance(document, dict) else document:
                yield from _texts(member)


def _say_doubtful(machine: Machine, filled: Iterable[str], ledger: Report) -> None:
    """A row for each ``${...}`` of which nothing tells whether it is filled in."""
    for name in holes(machine.document):
        if name not in filled:
            said = f"`${{{name}}}` is taken as it is: where a template fills it in, write there what it is"
            ledger.row("substitution", machine.locate(""), "", Disposition.DECISION, said)


def say_unrendered(texts: Texts, workflow: Workflow, ledger: Report) -> None:
    """A row for each argument in which a ``${name}`` is left, as Airflow renders no template there."""
    for name in dict.fromkeys(texts.untyped):
        said = f"what `{name}` stands for is no text, and what Airflow renders is: write the value there"
        ledger.row("substitution", workflow.span, "", Disposition.DECISION, said)
    for task, argument in texts.unrendered:
        said = f"Airflow does not render `{argument}`: write there what is filled into the template"
        span, target = workflow.tasks[task].span, f"task:{task}"
        ledger.row("substitution", span, target, Disposition.DECISION, said, task=task)
