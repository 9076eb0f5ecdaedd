"""Expressions and statements that make tasks, groups and edges."""

# ruff: noqa: E501 (a row is a line)

from __future__ import annotations

from airflow_read.programs.rows import Row

OPERATORS = """
EmptyOperator(task_id=<id><more>)
EmptyOperator(task_id=<id>)
EmptyOperator(task_id=<id>, retries=<n>)
EmptyOperator(task_id=<id>, trigger_rule=<rule>)
EmptyOperator(task_id=<id>, retry_delay=<td>)
EmptyOperator(task_id=<id>, execution_timeout=<td>, retries=<n>)
EmptyOperator(**{"task_id": <id>, "retries": <n>})
EmptyOperator(task_id=<id>, **{"trigger_rule": <rule>})
EmptyOperator(task_id=<id>, doc_md=<s>, pool="p", priority_weight=<n>)
BashOperator(task_id=<id>, bash_command="echo " + <s>)
BashOperator(task_id=<id>, bash_command=f"run {<s!>} {<i!>:02d}", retries=<n>)
BashOperator(task_id=<id>, bash_command="; ".join(<ls>), env={"A": <s>})
BashOperator(task_id=<id>, bash_command="x %s y" % <s>, **dict(retries=<n>))
BashOperator(task_id=<id>, bash_command=str(<any>))
BashOperator(task_id=<id>, bash_command="echo {{ ds }} " + <s>, trigger_rule=<rule>)
BashOperator(task_id=<id>, bash_command=<x>)
BashOperator(task_id=<id>, bash_command=f"echo {<x!>}")
BashOperator(task_id=<id>, bash_command="echo", env={"IN": <x>, "B": <s>})
BashOperator(task_id=<id>, bash_command="{{ ti.xcom_pull(task_ids='a') }}")
PythonOperator(task_id=<id>, python_callable=print, op_args=[<x>, <s>])
PythonOperator(task_id=<id>, python_callable=lambda: None, op_kwargs={"a": [{"b": <x>}]}, retries=<n>)
PythonOperator(task_id=<id>, python_callable=print, op_kwargs=dict(zip(<ls>, <ls>)))
BranchPythonOperator(task_id=<id>, python_callable=lambda: "x")
ShortCircuitOperator(task_id=<id>, python_callable=lambda: <b>)
PythonSensor(task_id=<id>, python_callable=lambda: True, poke_interval=10 + <n>)
BashSensor(task_id=<id>, bash_command=<s>)
TimeDeltaSensor(task_id=<id>, delta=<td>)
TriggerDagRunOperator(task_id=<id>, trigger_dag_id=<id>)
""".strip().splitlines()

