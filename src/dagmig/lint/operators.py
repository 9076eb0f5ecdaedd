"""What the rules know of operators by their qualified names."""

from __future__ import annotations

from dagmig.graph.model import Task, Workflow

QUIET_WORDS = ("Empty", "Dummy", "Branch", "ShortCircuit", "LatestOnly", "Sensor", "TriggerDagRun")
LOCAL_PROVIDERS = (".standard.", ".sqlite.", ".leveldb.", ".papermill.")  # files on the worker
OLD_PROVIDERS = ("airflow.contrib.operators.", "airflow.operators.http_operator.")
TIME_SENSORS = ("DateTime", "Time", "DayOfWeek", "Wait")
BOUNDED_SENSORS = ("DatabricksSqlSensor",)  # a default of its own, an hour

BRANCHES = ("@task.branch", "@task.branch_external_python", "@task.branch_virtualenv")
MAPPED_BY_NAME = frozenset({"timeout", "retries", "execution_timeout", "**"})


def class_name(task: Task) -> str:
    return task.call.operator.rpartition(".")[2]


def says_everything(workflow: Workflow, task: Task) -> bool:
    """Whether the reader saw all arguments that reach the task: none come out of an unknown ``**``, and none
    differ between the instances of a mapped task.
    """
    if task.expand is not None and (
        task.expand.kind != "expand" or not MAPPED_BY_NAME.isdisjoint(task.expand.arguments)
    ):
        return False
    return not any("**" in known for known in (workflow.arguments, task.defaults, task.call.arguments))


def is_sensor(task: Task) -> bool:
    """Whether the task waits for something outside, in a class of Airflow's own.

    Other classes may end in Sensor too, and bring a timeout of their own.
    """
    if task.call.operator == "@task.sensor":
        return True
    is_airflows = task.call.operator.startswith("airflow.")
    return is_airflows and class_name(task).removesuffix("Async").endswith("Sensor")


def ends_by_itself(task: Task) -> bool:
    """Whether a sensor waits for a moment that is written down, or has a bound by default."""
    return class_name(task).startswith(TIME_SENSORS) or class_name(task) in BOUNDED_SENSORS


def is_branch(task: Task) -> bool:
    """Whether the task chooses which of the tasks after it run."""
    name = class_name(task)
    return task.call.operator in BRANCHES or (name.startswith("Branch") and name.endswith("Operator"))


def calls_a_service(task: Task) -> bool:
    """Whether the operator talks to a system that can be away for a moment: those of the providers."""
    operator = task.call.operator
    if operator.startswith("@") or any(word in class_name(task) for word in QUIET_WORDS):
        return False
    is_local = any(name in operator for name in LOCAL_PROVIDERS)
    return (operator.startswith("airflow.providers.") and not is_local) or operator.startswith(OLD_PROVIDERS)
