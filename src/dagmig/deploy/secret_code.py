"""Python code without the secrets in it: names stand for them, which environment variables give a value."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.integrations.python_source import bound

LEFT_OUT = "***"


@dataclass(frozen=True, slots=True)
class Code:
    """The text, the parameters that it reads, and the secrets for which only ``***`` stands."""

    text: str
    read: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


def without(source: str, secrets: Mapping[str, str]) -> Code:
    """Code without some secrets, which come with the names of their parameters, longest first."""
    if not any(_is_in(source, secret) for secret in secrets):
        return Code(source)
    try:
        return _Hiding(source, secrets).code()
    except (SyntaxError, ValueError, RecursionError):
        return _crossed_out(source, secrets)


def variable(parameter: str) -> str:
    """The environment variable that gives a parameter's value."""
    return parameter.upper()


def _is_in(source: str, secret: str) -> bool:
    return secret in source or repr(secret)[1:-1] in source


def _crossed_out(source: str, secrets: Mapping[str, str]) -> Code:
    found = {secret for secret in secrets if _is_in(source, secret)}
    for secret in found:
        source = source.replace(secret, LEFT_OUT).replace(repr(secret)[1:-1], LEFT_OUT)
    return Code(source, left_out=frozenset(found))


class _Hiding:
    """One module. Raises ``SyntaxError`` where it cannot be read, or what is made of it."""

    def __init__(self, source: str, secrets: Mapping[str, str]) -> None:
        self.source, self.secrets = source, secrets
        self.tree = ast.parse(source)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        taken = bound(source)
        names = {parameter: variable(parameter) for parameter in secrets.values()}
        self.names = {one: f"DAGMIG_{name}" if name in taken else name for one, name in names.items()}
        self.read: set[str] = set()

    def code(self) -> Code:
        lines = self.source.encode().splitlines(keepends=True)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        data = self.source.encode()
        for node in sorted(self._nodes(), key=lambda one: (one.lineno, one.col_offset), reverse=True):
            first = starts[node.lineno - 1] + node.col_offset
            last = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            data = data[:first] + self._written(node).encode() + data[last:]
        text = self._headed(data.decode())
        left = _crossed_out(text, self.secrets)
        ast.parse(left.text)
        in_code = {secret for secret in left.left_out if any(self._holds(ast.parse(text), secret))}
        return Code(left.text, frozenset(self.read), frozenset(in_code))

    def _holds(self, tree: ast.Module, secret: str) -> Iterator[bool]:
        """Whether a constant holds a secret, for each but those that are statements of their own."""
        documents = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
                yield node not in documents and secret in _text(node.value)

    def _nodes(self) -> Iterator[ast.Constant | ast.JoinedStr]:
        """The texts that hold a secret, f-strings whole, where a name may stand in their place."""
        for node in ast.walk(self.tree):
            parent = self.parents.get(node)
            if not isinstance(node, ast.Constant) or not isinstance(node.value, (str, bytes)):
                continue
            if not any(secret in _text(node.value) for secret in self.secrets):
                continue
            if isinstance(parent, ast.JoinedStr):
                if next(one for one in parent.values if self._has(one)) is node:
                    yield parent
            elif not isinstance(parent, (ast.Expr, ast.MatchValue, ast.FormattedValue)):
                yield node

    def _has(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Constant) and any(one in _text(node.value) for one in self.secrets)

    def _written(self, node: ast.Constant | ast.JoinedStr) -> str:
        if isinstance(node, ast.Constant):
            is_bytes = isinstance(node.value, bytes)
            made = " + ".join(self._parts(_text(node.value))) or "''"
            made = f"({made})" if " + " in made or is_bytes else made
            return f"{made}.encode('latin-1')" if is_bytes else made
        parts: list[ast.expr] = []
        for one in node.values:
            if self._has(one) and isinstance(one, ast.Constant):
                parts += [self._in_f_string(part) for part in self._split(_text(one.value))]
            else:
                parts.append(one)
        return ast.unparse(ast.fix_missing_locations(ast.JoinedStr(parts)))

    def _in_f_string(self, part: tuple[bool, str]) -> ast.expr:
        is_name, text = part
        if is_name:
            return ast.FormattedValue(ast.Name(text, ast.Load()), -1)
        return ast.Constant(text)

    def _parts(self, text: str) -> Iterator[str]:
        yield from (part if is_name else repr(part) for is_name, part in self._split(text))

    def _split(self, text: str) -> Iterator[tuple[bool, str]]:
        """A text in parts: names for secrets, and what is between them."""
        while text:
            found = [(text.find(one), -len(one), one) for one in self.secrets if one in text]
            if not found:
                yield False, text
                return
            place, _, secret = min(found)
            if place:
                yield False, text[:place]
            parameter = self.secrets[secret]
            self.read.add(parameter)
            yield True, self.names[parameter]
            text = text[place + len(secret) :]

    def _headed(self, text: str) -> str:
        """The module with the names defined, after its docstring and what it imports from the future."""
        if not self.read:
            return text
        last = 0
        for index, statement in enumerate(ast.parse(text).body):
            is_doc = (
                index == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            )
            is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
            if not (is_doc or is_future):
                break
            last = statement.end_lineno or last
        lines = text.splitlines(keepends=True)
        module = "os" if self._is_os_free() else "dagmig_os"
        imported = "import os\n" if module == "os" else f"import os as {module}\n"
        named = [f'{self.names[one]} = {module}.environ["{variable(one)}"]\n' for one in sorted(self.read)]
        return "".join([*lines[:last], "\n" if last else "", imported, "\n", *named, *lines[last:]])

    def _is_os_free(self) -> bool:
        """Whether ``os`` may be imported: no other thing of the module is called so."""
        imported = [alias for node in self.tree.body if isinstance(node, ast.Import) for alias in node.names]
        is_imported = any(alias.name == "os" and alias.asname is None for alias in imported)
        return is_imported or "os" not in bound(self.source)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
