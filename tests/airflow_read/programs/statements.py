"""Statements of plain Python: what a DAG file computes before it makes a task of it."""

# ruff: noqa: E501 (a row is a line)

from __future__ import annotations

from airflow_read.programs.definitions import CLASSES, FUNCTIONS
from airflow_read.programs.rows import Row

ASSIGNMENTS = """
$s = <s>
$i = <i>
$b = <b>
$ls = <ls>
$li = <li>
$ts = <ts>
$lls = <lls>
$lp = <lp>
$dsi = <dsi>
$dss = <dss>
$dsl = <dsl>
$rec = <record>
$lr = <lr>
$td = <td>
$dt = <dt>
$s = $t = <s>
$ls = $t = <ls>
$ls = <ls!>
$dsi = <dsi!>
$dsl = <dsl!>
$a, $b = <s>, <i>
$a, *$rest = <ls>
*$rest, $z = <ls>
($a, $n), *$rest = <lp>
[$a, $b] = [<s>, <s>]
$a, ($b, $c) = <s>, (<i>, <s>)
($k, $v), = [(<s>, <i>)]
$a: str = <s>
$n: int = <i>
$a = $b = <i>
$a, $b = <s>, <s>; $a, $b = $b, $a
$d = {}; $d["k"] = <s>
$ls = <ls>; $ls[0] = <s>
$ls = <ls>; $ls[1:2] = [<s>, <s>]
$ls = <ls>; $ls[-1:] = []; $ls.append(<s>)
$dsi = dict(<dsi>); $dsi["ma"] = <i>
$li = [0] * 3; $li[<n> % 3] += <i>
$d = defaultdict(list); $d[<s>].append(<s>); $d[<s>].append(<s>)
$d = defaultdict(int); $d[<s>] += <i>; $dsi = dict($d)
$g = [[]] * 2; $g[0].append(<s>)
$g = [[] for _ in range(2)]; $g[0].append(<s>)
$f = partial(sorted, reverse=True); $ls = $f(<ls>)
$q = deque(<ls>); $q.appendleft(<s>); $q.rotate(1); $ls = list($q)
$ls, $t = <ls>, <ls>; $ls.extend($t)
$it = iter(<ls>); $a = next($it); $rest = list($it)
$a = (lambda p, q=<s>: p + q)(<s>)
$d = dict(<dss>); $d.update(oa=<s>, **<dss>)
$c = copy.deepcopy(<dsl!>); $c["new"] = [<s>]
$c = copy.copy(<dsl!>); $c[<s>] = <ls>
$q = deque(<ls>); $q[0] = <s>; $q += <ls>; $ls = list($q)
$q = deque(<ls>); del $q[0]; $ls = [*$q, <s>]
$ls = $t = <ls>; $t *= 2; $t[0] = <s>
$u = $t = set(<ls>); $t ^= {<s>}; $t -= {<s>}; $ls = sorted($u) or [<s>]
$ls = <ls>; $ls[(lambda: 0)()] += <s>
$c = itertools.cycle(<ls>); $ls = [next($c) for _ in range(4)]
$c = itertools.count(<i>); $li = [next($c), next($c)]
$ls = [f'{w}_{i}' for i, w in zip(itertools.count(1), <ls>)]
$a = $b = []; $a.append(<s>)
$d = <dsi>; $e = $d; $e["al"] = <i>
$p = Path(__file__).parent / <s>; $s = $p.name
$s = <s>; $s += <s>; $s *= 2
$i = <i>; $i -= <i>; $i *= 2; $i //= 3
$ls = <ls>; $t = $ls; $t += [<s>]
$ls = <ls>; $t = $ls; $t = $t + [<s>]
$ts = <ts>; $u = $ts; $u += (<s>,)
$d = OrderedDict(<lp>); $d.move_to_end(next(iter($d))); $ls = list($d)
$fns = [lambda: $w for $w in <ls>]; $ls = [f() for f in $fns]
$fns = [lambda w=w: w + <s> for w in <ls>]; $ls = [f() for f in $fns]
$m = {"up": str.upper, "low": str.lower, "own": lambda w: <s|w=s>}; $s = $m[("up", "low", "own")[<i> % 3]](<s>)
""".strip().splitlines()

MUTATIONS = """
<ls!>.append(<s>)
<ls!>.insert(0, <s>)
<ls!>.extend(<ls>)
<ls!>.sort()
<ls!>.sort(key=len, reverse=True)
<ls!>.reverse()
<ls!>.pop()
<ls!>.pop(0)
<ls!>.remove(<ls!>[0])
<ls!>[0] = <s>
<ls!>[-1] += <s>
<ls!> += [<s>]
<li!>.append(<i>)
<li!>[0] += <i>
<dsi!>["ma"] = <i>
<dsi!>[<s>] = <i>
<dsi!>.setdefault(<s>, <i>)
<dsi!>.update({<s>: <i>})
<dsi!>.update(ma=<i>)
<dsi!>.pop(<s>, None)
<dsi!>["ma"] += <i>
<dsi!> |= {<s>: <i>}
del <dsi!>["ma"]
del <ls!>[0]
del <ls!>[1:]
<dsl!>.setdefault(<s>, []).append(<s>)
<dsl!>["da"].append(<s>)
<dsl!>["da"] += [<s>]
<dsl!>.get("da", []).append(<s>)
<dss!>["oa"] = <s>
<dss!>["oa"] += <s>
<record!>["needs"].append(<s>)
<record!>["size"] += <i>
<record!>["name"] = <s>
<lls!>[0].append(<s>)
<lls!>[-1] = <ls>
<lls!>.append(<ls!>)
<lr!>[0]["name"] = <s>
<lr!>.append(<record>)
""".strip().splitlines()

