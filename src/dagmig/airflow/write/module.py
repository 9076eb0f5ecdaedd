"""A whole DAG file: docstring, imports, functions, the ``with DAG(...)`` block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

import libcst as cst

from dagmig.airflow.write import edges, layout, values
from dagmig.airflow.write.functions import TWO_LINES, Functions, decorator
from dagmig.airflow.write.imports import Imports
from dagmig.airflow.write.names import Names
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Group, Task, Workflow
from dagmig.graph.values import Entries, Function, Items, Literal, Value

BLOCK = 4
_CALL_ONLY = ("python_callable", "op_args", "op_kwargs")
Argument = tuple[str | None, cst.BaseExpression]


def module(workflow: Workflow, report: Report) -> tuple[str, dict[str, int]]:
    """The file's text and the line of each task."""
    writer = _Writer(workflow, report)
    return writer.text()


class _Writer:
    """One file being written: the imports and functions met so far."""

    def __init__(self, workflow: Workflow, report: Report) -> None:
        self.workflow, self.report = workflow, report
        self.imports = Imports()
        self.dag = self.imports.name("airflow.sdk.DAG")
        self.functions = Functions(self.imports)
        self.function_names: dict[str, str] = {}

    def text(self) -> tuple[str, dict[str, int]]:
        calls = self._calls()
        self._define_functions()
        dag = self._dag()
        taken = self.imports.bound | set(self.function_names.values())
        names = Names(taken | {"DAG", "task"})
        variables = {task: names.variable(task.rpartition(".")[2]) for task in self.workflow.tasks}
        block = self._block(calls, variables)
        shared = self.functions.statements()
        statement = cst.With([cst.WithItem(dag)], cst.IndentedBlock(block)).with_changes(
            leading_lines=TWO_LINES if shared else TWO_LINES[:1]
        )
        imports = self.imports.statements()
        header = _docstring(self.workflow)
        imports[0] = imports[0].with_changes(leading_lines=TWO_LINES[:1])
        code = cst.Module([header, *imports, *shared, statement]).code
        return code, self._lines(code, variables)

    def _calls(self) -> dict[str, list[Argument]]:
        """The arguments of every operator that is not a function, by task."""
        return {
            task.id: self._arguments(task, task.call.arguments)
            for task in self.workflow.tasks.values()
            if not _is_taskflow(task)
        }

    def _arguments(self, task: Task, arguments: Mapping[str, Value]) -> list[Argument]:
        found: list[Argument] = []
        for name, value in arguments.items():
            try:
                found.append((name, values.expression(value, self.imports)))
            except (TypeError, cst.ParserSyntaxError):
                message = f"the argument `{name}` has a value that cannot be written down"
                self.report.row(
                    "argument", task.span, f"task:{task.id}", Disposition.DECISION, message, task=task.id
                )
        return found

    def _define_functions(self) -> None:
        names = Names(self.imports.bound | {"DAG", "task"})
        for task in self.workflow.tasks.values():
            function = task.call.arguments.get("python_callable")
            if not _is_taskflow(task) or not isinstance(function, Function):
                continue
            name = self.function_names[task.id] = names.free(function.name)
            rest = {key: value for key, value in task.call.arguments.items() if key not in _CALL_ONLY}
            arguments = self._arguments(task, rest)
            local = task.id.rpartition(".")[2] if task.group else task.id
            if name != local:
                arguments.insert(0, ("task_id", values.string(local)))
            root, _, kind = task.call.operator.removeprefix("@").partition(".")
            dotted = self.imports.name(f"airflow.sdk.{root}") + (f".{kind}" if kind else "")
            self.functions.add(function, name, decorator(dotted, arguments))

    def _dag(self) -> cst.BaseExpression:
        arguments: list[Argument] = [(None, values.string(self.workflow.id or "dag"))]
        arguments += [
            (name, values.expression(value, self.imports)) for name, value in self.workflow.arguments.items()
        ]
        if self.workflow.defaults:
            entries = tuple((Literal(name), value) for name, value in self.workflow.defaults.items())
            arguments.append(("default_args", values.expression(Entries(entries), self.imports)))
        return layout.fit(values.call(self.dag, arguments), 0, 5, 1)

    def _block(
        self, calls: Mapping[str, list[Argument]], variables: Mapping[str, str]
    ) -> list[cst.BaseStatement]:
        connected = {task for edge in self.workflow.edges for task in (edge.upstream, edge.downstream)}
        body = self._level(None, calls, variables, connected, BLOCK)
        for index, chain in enumerate(edges.statements(self.workflow.edges, variables)):
            line = cst.SimpleStatementLine([cst.Expr(layout.fit(chain, BLOCK, BLOCK))])
            body.append(line.with_changes(leading_lines=[] if index else TWO_LINES[:1]))
        return body or [cst.SimpleStatementLine([cst.Pass()])]

    def _level(
        self,
        group: str | None,
        calls: Mapping[str, list[Argument]],
        variables: Mapping[str, str],
        connected: set[str],
        block: int,
    ) -> list[cst.BaseStatement]:
        """The tasks of one group, then the groups inside it."""
        found: list[cst.BaseStatement] = []
        for task in self.workflow.tasks.values():
            if task.group == group:
                variable = variables[task.id] if task.id in connected else ""
                found.append(self._task(task, calls, variable, block))
        for inner in self.workflow.groups.values():
            if inner.parent == group:
                lines = TWO_LINES[:1] if found else []
                statement = self._group(inner, calls, variables, connected, block)
                found.append(statement.with_changes(leading_lines=lines))
        return found

    def _group(
        self,
        group: Group,
        calls: Mapping[str, list[Argument]],
        variables: Mapping[str, str],
        connected: set[str],
        block: int,
    ) -> cst.BaseStatement:
        local = group.id.removeprefix(f"{group.parent}.") if group.parent else group.id
        call = values.call(self.imports.name("airflow.sdk.TaskGroup"), [(None, values.string(local))])
        body = self._level(group.id, calls, variables, connected, block + 4)
        lines = cst.IndentedBlock(body or [cst.SimpleStatementLine([cst.Pass()])])
        return cst.With([cst.WithItem(call)], lines)

    def _task(
        self, task: Task, calls: Mapping[str, list[Argument]], variable: str, block: int
    ) -> cst.SimpleStatementLine:
        before = block + (len(variable) + 3 if variable else 0)
        call = layout.fit(self._call(task, calls), block, before)
        if not variable:
            return cst.SimpleStatementLine([cst.Expr(call)])
        return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(variable))], call)])

    def _call(self, task: Task, calls: Mapping[str, list[Argument]]) -> cst.Call:
        if task.id in calls:
            name = self.imports.name(task.call.operator)
            local = task.id.rpartition(".")[2] if task.group else task.id
            return values.call(name, [("task_id", values.string(local)), *calls[task.id]])
        name = self.function_names.get(task.id, "")
        arguments = task.call.arguments
        given: list[Argument] = []
        match arguments.get("op_args"):
            case Literal(list() | tuple() as members):
                given += [(None, values.literal(member, self.imports)) for member in members]
            case Items(items):
                given += [(None, values.expression(item, self.imports)) for item in items]
        match arguments.get("op_kwargs"):
            case Literal(dict() as named):
                given += [(key, values.literal(member, self.imports)) for key, member in named.items()]
            case Entries(entries):
                pairs = [(key.value, member) for key, member in entries if isinstance(key, Literal)]
                given += [(key, values.expression(member, self.imports)) for key, member in pairs]
        return values.call(name, given)

    def _lines(self, text: str, variables: Mapping[str, str]) -> dict[str, int]:
        """The line each task's own text begins on: its function, else its call."""
        found: dict[str, int] = {}
        lines = text.split("\n")
        for task in self.workflow.tasks.values():
            if task.id in self.function_names:
                start = f"def {self.function_names[task.id]}("
                found[task.id] = next(n for n, line in enumerate(lines, 1) if line.startswith(start))
                continue
            local = task.id.rpartition(".")[2] if task.group else task.id
            mark = f"task_id={values.quote(local)}"
            at = next(
                (n for n, line in enumerate(lines, 1) if re.search(rf"\b{re.escape(mark)}[,)]", line)), 1
            )
            while not re.search(r"\w\(", lines[at - 1]) and at > 1:
                at -= 1
            found[task.id] = at
        return found


def _is_taskflow(task: Task) -> bool:
    return task.call.operator.startswith("@")


def _docstring(workflow: Workflow) -> cst.SimpleStatementLine:
    description = workflow.arguments.get("description")
    told = description.value if isinstance(description, Literal) else None
    first = _line(workflow.doc or (told if isinstance(told, str) else "")) or f"The DAG {workflow.id}"
    name = _line(PurePath(workflow.span.file).name)
    source = f"\n\nConverted from {name} by dagmig.\n" if name else ""
    return cst.SimpleStatementLine(
        [cst.Expr(cst.SimpleString(f'"""{first}{"" if first[-1] in ".!?" else "."}{source}"""'))]
    )


def _line(text: str) -> str:
    """One line that can stand in a docstring."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.replace("\\", "/").replace('"', "'").split())[:100].strip()
