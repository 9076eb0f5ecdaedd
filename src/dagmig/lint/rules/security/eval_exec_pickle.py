"""The rule ``eval-exec-pickle``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax, is_task_decorator
from dagmig.lint.words import last

RUNS = frozenset({"eval", "exec"})
UNPICKLES = frozenset({"pickle.loads", "pickle.load", "cPickle.loads", "dill.loads", "cloudpickle.loads"})
FROM_OUTSIDE = ("xcom_pull", "dag_run.conf", "requests.get", "Variable.get", "urlopen", "params")


@source_rule(Severity.WARNING, words=RUNS | last(UNPICKLES))
def eval_exec_pickle(source: Source) -> Iterator[Finding]:
    """A text is run as a program, or data from outside is unpickled.

    `eval`, `exec` and `pickle` run what they are given: who may write the text, an XCom or a Variable runs
    code on the worker. Flagged: `eval` and `exec` of something that is not written out, and unpickling of
    what comes straight from an XCom, a Variable, the run's conf or a request.
    See https://docs.python.org/3/library/pickle.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(setting):
            print(eval(setting))

        load("[1, 2]")

    nightly()
    ```

    ```python good
    import ast

    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(setting):
            print(ast.literal_eval(setting))

        load("[1, 2]")

    nightly()
    ```

    Instead: Use JSON, or `ast.literal_eval`.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if name in RUNS and node.args and not isinstance(node.args[0], ast.Constant):
            if name not in syntax.functions and name not in syntax.imports:
                yield Finding(f"`{name}` runs what it is given", syntax.span(node))
        elif name in UNPICKLES and node.args and _is_from_outside(node.args[0], syntax):
            yield Finding("data from outside is unpickled, which may run any code", syntax.span(node))


def _is_from_outside(value: ast.expr, syntax: Syntax) -> bool:
    names = [syntax.name(one.func) for one in ast.walk(value) if isinstance(one, ast.Call)]
    names += [syntax.name(one) for one in ast.walk(value) if isinstance(one, ast.Attribute)]
    return any(
        name.endswith(FROM_OUTSIDE) or ".conf." in name for name in names if not is_task_decorator(name)
    )
