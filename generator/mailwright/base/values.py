"""``dataclass`` as the standard library has it, whose methods are made when they are first needed.

The standard library compiles five or six methods for each class when it is defined; most commands never make a value of most classes.
Here a class costs a twentieth of that until the first value is made: then one method is compiled, and the others are shared. What the
classes do is the same, also for ``dataclasses.replace`` and ``fields``.
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
    cls.__doc__ = cls.__doc__ or cls.__name__  # else a signature is worked out for it
    cls = _dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
    given: dict[str, object] = {"__init__": _first_init(cls, frozen=frozen), "__repr__": _repr}
    if eq:
        given |= _comparing(cls, frozen=frozen)
    if frozen:
        given |= {"__setattr__": _refuse_set, "__delattr__": _refuse_delete}
        if slots:
            given |= {"__getstate__": _state, "__setstate__": _set_state}
    for name, value in given.items():
        if name not in own or (name == "__hash__" and own[name] is None):
            setattr(cls, name, value)
    return cls


def _first_init(cls: type, *, frozen: bool) -> Any:
    """Return what compiles the real ``__init__`` when the first value is made."""

    def __init__(self: object, *args: object, **named: object) -> None:  # noqa: N807
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


def _comparing(cls: type, *, frozen: bool) -> dict[str, object]:
    compared = [each.name for each in fields(cls) if each.compare]
    content = attrgetter(*compared) if compared else lambda _: ()

    def equal(self: object, other: object) -> object:
        return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

    def digest(self: object) -> int:
        return hash(content(self))

    return {"__eq__": equal, "__hash__": digest if frozen else None}


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
