"""A sender as the rules see it: what somebody set, what the mail client gets, and where it stands.

The same rules hold for ``[output_adapter.email]`` in a deployment.toml, for ``global`` and the tenants of a spec, and for a tenant's
payload. A value that only the server knows (a placeholder) is None here: a rule says nothing about it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from ..base.edits import Edit, Misspelling
from ..base.findings import Excerpt, Finding, Fix
from ..base.hints import Hint
from ..base.places import Place
from ..base.shown import shown_dotted
from ..base.values import dataclass, field
from ..engine.encoding import Unencodable, decode_value
from ..engine.inheritance import names_user, tenant_text
from ..product.adapter import Adapter, Key
from ..product.auth_types import AUTH_TYPE
from ..product.releases import Release
from ..spec.references import references_in, whole_reference
from .model import DOLLAR, EXTRA, MARKUP, PROPERTIES, SECRET, Rule, Said


class SenderKind(Enum):
    """Whose sender it is."""

    NODE = "deployment.toml"
    GLOBAL = "global"
    TENANT = "tenant"


class Setting:
    """One value that somebody set.

    Attributes:
        raw: The text as it is written (for a number or a truth value, as the server prints it).
    """

    __slots__ = ("raw",)

    def __init__(self, raw: str) -> None:
        self.raw = raw

    @property
    def is_reference(self) -> bool:
        """Whether a placeholder stands in it."""
        return bool(references_in(self.raw))

    @property
    def key_place(self) -> Place:
        """Where the key stands."""
        raise NotImplementedError

    @property
    def value_place(self) -> Place:
        """Where the value stands."""
        raise NotImplementedError

    @property
    def name_place(self) -> Place | None:
        """Where its name stands, if that is a text like any other."""
        return None

    @property
    def path(self) -> str:
        """The dotted key path, for an output."""
        raise NotImplementedError

    def excerpt(self, *, value: bool) -> Excerpt | None:
        """Return the line to show, with nothing secret in it; *value* underlines the value."""
        return None


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender for one release.

    Attributes:
        keys: The adapter's keys that are set and that the release knows; *properties* the custom properties.
        encoded: Whether the values are written as deployment.toml needs them, not plain.
        place: Where the sender stands as a whole; *owner* is its path in the file, *line* returns the line to show.
        base: The server's own sender, where this is a tenant's and it is known.
        extra: Payloads only: entries of ``properties`` that are no key of the adapter, or that stand there twice.
        document: What the spec or the payload holds, whole.
        payload: The API version, where this is a payload.
        version: The version of the API that makes a tenant's sender.
        writer: Returns the edits that set a key, or a custom property, to a plain value.
        renamer: Returns the edits that give a custom property another name; None where that cannot be written.
    """

    kind: SenderKind
    release: Release
    adapter: Adapter
    keys: Mapping[str, Setting]
    properties: Mapping[str, Setting]
    place: Place
    owner: tuple[str, ...]
    line: Callable[[], Excerpt | None] = field(default=lambda: None, repr=False)
    encoded: bool = False
    base: Sender | None = None
    extra: Sequence[tuple[str, Setting]] = ()
    document: Mapping[str, object] = field(default_factory=dict)
    payload: str = ""
    version: str = ""
    writer: Callable[[str, object], tuple[Edit, ...]] | None = field(default=None, repr=False)
    renamer: Callable[[str, str], tuple[Edit, ...] | None] | None = field(default=None, repr=False)
    _texts: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    _mails: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def setter(self, xml: str) -> str | None:
        """Return the name of what sets one of the mail client's properties: a custom property wins over a key; None for neither."""
        key = self.adapter.by_xml.get(xml)
        return xml if xml in self.properties else key.name if key is not None and key.name in self.keys else None

    @property
    def present(self) -> frozenset[str]:
        """What there is for rules that need something (``model.needs``)."""
        adapter, names = self.adapter, {*self.properties, *self.document}
        for name in self.keys:
            names.add(adapter[name].xml or name)
        if not adapter.secret_names.isdisjoint(names):
            names.add(SECRET)
        for setting in (*self.keys.values(), *self.properties.values()):
            if "$" in setting.raw:
                names.add(DOLLAR)
            if "&" in setting.raw or "<" in setting.raw:
                names.add(MARKUP)
        if self.properties:
            names.add(PROPERTIES)
        if self.extra:
            names.add(EXTRA)
        return self.base.present.union(names) if self.base is not None else frozenset(names)

    def given(self, name: str) -> Setting | None:
        """Return what is set for a key or a custom property, or None."""
        return self.keys.get(name) or self.properties.get(name)

    def text(self, name: str) -> str | None:
        """Return the text that the server has for a key, set or by default; None where that cannot be known here."""
        if name not in self._texts:
            self._texts[name] = self._text(name)
        return self._texts[name]

    def _text(self, name: str) -> str | None:
        setting, key = self.keys.get(name), self.adapter[name]
        own = self._own(key)
        if setting is not None and (own == setting.raw or self.base is None):
            return self.plain(setting)  # also what does not count, where nothing else is known
        if self.kind is SenderKind.TENANT:
            return own if own is not None or self.base is None else self.base.text(name)
        default = str(key.default or "")
        return self._resolved(default) if default and key.known_to(self.release) else ""

    def mail(self, xml: str) -> str | None:
        """Return the text that the mail client has for one of its properties: an entry of the custom properties wins over a key."""
        if xml not in self._mails:
            self._mails[xml] = self._mail(xml)
        return self._mails[xml]

    def _mail(self, xml: str) -> str | None:
        custom = self.properties.get(xml)
        if custom is not None:
            return self.plain(custom)
        key, base = self.adapter.by_xml.get(xml), self.base
        if base is not None and (key is None or self._own(key) is None):
            return base.mail(xml)
        if key is not None:
            return self.text(key.name)
        return None if self.kind is SenderKind.TENANT else ""

    def _own(self, key: Key) -> str | None:
        """Return the text that the sender itself has for a key; None where it has none, or where a tenant's does not count.

        What its payload has no place for is judged as it is meant: that it has none is told by itself.
        """
        setting = self.keys.get(key.name)
        raw = setting.raw if setting is not None else None
        if self.kind is not SenderKind.TENANT or (raw is not None and key.place(self.version) is None):
            return raw
        return tenant_text(key, raw, self.version, self.release, user=names_user(self.keys, self.adapter))

    def is_true(self, xml: str) -> bool:
        """Say whether a property of the mail client is known to be true: ``true`` in any case (product/keys.md#enable-authentication)."""
        return (self.mail(xml) or "").lower() == "true"

    def is_false(self, xml: str) -> bool:
        """Say whether a property of the mail client is known, and not true."""
        text = self.mail(xml)
        return text is not None and text.lower() != "true"

    @property
    def logs_in(self) -> bool:
        """Whether the mail client is known to authenticate."""
        return self.is_true("mail.smtp.auth")

    @property
    def uses_token(self) -> bool:
        """Whether the mail client logs in with an OAuth2 token."""
        return self.release.fetches_token(self.mail(AUTH_TYPE))

    @property
    def path(self) -> str:
        """The sender's dotted path, for an output."""
        return shown_dotted(*self.owner)

    def hint(self, words: str, name: str, value: bool | int | None = None) -> Hint | str:
        """Return a hint to set a key or a custom property, named in the language of the file; ``{}`` in *words* stands for it."""
        if self.payload:
            return words.replace("{}", self._in_payload(name, value))
        path = (name,) if name in self.adapter else (self.adapter.table.name, name)
        return Hint(words, path, value, self.owner, self.place.file, in_table=self.owner == self.adapter.path)

    def _in_payload(self, name: str, value: bool | int | None) -> str:
        key = self.adapter.get(name)
        place = key.place(self.payload) if key is not None else None
        if place is not None and not place.is_property:
            return f'`"{place.name}"`' if value is None else f'`"{place.name}": {json.dumps(value)}`'
        what, text = place.name if place is not None else name, json.dumps(value)
        return f"the property `{what}`" if value is None else f'`{{"key": "{what}", "value": {json.dumps(text)}}}`'

    def fix(self, title: str, name: str, value: object) -> Fix | None:
        """Return the fix that sets a key or a custom property to a plain value, where the file can be written."""
        return Fix(title, self.writer(name, value)) if self.writer is not None else None

    def renaming(self, old: str, new: str) -> Fix | Misspelling | None:
        """Return what gives a custom property another name, where that can be written."""
        if new in self.properties:
            return None
        if self.kind is not SenderKind.NODE:
            return Misspelling(self.properties[old].key_place, old, new, is_key=True)
        edits = self.renamer(old, new) if self.renamer is not None else None
        return Fix(f"rename it to `{new}`", edits) if edits is not None else None

    def finding(self, rule: Rule, said: Said, setting: Setting | None = None) -> Finding:
        """Return what a rule says as a finding, with its place; *setting* is what it is about where the rule knows no more than a key."""
        if setting is None:
            setting = said.at if isinstance(said.at, Setting) else self.given(str(said.at)) if said.at is not None else None
        if setting is None:
            path = self.path or None
            return rule.at(self.place, said.message, hint=said.hint, path=path, excerpt=self.line(), fix=said.fix)
        return rule.at(
            setting.value_place if said.value else setting.key_place,
            said.message,
            hint=said.hint,
            path=setting.path,
            excerpt=setting.excerpt(value=said.value),
            fix=said.fix,
        )

    def plain(self, setting: Setting) -> str | None:
        """Return the text that the server has for a setting; None where that cannot be known here."""
        text = setting.raw
        if setting.is_reference:
            return self._resolved(text)
        if not self.encoded:
            return text
        try:
            return decode_value(text)
        except Unencodable:
            return text

    def _resolved(self, text: str) -> str | None:
        """Follow a reference to another of the adapter's keys; anything else only the server knows."""
        seen: set[str] = set()
        while text not in seen:
            seen.add(text)
            if not references_in(text):
                return text
            reference = whole_reference(text, ("ref",))
            name = reference.name.removeprefix(self.adapter.flat + ".") if reference else ""
            if name not in self.adapter:
                return None
            target = self.keys.get(name)
            text = target.raw if target else str(self.adapter[name].default or "")
        return None
