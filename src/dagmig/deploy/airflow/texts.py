"""What a template fills into a machine, and what starts it gives it, in the texts of the DAG.

A ``${Name}`` becomes an Airflow Variable; the run's conf becomes the DAG's params, which a schedule can fill.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst
from jinja2 import Environment, TemplateSyntaxError

from dagmig.asl.lift.expression import quote
from dagmig.deploy.airflow.substitutions import HOLE, plain, written
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Entries, Function, Items, Literal, Opaque, RunContext, Template, Value
from dagmig.lint.embedded import BARE
from dagmig.lint.templated import fields

CONF = ("dag_run", ".", "conf")
OF_CONF = "".join(CONF)
JINJA = Environment(autoescape=False)  # only takes texts apart
IMPORT = "from airflow.sdk import Variable\n"
_BARE = re.compile(rf'"\$\{{({BARE}[^${{}}"]+)\}}"')  # in JSON, with the quotes around it
OF_RUN = re.compile(r"\bdag_run\b(?!\.conf\b|=)")  # the run is asked for something besides its conf


@dataclass
class Texts:
    """``names``: the Variable that each ``${...}`` is. ``has_params``: the run's input is in its params.

    ``reads_input`` tells whether any text has the run's input in it, ``unrendered`` where a ``${...}`` stands
    that Airflow does not render: tasks with their arguments; ``untyped`` those in which text takes the place
    of what is none. ``form`` matches a ``${...}``; what it leaves is written as ``escaped`` for ``${``.
    """

    names: Mapping[str, str]
    has_params: bool = False
    form: re.Pattern[str] = HOLE
    escaped: str = ""
    reads_input: bool = False
    unrendered: list[tuple[str, str]] = field(default_factory=list)
    untyped: list[str] = field(default_factory=list)

    def workflow(self, given: Workflow) -> Workflow:
        """The DAG with its texts rewritten."""
        return replace(given, tasks={name: self._task(task) for name, task in given.tasks.items()})

    def _task(self, task: Task) -> Task:
        rendered = fields(task.call.operator)
        arguments = {}
        for name, value in task.call.arguments.items():
            if isinstance(value, Function) or name in rendered:
                arguments[name] = self._value(value)
                continue
            arguments[name] = value
            if isinstance(value, Literal) and isinstance(value.value, str):
                arguments[name] = replace(value, value=written(value.value))
            if any(f"${{{hole}}}" in str(value) for hole in self.names):
                self.unrendered.append((task.id, name))
        return replace(task, call=replace(task.call, arguments=arguments))

    def _value(self, value: Value) -> Value:
        match value:
            case Literal(inner):
                return replace(value, value=self._plain(inner))
            case Items(items):
                return replace(value, items=tuple(map(self._value, items)))
            case Entries(entries):
                return Entries(tuple((self._value(key), self._value(held)) for key, held in entries))
            case Template(parts):
                return Template(tuple(self._part(part) for part in parts))
            case RunContext("dag_run.conf", path):
                self.reads_input = True
                return RunContext("params", path) if self.has_params else value
            case Opaque(source):
                return replace(value, source=self._expression(source))
            case Function():
                return self._function(value)
        return value

    def _part(self, part: str | Value) -> str | Value:
        return self._text(part) if isinstance(part, str) else self._value(part)

    def _plain(self, value: Any) -> Any:
        match value:
            case str():
                return self._text(value)
            case dict():
                return {self._plain(key): self._plain(held) for key, held in value.items()}
            case list():
                return [self._plain(member) for member in value]
        return value

    def _text(self, text: str) -> str:
        """A text that Airflow renders."""
        text = plain(text)
        if "${" not in text and CONF[0] not in text:
            return text
        if (whole := self.bare(text)) is not None:
            self.untyped.append(whole)
        try:
            tokens = [(kind, written) for _, kind, written in JINJA.lex(text)]
        except TemplateSyntaxError:
            return text
        return self.literal(self._joined(tokens))

    def bare(self, text: str) -> str | None:
        """The Variable of a ``${...}`` that is the whole text, and stands where the machine has no text."""
        found = self.form.fullmatch(text)
        is_bare = found is not None and found[1].startswith(BARE)
        return self.names.get(found[1]) if found is not None and is_bare else None

    def literal(self, text: str) -> str:
        """A text with ``${`` where that is written in another way."""
        return text.replace(self.escaped, "${") if self.escaped else text

    def _expression(self, source: str) -> str:
        """What stands between the braces of a text."""
        opening, closing = "{{ ", " }}"
        found = self._text(f"{opening}{source}{closing}")
        return found.removeprefix(opening).removesuffix(closing)

    def _joined(self, tokens: list[tuple[str, str]]) -> str:
        made: list[str] = []
        place = 0
        while place < len(tokens):
            kind, written = tokens[place]
            if tuple(text for _, text in tokens[place : place + 3]) == CONF and kind == "name":
                self.reads_input = True
                made.append("params" if self.has_params else OF_CONF)
                place += 3
                continue
            if kind == "data":
                written = _BARE.sub(lambda found: self._rendered(found, "{{{{ {} }}}}"), written)
                written = self.form.sub(lambda found: self._rendered(found, "{{{{ {} }}}}"), written)
            elif kind == "string":
                written = self._quoted(written)
            made.append(written)
            place += 1
        return "".join(made)

    def _rendered(self, found: re.Match[str], form: str) -> str:
        return form.format(f"var.value.{self.names[found[1]]}") if found[1] in self.names else found[0]

    def _quoted(self, written: str) -> str:
        """A text inside of an expression."""
        quote, inner = written[0], written[1:-1]
        if (whole := self.bare(inner)) is not None:
            return f"var.json.{whole}"
        parts = []
        done = 0
        for found in self.form.finditer(inner):
            if found[1] in self.names:
                said = f"var.value.{self.names[found[1]]}"
                parts += [f"{quote}{inner[done : found.start()]}{quote}", said]
                done = found.end()
        if not parts:
            return written
        parts.append(f"{quote}{inner[done:]}{quote}")
        told = [part for part in parts if part != quote * 2]
        return told[0] if len(told) == 1 else f"({' ~ '.join(told)})"

    def _function(self, value: Function) -> Function:
        if "${" not in value.source and OF_CONF not in value.source:
            return value
        has_params = self.has_params and OF_CONF in value.source
        visitor = _Code(self, has_params=has_params, asks_of_run=OF_RUN.search(value.source) is not None)
        found = cst.parse_module(value.source).visit(visitor)
        self.reads_input = self.reads_input or visitor.reads_input
        source = (IMPORT if visitor.has_variable else "") + found.code
        names = {one.name: one for one in value.parameters}
        if has_params and (run := names.get("dag_run")) is not None:
            given = (
                [run, replace(run, name="params")] if visitor.asks_of_run else [replace(run, name="params")]
            )
            parameters = tuple(
                new for one in value.parameters for new in (given if one.name == "dag_run" else [one])
            )
        else:
            parameters = tuple(value.parameters)
        return replace(value, source=source, parameters=parameters)


class _Code(cst.CSTTransformer):
    """The same in Python."""

    def __init__(self, texts: Texts, *, has_params: bool, asks_of_run: bool) -> None:
        super().__init__()
        self.texts, self.has_params, self.asks_of_run = texts, has_params, asks_of_run
        self.reads_input = self.has_variable = False

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> bool:
        """Docstrings stay as they are."""
        match node.body:
            case [cst.Expr(value=cst.SimpleString())]:
                return False
        return True

    def leave_Attribute(self, _: cst.Attribute, updated: cst.Attribute) -> cst.BaseExpression:
        match updated:
            case cst.Attribute(value=cst.Name(value="dag_run"), attr=cst.Name(value="conf")):
                self.reads_input = True
                return cst.Name("params") if self.has_params else updated
        return updated

    def leave_Parameters(self, _: cst.Parameters, updated: cst.Parameters) -> cst.Parameters:
        """The params take the place of the run, or stand beside it."""
        if not self.has_params:
            return updated
        found: list[cst.Param] = []
        for one in updated.params:
            named = one.with_changes(name=cst.Name("params")) if one.name.value == "dag_run" else one
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            found += (
                [one.with_changes(comma=comma), named] if named is not one and self.asks_of_run else [named]
            )
        return updated.with_changes(params=found)

    def leave_Arg(self, _: cst.Arg, updated: cst.Arg) -> cst.Arg:
        """A sum that is an argument needs no brackets of its own."""
        match updated.value:
            case cst.BinaryOperation(lpar=[cst.LeftParen()]) as inner if self.has_variable:
                return updated.with_changes(value=inner.with_changes(lpar=[], rpar=[]))
        return updated

    def leave_SimpleString(self, _: cst.SimpleString, updated: cst.SimpleString) -> cst.BaseExpression:
        text = updated.evaluated_value
        if not isinstance(text, str):
            return updated
        text = plain(text)
        if (whole := self.texts.bare(text)) is not None:
            self.has_variable = True
            return cst.parse_expression(f"Variable.get({quote(whole)}, deserialize_json=True)")
        holes = [found for found in self.texts.form.finditer(text) if found[1] in self.texts.names]
        if not holes:
            said = self.texts.literal(text)
            return updated if said == text else cst.SimpleString(quote(said))
        self.has_variable = True
        parts: list[cst.BaseExpression] = []
        done = 0
        for found in [*holes, None]:
            said = self.texts.literal(text[done : found.start() if found else len(text)])
            parts += [cst.SimpleString(quote(said))] if said else []
            if found is not None:
                parts.append(cst.parse_expression(f"Variable.get({quote(self.texts.names[found[1]])})"))
                done = found.end()
        made, *rest = parts
        for part in rest:
            made = cst.BinaryOperation(made, cst.Add(), part)
        return made if len(parts) == 1 else made.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
