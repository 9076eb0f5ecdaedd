"""A Python callable as the source of a Lambda function: the code it needs, word for word, and a handler."""

from __future__ import annotations

import re

from dagmig.graph.values import Function

HANDLER = '''

class AirflowSkipException(Exception):
    """Stands for Airflow's exception of this name; Step Functions sees the name."""


class AirflowFailException(Exception):
    """Stands for Airflow's exception of this name; Step Functions sees the name."""


def handler(event, context):
    """Call the task's function with the arguments the state sends; return what JSON can hold."""
    import json

    result = {name}(*event.get("args", []), **event.get("kwargs", {{}}))
    return json.loads(json.dumps(result, default=str))
'''


def function_name(dag_id: str, task_id: str) -> str:
    """A Lambda function's name: letters, digits, ``-`` and ``_``, at most 64 (Lambda API, CreateFunction)."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", f"{dag_id}-{task_id}")[:64]


def lambda_source(function: Function) -> str:
    """The module's text; its entry point is ``handler``."""
    return (
        function.source.rstrip()
        + "\n"
        + HANDLER.format(name=function.name if function.name != "<lambda>" else "task")
    )
