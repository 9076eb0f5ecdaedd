"""The engine: fills the holes of the tables' rows, and runs what it wrote to know that it holds.

A row is text. ``<kind>`` is a hole for an expression of a kind, ``<kind!>`` for a name that has such a
value, ``<kind|x=s>`` for an expression in which ``x`` has a value of kind ``s``; ``<body|x=s>`` stands for
a few statements, and ``$x`` for a name nobody has yet. Every expression and every statement is run as soon
as it is there; what raises is written anew.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from random import Random
from types import CodeType
from typing import Any

from airflow_read.programs import stand_ins
from airflow_read.programs.dags import Way
from airflow_read.programs.expressions import EXPRESSIONS, LITERALS
from airflow_read.programs.kinds import SAMPLES, is_kind
from airflow_read.programs.rows import Row
from airflow_read.programs.running import OutOfFuel, bounded
from airflow_read.programs.stand_in_names import NAMES
from airflow_read.programs.statements import STATEMENTS
from airflow_read.programs.tasks import TASK_EXPRESSIONS, TASK_STATEMENTS

HOLE = re.compile(rf"<({'|'.join([*SAMPLES, 'more'])})(!?)(?:\|([^<>]*))?>")
BODY = re.compile(r"^( *)<(body|tasks)(?:\|([^<>]*))?>$", re.MULTILINE)
FRESH = re.compile(r"\$([a-z]\w*|[A-Z]\w*)")
WITH = re.compile(r"^with (?P<made>.+) as (?P<name>\w+):$")
FOR = re.compile(r"^for (?P<name>[\w, ()*]+) in (?P<made>.+):$")
ROWS = {kind: [*EXPRESSIONS.get(kind, ()), *TASK_EXPRESSIONS.get(kind, ())] for kind in SAMPLES}
OPERATOR = re.compile(r"\b\w+(?:Operator|Sensor)(?:\.partial)?\((?=\w+=|\*)(?!dag=)")
MORE = (
    "", "", "", ", retries=<n>", ", trigger_rule=<rule>", ", retry_delay=<td>", ", execution_timeout=<td>",
    ", **<kw>", ", doc_md=<s>", ", retries=<n>, retry_delay=timedelta(seconds=<n>)",
    ", owner=<s>", ", depends_on_past=<b>",
)  # fmt: skip
ATOMS = (
    ast.Name, ast.Call, ast.Subscript, ast.Attribute, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp,
    ast.SetComp, ast.GeneratorExp, ast.JoinedStr,
)  # fmt: skip
CONTINUED = ("else", "elif", "except", "finally", "case")
FIRST = {
    "tf": "@task\ndef $tf(p=None, q=None):\n    return p",
    "gf": "@task_group\ndef $gf(p=None, q=1):\n    $a = EmptyOperator(task_id=<id>, retries=<n>)\n"
    "    $a >> EmptyOperator(task_id=<id>)",
    "g": "with TaskGroup(<id>) as $g:\n    $a = EmptyOperator(task_id=<id>)\n    <t>",
    "x": "@task\ndef $tf(p=None, q=None):\n    return p\n\n$x = $tf(<s>)",
    "t": "$t = EmptyOperator(task_id=<id>)",
    "side": "$t = BashOperator(task_id=<id>, bash_command=<s>)",
    "dt_": "$dt = {w: EmptyOperator(task_id=f'k_{w}') for w in <ls> if w.isidentifier()}",
}
NEVER_MADE = ("id", "kw", "rule", "any", "sides")
Scope = dict[str, Any]


class Stuck(Exception):
    """Nothing that holds was found for a hole."""


class Writer:
    """Writes one module, statement by statement."""

    def __init__(
        self, random: Random, setting: Scope, prefix: str = "", imported: tuple[Writer, ...] = ()
    ) -> None:
        self.random, self.setting, self.prefix, self.imported = random, setting, prefix, imported
        self.statements: list[str] = []
        self.offers: dict[str, list[str]] = {}
        for module in imported:
            for kind, offers in module.offers.items():
                self.offers.setdefault(kind, []).extend(offers)
        self.names = 0
        self.depth = 3  # of expressions in one another
        self.compiled: dict[str, CodeType] = {}

    # -- running

    def environment(self) -> Scope:
        found = {**NAMES, **self.setting}
        for module in self.imported:
            found |= module.exported(module.environment())
        for statement in self.statements:
            self.run(statement, found)
        return found

    def known(self) -> Scope:
        """The module's names after its last line."""
        with stand_ins.running():
            return self.environment()

    def filled_offer(self, kind: str, offer: str) -> str | None:
        """One of the expressions that a statement made possible; None where it does not hold."""
        try:
            with stand_ins.running():
                text = self.deeper(offer, self.environment(), set(), 2)
            with stand_ins.running():
                value = self.value(text, self.environment())
        except (Exception, OutOfFuel):
            return None
        return text if is_kind(kind, value) else None

    def exported(self, environment: Scope) -> Scope:
        """What the module defines itself."""
        return {
            name: value
            for name, value in environment.items()
            if _is_ours(name) and name not in self.setting and self.prefix in name
        }

    def run(self, text: str, environment: Scope) -> None:
        if text not in self.compiled:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # ``is`` with a literal is what users write too
                self.compiled[text] = compile(text, "<program>", "exec")
        bounded(lambda: exec(self.compiled[text], environment))

    def value(self, text: str, environment: Scope) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(text, "<program>", "eval")
        return bounded(lambda: eval(code, dict(environment)))

    # -- statements

    def add(self, rows: list[Row]) -> bool:
        """One more statement of the module from one of the rows; False where none was found."""
        for _ in range(6):
            row = self.random.choice(rows)
            try:
                with stand_ins.running():
                    text, names = self.filled(row, self.environment(), 0)
                with stand_ins.running():
                    self.run(text, environment := self.environment())
                self.check(environment)
            except (Exception, OutOfFuel):
                continue
            self.accept(text, row, names)
            return True
        return False

    def accept(self, text: str, row: Row, names: dict[str, str]) -> None:
        self.statements.append(text)
        for kind, offer in row.offers:
            self.offers.setdefault(kind, []).append(_named(offer, names))

    def check(self, environment: Scope) -> None:
        for name, value in environment.items():
            if (
                isinstance(value, (str, list, dict, tuple))
                and len(repr(value)) > 600
                and name != "__builtins__"
            ):
                raise Stuck(name)

    def block(
        self, opening: str, scope: Scope, enter: str, closing: str, count: int, rows: list[Row], way: Way
    ) -> bool:
        """A DAG: run in whole after each statement of its body."""
        frame = self.frame(f"{opening}\n{closing}" if closing else opening, scope)
        if frame is None:
            return False
        text, names = frame
        names.setdefault("dag", "dag")
        lines = text.split("\n")
        height = opening.count("\n") + 1
        head, tail = "\n".join(lines[:height]), "\n".join(lines[height:])
        enter = _named(enter, names) if way.margin else head
        scope = {_named(name, names): value for name, value in scope.items()}
        body: list[str] = []
        for _ in range(count * 3):
            if len(body) >= count:
                break
            row = self.random.choice(rows)
            try:
                with stand_ins.running():
                    inner = {**self.environment(), **scope}
                    self.run(_given("\n".join([enter, *body]), _named(way.dag, names)), inner)
                    added = _given(self.filled(row, inner, 1)[0], _named(way.dag, names))
                whole = _whole(head, [*body, added], tail, way.margin)
                with stand_ins.running():
                    self.run(whole, environment := self.environment())
                self.check(environment)
            except (Exception, OutOfFuel):
                continue
            body.append(added)
        if body:
            self.statements.append(_whole(head, body, tail, way.margin))
        return bool(body)

    def frame(self, text: str, scope: Scope) -> tuple[str, dict[str, str]] | None:
        for _ in range(12):
            try:
                with stand_ins.running():
                    environment = {**self.environment(), **scope}
                    names = {name: self.fresh(name) for name in FRESH.findall(text)}
                    return self.line(_named(text, names), environment, 1), names
            except (Exception, OutOfFuel):
                continue
        return None

    # -- filling

    def filled(self, row: Row, environment: Scope, depth: int) -> tuple[str, dict[str, str]]:
        """The row's text with every hole filled, and its names; what a hole lacks is made first."""
        restore = stand_ins.RUN.get().kept()
        try:
            return self.once(row, environment, depth)
        except Stuck as stuck:
            restore()
            before = FIRST.get(kind := str(stuck), f"$have = <{kind}>")
            if kind in NEVER_MADE or f"{before}\n" in row.text:
                raise
            return self.filled(Row(f"{before}\n{row.text}", row.offers), environment, depth)

    def once(self, row: Row, environment: Scope, depth: int) -> tuple[str, dict[str, str]]:
        names = {name: self.fresh(name) for name in FRESH.findall(row.text)}
        lines: list[str] = []
        before = environment = dict(environment)
        for line in _named(row.text, names).split("\n"):
            if line.strip() and not line.startswith((*CONTINUED, " ", ")")):
                environment = self.so_far(lines, before, environment)
            if (hole := BODY.match(line)) is None:
                lines.append(self.line(line, environment, depth))
                _enter(lines[-1].strip(), environment, self)
                continue
            body = self.body(hole[2], _scoped(hole[3], self), environment, depth + 1)
            lines.append(_indented(body, hole[1]))
        return "\n".join(lines), names

    def so_far(self, lines: list[str], before: Scope, environment: Scope) -> Scope:
        """What the complete statements of a row leave behind, for the holes further down."""
        if not lines:
            return environment
        found = dict(before)
        restore = stand_ins.RUN.get().kept()
        try:
            self.run("\n".join(lines), found)
        except (Exception, OutOfFuel):
            restore()
            return environment
        return found

    def fresh(self, name: str) -> str:
        self.names += 1
        return f"{name}{self.prefix}{self.names}"

    def body(self, kind: str, scope: Scope, environment: Scope, depth: int) -> list[str]:
        if depth > 3:
            return ["pass"]
        rows = [*STATEMENTS, *TASK_STATEMENTS * 2] if kind == "tasks" else STATEMENTS
        rows = [row for row in rows if not row.top and (depth < 3 or "body" not in row.text)]
        inner = {**environment, **scope}
        written: list[str] = []
        for _ in range(self.random.choice((1, 2, 2, 3))):
            for _ in range(4):
                restore = stand_ins.RUN.get().kept()
                try:
                    text, _names = self.filled(self.random.choice(rows), inner, depth)
                    restore()
                    self.run(text, inner)
                except (Exception, OutOfFuel):
                    restore()
                    continue
                written.append(text)
                break
        return written or ["pass"]

    def line(self, line: str, environment: Scope, depth: int) -> str:
        while (hole := HOLE.search(line)) is not None:
            kind, atom, local = hole[1], hole[2], _scoped(hole[3], self)
            if kind == "more":
                line = line[: hole.start()] + self.random.choice(MORE) + line[hole.end() :]
                continue
            scope = {**environment, **local}
            found = self.atom(kind, scope) if atom else self.expression(kind, scope, set(local), 0)
            line = _put(found, line, hole)
        return line

    def atom(self, kind: str, environment: Scope) -> str:
        found = [name for name, value in environment.items() if _is_ours(name) and is_kind(kind, value)]
        if not found:
            raise Stuck(kind)
        return self.random.choice(found[-6:])

    def expression(self, kind: str, environment: Scope, local: set[str], depth: int) -> str:
        for _ in range(5):
            text = self.candidate(kind, environment, local, depth)
            restore = stand_ins.RUN.get().kept()
            try:
                value = self.value(text, environment)
            except (Exception, OutOfFuel):
                continue
            finally:
                restore()
            if is_kind(kind, value) and len(repr(value)) < 300:
                return text
        if kind in LITERALS:
            return self.literal(kind)
        raise Stuck(kind)

    def candidate(self, kind: str, environment: Scope, local: set[str], depth: int) -> str:
        chance = self.random.random()
        own = [name for name in sorted(local) if is_kind(kind, environment[name])]
        if own and chance < 0.6:
            return self.random.choice(own)
        rows = [*ROWS[kind], *self.offers.get(kind, ()) * 3]
        if depth < self.depth and rows and chance < 0.9 - 0.2 * depth:
            return self.deeper(self.random.choice(rows), environment, local, depth)
        try:
            return self.atom(kind, environment) if chance < 0.97 else self.literal(kind)
        except Stuck:
            return self.literal(kind)

    def deeper(self, text: str, environment: Scope, local: set[str], depth: int) -> str:
        text = text.replace("<more>", self.random.choice(MORE))
        while (hole := HOLE.search(text)) is not None:
            more = _scoped(hole[3], self)
            scope = {**environment, **more}
            found = (
                self.atom(hole[1], scope)
                if hole[2]
                else self.expression(hole[1], scope, local | set(more), depth + 1)
            )
            text = _put(found, text, hole)
        return text

    def literal(self, kind: str) -> str:
        make: Callable[[Random], str] | None = LITERALS.get(kind)
        if make is None:
            raise Stuck(kind)
        return make(self.random)


