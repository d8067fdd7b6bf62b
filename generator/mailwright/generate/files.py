"""What each generated file should hold.

Adding a key to schema/adapter.schema.json and running ``make generate`` is all that a new key takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .. import __version__
from ..cli.described import commands
from ..product.adapter import Adapter, Key
from ..product.bundles import redirected
from ..product.facts import linked
from ..product.mail_properties import listed
from ..product.product import Product, read_product
from ..rendering.templates import render_template
from ..rules.pages import read_pages
from ..sandbox.smtp.faults import EXCLUSIVE, Fault
from ..spec.references import SERVER_REFERENCE
from ..verification.codes import BASIS, CODES
from . import reference
from .architecture import picture
from .predicates import predicates
from .releases import release_page
from .rules import examples
from .schemas import complete_spec, payload_schema

_ADAPTER_REFERENCE = "adapter.schema.json#/properties/"


def outputs(root: Path) -> dict[Path, str]:
    """Return every file below *root* that is made, but for code, with the text it should have.

    Args:
        root: A checkout: the folder that holds ``schema`` and ``templates``.
    """
    product = _product(root)
    makers: dict[str, Callable[[Product, Path], str]] = {
        "schema/adapter.schema.json": _adapter_schema,
        "schema/spec.schema.json": _spec_schema,
        "schema/deployment.schema.json": _deployment_schema,
        "schema/settings.schema.json": _settings_schema,
        "schema/tenant-sender.v1.schema.json": _payload_schema("v1"),
        "schema/tenant-sender.v2.schema.json": _payload_schema("v2"),
        "docs/reference/keys.md": _key_pages,
        "docs/reference/releases.md": _release_page,
        "docs/reference/rules.md": _rule_pages,
        "docs/reference/verify.md": _verify_page,
        "docs/reference/commands.md": _command_page,
        "docs/reference/exit-codes.md": _exit_code_page,
        "docs/reference/json.md": _document_page,
        "docs/reference/settings.md": _setting_page,
        "docs/reference/spec.md": _spec_page,
        "docs/reference/ansible.md": _ansible_page,
        "docs/architecture.svg": _architecture,
        "ansible/galaxy.yml": _galaxy,
        "ansible/roles/email_sender/meta/argument_specs.yml": _argument_specs,
    }
    made = {root / name: make(product, root) for name, make in makers.items()}
    return made | _predicates(root, made) | {root / name: text for name, text in examples(root)}


def _predicates(root: Path, made: dict[Path, str]) -> dict[Path, str]:
    """Return the code that says whether a value is valid, for each part of a schema that commands ask about."""

    @cache
    def schemas(name: str) -> Any:
        path = root / "schema" / f"{name}.schema.json"
        return json.loads(made.get(path) or path.read_text(encoding="utf-8"))

    parts = {"adapter": [""], "spec": ["", "/$defs/tenant"], "policy": [""], "settings": [""], "baseline": [""]}
    for name in ("tenant-sender.v1", "tenant-sender.v2"):
        parts[name] = [f"/$defs/{line}" for line in schemas(name)["$defs"] if line[0].isdigit() and not line.endswith("-rules")]
    folder = root / "generator" / "mailwright" / "product" / "predicates"
    return {
        folder / f"{name.replace('-', '_').replace('.', '_')}.py": predicates(name, pointers, schemas)
        for name, pointers in parts.items()
    }


def _product(root: Path) -> Product:
    """Return the checkout's product, with the mail client's properties as schema/mail-properties.json has them."""
    product = read_product(root / "schema")
    schema = product.schemas.document("adapter")
    table = next(node for node in schema["properties"].values() if node["type"] == "object")
    table["properties"] = listed(product.data("mail-properties"), SERVER_REFERENCE)
    return product


def _adapter_schema(product: Product, root: Path) -> str:
    return _text(product.adapter.schema)


def _text(schema: Any) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def tenant_keys(adapter: Adapter) -> list[Key]:
    """Return the keys that a tenant can set: those with a place in one of the payloads."""
    return [key for key in adapter.values() if key.v1 or key.v2]


def _spec_schema(product: Product, root: Path) -> str:
    """The spec's schema: the adapter's keys that a tenant can set are put in front of a sender's own properties."""
    schema: dict[str, Any] = json.loads(product.schemas.text("spec"))
    sender = schema["$defs"]["sender"]
    own = {
        name: node for name, node in sender["properties"].items() if not str(node.get("$ref", "")).startswith(_ADAPTER_REFERENCE)
    }
    sender["properties"] = {key.name: {"$ref": _ADAPTER_REFERENCE + key.name} for key in tenant_keys(product.adapter)} | own
    complete_spec(schema, product)
    return _text(schema)


