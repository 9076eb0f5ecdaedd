"""Classes of the file: objects, methods, inheritance, records, enumerations, operators of one's own."""

from __future__ import annotations

import pytest

from airflow_read.graphs import graph, workflows
from dagmig.graph.values import UNKNOWN

OBJECTS = [
    ("class C:\n    def __init__(self, n):\n        self.n = n\nop(C('a').n)", "a"),
    ("class C:\n    n = 'a'\nop(C.n)\nop(C().n + 'b')", "a ab"),
    ("class C:\n    def go(self, n='a'):\n        return op(n)\nC().go() >> C().go('b')", "a>b"),
    ("class A:\n    def n(self):\n        return 'a'\nclass B(A):\n    pass\nop(B().n())", "a"),
    ("class A:\n    def n(self):\n        return 'a'\nclass B(A):\n    def n(self):\n"
     "        return super().n() + 'b'\n"
     "op(B().n())", "ab"),
    ("class C:\n    @property\n    def n(self):\n        return 'a'\nop(C().n)", "a"),
    ("class C:\n    @staticmethod\n    def n(x):\n        return x\n    @classmethod\n    def m(cls):\n"
     "        return cls.n('b')\nop(C.n('a'))\nop(C.m())", "a b"),
    ("class C:\n    def __call__(self, n):\n        return op(n)\nC()('a')", "a"),
    ("class C:\n    def __init__(self):\n        self.all = []\n    def add(self, n):\n"
     "        self.all.append(op(n))\n"
     "        return self\nchain(*C().add('a').add('b').all)", "a>b"),
    ("class C:\n    def build(self):\n        @task\n        def x():\n            pass\n        return x\n"
     "C().build()() >> op('b')", "x>b"),
    ("c = type\nclass C:\n    pass\no = C()\no.n = 'a'\nop(o.n)", "a"),
    ("class C:\n    pass\nop('a' if isinstance(C(), C) else 'b')", "a"),
    ("class C:\n    n = 1\nop(f\"a{getattr(C(), 'm', 2)}\")", "a2"),
    ("class C:\n    n = 'x'\n    def f(self):\n        n = 'a'\n        return n\nop(C().f())", "a"),
]  # fmt: skip
RECORDS = [
    ("from dataclasses import dataclass\n@dataclass\nclass C:\n    n: str\n    k: int = 2\n"
     "op(f'{C(\"a\").n}{C(\"a\").k}')",
     "a2"),
    ("from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass C:\n"
     "    n: list = field(default_factory=list)\n"
     "C().n.append('x')\nop(f'a{len(C().n)}')", "a0"),
    ("from dataclasses import dataclass\n@dataclass\nclass A:\n    n: str\n@dataclass\nclass B(A):\n"
     "    m: str = 'b'\n"
     "op(B('a').n + B('a').m)", "ab"),
    ("from typing import NamedTuple\nclass C(NamedTuple):\n    n: str\n    m: str = 'b'\n"
     "x, y = C('a')\nop(x)\nop(C('c').n + y)",
     "a cb"),
    ("from enum import Enum\nclass E(Enum):\n    A = 'a'\n    B = 'b'\nfor e in E:\n"
     "    op(e.value)\nop(E.A.name)", "A a b"),
    ("from enum import Enum\nclass E(Enum):\n    A = 'a'\nop(E('a').name + E['A'].value)", "Aa"),
    ("from enum import Enum\nclass E(str, Enum):\n    A = 'a'\nop(E.A)", "a"),
]  # fmt: skip
OPERATORS = [
    ("class My(EmptyOperator):\n    pass\nMy(task_id='a') >> op('b')", "a>b"),
    ("class My(EmptyOperator):\n    def __init__(self, n, **kwargs):\n"
     "        super().__init__(task_id='x_' + n, **kwargs)\n"
     "My('a') if False else My(n='a')", "x_a"),
    ("class My(EmptyOperator):\n    template_fields = ('v',)\n    def __init__(self, v, w=None, **kwargs):\n"
     "        super().__init__(**kwargs)\n        self.v = v\n        self.w = w\n"
     "a, b = op('a'), op('b')\nMy(task_id='c', v=a.output, w=b.output)", "a>c b"),
    ("class G(TaskGroup):\n    def __init__(self, n):\n        super().__init__(group_id=n)\n"
     "with G('g'):\n    op('a')", "g.a"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [*OBJECTS, *RECORDS, *OPERATORS])
def test_graph(body: str, expected: str) -> None:
    assert graph(body) == expected


def test_an_operator_hands_its_policy_to_airflow() -> None:
    text = (
        "class My(EmptyOperator):\n    def __init__(self, speed, **kwargs):\n"
        "        kwargs.setdefault('retries', speed)\n        super().__init__(**kwargs)\n"
        "with DAG('d', default_args={'speed': 7}):\n    My(task_id='a')\n"
    )
    (found,), codes = workflows(text)
    assert found.tasks["a"].policy.retries == 7
    assert codes == []


def test_a_class_that_nobody_can_know_is_said() -> None:
    body = "import foo\n@foo.made\nclass C:\n    pass\nop(C().name)"
    assert "?unknown-id" in graph(body).split()


def test_a_dag_built_in_a_method() -> None:
    text = (
        "class B:\n    def build(self):\n        with DAG('d') as dag:\n"
        "            op('a')\n        return dag\nx = B().build()\n"
    )
    (found,), codes = workflows(text)
    assert (found.id, list(found.tasks), codes) == ("d", ["a"], [])


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ("op('a') >> Label('yes') >> op('b')", "yes"),
        ("op('a').set_downstream(op('b'), edge_modifier=Label('no'))", "no"),
        ("op('a') >> op('b')", ""),
    ],
)
def test_labels_of_edges(body: str, label: str) -> None:
    (found,), _ = workflows(f"with DAG('d'):\n    {body}\n")
    assert [edge.label for edge in found.edges] == [label]


def test_outputs_are_followed_in_templated_arguments_only() -> None:
    assert graph("a = op('a')\nop('b', executor_config={'x': a.output})\nop('c', doc_md=a.output)") == "a b c"


def test_a_setter_of_a_property_is_run() -> None:
    body = (
        "class A(EmptyOperator):\n    @property\n    def x(self): return 'v'\n    @x.setter\n"
        "    def x(self, name): op(name)\na = A(task_id='a')\na.x = 'b'\nop(a.x)"
    )
    assert graph(body) == "a b v"


def test_defaults_of_a_group_that_are_not_known_leave_its_tasks_open() -> None:
    (found,), codes = workflows(
        "import foo\nwith DAG('d'):\n    with TaskGroup('g', default_args=foo.defaults):\n        op('a')\n"
    )
    assert found.tasks["g.a"].trigger is UNKNOWN
    assert set(codes) == {"unknown-value"}