TASK_EXPRESSIONS: dict[str, list[str]] = {
    "t": [*OPERATORS, "<lt>[0]", "<lt>[-1]", "<dt_>[next(iter(<dt_!>))]", "next(iter(<dt_>.values()))", "<t> if <b> else <t>"],
    "lt": ["[<t>, <t>]", "[EmptyOperator(task_id=f'{<id!>}_{w}') for w in <ls> if w.isidentifier()]",
           "[EmptyOperator(task_id=<id> + str(i), retries=<n|i=n>) for i in range(1 + <n>)]", "<lt>[1:] or [<t>]",
           "[<t>, *<lt>]", "list(<dt_>.values())", "<lt>[::-1][:2]", "sorted(<lt>, key=lambda t: t.task_id)",
           "[t for t in <lt> if <b>] or [<t>]"],
    "dt_": ["{w: EmptyOperator(task_id=f'k_{w}_{<n>}') for w in <ls> if w.isidentifier()}", "dict(zip('abc', <lt>))",
            "{t.task_id: t for t in <lt>}"],
    "x": ["<t!>.output", "<t!>.output[<s>]", "<x!>[<s>]", "<tf!>()", "<tf!>(<any>)", "<tf!>(<x!>)", "<tf!>([<x!>, {'k': <x!>}])",
          "<tf!>.override(task_id=<id>)()", "<tf!>.override(task_id=<id>, retries=<n>)(<s>)", "<tf!>.override(trigger_rule=<rule>)()",
          "<tf!>.expand(p=<ls>)", "<tf!>.partial(q=<x!>).expand(p=<li>)", "<tf!>.expand(p=<x!>)", "<tf!>.override(task_id=<id>).expand(p=[1, 2])",
          "<tf!>.expand(p=<x!>.map(str))", "<tf!>.expand(p=<x!>.zip(<x!>))", "<tf!>.expand(p=<x!>.concat(<x!>))",
          "<tf!>.expand_kwargs([{'p': 1}, {'p': <i>}])", "<tf!>.partial(q=1).expand_kwargs(<x!>)", "<tf!>(p=<x!>, q=<s>)", "<tf!>(<s>, <x!>)",
          "BashOperator.partial(task_id=<id>, retries=<n>).expand(bash_command=<ls>).output"],
    "side": ["<t>", "<t!>", "<t!>", "<t!>", "<x>", "<x!>", "<g!>", "<t!>"],
    "sides": ["[<side>, <side>]", "(<side>, <side>)", "<lt>", "<lt!>", "[<t!>, <g!>]", "[*<lt!>, <t>]", "list(<lt!>)", "<lt!>[1:] or [<t>]"],
    "id": ["f'{<id!>}_{<i!>}'", "<s>", "<s>", "'t_' + <s>", "'_'.join([<id>, <id>])", "re.sub(r'[^A-Za-z0-9_]+', '_', <s>) + 'x'",
           "<s>.replace(' ', '_')", "'%s_%d' % (<id>, <n>)", "'{}_{}'.format(<id>, <n>)", "<id> + str(<n>)",
           "''.join(c if c.isalnum() else '_' for c in <s>) or 'e'", "f'{<s!>}'.strip().lower()"],
    "kw": ["{'retries': <n>}", "dict(trigger_rule=<rule>)", "{**<kw>, 'retries': <n>}", "{}", "dict(retry_delay=<td>)",
           "{'retries': <n>, 'retry_delay': <td>}", "dict(execution_timeout=<td>, retries=<n>)", "{'owner': <s>}"],
}  # fmt: skip

LINES = """
$t = <t>
$t = <t>
$t = <t>
<t>
$t = <t>
$lt = <lt>
$lt = <lt>
$dt = <dt_>
$x = <x>
$x = <x>
<side> >> <side>
<side> >> <side> >> <side>
<side> << <side>
<side> >> <sides>
<sides> >> <side>
<side> >> <sides> >> <side>
<side> >> [<t>, <t>] >> <t>
<side> >> Label(<s>) >> <side>
<t> >> (<t> >> <t>)
<side!>.set_downstream(<side>)
<side>.set_upstream(<side!>)
<side!>.set_downstream(<sides>)
<side!>.set_downstream(<t>, edge_modifier=Label(<s>))
chain(<side>, <side>, <side>)
chain(<side>, [<t>, <t>], [<t>, <t>], <side>)
chain(*<lt>)
chain(*[EmptyOperator(task_id=w) for w in <ls> if w.isidentifier()], <t>)
chain(<side>, Label(<s>), <side>)
chain_linear(<side>, [<t>, <t>], [<t>, <t>])
chain_linear(*<lt>)
cross_downstream(<lt>, [<t>, <t>])
cross_downstream(from_tasks=<lt>, to_tasks=[<t>])
$t = <t!>
$lt = <lt!>
<lt!>.append(<t>)
<lt!>[0] >> <lt!>[-1]
<lt!>[:-1] >> <t>
<dt_!>[<s>] = <t>
<t!> >> list(<dt_!>.values())
$a, $b = <t>, <t>
$a, *$rest = [<t>, <t>, <t>]
$t = $last = <t>
$t = <t>; $t.retries = <n>
$t = <t>; $t.trigger_rule = TriggerRule.ALL_DONE
$t = <t!>; $s = $t.task_id
$td = <t>.as_setup() >> <t> >> <t>.as_teardown()
$d = EmptyOperator(task_id=<id>).as_teardown(setups=EmptyOperator(task_id=<id>))
$d = EmptyOperator(task_id=<id>).as_teardown(setups=[EmptyOperator(task_id=<id>).as_setup(), <t>])
$m = BashOperator.partial(task_id=<id>, retries=<n>).expand(bash_command=<ls>)
$m = BashOperator.partial(task_id=<id>).expand_kwargs([{"bash_command": w} for w in <ls>])
$m = BashOperator.partial(task_id=<id>, retry_delay=<td>, trigger_rule=<rule>).expand(bash_command=<x!>)
$g = <gf!>(<s>)
$g = <gf!>(<s>, <n>)
$g = <gf!>.override(group_id=<id>)(<s>)
<t!> >> <gf!>(<s>) >> <t>
$g = <gf!>.expand(p=<ls>)
""".strip().splitlines()

