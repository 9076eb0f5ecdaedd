"""Symbolic data flow: the document a state receives, as a tree whose leaves say where they come from.

A document is a constant, an object or a list of documents, a reference into the run (the execution's
input, a task's result, the run's context), text with documents in it, what a function makes of
documents, or lost: nothing in a DAG holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dagmig.asl.lift.lists import Lists

Key = str | int
MAX_DEPTH = 60
MAX_NODES = 5000
LARGE = 150


class Maybe(str):
    """A key that may not be there, where a ResultPath makes an object: what it leads to is empty then."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A JSON constant."""

    value: Any


@dataclass(frozen=True, slots=True)
class Obj:
    fields: Mapping[str, Doc]


@dataclass(frozen=True, slots=True)
class Arr:
    items: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """``path`` into the execution's input (``task`` and ``context`` empty), into what ``task`` returned
    or into a name of the run's context (``run_id``). ``is_text``: the base is JSON text, not a value.

    ``key`` is that of an XCom that is no result. Where an item of a Map is worked on, ``index`` is the name
    of its number, which chooses the instance of ``task``, or with ``is_item`` the item of what it returned.
    ``is_list``: without a ``path`` it is surely a list. ``may_lack``: a variable that some paths do not set.
    """

    task: str = ""
    path: tuple[Key, ...] = ()
    is_text: bool = False
    context: str = ""
    key: str = ""
    index: str = ""
    is_item: bool = False
    is_list: bool = False
    may_lack: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Documents written one after another into a string; constants are ``Known`` strings.

    ``writer`` is the function that writes what is no string.
    """

    parts: tuple[Doc, ...]
    writer: str = "as_text"


@dataclass(frozen=True, slots=True)
class Made:
    """``path`` into what a function that the DAG carries along makes of documents: ``function(a, b)``.

    ``rest`` are further arguments as Python source.
    """

    function: str
    arguments: tuple[Doc, ...]
    rest: tuple[str, ...] = ()
    path: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """Data that the machine has here and the DAG has not; ``reason`` ends an explanation."""

    reason: str


Doc = Known | Obj | Arr | Ref | Text | Made | Lost
UNSET = Lost("the variable is not set on this path")
INPUT = Ref()
NO_LISTS = Lists()
EMPTY = Known({})
INSTANCE = "ti.map_index"  # the number of an item, as the task that works on it knows it


@dataclass(frozen=True, slots=True)
class Scene:
    """What a state sees on entry: its input document, the variables in scope, inside of a Map the part of
    the context object that describes the item, in a Catch the error, and the state's name. ``lists`` are the
    names of lists in its JSONata, ``given`` is the execution's input.
    """

    document: Doc = INPUT
    variables: Mapping[str, Doc] = field(default_factory=dict)
    item: Doc | None = None
    error: Doc | None = None
    state: str = ""
    lists: Lists = NO_LISTS
    given: Doc = INPUT

    def seeing(self, document: Doc) -> Scene:
        """The same with another input."""
        return replace(self, document=document)


def known(doc: Doc) -> bool:
    """Whether the document is a constant through and through."""
    match doc:
        case Known():
            return True
        case Obj(fields):
            return all(known(child) for child in fields.values())
        case Arr(items):
            return all(known(child) for child in items)
    return False


def plain(doc: Doc) -> Any:
    """The JSON value of a document that is ``known``."""
    match doc:
        case Known(value):
            return value
        case Obj(fields):
            return {key: plain(child) for key, child in fields.items()}
        case Arr(items):
            return [plain(child) for child in items]
    raise TypeError(f"not a constant: {doc}")


def losses(doc: Doc) -> Iterator[str]:
    """Why parts of the document are lost, in order."""
    match doc:
        case Lost(reason):
            yield reason
        case _:
            for child in inside(doc):
                yield from losses(child)


def is_list(doc: Doc) -> bool:
    """Whether a document is surely a list."""
    match doc:
        case Arr() | Known(list()) | Ref(path=(), is_list=True):
            return True
    return False


def select(doc: Doc, path: tuple[Key, ...]) -> Doc:
    """The part of a document that a single-valued path names."""
    for depth, key in enumerate(path):
        match doc:
            case Ref() | Made():
                return replace(doc, path=(*doc.path, *path[depth:]))
            case Obj() if isinstance(key, str) and (found := field_of(doc, key)) is not None:
                doc = found
            case Arr(items) if isinstance(key, int) and -len(items) <= key < len(items):
                doc = items[key]
            case Known(dict() as value) if key in value:
                doc = Known(value[key])
            case Known(list() as value) if isinstance(key, int) and -len(value) <= key < len(value):
                doc = Known(value[key])
            case Lost():
                return doc
            case _:
                return Lost(f"`{key}` is not in the data at that point")
    return doc


def insert(doc: Doc, path: tuple[Key, ...], value: Doc) -> Doc:
    """``doc`` with ``value`` at ``path`` (a ``ResultPath``); objects on the way are made."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(doc, Known) and isinstance(doc.value, dict):
        doc = Obj({name: Known(child) for name, child in doc.value.items()})
    match doc:
        case Obj(fields) as found if isinstance(key, str):
            inner = EMPTY if not rest else _object_at(found, key)
            return Obj({**fields, key: insert(inner, rest, value)})
        case Ref() | Made() if isinstance(key, str):
            inner = EMPTY if not rest else _object_at(doc, key)
            return Obj({OTHERS: doc, key: insert(inner, rest, value)})
        case Lost():
            return doc
    return Lost(f"`{key}` cannot be put into the data at that point")


