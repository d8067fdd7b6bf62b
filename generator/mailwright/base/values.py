"""``dataclass`` as the standard library has it, whose methods are made when they are first needed.

The standard library compiles five or six methods for each class when it is defined; most commands never make a value of most classes.
Here a class costs little more than any class until its first value is made: then its fields are looked at and one method is compiled; the
others are shared, or made when they are first called. What the classes do is the same, also for ``dataclasses.replace`` and ``fields``.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, field, fields
from dataclasses import dataclass as _dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

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
    made = [cls]  # the class that the methods are of: with slots it is a new one
    given: dict[str, object] = {"__init__": _first_init(made, frozen=frozen), "__repr__": _repr}
    if eq:
        given |= {"__eq__": _first_equal(made), "__hash__": _first_hash(made) if frozen else None}
    if frozen:
        given |= _FROZEN_SLOTS if slots else _FROZEN
    given = {name: value for name, value in given.items() if name not in own or (name == "__hash__" and own[name] is None)}
    names = own.get("__annotations__")
    if (
        names
        and slots
        and cls.__bases__ == (object,)
        and not any(word in str(kind) for kind in names.values() for word in _SPECIAL)
    ):
        draft = _Draft(cls, names, {name: own.pop(name) for name in names if name in own}, kw_only=kw_only)
        kept = {name: value for name, value in own.items() if name not in _OF_OBJECTS}
        made[0] = type(cls.__name__, (), {**kept, "__slots__": tuple(names), **draft.parts(), **given})
        made[0].__qualname__ = cls.__qualname__
        return made[0]
    cls.__doc__ = cls.__doc__ or cls.__name__  # else a signature is worked out for it
    made[0] = _dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
    for name, value in given.items():
        setattr(made[0], name, value)
    return made[0]


_OF_OBJECTS = frozenset(("__dict__", "__weakref__"))
_SPECIAL = ("ClassVar", "InitVar", "KW_ONLY")
"""What the library makes something else of than a field."""


class _Draft:
    """A class of the same fields that the library works out when somebody asks for one of its parts."""

    _PARTS = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")

    def __init__(self, cls: type, annotations: dict[str, object], defaults: dict[str, object], *, kw_only: bool) -> None:
        self._content = {"__module__": cls.__module__, "__doc__": "-", "__annotations__": annotations, **defaults}
        self._kw_only = kw_only

    def parts(self) -> dict[str, _Part]:
        """Return what stands for the parts until then."""
        return {name: _Part(self, name) for name in self._PARTS}

    def finish(self, cls: type) -> None:
        """Put the parts into a class."""
        done: type = _dataclass(init=False, repr=False, eq=False, kw_only=self._kw_only)(type(cls.__name__, (), self._content))
        for name in self._PARTS:
            setattr(cls, name, vars(done)[name])


class _Part:
    __slots__ = ("_draft", "_name")

    def __init__(self, draft: _Draft, name: str) -> None:
        self._draft, self._name = draft, name

    def __get__(self, instance: object, asked: type) -> object:
        cls = next(each for each in asked.__mro__ if vars(each).get(self._name) is self)
        self._draft.finish(cls)
        return vars(cls)[self._name]


def _first_init(made: list[type], *, frozen: bool) -> Any:
    """Return what compiles the real ``__init__`` when the first value is made."""

    def __init__(self: object, *args: object, **named: object) -> None:  # noqa: N807
        cls = made[0]
        real = cls.__init__ = _init(fields(cls), frozen=frozen, post=hasattr(cls, "__post_init__"))  # type: ignore[misc]
        real(self, *args, **named)

    return __init__


def _init(known: tuple[Field[Any], ...], *, frozen: bool, post: bool) -> Any:
    names: dict[str, object] = {"_set": object.__setattr__, "_missing": MISSING}
    positional: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for each in known:
        name, made = each.name, f"_of_{each.name}"
        names[made] = each.default if each.default_factory is MISSING else each.default_factory
        default, value = (f"={made}", name) if each.default is not MISSING else ("", name)
        if each.default_factory is not MISSING:
            default, value = "=_missing", f"{made}() if {name} is _missing else {name}"
        if each.init:
            (named if each.kw_only else positional).append(f"{name}{default}")
        else:
            value = f"{made}()" if each.default_factory is not MISSING else made
        body.append(f" _set(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    body += [" self.__post_init__()"] if post else []
    parameters = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    exec(f"def __init__({parameters}):\n" + "\n".join(body or [" pass"]), names)  # noqa: S102 -- names of fields and nothing else
    return names["__init__"]


def _first_equal(made: list[type]) -> Any:
    """Return what makes the real ``__eq__`` when the first value is compared."""

    def first(self: object, other: object) -> object:
        cls, content = made[0], _compared(made[0])

        def equal(self: object, other: object) -> object:
            return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

        cls.__eq__ = equal  # type: ignore[assignment]
        return equal(self, other)

    return first


def _first_hash(made: list[type]) -> Any:
    """Return what makes the real ``__hash__`` when the first value is hashed."""

    def first(self: object) -> int:
        cls, content = made[0], _compared(made[0])

        def digest(self: object) -> int:
            return hash(content(self))

        cls.__hash__ = digest  # type: ignore[assignment]
        return digest(self)

    return first


def _compared(cls: type) -> Any:
    """Return what takes out of a value what it is compared by."""
    names = [each.name for each in fields(cls) if each.compare]
    return attrgetter(*names) if names else lambda _: ()


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
