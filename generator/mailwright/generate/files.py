"""Write the committed files that are made from others (``make generate``; ``--check`` for ``make check``).

Adding a key to schema/adapter.schema.json and running this is all that a new key takes. What both the package and the
collection need is the collection's, since that is what nodes get; the package has a copy, for links do not survive every
checkout and archive.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..product.adapter import Adapter, Key
from ..product.mail_properties import listed
from ..product.product import Product, read_product
from ..spec.references import SERVER_REFERENCE
from .rules import CATALOGUE_FILE, catalogue, examples, page_problems
from .schemas import complete_spec, data_problems, payload_schema

_ADAPTER_REFERENCE = "adapter.schema.json#/properties/"
COPIES = {
    "generator/mailwright/base/atomic.py": "ansible/plugins/module_utils/atomic_write.py",
    "generator/mailwright/verification/handshake.py": "ansible/plugins/module_utils/smtp_handshake.py",
}


def outputs(root: Path) -> dict[Path, str]:
    """Return every generated file below *root* with the text it should have.

    Args:
        root: A checkout: the folder that holds ``schema`` and ``templates``.
    """
    product = _product(root)
    makers: dict[str, Callable[[Product, Path], str]] = {
        "schema/adapter.schema.json": _adapter_schema,
        "schema/spec.schema.json": _spec_schema,
        "schema/deployment.schema.json": _deployment_schema,
        "schema/tenant-sender.v1.schema.json": _payload_schema("v1"),
        "schema/tenant-sender.v2.schema.json": _payload_schema("v2"),
        "docs/reference/keys.md": _key_pages,
        "docs/reference/releases.md": _release_page,
        "docs/reference/rules.md": _rule_pages,
        "docs/reference/verify.md": _verify_page,
        "ansible/roles/email_sender/meta/argument_specs.yml": _argument_specs,
    }
    made = {root / name: make(product, root) for name, make in makers.items()}
    return _first(root) | made | {root / name: text for name, text in examples(root)}


def stale(root: Path) -> list[Path]:
    """Return the generated files that are not what they should be: regular files with their text, byte by byte."""
    return _stale(outputs(root))


def _stale(files: dict[Path, str]) -> list[Path]:
    return [path for path, text in files.items() if path.is_symlink() or not path.is_file() or path.read_bytes() != text.encode()]


def write(root: Path) -> list[Path]:
    """Write what is stale; return what was written. Code comes first: what makes the others imports it."""
    return _write_stale(_first(root)) + _write_stale(outputs(root))


def _write_stale(files: dict[Path, str]) -> list[Path]:
    changed = _stale(files)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(files[path].encode())
    return changed


def _first(root: Path) -> dict[Path, str]:
    """Return the files that are code of the package: copies, and the catalogue of rules."""
    copies = {root / copy: (root / source).read_bytes().decode() for copy, source in COPIES.items()}
    return copies | {root / CATALOGUE_FILE: catalogue(root)}


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
    from ..validation.schemas import redirected

    schema: dict[str, Any] = json.loads(product.schemas.text("deployment"))
    schema.setdefault("$defs", {})["adapter"] = redirected(product.adapter.schema, "/$defs/adapter")
    return _text(schema)


def _key_pages(product: Product, root: Path) -> str:
    from ..rendering.templates import render_template

    return render_template("keys.md.j2", folder=root / "templates", adapter=product.adapter)


def _release_page(product: Product, root: Path) -> str:
    from ..rendering.templates import render_template
    from .releases import release_page

    return render_template("releases.md.j2", folder=root / "templates", **release_page(product))


def _rule_pages(product: Product, root: Path) -> str:
    from ..rendering.templates import render_template
    from ..rules.pages import read_pages

    return render_template("rules.md.j2", folder=root / "templates", rules=list(read_pages(root).values()))


def _verify_page(product: Product, root: Path) -> str:
    from ..rendering.templates import render_template
    from ..sandbox.smtp.faults import EXCLUSIVE, Fault
    from ..verification.codes import BASIS, CODES

    return render_template(
        "verify.md.j2", folder=root / "templates", codes=CODES, basis=BASIS, faults=list(Fault), exclusive=EXCLUSIVE
    )


def _argument_specs(product: Product, root: Path) -> str:
    from ..rendering.templates import render_template

    return render_template(
        "argument_specs.yml.j2",
        folder=root / "templates",
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
            yield name, f"{key.title}.", key.secret
        else:
            named = schema["$defs"][str(node["$ref"]).rpartition("/")[2]] if "$ref" in node else node
            yield name, named.get("description", named["title"]), "$ref" in node


def main(arguments: list[str]) -> int:
    """Run from the checkout's root: ``python -m mailwright.generate [--check]``."""
    root = Path.cwd()
    problems = [*data_problems(root), *page_problems(root)]
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if "--check" in arguments:
        return _check(root)
    for path in write(root):
        print(f"wrote {path.relative_to(root)}")
    return 0


def _check(root: Path) -> int:
    """Report what is stale; code alone where it is, since it may be no Python at all."""
    for path in (old := _stale(_first(root)) or stale(root)):
        name = path.relative_to(root).as_posix()
        source = f": it is a copy of {COPIES[name]}, the one to edit" if name in COPIES else ""
        print(f"{name} is stale{source}; run `make generate`", file=sys.stderr)
    return 1 if old else 0
