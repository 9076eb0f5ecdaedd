"""Whole DAGs, run twice: by real Airflow, and as the machine that dagmig makes of them.

The machine is run with a JSONata nobody here wrote, and its Lambda functions are the generated sources. The
tasks that run and what each returns have to be the same.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.integrations.fragment import FunctionName
from dagmig.pipeline import Converted, airflow_to_asl
from jsonata_run import Execution, Failed

SCRIPT = Path(__file__).with_name("run_dags.py")
HEAD = """\
from airflow.sdk import DAG, dag, task, task_group
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.providers.standard.operators.python import ShortCircuitOperator


def said(*given):
    return list(given)


def py(name, *args, **kwargs):
    return PythonOperator(task_id=name, python_callable=said, op_args=[name, *args], **kwargs)


"""
# open where a type or a command is not known, or a failure would count otherwise; the results are the same
TO_DECIDE = {"text", "bash_command", "trigger_rule"}
ANY = 'trigger_rule="none_failed_min_one_success"'
DAGS = {
    "chain": 'py("a") >> py("b") >> py("c")',
    "diamond": 'py("a") >> [py("b"), py("c")] >> py("d")',
    "nested": 'a, b, c, d, e = [py(n) for n in "abcde"]\na >> [b, c]\nb >> d\n[c, d] >> e',
    "not_nested": 'a, b, c, d = [py(n) for n in "abcd"]\n[a, b] >> c\nb >> d',
    "data": """
a, b = py("a"), py("b")
py("c", a.output, b.output) >> py("d", "{{ ti.xcom_pull(task_ids='a')[0] }}!")
""",
    "bash": """
a = BashOperator(task_id="a", bash_command="echo one; echo 3")
b = BashOperator(task_id="b", bash_command="echo {{ ti.xcom_pull(task_ids='a') }} x $WHO", env={"WHO": "me"})
a >> b
py("c", a.output, b.output)
py("d", [a.output, {"b": b.output}])
""",
    "branch_of_two": f"""
def choose():
    return "b"
a = BranchPythonOperator(task_id="a", python_callable=choose)
a >> [py("b"), py("c")] >> py("d", {ANY}) >> py("e")
""",
    "branch_of_several": f"""
def choose(wanted):
    return wanted.split(",")
a = BranchPythonOperator(task_id="a", python_callable=choose, op_args=["b,d"])
a >> [py(n) for n in "bcd"] >> py("e", {ANY})
""",
    "branch_of_none": f"""
def choose(wanted):
    return None if wanted == "none" else wanted
a = BranchPythonOperator(task_id="a", python_callable=choose, op_args=["none"])
a >> [py("b"), py("c")] >> py("d", {ANY})
""",
    "branch_to_the_join": f"""
def choose(wanted):
    return wanted
a = BranchPythonOperator(task_id="a", python_callable=choose, op_args=["j"])
b, j = py("b"), py("j", {ANY})
a >> [b, j]
b >> j
""",
    "join_of_all": """
def choose():
    return "b"
BranchPythonOperator(task_id="a", python_callable=choose) >> [py("b"), py("c")] >> py("d") >> py("e")
""",
    "join_none_failed": """
def choose(wanted):
    return wanted
a = BranchPythonOperator(task_id="a", python_callable=choose, op_args=["b"])
a >> [py("b"), py("c") >> py("x")]
[py("y"), a] >> py("d", trigger_rule="none_failed")
""",
    "branch_in_a_branch": f"""
def choose():
    return "b"
def again():
    return "e"
a = BranchPythonOperator(task_id="a", python_callable=choose)
b = BranchPythonOperator(task_id="b", python_callable=again)
a >> [b, py("c")]
b >> [py("d"), py("e")] >> py("f", {ANY}) >> py("g", trigger_rule="none_failed")
""",
    "short_circuit": """
def no():
    return []
ShortCircuitOperator(task_id="a", python_callable=no) >> py("b") >> py("c", trigger_rule="none_failed")
py("d")
""",
    "short_circuit_that_lets_go_on": """
def yes():
    return [0]
ShortCircuitOperator(task_id="a", python_callable=yes) >> py("b")
""",
    "short_circuit_of_one_step": """
def no():
    return 0
