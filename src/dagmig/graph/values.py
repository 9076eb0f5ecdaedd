"""What an argument may hold: known Python, references into the run, or code kept word for word.

The union is closed: ``match`` over it and end with ``assert_never``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from dagmig.diagnostics import Span
from dagmig.frozen import frozen


class Unknown(Enum):
    """The one value that says: the reader could not know, and has said so in a diagnostic."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN


@frozen(frozen=True, slots=True)
class Literal:
    """A value known in full: None, bool, int, float, str, bytes, date, datetime, timedelta, or
    a list, tuple, set or dict of nothing but such values.

    ``is_assumed`` where it is the default of what is set outside of the file (an environment variable).
    A string that holds Jinja stays a Literal here; ``graph.jinja.parse`` takes it apart.
    """

    value: Any
    is_assumed: bool = field(default=False, compare=False)


@frozen(frozen=True, slots=True)
class Items:
    """A list, tuple or set with at least one member that is not a literal."""

    items: tuple[Value, ...]
    kind: str = "list"


@frozen(frozen=True, slots=True)
class Entries:
    """A dict with at least one key or value that is not a literal, in source order."""

    entries: tuple[tuple[Value, Value], ...]


@frozen(frozen=True, slots=True)
class Output:
    """What a task returned (its XCom): ``key`` of the XCom, then ``path`` into the value."""

    task: str
    key: str = "return_value"
    path: tuple[str | int, ...] = ()


@frozen(frozen=True, slots=True)
class MapItem:
    """What one instance of a mapped task, or of a task in a mapped group, is given: its item, or ``path``
    into it (an argument's name where several are mapped over).
    """

    path: tuple[str | int, ...] = ()


@frozen(frozen=True, slots=True)
class Joined:
    """``.zip()`` or ``.concat()`` of outputs, as ``kind`` says; ``fill`` is what ``zip`` takes where one is
    shorter, None where the shortest ends it.
    """

    kind: str
    parts: tuple[Value, ...]
    fill: Value | None = None


@frozen(frozen=True, slots=True)
class Transformed:
    """``.map(function)`` of an output, or of what was made of some."""

    value: Value
    function: Value


@frozen(frozen=True, slots=True)
class Param:
    """``params.name`` of the run: the DAG's params overridden by the run's conf."""

    name: str
    path: tuple[str | int, ...] = ()


@frozen(frozen=True, slots=True)
class RunContext:
    """A name of the run's template context: ``ds``, ``logical_date``, ``run_id``, ``dag_run.conf`` ...

    ``name`` may be dotted; ``path`` are the keys looked up in it.
    """

    name: str
    path: tuple[str | int, ...] = ()


@frozen(frozen=True, slots=True)
class Variable:
    """An Airflow Variable read when the task runs; ``is_json`` for ``var.json``."""

    name: str
    path: tuple[str | int, ...] = ()
    is_json: bool = False


@frozen(frozen=True, slots=True)
class Connection:
    """A field of an Airflow connection read when the task runs: ``conn.<id>.<attribute>``."""

    id: str
    attribute: str


@frozen(frozen=True, slots=True)
class Template:
    """Text with values in it, which renders to a string; text parts are plain ``str``."""

    parts: tuple[str | Value, ...]


@frozen(frozen=True, slots=True)
class New:
    """A call whose result is not a plain value: ``Asset("s3://...")``, ``V1EnvVar(name=...)``.

    ``type`` is the qualified name as far as the imports tell it.
    """

    type: str
    arguments: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)


@frozen(frozen=True, slots=True)
class Reference:
    """A name that was imported and could not be looked into, qualified: ``my_project.jobs.load``."""

    name: str


@frozen(frozen=True, slots=True)
class Parameter:
    """One parameter of a function; ``kind`` is ``positional``, ``keyword``, ``*`` or ``**``."""

    name: str
    kind: str = "positional"
    default: Value | None = None


@frozen(frozen=True, slots=True)
class Function:
    """A function of the file. ``source`` is a module's text that defines ``name`` and all it uses
    (imports, constants, other functions), word for word; empty where nobody asked for it.

    ``needs`` are the top-level packages the code imports; ``free`` the names it uses that
    the module does not define (a closure), which is why it could not be cut out.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    source: str = ""
    needs: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False)


@frozen(frozen=True, slots=True)
class Opaque:
    """Python that could not be evaluated, word for word, so that Airflow to Airflow stays lossless."""

    source: str
    span: Span | None = field(default=None, compare=False)


Value = (
    Literal
    | Items
    | Entries
    | Output
    | MapItem
    | Joined
    | Transformed
    | Param
    | RunContext
    | Variable
    | Connection
    | Template
    | New
    | Reference
    | Function
    | Opaque
)
