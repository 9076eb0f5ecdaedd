"""A task that runs a generated Lambda function: the state, the event it sends, and what is in doubt.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html; ``PythonOperator.execute`` and
``determine_kwargs`` say what a callable gets.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Function, Items, Literal, Value
from dagmig.integrations.asking import WHOLE, Asked
from dagmig.integrations.aws import LAMBDA_RETRY
from dagmig.integrations.aws_hook import HOOKS
from dagmig.integrations.code import entry, is_stood_in
from dagmig.integrations.context import asked, sent
from dagmig.integrations.fragment import MAIN, SKIP, Expression, Fragment, FunctionName, Projection
from dagmig.integrations.python_source import bound, changed_globals, definition, imports, read_environment
from dagmig.integrations.spelling import mapping, members

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
OWN = frozenset({"python_callable", "op_args", "op_kwargs", "templates_dict", "multiple_outputs"})
DROPPED = {
    "show_return_value_in_logs": "a function's answer is not printed",
    "templates_exts": "no file is read as a template",
}
LIMIT = timedelta(minutes=15)  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
IN_RUNTIME = frozenset({"boto3", "botocore"})  # in Lambda's Python runtimes; SnapStart and layers aside
IN_ENVIRONMENT = frozenset({"AWS_DEFAULT_REGION", "AWS_REGION", "LANG", "PATH", "TZ"})
SET = "set it in the function's configuration"
PAYLOAD = "$states.result.Payload"
IMPORTED = "imports"  # the construct of rows about what a function's package must carry
LASTING = "global"  # the construct of rows about what a function keeps between two calls
KEPT = (
    "the code changes `{name}` of its module, which a warm Lambda function keeps for the next call; a "
    "task of Airflow's begins anew"
)
HOOK = (
    "the function's role, and its region, replace the Airflow connection of the hook that makes its clients"
)
EMPTY = (None, Literal(None), Literal([]), Literal(()), Literal({}), Items(()), Entries(()))


@dataclass(frozen=True, slots=True)
class Keys(Mapping[str, Projection]):
    """The outputs of a callable: what it returns, the keys it pushes, and each key of a dict where
    ``is_open`` (``multiple_outputs``).
    """

    pushed: frozenset[str] = frozenset()
    is_open: bool = False

    def __getitem__(self, key: str) -> Projection:
        if key not in self:
            raise KeyError(key)
        result = f"{PAYLOAD}.return_value" if self.pushed else PAYLOAD
        if key in self.pushed:
            result = f"{PAYLOAD}.`{key}`"
        elif key != "return_value":
            result = f"{result}.`{key}`"
        return Projection(MAIN, Expression.of(result))

    def __contains__(self, key: object) -> bool:
        return key == "return_value" or key in self.pushed or (self.is_open and "`" not in str(key))

    def __iter__(self) -> Iterator[str]:
        return iter(("return_value", *sorted(self.pushed)))

    def __len__(self) -> int:
        return 1 + len(self.pushed)


def invoke(
    task: Task,
    source: str,
    event: Mapping[str, Any],
    found: Asked,
    report: Report,
    *,
    skips: bool = False,
) -> Fragment:
    """The state that calls the task's generated function; ``skips``: what runs the code may skip."""
    function = task.argument("python_callable")
    name = entry(function if isinstance(function, Function) else None)
    said = (
        f"the code runs in a Lambda function, made from the source beside the machine with `{name}` as its "
        "entry point: it ends after 15 minutes at the latest and answers in JSON"
    )
    _row(task, "python-callable", NOTED, said, report)
    timeout = task.policy.timeout
    if isinstance(timeout, timedelta) and timeout > LIMIT:
        _row(task, "execution_timeout", DECISION, "it is longer than a Lambda function may run", report)
    arguments = {"FunctionName": FunctionName(task.id), **({"Payload": event} if event else {})}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments}
    outputs = Keys(frozenset(found.pushed), _has_keys(task))
    functions = {f"{task.id}.py": source} if source else {}
    can_skip = skips or bool(found.conditions) or (isinstance(function, Function) and _raises_skip(function))
    return Fragment({MAIN: state}, outputs, (LAMBDA_RETRY,), functions, skips=(SKIP,) if can_skip else ())


def _raises_skip(function: Function) -> bool:
    return any(SKIP in one.read for one in imports(function.source))


