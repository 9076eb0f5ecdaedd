"""The imports of a DAG file, in the order and shape isort gives them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

WIDTH = 110


class Imports:
    """What a module imports: whole modules, and names out of modules under a local name."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.names: dict[tuple[str, str], str] = {}

    def name(self, qualified: str) -> str:
        """The local name for ``package.module.Name``; a second class of the same name gets a number."""
        module, _, name = qualified.rpartition(".")
        if not module:
            return name
        if (module, name) not in self.names:
            local, number, used = name, 2, set(self.names.values())
            while local in used:
                local, number = f"{name}{number}", number + 1
            self.names[module, name] = local
        return self.names[module, name]

    def take(self, statement: cst.Import | cst.ImportFrom) -> None:
        """Add what an import statement of a function's source says."""
        import libcst as cst

        if isinstance(statement, cst.Import):
            self.modules |= {alias.evaluated_name for alias in statement.names}
        elif not isinstance(statement.names, cst.ImportStar) and statement.module is not None:
            module = cst.Module([]).code_for_node(statement.module)
            for alias in statement.names:
                self.names.setdefault(
                    (module, alias.evaluated_name), alias.evaluated_alias or alias.evaluated_name
                )

    @property
    def bound(self) -> set[str]:
        """The local names."""
        return {module.split(".")[0] for module in self.modules} | set(self.names.values())

    def statements(self) -> list[cst.SimpleStatementLine]:
        """The import statements; a blank line stands between the standard library and the rest."""
        import libcst as cst

        found: list[cst.SimpleStatementLine] = []
        for section in (True, False):
            lines = list(self._section(is_standard=section))
            if found and lines:
                lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
            found += lines
        return found

    def _section(self, *, is_standard: bool) -> Iterator[cst.SimpleStatementLine]:
        import libcst as cst

        for module in sorted(self.modules):
            if _is_standard(module) is is_standard:
                yield _line(cst.Import([cst.ImportAlias(_dotted(module))]))
        for module in sorted({module for module, _ in self.names}):
            if _is_standard(module) is is_standard:
                yield self._from(module)

    def _from(self, module: str) -> cst.SimpleStatementLine:
        import libcst as cst

        pairs = [(name, local) for (origin, name), local in self.names.items() if origin == module]
        names = sorted(pairs, key=lambda pair: (_kind(pair[0]), pair[0]))
        aliases = [
            cst.ImportAlias(cst.Name(name), None if name == local else cst.AsName(cst.Name(local)))
            for name, local in names
        ]
        statement = _line(cst.ImportFrom(module=_dotted(module), names=aliases))
        if len(cst.Module([statement]).code.rstrip()) <= WIDTH:
            return statement
        inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
        outer = cst.ParenthesizedWhitespace(indent=True)
        commas = [cst.Comma(whitespace_after=inner)] * (len(aliases) - 1) + [
            cst.Comma(whitespace_after=outer)
        ]
        broken = [alias.with_changes(comma=comma) for alias, comma in zip(aliases, commas, strict=True)]
        return _line(
            cst.ImportFrom(_dotted(module), broken, lpar=cst.LeftParen(inner), rpar=cst.RightParen())
        )


def _line(statement: cst.BaseSmallStatement) -> cst.SimpleStatementLine:
    import libcst as cst

    return cst.SimpleStatementLine([statement])


def _dotted(name: str) -> cst.Name | cst.Attribute:
    import libcst as cst

    head, *rest = name.split(".")
    node: cst.Name | cst.Attribute = cst.Name(head)
    for part in rest:
        node = cst.Attribute(node, cst.Name(part))
    return node


def _is_standard(module: str) -> bool:
    return module.split(".")[0] in sys.stdlib_module_names


def _kind(name: str) -> int:
    """Isort's order of the names in one statement: constants, classes, the rest."""
    if name.isupper() and len(name) > 1:
        return 0
    return 1 if name[0].isupper() else 2
