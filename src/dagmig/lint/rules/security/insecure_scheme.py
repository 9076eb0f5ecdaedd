"""The rule ``insecure-scheme``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

SENDS = re.compile(r"^(requests|httpx)\.(get|post|put|patch|delete|request)$")
PLAIN = re.compile(r"http://(?!localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[\w-]+[:/])", re.I)
CREDENTIALS = re.compile(r"authorization|api[-_]?key|token|cookie", re.I)


@source_rule(Severity.WARNING, words={"requests", "httpx"})
def insecure_scheme(source: Source) -> Iterator[Finding]:
    """Credentials are sent over plain HTTP.

    Everything on the way can read them. Flagged: a request with `auth`, or with a header for credentials, to
    an `http://` address; names without a dot, which lie in one's own cluster, are left alone.
    See https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-data-in-transit.html

    ```python bad
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(user, key):
            return requests.get("http://sales.example.com/rows", auth=(user, key), timeout=60).json()

        load("a", "b")

    nightly()
    ```

    ```python good
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(user, key):
            return requests.get("https://sales.example.com/rows", auth=(user, key), timeout=60).json()

        load("a", "b")

    nightly()
    ```

    Instead: Use `https://`.
    """
    if "http://" not in source.text:
        return
    syntax = source.syntax
    for node, name in syntax.calls:
        if not SENDS.match(name):
            continue
        address = argument(node, "url", 1 if name.endswith(".request") else 0)
        text = syntax.text_of(address)
        if address is None or text is None or not PLAIN.match(text):
            continue
        headers = argument(node, "headers")
        written = "" if headers is None else "\n".join(syntax.lines[headers.lineno - 1 : headers.end_lineno])
        if argument(node, "auth") is not None or CREDENTIALS.search(written):
            yield Finding("credentials are sent over plain HTTP", syntax.span(address))
