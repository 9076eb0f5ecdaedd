"""Expressions by kind: a line each, holes for what they are made of."""

# ruff: noqa: E501 (a row is a line)

from __future__ import annotations

from collections.abc import Callable
from random import Random

from airflow_read.programs.strings import STRINGS

WORDS = (
    "load", "orders", "eu", "us", "daily", "a", "b2", "raw", "stage", "x_1", "Big", "north-1", "k=v;w=z",
    "one two", "v1.2", "CSV,tsv", " pad ", "aXbX", "__m__", "007", "42", "tab_", "Zed", "mart",
)  # fmt: skip
INTEGERS = (
    """
len(<s>)
len(<ls>)
len(<dsi>)
len(<lls>)
len(set(<ls>))
<i> + <i>
<i> - <i>
<i> * <i>
<i> % 7
<i> // 3
-<i>
abs(<i>)
2 ** <n>
<i> % -4
-<i> // 2
<i> & 6
<i> | 3
<i> ^ 5
<i> << 2
<i> >> 1
~<i>
int("4" + str(<n>))
int(<i> / 2)
int(<b>)
int("ff", 16)
round(<i> / 3)
round(<i>, -1)
divmod(<i>, 5)[1]
sum(<li>)
sum(<li>, 10)
sum(len(w) for w in <ls>)
sum(1 for w in <ls> if <b|w=s>)
max(<li>)
min(<li>)
max(<i>, <i>)
min(<i>, <i>, 4)
max(<li>, default=0)
<li>[0]
<li>[-1]
<li>[<i> % len(<li!>)]
sorted(<li>)[0]
sorted(<li>, reverse=True)[0]
<dsi>["ma"]
<dsi>.get("ma", <i>)
<dsi>.get(<s>, <i>)
<lp>[0][1]
<record>["size"]
<ls>.index(<ls!>[-1])
<ls>.count(<s>)
<s>.count("a")
<s>.find("e")
<s>.rfind("a")
<s>.index("a")
ord(<s>[0])
<i> if <b> else <i>
<i> or <i>
<i> and <i>
{"a": <i>}.get("a", 2)
len(range(0, <n>, 2))
len([w for w in <ls> if <b|w=s>])
len(list(filter(str.isalpha, <ls>)))
len(list(itertools.product(<ls>, <ls>)))
reduce(lambda p, q: p * 2 + q, <li>)
reduce(lambda p, q: p + len(q), <ls>, 1)
<dt>.year
<dt>.month
<dt>.day
<dt>.weekday()
(<dt> - <dt>).days
<td>.seconds
int(<td>.total_seconds())
<td> // timedelta(minutes=1)
math.ceil(<i> / 4)
math.floor(<i> / 4)
Counter(<ls>).most_common()[0][1]
next(i for i, w in enumerate(<ls>) if w)
list(enumerate(<ls>))[-1][0]
len(<s>.split("_"))
len(str(<i>))
(lambda p: p + 1)(<i>)
max(map(len, <ls>))
max(len(v) for v in <dsl>.values())
sum(v for k, v in <dsi>.items() if k)
sum(v for _, v in <lp>)
bool(<ls>) + 1
(w := <i>) + w
len(json.loads(json.dumps(<ls>)))
int(re.sub(r"\\D", "", <s>) or 3)
operator.itemgetter("size")(<record>)
""".strip()
    .replace("\\\\", "\\")
    .splitlines()
)

BOOLEANS = (
    """
<i> > <i>
<i> == <i>
<i> != 3
<i> <= <i> < 10
<i> % 2 == 0
<s> == <s>
<s> < <s>
<s> != "a"
<s> in <ls>
<s> not in <dsi>
"a" in <s>
<s>.startswith("a")
<s>.startswith(("l", "o"))
<s>.endswith("s")
<s>.isdigit()
<s>.isalpha()
<s>.isupper()
<s>.isidentifier()
not <b>
<b> and <b>
<b> or <b>
bool(<ls>)
bool(<s>)
bool(<i>)
any(<b|w=s> for w in <ls>)
all(<b|w=s> for w in <ls>)
any(v > 2 for v in <li>)
isinstance(<s>, str)
isinstance(<i>, (str, bool))
<ls> == sorted(<ls>)
<ls> is <ls>
<ls!> is <ls!>
len(<ls>) > 2
"name" in <record>
set(<ls>) & {"a", "eu"} == set()
{"a"} <= set(<ls>)
set(<ls>).isdisjoint(<ls>)
<dsi>.get(<s>) is None
<dsi>.get(<s>) is not None
<dt> > datetime(2023, 6, 1)
<td> > timedelta(hours=1)
<b> if <b> else <b>
<b> == True
<b> ^ True
(<i>, <s>) < (4, "m")
<li> < [3, 1]
re.match(r"[a-m]", <s>) is not None
bool(re.search(r"\\d", <s>))
callable(<s>)
hasattr(<s>, "upper")
1 < len(<s>) < 6
<s> is not None and len(<s!>) > 2
"x" if False else <b>
""".strip()
    .replace("\\\\", "\\")
    .splitlines()
)

