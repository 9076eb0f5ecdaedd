"""From what a file made to the graph, with a span and a diagnostic for what is not known."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from dagmig.airflow.read.airflow_objects import Dag, Group, MappedItem, Several, Task, XCom
from dagmig.airflow.read.build import Builder
from dagmig.airflow.read.codes import SEVERITIES
from dagmig.airflow.read.evaluation import in_order, is_known
from dagmig.airflow.read.extract import extract
from dagmig.airflow.read.objects import Assumed, Func, New, Ref, Unsure
from dagmig.airflow.read.operator_facts import OWN_DEFAULTS, plain
from dagmig.airflow.read.paths import as_texts
from dagmig.airflow.read.tree import Tree
from dagmig.airflow.read.unknown import say_unknown
from dagmig.diagnostics import Report, Span
from dagmig.graph import model, values
from dagmig.graph.model import RETIRED_RULES, TriggerRule, Workflow
from dagmig.graph.values import UNKNOWN

RULES = frozenset(rule.value for rule in TriggerRule)
OF_POLICY = frozenset(
    {"execution_timeout", "max_retry_delay", "retries", "retry_delay", "retry_exponential_backoff", "**"}
)
PLAIN = frozenset({str, int, bool, float, type(None), datetime, date, timedelta})


class Translation:
    def __init__(
        self,
        tree: Tree,
        file: str,
        builder: Builder,
        report: Report,
        bodies: bool,
    ) -> None:
        self.is_airflow_3 = builder.is_airflow_3
        self.tree, self.file, self.builder, self.report, self.bodies = tree, file, builder, report, bodies
        self.functions: dict[int, values.Function] = {}
        self.codes: dict[int, str] = {}  # by ``id(node)``
        self.defaults: dict[int, values.Value] = {}  # by ``id(value)``

    def workflows(self, dags: list[Dag]) -> tuple[Workflow, ...]:
        doubts = self.builder.doubts
        origins = self._origins()
        for doubt in doubts:
            message = doubt.message + origins.get(id(doubt.origin), "")
            severity = doubt.severity or SEVERITIES[doubt.code]
            self.report.add(doubt.code, message, self.span(doubt.node), severity)
        found = self._doubt_twins(tuple(self._workflow(dag) for dag in dags))
        for workflow in found:
            say_unknown(workflow, self.report)
        return found

    def _doubt_twins(self, found: tuple[Workflow, ...]) -> tuple[Workflow, ...]:
        """Of DAGs of one id Airflow keeps one, and goes through them in no known order."""
        first: dict[str, Workflow] = {}
        twins: dict[str, Span] = {}
        for one in found:
            if one.id is not None and first.setdefault(one.id, one) != one:
                twins[one.id] = one.span
        for dag_id, span in twins.items():
            message = f"the file has more than one DAG `{dag_id}`: Airflow keeps any one of them"
            self.report.add("duplicate-dag-id", message, span, SEVERITIES["duplicate-dag-id"])
        return tuple(replace(one, is_complete=False) if one.id in twins else one for one in found)

    def _origins(self) -> dict[int, str]:
        """Where in other modules of the project doubts arose, in words, by ``id(origin)``."""
        origins = (doubt.origin for doubt in self.builder.doubts)
        waiting = {id(origin): origin for origin in origins if origin is not None}
        found: dict[int, str] = {}
        for path, module in self.builder.modules.items():
            if not waiting:
                break
            if (tree := module.scope.tree) is None:
                continue
            for key, node in list(waiting.items()):
                if tree.holds(node):
                    found[key] = f" (in `{module.name}`, line {tree.span(node, path.name).line})"
                    del waiting[key]
        return found

    def span(self, node: ast.AST | None) -> Span:
        """Where a node stands in the file; the file where it is a node of a module."""
        is_own = node is not None and self._home(node) is self.tree
        return self.tree.span(node, self.file) if node is not None and is_own else Span(self.file)

    def _workflow(self, dag: Dag) -> Workflow:
        arguments = dict(dag.arguments)
        if "template_searchpath" in arguments:
            arguments["template_searchpath"] = as_texts(arguments["template_searchpath"])
        doc = arguments.get("doc_md") or dag.doc
        tasks = {task.id: self._task(task, dag) for task in dag.tasks.values() if task.id is not None}
        edges = frozenset(
            model.Edge(task.id, down.id, task.labels.get(id(down), ""))
            for task in dag.tasks.values()
            for down in task.downstream
            if task.id in tasks and down.id in tasks
            if task.id is not None and down.id is not None
        )
        groups = {
            name: model.Group(
                name,
                group.parent.id if group.parent is not None else None,
                self._expansion(group.expand),
                group.doc,
                self.span(group.node),
            )
            for name, group in dag.groups.items()
        }
        for group in dag.groups.values():  # one node may make several groups
            if group.parent is not None and group.parent.id is not None and group.parent.id not in groups:
                groups.pop(group.id or "", None)
        return Workflow(
            dag.id if isinstance(dag.id, str) else None,
            tasks,
            edges,
            groups,
            self._all(arguments),
            self._all(dag.defaults),
            doc if isinstance(doc, str) else "",
            dag.is_complete,
            self.is_airflow_3,
            self.span(dag.node),
        )

    def _task(self, task: Task, dag: Dag) -> model.Task:
        doc = task.arguments.get("doc_md") or (task.function.doc if task.function else "")
        return model.Task(
            task.id or "",
            model.Call(task.operator, self._all(task.arguments)),
            self._policy(task),
            self._trigger(task),
            self._expansion(task.expand),
            task.group.id if task.group is not None else None,
            task.is_setup,
            task.is_teardown,
            doc if isinstance(doc, str) else "",
            self._all_of_defaults(task.defaults),
            self._plain_arguments(task),
            self.span(task.node),
        )

    def _plain_arguments(self, task: Task) -> frozenset[str]:
        """The arguments that are surely no templates; of a class of the project's own that is not asked."""
        never = plain(task.operator, self.is_airflow_3) if task.cls is None else frozenset[str]()
        return frozenset(name for name in {*task.arguments, *task.defaults} if name in never)

    def _expansion(self, found: tuple[str, dict[str, Any]] | None) -> model.Expansion | None:
        return None if found is None else model.Expansion(found[0], self._all(found[1]))

    def _policy(self, task: Task) -> model.Policy:
        own = OWN_DEFAULTS.get(task.operator.rpartition(".")[2], {})
        if not own and OF_POLICY.isdisjoint(task.arguments) and OF_POLICY.isdisjoint(task.defaults):
            return model.Policy()

        def given(name: str, default: Any) -> Any:
            if name in task.arguments:
                return task.arguments[name]
            if name in task.defaults:
                return task.defaults[name]
            unsure = "**" in task.arguments or "**" in task.defaults
            if task.expand is not None and name in own and not self.is_airflow_3:
                unsure = True  # a mapped operator has its own defaults in Airflow 3 only
            return Unsure(task.node) if unsure else own.get(name, default)

        def delta(name: str, default: Any) -> Any:
            found = given(name, default)
            if isinstance(found, (int, float)) and not isinstance(found, bool):
                return timedelta(seconds=found)
            return found if isinstance(found, timedelta) or found is None else UNKNOWN

        retries, backoff = given("retries", 0), given("retry_exponential_backoff", 0.0)
        if isinstance(retries, str) and retries.isdigit():
            retries = int(retries)  # as Airflow does
        factor = (2.0 if backoff else 0.0) if isinstance(backoff, bool) else backoff
        return model.Policy(
            retries if isinstance(retries, int) else 0 if retries is None else UNKNOWN,
            delta("retry_delay", timedelta(seconds=300)),
            float(factor) if isinstance(factor, (int, float)) else UNKNOWN,
            delta("max_retry_delay", None),
            delta("execution_timeout", None),
        )

    def _trigger(self, task: Task) -> Any:
        unsure = "**" in task.arguments or "**" in task.defaults
        default = task.defaults.get("trigger_rule", UNKNOWN if unsure else "all_success")
        found = task.arguments.get("trigger_rule", "all_done_setup_success" if task.is_teardown else default)
        if isinstance(found, Ref):
            found = found.name.rpartition(".")[2].lower()
        if not isinstance(found, str):
            return UNKNOWN
        found = RETIRED_RULES.get(found, found)
        return TriggerRule(found) if found in RULES else UNKNOWN

    def _all(self, found: dict[str, Any]) -> dict[str, values.Value]:
        return {str(name): self._value(value) for name, value in found.items() if name != "default_args"}

    def _all_of_defaults(self, found: dict[str, Any]) -> dict[str, values.Value]:
        """As ``_all``, for values that all tasks of a DAG hold: each is translated once."""
        return {str(name): self._default(value) for name, value in found.items() if name != "default_args"}

    def _default(self, found: Any) -> values.Value:
        known = self.defaults.get(id(found))
        if known is None:
            known = self.defaults[id(found)] = self._value(found)
        return known

    def _value(self, found: Any) -> values.Value:  # noqa: C901, PLR0912
        if found.__class__ in PLAIN:
            return values.Literal(found)
        match found:
            case list() | tuple() | set():
                items = [self._value(item) for item in (in_order(found) if isinstance(found, set) else found)]
                kind = type(found).__name__
                if all(isinstance(item, values.Literal) for item in items):
                    return values.Literal(found)
                return values.Items(tuple(items), kind)
            case dict():
                pairs = [(self._value(key), self._value(value)) for key, value in found.items()]
                if all(isinstance(part, values.Literal) for pair in pairs for part in pair):
                    return values.Literal(found)
                return values.Entries(tuple(pairs))
            case XCom(task=task, key=key):
                return values.Output(task.id or "", key if isinstance(key, str) else "return_value")
            case Ref(name):
                return values.Reference(name.removeprefix("builtins."))
            case New(type="dagmig.param", args=[name]):
                return values.Param(name)
            case New():
                keywords = {key: self._value(value) for key, value in found.kwargs.items()}
                return values.New(found.type, tuple(self._value(a) for a in found.args), keywords)
            case Func():
                return self._function(found)
            case Unsure(node=node):
                home = self._home(node)
                return values.Opaque(self._code(node, home), self.span(node) if home is self.tree else None)
            case MappedItem(path=path):
                return values.MapItem(path)
            case Several(kind="map", parts=[first, function]):
                return values.Transformed(self._value(first), self._value(function))
            case Several(kind="zip" | "concat"):
                fill = self._value(found.fill) if found.is_filled else None
                return values.Joined(found.kind, tuple(map(self._value, found.parts)), fill)
            case Several() | Task() | Group() | Dag():
                return values.Opaque(type(found).__name__)
        if isinstance(found, Assumed):
            return values.Literal(str(found), is_assumed=True)
        if is_known(found) or isinstance(found, (date, datetime)):
            return values.Literal(found)
        return values.Opaque(type(found).__name__)

    def _code(self, node: ast.AST, home: Tree) -> str:
        known = self.codes.get(id(node))
        if known is None:
            known = self.codes[id(node)] = home.code(node)
        return known

    def _home(self, node: ast.AST) -> Tree:
        """The tree a node is of: the file's own, or that of a module it imports."""
        if self.tree.holds(node):
            return self.tree
        others = (module.scope.tree for module in self.builder.modules.values())
        return next((one for one in others if one is not None and one.holds(node)), self.tree)

    def _function(self, found: Func) -> values.Function:
        while found.written is not None:
            found = found.written
        known = self.functions.get(id(found))
        if known is None:
            known = extract(found.env.root.tree or self.tree, found, self._value, with_source=self.bodies)
            self.functions[id(found)] = known
        return known
