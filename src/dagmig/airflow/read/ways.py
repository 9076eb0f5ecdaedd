"""Several ways a file may go on: each is run from the same state, and what differs is unknown afterwards."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable
from typing import Any

from dagmig.airflow.read.comprehensions import Comprehensions
from dagmig.airflow.read.doubts import EITHER
from dagmig.airflow.read.evaluation import LoopControl, Raised, Return, is_deeply_known
from dagmig.airflow.read.objects import Lazy, Ref, Scope, Unsure

MISSING = Unsure(ast.Name("missing", ast.Load()))
Journal = dict[int, tuple[Any, Any]]
OUT = (Return, LoopControl, Raised)


class Ways(Comprehensions):
    """Branches nobody can decide."""

    def either(
        self, node: ast.AST, scope: Scope, first: Callable[[], Any], second: Callable[[], Any], why: str
    ) -> None:
        """Both ways, one after the other; what comes out differently is unknown afterwards."""
        self.ways(node, scope, [first, second], why)

    def ways(
        self,
        node: ast.AST,
        scope: Scope,
        ways: list[Callable[[], Any]],
        why: str,
        follows: str = EITHER,
    ) -> None:
        effects, ends, out = self.effects, [], []
        pending = len(self.pending)
        touched: Journal = {}
        for way in ways:
            self.journals.append({})
            left: Exception | None = None
            self.undecided += 1
            try:
                self.touch_names(scope)
                way()
            except OUT as found:
                left = found
            except Exception:
                self.journals.pop()
                raise
            finally:
                self.undecided -= 1
            journal = self.journals.pop()
            end = {key: copied(container) for key, (container, _) in journal.items()}
            for key, (container, before) in journal.items():
                touched.setdefault(key, (container, before))
                restore(container, before)
            if isinstance(left, Raised) and not self.guards:
                continue  # the file would not load
            if left is None:
                ends.append(end)
            else:
                out.append(left)
        for container, _ in touched.values():
            self.touch(container)
        if self.effects != effects:
            self.doubt(node, why, follows=follows)
        self._join(touched, ends, node, why)
        if not ends:
            self._leave(out, node, why)
        self.pending[pending:] = [*self.pending[pending:], *out]

    def _join(self, touched: Journal, ends: list[dict[int, Any]], node: ast.AST, why: str) -> None:
        for key, (container, before) in touched.items():
            states = [end.get(key, before) for end in ends] or [before]
            if all(same(states[0], state) for state in states[1:]):
                restore(container, states[0])
            elif id(container) in self.scopes:
                self._join_names(container, states, node, why)
            else:
                self.blur(container, node, why)

    def _join_names(self, names: dict[str, Any], states: list[Any], node: ast.AST, why: str) -> None:
        for name in dict.fromkeys(name for state in states for name in state):
            found = [state.get(name, MISSING) for state in states]
            if all(same(found[0], one) for one in found[1:]):
                names[name] = found[0]
                continue
            given = [one for one in found if one is not MISSING]
            is_defined = len(given) < len(found) and all(same(given[0], one) for one in given)
            names[name] = given[0] if is_defined else Unsure(node, why)

    def _leave(self, out: list[Any], node: ast.AST, why: str) -> None:
        """All ways leave: alike, or nobody knows how."""
        if not out:
            raise Raised
        if all(isinstance(one, Return) for one in out):
            values = [one.value for one in out]
            same = all(same(values[0], value) for value in values)
            raise Return(values[0] if same else Unsure(node, why))
        self.pending += out[:-1]
        raise out[-1]

    def note(self, container: Any, journal: Any) -> None:
        """Hand an entry of a finished journal to the one around it, as it was before."""
        if self.journals:
            self.journals[-1].setdefault(id(container), journal[id(container)])

    def forget_order(self, container: Any, before: Any, node: ast.AST) -> None:
        """What rounds in an unknown order left: the last value of a name, and text or numbers in a list."""
        why = "the order of a set is not known"
        if id(container) in self.scopes:
            for name, value in list(container.items()):
                if not same(before.get(name, MISSING), value) and not isinstance(value, (list, dict, set)):
                    container[name] = Unsure(node, why)
        elif isinstance(container, (list, dict)) and is_deeply_known(container):
            is_reordered = (
                list(container) != list(before) if isinstance(container, dict) else container != before
            )
            if is_reordered:
                self.blur(container, node, why)

    def blur(self, container: Any, node: ast.AST, why: str) -> None:
        """From here on nobody knows what the container holds."""
        mark = Unsure(node, why)
        self.blurred[id(container)] = container
        match container:
            case dict():
                container.clear()
                container["**"] = mark
            case list():
                container[:] = [mark]
            case set():
                container.clear()
                container.add(mark)
            case deque():
                container.clear()
                container.append(mark)
            case Lazy():
                container.items[:] = [mark]


def copied(container: Any) -> Any:
    """The state of a container."""
    return Lazy(list(container.items)) if isinstance(container, Lazy) else container.copy()


def restore(container: Any, state: Any) -> None:
    """Make a container what ``copied`` gave."""
    match container:
        case dict() | set():
            container.clear()
            container.update(state)
        case list():
            container[:] = state
        case deque():
            container.clear()
            container.extend(state)
        case Lazy():
            container.items[:] = state.items


def same(one: Any, other: Any) -> bool:
    """Whether nobody could tell two values apart."""
    if one is other:
        return True
    if isinstance(one, Ref) and isinstance(other, Ref):
        return one.name.rpartition(".")[2] == other.name.rpartition(".")[2]
    if type(one) is not type(other):
        return False
    if isinstance(one, Lazy):
        return len(one.items) == len(other.items) and all(map(same, one.items, other.items))
    if isinstance(one, (list, tuple, deque)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return is_deeply_known(one) and is_deeply_known(other) and bool(one == other)