LISTS = (
    """
[<s>, <s>]
[<s>, *<ls>]
[*<ls>, *<ts>]
<ls> + <ls>
<ls> + [<s>]
<ls> * 2
<ls>[1:] or [<s>]
<ls>[:2]
<ls>[::-1]
<ls>[-2:]
sorted(<ls>)
sorted(<ls>, reverse=True)
sorted(<ls>, key=len)
sorted(<ls>, key=lambda w: <i|w=s>)
sorted(<ls>, key=lambda w: (<i|w=s>, w), reverse=<b>)
sorted(<ls>, key=str.lower)
sorted(<ss>)
sorted(set(<ls>))
list(reversed(<ls>))
list(<ts>)
list(<dsi>)
list(<dsi>.keys())
list(<dss>.values())
list(dict.fromkeys(<ls>))
list(map(str.upper, <ls>))
list(map(str, <li>))
list(map(lambda w: <s|w=s>, <ls>))
list(filter(None, <ls>)) or [<s>]
list(filter(lambda w: <b|w=s>, <ls>)) or [<s>]
list(itertools.chain(<ls>, <ts>))[:6]
list(itertools.chain.from_iterable(<lls>))[:6]
[<s|w=s> for w in <ls>]
[<s|w=s> for w in <ls> if <b|w=s>] or [<s>]
[<s|w=s,j=i> for j, w in enumerate(<ls>)]
[<s|p=s,q=s> for p, q in zip(<ls>, <ls>)]
[<s|p=s,q=s> for p in <ls>[:2] for q in <ls>[:2]]
[<s|k=s,v=i> for k, v in <dsi>.items()]
[<s|k=s,v=i> for k, v in <lp> if <b|k=s,v=i>] or ["none"]
[w for g in <lls> for w in g][:6]
[r["name"] for r in <lr>]
[n for r in <lr> for n in r["needs"]] or [<s>]
[f"{k}_{i}" for i, k in enumerate(sorted(<dsi>), 1)]
[f"p{i}" for i in range(1, 4)]
[str(i) for i in range(<n>)] or [<s>]
<s>.split("_")
<s>.split(",")
re.findall(r"[a-z]+", <s>) or [<s>]
<dsl>.get(<s>, [<s>])
<lls>[0] or [<s>]
<record>["needs"]
[*"abc"][:2]
list("xyz")
sum(<lls>, [])[:8] or ["s"]
<ls> if <b> else <ls>
<ls>.copy()
copy.copy(<ls>)
[w for w, _ in <lp>]
[w for i, w in enumerate(<ls>) if i % 2 == 0]
[w for w in <ls> if w not in ("a", "eu")] or [<s>]
["".join(p) for p in itertools.product("ab", "12")]
[a + b for a, b in itertools.combinations(<ls>, 2)][:4] or [<s>]
[k for k, g in itertools.groupby(<ls>, key=len)] and [<s>]
[k for k, _ in Counter(<ls>).most_common(2)]
(lambda *p: list(p))(<s>, <s>)
json.loads('["j1", "j2"]')
[*map("".join, zip(<ls>, <ls>))]
[x for w in <ls> if (x := <s|w=s>)] or [<s>]
""".strip()
    .replace("\\\\", "\\")
    .splitlines()
)

