"""The schema drives: a key that does not exist is added to a copy of adapter.schema.json, and arrives everywhere.

One edit in one file, then ``make generate``: what follows is found in every place that the schema drives, and nothing else was touched.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mailwright.base import resources as _resources
from mailwright.deployment import parse_deployment
from mailwright.engine.effective import effective
from mailwright.generate import writing as generate
from mailwright.product.product import load_product
from mailwright.rendering.fragment import render_fragment
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import load_spec
from mailwright.validation import references
from products import load_adapter

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
ROOT = Path(__file__).resolve().parents[2]
COPIED = ("schema", "templates", "docs", "ansible", "generator")
KEY: dict[str, Any] = {
    "title": "Courier id",
    "description": "A key that no release has: the courier that carries the mail.",
    "type": "string",
    "minLength": 3,
    "writeOnly": True,
    "default": "",
    "examples": ["$secret{courier}"],
    "x-since": "7.2.0",
    "x-xml": "mail.smtp.courierId",
    "x-axis2": False,
    "x-javamail": None,
    "x-v1": None,
    "x-v2": {"property": "courierId"},
    "x-aliases": ["courier"],
    "x-source": "product/releases.md#components: made up for this test",
}
CANARY = "pigeon4711"
SHIPPED = load_product()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the data folders with the key behind `signature`, generated anew."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    path = root / "schema" / "adapter.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    keys: dict[str, Any] = {}
    for name, node in schema["properties"].items():
        keys[name] = node
        if name == "signature":
            keys["courier_id"] = KEY
    schema["properties"] = keys
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    written = {path.relative_to(root).as_posix() for path in generate.write(root)}
    assert {name for name in written if not name.startswith("tests/data/")} == {
        "schema/spec.schema.json",
        "schema/deployment.schema.json",
        "docs/reference/keys.md",
        "docs/reference/spec.md",
        "ansible/roles/email_sender/meta/argument_specs.yml",
        "generator/mailwright/product/predicates/adapter.py",
        "generator/mailwright/product/predicates/spec.py",
    }
    assert generate.stale(root) == []
    return root


@pytest.fixture(autouse=True)
def other_root(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package read its data from the copy; what is kept of the product is kept by its folder."""
    monkeypatch.setattr(_resources, "root", lambda: copy)


def deployment(write: Write, line: str) -> Path:
    return write("deployment.toml", f"[output_adapter.email]\nfrom_address = 'a@b.example'\n{line}\n")


def spec(write: Write, value: str = "$env{MAILWRIGHT_COURIER}", version: str = "7.3.0") -> Path:
    tenant = {"from_address": "a@a.example", "hostname": "h", "port": 25, "signature": "A", "reply_to": "a@a.example"}
    sender = {
        "from_address": "a@b.example",
        "hostname": "h",
        "username": "u",
        "password": "$env{P}",
        "signature": "S",
        "reply_to": "a@b",
    }
    login = {"username": "u", "password": "$env{MAILWRIGHT_P}", "enable_start_tls": True, "enable_authentication": True}
    content = {
        "mailwright": 1,
        "product": {"version": version},
        "global": {**sender, "courier_id": value},
        "tenants": {"a.example": {**tenant, **login, "courier_id": value}},
    }
    return write("spec.json", json.dumps(content))


