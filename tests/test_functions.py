"""Generated Lambda functions, run: the machine sends what its states say, a process of its own answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.integrations.fragment import MAX_FUNCTION_NAME
from dagmig.pipeline import Converted, airflow_to_asl
from jsonata_run import Execution, Failed

ANSWER = "\x00answer\x00"  # marks the answer among what the function prints
RUN = f"""
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("function", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
try:
    answer = {{"result": getattr(module, sys.argv[2])(json.load(sys.stdin), None)}}
except SystemExit as error:
    answer = {{"error": "Runtime.ExitError", "cause": str(error)}}
except Exception as error:
    answer = {{"error": type(error).__name__, "cause": str(error)}}
print({ANSWER!r} + json.dumps(answer))
"""
HEAD = """\
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, get_current_context, task
"""


def converted(dag: str) -> Converted:
    report = Report()
    (one,) = airflow_to_asl(f"{HEAD}{dag}", "dag.py", report)
    assert [str(d) for d in report] == []
    return one


def ran(one: Converted, folder: Path, conf: Any = None, entry: str = "handler") -> tuple[dict[str, Any], str]:
    """What each function answered, by function name, and all that was printed."""
    names = {file.removesuffix(".py"): source for file, source in one.functions.items()}
    answers: dict[str, Any] = {}
    printed: list[str] = []

    def call(resource: str, arguments: Any) -> Any:
        assert resource == "arn:aws:states:::lambda:invoke"
        name = arguments["FunctionName"]
        path = folder / f"{name}.py"
        path.write_text(names[name], encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", "-c", RUN, str(path), entry],
            input=json.dumps(arguments.get("Payload", {})),
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": "/usr/bin:/bin", "OWN": "own"},
        )
        output, _, answer = done.stdout.partition(ANSWER)
        printed.append(output)
        found = json.loads(answer)
        if "error" in found:
            answers[name] = found["error"], found["cause"]
            raise Failed(*answers[name])
        answers[name] = found["result"]
        return {"Payload": found["result"], "StatusCode": 200}

    Execution(call, {"conf": conf} if conf is not None else {}).run(one.machine)
    return answers, "".join(printed)


def answer(dag: str, folder: Path, conf: Any = None) -> Any:
    """What the last function answered."""
    one = converted(dag)
    return list(ran(one, folder, conf)[0].values())[-1]


def failure(dag: str, folder: Path) -> tuple[str, str]:
    """The error by which the one function failed, be it caught or not, and its cause."""
    try:
        (found,) = ran(converted(dag), folder)[0].values()
    except Failed as error:
        return error.args[0], error.args[1]
    assert isinstance(found, tuple)
    return found


def test_constants_imports_and_helpers_come_along(tmp_path: Path) -> None:
    dag = """
import json
from datetime import date, datetime
from collections.abc import Iterable as Many

FACTOR = 2
TABLE = {"a": FACTOR}

class Row:
    def __init__(self, size):
        self.size = size * TABLE["a"]

def double(rows: Many[int]) -> list[int]:
    return [Row(row).size for row in rows]

def work(rows, *, day, unit="x"):
    return {"rows": double(rows), "year": date.fromisoformat(day).year, "text": json.dumps(unit)}

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=[[1, 2]],
                   op_kwargs={"day": "{{ ds }}", "no": 1})
"""
    assert answer(dag, tmp_path) == {"rows": [2, 4], "year": 2024, "text": '"x"'}


def test_a_lambda_with_jinja_in_its_arguments(tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None, params={"n": 4}):
    PythonOperator(task_id="t", python_callable=lambda *a, **k: [a, k["x"]], op_args=["{{ params.n }}"],
                   op_kwargs={"x": "{{ run_id }}/{{ ds_nodash }}"})
"""
    assert answer(dag, tmp_path) == [["4"], "run-1/20240506"]


def test_taskflow_passes_results_on(tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None):
    @task
    def count() -> dict[str, int]:
        return {"a": 3, "b": 4}

    @task(multiple_outputs=False)
    def pair():
        return {"x": [1, 2]}

    @task
    def total(a, b, both):
        return [a + b, both["x"]]

    counted = count()
    total(counted["a"], b=counted["b"], both=pair())
