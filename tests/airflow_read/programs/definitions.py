"""Functions and classes, each with the expressions it makes possible, by kind."""

# ruff: noqa: E501 (a row is a line)

from __future__ import annotations

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
    ("class $C:\n    def __init__(self, name, size=<i>):\n        self.name, self.size = name, size\n\n    def __repr__(self):\n"
     "        return f'C[{self.name}]'\n\n    def __lt__(self, other):\n        return (self.size, self.name) < (other.size, other.name)\n\n"
     "    def __eq__(self, other):\n        return isinstance(other, $C) and self.name == other.name\n\n$all = [$C(<s>), $C(<s>, 2)]",
     (("s", "str($all[0])"), ("s", "f'{$all[1]!r}'"), ("s", "'{0.name}-{0!r}'.format($all[0])"), ("s", "max($all).name"),
      ("ls", "[c.name for c in sorted($all, reverse=<b>)]"), ("b", "$all[0] == $all[1]"), ("b", "$all[0] != $C(<s>)"),
      ("b", "$all[0] > $all[1]"), ("b", "$C(<s>) in $all"), ("s", "'%s' % $all[0].name"))),
    ("class $C:\n    def __init__(self, limit):\n        self.n, self.limit = 0, limit\n\n    def __iter__(self):\n        return self\n\n"
     "    def __next__(self):\n        if self.n >= self.limit:\n            raise StopIteration\n        self.n += 1\n        return f'n{self.n}'\n\n"
     "    def __getitem__(self, key):\n        return f'at_{key}'\n\n    def __setitem__(self, key, value):\n        self.limit = value\n\n"
     "    def __delitem__(self, key):\n        self.limit -= 1\n\n    def __iadd__(self, n):\n        self.limit += n\n        return self\n\n"
     "    def __radd__(self, text):\n        return text + str(self.limit)\n\n    def __mul__(self, n):\n        return [self.limit] * n\n\n"
     "$o = $C(<n>)\n$o += 1\n$o['k'] = <n>\ndel $o['k']\n$ls = list($o)",
     (("ls", "$ls + ['e']"), ("s", "$o[<s>]"), ("s", "<s> + $o"), ("li", "$o * 2"), ("s", "next($o, 'over')"), ("s", "'_'.join($C(<n>))"),
      ("ls", "[w for w in $C(<n>)] or ['z']"), ("s", "next($C(2))"))),
)  # fmt: skip
