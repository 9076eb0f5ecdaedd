"""Where LocalStack's Step Functions interpreter is not AWS's, put right for the comparison.

Each is known from executions recorded on AWS or from AWS's documentation, and stands in one function here;
nothing else of its semantics is touched.
"""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from collections.abc import Callable
from random import Random
from typing import Any

import jsonata
import localstack_modules as ls
from jsonata.functions import Functions
from jsonata.utils import Utils


def correct_all() -> None:
    states_errors_keep_their_names()
    task_failed_stands_for_all_but_timeouts()
    tasks_without_arguments_get_their_input()
    map_items_are_in_the_context_of_inner_branches()
    choices_need_their_variables()
    rules_to_the_default_are_no_default()
    missing_paths_are_runtime_errors()
    errors_of_jsonata_have_their_name_in_every_state()


def jsonata_without_java(random: Callable[[], Random], millis: Callable[[], int]) -> None:
    """The Java library by the Python one; what gives nothing is an error, and not null; texts are quoted.

    Chance and the present moment are the job's.
    """
    ours = {
        "hash": lambda text, algorithm: hashlib.new(algorithm.replace("-", ""), text.encode()).hexdigest(),
        "uuid": lambda: str(uuid.UUID(int=random().getrandbits(128), version=4)),
        "millis": millis,
        # the library counts a null as nothing
        "count": lambda value: 0 if value is None else len(value) if isinstance(value, list) else 1,
        "now": lambda *picture: Functions.datetime_from_millis(millis(), *(*picture, None, None)[:2]),
    }
    for name in ours:
        ls.intrinsics._DECLARATION_BY_VARIABLE_REFERENCE.pop(f"${name}", None)

    def evaluate(source: str) -> Any:
        try:
            expression = jsonata.Jsonata(source)
            for name, function in ours.items():
                expression.register_lambda(name, function)
            expression.set_output_convert_nulls(False)
            found = expression.evaluate(None)
        except Exception as error:
            raise ls.expressions.JSONataException("UNKNOWN", str(error)) from error
        if found is None:
            raise ls.expressions.JSONataException("UNKNOWN", "nothing was returned")
        return _plain(found)

    def declared(bindings: dict[str, Any]) -> str:
        return "".join(f"{name}:={json.dumps(value, default=str)};" for name, value in bindings.items())

    ls.expressions._eval_jsonata = evaluate
    for module in (ls.expressions, ls.state_values, ls.variable_store):
        module.encode_jsonata_variable_declarations = declared


def _plain(value: Any) -> Any:
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def states_errors_keep_their_names() -> None:
    """``States.X`` leaves a branch, an item or a mocked task under its name, and not as a refusal of it."""
    ls.custom_names.CustomErrorName.__init__ = ls.error_names.ErrorName.__init__


def task_failed_stands_for_all_but_timeouts() -> None:
    """Whatever class LocalStack keeps a name in; ``States.Runtime`` is matched by nothing."""

    def evaluate(self: Any, env: Any) -> None:
        error = env.stack.pop()
        name = error.error_name if error else None
        names = {one.error_name for one in self.error_names}
        is_covered = "States.ALL" in names or ("States.TaskFailed" in names and name != "States.Timeout")
        env.stack.append(name != "States.Runtime" and (is_covered or name in names))

    ls.error_equals.ErrorEqualsDecl._eval_body = evaluate


def tasks_without_arguments_get_their_input() -> None:
    """Whatever they call, as a Lambda function does by its own ARN."""
    evaluate = ls.tasks.StateTask._eval_parameters

    def parameters(self: Any, env: Any) -> Any:
        return copy.deepcopy(env.stack[-1]) if self.parargs is None else evaluate(self, env)

    ls.tasks.StateTask._eval_parameters = parameters


def map_items_are_in_the_context_of_inner_branches() -> None:
    """``Map.Item`` is there in a Parallel inside a Map."""
    inner = ls.environments.Environment.as_inner_frame_of.__func__

    def inner_frame(cls: Any, env: Any, *arguments: Any, **named: Any) -> Any:
        frame = inner(cls, env, *arguments, **named)
        outer = env.states.context_object.context_object_data
        if "Map" in outer:
            frame.states.context_object.context_object_data.setdefault("Map", outer["Map"])
        return frame

    ls.environments.Environment.as_inner_frame_of = classmethod(inner_frame)


