"""Every rule over its own bad example with parts made unknown: silent where it needs them, and only there."""

from __future__ import annotations

import ast

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.rule import Need, Rule
from dagmig.lint.source import Source

OF_DAG = ("DAG", "dag")
LOOP = "for name in unknown.names():\n    BashOperator(task_id=name, bash_command=name{dag})"
EDGE = "BashOperator(task_id='later', bash_command='later'{dag}) >> unknown.task"


class Blurred(ast.NodeTransformer):
    """Hides parts of a DAG file: ``of_dag`` and ``of_task`` give arguments the code of their values (``**``
    more arguments), ``added`` ends each DAG.
    """

    def __init__(self, of_dag: dict[str, str], of_task: dict[str, str], added: str) -> None:
        self.of_dag, self.of_task, self.added = of_dag, of_task, added

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        name = ast.unparse(node.func).rpartition(".")[2]
        changed = (
            self.of_dag if name in OF_DAG else self.of_task if name.endswith(("Operator", "Sensor")) else {}
        )
        for argument, code in changed.items():
            given = [one for one in node.keywords if one.arg == argument]
            if given and argument != "trigger_rule":
                given[0].value = _expression(code)
            elif not given and argument != "schedule":
                node.keywords.append(ast.keyword(None if argument == "**" else argument, _expression(code)))
        return node

    def visit_With(self, node: ast.With) -> ast.With:
        self.generic_visit(node)
        node.body += _statements(self.added, "")
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        if any(ast.unparse(one).startswith("dag") for one in node.decorator_list):
            node.body += _statements(self.added, "")
        return node

    def visit_Module(self, node: ast.Module) -> ast.Module:
        self.generic_visit(node)
        for number, one in reversed(list(enumerate(node.body))):
            if isinstance(one, ast.Assign) and ast.unparse(one.value).startswith("DAG("):
                node.body[number + 1 : number + 1] = _statements(self.added, ast.unparse(one.targets[0]))
        return node


def _expression(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _statements(added: str, dag: str) -> list[ast.stmt]:
    """The statements to add inside a DAG, or to the DAG of that name."""
    return ast.parse(added.format(dag=f", dag={dag}" if dag else "")).body


HIDDEN: dict[str, tuple[dict[str, str], dict[str, str], str, set[Need]]] = {
    "a loop that adds tasks": ({}, {}, LOOP, {Need.GRAPH}),
    "a dependency": ({}, {}, EDGE, {Need.GRAPH}),
    "arguments of the DAG": (
        {"**": "unknown.more"},
        {},
        "",
        {Need.SETTINGS, Need.ARGUMENTS, Need.TRIGGERS},
    ),
    "arguments of the tasks": (
        {},
        {"**": "unknown.more"},
        "",
        {Need.ARGUMENTS, Need.TRIGGERS, Need.CALL},
    ),
    "default_args": ({"default_args": "unknown.defaults"}, {}, "", {Need.ARGUMENTS, Need.TRIGGERS}),
    "some default_args": (
        {"default_args": "{'owner': 'me', **unknown.defaults}"},
        {},
        "",
        {Need.ARGUMENTS, Need.TRIGGERS},
    ),
    "default_args of the tasks": (
        {},
        {"default_args": "unknown.defaults"},
        "",
        {Need.ARGUMENTS, Need.TRIGGERS},
    ),
    "the other trigger rules": ({}, {"trigger_rule": "unknown.rule"}, "", {Need.TRIGGERS}),
    "the schedule": ({"schedule": "unknown.schedule"}, {}, "", {Need.SCHEDULE}),
    "nothing": ({}, {}, "", set()),
}
OF_DAGS = [rule for rule in rules() if "dag" in rule.languages and rule.check_marks is None]


def hidden(text: str, what: str) -> str:
    """A DAG file of which a part is not known."""
    of_dag, of_task, added, _ = HIDDEN[what]
    tree = Blurred(of_dag, of_task, added).visit(ast.parse(text))
    imports = "import unknown\nfrom airflow.operators.bash import BashOperator\n"
    return imports + ast.unparse(ast.fix_missing_locations(tree)) + "\n"


CASES = [
    pytest.param(rule, text, HIDDEN[what][-1], id=f"{rule.id}-{what}")
    for rule in OF_DAGS
    for example in rule.examples
    if example.language == "python"
    for what in HIDDEN
    if (text := hidden(example.bad, what)) != hidden(example.bad, "nothing") or what == "nothing"
]


@pytest.mark.parametrize(("rule", "text", "lost"), CASES)
def test_silent_where_what_it_needs_is_hidden(rule: Rule, text: str, lost: set[Need]) -> None:
    chosen = tuple(one for one in rules() if one.is_default or one.id == rule.id)
    result = check(Source(text, "dag.py", "dag", is_explicit=False), chosen)
    found = {d.code for d in [*result.found, *(d for one in chosen for d in one.over_run(result.declared))]}
    assert found == (set() if rule.needs & lost else {rule.id})
