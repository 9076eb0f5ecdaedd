"""The grammars of JSONata, JSONPath and intrinsic functions: what they refuse, and where."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonata import Jsonata
from jsonata.jexception import JException

from dagmig.asl.jsonata import JsonataError, parse
from dagmig.asl.paths import Call, PathError, Used, is_reference, used
from dagmig.asl.paths import parse as parse_path
from dagmig.lint.check import check, default_rules
from dagmig.lint.source import Source

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXPRESSIONS = """
$states.input.a[0].b
$map($states.input.items, function($v, $i, $a){ $v.x + $i })
$filter($x, function($v)<n:b>{$v > 3})
λ($x){ $x }(3)
items^(>price, <name)
items{category: $sum(price)}
a.b@$v#$i.c[$v = 1]
$x ~> |account|{"a": 1}, ["b"]|
(  $a := 1; $b := $a + 2; [$a..$b] )
$match(s, /a(b|c)*\\/d/i)
$x ? 1 : $y ? 2 : 3
`odd name`.x
*.a + **.b - a.%.c
-3.5e3
$substring(?, 0, 5)
a and b or c in d
{"a": 1, "b": [1,2,{"c": null}]}
a[][b=1][c="x"].d
$a ~> $f ~> $g(1)
a.(b;c)
and.or
$$.x & $ & $.a
a ?? b ?: c
"\\u0041\\n" & 'b'
() [] {} [1..3, 5]
1 2
[1,2
{"a" 1}
$f(1,)
[1,]
"abc
a.
$x :=
3 := 4
function(x){x}
a^(b
/x
`a
""".strip().split("\n")


def written() -> Iterator[str]:
    """The expressions in the project's own machines."""
    for file in FIXTURES.rglob("*.md"):
        for text in re.findall(r"^```json[^\n]*\n(.*?)^```", file.read_text(encoding="utf-8"), re.S | re.M):
            yield from re.findall(r'"\{%(.*?)%\}"', text)


def mutants(expression: str, random_: random.Random) -> Iterator[str]:
    """The expression with a character less, or one more."""
    for _ in range(3):
        place = random_.randrange(len(expression))
        yield expression[:place] + expression[place + 1 :]
        yield expression[:place] + random_.choice("()[]{}.,?:;$+*/\"|&'@#") + expression[place:]


def test_jsonata_is_what_the_library_reads() -> None:
    random_ = random.Random(5)
    own = [json.loads(f'"{text}"').strip() for text in sorted(set(written()))]
    texts = [*EXPRESSIONS, *own]
    differ = []
    for text in [*texts, *(mutant for one in texts for mutant in mutants(one, random_))]:
        try:
            Jsonata(text)
            expected = True
        except JException:
            expected = False
        except (re.error, IndexError):  # of Python's regular expressions, and of a comment at the end
            continue
        except (TypeError, AttributeError, KeyError):  # the library's own, of an operator that is none
            expected = False
        try:
            parse(text)
            found = True
        except JsonataError:
            found = False
        if found != expected:
            differ.append((text, expected))
    assert len(own) > 100
    assert differ == []


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("$max([1, 2)", 10, "`]` is expected before `)`"),
        ("$a + ", 5, "the end is not expected here"),
        ("a.b 'c'", 4, "`'c'` is not expected here"),
        ("{'a': 1, }", 9, "`}` is not expected here"),
        ("'abc", 0, "a text has no end"),
        ("'a\\qb'", 2, "is no escape"),
        ("'a\\'b'", 2, "is no escape"),
        ("a /* x", 2, "a comment has no end"),
        ("1 := 2", 0, "only a variable"),
        ("function(a){1}", 9, "a parameter of a function is a variable"),
        ("a@b", 2, "a variable is expected"),
        ("$x[/ab(/]", 3, "a regular expression has no end"),
    ],
)
def test_where_jsonata_ends(text: str, position: int, said: str) -> None:
    with pytest.raises(JsonataError, match=re.escape(said)) as error:
        parse(text)
    assert error.value.position == position


def test_jsonata_nested_beyond_sense_is_no_crash() -> None:
    with pytest.raises(RecursionError):
        parse("(" * 500 + ")" * 500)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("a.b", 0, "begins with `$`"),
        ("$.a.", 4, "a name is missing"),
        ("$.a[0", 3, "`[` is not closed"),
        ("$.a[]", 3, "is empty"),
        ("$.a b", 3, "is not expected in a path"),
        ("$.a.length(", 10, "`(` is not closed"),
        ("States.Format('a', $.b", 22, "are not closed"),
        ('States.Format("a")', 14, "a text in single quotes"),
        ("States.Array(1) x", 15, "is not expected here"),
        ("States.Format", 0, "is written `States.Name(...)`"),
        ("States.Array(" * 11 + ")" * 11, 130, "nested more than 10"),
    ],
)
def test_where_paths_end(text: str, position: int, said: str) -> None:
    with pytest.raises(PathError, match=re.escape(said)) as error:
        parse_path(text)
    assert error.value.position == position


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", [Used("$", (), 0)]),
        ("$.a['b c'][0].d", [Used("$", ("a", "b c"), 0)]),
        ("$$.Map.Item.Value", [Used("$$", ("Map", "Item", "Value"), 0)]),
        ("$name.x", [Used("name", ("x",), 0)]),
        ("$..a[?(@.b == ']')].c", [Used("$", (), 0)]),
        ("States.Format('{}', $.a, States.Array($b))", [Used("$", ("a",), 20), Used("b", (), 38)]),
        ("no path", []),
    ],
)
def test_what_paths_refer_to(text: str, expected: list[Used]) -> None:
    assert used(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", True),
        ("$.a[0]['b']", True),
        ("$x.y", True),
        ("$.a[*]", False),
        ("$..a", False),
        ("$.a[0:1]", False),
    ],
)
def test_references(text: str, expected: bool) -> None:
    assert is_reference(text) == expected


def test_calls_hold_their_arguments() -> None:
    found = parse_path("States.Format('{} it\\'s', 1.5, true, $.a)")
    assert isinstance(found, Call)
    assert found.arguments[:3] == ("'{} it\\'s'", "1.5", "true")


def columns(document: dict[str, Any], file: str = "a.asl.json") -> list[tuple[str, str]]:
    """Each finding's rule and the characters it points at."""
    text = json.dumps(document)
    found = check(Source(text, file, "machine"), default_rules()).found
    return [(one.code, text[one.span.column - 1 : one.span.end_column - 1]) for one in found]


@pytest.mark.parametrize(
    ("seconds", "rule", "pointed"),
    [
        ("{% $a + %}", "jsonata-syntax", "%"),
        ("{% 'é\"' & $lost %}", "variable-undefined", "$lost"),
        ("{% [$.a, 1] %}", "jsonata-dollar-root", "$"),
        ("{% $states.result.x %}", "states-reference-misplaced", "."),
        ("{% name %}", "jsonata-dollar-root", "name"),
    ],
)
def test_the_column_is_inside_the_expression(seconds: str, rule: str, pointed: str) -> None:
    wait = {"Type": "Wait", "Seconds": seconds, "End": True}
    assert columns({"QueryLanguage": "JSONata", "StartAt": "a", "States": {"a": wait}}) == [(rule, pointed)]