INTEGER_LISTS = """
[<i>, <i>]
[len(w) for w in <ls>]
[<i|v=i> for v in <li>]
[<i|w=s> for w in <ls>]
[v for v in <li> if <b|v=i>] or [1]
list(range(<n>)) or [1]
list(range(5, 0, -2))
sorted(<li>)
sorted(<li>, reverse=True)
sorted(<li>, key=lambda v: -v % 3)
<li>[::-1]
<li> + <li>
list(<dsi>.values())
list(map(len, <ls>))
list(map(int, "3 1 2".split()))
[v for _, v in <lp>]
[a * b for a, b in zip(<li>, <li>)]
[a + i for i, a in enumerate(<li>)]
list(itertools.accumulate(<li>))
list(itertools.islice(itertools.count(3, 2), 3))
list(itertools.repeat(<n>, 2))
[divmod(v, 3)[1] for v in <li>]
sorted(set(<li>))
[int(c) for c in "3102"]
""".strip().splitlines()

EXPRESSIONS: dict[str, list[str]] = {
    "s": STRINGS,
    "i": INTEGERS,
    "n": ["<i> % 5", "abs(<i>) % 4", "len(<ls>) % 6", "min(len(<s>), 5)", "int(<b>)", "2", "3"],
    "b": BOOLEANS,
    "ls": LISTS,
    "li": INTEGER_LISTS,
    "ts": ["(<s>, <s>)", "tuple(<ls>)", "(<s>,)", "tuple(sorted(<ls>))", "<ts> + (<s>,)", "(*<ls>, <s>)",
           "tuple(<s|w=s> for w in <ls>)", "tuple(<dsi>)", "<ts>[::-1]", "next(zip(*<lp>))"],
    "ss": ["set(<ls>)", "{<s>, <s>}", "{<s|w=s> for w in <ls>}", "set(<ls>) | {<s>}", "set(<ls>) - {<s>} or {'s'}",
           "{*<ls>, <s>}", "set(<dsi>)"],
    "lls": ["[<ls>, <ls>]", "[[w, w + 'x'] for w in <ls>]", "[<ls>] * 2", "[[<s|w=s>] for w in <ls>]",
            "list(<dsl>.values())", "[<ls>[:1], <ls>[1:]]", "[list(p) for p in itertools.product(<ls>[:2], 'xy')]",
            "[list(g) for _, g in itertools.groupby(sorted(<ls>, key=len), key=len)]",
            "[<ls>[i:i + 2] for i in range(0, 3, 2)]", "[list(p) for p in zip(<ls>, <ls>)]"],
    "lp": ["[(<s>, <i>), (<s>, <i>)]", "list(<dsi>.items())", "sorted(<dsi>.items())", "list(zip(<ls>, <li>))",
           "[(w, len(w)) for w in <ls>]", "[(w, i) for i, w in enumerate(<ls>)]",
           "sorted(<lp>, key=lambda p: p[1])", "sorted(<dsi>.items(), key=lambda p: (-p[1], p[0]))",
           "Counter(<ls>).most_common()"],
    "dsi": ['{"ma": <i>, <s>: <i>}', "dict(ma=<i>, nb=<i>)", "{w: <i|w=s> for w in <ls>}", "dict(<lp>)",
            "dict(zip(<ls>, <li>))", "{**<dsi>, 'ma': <i>}", "<dsi> | <dsi>", "{w: i for i, w in enumerate(<ls>)}",
            "dict(<dsi>, zz=<i>)", "{k: v + 1 for k, v in <dsi>.items()}", "dict(sorted(<dsi>.items()))",
            "dict.fromkeys(<ls>, <i>)", "dict(Counter(<ls>))", "json.loads(json.dumps(<dsi>))",
            "{k: v for k, v in <dsi>.items() if <b|k=s,v=i>} or {'k': 1}", "copy.copy(<dsi>)"],
    "dss": ['{"oa": <s>, <s>: <s>}', "dict(oa=<s>)", "{w: <s|w=s> for w in <ls>}", "{**<dss>, 'oa': <s>}",
            "dict(zip(<ls>, <ls>))", "{v: k for k, v in <dss>.items()}", "dict.fromkeys(<ls>, <s>)",
            "{k: str(v) for k, v in <dsi>.items()}", "<dss> | {'oa': <s>}", "dict([(<s>, <s>)])"],
    "dsl": ['{"da": <ls>, "gb": <ls>}', "{w: <ls|w=s> for w in <ls>}", "dict(da=<ls>)", "{**<dsl>, 'da': <ls>}",
            "{k: sorted(v) for k, v in <dsl>.items()}", "{w: [x for x in <ls> if x != w] for w in <ls>}",
            "dict.fromkeys(<ls>, <ls>)", "copy.deepcopy(<dsl>)", "json.loads(json.dumps(<dsl>))"],
    "record": ['{"name": <s>, "size": <i>, "needs": <ls>}', "dict(name=<s>, size=<n>, needs=<ls>)",
               "{**<record>, 'name': <s>}", "<record> | {'size': <i>}", "<lr>[0]", "max(<lr>, key=lambda r: r['size'])",
               "dict(<record>, needs=[])"],
    "lr": ["[<record>, <record>]", "[{'name': w, 'size': len(w), 'needs': []} for w in <ls>]",
           "sorted(<lr>, key=lambda r: r['size'])", "[{**r, 'size': r['size'] + 1} for r in <lr>]",
           "[r for r in <lr> if <b|r=record>] or [<record>]", "[dict(r) for r in <lr>]",
           "[dict(name=k, size=v, needs=[k]) for k, v in <lp>]", "sorted(<lr>, key=operator.itemgetter('name'))"],
    "td": ["timedelta(minutes=1 + <n>)", "timedelta(hours=1 + <n>, seconds=<n>)", "timedelta(1)", "<td> * 2",
           "<td> + <td>", "timedelta(seconds=sum(<li>))", "<td> / 2", "timedelta(minutes=<n>) + timedelta(seconds=30)",
           "<td> if <b> else <td>", "max(<td>, <td>)", "timedelta(hours=2) - <td>", "-timedelta(minutes=-5)",
           "timedelta(days=1, weeks=<n>)"],
    "dt": ["datetime(2024, 1, 1 + <n>)", "datetime(2023, 1 + <n>, 15, 6, 30)", "<dt> + <td>", "<dt> - <td>",
           "<dt>.replace(day=1)", "datetime.fromisoformat('2024-03-01')", "datetime.strptime('2024-05-06', '%Y-%m-%d')",
           "max(<dt>, <dt>)", "datetime.combine(<dt>.date(), time(3, 0))", "<dt> + timedelta(days=<n>)",
           "datetime(year=2024, month=2, day=28) + timedelta(days=<n>)"],
    "rule": ['"all_done"', '"none_failed"', "TriggerRule.ALL_DONE", "TriggerRule.ONE_FAILED", "<rule> if <b> else <rule>",
             '"all_" + "done"', '["all_success", "none_failed"][<b>]', "TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS"],
    "any": ["<s>", "<i>", "<ls>", "<dsi>", "<b>", "None", "<lp>"],
}  # fmt: skip