"""
    assert answer(dag, tmp_path) == [7, [1, 2]]


def test_the_context_by_name_by_rest_and_on_demand(tmp_path: Path) -> None:
    dag = """
def work(ds, logical_date, ti=None, **kwargs):
    now = get_current_context()
    return {
        "ds": ds, "year": logical_date.year, "zone": str(logical_date.tzinfo), "task": ti.task_id,
        "ts": kwargs["ts"], "conf": kwargs["dag_run"].conf["size"], "run": kwargs.get("run_id"),
        "params": [kwargs["params"]["limit"], now["params"].get("other", 1)], "mode": kwargs["mode"],
        "dag": now["dag"].dag_id, "try": kwargs["task_instance"].try_number,
        "q": kwargs["templates_dict"]["q"],
    }

with DAG("d", schedule=None, params={"limit": 5, "other": 6}):
    PythonOperator(task_id="t", python_callable=work, op_kwargs={"mode": "m"},
                   templates_dict={"q": "on {{ ds }}"})
"""
    assert answer(dag, tmp_path, conf={"size": 3, "limit": 9}) == {
        "ds": "2024-05-06", "year": 2024, "zone": "UTC", "task": "t", "ts": "2024-05-06T07:08:09+00:00",
        "conf": 3, "run": "run-1", "params": [9, 6], "mode": "m", "dag": "d", "try": 1, "q": "on 2024-05-06",
    }  # fmt: skip


def test_xcoms_that_the_code_pushes_and_pulls(tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None):
    @task
    def first(ti):
        ti.xcom_push(key="size", value=7)
        return "returned"

    @task
    def second(**context):
        instance = context["ti"]
        one, both = instance.xcom_pull("first", key="size"), instance.xcom_pull(task_ids=["first"])
        return [one, both]

    @task
    def third(size):
        return size

    first() >> second() >> third("{{ ti.xcom_pull(task_ids='first', key='size') }}")
"""
    answers, _ = ran(converted(dag), tmp_path)
    assert answers["d-second"] == [7, ["returned"]]
    assert answers["d-third"] == "7"


def test_xcoms_by_the_index_of_an_item(tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None):
    @task
    def numbers():
        return [[1], [], [3, 4]]

    @task
    def mirrored(number):
        return number[::-1]

    @task
    def gathered(ti=None):
        count = len(ti.xcom_pull(task_ids="numbers"))
        every = [ti.xcom_pull(task_ids="mirrored", map_indexes=index) for index in range(count + 1)]
        return [every, ti.xcom_pull(task_ids="mirrored", map_indexes=[2, 0])]

    mirrored.expand(number=numbers()) >> gathered()
"""
    assert answer(dag, tmp_path) == [[[1], [], [4, 3], None], [[4, 3], [1]]]


@pytest.mark.parametrize(("items", "found"), [([[1]], [[1], "a0"]), ([[2], [3, 4]], [[3, 4], "a1"])])
def test_xcoms_of_the_same_item(items: Any, found: Any, tmp_path: Path) -> None:
    dag = f"""
from airflow.sdk import task_group

with DAG("d", schedule=None):
    @task
    def first(item, ti=None):
        ti.xcom_push(key="name", value=f"a{{ti.map_index}}")
        return item

    @task
    def second(ti=None):
        pulled = ti.xcom_pull(task_ids="each.first", map_indexes=ti.map_index)
        return [pulled, ti.xcom_pull(task_ids="each.first", key="name", map_indexes=ti.map_index)]

    @task_group
    def each(item):
        first(item) >> second()

    each.expand(item={items})
"""
    assert answer(dag, tmp_path) == found


def test_states_of_tasks_by_a_function_that_is_handed_ti(tmp_path: Path) -> None:
    dag = """
def states(ti, *, names):
    found = ti.get_task_states(dag_id=ti.dag_id, task_ids=names, run_ids=[ti.run_id])
    return found.get(ti.run_id, {})

def seen(context, name):
    names = [name, "fine"]
    return states(context["ti"], names=names)

