"""The ways a file makes its DAGs: what opens one, what closes it, what its body can use."""

# ruff: noqa: E501 (a row is a line)

from __future__ import annotations

from dataclasses import dataclass, field

SETTINGS = (
    "", "", ", schedule=None", ', schedule="@daily"', ', schedule="0 6 * * 1-5"', ", schedule=<td>",
    ', schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC")', ', schedule=[Asset("s3://one"), Asset("two")]',
    ', schedule=Asset("a") & Asset("b")', ', schedule=Asset("a") | (Asset("b") & Asset("c"))', ', schedule=Asset(name="n1", uri="s3://n1")',
    ', schedule=f"{<n>} * * * *"', ', schedule="@daily" if <b> else None', ", catchup=True, start_date=<dt>", ", catchup=<b>, start_date=<dt>",
    ', start_date=pendulum.datetime(2024, 3, 1 + <n>, tz="Europe/Amsterdam")', ", start_date=pendulum.datetime(2024, 5, 1)",
    ', start_date=pendulum.datetime(2024, 1, 1, tz="UTC").add(days=<n>)', ", schedule=pendulum.duration(hours=1 + <n>)",
    ", start_date=<dt>", ', start_date=datetime(2024, 1, 1), schedule="@hourly"', ", default_args=<kw>", ', default_args={"retries": <n>, "owner": <s>}',
    ', default_args={"retry_delay": <td>, "retries": <n>}, tags=[<s>]', ', default_args={"start_date": <dt>}', ", doc_md=<s>, tags=<ls>",
    ', params={"p": <i>, "q": Param(3, type="integer")}', ", max_active_runs=1, dagrun_timeout=<td>", ", **{'catchup': <b>, 'start_date': <dt>}",
    ', default_args=dict(execution_timeout=<td>, trigger_rule="all_done")', ', schedule=CronTriggerTimetable("0 1 * * *", timezone="UTC")',
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """``setting`` stands where the DAG's further arguments go; ``scope`` are kinds of the body's own names."""

    opening: str
    enter: str
    closing: str = ""
    scope: dict[str, str] = field(default_factory=dict)
    margin: int = 4
    dag: str = ""  # what every operator is given, where the DAG is a variable


ENTER = '$dag = DAG("scratch").__enter__()'
WAYS = (
    Way('with DAG("NAME"SETTING) as $dag:', ENTER),
    Way('with DAG(dag_id="NAME_" + <id>SETTING) as $dag:', ENTER),
    Way('with DAG(f"NAME_{<i!>}"SETTING) as $dag:', ENTER),
    Way('$dag = DAG("NAME"SETTING)\nwith $dag:', ENTER),
    Way('$dag = DAG("NAME"SETTING)', "", margin=0, dag="$dag"),
    Way('$dag = DAG(dag_id="NAME"SETTING)', "", margin=0, dag="$dag"),
    Way('@dag(dag_id="NAME"SETTING)\ndef $flow():', ENTER, "$flow()"),
    Way("@dag(schedule=NoneSETTING)\ndef NAME($size=<n>, $name=<s>):", ENTER, "NAME()"),
    Way('@dag("NAME"SETTING)\ndef $flow($size=<n>):', ENTER, "$made = $flow($size=<n>)"),
    Way('def $build($name, $tables, $size=<n>, **$rest):\n    with DAG(f"NAME_{$name}"SETTING, **$rest) as $dag:', ENTER,
        '    return $dag\n\nfor $w in ["one", "two"]:\n    globals()[f"dag_{$w}"] = $build($w, <ls>, catchup=False)',
        {"$name": "id", "$tables": "ls", "$size": "n"}, 8),
    Way('def $build($name, $size=<n>):\n    $dag = DAG("NAME_" + $name SETTING)\n    with $dag:', ENTER,
        "    return $dag\n\n$first = $build('a')\n$second = $build('b', $size=<n>)", {"$name": "id", "$size": "n"}, 8),
    Way('for $w in ["eu", "us"]:\n    with DAG(f"NAME_{$w}"SETTING) as $dag:', ENTER, '    globals()["g_" + $w] = $dag', {"$w": "id"}, 8),
    Way('for $w, $size in {"eu": <n>, "us": <n>}.items():\n    with DAG(f"NAME_{$w}"SETTING) as $dag:', ENTER, "", {"$w": "id", "$size": "n"}, 8),
    Way('class $Builder:\n    def __init__(self, name, tables):\n        self.name, self.tables = name, tables\n\n'
        '    def build(self, $size=<n>):\n        with DAG(f"NAME_{self.name}"SETTING) as $dag:', ENTER,
        "        return $dag\n\n$one = $Builder('x', <ls>).build()", {"$size": "n"}, 12),
    Way('def $build($conf):\n    @dag(dag_id=f"NAME_{$conf[\'name\']}"SETTING)\n    def $flow():', ENTER,
        "    return $flow()\n\nfor $c in [{'name': 'c1', 'size': <i>, 'needs': <ls>}, {'name': 'c2', 'size': 2, 'needs': []}]:\n    $build($c)",
        {"$conf": "record"}, 8),
)  # fmt: skip