def choices_need_their_variables() -> None:
    """A Variable that leads nowhere ends the execution, unless it is asked whether it is there."""
    compare = ls.choices.ComparisonVariable._eval_body

    def evaluate(self: Any, env: Any) -> None:
        self.variable.eval(env=env)
        is_missing = isinstance(env.stack.pop(), ls.variables.NoSuchVariable)
        operator = getattr(self.comparison_function, "operator_type", None)
        if is_missing and operator != ls.comparators.ComparisonOperatorType.IsPresent:
            failure = failure_event(env, "States.Runtime", "the variable is missing")
            raise ls.failures.FailureEventException(failure)
        compare(self, env)

    ls.choices.ComparisonVariable._eval_body = evaluate


class ByRule(str):
    """The state that a rule of a Choice goes to."""

    __slots__ = ()


def rules_to_the_default_are_no_default() -> None:
    """A Choice's own Assign and Output are for its Default, not for a rule that goes to the same state."""
    leave = ls.choice_states.StateChoice._eval_state_output

    def decide(self: Any, env: Any) -> None:
        for rule in self.choices_decl.rules:
            rule.eval(env)
            if env.stack.pop() is True:
                env.stack.append(ByRule(rule.next_stmt.name))
                return
        if self.default_state is None:
            raise RuntimeError(f"no rule of {self.name} holds, and it has no Default")
        env.stack.append(self.default_state.state_name)

    def leave_by_rule(self: Any, env: Any) -> None:
        if not isinstance(env.stack[-1], ByRule):
            leave(self, env)
            return
        name = str(env.stack.pop())
        if self.is_jsonpath_query_language():
            if self.output_path:
                self.output_path.eval(env=env)
            else:
                env.states.reset(input_value=env.stack.pop())
        env.next_state_name = name

    ls.choice_states.StateChoice._eval_state = decide
    ls.choice_states.StateChoice._eval_state_output = leave_by_rule


def missing_paths_are_runtime_errors() -> None:
    """In the input of a Task too; and an error of JSONata is one of its own, not one of the service."""

    def corrected(original: Any) -> Any:
        def from_error(self: Any, env: Any, ex: Exception) -> Any:
            if isinstance(ex, ls.failures.FailureEventException):
                return ex.failure_event
            if isinstance(ex, ls.expressions.JSONataException):
                return failure_event(env, "States.QueryEvaluationError", str(ex.details))
            if isinstance(ex, ls.paths.NoSuchJsonPathError):
                return failure_event(env, "States.Runtime", "a path is missing")
            return original(self, env, ex)

        return from_error

    for kind in (ls.working.ExecutionState, *descendants(ls.working.ExecutionState)):
        if "_from_error" in vars(kind):
            kind._from_error = corrected(kind._from_error)


def errors_of_jsonata_have_their_name_in_every_state() -> None:
    """In a Fail state or a Choice as in the others, not only where they may be caught."""
    evaluate = ls.states.CommonStateField._eval_body

    def evaluated(self: Any, env: Any) -> None:
        try:
            evaluate(self, env)
        except ls.expressions.JSONataException as error:
            failure = failure_event(env, "States.QueryEvaluationError", str(error.details))
            raise ls.failures.FailureEventException(failure) from error

    ls.states.CommonStateField._eval_body = evaluated


def failure_event(env: Any, name: str, cause: str) -> Any:
    details = ls.api.ExecutionFailedEventDetails(error=name, cause=cause)
    return ls.failures.FailureEvent(
        env=env,
        error_name=ls.custom_names.CustomErrorName(name),
        event_type=ls.api.HistoryEventType.ExecutionFailed,
        event_details=ls.event_details.EventDetails(executionFailedEventDetails=details),
    )


def descendants(kind: type) -> set[type]:
    """Every class below a class."""
    return {below for child in kind.__subclasses__() for below in (child, *descendants(child))}
