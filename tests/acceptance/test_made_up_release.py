"""Releases are data: one that does not exist is added to a copy of the repository, by an edit of one file, and arrives everywhere.

The copy runs in processes of its own, as a checkout with that release would.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from copies import Copy, copied
from jsonschema import Draft202012Validator

from mailwright.generate.schemas import data_problems
from products import KNOWN

ROOT = Path(__file__).resolve().parents[2]

RELEASE: dict[str, Any] = {
    "version": "8.0.0",
    "java": {"oldest": 25},
    "trust_store": {"file": "client-truststore.bcfks", "type": "PKCS12"},
    "quoted_aliases": False,
    "payloads": {"v2": "7.3.0"},
    "providers": ["SMTP", "HTTP"],
    "auth_types": ["BASIC", "PASSWORD_CREDENTIAL"],
    "auth_needs": {"BASIC": ["scopes"]},
    "logs_dropped_values": True,
    "sender_scopes": "configuration",
}
"""What no other release has together: no v1, fewer kinds of authentication, one that asks for more, a trust store of its own."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    def add(folder: Path) -> None:
        path = folder / "releases.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        released = [entry for entry in document["releases"] if not entry.get("preview")]
        path.write_text(json.dumps({**document, "releases": [*released, RELEASE]}, indent=2) + "\n", encoding="utf-8")

    made, written = copied(tmp_path_factory.mktemp("checkout"), add)
    assert written == {
        "schema/spec.schema.json",
        "schema/tenant-sender.v1.schema.json",
        "schema/settings.schema.json",
        "schema/tenant-sender.v2.schema.json",
        "docs/reference/ansible.md",
        "docs/reference/commands.md",
        "docs/reference/releases.md",
        "docs/reference/settings.md",
        "docs/reference/spec.md",
        "ansible/roles/email_sender/meta/argument_specs.yml",
        "generator/mailwright/product/predicates/tenant_sender_v2.py",
    }
    return made


