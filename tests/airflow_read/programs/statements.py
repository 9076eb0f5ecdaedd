"""Statements of plain Python: what a DAG file computes before it makes a task of it."""

from __future__ import annotations

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

FUNCTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("def $f($p, $q=<i>):\n    <body|$p=s,$q=i>\n    return <s|$p=s,$q=i>",
     (("s", "$f(<s>)"), ("s", "$f(<s>, <i>)"), ("s", "$f($p=<s>, $q=<i>)"))),
    ("def $f(*$rest, $sep=<s>):\n    return $sep.join($rest)",
     (("s", "$f(<s>, <s>)"), ("s", "$f(*<ls>)"), ("s", "$f(*<ls>, $sep=<s>)"))),
    ("def $f($p, /, *, $q):\n    if <b|$p=s>:\n        return <s|$p=s,$q=s>\n    return $p + $q",
     (("s", "$f(<s>, $q=<s>)"),)),
    ("def $f(**$kw):\n    $kw.setdefault('size', <i>)\n    return {k: v for k, v in sorted($kw.items())}",
     (("dsi", "$f(a=<i>)"), ("dsi", "$f(**<dsi>)"))),
    ("def $f($p, $seen=[]):\n    $seen.append($p)\n    return '_'.join($seen[-3:])", (("s", "$f(<s>)"),)),
    ("def $f($p, $cache={}):\n    if $p not in $cache:\n        $cache[$p] = len($cache)\n    return $cache[$p]",
     (("i", "$f(<s>)"),)),
    ("def $f($n):\n    return 1 if $n < 2 else $n * $f($n - 1)", (("i", "$f(<n> % 6)"),)),
    ("def $f($items):\n    if not $items:\n        return []\n    $h, *$t = $items\n    return $f($t) + [$h + <s|$h=s>]",
     (("ls", "$f(<ls>)"),)),
    ("def $f($items):\n    for $x in $items:\n        if <b|$x=s>:\n            continue\n        yield <s|$x=s>",
     (("ls", "list($f(<ls>)) or ['g']"), ("s", "'_'.join($f(<ls>))"), ("s", "next($f(<ls>), 'none')"))),
    ("def $f($n):\n    yield 'first'\n    yield from (f'y{i}' for i in range($n))\n    return",
     (("ls", "list($f(<n>))"), ("ls", "[*$f(<n>), <s>]"))),
    ("def $f($start=<i>):\n    $n = $start\n\n    def $bump($by=1):\n        nonlocal $n\n        $n += $by\n"
     "        return $n\n\n    return $bump\n\n$g = $f()", (("i", "$g()"), ("i", "$g(<i>)"))),
    ("$count = <i>\n\ndef $f():\n    global $count\n    $count += 1\n    return $count", (("i", "$f()"), ("i", "$count"))),
    ("def $f($prefix):\n    return lambda w, n=<i>: f'{$prefix}{w}{n}'\n\n$g = $f(<s>)",
     (("s", "$g(<s>)"), ("s", "$g(<s>, n=<i>)"), ("ls", "list(map($g, <ls>))"))),
    ("def $f($g):\n    @functools.wraps($g)\n    def $w(*args, **kwargs):\n        return <s> + $g(*args, **kwargs)\n\n"
     "    return $w\n\n@$f\ndef $h($p, $q=<s>):\n    return $p + $q", (("s", "$h(<s>)"), ("s", "$h(<s>, $q=<s>)"))),
    ("$f = partial('{}_{}{z}'.format, <s>, z=<i>)", (("s", "$f(<s>)"), ("s", "$f(<s>, z=<s>)"))),
    ("def $f($p: str, $q: int = <i>) -> tuple:\n    '''Two.'''\n    return $p, $q\n\n$a, $n = $f(<s>)",
     (("s", "$f(<s>)[0]"), ("i", "$f(<s>, <i>)[1]"))),
    ("def $f($x):\n    try:\n        return str(int($x))\n    except ValueError:\n        return <s|$x=s>\n    finally:\n"
     "        $unused = 1", (("s", "$f(<s>)"),)),
    ("def $f($x):\n    while True:\n        if len($x) > 6:\n            return $x\n        $x += 'ab'", (("s", "$f(<s>)"),)),
    ("def $f($d, $depth=0):\n    $out = []\n    for $k, $v in $d.items():\n        $out.append('-' * $depth + $k)\n"
     "        if isinstance($v, dict):\n            $out += $f($v, $depth + 1)\n    return $out",
     (("ls", "$f({'a': {'b': {}, 'c': {'d': 1}}, <s>: <i>})"),)),
    ("$f = lambda p, *q, r=<s>, **s: '_'.join([p, *q, r, *s])", (("s", "$f(<s>, <s>, z=1)"), ("s", "$f(*<ls>, r=<s>)"))),
    ("@functools.lru_cache(maxsize=None)\ndef $f($n):\n    return $n if $n < 2 else $f($n - 1) + $f($n - 2)",
     (("i", "$f(<n>)"),)),
    ("def $f($p):\n    def $g():\n        return $h() + $p\n\n    def $h():\n        return <s>\n\n    return $g()",
     (("s", "$f(<s>)"),)),
    ("def $f($p, $q=None):\n    $q = $q or <ls>\n    $q.append($p)\n    return $q", (("ls", "$f(<s>)"), ("ls", "$f(<s>, <ls!>)"))),
)  # fmt: skip