a = ShortCircuitOperator(task_id="a", python_callable=no, ignore_downstream_trigger_rules=False)
a >> py("b") >> py("c", trigger_rule="none_failed")
""",
    "short_circuit_beside": """
def no():
    return False
left = ShortCircuitOperator(task_id="a", python_callable=no) >> py("b")
[left, py("c")] >> py("d")
""",
    "value_of_a_skipped_task": f"""
def choose():
    return "c"
b = py("b")
c = py("c")
BranchPythonOperator(task_id="a", python_callable=choose) >> [b, c] >> py("d", b.output, c.output, {ANY})
""",
    "multiple_outputs": """
@task(multiple_outputs=True)
def split():
    return {"left": [1], "right": {"deep": 2}}
@task
def both(left, right, whole):
    return [left, right["deep"], whole]
got = split()
both(got["left"], right=got["right"], whole=got)
""",
    "templates": """
def more(*given, x):
    return [*given, x]
a = PythonOperator(
    task_id="a", python_callable=said, params={"size": 3},
    op_args=["{{ params.size }}", "{{ dag.dag_id }}/{{ task.task_id }}"],
)
a >> PythonOperator(
    task_id="b", python_callable=more, params={"size": 3},
    op_args=[{"k": ["{{ params.size }}", 2]}], op_kwargs={"x": "{{ ti.xcom_pull(task_ids='a')[1] }}"},
)
""",
    "jinja": """
a = py("a", "{% for t in ['x', 'y'] %}{{ loop.index }}{{ t | upper }}{% endfor %}", params={"on": True})
b = py("b", "{{ 'yes' if ti.xcom_pull('a')[1].startswith('1X') else 'no' }}", {"k": "{{ 3 // 2 }}"})
a >> b >> PythonOperator(
    task_id="c", python_callable=said, params={"on": True, "n": 4},
    op_args=[
        "{{ ti.xcom_pull(task_ids=['a', 'b']) | length }}{{ params.on }}{{ params.n + 1 }}",
        "{% set found = ti.xcom_pull('b') %}{{ found[0] }}/{{ found[2]['k'] }}/{{ found | length }}",
        "{{ logical_date == data_interval_end }}{{ (ds | replace('-', '')) == ds_nodash }}",
    ],
)
""",
    "context": """
@task
def push(ti=None):
    ti.xcom_push(key="size", value={"n": 2})
    return [1, 2]
@task
def pull(first, ti=None, dag_run=None, params=None, **context):
    sizes = [ti.xcom_pull(task_ids="push", key="size"), *ti.xcom_pull(task_ids=["push"])]
    return [first, sizes, dag_run.conf, context["run_id"] is None]
pull(push())
""",
    "groups": """
from airflow.sdk import TaskGroup
with TaskGroup("g") as g:
    a = py("a")
    with TaskGroup("h") as h:
        [py("b"), py("c")] >> py("d", a.output)
    a >> h
with TaskGroup("k", prefix_group_id=False) as k:
    py("e") >> py("f")
py("start") >> g >> k >> py("end", "{{ ti.xcom_pull(task_ids='g.h.d')[0] }}")
""",
    "decorated_bash": """
@task.bash(env={"WHO": "me"})
def greet(name):
    return "echo " + name + "; echo $WHO-"
@task.short_circuit
def go(said):
    return said.startswith("me-")
py("z") << go(greet("you"))
""",
    "branch_to_a_group": f"""
from airflow.sdk import TaskGroup
@task.branch
def choose():
    return ["b", "c"]
with TaskGroup("g"):
    c = py("x")
choose() >> [py("b"), py("c"), c] >> py("e", {ANY})
""",
    "branch_to_the_first_of_a_group": f"""
from airflow.sdk import TaskGroup
@task.branch
def choose(number):
    return "g" if number else None
with TaskGroup("g") as g:
    x, y = py("x"), py("y")
    [x, y] >> py("z")
choose(1) >> [py("b"), g] >> py("e", {ANY})
""",
    "branch_to_some_group": f"""
from airflow.sdk import TaskGroup
@task.branch
def choose(wanted):
    return wanted
with TaskGroup("g") as g:
    with TaskGroup("h") as h:
        py("x") >> py("y")
    py("z")
