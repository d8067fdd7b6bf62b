"""Write the committed files that are made from the adapter schema and from the rules (``make generate``; ``--check`` for ``make check``).

Adding a key to schema/adapter.schema.json and running this is all that a new key takes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .adapter import Adapter, Key

_ADAPTER_REFERENCE = "adapter.schema.json#/properties/"


def outputs(root: Path) -> dict[Path, str]:
    """Return every generated file below *root* with the text it should have.

    Args:
        root: A checkout: the folder that holds ``schema`` and ``templates``.
    """
    adapter = Adapter(json.loads((root / "schema" / "adapter.schema.json").read_text(encoding="utf-8")))
    makers: dict[str, Callable[[Adapter, Path], str]] = {
        "schema/spec.schema.json": _spec_schema,
        "schema/deployment.schema.json": _deployment_schema,
        "docs/reference/keys.md": _key_pages,
        "docs/reference/rules.md": _rule_pages,
        "docs/reference/verify.md": _verify_page,
        "ansible/roles/email_sender/meta/argument_specs.yml": _argument_specs,
    }
    made = {root / name: make(adapter, root) for name, make in makers.items()}
    return made | {root / name: text for name, text in _examples()}


def stale(root: Path) -> list[Path]:
    """Return the generated files whose text is not what it should be."""
    return [path for path, text in outputs(root).items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def write(root: Path) -> list[Path]:
    """Write what is stale; return what was written."""
    changed = stale(root)
    for path, text in outputs(root).items():
        if path in changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return changed


def tenant_keys(adapter: Adapter) -> list[Key]:
    """Return the keys that a tenant can set: those with a place in one of the payloads."""
    return [key for key in adapter.values() if key.v1 or key.v2]


def _spec_schema(adapter: Adapter, root: Path) -> str:
    """The spec's schema: the adapter's keys that a tenant can set are put in front of a sender's own properties."""
    schema: dict[str, Any] = json.loads((root / "schema" / "spec.schema.json").read_text(encoding="utf-8"))
    sender = schema["$defs"]["sender"]
    own = {
        name: node for name, node in sender["properties"].items() if not str(node.get("$ref", "")).startswith(_ADAPTER_REFERENCE)
    }
    sender["properties"] = {key.name: {"$ref": _ADAPTER_REFERENCE + key.name} for key in tenant_keys(adapter)} | own
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _deployment_schema(adapter: Adapter, root: Path) -> str:
    """The schema of deployment.toml: the adapter's schema stands in it, since taplo follows no reference to another file."""
    from .validation.schemas import redirected

    schema: dict[str, Any] = json.loads((root / "schema" / "deployment.schema.json").read_text(encoding="utf-8"))
    schema.setdefault("$defs", {})["adapter"] = redirected(adapter.schema, "/$defs/adapter")
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _key_pages(adapter: Adapter, root: Path) -> str:
    from .rendering import render_template

    return render_template("keys.md.j2", folder=root / "templates", adapter=adapter)


def _rule_pages(adapter: Adapter, root: Path) -> str:
    from .rendering import render_template
    from .rules import CATALOGUE

    return render_template("rules.md.j2", folder=root / "templates", rules=list(CATALOGUE.values()))


def _verify_page(adapter: Adapter, root: Path) -> str:
    from .rendering import render_template
    from .sandbox.smtp.faults import EXCLUSIVE, Fault
    from .verify.codes import CODES

    return render_template("verify.md.j2", folder=root / "templates", codes=CODES, faults=list(Fault), exclusive=EXCLUSIVE)


def _examples() -> Iterator[tuple[str, str]]:
    """The examples of the rules' pages, as files that the tests validate."""
    from .rules import CATALOGUE

    for rule in CATALOGUE.values():
        for folder, text in (("invalid", rule.bad), ("valid", rule.good)):
            yield f"tests/data/{folder}/{rule.id}.{rule.language}", text


def _argument_specs(adapter: Adapter, root: Path) -> str:
    from .rendering import render_template

    return render_template(
        "argument_specs.yml.j2", folder=root / "templates", adapter=adapter, tenant_options=list(_tenant_options(adapter, root))
    )


def _tenant_options(adapter: Adapter, root: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield what a tenant can have: name, description, and whether it is a secret or holds one."""
    schema: dict[str, Any] = json.loads(_spec_schema(adapter, root))  # as it will be written
    for name, node in schema["$defs"]["sender"]["properties"].items():
        key = adapter.get(name)
        if key is not None:
            yield name, f"{key.title}.", key.secret
        else:
            named = schema["$defs"][str(node["$ref"]).rpartition("/")[2]] if "$ref" in node else node
            yield name, named.get("description", named["title"]), "$ref" in node


def main(arguments: list[str]) -> int:
    """Run from the checkout's root: ``python -m mailwright.generate [--check]``."""
    root = Path.cwd()
    if "--check" in arguments:
        for path in (old := stale(root)):
            print(f"{path.relative_to(root)} is stale: run `make generate`", file=sys.stderr)
        return 1 if old else 0
    for path in write(root):
        print(f"wrote {path.relative_to(root)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
