"""A product is a value: one that does not exist stands beside the one that ships, in one process, and each has its own results.

It is a folder of schemas, as a fork of the product with the same adapter would have it: another table, a key more, other releases.
"""

from __future__ import annotations

import ast
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.places import Source
from mailwright.deployment import parse_deployment
from mailwright.engine.effective import Outcome, effective
from mailwright.generate import writing as generate
from mailwright.product.product import Product, load_product
from mailwright.rendering.fragment import node_settings, render_fragment
from mailwright.rendering.merging import merge
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import Spec, load_spec
from mailwright.validation import Check

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("schema", "templates", "docs", "ansible", "generator")
SHIPPED = load_product()

TABLE = "notifications.mail"
FILE = """\
[output_adapter.email]
from_address = "first@example.com"
hostname = "first.example.com"
enable_authentication = false

[notifications.mail]
from_address = "second@example.com"
hostname = "second.example.com"
courier_id = "dove"
enable_authentication = false
"""
SPEC: dict[str, Any] = {
    "mailwright": 1,
    "global": {"from_address": "a@b.example", "hostname": "relay.example.com", "enable_authentication": False},
    "tenants": {
        "a.example": {
            "from_address": "a@a.example",
            "hostname": "relay.a.example",
            "port": 587,
            "signature": "A",
            "reply_to": "a@a.example",
            "username": "u",
            "password": "$env{MAILWRIGHT_P}",
        }
    },
}


def edit(path: Path, change: Any) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Product:
    root = tmp_path_factory.mktemp("second")
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    edit(root / "schema" / "product.json", lambda document: document.update(name="Courier Server", table=TABLE))

    def keys(schema: dict[str, Any]) -> None:
        # Some defaults refer to a key of the table.
        schema["properties"] = json.loads(json.dumps(schema["properties"]).replace("output_adapter.email", TABLE))
        for node in schema["properties"].values():
            node["x-since"] = "1.0.0"
        like = schema["properties"]["signature"]
        schema["properties"]["courier_id"] = {
            **like,
            "title": "Courier",
            "x-since": "2.0.0",
            "x-xml": "mail.smtp.courierId",
            "x-v1": None,
            "x-v2": {"property": "courierId"},
            "x-aliases": ["courier"],
        }

    def releases(document: dict[str, Any]) -> None:
        traits = {**SHIPPED.releases.lines[SHIPPED.releases.newest.version]}
        for made in ("payload_lines", "tenant_api", "preview"):
            del traits[made]
        document["releases"] = [{**traits, "version": "1.0.0", "payloads": {"v2": "1.0.0"}}, {"version": "2.0.0"}]

    def payloads(schema: dict[str, Any]) -> None:
        lines = {name: node for name, node in schema["$defs"].items() if not name.startswith("7.2.0")}
        schema["$defs"] = json.loads(json.dumps(lines).replace("7.3.0", "1.0.0"))

    edit(root / "schema" / "tenant-sender.v2.schema.json", payloads)
    edit(root / "schema" / "adapter.schema.json", keys)
    edit(root / "schema" / "releases.json", releases)
    generate.write(root)
    return load_product(root / "schema")


def findings(product: Product, text: str, kind: str = "deployment", **options: Any) -> list[tuple[str, str, str | None]]:
    found = Check(kind, product=product, **options)(f"{kind}.json" if kind == "spec" else "deployment.toml", text.encode())
    return [(finding.rule, finding.message, finding.path) for finding in found]


def spec(folder: Path, product: Product, **sender: Any) -> Spec:
    content = json.loads(json.dumps(SPEC))
    content["global"] |= sender
    for tenant in content["tenants"].values():
        tenant |= sender
    path = folder / "spec.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return load_spec(path, product=product)


@pytest.fixture(autouse=True)
def nothing_changes_for_the_first(other: Product, tmp_path: Path) -> Any:
    """What the product that ships makes of the same file is the same before a test on the other one and behind it."""

    def of_the_first() -> tuple[Any, ...]:
        release = SHIPPED.releases.newest
        (tmp_path / "first").mkdir(exist_ok=True)
        loaded = spec(tmp_path / "first", SHIPPED)
        merged = merge(Source("deployment.toml", FILE), node_settings(loaded))
        view = effective(parse_deployment(FILE), release)
        payloads = [tenant_payload(tenant, release).body for tenant in loaded.tenants]
        return findings(SHIPPED, FILE), view.properties, render_fragment(loaded), merged.text, payloads

    before = of_the_first()
    assert "notifications.mail" not in before[2]
    yield
    assert of_the_first() == before