BLOCKS = """
for $x in <ls>:
    $t = EmptyOperator(task_id=<id|$x=s>, retries=<n|$x=s>)
    <side!> >> $t
---
for $x in <ls>:
    <tasks|$x=s>
---
for $i, $x in enumerate(<ls>):
    $t = BashOperator(task_id=f"{<s!>}_{$i}", bash_command=<s|$x=s,$i=i>)
    if <b|$x=s,$i=i>:
        $t >> EmptyOperator(task_id=f"after_{$i}_{<n>}")
---
$prev = None
for $i in range(1 + <n>):
    $t = EmptyOperator(task_id=f"{<id!>}_{$i:02d}")
    if $prev:
        $prev >> $t
    $prev = $t
---
$prev = <t>
for $k, $v in <dsi>.items():
    $cur = EmptyOperator(task_id=<id|$k=s,$v=i>, retries=abs($v) % 5)
    $prev >> $cur
    $prev = $cur
---
$made = {}
for $k, $needs in <dsl>.items():
    $made[$k] = EmptyOperator(task_id=f"m_{$k}")
    for $n in $needs:
        if $n in $made:
            $made[$n] >> $made[$k]
---
$made = {}
for $r in <lr>:
    $made[$r["name"]] = EmptyOperator(task_id=<id|$r=record>, retries=abs($r["size"]) % 6)
    for $need in $r["needs"]:
        if $need not in $made:
            $made[$need] = EmptyOperator(task_id="need_" + $need)
            $made[$need] >> EmptyOperator(task_id=f"{$need}_done")
---
if <b>:
    <tasks>
else:
    <tasks>
---
try:
    $t = EmptyOperator(task_id=<dss>[<s>])
except KeyError:
    $t = EmptyOperator(task_id=<id>)
else:
    $t >> <t>
---
for $a, $b in zip(<lt>, <lt>[1:]):
    $a >> $b
---
for $t in <lt!>:
    $t >> EmptyOperator(task_id="post_" + $t.task_id.replace(".", "_"))
---
with TaskGroup(<id>) as $g:
    <tasks>
    <t>
---
with TaskGroup(group_id=<id>, prefix_group_id=<b>) as $g:
    <tasks>
    <t> >> <t>
---
with TaskGroup(<id>, default_args={"retries": <n>, "trigger_rule": "all_done"}) as $g:
    <tasks>
    <tasks>
---
with TaskGroup(<id>, default_args=<kw>) as $g:
    <t>
    with TaskGroup(<id>) as $h:
        <tasks>
        <t>
    <t> >> $h
<side!> >> $g
---
with TaskGroup(<id>, add_suffix_on_collision=True) as $g:
    <t> >> <t>
$g >> <t>
---
for $x in <ls>:
    with TaskGroup("g_" + <id|$x=s>) as $g:
        <t>
        <tasks|$x=s>
    <side!> >> $g
---
$g = TaskGroup(<id>)
$t = EmptyOperator(task_id=<id>, task_group=$g)
$t >> EmptyOperator(task_id="in_" + <id>, task_group=$g)
---
with EmptyOperator(task_id=<id>).as_setup() as $su:
    <t> >> <t>
---
with EmptyOperator(task_id=<id>).as_teardown(setups=[EmptyOperator(task_id=<id>)]) as $td:
    <t>
---
$fan = [EmptyOperator(task_id=f"{p}_{q}") for p, q in itertools.product("ab", range(<n>))]
<t> >> $fan
---
$stages = [[EmptyOperator(task_id=f"{w}_{i}") for w in "xy"] for i in range(2)]
cross_downstream($stages[0], $stages[1])
---
@task
def $f(p=None, q=None):
    return p
---
@task(task_id=<id>, retries=<n>)
def $f(p=None, q=None):
    return p
---
@task.branch
def $f(p=None, q=None):
    return "x"
---
@task.short_circuit(trigger_rule=<rule>)
def $f(p=None, q=None):
    return True
---
@task.bash(retry_delay=<td>)
def $f(p=None, q=None):
    return "echo"
---
@task.sensor(poke_interval=30, timeout=600, mode="reschedule")
def $f(p=None, q=None):
    return True
---
@task(multiple_outputs=True, **<kw>)
def $f(p=None, q=None):
    return {"a": 1}
---
@setup
def $su(p=None):
    return p

@teardown
def $td(p=None):
    return p

$a = $su()
$a >> <t> >> $td($a)
---
@task_group
def $grp(p=None, q=1):
    <t> >> <t>
---
@task_group(group_id=<id>, default_args=<kw>)
def $grp(p=None, q=1):
    $a = <t>
    $b = <t>
    $a >> $b
    return $b
---
@task
def $grpt(p=None, q=None):
    return p

@task_group(prefix_group_id=<b>)
def $grp(p=None, q=1):
    return $grpt($grpt(p), q)
---
def $make(name, after=None, **kwargs):
    kwargs.setdefault("retries", <n>)
    made = EmptyOperator(task_id=name, **kwargs)
    if after is not None:
        after >> made
    return made

$a = $make(<id>)
$b = $make(<id>, $a, retries=<n>)
$make(<id>, after=$b, **<kw>)
---
def $make(names, first=True):
    $head = EmptyOperator(task_id="_".join(names)[:20] + "_h") if first else None
    for n in names:
        $cur = EmptyOperator(task_id=f"n_{n}_{len(names)}")
        if $head is not None:
            $head >> $cur
        yield $cur

$lt = list($make(<ls>, <b>))
---
class $Own(BaseOperator):
    def __init__(self, table=None, *, size=<n>, **kwargs):
        super().__init__(**kwargs)
        self.table = table
        self.size = size

    def execute(self, context):
        return self.table

$o = $Own(task_id=<id>, table=<s>)
$p = $Own(task_id=f"own_{$o.size}_{<n>}", retries=$o.size % 4)
$o >> $p
---
class $Own(EmptyOperator):
    step = <s>

    def __init__(self, name, **kwargs):
        kwargs.setdefault("retries", <n>)
        super().__init__(task_id=f"{name}_{self.step[:1]}_o".replace(" ", ""), **kwargs)

    def after(self, other):
        other >> self
        return self

$o = $Own(name=<id>)
$o >> $Own(name=<id>, retries=<n>)
---
class $Own(BashOperator):
    def __init__(self, *, table, task_id=None, **kwargs):
        super().__init__(task_id=task_id or f"bash_{table}", bash_command=f"load {table} {<s!>}", **kwargs)

$o = $Own(table=<id>)
$p = $Own(table=<s>, task_id=<id>, trigger_rule=<rule>)
---
class $Flow:
    def __init__(self, name, size=<n>):
        self.start = EmptyOperator(task_id=f"{name}_start")
        self.parts = [EmptyOperator(task_id=f"{name}_{i}") for i in range(size)]
        self.end = EmptyOperator(task_id=f"{name}_end", trigger_rule=<rule>)
        if self.parts:
            self.start >> self.parts >> self.end

    def then(self, other):
        self.end >> other.start
        return other

$o = $Flow(<id>)
$o.then($Flow(<id>, size=<n>)).end >> <t>
---
for $t in [<t>, <t>]:
    if $t.task_id.endswith(("s", "x")) or <b>:
        $t >> EmptyOperator(task_id="end_" + $t.task_id.replace(".", "_"))
        break
else:
    EmptyOperator(task_id=<id>)
---
$common = dict(retries=<n>)
$a = EmptyOperator(task_id=<id>, **$common)
$common["retries"] = <n>
$b = EmptyOperator(task_id=<id>, **$common)
---
$kw = <kw>
$a = BashOperator(task_id=<id>, bash_command=<s>, **$kw)
$kw.update(retries=<n>)
$b = BashOperator(task_id=<id>, bash_command=<s>, **{**$kw, "trigger_rule": <rule>})
---
$a = <t>; $b = <t>; $c = <t>
$a >> $b
[$a, $b] >> $c
---
$ops = {"e": EmptyOperator, "b": partial(BashOperator, bash_command=<s>)}
for $k, $op in $ops.items():
    $op(task_id=f"{<id!>}_{$k}")
---
$todo = list(<ls>)
while $todo:
    $w = $todo.pop(0)
    if <b|$w=s>:
        continue
    EmptyOperator(task_id=f"todo_{len($todo)}_{$w}".replace(" ", "_"))
---
match <s>:
    case "load" | "eu":
        <tasks>
    case _:
        <tasks>
---
reduce(lambda a, b: a >> b, [<t>, <t>, <t>])
""".strip().split("\n---\n")