def _put(found: str, text: str, hole: re.Match[str]) -> str:
    """The text with an expression in the hole, in brackets where what follows would take a part of it."""
    if text[hole.end() : hole.end() + 1] in (".", "[") and not _is_atom(found):
        found = f"({found})"
    return text[: hole.start()] + found + text[hole.end() :]


def _is_atom(text: str) -> bool:
    found = ast.parse(text, mode="eval").body
    is_text = isinstance(found, ast.Constant) and isinstance(found.value, (str, bytes))
    return is_text or isinstance(found, ATOMS)


def _whole(head: str, body: list[str], tail: str, margin: int) -> str:
    return f"{head}\n{_indented(body, ' ' * margin)}\n{tail}".rstrip()


def _given(text: str, dag: str) -> str:
    """The text with ``dag=`` in every operator, where the DAG is a variable."""
    return OPERATOR.sub(rf"\g<0>dag={dag}, ", text) if dag else text


def _named(text: str, names: dict[str, str]) -> str:
    return FRESH.sub(lambda found: names.get(found[1], found[0]), text)


def _indented(lines: list[str], margin: str = "    ") -> str:
    return "\n".join(f"{margin}{line}" if line else line for text in lines for line in text.split("\n"))


def _scoped(clause: str | None, writer: Writer) -> Scope:
    """``x=s,y=i`` as names with a value of their kind."""
    pairs = [part.split("=") for part in (clause or "").split(",") if part]
    return {name: SAMPLES[kind] for name, kind in pairs}


def _enter(line: str, environment: Scope, writer: Writer) -> None:
    """Have what the header of a compound statement binds, where that can be known."""
    try:
        if found := WITH.match(line):
            environment[found["name"]] = eval(found["made"], environment).__enter__()
        elif found := FOR.match(line):
            writer.run(f"for {found['name']} in {found['made']}: break", environment)
    except (Exception, OutOfFuel):
        return


def _is_ours(name: str) -> bool:
    return name not in NAMES and not name.startswith("__") and name[-1:].isdigit()
