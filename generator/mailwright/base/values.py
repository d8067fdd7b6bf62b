"""``dataclass`` as the standard library has it, whose methods are made when they are first needed.

The standard library compiles five or six methods for each class when it is defined; most commands never make a value of most classes.
Here a class costs little more than any class. Its first few values are filled field by field, then one method is compiled; the others
are shared, or made when they are first called. What the classes do is the same, also for ``dataclasses.replace`` and ``fields``.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, field, fields
from dataclasses import dataclass as _dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

__all__ = ["dataclass", "field"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True, kw_only=False):
        """Make a dataclass of a class."""
        if cls is None:
            return lambda cls: _made(cls, frozen=frozen, slots=slots, eq=eq, kw_only=kw_only)
        return _made(cls)


def _made(cls: type, *, frozen: bool = False, slots: bool = False, eq: bool = True, kw_only: bool = False) -> type:
    own = dict(vars(cls))
    names = own.get("__annotations__", {})
    late = bool(slots and names and cls.__bases__ == (object,)) and not any(
        word in str(kind) for kind in names.values() for word in _SPECIAL
    )
    known = _Known(cls, {name: own.pop(name, MISSING) for name in names} if late else None, frozen=frozen, kw_only=kw_only)
    given: dict[str, object] = {"__init__": known.first_init(), "__repr__": _repr}
    if eq:
        given |= {"__eq__": known.first_equal(), "__hash__": known.first_hash() if frozen else None}
    if frozen:
        given |= _FROZEN_SLOTS if slots else _FROZEN
    given = {name: value for name, value in given.items() if name not in own or (name == "__hash__" and own[name] is None)}
    if late:
        kept = {name: value for name, value in own.items() if name not in _OF_OBJECTS}
        known.cls = type(cls.__name__, (), {**kept, "__slots__": tuple(names), **known.parts(), **given})
        known.cls.__qualname__ = cls.__qualname__
        return known.cls
    cls.__doc__ = cls.__doc__ or cls.__name__  # else a signature is worked out for it
    known.cls = _dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
    for name, value in given.items():
        setattr(known.cls, name, value)
    return known.cls


_OF_OBJECTS = frozenset(("__dict__", "__weakref__"))
_SPECIAL = ("ClassVar", "InitVar", "KW_ONLY")
"""What the library makes something else of than a field."""

_FEW = 16
"""For how many values no method is compiled."""


class _Known:
    """What is known of a class's fields, and the methods that are made of it when they are first called.

    Attributes:
        cls: The class that the methods are of: with slots it is not the one that was given.
    """

    _PARTS = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")

    def __init__(self, cls: type, given: dict[str, Any] | None, *, frozen: bool, kw_only: bool) -> None:
        """Take what stands behind each field in the body of a class; None where the library has worked it out."""
        self.cls = cls
        self._given, self._frozen, self._kw_only = given, frozen, kw_only

    def parts(self) -> dict[str, _Part]:
        """Return what stands for what the library adds to a class, until somebody asks for it."""
        return {name: _Part(self, name) for name in self._PARTS}

    def finish(self) -> None:
        """Have the library add it."""
        assert self._given is not None
        given = {name: value for name, value in self._given.items() if value is not MISSING}
        told = {name: vars(self.cls)[name] for name in ("__module__", "__annotations__")}
        draft = type(self.cls.__name__, (), {"__doc__": "-", **told, **given})
        done: type = _dataclass(init=False, repr=False, eq=False, kw_only=self._kw_only)(draft)
        for name in self._PARTS:
            setattr(self.cls, name, vars(done)[name])

    @cached_property
    def _fields(self) -> list[_Plain]:
        if self._given is None:
            return [
                _Plain(each.name, each.default, each.default_factory, each.init, bool(each.kw_only), each.compare)
                for each in fields(self.cls)
            ]
        found = []
        for name, value in self._given.items():
            if isinstance(value, Field):
                kw_only = self._kw_only if value.kw_only is MISSING else value.kw_only
                found.append(_Plain(name, value.default, value.default_factory, value.init, kw_only, value.compare))
            else:
                found.append(_Plain(name, value, MISSING, True, self._kw_only, True))
        return found

    def first_init(self) -> Any:
        """Return an ``__init__`` that does for a few values, and then compiles the real one."""
        made = 0
        names: list[str] = []

        def __init__(value: object, /, *args: object, **named: object) -> None:  # noqa: N807
            nonlocal made, names
            made += 1
            names = names or [each.name for each in self._fields if each.init and not each.kw_only]
            given = dict(zip(names, args), **named) if not named.keys() & names[: len(args)] else {}  # noqa: B905
            if made > _FEW or len(given) != len(args) + len(named) or not self._fill(value, given):
                real = self.cls.__init__ = self._init()  # type: ignore[misc]  # which also says what is wrong
                real(value, *args, **named)

        return __init__

    def _fill(self, value: Any, given: dict[str, object]) -> bool:
        """Set the fields of a value; return False, and set none, where one is missing or something else was given."""
        content = {}
        for each in self._fields:
            if each.init and each.name in given:
                content[each.name] = given.pop(each.name)
            elif each.factory is not MISSING:
                content[each.name] = each.factory()
            elif each.default is not MISSING:
                content[each.name] = each.default
            else:
                return False
        if given:
            return False
        for name, one in content.items():
            object.__setattr__(value, name, one)
        if hasattr(self.cls, "__post_init__"):
            value.__post_init__()
        return True

    def _init(self) -> Any:
        names: dict[str, object] = {"_set": object.__setattr__, "_missing": MISSING}
        positional: list[str] = []
        named: list[str] = []
        body: list[str] = []
        for each in self._fields:
            name, made = each.name, f"_of_{each.name}"
            names[made] = each.default if each.factory is MISSING else each.factory
            default, value = (f"={made}", name) if each.default is not MISSING else ("", name)
            if each.factory is not MISSING:
                default, value = "=_missing", f"{made}() if {name} is _missing else {name}"
            if each.init:
                (named if each.kw_only else positional).append(f"{name}{default}")
            else:
                value = f"{made}()" if each.factory is not MISSING else made
            body.append(f" _set(self, {name!r}, {value})" if self._frozen else f" self.{name} = {value}")
        body += [" self.__post_init__()"] if hasattr(self.cls, "__post_init__") else []
        parameters = ", ".join(["self", *positional, *(["*", *named] if named else [])])
        exec(f"def __init__({parameters}):\n" + "\n".join(body or [" pass"]), names)  # noqa: S102 -- names of fields and nothing else
        return names["__init__"]

    def first_equal(self) -> Any:
        """Return what makes the real ``__eq__`` when the first value is compared."""

        def first(value: object, other: object) -> object:
            content = self._compared()

            def equal(self: object, other: object) -> object:
                return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

            self.cls.__eq__ = equal  # type: ignore[assignment]
            return equal(value, other)

        return first

    def first_hash(self) -> Any:
        """Return what makes the real ``__hash__`` when the first value is hashed."""

        def first(value: object) -> int:
            content = self._compared()

            def digest(self: object) -> int:
                return hash(content(self))

            self.cls.__hash__ = digest  # type: ignore[assignment]
            return digest(value)

        return first

    def _compared(self) -> Any:
        """Return what takes out of a value what it is compared by."""
        names = [each.name for each in self._fields if each.compare]
        return attrgetter(*names) if names else lambda _: ()


class _Plain(NamedTuple):
    """A field."""

    name: str
    default: Any
    factory: Any
    init: bool
    kw_only: bool
    compare: bool


class _Part:
    __slots__ = ("_known", "_name")

    def __init__(self, known: _Known, name: str) -> None:
        self._known, self._name = known, name

    def __get__(self, instance: object, asked: type) -> object:
        self._known.finish()
        return vars(self._known.cls)[self._name]


def _repr(self: object) -> str:
    shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)  # type: ignore[arg-type]
    return f"{self.__class__.__qualname__}({shown})"


def _refuse_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: object) -> list[object]:
    return [getattr(self, each.name) for each in fields(self)]  # type: ignore[arg-type]


def _set_state(self: object, state: list[object]) -> None:
    for each, value in zip(fields(self), state, strict=True):  # type: ignore[arg-type]
        object.__setattr__(self, each.name, value)


_FROZEN: dict[str, object] = {"__setattr__": _refuse_set, "__delattr__": _refuse_delete}
_FROZEN_SLOTS = {**_FROZEN, "__getstate__": _state, "__setstate__": _set_state}