with DAG("d", schedule=None):
    @task
    def fine():
        return 1

    @task
    def broken():
        raise ValueError("no")

    @task(trigger_rule="all_done")
    def look(**context):
        return seen(context, "broken")

    [fine(), broken()] >> look()
"""
    assert answer(dag, tmp_path) == {"broken": "failed", "fine": "success"}


@pytest.mark.parametrize(
    "call",
    [
        "ti.xcom_pull(task_ids='a', dag_id='other')",
        "ti.xcom_pull('a', 'other')",
        "ti.xcom_pull(task_ids='a', map_indexes=None)",
        "ti.xcom_pull(task_ids='a', include_prior_dates=True)",
        "ti.get_task_states(dag_id=ti.dag_id, task_ids=['a'])",
        "ti.get_task_states(dag_id='other', task_ids=['a'], run_ids=[ti.run_id])",
        "told(ti, *['a'])",
        "any_of(ti, names=['a', 'b'])",
    ],
)
def test_what_the_state_cannot_send_is_said(call: str) -> None:
    dag = f"""
def told(ti, name):
    return ti.xcom_pull(task_ids=name)

def any_of(ti, names):
    return [ti.xcom_pull(task_ids=name) for name in names]

with DAG("d", schedule=None):
    @task
    def a():
        return 1

    @task
    def b(ti=None):
        return {call}

    a() >> b()
"""
    said = [row.difference for row in converted(dag).report.rows if row.disposition.is_open]
    assert any("of Airflow's context, which the state does not send" in one for one in said)


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("True", {"is_done": True, "xcom_value": None}),
        ("[1]", {"is_done": True, "xcom_value": None}),
        ("PokeReturnValue(True, {'a': 1})", {"is_done": True, "xcom_value": {"a": 1}}),
        ("PokeReturnValue(is_done=True, xcom_value=7)", {"is_done": True, "xcom_value": 7}),
    ],
)
def test_what_a_sensor_says(given: str, answered: Any, tmp_path: Path) -> None:
    dag = f"""
from airflow.sdk import PokeReturnValue

with DAG("d", schedule=None):
    @task.sensor
    def looked():
        return {given}

    @task
    def told(found):
        return found

    told(looked())
"""
    assert ran(converted(dag), tmp_path)[0] == {"d-looked": answered, "d-told": answered["xcom_value"]}


def test_a_sensor_asks_until_its_time_is_up(tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None):
    @task.sensor(poke_interval=60, timeout=200, soft_fail=True)
    def looked():
        return False

    @task(trigger_rule="all_skipped")
    def gave_up():
        return "up"

    looked() >> gave_up()
"""
    answers, _ = ran(converted(dag), tmp_path)
    assert answers == {"d-looked": {"is_done": False, "xcom_value": None}, "d-gave_up": "up"}


@pytest.mark.parametrize(
    ("size", "name"), [(-1, "AirflowFailException"), (0, "AirflowSkipException"), (1, "ValueError")]
)
def test_errors_keep_their_names(size: int, name: str, tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None):
    @task
    def check(rows: int):
        if rows < 0:
            raise AirflowFailException("no table")
        if rows == 0:
            raise AirflowSkipException("no table")
        raise ValueError("no table")

    check(SIZE)
"""
    assert failure(dag.replace("SIZE", str(size)), tmp_path) == (name, "no table")


def test_annotations_for_type_checkers_only_do_not_matter(tmp_path: Path) -> None:
    dag = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from elsewhere import Frame

with DAG("d", schedule=None):
    @task
    def work(x: "Frame", y: Frame | None = None) -> list[Frame]:
        return [x]

    work(1)
"""
    assert answer(dag, tmp_path) == [1]


def test_an_async_callable_is_awaited(tmp_path: Path) -> None:
    dag = """
import asyncio
with DAG("d", schedule=None):
    @task
    async def work(x):
        await asyncio.sleep(0)
        return x + 1

    work(1)
"""
    assert answer(dag, tmp_path) == 2


GENERATORS = ("yield x", "yield from [x]", "return (one for one in [x])", "return pages(x)")


