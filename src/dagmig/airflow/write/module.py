"""A whole DAG file: docstring, imports, functions, the ``with DAG(...)`` block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

import libcst as cst

from dagmig.airflow.read.operator_facts import is_plain
from dagmig.airflow.write import edges, layout, values
from dagmig.airflow.write.functions import TWO_LINES, Functions, decorator
from dagmig.airflow.write.imports import Imports
from dagmig.airflow.write.mapped import Mapped, whole
from dagmig.airflow.write.names import Names
from dagmig.airflow.write.outputs import Outputs, is_of_run
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Expansion, Group, Task, Workflow
from dagmig.graph.values import Entries, Function, Items, Literal, Value

BLOCK = 4
_HOOKS = ("pre_execute", "response_check", "response_filter")
_CALL_ONLY = ("python_callable", "op_args", "op_kwargs")
_FUNCTION = re.compile(r"def (\w+)\(")
_TASK_ID = re.compile(r"""\btask_id=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?=[,)])""")
Argument = tuple[str | None, cst.BaseExpression]


def module(workflow: Workflow, report: Report) -> tuple[str, dict[str, int]]:
    """The file's text and the line of each task."""
    writer = _Writer(workflow, report)
    return writer.text()


def is_unrendered(task: Task, name: str, value: Value) -> bool:
    """Whether only the run knows the value of an argument in which Airflow renders no template."""
    return is_of_run(value) and is_plain(task.call.operator, name, is_airflow_3=True)


