"""Imports: modules of the project are read as the file itself is; names from elsewhere stay names."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from dagmig.airflow.read.evaluation import LoopControl, Raised, Return
from dagmig.airflow.read.library import CONSTANTS
from dagmig.airflow.read.names import KNOWN_PURE
from dagmig.airflow.read.objects import Module, Ref, Scope, Unsure
from dagmig.airflow.read.paths import FilePath
from dagmig.airflow.read.project import Project
from dagmig.airflow.read.tree import Tree, parsed_module
from dagmig.airflow.read.withs import Withs


@dataclass(frozen=True)
class Home:
    """Where a scope's module stands."""

    file: str | Path

    @property
    def package(self) -> Path:
        """The folder that relative imports start at."""
        return Path(self.file).absolute().parent


class Imports(Withs):
    """``modules`` are those of the project that were read, by file; ``site`` is where the main file asked.

    ``tree`` is the main file's, which may be one of the modules too: its nodes are of one tree.
    """

    def __init__(self) -> None:
        super().__init__()
        self.project: Project | None = None
        self.modules: dict[Path, Module] = {}
        self.main = Scope({})
        self.tree: Tree | None = None
        self.site: ast.AST | None = None

    def at(self, node: ast.AST) -> ast.AST:
        """The node of the main file that stands for ``node``, which may be another module's."""
        return self.site or node

    def _do_Import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            name = alias.name
            if alias.asname is not None:
                self.bind_name(alias.asname, self._import(name, scope, node), scope)
                continue
            self._import(name, scope, node)
            first = name.partition(".")[0]
            scope.names[first] = self._import(first, scope, node)
        self.import_risks += self._may_fail(node, scope)

    def _do_ImportFrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        name = "." * node.level + (node.module or "")
        module = self._import(name, scope, node)
        if node.names[0].name == "*":
            self._import_all(name, module, scope, node)
            return
        for alias in node.names:
            self.bind_name(alias.asname or alias.name, self._imported(module, alias.name, node), scope)
        self.import_risks += self._may_fail(node, scope)

    def _may_fail(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> bool:
        """Whether a package may be missing where the file is loaded."""
        for alias in node.names:
            found = scope.names.get((alias.asname or alias.name).partition(".")[0])
            if found.__class__ is Unsure:
                return True
            if found.__class__ is Ref and found.name.partition(".")[0] not in KNOWN_PURE:
                return True
        return False

    def _import_all(self, name: str, module: Any, scope: Scope, node: ast.AST) -> None:
        if isinstance(module, Module):
            names = module.scope.names.get("__all__")
            wanted = (
                names
                if isinstance(names, (list, tuple))
                else [one for one in module.scope.names if not one.startswith("_")]
            )
            scope.names.update({one: module.scope.names[one] for one in wanted if one in module.scope.names})
        elif not name.startswith("airflow"):
            self.doubt(node, f"what `from {name} import *` defines is not known")

    def _imported(self, module: Any, name: str, node: ast.AST) -> Any:
        if isinstance(module, Ref):
            full = f"{module.name}.{name}" if not module.name.endswith(".") else f"{module.name}{name}"
            return CONSTANTS.get(full, Ref(full))
        return self.member_of(module, name, node)

    def member_of(self, module: Module, name: str, node: ast.AST) -> Any:
        """A name of a module of the project, or a module of the package."""
        if name in module.scope.names:
            return module.scope.names[name]
        if self.project is not None and module.folder is not None:
            path = self.project.sibling(module.folder, [name])
            if path is not None:
                return self._load(f"{module.name}.{name}", path, node)
        return Unsure(node, f"`{module.name}` has no `{name}` that could be read")

    def _import(self, name: str, scope: Scope, node: ast.AST) -> Any:
        """The module a name stands for; a ``Ref`` where it is none of the project's."""
        if self.project is None:
            return Ref(name)
        if not name.startswith("."):
            path = self.project.find(name)
            return Ref(name) if path is None else self._load(name, path, node)
        home = scope.root.place
        if not isinstance(home, Home):
            return Ref(name)
        level = len(name) - len(name.lstrip("."))
        folder = home.package
        for _ in range(level - 1):
            folder = folder.parent
        rest = name.lstrip(".")
        path = self.project.sibling(folder, rest.split(".") if rest else [])
        return Ref(name) if path is None else self._load(name.lstrip(".") or folder.name, path, node)

    def _load(self, name: str, path: Path, node: ast.AST) -> Any:
        if path in self.modules:
            return self.modules[path]
        if path.is_dir():
            module = Module(name, Scope({"__name__": name}), folder=path)
            self.modules[path] = module
            return module
        tree = self._parsed(path)
        if tree is None:
            self.doubt(node, f"the module `{name}` cannot be read")
            return Ref(name)
        folder = path.parent if path.name == "__init__.py" else None
        own_file = FilePath(PurePosixPath(path.as_posix()), is_text=True)
        scope = Scope({"__name__": name, "__file__": own_file})
        scope.place, scope.tree = Home(path), tree
        scope.has_yields = "yield" in (self.project.text(path) or "") if self.project is not None else True
        self.modules[path] = module = Module(name, scope, folder)
        self._run_module(module, tree, node)
        return module

    def _run_module(self, module: Module, tree: Tree, node: ast.AST) -> None:
        outer = self.site
        self.site = outer or node
        try:
            self.run(tree.module.body, module.scope)
        except (Return, LoopControl):
            self.doubt(node, f"the module `{module.name}` cannot be read")
        except Raised:
            self.modules.pop(next(path for path, one in self.modules.items() if one is module))
            raise
        finally:
            self.site = outer

    def _parsed(self, path: Path) -> Tree | None:
        text = self.project.text(path) if self.project is not None else None
        if self.tree is not None and text == self.tree.text:
            return self.tree
        found = None if text is None else parsed_module(text)
        return found if isinstance(found, Tree) else None