choose(["g.h"]) >> [py("b"), g] >> py("e", {ANY})
""",
    "branch_to_a_later_task": """
@task.branch
def choose():
    return "c"
b = py("b")
choose() >> [b, py("d")]
b >> py("c", trigger_rule="none_failed")
""",
    "branch_to_a_task_before_one": f"""
@task.branch
def choose():
    return ["x"]
b = py("b")
choose() >> [b, py("d")] >> py("e", {ANY})
py("x") >> py("y") >> b
""",
    "branch_of_a_set": f"""
@task.branch
def choose(numbers):
    return {{f"b{{number}}" for number in numbers}}
choose([1, 3]) >> [py("b1"), py("b2"), py("b3")] >> py("e", {ANY})
""",
    "branch_of_a_list_put_together": f"""
@task.branch
def choose(number):
    found = ["b"]
    if number > 1:
        found.append("c")
    return found
choose(2) >> [py("b"), py("c"), py("d")] >> py("e", {ANY})
""",
    "branch_that_may_choose_nothing": f"""
@task.branch
def choose(number):
    if number > 1:
        return "b"
choose(1) >> [py("b"), py("c")] >> py("e", {ANY})
""",
    "conditions": """
def enough(context):
    return context["params"]["size"] > 3, "not enough"
def is_local(context):
    return context["dag_run"].conf.get("local")
@task.run_if(enough)
@task(params={"size": 4})
def a():
    return "a"
@task.run_if(enough)
@task(params={"size": 3})
def b():
    return "b"
@task.skip_if(is_local)
@task.run_if(lambda context: context["task"].task_id == "c", skip_message="no")
@task(trigger_rule="none_failed")
def c(*given):
    return list(given)
@task.skip_if(lambda context: True)
@task.bash
def d():
    return "echo d"
@task.skip_if(lambda context: (False, None))
@task(trigger_rule="all_skipped")
def e():
    return "e"
c(a(), b())
d() >> e()
""",
    "mapped": """
@task
def tables():
    return ["a", "b", "c"]
@task
def size(table, factor):
    return [table, factor] if table != "b" else None
@task
def total(sizes):
    return [len(sizes), list(sizes)]
total(size.partial(factor=2).expand(table=tables()))
""",
    "mapped_over_a_product": """
@task
def letters():
    return ["x", "y"]
@task
def pair(number, letter):
    return f"{number}{letter}"
@task
def shout(text):
    return text + "!"
@task
def told(texts):
    return list(texts)
told(shout.expand(text=pair.expand(number=[1, 2], letter=letters())))
""",
    "mapped_over_a_dict": """
@task
def sizes():
    return {"a": 1, "b": [2, 3]}
@task
def entry(pair):
    return list(pair)
@task
def told(entries):
    return list(entries)
told(entry.expand(pair=sizes()))
""",
    "mapped_by_arguments": """
@task
def rows():
    return [{"name": "a", "size": 1}, {"name": "b", "size": 2}]
@task
def row(name, size):
    return [name, size]
@task
def told(given):
    return list(given)
told(row.expand_kwargs(rows()))
BashOperator.partial(task_id="bash").expand(bash_command=["echo 1", "echo x y"])
""",
    "mapped_over_nothing": """
@task
def none():
    return []
@task
def work(item):
    return item
@task(trigger_rule="all_done")
def told(given):
    return list(given)
told(work.expand(item=none())) >> py("after")
""",
    "mapped_group": """
@task
def tables():
    return ["a", "b", "c"]
@task
def size(table, factor):
    return [table, factor] if table != "b" else None
@task
def load(table, sized):
    return [table, sized]
sizes = []
@task_group
def each(table, factor):
    sizes.append(size(table, factor))
    return load(table, sizes[0])
@task
def total(loads, sizes):
    return [list(loads), list(sizes)]
total(each.partial(factor=2).expand(table=tables()), sizes[0]) >> py("after")
""",
    "mapped_group_of_one": """
@task
def size(table):
    return [table, 1]
@task_group
def each(table):
    return size(table)
@task
def total(sizes):
    return sizes
total(each.expand(table=["a"]))
""",
    "mapped_group_by_arguments": """
