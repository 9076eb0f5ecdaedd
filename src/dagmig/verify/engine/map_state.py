"""Map states, inline and distributed.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html. Iterations start in the order of the
items, at most MaxConcurrency at once; results are in the order of the items. The items of an object are its
pairs, ``{"Key": ..., "Value": ...}``. A distributed Map's items are child executions with a history of their
own, which see no variables; those that failed and were tolerated leave nothing in the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dagmig.verify.engine.clock import Group, Running
from dagmig.verify.engine.data import Data
from dagmig.verify.engine.errors import ITEM_READER, QUERY, TOLERANCE, StatesError, runtime
from dagmig.verify.engine.filters import kind
from dagmig.verify.engine.flow import Flow, follow
from dagmig.verify.engine.limits import size
from dagmig.verify.engine.sight import ACCOUNT, Branch, Execution, Sight, Spot
from dagmig.verify.engine.templates import JSONATA, Value, number, path, template
from dagmig.verify.engine.trace import Place, Step

JSON = Mapping[str, Any]
Item = tuple[dict[str, Any], Any]  # what the context object says of it, and what it is
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Reading:
    """A distributed Map asks for its items: ``config`` is its ReaderConfig as written."""

    state: str
    place: Place
    resource: str
    arguments: Any
    config: JSON


def work(state: JSON, language: str, data: Data, flow: Flow) -> Callable[[Spot], Running]:
    """All items, from the arguments to the array of their outputs."""
    selector = state.get("ItemSelector", state.get("Parameters") if language != JSONATA else None)
    select = None if selector is None else template(selector, language, "ItemSelector")
    limit = number(state, "MaxConcurrency", language, 0)
    items = _items(state, language, data)
    if not is_distributed(state):
        return _Inline(data, flow, items, select, limit).attempt
    count = number(state, "ToleratedFailureCount", language, 0)
    percentage = number(state, "ToleratedFailurePercentage", language, 0, is_float=True)
    batches = _batches(state["ItemBatcher"], language) if "ItemBatcher" in state else None
    written = _written(state, language) if "ResultWriter" in state else None
    return _Distributed(data, flow, items, select, limit, count, percentage, batches, written).attempt


def processor(state: JSON) -> JSON:
    """The machine that is run for each item."""
    found: JSON = state["ItemProcessor"] if "ItemProcessor" in state else state["Iterator"]
    return found


def is_distributed(state: JSON) -> bool:
    config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    return bool(config.get("Mode") == "DISTRIBUTED")


@dataclass(frozen=True, slots=True)
class _Inline:
    data: Data
    flow: Flow
    items: Callable[[Sight], list[Item]]
    select: Value | None
    limit: Value

    def attempt(self, spot: Spot) -> Running:
        sight = self.data.sight(spot)
        history = spot.branch.execution.history
        limit = self.limit(sight)
        items = self.items(sight)
        history.add()
        starts = [
            partial(self._iteration, spot, sight.document, index, *item) for index, item in enumerate(items)
        ]
        results = yield from Group(spot.branch.run.clock, starts, limit).run()
        history.add()
        return results

    def _iteration(self, spot: Spot, document: Any, index: int, item: dict[str, Any], value: Any) -> Running:
        history = spot.branch.execution.history
        history.add()
        given = _selected(self.select, spot, document, item, value)
        place = (*spot.branch.place, Step(spot.state, index, True))
        output = yield from follow(self.flow, spot.branch.inner(place, item), given)
        history.add()
        return output


@dataclass(frozen=True, slots=True)
class _Distributed:
    data: Data
    flow: Flow
    items: Callable[[Sight], list[Item]]
    select: Value | None
    limit: Value
    count: Value
    percentage: Value
    batches: Callable[[Sight, list[Any]], list[Any]] | None
    written: Callable[[Sight], Any] | None

    def attempt(self, spot: Spot) -> Running:
        sight = self.data.sight(spot)
        history, run = spot.branch.execution.history, spot.branch.run
        limit, count, percentage = self.limit(sight), self.count(sight), self.percentage(sight)
        if not 0 <= percentage <= 100:
            raise runtime("ToleratedFailurePercentage must be between 0 and 100.")
        inputs = [
            _selected(self.select, spot, sight.document, item, value) for item, value in self.items(sight)
        ]
        if self.batches is not None:
            inputs = self.batches(sight, inputs)
        history.add(2)  # the Map state and its run have started

        def tolerates(failures: int) -> bool:
            return bool(failures <= count or failures * 100 <= percentage * len(inputs))

        starts = [partial(self._child, spot, index, given) for index, given in enumerate(inputs)]
        group = Group(run.clock, starts, limit, tolerates)
        try:
            results = yield from group.run()
        except StatesError as error:
            cause = "The specified tolerated failure threshold was exceeded"
            raise StatesError(TOLERANCE, cause) from error
        history.add(2)
        if self.written is not None:
            return self.written(sight)
        return [result for result in results if not isinstance(result, StatesError)]

    def _child(self, spot: Spot, index: int, given: Any) -> Running:
        run, parent = spot.branch.run, spot.branch.execution
        name, machine = f"{parent.name}-{spot.state}-{index}", f"{parent.machine}/{spot.state}"
        child = Execution(name, machine, given, run.moment())
        child.history.add()
        place = (*spot.branch.place, Step(spot.state, index, True))
        output = yield from follow(self.flow, Branch(run, child, place), given)
        return output


def _selected(select: Value | None, spot: Spot, document: Any, item: dict[str, Any], value: Any) -> Any:
    if select is None:
        return value
    at = Spot(spot.branch, spot.state, spot.input, spot.entered, spot.event, spot.retry_count, item=item)
    return select(Sight(at, document))


def _items(state: JSON, language: str, data: Data) -> Callable[[Sight], list[Item]]:
    if "ItemReader" in state:
        return _read(state["ItemReader"], language)
    if language == JSONATA:
        find = template(state["Items"], language, "Items") if "Items" in state else data.arguments
    else:
        find = path(state.get("ItemsPath", "$"))
    return lambda sight: list(_listed(find(sight)))


def _listed(found: Any) -> Iterator[Item]:
    """Raises ``States.QueryEvaluationError``, in JSONPath too, for what is neither array nor object."""
    match found:
        case list():
            for index, value in enumerate(found):
                yield {"Index": index, "Value": value}, value
        case dict():
            for index, (key, value) in enumerate(found.items()):
                yield {"Index": index, "Key": key, "Value": value}, {"Key": key, "Value": value}
        case _:
            cause = f"Map state input must be an array but was: {kind(found)}"
            raise StatesError(QUERY, cause, is_evaluation=True)


def _read(reader: JSON, language: str) -> Callable[[Sight], list[Item]]:
    """The items of an ItemReader, whose file is not read but asked for."""
    fields = reader.get("Arguments" if language == JSONATA else "Parameters")
    arguments = template(fields, language, "ItemReader/Arguments")
    config = reader.get("ReaderConfig", {})
    most = number(config, "MaxItems", language, NEVER)

    def items(sight: Sight) -> list[Item]:
        spot = sight.spot
        reading = Reading(spot.state, spot.branch.place, reader["Resource"], arguments(sight), config)
        found = spot.branch.run.read(reading)
        if not isinstance(found, list | dict):
            raise StatesError(ITEM_READER, "Attempting to map over non-iterable node.")
        listed = list(_listed(found))
        return listed if (limit := most(sight)) == NEVER else listed[: int(limit)]

    return items


def _batches(batcher: JSON, language: str) -> Callable[[Sight, list[Any]], list[Any]]:
    most = number(batcher, "MaxItemsPerBatch", language, NEVER)
    most_bytes = number(batcher, "MaxInputBytesPerBatch", language, NEVER)
    common = template(batcher["BatchInput"], language, "BatchInput") if "BatchInput" in batcher else None

    def batches(sight: Sight, items: list[Any]) -> list[Any]:
        shared = {} if common is None else {"BatchInput": common(sight)}
        groups: list[list[Any]] = []
        number_of, bytes_of = most(sight), most_bytes(sight)
        for item in items:
            if not groups or len(groups[-1]) >= number_of or size([*groups[-1], item]) > bytes_of:
                groups.append([])
            groups[-1].append(item)
        return [{**shared, "Items": group} for group in groups]

    return batches


def _written(state: JSON, language: str) -> Callable[[Sight], Any]:
    """The result of a Map whose children's outputs go to S3."""
    writer = state["ResultWriter"]
    fields = template(
        writer.get("Arguments" if language == JSONATA else "Parameters", {}), language, "ResultWriter"
    )

    def written(sight: Sight) -> Any:
        place = fields(sight)
        prefix = f"{place['Prefix']}/" if place.get("Prefix") else ""
        spot = sight.spot
        name = f"{spot.branch.execution.machine}/{state.get('Label', spot.state)}"
        details = {
            "Bucket": place.get("Bucket"),
            "Key": f"{prefix}{spot.branch.execution.name}/manifest.json",
        }
        return {
            "MapRunArn": f"{ACCOUNT}:mapRun:{name}:{spot.branch.execution.name}",
            "ResultWriterDetails": details,
        }

    return written