class _Writer:
    """One file being written: the imports and functions met so far."""

    def __init__(self, workflow: Workflow, report: Report) -> None:
        self.workflow, self.report = workflow, report
        self.imports = Imports()
        self.dag = self.imports.name("airflow.sdk.DAG")
        self.functions = Functions(self.imports)
        self.function_names: dict[str, str] = {}
        self.outputs = Outputs(workflow)

    def text(self) -> tuple[str, dict[str, int]]:
        calls = self._calls()
        self._define_functions()
        dag = self._dag()
        taken = self.imports.bound | self.functions.bound() | set(self.function_names.values())
        names = Names(taken | {"DAG", "task"})
        variables = {task.id: names.variable(_local(task)) for task in self.workflow.tasks.values()}
        self.mapped = Mapped(self.workflow, names)
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
            if name in _HOOKS and isinstance(value, Function) and value.source:
                self.functions.hook(value)
            if is_unrendered(task, name, value):
                self._row(task, f"Airflow renders no template in `{name}`, whose value only the run knows")
            try:
                found.append((name, values.expression(value, self.imports, self.outputs.of(task))))
            except (TypeError, cst.ParserSyntaxError):
                self._row(task, f"the argument `{name}` has a value that cannot be written down")
        return found

    def _row(self, task: Task, message: str) -> None:
        """An open row about an argument."""
        self.report.row("argument", task.span, f"task:{task.id}", Disposition.DECISION, message, task=task.id)

    def _define_functions(self) -> None:
        names = Names(self.imports.bound | {"DAG", "task"})
        for task in self.workflow.tasks.values():
            function = task.call.arguments.get("python_callable")
            if not _is_taskflow(task) or not isinstance(function, Function):
                continue
            name = self.function_names[task.id] = names.free(function.name)
            rest = {key: value for key, value in task.call.arguments.items() if key not in _CALL_ONLY}
            arguments = self._arguments(task, rest)
            local = _local(task)
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
        body = self._level(None, calls, variables, self.mapped.used(), BLOCK)
        body += self._chains(None, variables, BLOCK)
        return body or [cst.SimpleStatementLine([cst.Pass()])]

    def _chains(
        self, group: str | None, variables: Mapping[str, str], block: int
    ) -> list[cst.SimpleStatementLine]:
        """The dependencies between the tasks and mapped groups of one function's body."""
        found: list[cst.SimpleStatementLine] = []
        for chain in edges.statements(self.mapped.dependencies(group), self.mapped.named(variables)):
            line = cst.SimpleStatementLine([cst.Expr(layout.fit_value(chain, block, block))])
            found.append(line.with_changes(leading_lines=[] if found else TWO_LINES[:1]))
        return found

    def _level(
        self,
        group: str | None,
        calls: Mapping[str, list[Argument]],
        variables: Mapping[str, str],
        connected: set[str],
        block: int,
    ) -> list[cst.BaseStatement]:
        """The tasks of one group, and the groups inside it: one whose tasks stand together where they do,
        any other one, and a mapped one, after the tasks.
        """
        inner = [one for one in self.workflow.groups.values() if one.parent == group]
        first = {start: one for one in inner if (start := self._first_together(one))}
        found: list[list[cst.BaseStatement]] = [[]]
        for task in self.workflow.tasks.values():
            if task.id in first:
                found += [self._group(first[task.id], calls, variables, connected, block), []]
            if task.group == group:
                variable = variables[task.id] if task.id in connected else ""
                found[-1].append(self._task(task, calls, variables, variable, block))
        placed = [one.id for one in first.values()]
        found += [
            self._group(one, calls, variables, connected, block) for one in inner if one.id not in placed
        ]
        parts = [part for part in found if part]
        return [
            statement
            if index or not (number or isinstance(statement, cst.FunctionDef))
            else _spaced_out(statement)
            for number, part in enumerate(parts)
            for index, statement in enumerate(part)
        ]

    def _first_together(self, group: Group) -> str:
        """The first task of a group that is not mapped, where no task of others stands between its own."""
        if group.expand is not None:
            return ""
        inside = [self._is_inside(task.group, group.id) for task in self.workflow.tasks.values()]
        places = [place for place, is_inside in enumerate(inside) if is_inside]
        is_together = places and places[-1] - places[0] < len(places)
        return list(self.workflow.tasks)[places[0]] if is_together else ""

    def _is_inside(self, group: str | None, outer: str) -> bool:
        while group is not None and group != outer:
            group = self.workflow.groups[group].parent
        return group is not None

    def _group(
        self,
        group: Group,
        calls: Mapping[str, list[Argument]],
        variables: Mapping[str, str],
        connected: set[str],
        block: int,
    ) -> list[cst.BaseStatement]:
        local = group.id.removeprefix(f"{group.parent}.") if group.parent else group.id
        body = self._level(group.id, calls, variables, connected, block + 4)
        if group.expand is not None:
            body += self._chains(group.id, variables, block + 4)
            return self._mapped_group(
                group.expand, local, body, variables, self._named(group, connected), block
            )
        given: list[Argument] = [(None, values.string(local))]
        if body and not self._is_prefix(group.id):
            given.append(("prefix_group_id", cst.Name("False")))
        call = layout.fit(values.call(self.imports.name("airflow.sdk.TaskGroup"), given), block, block + 5, 1)
        lines = cst.IndentedBlock(body or [cst.SimpleStatementLine([cst.Pass()])])
        return [cst.With([cst.WithItem(call)], lines)]

    def _is_prefix(self, group: str) -> bool:
        """Whether the ids in a group begin with the group's."""
        ids = [one.id for one in self.workflow.tasks.values() if one.group == group]
        ids += [one.id for one in self.workflow.groups.values() if one.parent == group]
        return any(one.startswith(f"{group}.") for one in ids)

    def _named(self, group: Group, connected: set[str]) -> tuple[str, str]:
        """The function of a mapped group, and its variable where one is needed."""
        function, variable = self.mapped.names[group.id]
        return function, variable if group.id in connected else ""

    def _mapped_group(
        self,
        expand: Expansion,
        local: str,
        body: list[cst.BaseStatement],
        variables: Mapping[str, str],
        names: tuple[str, str],
        block: int,
    ) -> list[cst.BaseStatement]:
        """The function of a mapped group, and the call that maps it."""
        function, variable = names
        decorated = values.call(
            self.imports.name("airflow.sdk.task_group"), [("group_id", values.string(local))]
        )
        given: list[Argument] = [
            (
                name,
                cst.Name(variables[task])
                if (task := whole(value))
                else values.expression(value, self.imports),
            )
            for name, value in expand.arguments.items()
        ]
        before = block + (len(variable) + 3 if variable else 0)
        call = layout.fit_value(values.call(f"{function}.{expand.kind}", given), block, before)
        definition = cst.FunctionDef(
            cst.Name(function),
            cst.Parameters([cst.Param(cst.Name(name)) for name in expand.arguments]),
            cst.IndentedBlock(body),
            [cst.Decorator(layout.fit(decorated, block, block + 1))],
        )
        assigned = cst.Assign([cst.AssignTarget(cst.Name(variable or "_"))], call)
        line = cst.SimpleStatementLine([assigned if variable else cst.Expr(call)])
        return [definition, line.with_changes(leading_lines=TWO_LINES[:1])]

    def _task(
        self,
        task: Task,
        calls: Mapping[str, list[Argument]],
        variables: Mapping[str, str],
        variable: str,
        block: int,
    ) -> cst.SimpleStatementLine:
        before = block + (len(variable) + 3 if variable else 0)
        call = layout.fit_value(self.outputs.named(self._call(task, calls), variables), block, before)
        if not variable:
            return cst.SimpleStatementLine([cst.Expr(call)])
        return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(variable))], call)])

    def _call(self, task: Task, calls: Mapping[str, list[Argument]]) -> cst.Call:
        if task.id in calls:
            name = self.imports.name(task.call.operator)
            local = _local(task)
            return values.call(name, [("task_id", values.string(local)), *calls[task.id]])
        name = self.function_names.get(task.id, "")
        arguments = task.call.arguments
        given: list[Argument] = []
        outputs = self.outputs.of(task)
        match arguments.get("op_args"):
            case Literal(list() | tuple() as members):
                given += [(None, values.literal(member, self.imports)) for member in members]
            case Items(items):
                given += [(None, values.expression(item, self.imports, outputs)) for item in items]
        match arguments.get("op_kwargs"):
            case Literal(dict() as named):
                given += [(key, values.literal(member, self.imports)) for key, member in named.items()]
            case Entries(entries):
                pairs = [(key.value, member) for key, member in entries if isinstance(key, Literal)]
                given += [(key, values.expression(member, self.imports, outputs)) for key, member in pairs]
        return values.call(name, given)

    def _lines(self, text: str, variables: Mapping[str, str]) -> dict[str, int]:
        """The line each task's own text begins on: its function, else its call."""
        found: dict[str, int] = {}
        lines = text.split("\n")
        defined, called = _places(lines)
        for task in self.workflow.tasks.values():
            if task.id in self.function_names:
                found[task.id] = defined[self.function_names[task.id]]
                continue
            at = called.get(values.quote(_local(task)), 1)
            while not re.search(r"\w\(", lines[at - 1]) and at > 1:
                at -= 1
            found[task.id] = at
        return found


def _spaced_out(statement: cst.BaseStatement) -> cst.BaseStatement:
    """A statement after a blank line."""
    return statement.with_changes(leading_lines=TWO_LINES[:1])


def _places(lines: list[str]) -> tuple[dict[str, int], dict[str, int]]:
    """The first line of each function, and of each ``task_id`` as it is written."""
    defined: dict[str, int] = {}
    called: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if function := _FUNCTION.match(line):
            defined.setdefault(function[1], number)
        for task_id in _TASK_ID.findall(line):
            called.setdefault(task_id, number)
    return defined, called


def _local(task: Task) -> str:
    """A task's id without its group's."""
    return task.id.removeprefix(f"{task.group}.") if task.group else task.id


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