@task
def rows():
    return [{"name": "a", "size": [1]}, {"name": "b", "size": 2}]
@task
def row(name, size):
    return [name, size]
@task
def again(given, name):
    return {name: given}
@task_group
def each(name, size):
    return again(row(name, size), name)
@task
def told(given):
    return list(given)
told(each.expand_kwargs(rows()))
""",
    "mapped_group_over_nothing": """
@task
def none():
    return []
@task
def work(item):
    return item
@task(trigger_rule="all_done")
def clean(item):
    return item
@task_group
def each(item):
    done = work(item)
    done >> clean(item)
    return done
@task(trigger_rule="all_done")
def told(given):
    return given
told(each.expand(item=none())) >> py("after")
""",
    "mapped_over_what_is_joined": """
@task
def names():
    return ["a", ["b"], "c"]
@task
def sizes():
    return [1, [2]]
@task
def work(item):
    return item
@task
def keyed(name, size):
    return [name, size]
@task
def told(given):
    return list(given)
n, s = names(), sizes()
told(told.override(task_id="zipped").expand(given=n.zip(s)))
told.override(task_id="b")(told.override(task_id="filled").expand(given=n.zip(s, fillvalue=0)))
told.override(task_id="c")(work.expand(item=s.concat(n)))
told.override(task_id="d")(keyed.expand_kwargs(n.zip(s).map(lambda p: {"name": p[0], "size": [p[1], "x"]})))
""",
    "taskflow": """
@task
def count():
    return {"rows": 3}
@task.branch
def choose(counted):
    return "many" if counted["rows"] > 2 else "few"
@task
def many(counted):
    return counted["rows"] * 2
@task
def few():
    return 0
counted = count()
choose(counted) >> [many(counted), few()]
""",
}


@pytest.fixture(scope="module")
def airflow(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow made of each DAG, by its id."""
    home = tmp_path_factory.mktemp("airflow")
    folder = home / "dags"
    folder.mkdir()
    for name in DAGS:
        (folder / f"{name}.py").write_text(text(name))
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
    }
    command = [str(part) for part in (airflow_python, SCRIPT, folder, home / "runs.json")]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    document = json.loads((home / "runs.json").read_text())
    assert document["errors"] == {}
    found: dict[str, Any] = document["runs"]
    return found


def text(name: str) -> str:
    """The DAG as a file."""
    body = "".join(f"    {line}\n" for line in DAGS[name].strip("\n").splitlines())
    return f'{HEAD}with DAG("{name}", schedule=None):\n{body}'


@pytest.mark.parametrize("name", DAGS)
def test_the_machine_does_what_airflow_does(name: str, airflow: dict[str, Any]) -> None:
    (one,) = airflow_to_asl(text(name), f"{name}.py", Report())
    assert {row.construct for row in one.report.rows if row.disposition.is_open} <= TO_DECIDE
    expected = airflow[name]
    assert expected["state"] == "success"
    ran = {task: found for task, found in expected["tasks"].items() if found["state"] == "success"}
    returned = results(one, expected["tasks"])
    assert returned.keys() == ran.keys()
    kept = {task: found["value"] for task, found in ran.items() if not found["is_chooser"]}
    assert {task: returned[task] for task in kept} == kept


def results(one: Converted, tasks: dict[str, Any]) -> dict[str, Any]:
    """What each task returned when the machine ran; a list of a mapped one."""
    by_function = {FunctionName(task).within(one.id): task for task in tasks}
    found: dict[str, Any] = {}

    def call(_: str, arguments: Any) -> Any:
        name = arguments["FunctionName"]
        module: dict[str, Any] = {}
        exec(compile(one.functions[f"{name}.py"], name, "exec"), module)
        task = by_function[name]
        try:
            answer = module["handler"](json.loads(json.dumps(arguments.get("Payload", {}))), None)
        except Exception as error:
            raise Failed(type(error).__name__, str(error)) from error
        pushes = isinstance(answer, dict) and "return_value" in answer  # and what the task pushes besides
        value = answer["return_value"] if pushes else answer
        if tasks[task]["is_mapped"]:
            found.setdefault(task, []).append(value)
        else:
            found[task] = value
        return {"Payload": answer}

    Execution(call).run(one.machine)
    return found