def _list(make: Callable[[Random], str], count: int = 3) -> Callable[[Random], str]:
    return lambda random: "[" + ", ".join(make(random) for _ in range(random.randint(1, count))) + "]"


def _string(random: Random) -> str:
    return f'"{random.choice(WORDS)}"'


def _integer(random: Random) -> str:
    return str(random.choice((0, 1, 2, 3, 4, 5, 7, 10, 12, -1, -3, 100)))


def _dict(make: Callable[[Random], str]) -> Callable[[Random], str]:
    return lambda random: (
        "{" + ", ".join(f'"{word}": {make(random)}' for word in random.sample(WORDS, 2)) + "}"
    )


LITERALS: dict[str, Callable[[Random], str]] = {
    "s": _string,
    "i": _integer,
    "n": lambda random: str(random.randint(0, 4)),
    "b": lambda random: random.choice(("True", "False")),
    "ls": _list(_string),
    "li": _list(_integer),
    "ts": lambda random: f"({_string(random)}, {_string(random)})",
    "ss": lambda random: f"{{{_string(random)}, {_string(random)}}}",
    "lls": _list(_list(_string)),
    "lp": _list(lambda random: f"({_string(random)}, {_integer(random)})"),
    "dsi": _dict(_integer),
    "dss": _dict(_string),
    "dsl": _dict(_list(_string)),
    "record": lambda random: f'{{"name": {_string(random)}, "size": {_integer(random)}, "needs": []}}',
    "lr": _list(
        lambda random: f'{{"name": {_string(random)}, "size": {_integer(random)}, "needs": ["raw"]}}'
    ),
    "td": lambda random: f"timedelta(minutes={random.randint(1, 90)})",
    "dt": lambda random: f"datetime(2024, {random.randint(1, 12)}, {random.randint(1, 28)})",
    "rule": lambda random: random.choice(('"all_done"', "TriggerRule.ALL_DONE")),
    "any": _string,
    "id": lambda random: f'"{random.choice(("job", "load", "copy"))}_{random.randint(1, 99)}"',
    "kw": lambda random: f"dict(retries={random.randint(0, 5)})",
}
