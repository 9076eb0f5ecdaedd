"""DAGs, groups and tasks, as their constructors make them."""

from __future__ import annotations

import ast
import re
from typing import Any

from dagmig.airflow.read import names
from dagmig.airflow.read.airflow_objects import Block, Dag, Group, Task, Wrapped, XCom
from dagmig.airflow.read.doubts import reason
from dagmig.airflow.read.evaluation import Raised
from dagmig.airflow.read.invoking import Invoking
from dagmig.airflow.read.objects import Class, Func, New, Unsure
from dagmig.airflow.read.operator_facts import facts

LAUNCH = "airflow.providers.databricks.operators.databricks_workflow._CreateDatabricksWorkflowOperator"
LAUNCHED_WITH = (
    "databricks_conn_id", "access_control_list", "existing_clusters", "extra_job_params", "jar_params",
    "job_clusters", "max_concurrent_runs", "notebook_packages", "notebook_params",
    "python_params", "spark_submit_params",
)  # fmt: skip
NOT_ARGUMENTS = ("task_id", "dag", "task_group")


class Making(Invoking):
    """Makes Airflow objects, and keeps what is being entered and left."""

    def enter(self, value: Any, node: ast.AST) -> Any:
        if isinstance(value, Dag):
            self._register(value, node)
            self.dag_stack.append(value)
        elif isinstance(value, Group):
            self.group_stack.append(value)
        elif isinstance(value, (Task, XCom, Wrapped)):
            tasks = [one.task if isinstance(one, XCom) else one for one in self._flat(value)]
            if not all(isinstance(task, Task) for task in tasks) or not tasks:
                self.doubt(node, "which setups or teardowns a `with` is over is not known")
                return value
            if not all(task.is_setup or task.is_teardown for task in tasks):
                raise Raised(RuntimeError("only setups and teardowns can be used as context managers"))
            self.contexts.enter(tasks)
            return Block()
        elif isinstance(value, (list, tuple)):
            raise Raised(TypeError("a list is no context manager"))
        elif isinstance(value, New) and value.type.endswith("TaskGroup"):
            group = value.type.rpartition(".")[2]
            self.doubt(
                node, f"what `{group}` adds is not known", follows="its tasks have other ids and dependencies"
            )
        return value

    def _register(self, dag: Dag, node: ast.AST) -> None:
        """Airflow takes a DAG that is entered for one of the file, unless told not to."""
        wanted = dag.arguments.get("auto_register", True)
        dag.is_registered = dag.is_registered or wanted is not False
        if not isinstance(wanted, bool):
            self.doubt(node, "whether the DAG is registered is not known")

    def leave(self, value: Any) -> None:
        if isinstance(value, Dag):
            self.dag_stack.pop()
        elif isinstance(value, Group):
            if value.launch is not None:
                self._launch(value)
            self.group_stack.pop()
        elif isinstance(value, (Task, XCom, Wrapped)):
            self.contexts.leave()
        elif id(value) in self.kept_open:
            for one in reversed(self.kept_open.pop(id(value))):
                self.leave(one)

    def _make_dag(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Dag:
        self.effects += 1
        arguments = dict(kwargs)
        for name, value in zip(("dag_id", "description", "schedule"), args, strict=False):
            arguments.setdefault(name, value)
        dag_id = arguments.pop("dag_id", Unsure(node))
        defaults = arguments.pop("default_args", None) or {}
        dag = Dag(dag_id, arguments, {}, self.at(node))
        self.dags.append(dag)
        if isinstance(defaults, dict):
            dag.defaults = dict(defaults)
        else:
            self._doubt_defaults(dag, defaults, node)
        if not isinstance(dag_id, str):
            said = f"the dag_id is not known{reason(dag_id)}: the DAG has no id here"
            self.say("unknown-id", said, node)
        if "**" in arguments:
            if "default_args" not in kwargs:
                dag.defaults["**"] = arguments["**"]
            said = f"arguments of the DAG are not known{reason(arguments['**'])}"
            self.say("unknown-value", f"{said}: when it runs is left open", node)
        return dag

    def _doubt_defaults(self, dag: Dag, defaults: Any, node: ast.AST) -> None:
        dag.defaults = {"**": defaults}
        said = f"`default_args` are not known{reason(defaults)}: what a task does not set itself is left open"
        self.say("unknown-default-args", said, node)

    def _make_group(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST, label: str = "") -> Group:
        self.effects += 1
        found = kwargs.get("group_id", args[0] if args else label)
        if "**" in kwargs:
            found = found if "group_id" in kwargs or args or label else kwargs["**"]
            said = f"arguments of a task group are not known{reason(kwargs['**'])}"
            self.doubt(node, said, follows="the ids of its tasks may be others")
        if not isinstance(found, str):
            said = f"the group_id is not known{reason(found)}"
            self.doubt(node, said, "unknown-id", "it is `unknown` in the ids of the group's tasks")
            found = "unknown"
        dag = self._handed(kwargs, "dag", Dag, node) or self._dag()
        parent = self._handed(kwargs, "parent_group", Group, node) or self._group(dag)
        prefix = self.truth(kwargs.get("prefix_group_id", True))
        if prefix is None:
            said = f"`prefix_group_id` is not known{reason(kwargs['prefix_group_id'])}"
            self.doubt(node, said, follows="the ids of the group's tasks may be without it")
        if dag is not None and self.truth(kwargs.get("add_suffix_on_collision", False)):
            full = parent.child_id(found) if parent else found
            if full in dag.groups or full in dag.tasks:
                after = max(one.next(_stem(found)) for one in (dag.suffixes, dag.group_suffixes))
                found = f"{_stem(found) if after > 1 else found}__{after}"
        own = kwargs.get("default_args", kwargs.get("**"))
        inherited = dict(parent.defaults) if parent else {}
        taken = {*dag.groups, *dag.tasks} if dag is not None and not self.undecided else ()
        if (parent.child_id(found) if parent else found) in taken and prefix is True:
            raise Raised(ValueError("a group_id is used twice"))
        group_id = parent.child_id(found) if parent else found
        group = Group(group_id, found, parent, prefix is not False, {**inherited, **_defaults(own)})
        group.node = self.at(node)
        tooltip = kwargs.get("tooltip")
        group.doc = tooltip if isinstance(tooltip, str) else ""
        if parent is not None:
            parent.children.append(group)
        if dag is not None:
            dag.groups[group_id] = group
            dag.group_suffixes.take(group_id)
        return group

    def _launch(self, group: Group) -> None:
        """As ``DatabricksWorkflowTaskGroup.__exit__``: the task ``launch``, before the group's roots."""
        roots, tasks, node = group.roots(), list(group.tasks()), group.node
        assert node is not None
        if group.before:
            said = "what `launch` comes after is not known (versions of the provider differ)"
            self.doubt(node, said, follows="its dependencies may be others")
        launch = self._make_task(
            LAUNCH, {"task_id": "launch", "task_group": group, **(group.launch or {})}, node
        )
        for task in tasks:
            self._depend_on_attributes(task, {"workflow_run_metadata": XCom(launch)})
        for root in roots:
            self._edge(launch, root)

    def _handed(self, kwargs: dict[str, Any], name: str, kind: type[Any], node: ast.AST) -> Any:
        """The DAG or group that an argument names; None, and a doubt, where nobody knows which."""
        found = kwargs.get(name)
        if found is None or isinstance(found, kind):
            return found
        self.doubt(
            node, f"`{name}` is not known{reason(found)}", follows="what is made here may belong there"
        )
        return None

    def _make_task(
        self,
        kind: str,
        kwargs: dict[str, Any],
        node: ast.AST,
        *,
        unique: bool = False,
        function: Func | None = None,
        cls: Class | None = None,
        is_mapped: bool = False,
    ) -> Task:
        self.effects += 1
        arguments = {key: value for key, value in kwargs.items() if key not in NOT_ARGUMENTS}
        dag = self._handed(kwargs, "dag", Dag, node) or self._dag()
        group = self._handed(kwargs, "task_group", Group, node) or self._group(dag)
        if dag is None and "**" in kwargs and "dag" not in kwargs:
            said = f"arguments of a task are not known{reason(kwargs['**'])}"
            self.doubt(node, said, follows="its DAG may be among them")
        label = names.text(kwargs.get("task_id"))
        is_certain = not self.undecided
        task = Task(
            None, kind, arguments, {}, self.at(node), function=function, cls=cls, is_certain=is_certain
        )
        own = kwargs.get("default_args")
        task.defaults = {
            **(dag.defaults if dag else {}),
            **(group.defaults if group else {}),
            **_defaults(own),
        }
        task.group = group
        if not isinstance(label, str):
            if facts(kind) is not None and not {"task_id", "**"} & (kwargs.keys() | task.defaults.keys()):
                raise Raised(TypeError("missing argument: 'task_id'"))
            said = f"the task_id is not known{reason(label)}"
            self.doubt(node, said, "unknown-id", "the task and its dependencies are missing")
            return task
        if unique and dag is not None:
            full = group.child_id(label) if group else label
            if full in dag.tasks:  # as Airflow's ``get_unique_task_id``
                label = f"{_stem(label)}__{dag.suffixes.next(_stem(full))}"
        task.id = group.child_id(label) if group else label
        if dag is not None:
            self.add(dag, task)
        if not is_mapped:  # Airflow's blocks of setups do not see mapped tasks
            self.contexts.note(task)
        self._collect_subdag(task, node)
        self._depend_on_arguments(task, arguments)
        return task

    def _collect_subdag(self, task: Task, node: ast.AST) -> None:
        """Airflow 1 and 2 take the DAG of a ``SubDagOperator`` for one of the file."""
        if task.operator.rpartition(".")[2] != "SubDagOperator":
            return
        subdag = task.arguments.get("subdag")
        if isinstance(subdag, Dag):
            subdag.is_registered = True
            return
        self.say("unknown-value", f"the `subdag` of task `{task.id}` is not known: that DAG is missing", node)


def _defaults(given: Any) -> dict[str, Any]:
    """The ``default_args`` of a group or task; under ``**`` what is not known."""
    return given if isinstance(given, dict) else {} if given is None else {"**": given}


def _stem(name: str) -> str:
    return re.split(r"__\d+$", name)[0]
