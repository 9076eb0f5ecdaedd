"""Functions of the project are called: parameters, generators, what they return."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read.data_files import DataFiles
from dagmig.airflow.read.evaluation import MAX_DEPTH, Exhausted, NotKnown, Raised, Return
from dagmig.airflow.read.objects import Func, Lazy, Managed, Parameter, Scope, Unsure, parameters
from dagmig.airflow.read.ways import same

MAX_YIELDS = 10_000


class Endless(Exception):
    """A generator gives more than anybody asks for."""


def _yields(function: ast.FunctionDef) -> bool:
    stack: list[Any] = [*function.body]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack += ast.iter_child_nodes(node)
    return False


class Invoking(DataFiles):
    """Runs a body over a scope of its own."""

    def invoke(self, function: Func, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """Run a function of the file at the place it is called."""
        if isinstance(function.node, ast.AsyncFunctionDef):
            return self.unknown(node)
        if function.is_manager:
            return Managed(function, args, kwargs)
        if not self._is_generator(function):
            return self.invoke_body(function, args, kwargs, node)
        given: list[Any] = []
        self.yielders.append(lambda value: self._give(given, value))
        try:
            self.invoke_body(function, args, kwargs, node)
        except NotKnown:
            return self.unknown(node, "a generator over something unknown")
        except Endless:
            return self.unknown(node, "a generator that does not end")
        finally:
            self.yielders.pop()
        return self.unknown(node) if id(given) in self.blurred else Lazy(given)

    def _give(self, given: list[Any], value: Any) -> None:
        self.touch(given)
        given.append(value)
        if len(given) > MAX_YIELDS:
            raise Endless

    def _is_generator(self, function: Func) -> bool:
        if not function.env.root.has_yields:
            return False
        known = self.generators.get(id(function.node))
        if known is None:
            known = isinstance(function.node, ast.FunctionDef) and _yields(function.node)
            self.generators[id(function.node)] = known
        return known

    def invoke_body(self, function: Func, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """Run the body; ways out that may have been taken make the result one of several."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.depth -= 1
            raise Exhausted
        scope = Scope({}, function.env)
        pending, result = len(self.pending), None
        try:
            self._bind_parameters(function, args, kwargs, scope, node)
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, scope)
            self.run(function.node.body, scope)
        except Return as done:
            result = done.value
        finally:
            self.depth -= 1
        left = self.pending[pending:]
        self.pending[pending:] = [one for one in left if isinstance(one, Raised)]
        values = [one.value for one in left if isinstance(one, Return)]
        return (
            result
            if all(same(result, value) for value in values)
            else Unsure(node, "what a function returns")
        )

    def _bind_parameters(
        self, function: Func, args: list[Any], kwargs: dict[str, Any], scope: Scope, node: ast.AST
    ) -> None:
        arguments, left, given = function.node.args, dict(kwargs), list(args)
        is_open = "**" in kwargs or any(isinstance(one, Unsure) and one.why == "*" for one in args)
        for parameter in parameters(arguments):
            name = parameter.name
            if given and parameter.kind == "positional":
                scope.names[name] = given.pop(0)
            elif name in left:
                scope.names[name] = left.pop(name)
            elif is_open:
                scope.names[name] = Unsure(node, f"`{name}` may be given")
            elif parameter.default is not None:
                scope.names[name] = self._when_not_given(function, parameter)
            else:
                raise Raised(TypeError(f"missing argument: '{name}'"))
        if arguments.vararg is not None:
            scope.names[arguments.vararg.arg] = tuple(given)
        elif given and not is_open:
            raise Raised(TypeError("too many positional arguments"))
        if arguments.kwarg is not None:
            scope.names[arguments.kwarg.arg] = left
        elif left and not is_open:
            raise Raised(TypeError("an unexpected keyword argument"))

    def _when_not_given(self, function: Func, parameter: Parameter) -> Any:
        name = parameter.name
        if name in function.defaults:
            return function.defaults[name]
        assert parameter.default is not None
        return self.value(parameter.default, function.env)
