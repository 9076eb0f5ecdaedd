"""JSON, YAML and text files that lie beside a DAG: read inside its project only, never written."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagmig.airflow.read.evaluation import Raised
from dagmig.airflow.read.methods import Methods
from dagmig.airflow.read.objects import Assumed, Lazy
from dagmig.airflow.read.paths import FilePath

READING = ("r", "rt")


@dataclass(eq=False)
class Opened:
    """A text file that was opened for reading."""

    text: str


class DataFiles(Methods):
    """What ``open`` and those who read from it give, where the file is one of the project's."""

    def _text_of(self, path: Any) -> str | None:
        if isinstance(path, Opened):
            return path.text
        if isinstance(path, str) and not isinstance(path, Assumed):
            return path
        return None

    def file_text(self, path: FilePath) -> str | None:
        """The text of a file of the project; None where there is none that may be read."""
        return None if self.project is None else self.project.data(Path(path.known))

    def _call_builtins_open(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
        if args and isinstance(args[0], FilePath) and mode in READING:
            text = self.file_text(args[0])
            if text is not None:
                return Opened(text)
        return self.unknown(node, "a file that is not one of the project's")

    def _call_json_load(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        text = self._text_of(args[0]) if len(args) == 1 and not kwargs else None
        if text is None:
            return self.unknown(node, "the content of a file")
        try:
            return json.loads(text)
        except ValueError as error:
            raise Raised(error) from None

    def _call_yaml_safe_load(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        text = self._text_of(args[0]) if args else None
        if text is None or "&" in text:  # an anchor may stand for billions of values
            return self.unknown(node, "the content of a file")
        import yaml

        try:
            return yaml.safe_load(text)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise Raised(error) from None

    _call_yaml_load = _call_yaml_full_load = _call_yaml_safe_load

    def of_file(self, owner: Any, name: str, args: list[Any], node: ast.AST) -> Any:
        """A method of an open file or of a path; ``NotImplemented`` where it is no reading."""
        if isinstance(owner, FilePath):
            if name not in ("read_text", "open") or owner.is_text:
                return NotImplemented
            text = self.file_text(owner)
            if text is None or (name == "open" and args and args[0] not in READING):
                return self.unknown(node, "a file that is not one of the project's")
            return text if name == "read_text" else Opened(text)
        match name, args:
            case "read", []:
                return owner.text
            case "readlines", []:
                return owner.text.splitlines(keepends=True)
            case "close", []:
                return None
        return self.unknown(node, f"`{name}` of a file")

    def _iterate(self, value: Any) -> list[Any] | None:
        if isinstance(value, Opened):
            value = Lazy(value.text.splitlines(keepends=True))
        return super()._iterate(value)