CLASSES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("class $C:\n    kind = <s>\n    made = []\n\n    def __init__(self, name, size=<i>):\n        self.name = name\n"
     "        self.size = size\n        $C.made.append(name)\n\n    def label(self):\n        return f'{self.kind}_{self.name}'\n\n"
     "    @property\n    def double(self):\n        return self.size * 2\n\n    @classmethod\n    def small(cls, name):\n"
     "        return cls(name, 1)\n\n    @staticmethod\n    def join(a, b):\n        return a + '_' + b\n\n$o = $C(<s>)\n\n"
     "class $D($C):\n    kind = <s>\n\n    def __init__(self, name, extra=<s>):\n        super().__init__(name)\n"
     "        self.extra = extra\n\n    def label(self):\n        return super().label() + self.extra",
     (("s", "$o.label()"), ("s", "$C(<s>, <i>).label()"), ("i", "$o.double"), ("s", "$C.join(<s>, <s>)"), ("s", "$D(<s>).label()"),
      ("i", "$C.small(<s>).size"), ("s", "$D.small(<s>).extra if False else <s>"), ("s", "$C.kind"), ("ls", "$C.made"),
      ("s", "getattr($o, 'name')"), ("i", "getattr($o, 'absent', <i>)"), ("b", "isinstance($o, $C)"), ("b", "hasattr($o, 'extra')"),
      ("s", "$D('x', extra=<s>).extra"), ("s", "$o.__class__.__name__"), ("i", "$D.double.fget($o)"))),
    ("class $C:\n    def __init__(self, parts):\n        self.parts = list(parts)\n\n    def __call__(self, *more):\n"
     "        return '_'.join([*self.parts, *more])\n\n    def __len__(self):\n        return len(self.parts)\n\n"
     "    def __getitem__(self, i):\n        return self.parts[i]\n\n    def __iter__(self):\n        return iter(self.parts)\n\n"
     "    def __str__(self):\n        return '+'.join(self.parts)\n\n    def __eq__(self, other):\n        return self.parts == other.parts\n\n"
     "    def __contains__(self, part):\n        return part in self.parts\n\n    def __add__(self, other):\n"
     "        return $C(self.parts + other.parts)\n\n    def __bool__(self):\n        return len(self.parts) > 1\n\n$o = $C(<ls>)",
     (("s", "$o(<s>)"), ("i", "len($o)"), ("s", "$o[0]"), ("ls", "list($o)"), ("s", "str($o)"), ("s", "f'{$o}'"), ("b", "$o == $C(<ls>)"),
      ("b", "<s> in $o"), ("ls", "($o + $C(<ls>)).parts"), ("b", "bool($o)"), ("ls", "[<s|w=s> for w in $o]"))),
    ("@dataclass\nclass $C:\n    name: str\n    size: int = <i>\n    needs: list = field(default_factory=list)\n"
     "    tag: str = field(default=<s>)\n\n    def __post_init__(self):\n        self.full = f'{self.name}-{self.tag}'\n\n"
     "    def key(self):\n        return (self.size, self.name)\n\n$o = $C(<s>)\n$o.needs.append(<s>)",
     (("s", "$o.full"), ("s", "$C(<s>, tag=<s>).full"), ("ls", "$o.needs"), ("s", "str(asdict($o))"), ("i", "$C(<s>).size"),
      ("s", "replace($o, name=<s>).name"), ("ls", "[f.name for f in fields($o)]"), ("b", "$o == $C(<s>)"), ("s", "str($o)"),
      ("s", "'_'.join(c.name for c in sorted([$C(<s>), $C(<s>, 2)], key=$C.key))"), ("s", "$o.tag"))),
    ("@dataclass(frozen=True, order=True)\nclass $C:\n    size: int\n    name: str = <s>\n\n    @property\n    def id(self):\n"
     "        return f'{self.name}_{self.size:02d}'\n\n$all = [$C(<i>), $C(<i>, <s>)]",
     (("s", "$C(<i>).id"), ("ls", "[c.id for c in $all]"), ("s", "max($all).name"), ("ls", "[c.id for c in sorted($all)]"),
      ("i", "len({$C(1), $C(1)})"), ("i", "asdict($all[0])['size']"))),
    ("class $C(NamedTuple):\n    name: str\n    size: int = <i>\n\n    def id(self):\n        return f'{self.name}.{self.size}'\n\n"
     "$o = $C(<s>)\n$a, $n = $o",
     (("s", "$o.name"), ("i", "$o.size"), ("s", "$o[0]"), ("s", "$C(<s>).id()"), ("s", "$o._replace(name=<s>).name"),
      ("i", "$C(<s>, <i>)[1]"), ("s", "str($o._asdict())"), ("i", "len($o)"))),
    ("$C = namedtuple('$C', ['name', 'size'])\n$o = $C(<s>, size=<i>)",
     (("s", "$o.name"), ("i", "$o[1]"), ("s", "$C(*('n', 1)).name"), ("ls", "list($C._fields)"), ("s", "str($o)"))),
    ("class $C(Enum):\n    RAW = <s>\n    MART = 'mart_e'\n    LAST = 'zz'\n\n    @property\n    def path(self):\n"
     "        return f'{self.name.lower()}/{self.value}'",
     (("s", "$C.RAW.value"), ("s", "$C.MART.name"), ("ls", "[m.name for m in $C]"), ("ls", "[m.value for m in $C if m is not $C.RAW]"),
      ("s", "$C('mart_e').name"), ("s", "$C['LAST'].value"), ("s", "$C.LAST.path"), ("b", "$C.RAW == $C.MART"), ("i", "len($C)"),
      ("s", "str($C.RAW)"), ("s", "{$C.RAW: <s>, $C.MART: <s>}[$C.RAW]"), ("s", "f'{$C.MART.value:>8}'"))),
    ("class $C(str, Enum):\n    EU = 'eu'\n    US = 'us'",
     (("s", "$C.EU.value"), ("b", "$C.EU == 'eu'"), ("ls", "[m.value for m in $C]"), ("s", "$C.US.upper()"), ("s", "'_'.join($C)"))),
    ("class $C(IntEnum):\n    LOW = 1\n    HIGH = 5",
     (("i", "$C.LOW + 1"), ("i", "$C.HIGH.value"), ("b", "$C.LOW < $C.HIGH"), ("s", "sorted($C)[-1].name"))),
    ("class $C(Enum):\n    A = auto()\n    B = auto()", (("i", "$C.B.value"), ("s", "$C(1).name"))),
    ("class $C:\n    limit = <i>\n    names = <ls>\n    table = {n: len(n) for n in names}\n\n    class Inner:\n        tag = <s>",
     (("i", "$C.limit"), ("ls", "$C.names"), ("dsi", "$C.table"), ("s", "$C.Inner.tag"))),
    ("class $C(ABC):\n    @abstractmethod\n    def step(self): ...\n\n    def run(self):\n        return self.step() + '_run'\n\n"
     "class $Mix:\n    def step(self):\n        return <s>\n\nclass $D($Mix, $C):\n    pass", (("s", "$D().run()"),)),
    ("class $C:\n    def __init__(self):\n        self.steps = []\n\n    def add(self, step):\n        self.steps.append(step)\n"
     "        return self\n\n    def __enter__(self):\n        self.steps.append('in')\n        return self\n\n"
     "    def __exit__(self, *error):\n        self.steps.append('out')\n        return False\n\n$o = $C().add(<s>).add(<s>)\n"
     "with $o as $p:\n    $p.add('mid')", (("ls", "$o.steps"), ("s", "'_'.join($o.steps)"), ("i", "len($o.add(<s>).steps)"))),
    ("@contextmanager\ndef $f(name):\n    $log.append('+' + name)\n    yield name * 2\n    $log.append('-' + name)\n\n"
     "$log = []\nwith $f(<s>) as $n:\n    $log.append($n)", (("ls", "$log"), ("s", "$n"))),
    ("class $C:\n    registry = {}\n\n    def __init_subclass__(cls, **kwargs):\n        super().__init_subclass__(**kwargs)\n"
     "        $C.registry[cls.__name__] = cls\n\nclass $D($C):\n    tag = <s>", (("ls", "[c.tag for c in $C.registry.values()]"),)),
    ("$o = SimpleNamespace(name=<s>, size=<i>)\n$o.more = <ls>", (("s", "$o.name"), ("i", "$o.size"), ("ls", "$o.more"))),
    ("class $C(TypedDict, total=False):\n    name: str\n    size: int\n\n$o = $C(name=<s>, size=<i>)", (("s", "$o['name']"), ("i", "$o['size']"))),
    ("class $C(dict):\n    def __missing__(self, key):\n        return key + '_m'\n\n$o = $C(a=<s>)", (("s", "$o[<s>]"), ("s", "$o['a']"))),
    ("class $C:\n    def __init__(self, **kwargs):\n        for k, v in kwargs.items():\n            setattr(self, k, v)\n\n"
     "    def __getattr__(self, name):\n        return f'no_{name}'\n\n$o = $C(name=<s>)", (("s", "$o.name"), ("s", "$o.absent"))),
)  # fmt: skip

STATEMENTS: list[Row] = [
    *(Row(text.replace("; ", "\n")) for text in ASSIGNMENTS * 2),
    *(Row(text) for text in MUTATIONS),
    *(Row(text) for text in BLOCKS),
    *(Row(text, offers, top=True) for text, offers in (*FUNCTIONS, *CLASSES) for _ in range(2)),
]
