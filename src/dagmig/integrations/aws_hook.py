"""Airflow's hook for AWS in a callable, where all that it is used for is its boto3 client, or its session.

``airflow/providers/amazon/aws/hooks/base_aws.py``: ``conn`` and ``get_conn()`` are ``boto3.client`` of the
``client_type`` or ``boto3.resource`` of the ``resource_type``, in the region that is given or else the
connection's, as is ``get_session()``, a ``boto3.Session``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.integrations.python_source import statements

HOOKS = frozenset({"AwsGenericHook", "AwsBaseHook"})
SESSION = "get_session"
USED = frozenset({"conn", "get_conn", SESSION})
GIVEN = frozenset({"aws_conn_id", "client_type", "resource_type", "region_name"})
STAND_IN = '''class {name}:
    """Stands for Airflow's hook of this name: boto3, with the function's own role."""

    def __init__(self, aws_conn_id=None, *, region_name=None, client_type=None, resource_type=None):
        import boto3

        made, kind = (boto3.client, client_type) if client_type else (boto3.resource, resource_type)
        self.conn = made(kind, region_name=region_name)

    def get_conn(self):
        return self.conn
'''


OF_SESSION = """
    def get_session(self, region_name=None, deferrable=False):
        import boto3

        return boto3.Session(region_name=region_name)
"""


def stand_in(name: str, source: str) -> str:
    """The class by a hook's name, with what the source asks of it."""
    return STAND_IN.format(name=name) + (OF_SESSION if f".{SESSION}(" in source else "")


def is_client_only(source: str) -> bool:
    """Whether each hook in a module says which client it makes, and is asked for that, or for the session,
    only, where it is made or by way of a variable.
    """
    nodes = [node for statement in statements(source) for node in ast.walk(statement)]
    made = [node for node in nodes if isinstance(node, ast.Call) and _is_hook(node)]
    kept = [(target, value) for node in nodes for target, value in _kept(node)]
    names = {target.id for target, _ in kept} | HOOKS
    used = [node.value for node in nodes if isinstance(node, ast.Attribute) and node.attr in USED]
    is_asked = all(node in used or node in [value for _, value in kept] for node in made)
    fine = [*used, *(node.func for node in made), *(target for target, _ in kept)]
    mentioned = (node for node in nodes if isinstance(node, ast.Name) and node.id in names)
    return is_asked and all(map(_is_plain, made)) and all(node in fine for node in mentioned)


def _is_hook(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in HOOKS


def _is_plain(made: ast.Call) -> bool:
    """Whether a hook is given no more than what says which client it makes."""
    return {one.arg for one in made.keywords} <= GIVEN and len(made.args) <= 1


def _kept(node: ast.AST) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The variable that a hook is kept in, and the hook."""
    match node:
        case ast.Assign([ast.Name() as target], value) if _is_hook(value):
            yield target, value
