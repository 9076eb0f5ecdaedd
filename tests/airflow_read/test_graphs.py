"""The graph of a DAG file, read without running it: dependencies, loops, groups, TaskFlow, mapping."""

from __future__ import annotations

import pytest

from airflow_read.graphs import HEAD, graph, shown, workflows
from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.graph.model import Expansion
from dagmig.graph.values import Joined, Literal, Output, Reference, Transformed

DEPENDENCIES = [
    ('op("a") >> op("b")', "a>b"),
    ('op("a") << op("b")', "b>a"),
    ('op("a") >> op("b") >> op("c")', "a>b b>c"),
    ('op("a") >> [op("b"), op("c")] >> op("d")', "a>b a>c b>d c>d"),
    ('[op("a"), op("b")] >> op("c")', "a>c b>c"),
    ('[op("a"), op("b")] << op("c")', "c>a c>b"),
    ('(op("a"), op("b")) >> op("c")', "a>c b>c"),
    ('a = op("a"); a.set_downstream(op("b"))', "a>b"),
    ('a = op("a"); a.set_upstream([op("b"), op("c")])', "b>a c>a"),
    ('chain(op("a"), op("b"), op("c"))', "a>b b>c"),
    ('chain(op("a"), [op("b"), op("c")], [op("d"), op("e")], op("f"))', "a>b a>c b>d c>e d>f e>f"),
    ('chain_linear(op("a"), [op("b"), op("c")], [op("d"), op("e")])', "a>b a>c b>d b>e c>d c>e"),
    ('cross_downstream([op("a"), op("b")], [op("c"), op("d")])', "a>c a>d b>c b>d"),
    ('op("a") >> Label("yes") >> op("b")', "a>b"),
    ('a, b = op("a"), op("b")\na >> b\na >> b', "a>b"),
    ('op("a")', "a"),
    ("pass", ""),
    ('x = op("a") >> op("b")\nx >> op("c")', "a>b b>c"),
]
PYTHON = [
    ('for i in range(3):\n    op(f"t{i}")', "t0 t1 t2"),
    (
        'last = None\nfor n in "abc":\n    now = op(n)\n    if last:\n        last >> now\n    last = now',
        "a>b b>c",
    ),
    ('ts = [op(f"t{i}") for i in range(2)]\nts[0] >> ts[1]', "t0>t1"),
    ('ts = {n: op(n) for n in ("x", "y")}\nts["x"] >> ts["y"]', "x>y"),
    ('for i, n in enumerate(["a", "b"]):\n    op(f"{n}{i}")', "a0 b1"),
    ('for a, b in zip(["a"], ["b"]):\n    op(a) >> op(b)', "a>b"),
    ('for n, down in {"a": ["b"]}.items():\n    op(n) >> [op(d) for d in down]', "a>b"),
    ('op("%s_%d" % ("a", 1))', "a_1"),
    ('op("{}-{x}".format("a", x=2))', "a-2"),
    ('op("_".join(["a", "b"]))', "a_b"),
    ('name = "a" + "b"\nop(name.upper())', "AB"),
    ('op("a" if True else "b")', "a"),
    ('if 1 > 2:\n    op("a")\nelse:\n    op("b")', "b"),
    ('i = 0\nwhile i < 2:\n    op(f"t{i}")\n    i += 1', "t0 t1"),
    (
        'def make(n, times=2):\n    return [op(f"{n}{i}") for i in range(times)]\nmake("a") >> op("b")',
        "a0>b a1>b",
    ),
    ('try:\n    op("a")\nexcept ImportError:\n    op("b")', "a"),
    ('first, *rest = [op(n) for n in "abc"]\nfirst >> rest', "a>b a>c"),
    ('make = lambda n: op(n)\nmake("a") >> make("b")', "a>b"),
    ('tasks = []\ntasks.append(op("a"))\ntasks.append(op("b"))\nchain(*tasks)', "a>b"),
    ('op(**{"task_id": "a"})', "a"),
]
GROUPS = [
    ('with TaskGroup("g"):\n    op("a") >> op("b")', "g.a>g.b"),
    ('with TaskGroup("g", prefix_group_id=False):\n    op("a")', "a"),
    ('with TaskGroup("g") as g:\n    op("a") >> op("b")\nop("s") >> g >> op("e")', "g.a>g.b g.b>e s>g.a"),
    ('with TaskGroup("o"):\n    with TaskGroup("i"):\n        op("a")', "o.i.a"),
    (
        'with TaskGroup("g") as g:\n    op("a")\n    op("b")\nwith TaskGroup("h") as h:\n    op("c")\ng >> h',
        "g.a>h.c g.b>h.c",
    ),
    ('@task_group\ndef g():\n    op("a") >> op("b")\ng() >> op("e")', "g.a>g.b g.b>e"),
    ('@task_group(group_id="x")\ndef g(n):\n    op(n)\ng("a")\ng("b")', "x.a x__1.b"),
    ('g = TaskGroup("g")\nop("a", task_group=g)', "g.a"),
]
TASKFLOW = [
    ("@task\ndef a():\n    pass\na()", "a"),
    ("@task\ndef a():\n    pass\n@task\ndef b(x):\n    pass\nb(a())", "a>b"),
    ("@task\ndef a():\n    pass\na()\na()", "a a__1"),
    ('@task(task_id="x")\ndef a():\n    pass\na()', "x"),
    ('@task\ndef a():\n    pass\na.override(task_id="y")()', "y"),
    ("@task\ndef a():\n    pass\n@task\ndef b(x):\n    pass\nb({'k': [a()]})", "a>b"),
    ("@task\ndef a():\n    pass\n@task\ndef b(x):\n    pass\nb(a()['k'])", "a>b"),
    ("@task.branch\ndef a():\n    return 'b'\na() >> [op('b'), op('c')]", "a>b a>c"),
    ("@task.bash\ndef a():\n    return 'ls'\na()", "a"),
    ("@task.short_circuit\ndef a():\n    return True\na() >> op('b')", "a>b"),
    ("a = op('a')\nBashOperator(task_id='b', bash_command=a.output)", "a>b"),
    ("a = op('a')\nBashOperator(task_id='b', bash_command='x', env={'k': a.output['x']})", "a>b"),
    ("@task\ndef a():\n    pass\nx = a()\nx >> op('b')\nop('c') >> x", "a>b c>a"),
    ("@task\ndef a(x):\n    pass\na.expand(x=[1, 2])", "a"),
    ("@task\ndef a():\n    pass\n@task\ndef b(x, y):\n    pass\nb.partial(y=1).expand(x=a())", "a>b"),
    ("@task\ndef a():\n    pass\nBashOperator.partial(task_id='b').expand(bash_command=a())", "a>b"),
    ("@task\ndef a():\n    pass\nBashOperator.partial(task_id='b').expand_kwargs(a())", "a>b"),
    ("@task\ndef a():\n    pass\n@task\ndef b(x):\n    pass\nb.expand(x=a().map(str))", "a>b"),
    ("@task\ndef a():\n    pass\n@task\ndef b(x):\n    pass\nz = a()\nb.expand(x=z.zip(a()))", "a>b a__1>b"),
]
SETUPS = [
    ("s, w, t = op('s'), op('w'), op('t')\ns >> w >> t.as_teardown(setups=s)", "s>t s>w w>t"),
    ("s, w, t = op('s'), op('w'), op('t')\nwith t.as_teardown(setups=s):\n    [op(n) for n in 'xy']",
     "s>t s>x s>y x>t y>t w"),
    ("@setup\ndef s():\n    pass\n@teardown\ndef t(x):\n    pass\nwith t(s()):\n    op('x') >> op('y')",
     "s>t s>x x>y y>t"),
    ("with op('s').as_setup():\n    op('x')", "s>x"),
]  # fmt: skip
DOUBTS = [
    ("import foo\nfor n in foo.names():\n    op(n)", "?unknown-value"),
    ("import foo\nop(foo.name)", "?unknown-id"),
    ("import foo\nfoo.build()", "?unknown-value"),
    ("op('a')\nop('a')", "?duplicate-task-id"),
    ("import foo\nop('a', trigger_rule=foo.rule)", "?unknown-value"),
]