def callable_event(task: Task, report: Report) -> tuple[dict[str, Any], Asked]:
    """What the state sends to a callable, and what that asks for; rows for all that is not sent."""
    found = asked(task)
    event: dict[str, Any] = {}
    if (args := task.argument("op_args")) not in EMPTY:
        event["args"] = args
    if (kwargs := _kwargs(task, found, report)) not in EMPTY:
        event["kwargs"] = kwargs
    if found.names:
        event["context"] = sent(task, found)
    function = task.argument("python_callable")
    if isinstance(function, Function) and function.source:
        for said in _doubts(task, function, found):
            _row(task, "python-callable", DECISION, said, report)
        for said in _missing(function):
            _row(task, IMPORTED, DECISION, said, report)
        if any(one.read & HOOKS and is_stood_in(one, function.source) for one in imports(function.source)):
            _row(task, "hook", NOTED, HOOK, report)
        for name in changed_globals(function):
            _row(task, LASTING, DECISION, KEPT.format(name=name), report)
        for said in _unset(function):
            _row(task, "environment", DECISION, said, report)
    else:
        said = "the callable's code is not in this file: write the Lambda function by hand"
        _row(task, "python-callable", DECISION, said, report)
    return event, found


def _row(task: Task, construct: str, disposition: Disposition, said: str, report: Report) -> None:
    report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)


def _kwargs(task: Task, found: Asked, report: Report) -> Value | None:
    """The keyword arguments that the callable takes: Airflow leaves the others out."""
    value = task.argument("op_kwargs")
    function = task.argument("python_callable")
    if value is None or not isinstance(function, Function) or found.takes_rest or not function.source:
        return value
    try:
        pairs = members(value)
    except ValueError:
        return value
    taken = {parameter.name for parameter in function.parameters}
    left = [name for name, _ in pairs if name not in taken]
    if not left:
        return value
    said = (
        f"{', '.join(f'`{name}`' for name in left)}: the callable does not take it, so that nothing sends it"
    )
    _row(task, "op_kwargs", NOTED, said, report)
    return mapping((name, item) for name, item in pairs if name in taken)


def _doubts(task: Task, function: Function, found: Asked) -> Iterator[str]:
    if definition(function) is None:
        yield "the code could not be read, so that nothing of Airflow's context is sent"
    for name in function.free:
        is_there = name in bound(function.source)
        what = "changes in a loop or a condition that is not carried along" if is_there else "does not define"
        yield f"the code uses `{name}`, which the module {what}"
    for name in sorted(found.problems):
        what = "all of" if name == WHOLE else f"`{name}` of"
        yield f"the code uses {what} Airflow's context, which the state does not send"
    for name in ("op_args", "op_kwargs"):
        if (value := task.argument(name)) is not None and not _is_json(value):
            yield f"`{name}` holds a date, bytes or a set, which arrives as JSON text or a list"


def is_whole(function: Function) -> bool:
    """Whether what is generated has all that the code needs: no more of its module, nothing of Airflow."""
    source = function.source
    of_airflow = (one for one in imports(source) if one.module.partition(".")[0] == "airflow")
    return not function.free and all(is_stood_in(one, source) for one in of_airflow)


def _missing(function: Function) -> Iterator[str]:
    used = imports(function.source)
    outside = {one.module.partition(".")[0] or "." for one in used if not is_stood_in(one, function.source)}
    for package in sorted(outside - sys.stdlib_module_names - IN_RUNTIME):
        yield f"the code needs `{package}`, which the function's package must carry"


def _unset(function: Function) -> Iterator[str]:
    """What the code asks of the environment of Airflow's workers."""
    names = [name for name in read_environment(function.source) if name not in IN_ENVIRONMENT]
    if known := [f"`{name}`" for name in names if name is not None]:
        yield f"the code reads {', '.join(known)} of its environment: {SET}"
    if None in names:
        yield f"the code reads an environment variable whose name is computed: {SET}"


def _is_json(value: Value) -> bool:
    match value:
        case Literal(constant):
            return _is_plain(constant)
        case Items(items):
            return all(_is_json(item) for item in items)
        case Entries(entries):
            return all(_is_json(item) for _, item in entries)
    return True


def _is_plain(constant: Any) -> bool:
    if isinstance(constant, dict):
        return all(_is_plain(item) for item in constant.values())
    if isinstance(constant, (list, tuple)):
        return all(_is_plain(item) for item in constant)
    return not isinstance(constant, (date, timedelta, bytes, set, frozenset))


def _has_keys(task: Task) -> bool:
    """Whether each key of what is returned is an XCom: said so, or seen at the annotation (``@task``)."""
    value, function = task.argument("multiple_outputs"), task.argument("python_callable")
    if value is not None:
        return value == Literal(True)
    if not task.call.operator.startswith("@task") or not isinstance(function, Function):
        return False
    returned = getattr(definition(function), "returns", None)
    base = returned.value if isinstance(returned, ast.Subscript) else returned
    name = getattr(base, "id", getattr(base, "attr", ""))
    return name in ("dict", "Dict", "Mapping", "MutableMapping")
