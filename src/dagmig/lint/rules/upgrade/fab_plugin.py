"""The rule ``fab-plugin``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

VIEWS = ("appbuilder_views", "appbuilder_menu_items", "flask_blueprints")
PLUGIN = "airflow.plugins_manager.AirflowPlugin"


@source_rule(Severity.WARNING, ("dag", "installation"), is_default=False, airflow=">=3")
def fab_plugin(source: Source) -> Iterator[Finding]:
    """A plugin adds views of Flask, which Airflow 3 only has with the FAB provider.

    The web server of Airflow 3 is FastAPI. Views and blueprints appear where `apache-airflow-providers-fab`
    is installed, and under other addresses. Not on by default, as it is right in Airflow 2.
    See https://airflow.apache.org/docs/apache-airflow/stable/howto/custom-view-plugin.html

    ```python bad
    from airflow.plugins_manager import AirflowPlugin
    from views import reports

    class Reports(AirflowPlugin):
        name = "reports"
        flask_blueprints = [reports]
    ```

    ```python good
    from airflow.plugins_manager import AirflowPlugin
    from views import reports

    class Reports(AirflowPlugin):
        name = "reports"
        fastapi_apps = [{"app": reports, "url_prefix": "/reports", "name": "Reports"}]
    ```

    Instead: Use `fastapi_apps` and `external_views`, or install the FAB provider.
    """
    if "AirflowPlugin" not in source.text:
        return
    syntax = source.syntax
    for plugin in syntax.all(ast.ClassDef):
        if PLUGIN not in map(syntax.name, plugin.bases):
            continue
        for statement in plugin.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name) as target], value=value) if name in VIEWS:
                    pass
                case ast.AnnAssign(target=ast.Name(id=name) as target, value=value) if name in VIEWS:
                    pass
                case _:
                    continue
            if not (value is None or (isinstance(value, ast.List) and not value.elts)):
                yield Finding(f"`{name}` needs the FAB provider in Airflow 3", syntax.span(target))
