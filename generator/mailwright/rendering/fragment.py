"""The fragment of deployment.toml that a spec stands for, and the proof that it says what the spec says.

``wanted`` is the model: the keys in the schema's order with the TOML text of their values. The fragment and the merge write the same
model; what was rendered is read again and compared before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..adapter import TABLE, Adapter, load_adapter
from ..deployment import Deployment, parse_deployment
from ..deployment.java import java_text
from ..effective import Outcome, effective
from ..encoding import encode_name, encode_value
from ..errors import MailwrightError, SpecError
from ..releases import Release
from ..spec import PlacedMap, Spec
from . import render_template, toml_key, toml_value


@dataclass(frozen=True, slots=True)
class Setting:
    """One key to write.

    Attributes:
        path: Its path below the adapter's table: one part, or two for a mail-client property.
        key: How the last part is written in TOML.
        value: How the value is written in TOML; may be a secret.
    """

    path: tuple[str, ...]
    key: str
    value: str

    def __repr__(self) -> str:
        return f"Setting({'.'.join(self.path)})"


def wanted_settings(sender: Mapping[str, object], adapter: Adapter | None = None) -> list[Setting]:
    """Return what is written for a global sender, in the schema's order.

    Raises:
        Unencodable: a text that no XML 1.0 document can carry.
    """
    adapter = adapter or load_adapter()
    return [
        *(Setting((key.name,), key.name, _value(sender[key.name])) for key in adapter.scalars if key.name in sender),
        *_table(sender.get(adapter.table.name), adapter.table.name),
    ]


def _table(entries: object, table: str) -> Iterator[Setting]:
    if isinstance(entries, Mapping):
        for name in sorted(map(str, entries)):
            yield Setting((table, encode_name(name)), toml_key(encode_name(name)), _value(entries[name]))


def _value(value: object) -> str:
    return toml_value(encode_value(value) if isinstance(value, str) else value)


def written_sender(spec: Spec) -> PlacedMap:
    """Return the global sender that is written into deployment.toml.

    Raises:
        SpecError: the spec has none, or it has something else for deployment.toml that this version does not write.
    """
    for name in ("tenant_loading", "secrets"):
        if spec.document.get(name):
            raise SpecError(
                f"this version does not write `{name}` yet", place=spec.place(name, key=True), hint="leave it out for now"
            )
    if spec.sender is None:
        raise SpecError("the spec has no `global`: there is nothing to write into deployment.toml", place=spec.place())
    return spec.sender


def render_fragment(spec: Spec, release: Release | None = None) -> str:
    """Return the fragment of deployment.toml for a spec's global sender.

    Args:
        spec: A spec that validates.
        release: The product release; None checks against the newest.

    Raises:
        SpecError: the spec has no ``global``.
        Unencodable: a text that no XML 1.0 document can carry.
    """
    from ..releases import NEWEST

    sender = written_sender(spec)
    adapter = load_adapter()
    settings = wanted_settings(sender, adapter)
    text = render_template(
        "deployment.toml.j2",
        table=".".join(TABLE),
        scalars=[item for item in settings if len(item.path) == 1],
        entries=[item for item in settings if len(item.path) == 2],
        entries_table=adapter.table.name,
        environment=spec.environment,
    )
    check_written(parse_deployment(text), sender, release or NEWEST)
    return text


def expected_properties(sender: Mapping[str, object], release: Release, adapter: Adapter) -> dict[str, str]:
    """Return the properties that the server must have for a sender: the plain values, nothing escaped."""
    expected = {
        key.xml: java_text(sender[key.name])
        for key in adapter.scalars
        if key.xml and key.name in sender and key.known_to(release)
    }
    entries = sender.get(adapter.table.name)
    if isinstance(entries, Mapping) and adapter.table.known_to(release):
        expected.update({str(name): java_text(value) for name, value in entries.items()})
    return expected


def check_written(deployment: Deployment, sender: Mapping[str, object], release: Release) -> None:
    """Compare what the server will read with what the spec says.

    Raises:
        MailwrightError: they differ: a bug in mailwright, caught before anything is written.
    """
    adapter = load_adapter()
    view = effective(deployment, release, partial=True)
    if view.outcome is Outcome.OK:
        expected = expected_properties(sender, release, adapter)
        wrong = [name for name, text in expected.items() if "$ref{" not in text and view.text_of(name) != text]
        if not wrong:
            return
    what = "the written text does not read back as the spec says"
    raise MailwrightError(f"{what}; nothing was written", hint="please report this as a bug, with the release and the key's name")
