"""The Python that DAG files are written in: evaluated as Python does, or said not to be known."""

from __future__ import annotations

import pytest

from airflow_read.graphs import graph, workflows

TEXT = [
    ('n = 2\nop(f"t{n:{n}d}".replace(" ", "_"))', "t_2"),
    ("op(f\"t{'a'!r}\".replace(\"'\", '_'))", "t_a_"),
    ('op("{:>{}}".format("a", 3).replace(" ", "_"))', "__a"),
    ('op("{0[1]}".format(["a", "b"]))', "b"),
    ('op("%03d" % 7)', "007"),
    ('op("a".zfill(3))', "00a"),
    ('op(f"\\x61{1}")', "a1"),
    ('op("abc"[::-1])', "cba"),
    ('import numpy\nx = numpy.table[:, 0]\nop("a")', "a"),
    ('op({(1, 2): "a"}[1, 2])', "a"),
    ('op("t" + str([len, 1])[:2])', "?unknown-id"),
    ("op(f\"{op('a')}\")", "a ?unknown-id"),
    ('op("%99999999d" % 7)', "?unknown-id"),
    ('op("a" * 10_000_000)', "?unknown-id"),
    ('op("t" + str(9 ** 9 ** 9))', "?unknown-id"),
]
FUNCTIONS = [
    ('op(min(["us", "stage", "Big"], key=lambda w: (len(w), w)))', "us"),
    ('d = {"a": 1, "b": 3}\nop(max(d, key=d.get))', "b"),
    ('op(sorted("bca", reverse=True)[0])', "c"),
    ('for f in [lambda w=w: op(w) for w in "ab"]:\n    f()', "a b"),
    (
        "def counter():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n        return n\n"
        '    return up\nup = counter()\nup()\nop(f"t{up()}")',
        "t2",
    ),
    (
        "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def inner(n):\n        f(n)\n"
        '        return f(n + "2")\n    return inner\n@twice\ndef make(n):\n    return op(n)\nmake("a")',
        "a a2",
    ),
    ('def names():\n    yield "a"\n    yield from ["b", "c"]\nfor n in names():\n    op(n)', "a b c"),
    (
        "from contextlib import contextmanager\n@contextmanager\ndef named(n):\n    first = op(n)\n"
        '    yield first\n    first >> op(n + "_end")\nwith named("a") as one:\n    one >> op("b")',
        "a>a_end a>b",
    ),
    ("from functools import partial\nmake = partial(op, trigger_rule='all_done')\nmake('a')", "a"),
    ("import itertools\nfor a, b in itertools.product('ab', '12'):\n    op(a + b)", "a1 a2 b1 b2"),
    ("import re\nop(re.sub(r'[^a-z]+', '_', 'a b-c'))", "a_b_c"),
    ("it = iter('ab')\nop(next(it))\nfor n in it:\n    op(n)", "a b"),
    ('op("a")\nfor n in [m for m in {"b", "c"}]:\n    op(n)', "a ?unknown-id ?unknown-value"),
    ('last = [m for m in {"b"}][-1]\nop(last)', "b"),
    ('for n in {m: 1 for m in {"a": 1}.items() | {"b": 2}.items()}:\n    pass\nop(n[0])', "?unknown-id"),
    ('d = {}\nfor m in {"a", "b"}:\n    d[m] = 1\nfor n in d:\n    pass\nop(n)', "?unknown-id"),
    ("def endless():\n    while True:\n        yield 1\nfor n in endless():\n    op(f't{n}')", None),
    (
        "import itertools\nop('a')\nfor n in itertools.count():\n    op(f't{n}')",
        "a ?unknown-id ?unknown-value",
    ),
    (
        "import itertools\nop('a')\nfor n, _ in zip(itertools.count(), itertools.repeat(1)):\n    op(n)",
        "a ?unknown-id ?unknown-value",
    ),
    ("import re\nop(re.sub(r'(a+)+b', '', 'a' * 40))", "?unknown-id"),
]
STATEMENTS = [
    ('xs = ["a", "b"]\nxs[1:2] = ["c", "d"]\nfor n in xs:\n    op(n)', "a c d"),
    ('xs = ["a", "b"]\ndel xs[1:]\nfor n in xs:\n    op(n)', "a"),
    ('n = 1\nwhile n:\n    n -= 1\nelse:\n    op("done")', "done"),
    ('for n in "ab":\n    if n == "b":\n        break\nelse:\n    op("never")\nop(n)', "b"),
    (
        'match ["a", "b", "c"]:\n    case [one]:\n        op(one)\n    case [one, *_, last]:\n'
        "        op(one) >> op(last)",
        "a>c",
    ),
    ('match {"kind": "x", "n": "a"}:\n    case {"kind": "x" | "y", "n": n}:\n        op(n)', "a"),
]
ERRORS = [
    ('try:\n    n = {"a": 1}["b"]\nexcept KeyError as e:\n    op(f"no_{e.args[0]}")', "no_b"),
    ('try:\n    int("x")\nexcept (TypeError, ValueError):\n    op("a")\nelse:\n    op("b")', "a"),
    (
        'try:\n    raise ValueError("why")\nexcept Exception as e:\n    op(str(e))\nfinally:\n    op("f")',
        "f why",
    ),
    (
        "def find(n):\n    try:\n        return n\n    finally:\n        op('closed')\nop(find('a'))",
        "a closed",
    ),
    (
        "for n in ['1', 'x', '2']:\n    try:\n        op('t%d' % int(n))\n"
        "    except ValueError:\n        continue",
        "t1 t2",
    ),
    (
        'try:\n    try:\n        1 / 0\n    except KeyError:\n        op("a")\n'
        'except ArithmeticError:\n    op("b")',
        "b",
    ),
]
BOTH_WAYS = [
    ('import os\nop(os.getenv("NAME", "a"))', "a ?assumed-default"),
    ('import os\nop(os.environ["NAME"])', "?unknown-id"),
    ('from airflow.sdk import timezone\nop(f"{timezone.datetime(2024, 5, 6):%Y%m%d}")', "20240506"),
    ('for n in {"a", "b"}:\n    op(n)\nop("last_" + n)', "a b ?unknown-id"),
    ('op("_".join({"a", "b"}))', "?unknown-id"),
    ('op(list({"a", "b"})[0])', "?unknown-id"),
    ('import other\nn = "a"\nif other.flag:\n    n = "b"\nop(n)', "?unknown-id"),
    (
        'import other\nxs = ["a"]\nif other.flag:\n    xs.append("b")\nfor n in xs:\n    op(n)',
        "?unknown-id ?unknown-value",
    ),
    (
        'import other\ndef f():\n    if other.flag:\n        return "a"\n    return "b"\nop(f())',
        "?unknown-id",
    ),
    ('import other\nfor n in "ab":\n    if other.flag:\n        break\n    op(n)', "a b ?unknown-value"),
    ('import other\nif not other.flag:\n    raise ValueError("no")\nop("a")', "a"),
    (
        'try:\n    import other\n    n = "a"\nexcept ImportError:\n    n = "b"\nop(n)',
        "?unknown-id",
    ),
    ('import other\ntry:\n    n = other.find()\nexcept KeyError:\n    op("b")\nop("a")', None),
    ('import random\nif random.random() > 0.5:\n    op("a")\nop("b")', "a b ?unknown-value"),
]


