"""The kinds of values that programs compute with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from airflow_read.programs import stand_in_names, stand_ins

Test = Callable[[Any], bool]


def _all(kind: type, test: Test) -> Test:
    return lambda value: type(value) is kind and len(value) <= 12 and all(test(item) for item in value)


def _dict(test: Test) -> Test:
    def accepts(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and len(value) <= 12
            and all(type(k) is str and test(v) for k, v in value.items())
        )

    return accepts


def _s(value: Any) -> bool:
    return type(value) is str and len(value) <= 80


def _i(value: Any) -> bool:
    return type(value) is int and abs(value) <= 10**6


def _pair(value: Any) -> bool:
    return type(value) is tuple and len(value) == 2 and _s(value[0]) and _i(value[1])


def _record(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() >= {"name", "size", "needs"}


TESTS: dict[str, Test] = {
    "s": _s,
    "i": _i,
    "n": lambda value: type(value) is int and 0 <= value <= 9,
    "b": lambda value: type(value) is bool,
    "ls": lambda value: _all(list, _s)(value) and bool(value),
    "li": lambda value: _all(list, _i)(value) and bool(value),
    "ts": lambda value: _all(tuple, _s)(value) and bool(value),
    "ss": lambda value: type(value) is set and bool(value) and all(map(_s, value)),
    "lls": lambda value: _all(list, _all(list, _s))(value) and bool(value),
    "lp": lambda value: _all(list, _pair)(value) and bool(value),
    "dsi": lambda value: _dict(_i)(value) and bool(value),
    "dss": lambda value: _dict(_s)(value) and bool(value),
    "dsl": lambda value: _dict(_all(list, _s))(value) and bool(value),
    "record": _record,
    "lr": lambda value: _all(list, _record)(value) and bool(value),
    "td": lambda value: type(value) is timedelta and timedelta(0) < value < timedelta(days=400),
    "dt": lambda value: type(value) is datetime and datetime(1980, 1, 1) < value < datetime(2040, 1, 1),
    "id": lambda value: (
        _s(value) and len(value) < 40 and stand_ins.ID.fullmatch(value) is not None and "." not in value
    ),
    "t": lambda value: isinstance(value, stand_ins.Operator),
    "lt": lambda value: (
        type(value) is list and bool(value) and all(isinstance(v, stand_ins.Operator) for v in value)
    ),
    "dt_": lambda value: (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(v, stand_ins.Operator) for v in value.values())
    ),
    "x": lambda value: isinstance(value, stand_ins.XCom),
    "g": lambda value: isinstance(value, stand_ins.Group) and bool(value.children),
    "side": lambda value: (
        isinstance(value, stand_ins.Linked) and not isinstance(value, stand_ins.Label) and bool(value.nodes())
    ),
    "sides": lambda value: (
        type(value) in (list, tuple) and bool(value) and all(isinstance(v, stand_ins.Linked) for v in value)
    ),
    "tf": lambda value: isinstance(value, stand_in_names.TaskFactory),
    "gf": lambda value: isinstance(value, stand_in_names.GroupFactory),
    "rule": lambda value: isinstance(value, str) and value in RULES,
    "kw": lambda value: isinstance(value, dict) and value.keys() <= ARGUMENTS,
    "any": lambda value: any(TESTS[kind](value) for kind in PLAIN),
}
PLAIN = ("s", "i", "b", "ls", "li", "ts", "lls", "lp", "dsi", "dss", "dsl", "record", "lr", "td", "dt")
ARGUMENTS = {"retries", "trigger_rule", "retry_delay", "execution_timeout", "owner"}
RULES = ("all_success", "all_done", "one_failed", "none_failed", "none_failed_min_one_success", "all_failed")
SAMPLES: dict[str, Any] = {
    "s": "mx",
    "i": 3,
    "n": 2,
    "b": True,
    "ls": ["pa", "qb"],
    "li": [4, 1],
    "ts": ("ta", "ub"),
    "ss": {"va"},
    "lls": [["ga", "hb"], ["ic"]],
    "lp": [("ka", 2), ("lb", 5)],
    "dsi": {"ma": 1, "nb": 4},
    "dss": {"oa": "z", "pb": "y"},
    "dsl": {"da": ["e", "f"], "gb": ["h"]},
    "record": {"name": "ra", "size": 2, "needs": ["sb"]},
    "lr": [{"name": "ra", "size": 2, "needs": ["sb"]}],
    "td": timedelta(minutes=3),
    "dt": datetime(2024, 2, 3),
    **dict.fromkeys(("id", "t", "lt", "dt_", "x", "g", "side", "sides", "tf", "gf", "rule", "kw", "any")),
}


def is_kind(kind: str, value: Any) -> bool:
    return TESTS[kind](value)
