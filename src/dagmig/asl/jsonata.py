"""JSONata's whole grammar: text -> tree, with the place of every part; nothing is evaluated.

https://docs.jsonata.org/ and the binding powers of the reference implementation (jsonata 2, src/parser.js).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dagmig.asl.jsonata_tokens import Token, Tokens

MAX_DEPTH = 120
_POWERS = {
    "(": 80, "[": 80, "@": 80, "#": 80, ".": 75, "{": 70, "*": 60, "/": 60, "%": 60, "+": 50, "-": 50,
    "&": 50, "=": 40, "<": 40, ">": 40, "^": 40, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "in": 40,
    "?:": 40, "??": 40, "and": 30, "or": 25, "?": 20, ":=": 10,
}  # fmt: skip
_PLAIN = frozenset({"+", "-", "*", "/", "%", "=", "<", ">", "!=", "<=", ">=", "~>", "and", "or", "in", "&"})

_OF_JSONATA = """
sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad
match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round
abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge
reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl
decodeUrlComponent decodeUrl toMillis fromMillis clone now millis eval
"""  # https://docs.jsonata.org/
FUNCTIONS = frozenset(_OF_JSONATA.split()) | {"partition", "range", "hash", "uuid", "parse", "randomSeeded"}


class JsonataError(Exception):
    """An expression is no JSONata; ``position`` counts characters of it from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression.

    ``kind`` is ``variable``, ``name``, ``call``, ``bind``, ``lambda``, ``literal``, ... or an operator;
    ``value`` a name or a literal. ``parts`` are evaluated where the node is, ``inner`` for each value of
    something else (later steps of a path, predicates, bodies of functions). ``bound`` are the variables
    it binds.
    """

    kind: str
    value: object
    position: int
    parts: tuple[Node, ...] = ()
    inner: tuple[Node, ...] = ()
    bound: tuple[str, ...] = ()

    def walk(self, is_top: bool = True) -> Iterator[tuple[Node, bool]]:
        """This node and all below, each with whether it is evaluated at the top level of the expression."""
        yield self, is_top
        for part in self.parts:
            yield from part.walk(is_top)
        for part in self.inner:
            yield from part.walk(False)


def parse(text: str) -> Node:
    """Parse an expression without its delimiters. Raises ``JsonataError``, ``RecursionError`` if too deep."""
    return _Parser(text).whole()


class _Parser:
    """A Pratt parser; ``token`` is the one that comes next."""

    def __init__(self, text: str) -> None:
        self.tokens = Tokens(text, JsonataError)
        self.token: Token = self.tokens.next(False)
        self.depth = 0

    def advance(self, expected: str = "", *, after_value: bool = False) -> None:
        """Go on to the next token; after a value ``/`` divides, elsewhere it begins a regular expression."""
        if expected and self.token.symbol != expected:
            raise self.unexpected(f"`{expected}` is expected")
        self.token = self.tokens.next(after_value)

    def unexpected(self, wanted: str = "") -> JsonataError:
        shown = f"`{self.token.text}`" if self.token.kind != "end" else "the end"
        said = f"{wanted} before {shown}" if wanted else f"{shown} is not expected here"
        return JsonataError(said, self.token.position)

    def whole(self) -> Node:
        node = self.expression(0)
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RecursionError
        left = self.prefix()
        while power < _POWERS.get(self.token.symbol, 0):
            left = self.infix(left)
        self.depth -= 1
        return left

    def prefix(self) -> Node:
        token = self.token
        if token.kind in ("literal", "name", "variable"):
            self.advance(after_value=True)
            return Node(token.kind, token.value, token.position)
        if token.symbol in ("and", "or", "in"):  # names, where no operator can stand
            self.advance(after_value=True)
            return Node("name", token.symbol, token.position)
        if token.symbol in ("*", "**", "%"):
            self.advance(after_value=True)
            return Node("wildcard", token.symbol, token.position)
        read = _PREFIXES.get(token.symbol)
        if read is None:
            raise self.unexpected()
        self.advance()
        return read(self, token.position)

    def negation(self, at: int) -> Node:
        return Node("-", None, at, (self.expression(70),))

    def block(self, at: int) -> Node:
        found: list[Node] = []
        while self.token.symbol != ")":
            found.append(self.expression(0))
            if self.token.symbol != ";":
                break
            self.advance(";")
        self.advance(")", after_value=True)
        return Node("block", None, at, tuple(found))

    def array(self, at: int) -> Node:
        found: list[Node] = []
        while self.token.symbol != "]":
            found.append(self.expression(0))
            if self.token.symbol == "..":
                self.advance("..")
                found.append(self.expression(0))
            if self.token.symbol != ",":
                break
            self.advance(",")
            if self.token.symbol == "]":
                raise self.unexpected()
        self.advance("]", after_value=True)
        return Node("array", None, at, tuple(found))

    def members(self) -> tuple[Node, ...]:
        """The keys and values of an object constructor, up to its end."""
        found: list[Node] = []
        while self.token.symbol != "}":
            found.append(self.expression(0))
            self.advance(":")
            found.append(self.expression(0))
            if self.token.symbol != ",":
                break
            self.advance(",")
            if self.token.symbol == "}":
                raise self.unexpected()
        self.advance("}", after_value=True)
        return tuple(found)

    def object(self, at: int) -> Node:
        return Node("object", None, at, self.members())

    def transform(self, at: int) -> Node:
        found = [self.expression(0)]
        self.advance("|")
        found.append(self.expression(0))
        if self.token.symbol == ",":
            self.advance(",")
            found.append(self.expression(0))
        self.advance("|", after_value=True)
        return Node("transform", None, at, (), tuple(found))

    def infix(self, left: Node) -> Node:
        token = self.token
        self.advance()
        if token.symbol in _PLAIN:
            right = self.expression(_POWERS[token.symbol])
            return Node(token.symbol, None, token.position, (left, right))
        return _INFIXES[token.symbol](self, left, token.position)

    def step(self, left: Node, at: int) -> Node:
        right = self.expression(75)
        for one in (left, right):
            if one.kind == "literal" and not isinstance(one.value, str):
                raise JsonataError("a number or constant is no step of a path", one.position)
        return Node(".", None, at, (left,), (right,))

    def predicate(self, left: Node, at: int) -> Node:
        inner: tuple[Node, ...] = ()
        if self.token.symbol != "]":
            inner = (self.expression(0),)
        self.advance("]", after_value=True)
        return Node("[", None, at, (left,), inner)

    def group(self, left: Node, at: int) -> Node:
        return Node("group", None, at, (left,), self.members())

    def order(self, left: Node, at: int) -> Node:
        self.advance("(")
        terms: list[Node] = []
        while True:
            if self.token.symbol in ("<", ">"):
                self.advance()
            terms.append(self.expression(0))
            if self.token.symbol != ",":
                break
            self.advance(",")
        self.advance(")", after_value=True)
        return Node("^", None, at, (left,), tuple(terms))

    def focus(self, left: Node, at: int) -> Node:
        if self.token.kind != "variable":
            raise self.unexpected("a variable is expected")
        name = str(self.token.value)
        self.advance(after_value=True)
        return Node("focus", name, at, (left,), (), (name,))

    def binding(self, left: Node, at: int) -> Node:
        if left.kind != "variable":
            raise JsonataError("only a variable can be bound with `:=`", left.position)
        return Node("bind", left.value, at, (self.expression(9),), (), (str(left.value),))

    def condition(self, left: Node, at: int) -> Node:
        found = [left, self.expression(0)]
        if self.token.symbol == ":":
            self.advance(":")
            found.append(self.expression(0))
        return Node("?", None, at, tuple(found))

    def alternative(self, left: Node, at: int) -> Node:
        return Node("?:", None, at, (left, self.expression(40)))

    def call(self, left: Node, at: int) -> Node:
        arguments: list[Node] = []
        while self.token.symbol != ")":
            if self.token.symbol == "?":
                arguments.append(Node("placeholder", None, self.token.position))
                self.advance("?", after_value=True)
            else:
                arguments.append(self.expression(0))
            if self.token.symbol != ",":
                break
            self.advance(",")
            if self.token.symbol == ")":
                raise self.unexpected()
        self.advance(")", after_value=True)
        if left.kind == "name" and left.value in ("function", "λ"):
            return self.function(arguments, left.position)
        return Node("call", left.value if left.kind == "variable" else None, at, (left, *arguments))

    def function(self, parameters: list[Node], at: int) -> Node:
        for one in parameters:
            if one.kind != "variable":
                raise JsonataError("a parameter of a function is a variable", one.position)
        if self.token.symbol == "<":
            depth = 0
            while True:
                depth += {"<": 1, ">": -1}.get(self.token.symbol, 0)
                if self.token.kind == "end":
                    raise self.unexpected("`>` is expected")
                self.advance(after_value=True)
                if not depth:
                    break
        self.advance("{")
        body = self.expression(0)
        self.advance("}", after_value=True)
        return Node("lambda", None, at, (), (body,), tuple(str(one.value) for one in parameters))


_PREFIXES: dict[str, Callable[[_Parser, int], Node]] = {
    "-": _Parser.negation,
    "(": _Parser.block,
    "[": _Parser.array,
    "{": _Parser.object,
    "|": _Parser.transform,
}
_INFIXES: dict[str, Callable[[_Parser, Node, int], Node]] = {
    ".": _Parser.step,
    "[": _Parser.predicate,
    "{": _Parser.group,
    "(": _Parser.call,
    "^": _Parser.order,
    "@": _Parser.focus,
    "#": _Parser.focus,
    ":=": _Parser.binding,
    "?": _Parser.condition,
    "?:": _Parser.alternative,
    "??": _Parser.alternative,
}