def test_its_annotations_satisfy_the_vocabulary(copy: Path) -> None:
    vocabulary = json.loads((copy / "schema" / "vocabulary.schema.json").read_text(encoding="utf-8"))
    adapter = json.loads((copy / "schema" / "adapter.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(vocabulary).validate(adapter)
    del adapter["properties"]["courier_id"]["x-since"]
    assert not Draft202012Validator(vocabulary).is_valid(adapter)


def test_validation_of_a_deployment(run: Run, write: Write) -> None:
    path = deployment(write, "courier_id = 'id'")
    (finding,) = run("validate", path, "--product-version", "7.3.0", "--format", "json", "--select", "MW0").json["files"][0][
        "findings"
    ]
    assert (finding["rule"], finding["path"], finding["line"]) == ("MW002", "output_adapter.email.courier_id", 3)
    assert finding["hint"] == 'e.g. "$secret{courier}"'


def test_validation_of_a_spec(run: Run, write: Write) -> None:
    assert run("validate", spec(write)).code == 0
    result = run("validate", spec(write, "id"), "--format", "json", "--select", "MW002")
    paths = [finding["path"] for finding in result.json["files"][0]["findings"]]
    assert sorted(paths) == ["global.courier_id", "tenants.a.example.courier_id"]


def test_version_check(run: Run, write: Write) -> None:
    path = deployment(write, "courier_id = 'courier'")
    (finding,) = run("validate", path, "--product-version", "7.1.0", "--format", "json", "--select", "MW102").json["files"][0][
        "findings"
    ]
    assert (finding["rule"], "came with 7.2.0" in finding["message"]) == ("MW102", True)
    assert run("validate", path, "--product-version", "7.2.0").code == 0


@pytest.mark.parametrize("name", ["courierId", "courier", "courrier_id"])
def test_unknown_key_suggestion(name: str, run: Run, write: Write) -> None:
    path = deployment(write, f"{name} = 'x'")
    (finding,) = run("validate", path, "--product-version", "7.3.0", "--format", "json", "--select", "MW101").json["files"][0][
        "findings"
    ]
    assert (finding["rule"], finding["hint"]) == ("MW101", "did you mean `courier_id`?")


def test_effective_xml(write: Write) -> None:
    toml = deployment(write, "courier_id = 'courier'").read_text(encoding="utf-8")
    names = [item.name for item in effective(parse_deployment(toml), load_product().releases.parse("7.3.0")).properties]
    assert names[names.index("mail.smtp.signature") + 1] == "mail.smtp.courierId"
    assert effective(parse_deployment(toml), load_product().releases.parse("7.3.0")).text_of("mail.smtp.courierId") == "courier"
    assert effective(parse_deployment(""), load_product().releases.parse("7.3.0")).text_of("mail.smtp.courierId") == ""
    assert effective(parse_deployment(toml), load_product().releases.parse("7.1.0")).text_of("mail.smtp.courierId") is None


def test_redaction(run: Run, write: Write) -> None:
    path = deployment(write, f"courier_id = '{CANARY}&'")
    for command in (["validate"], ["effective"], ["effective", "--format", "json"]):
        assert CANARY not in run(command[0], path, "--product-version", "7.3.0", *command[1:]).output
    path = deployment(write, f"courier_id = '{CANARY}'\nhostname = '$ref{{output_adapter.email.courier_id}}'")
    assert CANARY not in run("effective", path, "--product-version", "7.3.0").output
    assert CANARY not in run("validate", spec(write, f"{CANARY}\x01")).output
    assert ("courier_id",) in references.secret_paths(load_product())


def test_references_in_tenants(run: Run, write: Write) -> None:
    """A secret takes `$env{}` as its whole value; what is no secret does not."""
    assert "MW401" not in run("validate", spec(write)).stdout
    assert "MW401" in run("validate", spec(write, "x$env{MAILWRIGHT_COURIER}")).stdout


def test_fragment_order(write: Write) -> None:
    text = render_fragment(load_spec(spec(write)), load_product().releases.parse("7.3.0"))
    keys = re.findall(r"^(\w+) = ", text, re.MULTILINE)
    assert keys[keys.index("signature") + 1] == "courier_id"


def test_payloads(write: Write) -> None:
    (tenant,) = load_spec(spec(write)).tenants
    payload, older = (tenant_payload(tenant, load_product().releases.parse(version)) for version in ("7.3.0", "7.1.0"))
    assert {place.name: text for place, text in payload.secrets.items()}["courierId"] == "$env{MAILWRIGHT_COURIER}"
    assert "courierId" not in {place.name for place in older.secrets}


def test_argument_specification(copy: Path) -> None:
    text = (copy / "ansible" / "roles" / "email_sender" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options = yaml.safe_load(text)["argument_specs"]["main"]["options"]["email_sender_global"]["options"]
    assert options["courier_id"]["no_log"] is True
    assert KEY["title"] in options["courier_id"]["description"]


def test_editor_schemas(copy: Path, run: Run) -> None:
    written = json.loads((copy / "schema" / "spec.schema.json").read_text(encoding="utf-8"))
    assert written["$defs"]["sender"]["properties"]["courier_id"] == {"$ref": "adapter.schema.json#/properties/courier_id"}
    for name in ("spec", "deployment", "adapter"):
        printed = run("schema", name).json
        Draft202012Validator.check_schema(printed)
        assert KEY["description"] in json.dumps(printed)
    check = Draft202012Validator(run("schema", "deployment").json)
    assert check.is_valid({"output_adapter": {"email": {"courier_id": "courier"}}})
    assert not check.is_valid({"output_adapter": {"email": {"courier_id": "id"}}})


def test_reference_page(copy: Path) -> None:
    page = (copy / "docs" / "reference" / "keys.md").read_text(encoding="utf-8")
    assert "\n## courier_id\n" in page
    assert "| [`courier_id`](#courier_id) | 7.2.0 |" in page


def test_explain(run: Run) -> None:
    result = run("explain", "courier_id")
    assert result.code == 0
    for text in (
        "Courier id",
        "a secret: never printed",
        "since          7.2.0",
        "mail.smtp.courierId",
        "property courierId",
        "courier",
    ):
        assert text in result.stdout


def test_the_package_is_back_to_itself_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert load_product() is SHIPPED
    assert "courier_id" not in load_adapter()


MEANS_SOMETHING_ELSE = {
    ("cli/sandbox.py", "reply_to"): "a header of a mail that the sandbox took, in its JSON",
    ("rendering/verify_job.py", "port"): "a field of Kubernetes' NetworkPolicy",
    ("report/verified_html.py", "port"): "of the server that was verified, in the JSON of verify",
    ("report/handshakes.py", "from_address"): "advice in words, about whatever sender was verified",
    ("sandbox/identity/accounts.py", "password"): "of an owner of a tenant, in the API's own JSON",
    ("sandbox/identity/accounts.py", "username"): "of an owner of a tenant, in the API's own JSON",
    ("sandbox/identity/application.py", "client_id"): "OAuth's own parameter",
    ("sandbox/identity/application.py", "client_secret"): "OAuth's own parameter",
    ("sandbox/identity/senders.py", "password"): "a field of the API's v1, which the stand-in is",
    ("sandbox/smtp/tokens.py", "client_id"): "OAuth's own parameter",
    ("sandbox/smtp/tokens.py", "client_secret"): "OAuth's own parameter",
    ("tenants/preparing.py", "client_id"): "of the spec's `api`: the client of mailwright itself",
    ("tenants/preparing.py", "client_secret"): "of the spec's `api`: the client of mailwright itself",
    ("tenants/preparing.py", "password"): "of the spec's `api` and of an owner",
    ("tenants/preparing.py", "username"): "of an owner of a tenant",
    ("tenants/planning.py", "password"): "the word for what is sent along",
    ("verification/certificates.py", "signature"): "the algorithm that a certificate is signed with",
    ("verification/tokens.py", "client_id"): "OAuth's own parameter",
    ("verification/tokens.py", "client_secret"): "OAuth's own parameter",
}
"""Where a key's name stands for another thing: each word of each file with the reason, never a whole area."""

FREE = ("rules/", "product/predicates/", "verification/client.py", "verification/handshake.py", "base/atomic.py")
"""Where keys may be named: the rules, the mail client's model; and generated files: the predicates, and the collection's copies,
whose sources are looked at."""


def texts(path: Path) -> Iterator[str]:
    """Yield the texts in a module's code: no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    prose = {
        id(node.value)
        for owner in ast.walk(tree)
        if isinstance(owner, documented)
        for node in owner.body[:1]
        if isinstance(node, ast.Expr)
    }
    prose |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_nothing_in_the_code_names_adapter_keys_but_rules_and_the_mail_clients_model() -> None:
    """A text that is a key's name, or says one that can mean nothing else, stands nowhere else."""
    keys = json.loads((ROOT / "schema" / "adapter.schema.json").read_text(encoding="utf-8"))["properties"]
    telling = [name for name in keys if "_" in name and name not in ("client_id", "client_secret")]
    said = re.compile(rf"(?<![\w.])(?:{'|'.join(telling)})(?!\w)")
    found: set[tuple[str, str]] = set()
    for folder in (ROOT / "generator" / "mailwright", ROOT / "ansible" / "plugins"):
        for path in folder.rglob("*.py"):
            name = path.relative_to(folder).as_posix()
            if not name.startswith(FREE):
                named = {word for text in texts(path) for word in ([text] if text in keys else said.findall(text))}
                found |= {(name, word) for word in named}
    assert found == set(MEANS_SOMETHING_ELSE), "name no key: take it from the schema, or say why the word means something else"