@pytest.mark.parametrize("body", GENERATORS)
def test_a_generator_is_no_answer(body: str, tmp_path: Path) -> None:
    """Airflow's XComs hold none, so that the task fails; without one its body is never run."""
    dag = f"""
def pages(x):
    yield x

def work(x):
    {body}

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=[1])
"""
    name, cause = failure(dag, tmp_path)
    assert (name, "generator is not JSON" in cause) == ("TypeError", True)
    said = [row.disposition.value for row in converted(dag).report.rows if "generator" in row.difference]
    assert said == ["noted"]
    kept = dag.replace("op_args=[1]", "op_args=[1], do_xcom_push=False")
    assert "generator object" in answer(kept, tmp_path)


def test_what_holds_a_generator_within_is_an_answer(tmp_path: Path) -> None:
    dag = """
def work(x):
    def pages():
        yield x
    return list(pages())

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=[1])
"""
    assert answer(dag, tmp_path) == [1]


def test_only_the_names_that_are_used_are_imported() -> None:
    dag = """
import json, pandas as pd
from datetime import date, datetime as moment, timedelta

def work(day):
    return json.dumps(str(moment.fromisoformat(day)))

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=["{{ ds }}"])
"""
    one = converted(dag)
    (source,) = one.functions.values()
    imported = [line for line in source.splitlines() if line.startswith(("import", "from"))]
    assert imported == ["import json", "from datetime import datetime as moment"]
    assert not any(row.construct == "imports" for row in one.report.rows)


ENVIRONMENT = [
    ('os.environ["A_B"]', ["`A_B`"]),
    ('os.environ.get("A_B", "x")', ["`A_B`"]),
    ('os.getenv("A_B") or os.environ["C"]', ["`A_B`, `C`"]),
    ("os.getenv(given)", ["an environment variable whose name is computed"]),
    ('{"get": 1}.get("A_B")', []),
    ('os.environ["AWS_REGION"]', []),
]


@pytest.mark.parametrize(("code", "names"), ENVIRONMENT)
def test_what_the_code_reads_of_its_environment_is_a_row(code: str, names: list[str]) -> None:
    dag = f"""
import os
def work(given):
    return {code}

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work, op_args=["x"])
"""
    rows = [row for row in converted(dag).report.rows if row.construct == "environment"]
    assert all(name in row.difference for name, row in zip(names, rows, strict=True))


def test_a_callable_with_the_entry_point_s_name(tmp_path: Path) -> None:
    dag = """
def handler(event):
    return event

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=handler, op_args=["x"])
"""
    one = converted(dag)
    assert any("`lambda_handler`" in row.difference for row in one.report.rows)
    assert ran(one, tmp_path, entry="lambda_handler")[0] == {"d-t": "x"}


def test_bash_gives_its_last_line_and_prints_all(tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None):
    first = BashOperator(task_id="first", bash_command="echo 'a {{ ds }}'; echo \\"$OWN b\\" >&2")
    first >> BashOperator(task_id="second", bash_command="echo $X-$OWN-{{ ti.xcom_pull(task_ids='first') }}",
                          env={"X": "1"})
    first >> BashOperator(task_id="third", bash_command="echo $X-$OWN; pwd", env={"X": "1"}, append_env=True,
                          cwd="/")
"""
    answers, printed = ran(converted(dag), tmp_path)
    assert answers == {"d-first": "own b", "d-second": "1--own b", "d-third": "/"}
    assert "a 2024-05-06\n" in printed
    assert "1-own\n" in printed


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        ("", 99, "AirflowSkipException"),
        ("", 3, "AirflowException"),
        (", skip_on_exit_code=3", 3, "AirflowSkipException"),
        (", skip_on_exit_code=[3, 4]", 4, "AirflowSkipException"),
        (", skip_on_exit_code=None", 99, "AirflowException"),
    ],
)
def test_bash_exit_codes(arguments: str, code: int, name: str, tmp_path: Path) -> None:
    dag = f"""
with DAG("d", schedule=None):
    BashOperator(task_id="t", bash_command="exit {code}"{arguments})
