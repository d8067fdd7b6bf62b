"""Texts made of tenants' payloads, whatever they are laid out as: files of a folder, lines of a stream.

The payload of a tenant is made once for all of its shape: with marks in the places of the texts, laid out, and taken apart at the marks.
What comes of another one of that shape are the same pieces with its own texts between them. Whatever might come out differently is made
one by one: a sub-organization, a text of blanks.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring  # how json.dumps writes texts with ensure_ascii=False
from typing import Any

from ..base.errors import UnsafeToWrite
from ..base.patterns import pattern
from ..base.places import Place
from ..base.secret import LITERAL_SECRET, Secret
from ..base.urls import holds_credentials
from ..product.adapter import PayloadPlace
from ..product.paths import SUPER_TENANT
from ..product.payloads import Names
from ..product.releases import Release
from ..spec import Spec
from ..spec.references import whole_reference
from ..spec.rows import Row, picker
from .payloads import Payload, tenant_payload

Resolve = Callable[[str], Secret | None]

Layout = Callable[[Payload, Mapping[str, Any], Mapping[str, str] | None], Sequence[str]]
"""Makes texts of a payload, of its JSON object, and of its secrets as they are shown, None where the object holds them."""

_BETWEEN = "\0"
"""Between the texts of a layout: JSON has no such character, nor has the name of a file."""

_PLAIN = pattern(rf"(?!{re.escape(SUPER_TENANT)}\Z)[a-z0-9_.-]+\Z")
"""A domain that is written alike everywhere: in JSON, in a path, in the name of a file."""

_Fill = Callable[[str, tuple[str, ...]], "str | None"]


class TenantTexts:
    """Makes the texts of tenants.

    Args:
        spec: A spec that validates.
        release: The product release; None takes the newest.
        layout: What is made of a payload.
        resolve: Resolves references; with it the payloads hold their secrets.
        printed: Whether the texts are printed: then what might be a secret is refused.
    """

    def __init__(
        self, spec: Spec, release: Release | None, layout: Layout, *, resolve: Resolve | None = None, printed: bool = False
    ) -> None:
        owner = spec.document.get("owner")
        self._owner = owner if isinstance(owner, str) else None
        self._source, self._names = spec.tenants, spec.product.payload_names
        self._release = release or spec.product.releases.newest
        self._layout, self._resolve, self._printed = layout, resolve, printed

    def of(self, row: Row) -> list[str]:
        """Return the texts of a tenant.

        Raises:
            UnsafeToWrite: a secret cannot be resolved, or would be printed.
            SpecError: the release has no API for tenants.
        """
        shape = row.shape
        if shape is not None and shape.made is not None:
            text: str | None = shape.made(row.domain, row.texts)
            if text is not None:
                return text.split(_BETWEEN)
        made = list(self._made(row, self._value))
        if shape is not None:
            shape.rows += 1
            if shape.rows == 2:  # one that is there once is not worth it
                shape.made = self._filling(row)
        return made

    def all(self, rows: Iterator[Row]) -> Iterator[list[str]]:
        """Yield the texts of tenants one after the other; raises as ``of`` does."""
        return map(self.of, rows)

    def _made(self, row: Row, value: Callable[[Payload, PayloadPlace, str, Place], str]) -> Sequence[str]:
        tenant = self._source.tenant(row)
        payload = tenant_payload(tenant, self._release, owner=self._owner)
        if self._printed and (name := _unprintable(payload, self._names)) is not None:
            raise UnsafeToWrite(
                f"the payload of {payload.domain} holds what can be a secret ({name}): that is never printed",
                place=tenant.place,
                hint="use -o, which writes a file that only you can read",
            )
        values = {place: value(payload, place, text, tenant.place) for place, text in payload.secrets.items()}
        if self._resolve is not None:
            return self._layout(payload, payload.complete(values), None)
        return self._layout(payload, payload.body, {place.name: shown for place, shown in values.items()})

    def _value(self, payload: Payload, where: PayloadPlace, text: str, place: Place) -> str:
        """Return what stands for a secret: how it is shown, or what it is."""
        value = self._secret(text)
        if value is None:
            raise UnsafeToWrite(
                f"the secret {where.name} of {payload.domain} cannot be resolved: {shown_reference(text)}",
                place=place,
                hint="set the environment variable, or put the file into --secrets-dir",
            )
        return value

    def _secret(self, text: str) -> str | None:
        if self._resolve is None:
            return shown_reference(text)
        secret = self._resolve(text) if whole_reference(text) else Secret(text)
        return secret.reveal() if secret else None

    def _filling(self, row: Row) -> _Fill | None:
        """Return what makes the text of a domain and texts that are like *row* otherwise; None where that is not known."""
        assert row.shape is not None
        token = secrets.token_hex(8)
        marks = [f"{token} {number}" for number in range(len(row.shape.paths))]
        hidden: set[int] = set()

        def value(payload: Payload, where: PayloadPlace, text: str, place: Place) -> str:
            if not text.startswith(token):
                return self._value(payload, where, text, place)
            hidden.add(marks.index(text) + 1)
            return text

        text = _BETWEEN.join(self._made(row.with_texts(f"{token}.domain", marks), value))
        numbers = {f'"{mark}"': number for number, mark in enumerate(marks, 1)} | {f"{token}.domain": 0}
        pieces = re.split(rf'({token}\.domain|"{token} [0-9]+")', text)
        if any(token in piece.lower() for piece in pieces[::2]):
            return None  # a mark that came out changed
        template = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
        pick, own = picker([numbers[mark] for mark in pieces[1::2]]), [(at, at - 1) for at in sorted(hidden)]
        plain, secret, printed = _PLAIN.match, self._secret, self._printed

        def fill(domain: str, texts: tuple[str, ...]) -> str | None:
            if plain(domain) is None or any(map(str.isspace, texts)) or (printed and ":" in _BETWEEN.join(texts)):
                return None
            values = [domain, *map(encode_basestring, texts)]
            for at, number in own:
                found = secret(texts[number])
                if found is None:
                    return None
                values[at] = encode_basestring(found)
            return template % pick(values)

        return fill


def shown_reference(text: str) -> str:
    """Return a secret's text if it is a reference, else the mark for a literal one."""
    return text if whole_reference(text) else LITERAL_SECRET


def _unprintable(payload: Payload, names: Names) -> str | None:
    """Return the first field or property of a payload that can hold a secret by what it is, or by what it says."""
    values = {**{entry["key"]: entry["value"] for entry in payload.body["properties"]}, **payload.body}
    for name, value in values.items():
        if name in names.opaque or (isinstance(value, str) and holds_credentials(value)):
            return str(name)
    return None