BLOCKS = """
if <b>:
    <body>
else:
    <body>
---
if <b>:
    <body>
elif <b>:
    <body>
---
$acc = []
for $x in <ls>:
    $acc.append(<s|$x=s>)
---
$acc = []
for $i, $x in enumerate(<ls>, start=1):
    if <b|$x=s,$i=i>:
        continue
    $acc.append(<s|$x=s,$i=i>)
$acc = $acc or [<s>]
---
$acc = []
for $x in <ls>:
    if <b|$x=s>:
        break
    $acc.append($x)
else:
    $acc.append("finished")
---
$acc = {}
for $k, $v in <dsi>.items():
    $acc[<s|$k=s,$v=i>] = <i|$k=s,$v=i>
---
$acc = {}
for $x in <ls>:
    $acc.setdefault(len($x) % 2, []).append($x)
$lls = list($acc.values())
---
$n = <n>
$acc = [<s>]
while $n > 0:
    $acc.append($acc[-1][:3] + str($n))
    $n -= 1
    if len($acc) > 4:
        break
else:
    $acc.insert(0, "w")
---
$acc = list(<ls>)
while $acc and len($acc) > 1:
    $acc.pop()
---
$acc = []
for $a, $b in zip(<ls>, <ls>):
    for $c in range(2):
        if $c == 1 and <b|$a=s>:
            break
        $acc.append(f"{$a}{$b}{$c}")
$acc.append(<s>)
---
for $x in <ls>:
    <body|$x=s>
---
for $k, $v in sorted(<dsi>.items()):
    <body|$k=s,$v=i>
---
for $j in range(<n> + 1):
    <body|$j=i>
---
try:
    $s = <dss>[<s>]
except KeyError:
    $s = <s>
---
try:
    $i = int(<s>)
except ValueError as $e:
    $i = <i>
else:
    $i += 1
finally:
    $done = <s>
---
try:
    $s = <ls>[<i>]
except (IndexError, TypeError):
    $s = "past"
---
try:
    $s = {}[<s>]
except KeyError as $e:
    $s = f"missing_{$e.args[0]}"
---
try:
    $i = <i> // (<i> - <i>)
except ZeroDivisionError as $e:
    $i = len(str($e))
---
try:
    import not_there_at_all
    $s = "there"
except ImportError:
    not_there_at_all = None
    $s = <s>
---
$acc = []
for $x in <ls>:
    try:
        $acc.append(str(int($x)))
    except ValueError:
        $acc.append(<s|$x=s>)
        continue
    finally:
        $acc.append("f")
---
class $Missing(KeyError):
    pass

def $find(name):
    if <b|name=s>:
        raise $Missing(name)
    return name + "_found"

try:
    $s = $find(<s>)
except $Missing as $e:
    $s = type($e).__name__ + $e.args[0]
---
class $Refused(Exception):
    def __init__(self, reason, code=<i>):
        super().__init__(reason)
        self.code = code

try:
    try:
        raise $Refused(<s>)
    except KeyError:
        $s = "wrong"
    finally:
        $t = <s>
except Exception as $e:
    $s = f"{$e}{$e.code}"
---
match <s>:
    case "load" | "orders":
        $s = <s>
    case str() as $w if len($w) > 4:
        $s = $w
    case _:
        $s = <s>
---
match <record>:
    case {"name": "raw", **$rest}:
        $s = "is_raw"
    case {"name": $w, "size": int($n), "needs": []}:
        $s = f"{$w}{$n}"
    case {"needs": [$first, *$others]}:
        $s = $first
    case _:
        $s = "nothing"
---
match (<s>, <i>):
    case ($w, 0):
        $s = $w
    case ($w, $n) if $n > 2:
        $s = $w * 2
    case [_, 1 | 2 | 3 as $n]:
        $s = str($n)
    case _:
        $s = "other"
---
match <ls>:
    case [$one]:
        $s = $one
    case [$one, $two]:
        $s = $one + $two
    case [$one, *_, $last]:
        $s = $last
---
if ($m := re.match(r"([a-z]+)_?(.*)", <s>)) and $m.group(2):
    $s = $m.group(2)
else:
    $s = <s>
---
if <b>: $s = <s>
else: $s = <s>
---
with open(__file__) as $handle:
    $s = <s>
---
$swap = {}
for $x, $y in <dss>.items():
    $swap[$y] = $swap.get($y, "") + $x
---
$seen = set()
$acc = []
for $x in <ls>:
    if $x in $seen:
        continue
    $seen.add($x)
    $acc.append($x)
---
$total = 0
for $v in <li>:
    $total += $v if $v % 2 else -$v
---
$rows = []
for $r in <lr>:
    $rows.append({**$r, "name": $r["name"] + <s>})
    $r["size"] += 1
---
$shared = {"n": 0, "seen": []}
for $x in <ls>:
    $copy = $shared
    $copy["n"] += 1
    $copy["seen"].append($x)
$i = $shared["n"]
---
assert <b> or True, "never"
$s = <s>
""".strip().split("\n---\n")

STATEMENTS: list[Row] = [
    *(Row(text.replace("; ", "\n")) for text in ASSIGNMENTS * 2),
    *(Row(text) for text in MUTATIONS),
    *(Row(text) for text in BLOCKS),
    *(Row(text, offers, top=True) for text, offers in (*FUNCTIONS, *CLASSES) for _ in range(2)),
]