@pytest.mark.parametrize(("body", "expected"), [*TEXT, *FUNCTIONS, *STATEMENTS, *ERRORS, *BOTH_WAYS])
def test_python(body: str, expected: str | None) -> None:
    if expected is None:
        assert "?unknown-value" in graph(body)
    else:
        assert graph(body) == expected


MORE = [
    ("from collections import defaultdict\nd = defaultdict(list)\nd['a'].append('x')\n"
     "op('a' + d['a'][0])", "ax"),
    ("from collections import namedtuple\nC = namedtuple('C', 'n m', defaults=['b'])\n"
     "op(C('a').n + C('a').m)", "ab"),
    ("from types import SimpleNamespace\no = SimpleNamespace(n='a')\nop(o.n)", "a"),
    ("class E(KeyError):\n    pass\ntry:\n    raise E('a')\nexcept E as e:\n    op(str(e.args[0]))", "a"),
    ("class E(Exception):\n    def __str__(self):\n        return 'a'\nop(f'{E()}')", "a"),
    ("from enum import IntEnum\nclass E(IntEnum):\n    A = 1\nop(f'a{E.A + 1}')", "a2"),
    ("n = 1\nop(f'a{n=}'.replace('=', '_'))", "an_1"),
    ("class A:\n    all = []\n    def __init_subclass__(cls):\n        A.all.append(cls.__name__)\n"
     "class b(A):\n    pass\nop(A.all[0])", "b"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), MORE)
def test_what_libraries_and_classes_make(body: str, expected: str) -> None:
    assert graph(body) == expected


def test_a_variables_default_is_taken_and_said() -> None:
    (found,), codes = workflows(
        "from airflow.models import Variable\nwith DAG('d'):\n    op(Variable.get('x', default_var='a'))\n"
    )
    assert (list(found.tasks), codes) == (["a"], ["assumed-default"])
