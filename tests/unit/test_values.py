"""Dataclasses whose methods are made late do what those of the standard library do."""

from __future__ import annotations

import ast
import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailwright.base import values


def classes(dataclass: Callable[..., Any], field: Callable[..., Any]) -> dict[str, type]:
    @dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 2
        names: list[str] = field(default_factory=list, compare=False)
        hidden: str = field(default="", repr=False)
        made: dict[str, int] = field(default_factory=dict, init=False, compare=False)

    @dataclass
    class Plain:
        x: int
        y: object = None

        def __post_init__(self) -> None:
            self.x += 1

    @dataclass(frozen=True)
    class Below(Point):  # type: ignore[valid-type,misc]
        z: int = 3

        def __repr__(self) -> str:
            return "shown otherwise"

    @dataclass(slots=True, eq=False)
    class Itself:
        x: int = 1

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        x: int
        y: int = 1
        value: int = 2

    return {made.__name__: made for made in (Point, Plain, Below, Itself, Named)}


OURS, THEIRS = classes(values.dataclass, values.field), classes(dataclasses.dataclass, dataclasses.field)
CALLS: list[tuple[str, tuple[object, ...], dict[str, object]]] = [
    ("Point", (1,), {}),
    ("Point", (1, 3), {"names": ["a"], "hidden": "canary"}),
    ("Point", (), {"y": 1, "x": 5}),
    ("Point", (), {}),
    ("Point", (1, 2, [], "", {}), {}),
    ("Plain", (1,), {"y": 2}),
    ("Below", (1, 2), {"z": 4}),
    ("Itself", (), {}),
    ("Named", (), {"x": 2}),
    ("Named", (), {"x": 2, "value": 3}),
    ("Named", (2,), {}),
]


def outcome(work: Callable[[], object]) -> object:
    try:
        return work()
    except (TypeError, AttributeError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize(("name", "arguments", "named"), CALLS)
def test_the_same_as_the_standard_library(name: str, arguments: tuple[object, ...], named: dict[str, object]) -> None:
    def told(made: dict[str, type], *, before: int = 0) -> list[object]:
        cls = made[name]
        for _ in range(before):  # so many that the method has been compiled
            cls(x=1)
        value = outcome(lambda: cls(*arguments, **named))
        if isinstance(value, type):
            return [value]
        assert dataclasses.is_dataclass(value)
        assert not isinstance(value, type)
        again = cls(*arguments, **named)
        return [
            repr(value).rpartition(".")[2],
            value == again,
            value != again,
            value == object(),
            outcome(lambda: hash(value) == hash(again)),
            outcome(lambda: setattr(value, "x", 9)),
            outcome(lambda: delattr(value, "x")),
            outcome(lambda: dataclasses.asdict(value)),
            outcome(lambda: repr(dataclasses.replace(value, x=7)).rpartition(".")[2]),
            outcome(lambda: repr(copy.copy(value)) == repr(value)),
            [(each.name, each.init, each.repr, each.compare) for each in dataclasses.fields(value)],
            hasattr(value, "__dict__"),
            cls.__match_args__,  # type: ignore[attr-defined]
        ]

    assert told(OURS) == told(classes(values.dataclass, values.field), before=20) == told(THEIRS)


@values.dataclass(frozen=True, slots=True)
class Sent:
    """Goes to another process."""

    x: int
    y: str = "b"


def test_a_value_goes_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(Sent(1, "c"))) == Sent(1, "c")


@pytest.mark.parametrize("name", list(OURS))
def test_a_few_values_are_made_without_a_method_of_their_own(name: str) -> None:
    """And are the same as those that come when there is one."""
    first, last = classes(values.dataclass, values.field)[name], classes(values.dataclass, values.field)[name]
    for _ in range(20):
        last(x=1)
    assert "_of_x" in vars(last)["__init__"].__globals__
    assert "_of_x" not in vars(first)["__init__"].__globals__
    assert repr(first(x=1)) == repr(last(x=1))
    assert "_of_x" not in vars(first)["__init__"].__globals__


def test_the_method_is_compiled_for_many_values() -> None:
    class Late:
        x: int = 1

    late = values.dataclass(frozen=True)(Late)
    before = late.__init__
    for _ in range(20):
        late()
    assert late.__init__ is not before
    assert list(inspect.signature(late.__init__).parameters) == ["self", "x"]


def test_classes_of_the_package_are_made_this_way() -> None:
    """One class of the standard library's costs as much as twenty."""
    package = Path(values.__file__).parents[1]
    taken = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "dataclasses"
        and "dataclass" in {alias.name for alias in node.names}
    }
    assert taken == {"base/values.py"}
