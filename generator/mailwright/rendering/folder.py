"""The files that ``render -o`` writes: the fragment, and one payload a tenant with the list of its secrets beside it.

Stable byte for byte, so that the folder can be committed and checked for drift.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..base.errors import MailwrightError, UnreadableInput
from ..base.places import Place
from ..base.reading import not_read
from ..base.urls import holds_credentials
from ..base.values import dataclass, field
from ..deployment import parse_deployment
from ..engine.shown import shown_path, shown_value
from ..product.adapter import Adapter
from ..product.product import Product
from ..product.releases import Release
from ..spec import Spec
from ..spec.references import whole_reference
from ..spec.rows import Row
from .fragment import render_fragment
from .payloads import Payload, shown_entry
from .tenants import Resolve, TenantTexts, shown_reference

FRAGMENT = "deployment.fragment.toml"
TENANTS = "tenants"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file to write.

    Attributes:
        name: Its path below the output folder.
        text: Its content; it holds secrets only where *private* is set.
        private: Whether it must be readable by its owner alone.
    """

    name: str
    text: str = field(repr=False)
    private: bool = False


def iter_rendered(
    spec: Spec, release: Release | None, rows: Iterator[Row], *, resolve: Resolve | None = None
) -> Iterator[Rendered]:
    """Yield the files for a spec that validates, one after the other: the tenants are a stream.

    Args:
        spec: The spec.
        release: The product release; None takes the newest.
        rows: Its tenants.
        resolve: Resolves references; with it the payloads hold their secrets.

    Raises:
        UnsafeToWrite: a secret cannot be resolved.
        SpecError: the release has no API for tenants.
    """
    texts = TenantTexts(spec, release, _files, resolve=resolve)
    if has_fragment(spec):
        text = render_fragment(spec, release)
        yield Rendered(FRAGMENT, text, private=never_printed(spec))
    for stem, body, *listed in texts.all(rows):
        yield Rendered(f"{stem}.json", body, private=resolve is not None)
        for text in listed:
            yield Rendered(f"{stem}.secrets.json", text)


def _files(payload: Payload, body: Mapping[str, Any], listed: Mapping[str, str] | None) -> Sequence[str]:
    """Lay out a payload as files: their names' beginning, and what is in them."""
    stem = f"{TENANTS}/{payload.domain.replace('/', '@')}.{payload.version}"
    return (stem, _json(body)) if listed is None else (stem, _json(body), _json(listed))


def has_fragment(spec: Spec) -> bool:
    """Say whether a spec says something of the server itself."""
    return any(name in spec.document for name in ("global", "tenant_loading", "secrets"))


def never_printed(spec: Spec) -> bool:
    """Say whether a spec's fragment holds what is never printed: see ``holds_literal``, and the texts of ``[secrets]``."""
    return bool(spec.document.get("secrets")) or holds_literal(spec.sender, spec.product.adapter)


def holds_literal(sender: Mapping[str, object] | None, adapter: Adapter) -> bool:
    """Say whether a global sender holds a text that is never printed: a literal secret, or one of an unlisted property."""
    own = sender or {}
    texts = [own[key.name] for key in adapter.secrets if key.name in own]
    entries = own.get(adapter.table.name)
    if isinstance(entries, Mapping):
        public = {name for name, key in adapter.listed.items() if not key.secret}
        texts += [value for name, value in entries.items() if name not in public]
    literal = any(isinstance(text, str) and whole_reference(text) is None for text in texts)
    return literal or any(isinstance(text, str) and holds_credentials(text) for text in own.values())


def _json(value: object) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    if json.loads(text) != value:
        raise MailwrightError(
            "a payload does not read back as the spec says; nothing was written", hint="please report this as a bug"
        )
    return text


def shown_lines(name: str, text: str, product: Product) -> list[str]:
    """Return the lines of a rendered file for a diff. What lies in the folder may hold secrets whatever the spec says: they are masked."""
    if name.endswith(".toml"):
        deployment, adapter = parse_deployment(text), product.adapter
        return [f"{shown_path(leaf.path, adapter)} = {shown_value(deployment, leaf, adapter)}" for leaf in deployment.leaves]
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(document, dict):
        return []
    names = product.payload_names
    if name.endswith(".secrets.json"):
        return [f"{key}: {shown_reference(str(value))}" for key, value in document.items()]
    lines = []
    for key, value in document.items():
        entries = value if key == "properties" and isinstance(value, list) else [{"key": key, "value": value}]
        for entry in entries:
            if isinstance(entry, dict):
                own = str(entry.get("key"))
                lines.append(f"{own}: {shown_entry(names, own, entry.get('value'))}")
    return lines


def drift(folder: Path, files: Iterator[Rendered], product: Product) -> Iterator[tuple[str, list[str]]]:
    """Yield every file that is not what it should be, with a unified diff without secrets.

    A file in the tenants' folder that the spec does not make is named too.
    """
    import difflib

    wanted: set[Path] = set()
    for file in files:
        path = folder / file.name
        wanted.add(path)
        try:
            before = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            yield file.name, []
            continue
        except OSError as error:
            raise not_read(path, error) from None
        except UnicodeDecodeError:
            raise UnreadableInput("cannot be read as UTF-8 text", place=Place(str(path))) from None
        if before != file.text:
            pair = (shown_lines(file.name, before, product), shown_lines(file.name, file.text, product))
            diff = list(difflib.unified_diff(*pair, "committed", "spec", lineterm=""))
            yield file.name, diff or ["in what is not shown: secrets, comments, blanks"]
    tenants = folder / TENANTS
    if os.path.isdir(tenants):
        for path in sorted(tenants.iterdir()):
            if path not in wanted and path.suffix == ".json":
                yield f"{TENANTS}/{path.name}", ["surplus: the spec has no such tenant; remove the file"]