def test_it_is_another_product(other: Product) -> None:
    assert (other.name, other.table, other.releases.versions) == ("Courier Server", ("notifications", "mail"), ("1.0.0", "2.0.0"))
    assert other.releases.newest != SHIPPED.releases.newest
    assert "courier_id" in other.adapter
    assert "courier_id" not in SHIPPED.adapter
    assert other.adapter["courier_id"].flat == "notifications.mail.courier_id"


def test_effective(other: Product) -> None:
    older, newer = (effective(parse_deployment(FILE), release) for release in other.releases)
    assert newer.outcome is Outcome.OK
    assert newer.text_of("mail.smtp.host") == "second.example.com"
    assert (older.text_of("mail.smtp.courierId"), newer.text_of("mail.smtp.courierId")) == (None, "dove")
    assert effective(parse_deployment(FILE), SHIPPED.releases.newest).text_of("mail.smtp.host") == "first.example.com"


def test_validate_of_a_deployment(other: Product) -> None:
    paths = {path for _, _, path in findings(other, FILE)}
    assert not [path for path in paths if path and path.startswith("output_adapter")]
    assert ("MW102", "`courier_id` came with 2.0.0: this release ignores it", f"{TABLE}.courier_id") in findings(
        other, FILE, product_version="1.0.0"
    )
    misspelt = FILE.replace("courier_id", "couriers_id")
    assert [path for rule, _, path in findings(other, misspelt) if rule == "MW101"] == [f"{TABLE}.couriers_id"]
    assert not [path for _, _, path in findings(SHIPPED, misspelt) if path and path.startswith("notifications")]


def test_validate_of_a_spec(other: Product) -> None:
    content = json.loads(json.dumps(SPEC))
    content["global"]["courier_id"] = "dove"
    text = json.dumps({**content, "product": {"version": "2.0.0"}})
    assert [found for found in findings(other, text, "spec") if found[0] in ("MW002", "MW101", "MW402")] == []
    text = json.dumps({**content, "product": {"version": "7.3.0"}})
    (unknown,) = [path for rule, _, path in findings(SHIPPED, text, "spec") if rule == "MW002"]
    assert unknown == "global.courier_id"


def test_render_and_merge(other: Product, tmp_path: Path) -> None:
    loaded = spec(tmp_path, other, courier_id="dove")
    fragment = render_fragment(loaded)
    assert "[notifications.mail]" in fragment
    assert 'courier_id = "dove"' in fragment
    assert "output_adapter" not in fragment
    merged = merge(Source("deployment.toml", FILE), node_settings(loaded))
    assert merged.text.startswith(FILE[: FILE.index("[notifications")])
    assert 'hostname = "relay.example.com"' in merged.text
    assert merged.starts
    assert all(path.startswith(TABLE) for path in merged.changed)


def test_payloads(other: Product, tmp_path: Path) -> None:
    (tenant,) = spec(tmp_path, other, courier_id="dove").tenants
    older, newer = (tenant_payload(tenant, release).body["properties"] for release in other.releases)
    assert {"key": "courierId", "value": "dove"} in newer
    assert other.payload_names.known - SHIPPED.payload_names.known == {"courierId"}
    assert {entry["key"] for entry in older} >= {"userName", "mail.smtp.signature"}


def test_it_goes_through_a_process_boundary(other: Product) -> None:
    release = pickle.loads(pickle.dumps(other.releases.parse("2.0.0")))
    assert release.product is other
    assert release == other.releases.newest


EDGES = ("cli/", "operations/", "report/validated.py", "product/product.py")
"""What may ask for the product that ships: the commands, the operations, and what the commands print."""

BY_DEFAULT = {
    "adoption/deployments.py",
    "editor/knowing.py",
    "adoption/payloads.py",
    "sandbox/identity/server.py",
    "spec/__init__.py",
    "tenants/policy.py",
    "validation/__init__.py",
    "validation/specs.py",
    "verification/check.py",
    "verification/inputs.py",
}
"""What takes it where its caller names none, by an argument ``product``: each a public function or a class that others begin with."""


def test_only_the_edges_ask_for_the_product_that_ships() -> None:
    package, asking = ROOT / "generator" / "mailwright", set()
    for path in package.rglob("*.py"):
        name = path.relative_to(package).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node).startswith("load_product()")]
        asking |= {name} if calls and not name.startswith(EDGES) else set()
        assert not [node for node in tree.body if isinstance(node, ast.Assign) and "load_product" in ast.unparse(node)], name
    assert asking <= BY_DEFAULT
