"""The rule ``top-level-heavy-import``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.mends.top_level_heavy_import import mend
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

HEAVY = frozenset(
    {
        *("pandas", "numpy", "torch", "tensorflow", "keras", "sklearn", "pyspark", "dask", "scipy", "polars"),
        *("transformers", "matplotlib", "seaborn", "xgboost", "lightgbm", "spacy", "nltk", "cv2", "dbt"),
        *("geopandas", "pyarrow", "statsmodels", "langchain", "great_expectations", "snowflake.snowpark"),
    }
)


@source_rule(Severity.WARNING, fix=FixKind.UNSAFE, words={one.partition(".")[0] for one in HEAVY})
def top_level_heavy_import(source: Source) -> Iterator[Finding]:
    """A large library is imported each time the file is parsed, and only tasks use it.

    The scheduler parses each DAG file in a new process every few seconds, and imports there what the file
    imports: seconds of CPU and hundreds of megabytes for a library that no DAG is made with. Flagged only
    where every use is inside a function, so that the import can go there. The fix does that; it is
    unsafe, as other files may take the name from this one.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#top-level-python-code

    ```python bad
    import pandas as pd
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            print(len(pd.read_parquet("s3://sales/rows")))

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load():
            import pandas as pd

            print(len(pd.read_parquet("s3://sales/rows")))

        load()

    nightly()
    ```

    Instead: Import it in the functions that use it.
    """
    syntax = source.syntax
    for node in syntax.all(ast.Import, ast.ImportFrom):
        if syntax.parents[node] is not syntax.tree:
            continue
        module = node.module if isinstance(node, ast.ImportFrom) else None
        heavy = [one for one in node.names if _is_heavy(module or one.name)]
        bound = {(one.asname or one.name).partition(".")[0] for one in heavy}
        if bound and not (isinstance(node, ast.ImportFrom) and node.level) and _is_for_tasks(bound, syntax):
            name = module or heavy[0].name
            span = syntax.span(node)
            message = f"`{name}` is imported at each parse, and only tasks use it"
            yield Finding(message, span, mend(source, span))


def _is_heavy(module: str) -> bool:
    return module.partition(".")[0] in HEAVY or ".".join(module.split(".")[:2]) in HEAVY


def _is_for_tasks(bound: set[str], syntax: Syntax) -> bool:
    """Whether the names are used, and only in functions that do not run when the file is parsed."""
    used = [one for one in syntax.all(ast.Name) if one.id in bound and isinstance(one.ctx, ast.Load)]
    return bool(used) and not any(
        syntax.owner(one) is None or syntax.runs_at_parse(one) or _is_in_a_class(one, syntax) for one in used
    )


def _is_in_a_class(node: ast.Name, syntax: Syntax) -> bool:
    """Whether a class that others may use needs it."""
    return any(isinstance(outer, ast.ClassDef) for outer in syntax.outer(node))
