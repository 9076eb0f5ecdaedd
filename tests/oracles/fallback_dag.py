"""Operators without an integration, for ``test_fallback_as_airflow``: run by Airflow and by the runner."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.providers.common.sql.operators.sql import (
    SQLCheckOperator,
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
    SQLTableCheckOperator,
    SQLValueCheckOperator,
)
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import DAG, BaseHook, BaseOperator, BaseSensorOperator, task
from airflow.sdk.exceptions import AirflowSkipException


class Rendered(BaseOperator):
    """Template fields of every shape: texts, lists, dicts, macros, params, configuration."""

    template_fields = ("text", "listed", "named")

    def __init__(self, *, text, listed, named, **kwargs):
        super().__init__(**kwargs)
        self.text, self.listed, self.named = text, listed, named

    def execute(self, context):
        return {"text": self.text, "listed": self.listed, "named": self.named}


class Pulling(BaseOperator):
    """An output as an argument, pushed under a key of its own too."""

    template_fields = ("given",)

    def __init__(self, *, given, **kwargs):
        super().__init__(**kwargs)
        self.given = given

    def execute(self, context):
        context["ti"].xcom_push(key="own", value=[self.given])
        return {"given": self.given, "try": context["ti"].try_number, "day": context["ds"]}


class Connected(BaseOperator):
    """Reads a connection."""

    def execute(self, context):
        found = BaseHook.get_connection("oracle_http")
        return [found.host, found.login, found.port]


class Deferring(BaseOperator):
    """Waits for a trigger and goes on in another method."""

    def execute(self, context):
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=1)), method_name="after")

    def after(self, context, event=None):
        return ["resumed", type(event).__name__]


class Poking(BaseSensorOperator):
    """A sensor that gives its slot back, and pushes what it found."""

    def poke(self, context):
        from airflow.sdk.bases.sensor import PokeReturnValue

        self.count = getattr(self, "count", 0) + 1
        return PokeReturnValue(is_done=True, xcom_value={"poked": self.count})


class Skipping(BaseOperator):
    """Skips itself."""

    def execute(self, context):
        raise AirflowSkipException("not today")


def gathered(first, *others, ds, ti, named=None, **rest):
    ti.xcom_push(key="day", value=ds)
    return {"first": first, "others": others, "named": named, "rest": rest["params"]["size"]}


def closed_over(word):
    return lambda times: word * times


@task(multiple_outputs=True)
def decorated(given, day="{{ ds }}"):
    return {"text": given["text"], "day": day}


with DAG(
    "oracle",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    params={"size": 3},
    default_args={"retries": 0},
):
    rendered = Rendered(
        task_id="rendered",
        text="{{ ds }} {{ params.size }} {{ dag.dag_id }} {{ task.task_id }} {{ macros.ds_add(ds, 2) }}",
        listed=["{{ ts_nodash }}", 1, ["{{ dag_run.conf['word'] }}"]],
        named={"{{ ds }}": "{{ var.value.oracle_word }}", "n": {"m": "{{ conn.oracle_http.host }}"}},
    )
    pulling = Pulling(task_id="pulling", given=rendered.output)
    connected = Connected(task_id="connected")
    deferring = Deferring(task_id="deferring")
    poking = Poking(task_id="poking", mode="reschedule", poke_interval=1)
    skipping = Skipping(task_id="skipping")
    table = SQLExecuteQueryOperator(
        task_id="table",
        conn_id="oracle_sqlite",
        sql=[
            "CREATE TABLE IF NOT EXISTS made (id INTEGER, day TEXT)",
            "DELETE FROM made",
            "INSERT INTO made VALUES (1, '{{ ds }}'), (2, '{{ ds }}')",
        ],
    )
    query = SQLExecuteQueryOperator(
        task_id="query",
        conn_id="oracle_sqlite",
        sql="SELECT id, day FROM made WHERE day = '{{ ds }}' ORDER BY id",
    )
    value = SQLValueCheckOperator(
        task_id="value", conn_id="oracle_sqlite", sql="SELECT COUNT(*) FROM made", pass_value=2
    )
    checked = SQLCheckOperator(task_id="checked", conn_id="oracle_sqlite", sql="SELECT 0")
    columns = SQLColumnCheckOperator(
        task_id="columns",
        conn_id="oracle_sqlite",
        table="made",
        column_mapping={"id": {"min": {"equal_to": 1}, "null_check": {"equal_to": 0}}},
    )
    rows = SQLTableCheckOperator(
        task_id="rows",
        conn_id="oracle_sqlite",
        table="made",
        checks={"two": {"check_statement": "COUNT(*) = 2"}},
    )
    callable_ = PythonOperator(
        task_id="callable_",
        python_callable=gathered,
        op_args=["{{ ds }}", 1, [2]],
        op_kwargs={"named": {"day": "{{ ts }}"}},
    )
    closure = PythonOperator(task_id="closure", python_callable=closed_over("ab"), op_args=[2])
    shell = BashOperator(task_id="shell", bash_command="echo $WORD {{ ds }}", env={"WORD": "said"})
    taken = decorated(rendered.output)
    many = Pulling.partial(task_id="many").expand(given=["x", "y"])
    each = Pulling.partial(task_id="each").expand_kwargs([{"given": "p"}, {"given": "q"}])
    table >> [query, value, checked, columns, rows]
