"""TaskFlow functions: the callable's own source, decorated; what it needs goes to the top of the file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import libcst as cst

from dagmig.airflow.write import layout
from dagmig.airflow.write.imports import Imports
from dagmig.airflow.write.values import call
from dagmig.graph.values import Function

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
TWO_LINES = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]


class Functions:
    """The module-level statements that functions bring with them, each once, and the functions."""

    def __init__(self, imports: Imports) -> None:
        self.imports = imports
        self.shared: dict[str, Statement] = {}
        self.hooks: dict[str, Statement] = {}
        self.defined: list[cst.FunctionDef] = []

    def add(self, function: Function, name: str, decorator: cst.BaseExpression) -> None:
        """Define ``function`` under ``name`` with a decorator."""
        for statement in _parsed(function.source):
            match statement:
                case cst.FunctionDef(name=cst.Name(value=own)) if own == function.name:
                    decorators = [cst.Decorator(layout.fit(decorator, 0, 1))]
                    self.defined.append(
                        _laid_out(statement).with_changes(name=cst.Name(name), decorators=decorators)
                    )
                case cst.SimpleStatementLine(body=[(cst.Import() | cst.ImportFrom()) as imported]):
                    self.imports.take(imported)
                case _:
                    bare, text = _bare(statement)
                    self.shared.setdefault(text, bare)

    def hook(self, function: Function) -> None:
        """Define a function that an operator is given, as it is."""
        for statement in cst.parse_module(function.source).body:
            match statement:
                case cst.SimpleStatementLine(body=[(cst.Import() | cst.ImportFrom()) as imported]):
                    self.imports.take(imported)
                case cst.FunctionDef(name=cst.Name(value=own)) if own == function.name:
                    laid_out = _laid_out(statement)
                    self.hooks.setdefault(layout.code(laid_out), laid_out)
                case _:
                    bare = statement.with_changes(leading_lines=[])
                    self.hooks.setdefault(layout.code(bare), bare)

    def bound(self) -> set[str]:
        """The names that the shared statements define."""
        found: set[str] = set()
        for statement in (self.shared | self.hooks).values():
            match statement:
                case (
                    cst.FunctionDef(name=cst.Name(value=name))
                    | cst.SimpleStatementLine(
                        body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])]
                    )
                ):
                    found.add(name)
        return found

    def statements(self) -> list[Statement]:
        """What stands between the imports and the DAG, two blank lines around functions."""
        found: list[Statement] = []
        for statement in [*(self.shared | self.hooks).values(), *self.defined]:
            is_simple = isinstance(statement, cst.SimpleStatementLine)
            lines = TWO_LINES[:1] if is_simple and not found else TWO_LINES
            found.append(statement.with_changes(leading_lines=lines))
        return found


def _parsed(source: str) -> list[Statement]:
    """The statements of a source; what is the same in many of them is parsed once."""
    try:
        return [statement for part in source.split("\n\n\n") for statement in _part(part)]
    except cst.ParserSyntaxError:  # the blank lines are inside of a text or of a class
        return list(cst.parse_module(source).body)


@lru_cache(maxsize=1000)
def _part(text: str) -> tuple[Statement, ...]:
    return tuple(cst.parse_module(text).body)


@lru_cache(maxsize=1000)
def _bare(statement: Statement) -> tuple[Statement, str]:
    """A statement without the lines before it, and its text."""
    bare = statement.with_changes(leading_lines=[])
    return bare, layout.code(bare)


def _laid_out(function: cst.FunctionDef) -> cst.FunctionDef:
    body = _spaced(function.body.body, 4)
    return function.with_changes(body=function.body.with_changes(body=body), leading_lines=[])


def _spaced(
    statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement], block: int
) -> list[cst.BaseStatement | cst.BaseSmallStatement]:
    """Statements of a block laid out, a blank line around each function."""
    found = []
    for number, one in enumerate(statements):
        laid_out = _statement(one, block)
        is_function = isinstance(one, cst.FunctionDef)
        is_after = number > 0 and isinstance(statements[number - 1], cst.FunctionDef)
        if is_function or is_after:
            laid_out = laid_out.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        found.append(laid_out)
    return found


def _compound(statement: cst.CSTNodeT, block: int) -> cst.CSTNodeT:
    """A compound statement with all its bodies laid out."""
    match getattr(statement, "body", None):
        case cst.IndentedBlock(body=inner) as body:
            statement = statement.with_changes(body=body.with_changes(body=_spaced(inner, block + 4)))
    match statement:
        case cst.If(test=test, orelse=other):
            test = layout.fit_condition(test, block, block + 3)
            return statement.with_changes(test=test, orelse=other and _compound(other, block))
        case cst.Try(handlers=handlers):
            return statement.with_changes(handlers=[_compound(one, block) for one in handlers])
    return statement


def _statement(
    statement: cst.BaseStatement | cst.BaseSmallStatement, block: int = 4
) -> cst.BaseStatement | cst.BaseSmallStatement:
    match statement:
        case cst.If() | cst.Try() | cst.While() | cst.FunctionDef():
            return _compound(statement, block)
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call() as called) as old]):
            return statement.with_changes(body=[old.with_changes(value=layout.fit(called, block, block))])
        case cst.SimpleStatementLine(body=[cst.Return(value=cst.BaseExpression() as returned) as old]):
            fitted = layout.fit_value(returned, block, block + 7)
            return statement.with_changes(body=[old.with_changes(value=fitted)])
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[target], value=made) as old]):
            fitted = layout.fit_value(made, block, block + len(layout.code(target)))
            return statement.with_changes(body=[old.with_changes(value=fitted)])
        case cst.SimpleStatementLine(body=[cst.Raise(exc=cst.Call() as raised, cause=cause) as old]):
            after = len(layout.code(cause)) if cause else 0
            fitted = layout.fit(raised, block, block + 6, after)
            return statement.with_changes(body=[old.with_changes(exc=fitted)])
    return statement


def decorator(name: str, arguments: Sequence[tuple[str | None, cst.BaseExpression]]) -> cst.BaseExpression:
    """``@task`` or ``@task.branch(...)`` without its at sign."""
    dotted = cst.parse_expression(name)
    return call(name, arguments) if arguments else dotted
