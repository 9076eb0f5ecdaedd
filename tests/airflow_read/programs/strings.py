"""Expressions that are text."""

from __future__ import annotations

STRINGS = (
    """
<s>.upper()
<s>.lower()
<s>.title()
<s>.capitalize()
<s>.swapcase()
<s>.strip()
<s>.strip("_ ")
<s>.lstrip("a")
<s>.rstrip("s_1")
<s>.replace("a", <s>)
<s>.replace("_", "-", 1)
<s>.removeprefix("l")
<s>.removesuffix("s")
<s>.zfill(6)
<s>.ljust(6, "x")
<s>.rjust(7, ".")
<s>.center(9, "-")
<s> + <s>
<s> * (<i> % 4)
<s>[::-1]
<s>[1:]
<s>[:-1]
<s>[:2]
<s>[-3:]
<s>[::2]
<s>[0]
<s>[<i> % 2]
<s>.split("_")[0]
<s>.split("_", 1)[-1]
<s>.rsplit("_", 1)[0]
<s>.partition("_")[2]
<s>.rpartition("-")[0]
<s>.split()[0]
<s>.splitlines()[0]
"_".join(<ls>)
"-".join(sorted(<ls>))
"".join(reversed(<ls>))
",".join(<ts>)
"_".join(w[:2] for w in <ls>)
"_".join(str(v) for v in <li>)
"_".join(map(str, <li>))
"+".join(f"{k}{v}" for k, v in <dsi>.items())
"_".join(k for k, v in <dsi>.items() if v > <i>)
"".join(c for c in <s> if c.isalnum())
"".join(c if c.isalpha() else "_" for c in <s>)
f"{<s!>}_{<i!>}"
f"{<s!>!r}"
f"{<i!>:03d}"
f"{<i!>:>5}"
f"{<s!>:>8}"
f"{<s!>:_<8}"
f"{<s!>:^9}"
f"{<s!>!r:*>12}"
f"{<i!>:+d}/{<i!>:x}/{<i!>:#o}"
f"{<i!>:,}"
f"{<i!> / 4:.2f}"
f"{<i!>:{<n!>}d}"
f"{<s!>:.{<n!>}}"
f"{<s!>.upper()}-{len(<ls!>)}"
f"{<ls!>[0]}{<ls!>[-1]!s}"
f"{<i!> * 2 + 1}"
f"{{{<s!>}}}"
f"{<i!>=}"
f"{<b!>}"
f"{<ls!>}"
f"{<dsi!>}"
f"{<ts!>}"
f"{<dt!>:%Y%m%d}"
f"{<td!>}"
f"{<s!>!a}"
"%s_%s" % (<s>, <i>)
"%03d-%s" % (<i>, <s>)
"%-6s|" % <s>
"%5.1f%%" % <i>
"%r" % <s>
"%(a)s.%(b)d" % {"a": <s>, "b": <i>}
"%x" % abs(<i>)
"{}_{}".format(<s>, <i>)
"{1}-{0}".format(<s>, <s>)
"{name}:{size:>4}".format(name=<s>, size=<i>)
"{0[0]}{0[1]}".format([<s>, <i>])
"{r[name]}_{r[size]:02d}".format(r=<record>)
"{!r:>6}".format(<s>)
"{a}{b}".format(**{"a": <s>, "b": <i>})
"{}-{}".format(*[<s>, <s>])
"{x}".format_map({"x": <s>})
str(<i>)
str(<b>)
str(<ls>)
str(<dsi>)
repr(<s>)
repr(<ts>)
hex(abs(<i>))
bin(abs(<i>) % 64)
oct(abs(<i>))
chr(97 + abs(<i>) % 26)
<ls>[0]
<ls>[-1]
<ls>[<i> % len(<ls!>)]
<lls>[0][-1]
<lp>[0][0]
<ts>[-1]
<dss>["oa"]
<dss>.get("oa", <s>)
<dss>.get(<s>, <s>)
<dsl>.get(<s>, ["none"])[0]
next(iter(<dsi>))
next(iter(<dss>.values()))
next((w for w in <ls> if len(w) > 2), <s>)
list(<dsi>)[-1]
<record>["name"]
<record>["needs"][0]
<lr>[0]["name"]
<lr>[-1].get("name", <s>)
max(<ls>)
min(<ls>)
max(<ls>, key=len)
min(<ls>, key=lambda w: (len(w), w))
max(<dsi>, key=<dsi!>.get)
sorted(<ls>)[0]
sorted(<ss>)[0]
<s> if <b> else <s>
<s> or <s>
(<s> and <s>) or "empty"
(w := <s>) + w
{True: <s>, False: <s>}[<b>]
(<s>, <s>)[<b>]
{"a": <s>, "b": <s>}.get(<s>, <s>)
(lambda p, q="d": p + q)(<s>)
(lambda *p, **q: "_".join([*p, *q]))(<s>, z=<i>)
reduce(lambda p, q: p + q[:1], <ls>, "")
json.dumps(<dsi>)
json.dumps(<ls>)
json.dumps({"k": <s>, "n": <i>}, sort_keys=True)
json.loads(json.dumps([<s>, 1]))[0]
re.sub(r"[^a-z]+", "_", <s>)
re.sub(r"(\\w)\\d", r"\\1", <s>)
re.split(r"[_,;]", <s>)[0]
re.findall(r"[a-z]+", <s>)[0]
re.match(r"([A-Za-z]+)(.*)", <s>).group(1)
re.match(r"(?P<head>\\w)", <s>)["head"]
textwrap.dedent("  x\\n    y\\n") + <s>
os.path.basename(__file__)
os.path.splitext(os.path.basename(__file__))[0]
os.path.join(<s>, <s>)
os.path.basename(os.path.dirname(__file__))
Path(__file__).stem
Path(__file__).parent.name
Path(__file__).name + <s>
os.environ.get("DAGMIG_NOT_SET", <s>)
os.getenv("DAGMIG_NOT_SET", <s>)
<dt>.strftime("%Y_%m")
<dt>.isoformat()
<dt>.date().isoformat()
<dt>.strftime("%b%d")
str(<dt>)
str(<td>)
string.ascii_lowercase[<n>]
<s>.translate(str.maketrans("ab", "xy"))
<s>.encode().decode()
<s>.expandtabs(2)
type(<s>).__name__
type(<i>).__name__
Counter(<s>).most_common(1)[0][0]
OrderedDict(sorted(<dss>.items())).popitem()[0]
"".join(dict.fromkeys(<s>))
"".join(sorted(<s>))
"".join(sorted(set(<s>)))
"|".join(k + "".join(v) for k, v in <dsl>.items())
"_".join("".join(g) for g in <lls>)
"_".join(f"{n}{i}" for i, n in enumerate(<ls>, start=1))
"_".join(p + q for p, q in zip(<ls>, <ls>))
"_".join(p + q for p, q in itertools.product(<ls>, "xy"))
"_".join(itertools.chain(<ls>, <ts>))
"_".join(itertools.chain.from_iterable(<lls>))
"_".join(k + str(len(list(g))) for k, g in itertools.groupby(sorted(<ls>), key=lambda w: w[:1]))
"_".join("".join(p) for p in itertools.combinations(<ls>, 2))
"_".join(itertools.islice(<ls>, 1, 3))
"_".join(str(v) for v in itertools.accumulate(<li>))
"_".join(a + b for a, b in itertools.zip_longest(<ls>, <ls>, fillvalue="-"))
"_".join("".join(p) for p in itertools.permutations(<ls>[:2]))
"_".join(filter(None, [<s>, "", <s>]))
"_".join(filter(lambda w: w.islower(), <ls>))
"_".join({k: v for k, v in <dss>.items() if k}.values())
"_".join([w for g in <lls> for w in g if w])
"_".join(w for w in <ls> if w not in <ls>)
str([(i, w) for i, w in enumerate(<ls>)][-1])
str(divmod(<i>, 7))
str({**<dsi>, "z": 0})
str(dict(zip(<ls>, <li>)))
str(<dsi> | {"q": 9})
str(list(zip(<ls>, <li>)))
str([*<ls>, *<ts>])
str(list(range(0, abs(<i>) % 20, 3)))
str(sorted(<lp>, key=lambda p: -p[1]))
str(tuple(<li>) + (1,))
str(round(<i> / 3, 2))
str(<i> / 2)
str(<i> // 3 * 1.5)
str(None)
str(<li>[::-1])
str([[w] * 2 for w in <ls>])
str({w: len(w) for w in <ls>})
str(sorted({len(w) for w in <ls>}))
str(any(w.startswith("a") for w in <ls>))
str(copy.deepcopy(<dsl>))
str(bool(<s>) and <i>)
str(not <b>)
str(<s> == <s>)
str(<i> < <i> <= <i>)
str(sum(<li>) / len(<li>))
str(collections.Counter(<s>)["a"])
str(deque(<li>, maxlen=2))
"%s" % <ls>
"%s" % (<ts>,)
"%s" % <b>
"{:>{}}".format(<s>, <n>)
"{:,.1f}".format(<i>)
"{0.year}-{0.month:02}".format(<dt>)
"{:%H:%M}".format(<dt>)
(<s> + "\\n" + <s>).splitlines()[-1]
r"a\\d" + <s>
"im" "plicit" + <s>
'''q"uo''' + <s>
b"raw".decode() + <s>
""".strip()
    .replace("\\\\", "\\")
    .splitlines()
)
