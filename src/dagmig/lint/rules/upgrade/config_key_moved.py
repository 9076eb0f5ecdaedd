"""The rule ``config-key-moved``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.airflow_settings import Setting, moved, settings_of
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, ("installation",), fix=FixKind.UNSAFE, is_default=False, airflow=">=3")
def config_key_moved(source: Source) -> Iterator[Finding]:
    """A setting of the installation has another name in Airflow 3, or is gone.

    Airflow 3 reads the new name, and the old one at most with a warning. Looked at: `airflow.cfg`, and
    variables of the environment in Dockerfiles, `.env` and YAML files (Compose, Helm, Kubernetes). Where the
    file gives both names, for both versions, nothing is said. Not on by default, as the old name is right in
    some Airflow 2. The fix renames; it is unsafe, as some versions of Airflow 2 don't know the new name.
    See https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html

    ```dockerfile bad
    FROM apache/airflow:3.0.6
    ENV AIRFLOW__CORE__SQL_ALCHEMY_CONN=sqlite:////data/airflow.db
    ```

    ```dockerfile good
    FROM apache/airflow:3.0.6
    ENV AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=sqlite:////data/airflow.db
    ```

    Instead: Use the name of Airflow 3; `airflow config lint` of Airflow 3 lists the settings, too.
    """
    given = list(settings_of(source))
    names = {(one.section, one.key) for one in given}
    for one in given:
        now = moved(one)
        if now is None or now in names:
            continue
        instead = f": it is `{now[1]}` in `[{now[0]}]`" if all(now) else ""
        message = f"Airflow 3 has no setting `{one.key}` in `[{one.section}]`{instead}"
        yield Finding(message, one.span, _renamed(one, *now))


def _renamed(setting: Setting, section: str, key: str) -> Fix | None:
    """In a file of sections only where the key stays in its own."""
    if not key or not (setting.is_variable or section == setting.section):
        return None
    text = f"AIRFLOW__{section}__{key}".upper() if setting.is_variable else key
    return Fix((Edit(setting.start, setting.end, text),), safe=False)