def test_validate_looks_at_it_with_every_release(copy: Copy, tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text("[output_adapter.email]\nfrom_address = 'a@b.example'\n[secrets]\n'a.b' = 'QQ=='\n", encoding="utf-8")
    said = [finding for finding in copy.findings(path) if finding["rule"] == "MW506"]
    assert [finding["releases"] for finding in said] == [["5.9.0", "5.10.0", "5.11.0", "6.0.0", "6.1.0", "8.0.0"]]
    assert [finding["severity"] for finding in said] == ["error"], "the newest release has it"
    assert [finding["rule"] for finding in copy.findings(path, "--product-version", "8.0.0") if finding["rule"] == "MW506"]


def test_validate_of_a_payload_knows_its_kinds(copy: Copy, tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    entries = {"userName": "u", "password": "$env{P}", "mail.smtp.signature": "A", "mail.smtp.replyTo": "a@a.example"}
    sender = {"fromAddress": "a@a.example", "smtpServerHost": "h", "smtpPort": 587, "authType": "BASIC"}
    properties = [{"key": key, "value": value} for key, value in entries.items()]
    options = ("--as", "tenant-sender-v2", "--product-version")
    path.write_text(json.dumps({**sender, "properties": properties}), encoding="utf-8")
    assert [f["rule"] for f in copy.findings(path, *options, "7.3.0") if f["severity"] == "error"] == []
    assert [f["rule"] for f in copy.findings(path, *options, "8.0.0") if f["severity"] == "error"] == ["MW002"]
    path.write_text(json.dumps({**sender, "properties": [*properties, {"key": "scopes", "value": "x"}]}), encoding="utf-8")
    assert [f["rule"] for f in copy.findings(path, *options, "8.0.0") if f["severity"] == "error"] == []
    path.write_text(json.dumps({**sender, "authType": "BEARER", "properties": properties}), encoding="utf-8")
    assert "PASSWORD_CREDENTIAL" in json.dumps(copy.findings(path, *options, "8.0.0"))
    (only,) = [f for f in copy.findings(path, "--as", "tenant-sender-v1", "--product-version", "8.0.0") if f["rule"] == "MW402"]
    assert "no v1" in only["message"]


def test_effective(copy: Copy, tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text("[output_adapter.email]\nhostname = '$secret{a.b}'\n[secrets]\n'a.b' = 'QQ=='\n", encoding="utf-8")
    outcome = {}
    for version in ("7.3.0", "8.0.0", "9.0.0"):
        run = copy.mailwright("effective", path.name, "--product-version", version, "--format", "json", cwd=tmp_path)
        outcome[version] = json.loads(run.stdout)["outcome"]
    assert outcome["7.3.0"] != outcome["8.0.0"] == outcome["9.0.0"], "anything newer is taken for it"


def spec(folder: Path) -> Path:
    path = folder / "email.yaml"
    http = (
        '{url: "https://m.example/send", body: "{}", auth: {type: password_credential, client_id: c, client_secret: "$file{s}",\n'
    )
    http += '      username: u, password: "$file{s}", token_endpoint: "https://l.example/token"}}'
    path.write_text(
        "mailwright: 1\nglobal: {from_address: a@b.example, hostname: localhost, port: 1, enable_authentication: false}\ntenants:\n"
        f"  a.example:\n    provider: http\n    from_address: a@a.example\n    http: {http}\n",
        encoding="utf-8",
    )
    (folder / "s").write_text("secret-4711", encoding="utf-8")
    return path


def test_a_kind_that_only_it_has(copy: Copy, tmp_path: Path) -> None:
    path = spec(tmp_path)
    said = [finding for finding in copy.findings(path) if finding["rule"] == "MW402"]
    assert [finding["releases"] for finding in said if "PASSWORD_CREDENTIAL" in finding["message"]] == [["7.3.0"]]
    assert not [finding for finding in copy.findings(path, "--product-version", "8.0.0") if finding["rule"] == "MW402"]


PLAN = """
import sys
from mailwright.product.product import load_product
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import load_spec
from mailwright.tenants.credentials import Task, sender_scopes

NEWEST = load_product().releases.newest

(tenant,) = load_spec(sys.argv[1]).tenants
payload = tenant_payload(tenant, NEWEST)
print(NEWEST.version, payload.version, payload.body["provider"], payload.body["authType"], sorted(p.name for p in payload.secrets))
print(sender_scopes(Task.READ, NEWEST, organization=False))
"""


def test_plan(copy: Copy, tmp_path: Path) -> None:
    run = copy.python("-c", PLAN, str(spec(tmp_path)))
    assert run.stdout.splitlines() == [
        "8.0.0 v2 HTTP PASSWORD_CREDENTIAL ['clientSecret', 'password']",
        "internal_config_mgt_view",
    ], run.stderr


def test_verify(copy: Copy) -> None:
    code = "from mailwright.verification.inputs import Inputs; from mailwright.product.product import load_product\n"
    code += (
        "print(*(Inputs((), (), v and load_product().releases.parse(v)).trust_store for v in (None, '8.0.0', '7.3.0', '7.0.0')))"
    )
    names = ["client-truststore.bcfks", "client-truststore.bcfks", "client-truststore.p12", "client-truststore.jks"]
    assert copy.python("-c", code).stdout.split() == names


def test_the_role(copy: Copy) -> None:
    options = yaml.safe_load(copy.read("ansible/roles/email_sender/meta/argument_specs.yml"))["argument_specs"]["main"]["options"]
    assert "7.3.0, 8.0.0." in options["email_sender_product_version"]["description"]
    code = "from mailwright.operations.node import node_details\nprint(node_details(None, 'd', '8.0.0')['trust_store'])"
    assert "client-truststore.bcfks" in copy.python("-c", code).stdout


def test_the_sandbox(copy: Copy) -> None:
    code = """
from mailwright.product.product import load_product
from mailwright.sandbox.identity.senders import read_sender
from mailwright.sandbox.identity.refusals import Refused
import json
for kind in ("PASSWORD_CREDENTIAL", "BEARER"):
    keys = ("clientId", "clientSecret", "userName", "password", "tokenEndpoint", "accessToken", "body")
    body = {"provider": "HTTP", "providerURL": "https://x", "authType": kind, "properties": [{"key": k, "value": "v"} for k in keys]}
    try:
        print(read_sender(json.dumps(body).encode(), "v2", load_product().releases.parse("8.0.0"), name=None, ignore_unknown=False).authType)
    except Refused as refused:
        print(refused.code)
"""
    assert copy.python("-c", code).stdout.split() == ["PASSWORD_CREDENTIAL", "NSM-65022"]


def test_the_docs_and_the_editor_schemas(copy: Copy) -> None:
    page = copy.read("docs/reference/releases.md")
    assert "8.0.0: file client-truststore.bcfks, type PKCS12" in page
    assert "| 8.0.0 |" in page
    version = json.loads(copy.read("schema/spec.schema.json"))["properties"]["product"]["properties"]["version"]
    assert version["examples"][0] == "8.0.0"
    payloads = json.loads(copy.read("schema/tenant-sender.v2.schema.json"))
    Draft202012Validator.check_schema(payloads)
    assert payloads["$ref"] == "#/$defs/8.0.0"
    assert payloads["$defs"]["8.0.0-put"]["x-releases"] == ["8.0.0"]


def test_no_text_calls_another_release_the_newest(copy: Copy) -> None:
    """The product's facts may end with a release; what mailwright covers may not."""
    folders = ("schema", "templates", "docs", "ansible", "generator")
    paths = [path for folder in folders for path in (copy.root / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    paths = [path for path in paths if "product" not in path.parts[len(copy.root.parts) :]]
    stale = [path for path in (*paths, ROOT / "README.md") if f"{KNOWN[0]} to {KNOWN[-1]}" in path.read_text("utf-8", "replace")]
    assert not stale


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"auth_types": ["BASIC", "OTHER"]}, "8.0.0 names OTHER, which auth-types.json does not have"),
        ({"payloads": {"v2": "1.0.0"}}, "8.0.0 names 1.0.0, which tenant-sender.v2.schema.json does not have"),
        ({"runtime_secret": True}, "'runtime_secret' was unexpected"),
        ({"version": "7.0.0"}, "must stand oldest first"),
        ({"version": "7.2.9", "preview": True}, "a preview must be newer than every release"),
        ({"java": {"oldest": "21"}}, "'21' is not of type 'integer'"),
    ],
)
def test_what_make_generate_and_make_check_say_of_a_mistake(
    copy: Copy, change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    shutil.copytree(copy.root / "schema", tmp_path / "schema")
    path = tmp_path / "schema" / "releases.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["releases"][-1] |= change
    path.write_text(json.dumps(document), encoding="utf-8")
    assert message in "\n".join(data_problems(tmp_path))
