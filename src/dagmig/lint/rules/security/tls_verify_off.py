"""The rule ``tls-verify-off``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

SWITCHES = frozenset({"verify", "verify_ssl", "verify_certs", "ssl_verify"})
NAMES = SWITCHES | {"_create_unverified_context", "extra_options"}
COMMAND = re.compile(
    r"\bcurl\b[^|;&\n]*\s(-[a-zA-Z]*k[a-zA-Z]*|--insecure)(\s|$)|\bwget\b[^|;&\n]*\s--no-check-certificate\b"
)
CALLERS = re.compile(
    r"^(requests|httpx|boto3|aiohttp)\.|[sS]ession\.|[cC]lient\.|^hvac\.|Hook|Operator$|Sensor$"
)


@source_rule(Severity.WARNING)
def tls_verify_off(source: Source) -> Iterator[Finding]:
    """The certificate of the other side is not checked.

    Whoever stands in between may read the credentials and the data, and answer in the other's place.
    See https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification

    ```python bad
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            return requests.get("https://sales.internal/rows", verify=False, timeout=60).json()

        load()

    nightly()
    ```

    ```python good
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            return requests.get("https://sales.internal/rows", verify="/etc/ssl/own.pem", timeout=60).json()

        load()

    nightly()
    ```

    Instead: Name the authority's certificate: `verify="/path/ca.pem"`, `curl --cacert`.
    """
    syntax = source.syntax
    for node, name in syntax.calls if not NAMES.isdisjoint(syntax.names) else ():
        if name == "ssl._create_unverified_context":
            yield Finding("certificates are not checked", syntax.span(node))
        for given in node.keywords:
            if given.arg in SWITCHES and _is_false(given.value) and CALLERS.search(name):
                yield Finding("the certificate is not checked", syntax.span(given))
            if given.arg == "extra_options" and isinstance(given.value, ast.Dict):
                yield from _in_options(given.value, syntax)
    may_command = "curl" in syntax.texts or "wget" in syntax.texts
    for node in syntax.all(ast.Constant) if may_command else ():
        if isinstance(node.value, str) and ("curl" in node.value or "wget" in node.value):
            is_doc = isinstance(syntax.parents[node], ast.Expr)
            if COMMAND.search(node.value) and not is_doc:
                yield Finding("the command does not check the certificate", syntax.span(node))


def _in_options(options: ast.Dict, syntax: Syntax) -> Iterator[Finding]:
    for key, value in zip(options.keys, options.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "verify" and _is_false(value):
            yield Finding("the certificate is not checked", syntax.span(value))


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