def _object_at(doc: Obj | Ref | Made, key: str) -> Doc:
    """The object under a key, an empty one where there is none."""
    match doc:
        case Obj(fields) if key not in fields and OTHERS not in fields:
            return EMPTY
        case Obj(fields) if key in fields:
            return fields[key]
        case Obj(fields):
            return select(fields[OTHERS], (Maybe(key),))
    return select(doc, (Maybe(key),))


OTHERS = "\0others"  # the key under which an object keeps the reference that holds its other fields


WHERE_SET = "where_set"  # the companion that leaves out what the path has not set


def members(docs: Mapping[str, Doc]) -> Doc:
    """Variables by name as an object, without those that are ``UNSET``, or are not set when it is made."""
    held: dict[Ref, list[Doc]] = {}
    sure: dict[str, Doc] = {}
    for name, doc in docs.items():
        if isinstance(doc, Ref) and doc.may_lack and doc.path == (name,):
            held.setdefault(replace(doc, path=(), may_lack=False), []).append(Known(name))
        elif doc is not UNSET:
            sure[name] = doc
    if not held:
        return Obj(sure)
    others = Made(WHERE_SET, tuple(Arr((base, *names)) for base, names in held.items()))
    return Obj({OTHERS: others, **sure}) if sure else others


def field_of(doc: Obj, key: str) -> Doc | None:
    """A field of an object, also one that only the reference it was extended from has; None if neither."""
    if key in doc.fields:
        return doc.fields[key]
    return select(doc.fields[OTHERS], (key,)) if OTHERS in doc.fields else None


def indexed(doc: Doc, old: str, new: str) -> Doc:
    """The document with the item's number under another name."""
    match doc:
        case Ref(index=found) if found == old:
            return replace(doc, index=new)
        case Ref(context=found) if found == old:
            return replace(doc, context=new)
        case Obj(fields):
            return Obj({key: indexed(child, old, new) for key, child in fields.items()})
        case Arr(items):
            return Arr(tuple(indexed(child, old, new) for child in items))
        case Text(parts):
            return replace(doc, parts=tuple(indexed(child, old, new) for child in parts))
        case Made(arguments=arguments):
            return replace(doc, arguments=tuple(indexed(child, old, new) for child in arguments))
    return doc


def replaced(doc: Doc, new: Callable[[Ref], Doc]) -> Doc:
    """The document with ``new(ref)`` in place of each reference."""
    match doc:
        case Ref():
            return new(doc)
        case Obj(fields):
            return Obj({key: replaced(child, new) for key, child in fields.items()})
        case Arr(items):
            return Arr(tuple(replaced(child, new) for child in items))
        case Text(parts):
            return replace(doc, parts=tuple(replaced(child, new) for child in parts))
        case Made(arguments=arguments):
            return replace(doc, arguments=tuple(replaced(child, new) for child in arguments))
    return doc


def instance(doc: Doc, task: str, index: str) -> Doc:
    """The document with the references to a mapped task made to the instance of that number."""
    match doc:
        case Ref(task=found) if found == task:
            return replace(doc, index=index)
        case Obj(fields):
            return Obj({key: instance(child, task, index) for key, child in fields.items()})
    return doc


_BLAME = re.compile("\0(/[^\0]*)\0")


def blame(pointer: str) -> str:
    """The mark of a state in a reason; empty where its name cannot be in one."""
    return "" if "\0" in pointer else f"\0{pointer}\0"


def blamed(doc: Doc, mark: str) -> Doc:
    """A result in which what is lost is marked with the pointer of the state that could give it."""
    match doc:
        case Lost(reason):
            return Lost(reason + mark)
        case Obj(fields):
            return Obj({key: blamed(child, mark) for key, child in fields.items()})
    return doc


def unblamed(text: str) -> tuple[str, list[str]]:
    """A text as a person reads it, and the pointers that are marked in it."""
    return _BLAME.sub("", text), _BLAME.findall(text)


def made(doc: Doc) -> Iterator[Made]:
    """The outermost parts of a document that functions make."""
    if isinstance(doc, Made):
        yield doc
        return
    for child in inside(doc):
        yield from made(child)


def is_large(doc: Doc) -> bool:
    """Whether a document has very many parts."""
    waiting, count = [doc], 0
    while waiting and count <= LARGE:
        count += 1
        waiting += inside(waiting.pop())
    return count > LARGE


def bounded(doc: Doc) -> Doc:
    """The document, or a loss where it has grown so large or deep that following it would not end."""
    level, count = [doc], 0
    for _ in range(MAX_DEPTH):
        count += len(level)
        if not level or count > MAX_NODES:
            break
        level = [child for each in level for child in inside(each)]
    return doc if not level else Lost("the data is too large to be followed")


def inside(doc: Doc) -> Iterable[Doc]:
    """The documents that a document is made of."""
    match doc:
        case Obj(fields):
            return fields.values()
        case Arr(items) | Text(items) | Made(arguments=items):
            return items
    return ()


def merge(documents: list[Doc]) -> Doc:
    """One document for a place that several paths lead to; where they differ it is lost."""
    first = documents[0]
    if all(doc == first for doc in documents):
        return first
    objects = [doc for doc in documents if isinstance(doc, Obj)]
    if len(objects) == len(documents) and all(set(doc.fields) == set(objects[0].fields) for doc in objects):
        return Obj({key: merge([doc.fields[key] for doc in objects]) for key in objects[0].fields})
    return Lost("it depends on the path that was taken to this state")