TASK_STATEMENTS: list[Row] = [
    *(Row(text.replace("; ", "\n")) for text in LINES),
    *(Row(text) for text in BLOCKS),
]

MODULE: list[Row] = [
    Row("def $make(name, tables=('x',), **kwargs):\n    with DAG(f'made_{name}', **kwargs) as made:\n"
        "        first = EmptyOperator(task_id='first', retries=<n>)\n        for table in tables:\n"
        "            first >> BashOperator(task_id='load_' + table[:3].strip('= ;_') + 'z', bash_command=<s>)\n    return made",
        (("dagmade", "$make(<id>)"),), top=True),
    Row("def $add(prefix, count=<n>, **kwargs):\n    made = [EmptyOperator(task_id=f'{prefix}_{i}', **kwargs) for i in range(count + 1)]\n"
        "    chain(*made)\n    return made", (("lt", "$add(<id>)"), ("lt", "$add(<id>, <n>, retries=<n>)"), ("t", "$add(<id>)[-1]")), top=True),
    Row("class $Own(BaseOperator):\n    step = <s>\n\n    def __init__(self, *, table=<s>, **kwargs):\n        kwargs.setdefault('retries', <n>)\n"
        "        super().__init__(**kwargs)\n        self.table = table",
        (("t", "$Own(task_id=<id>)"), ("t", "$Own(task_id=<id>, table=<s>, retries=<n>)"), ("s", "$Own.step")), top=True),
    Row("class $Own(BashOperator):\n    def __init__(self, *, size=<n>, **kwargs):\n"
        "        super().__init__(bash_command=f'run {size}', retries=size, **kwargs)",
        (("t", "$Own(task_id=<id>)"), ("t", "$Own(task_id=<id>, size=<n>)")), top=True),
    Row("@task\ndef $work(p=None, q=None):\n    return p", (("x", "$work(<s>)"), ("x", "$work(<x!>)"), ("x", "$work.override(task_id=<id>)()")), top=True),
    Row("@task(task_id=<id>, retries=<n>)\ndef $work(p=None, q=None):\n    return p", (("x", "$work(<s>)"), ("x", "$work.expand(p=<ls>)")), top=True),
    Row("@task_group\ndef $grp(name, count=<n>):\n    for i in range(count + 1):\n        EmptyOperator(task_id=f'{name}_{i}')",
        (("side", "$grp(<id>)"), ("side", "$grp(<id>, count=<n>)")), top=True),
]  # fmt: skip