@pytest.mark.parametrize(("body", "expected"), [*DEPENDENCIES, *PYTHON, *GROUPS, *TASKFLOW, *SETUPS])
def test_graph(body: str, expected: str) -> None:
    assert graph(body) == expected


@pytest.mark.parametrize(("body", "expected"), DOUBTS)
def test_what_is_not_known_is_said(body: str, expected: str) -> None:
    assert expected in graph(body).split()


FILES = [
    ('dag = DAG("d")\na = op("a", dag=dag)\nb = op("b", dag=dag)\na >> b', {"d": "a>b"}),
    ('@dag(schedule=None)\ndef d():\n    op("a") >> op("b")\nd()', {"d": "a>b"}),
    ('@dag(dag_id="x")\ndef d(n="a"):\n    op("t")\nd()', {"x": "t"}),
    ('@dag()\ndef d():\n    op("a")', {}),
    ('with DAG("a"):\n    op("t")\nwith DAG("b"):\n    op("t")', {"a": "t", "b": "t"}),
    ('for n in ("x", "y"):\n    with DAG(f"d_{n}"):\n        op(n)', {"d_x": "x", "d_y": "y"}),
    ('def make(n):\n    with DAG(n) as d:\n        op("t")\n    return d\na, b = make("a"), make("b")',
     {"a": "t", "b": "t"}),
    ('for n in "ab":\n    d = DAG(n)\n    op("t", dag=d)\n    globals()[n] = d', {"a": "t", "b": "t"}),
    ("from pathlib import Path\nwith DAG(Path(__file__).stem):\n    op('t')", {"orders": "t"}),
    ("import os\nwith DAG(os.path.splitext(os.path.basename(__file__))[0]):\n    op('t')", {"orders": "t"}),
    ("from pathlib import Path\nwith DAG(Path(__file__).resolve().parent.name):\n    op('t')", {"dags": "t"}),
    ('@asset(schedule=None)\ndef raw():\n    pass', {"raw": "raw"}),
    ('@asset(name="x", schedule=None, dag_id="y")\ndef raw():\n    pass', {"y": "raw"}),
    ('@asset(schedule=None)\ndef raw():\n    pass\n@asset(schedule=raw)\ndef made(raw):\n    pass',
     {"raw": "raw", "made": "made"}),
    ('@asset.multi(schedule=None, outlets=[1])\n@task\ndef both():\n    pass', {"both": "both"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FILES)
def test_dags_of_a_file(text: str, expected: dict[str, str]) -> None:
    found, codes = workflows(text)
    assert {workflow.id: shown(workflow, codes) for workflow in found} == expected


IMPORTS = [
    "from airflow import DAG\nfrom airflow.operators.bash_operator import BashOperator",
    "from airflow.models import DAG\nfrom airflow.operators.bash import BashOperator",
    "from airflow.models.dag import DAG\nfrom airflow.providers.standard.operators.bash import BashOperator",
    "import airflow\nDAG = airflow.DAG\nfrom airflow.operators.bash_operator import BashOperator",
    "from airflow.sdk import DAG\nfrom airflow.providers.standard.operators import bash\n"
    "BashOperator = bash.BashOperator",
    "from airflow import models\nDAG = models.DAG\nimport airflow.operators.bash\n"
    "BashOperator = airflow.operators.bash.BashOperator",
]


@pytest.mark.parametrize("imports", IMPORTS)
def test_import_paths_of_every_version(imports: str) -> None:
    body = 'with DAG("d") as d:\n    BashOperator(task_id="a", bash_command="x") >> BashOperator(task_id="b")'
    (found,), codes = workflows(f"{imports}\n{body}")
    assert shown(found, codes) == "a>b"
    assert found.tasks["a"].call.operator.endswith("BashOperator")


POLICIES = [
    ("", "", (0, 300.0, None)),
    ("retries=2", "", (2, 300.0, None)),
    ("", "default_args={'retries': 3}", (3, 300.0, None)),
    ("retries=1", "default_args={'retries': 3, 'retry_delay': timedelta(minutes=1)}", (1, 60.0, None)),
    ("retry_delay=5", "", (0, 5.0, None)),
    ("execution_timeout=timedelta(hours=2)", "", (0, 300.0, 7200.0)),
    ("default_args={'retries': 4}", "default_args={'retries': 3}", (4, 300.0, None)),
]


@pytest.mark.parametrize(("task_arguments", "dag_arguments", "expected"), POLICIES)
def test_policies_after_default_args(
    task_arguments: str, dag_arguments: str, expected: tuple[int, float, float | None]
) -> None:
    given = f", {dag_arguments}" if dag_arguments else ""
    (found,), _ = workflows(f'with DAG("d"{given}):\n    op("a", {task_arguments})')
    policy = found.tasks["a"].policy
    timeout = policy.timeout and policy.timeout.total_seconds()
    assert (policy.retries, policy.retry_delay.total_seconds(), timeout) == expected


@pytest.mark.parametrize("rule", ["'all_done'", "TriggerRule.ALL_DONE"])
def test_trigger_rules_as_text_and_enum(rule: str) -> None:
    (found,), _ = workflows(f'with DAG("d"):\n    op("a", trigger_rule={rule})')
    assert str(found.tasks["a"].trigger) == "all_done"


EXPANDED = [
    ("a.expand(x=[1])", Expansion("expand", {"x": Literal([1])})),
    ("a.expand_kwargs([{'x': 1}])", Expansion("expand_kwargs", {"kwargs": Literal([{"x": 1}])})),
    (
        "a.expand(x=EmptyOperator(task_id='b').output.zip(EmptyOperator(task_id='c').output, fillvalue=0))",
        Expansion("expand", {"x": Joined("zip", (Output("b"), Output("c")), Literal(0))}),
    ),
    (
        "a.expand(x=EmptyOperator(task_id='b').output.concat(EmptyOperator(task_id='c').output))",
        Expansion("expand", {"x": Joined("concat", (Output("b"), Output("c")))}),
    ),
    (
        "a.expand(x=EmptyOperator(task_id='b').output.map(str))",
        Expansion("expand", {"x": Transformed(Output("b"), Reference("str"))}),
    ),
    ("EmptyOperator.partial(task_id='a').expand(x=[1])", Expansion("expand", {"x": Literal([1])})),
    (
        "EmptyOperator.partial(task_id='a').expand_kwargs([{'x': 1}])",
        Expansion("expand_kwargs", {"kwargs": Literal([{"x": 1}])}),
    ),
]


@pytest.mark.parametrize(("call", "expected"), EXPANDED)
def test_what_a_task_is_mapped_over(call: str, expected: Expansion) -> None:
    (found,) = read(f"{HEAD}\nwith DAG('d'):\n    @task\n    def a(x): ...\n    {call}\n", "d.py", Report())
    assert found.tasks["a"].expand == expected