"""
    assert failure(dag, tmp_path)[0] == name


@pytest.mark.parametrize(
    ("skipping", "code", "name"),
    [
        ("skip_on_exit_code=3", "3", "AirflowSkipException"),
        ("skip_on_exit_code=[3, 4]", "4", "AirflowSkipException"),
        ("skip_on_exit_code=[3, 4]", "5", "Runtime.ExitError"),
        ("skip_on_exit_code=[3, 4]", "'three'", "Runtime.ExitError"),
        ("skip_on_exit_code=1", "1", "Runtime.ExitError"),
    ],
)
def test_exit_codes_of_another_interpreter(skipping: str, code: str, name: str, tmp_path: Path) -> None:
    dag = f"""
with DAG("d", schedule=None):
    @task.external_python(python="/opt/python", {skipping})
    def leave():
        import sys
        sys.exit({code})

    leave()
"""
    assert failure(dag, tmp_path)[0] == name


PROGRAMS = [
    ("echo ${HOME} && echo $USER {{ ds }}", ""),
    ("gzip ${FILE:-x} | aws s3 cp - s3://b", ": `aws`, `gzip` must be in the function's image"),
    ("{{ params.program }} -x", ": what Jinja prints there must be in the function's image"),
]


@pytest.mark.parametrize(("command", "said"), PROGRAMS)
def test_the_programs_of_a_command_are_said(command: str, said: str) -> None:
    dag = f"""
with DAG("d", schedule=None, params={{"program": "ls"}}):
    BashOperator(task_id="t", bash_command="{command}")
"""
    (row,) = [row for row in converted(dag).report.rows if row.construct == "bash_command"]
    assert row.difference.partition("environment of its own")[2] == said


def test_taskflow_bash(tmp_path: Path) -> None:
    dag = """
with DAG("d", schedule=None):
    @task.bash(env={"WHO": "you"})
    def greet(word, ds=None):
        return f"echo {word} $WHO on {ds}"

    greet("hello")
"""
    assert answer(dag, tmp_path) == "hello you on 2024-05-06"


def test_function_names_are_unique_and_short() -> None:
    dag = """
with DAG("d" * 40, schedule=None):
    for name in ("a" * 40, "a" * 41, "x.y", "x_y"):
        BashOperator(task_id=name, bash_command="true")
"""
    one = converted(dag)
    text = json.dumps(one.machine)
    names = {part.split('"')[0] for part in text.split('"FunctionName": "')[1:]}
    assert len(names) == len(one.functions) == 4
    assert all(len(name) <= MAX_FUNCTION_NAME for name in names)


def test_decorators_and_partial_arguments_come_along(tmp_path: Path) -> None:
    dag = """
import functools

def twice(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return 2 * function(*args, **kwargs)
    return inner

@twice
def work(a, b, c=0):
    return a + b + c

with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=functools.partial(work, 1, c=5), op_args=[10])
"""
    assert answer(dag, tmp_path) == 32


MODULE = """
COUNTER, LIMIT, SEEN, TABLES, ROWS = 0, 3, [], {}, []
TABLES["a"] = 1
TABLES.update(b=2)
SEEN.append(0)
SEEN += [LIMIT]
for number in range(2):
    ROWS.append(number)
def counted():
    global COUNTER
    COUNTER += 1
    return COUNTER
def filled():
    return [TABLES, SEEN]
def defaulted(LIMIT=LIMIT):
    return LIMIT
def nested():
    def inner():
        LIMIT = 9
        return LIMIT
    return [inner(), (lambda: LIMIT)()]
def looped():
    return ROWS
def of(n):
    def run():
        nonlocal n
        n += 1
        return n
    return run
with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable={callable})
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("counted", 1), ("filled", [{"a": 1, "b": 2}, [0, 3]]), ("defaulted", 3), ("nested", [9, 3])],
)
def test_what_a_callable_takes_from_its_module(name: str, expected: Any, tmp_path: Path) -> None:
    assert answer(MODULE.replace("{callable}", name), tmp_path) == expected


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("counted", "a warm Lambda function keeps"),
        ("looped", "uses `ROWS`, which the module changes in a loop"),
        ("of(1)", "uses `n`, which the module does not define"),
    ],
)
def test_what_of_a_module_cannot_be_carried(name: str, said: str) -> None:
    found = [row.difference for row in converted(MODULE.replace("{callable}", name)).report.rows]
    assert any(said in one for one in found)
