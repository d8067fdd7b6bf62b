"""``settings``: what ``.mailwright.toml`` says, read and checked. The command line alone asks for it: it stands in for options."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..base.errors import SpecError
from ..base.nodes import Json, PlacedList, PlacedMap, place_of
from ..base.places import Place
from ..base.reading import decode, read_bytes
from ..base.shown import shown_dotted
from ..base.values import dataclass
from ..product.product import load_product
from ..rules.catalogue import CATALOGUE
from ..spec.toml_reader import read_toml
from ..validation.schemas import errors_in

SCHEMA = "settings"
PER_FILE_IGNORES = "per-file-ignores"
_RULES = ("select", "ignore")


class Found(NamedTuple):
    """A setting's value, and where it is said; *own*: in a command's own table."""

    value: Json
    place: Place
    own: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a file.

    Attributes:
        path: The file.
        document: What it says, checked.
        paths: The names of the settings that are paths.
    """

    path: str
    document: PlacedMap
    paths: frozenset[str]

    @property
    def folder(self) -> str:
        """What its paths and patterns are relative to."""
        return os.path.dirname(self.path)

    def of(self, command: str, name: str) -> Found | None:
        """Return what is said for a command: in its own table, or for all of them. A path is one from the current folder."""
        own = self.document.get(command)
        for table in (own, self.document):
            if isinstance(table, PlacedMap) and name in table:
                value = table[name]
                if name in self.paths and isinstance(value, str):
                    value = os.path.join(self.folder, os.path.expanduser(value))
                return Found(value, table.key_place(name), table is own)
        return None

    def __iter__(self) -> Iterator[tuple[str, Found]]:
        """Yield everything that is said, a command's own setting as ``command.name``."""
        for name, value in self.document.items():
            if isinstance(value, PlacedMap) and name != PER_FILE_IGNORES:
                for inner in value:
                    found = self.of(name, inner)
                    assert found is not None
                    yield f"{name}.{inner}", found
            else:
                found = self.of("", name)
                assert found is not None
                yield name, found

    @property
    def per_file_ignores(self) -> Mapping[str, tuple[str, ...]]:
        """The rules that do not count in the files that match a pattern."""
        table = self.document.get(PER_FILE_IGNORES)
        if not isinstance(table, PlacedMap):
            return {}
        return {name: tuple(str(rule).upper() for rule in rules) for name, rules in table.items() if isinstance(rules, list)}


def read_settings(path: str) -> Settings:
    """Read a file of settings: TOML, as schema/settings.schema.json describes it.

    Raises:
        InputError: it cannot be read, or says what no setting is, with the place.
    """
    product, document = load_product(), read_toml(decode(read_bytes(path), path))
    for error in errors_in(product, SCHEMA, document):
        where = shown_dotted(*error.path[:-1])
        raise SpecError(
            f"{error.sentence}{f' in {where}' if where else ''}",
            place=place_of(document, error.path, key=error.at_key) or Place(path),
            hint=error.hint,
        )
    assert isinstance(document, PlacedMap)
    for rules in _lists_of_rules(document):
        assert isinstance(rules, PlacedList)
        _ensure_known(rules)
    named = product.schemas.document(SCHEMA)["properties"]
    return Settings(path, document, frozenset(name for name, node in named.items() if node.get("x-path")))


def _lists_of_rules(document: PlacedMap) -> Iterator[Json]:
    """Yield every list of rules that a document has."""
    for name, value in document.items():
        if name in _RULES:
            yield value
        elif isinstance(value, PlacedMap):
            yield from (rules for inner, rules in value.items() if name == PER_FILE_IGNORES or inner in _RULES)


def _ensure_known(rules: PlacedList) -> None:
    for rule, place in zip(rules, rules.places, strict=True):
        wanted = str(rule).upper()
        if not any(known.startswith(wanted) for known in CATALOGUE):
            raise SpecError(f"there is no rule {wanted}", place=place, hint="`mailwright explain --all` lists the rules")