def _payload_schema(version: str) -> Callable[[Product, Path], str]:
    def make(product: Product, root: Path) -> str:
        return _text(payload_schema(json.loads(product.schemas.text(f"tenant-sender.{version}")), version, product))

    return make


def _deployment_schema(product: Product, root: Path) -> str:
    """The schema of deployment.toml: the adapter's schema stands in it, since taplo follows no reference to another file."""
    schema: dict[str, Any] = json.loads(product.schemas.text("deployment"))
    schema.setdefault("$defs", {})["adapter"] = redirected(product.adapter.schema, "/$defs/adapter")
    return _text(schema)


def _settings_schema(product: Product, root: Path) -> str:
    """The schema of the settings, with every release for an editor to offer."""
    schema: dict[str, Any] = json.loads(product.schemas.text("settings"))
    schema["properties"]["product-version"]["examples"] = list(product.releases.versions[::-1])
    return _text(schema)


def _page(template: str, root: Path, **values: Any) -> str:
    filters: dict[str, Callable[..., str]] = {
        "linked": linked,
        "cell": reference.cell,
        "ansible": reference.ansible_text,
        "prose": reference.prose,
    }
    return render_template(template, folder=root / "templates", filters=filters, **values).rstrip("\n") + "\n"


def _key_pages(product: Product, root: Path) -> str:
    return _page("keys.md.j2", root, adapter=product.adapter)


def _release_page(product: Product, root: Path) -> str:
    return _page("releases.md.j2", root, **release_page(product))


def _rule_pages(product: Product, root: Path) -> str:
    return _page("rules.md.j2", root, rules=list(read_pages(root).values()))


def _verify_page(product: Product, root: Path) -> str:
    return _page("verify.md.j2", root, codes=CODES, basis=BASIS, faults=list(Fault), exclusive=EXCLUSIVE)


def _command_page(product: Product, root: Path) -> str:
    return _page("commands.md.j2", root, commands=commands())


def _exit_code_page(product: Product, root: Path) -> str:
    return _page("exit-codes.md.j2", root, meanings=reference.MEANINGS)


def _document_page(product: Product, root: Path) -> str:
    names = sorted(path.name.removesuffix(".schema.json") for path in (root / "schema").glob("*.schema.json"))
    schemas = [(name, node["title"], node.get("description", "")) for name in names for node in [product.schemas.document(name)]]
    return _page("json.md.j2", root, schemas=schemas, documents=reference.documents(product.schemas.document("report")))


def _setting_page(product: Product, root: Path) -> str:
    schema: dict[str, Any] = json.loads(_settings_schema(product, root))
    return _page("settings.md.j2", root, **reference.settings(schema))


def _spec_page(product: Product, root: Path) -> str:
    schema: dict[str, Any] = json.loads(_spec_schema(product, root))
    return _page("spec.md.j2", root, parts=reference.spec_keys(product, schema))


def _ansible_page(product: Product, root: Path) -> str:
    return _page("ansible.md.j2", root, **reference.plugins(root, _argument_specs(product, root)))


def _architecture(product: Product, root: Path) -> str:
    return _page("architecture.svg.j2", root, **picture(root))


def _galaxy(product: Product, root: Path) -> str:
    """The collection's metadata, which is edited by hand, with the package's version."""
    text = (root / "ansible" / "galaxy.yml").read_text(encoding="utf-8")
    return re.sub(r"(?m)^version: .*", f"version: {__version__}", text)


def _argument_specs(product: Product, root: Path) -> str:
    return _page(
        "argument_specs.yml.j2",
        root,
        adapter=product.adapter,
        tenant_options=list(_tenant_options(product, root)),
        versions=list(product.releases.versions),
    )


def _tenant_options(product: Product, root: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield what a tenant can have: name, description, and whether it is a secret or holds one."""
    schema: dict[str, Any] = json.loads(_spec_schema(product, root))  # as it will be written
    for name, node in schema["$defs"]["sender"]["properties"].items():
        key = product.adapter.get(name)
        if key is not None:
            yield name, f"{key.title}; see O(email_sender_global.{name}).", key.secret
        else:
            named = schema["$defs"][str(node["$ref"]).rpartition("/")[2]] if "$ref" in node else node
            yield name, _without_sources(named.get("description", named["title"])), "$ref" in node


_SOURCES = re.compile(r"product/[a-z-]+\.md#[a-z0-9-]+(?:, product/[a-z-]+\.md#[a-z0-9-]+)*")


def _without_sources(text: str) -> str:
    """Return a description for ansible-doc, where a path in docs/ leads nowhere: the role's own description says where the facts are."""
    text = _SOURCES.sub("\0", text)
    text = re.sub(r" \(\0\)|[;,] \0(?=\))| \0\.", "", text)
    assert "\0" not in text, text
    return re.sub(r"`([^`]+)`", r"C(\1)", text)
