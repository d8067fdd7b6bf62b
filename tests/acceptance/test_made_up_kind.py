"""Kinds of authentication are data: an edit of schema files adds one that does not exist to a copy, and it arrives everywhere."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from copies import ROOT, Copy, copied

KIND: dict[str, Any] = {
    "title": "Signed requests",
    "needs": ["keyId", "signingKey"],
    "smtp": "as BASIC",
    "source": "product/api.md#rule-11",
}
CREDENTIALS: dict[str, Any] = {
    "keyId": {"spec": "key_id", "title": "Key id", "example": "key-1", "source": "product/api.md#rule-11"},
    "signingKey": {
        "spec": "signing_key",
        "title": "Signing key",
        "secret": True,
        "example": "example-key",
        "reference": "$file{beta.key}",
        "source": "product/api.md#rule-11",
    },
}
SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  a.example:
    provider: HTTP
    from_address: a@a.example
    http:
      url: https://m.example/send
      body: "{}"
      auth: {type: signed_key, key_id: key-1, signing_key: "$file{s}"}
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    def add(folder: Path) -> None:
        types, releases = folder / "auth-types.json", folder / "releases.json"
        document = json.loads(types.read_text(encoding="utf-8"))
        document["types"]["SIGNED_KEY"] = KIND
        document["credentials"] |= CREDENTIALS
        types.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        document = json.loads(releases.read_text(encoding="utf-8"))
        newest = [entry for entry in document["releases"] if not entry.get("preview")][-1]
        newest["auth_types"].append("SIGNED_KEY")
        releases.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    made, written = copied(tmp_path_factory.mktemp("checkout"), add)
    assert not [name for name in written if name.endswith(".py") and "/predicates/" not in name], "no code has to change"
    return made


def spec(folder: Path, text: str = SPEC) -> Path:
    (folder / "s").write_text("secret-4711", encoding="utf-8")
    path = folder / "email.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_validate(copy: Copy, tmp_path: Path) -> None:
    assert [found for found in copy.findings(spec(tmp_path)) if found["severity"] == "error"] == []
    without = copy.findings(spec(tmp_path, SPEC.replace(', signing_key: "$file{s}"', "")))
    assert any(found["rule"] == "MW002" and "signing_key" in found["message"] for found in without)
    (literal,) = (
        found for found in copy.findings(spec(tmp_path, SPEC.replace("key-1", '"$file{s}"'))) if found["rule"] == "MW401"
    )
    assert literal["path"] == "tenants.a.example.http.auth.key_id", "no secret: no reference"
    older = copy.findings(spec(tmp_path, SPEC.replace("7.3.0", "7.2.0")))
    assert [found["rule"] for found in older] == ["MW402"]


def test_render(copy: Copy, tmp_path: Path) -> None:
    run = copy.mailwright("render", spec(tmp_path).name, "-o", "out", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    payload = json.loads((tmp_path / "out" / "tenants" / "a.example.v2.json").read_text(encoding="utf-8"))
    secrets = json.loads((tmp_path / "out" / "tenants" / "a.example.v2.secrets.json").read_text(encoding="utf-8"))
    assert payload["authType"] == "SIGNED_KEY"
    assert {"key": "keyId", "value": "key-1"} in payload["properties"]
    assert secrets == {"signingKey": "$file{s}"}


def test_plan(copy: Copy, tmp_path: Path) -> None:
    """What the server shows of such a sender is no difference."""
    shown = """
from mailwright.product.product import load_product
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import load_spec
from mailwright.tenants.comparable import expected, observed
import sys

product = load_product()
(tenant,) = load_spec(sys.argv[1]).tenants
names, payload = product.payload_names, tenant_payload(tenant, product.releases.newest)
want = expected(payload, names)
same = observed(payload.body, "v2", names)
other = observed({**payload.body, "authType": "BEARER"}, "v2", names)
print(want == same, want == other, want.auth_type, sorted(names.secret & {"signingKey", "keyId"}))
"""
    run = copy.python("-c", shown, str(spec(tmp_path)))
    assert run.stdout.split(maxsplit=3) == ["True", "False", "SIGNED_KEY", "['signingKey']\n"], run.stderr


def test_import(copy: Copy, tmp_path: Path) -> None:
    document = {
        "name": "EmailPublisher",
        "provider": "HTTP",
        "providerURL": "https://m.example/send",
        "fromAddress": "a@a.example",
        "authType": "SIGNED_KEY",
        "properties": [{"key": "keyId", "value": "key-1"}, {"key": "body", "value": "{}"}],
    }
    code = """
from mailwright.adoption.payloads import Variables, import_sender
import json, sys
tenant = import_sender("a.example", json.loads(sys.argv[1]), "v2", Variables())
print(json.dumps([tenant.sender["http"]["auth"], tenant.variables]))
"""
    run = copy.python("-c", code, json.dumps(document))
    auth, variables = json.loads(run.stdout)
    assert (auth["type"], auth["key_id"], auth["signing_key"]) == ("SIGNED_KEY", "key-1", f"$env{{{variables[0]}}}")


def test_the_sandbox(copy: Copy) -> None:
    code = """
from mailwright.product.product import load_product
from mailwright.sandbox.identity.refusals import Refused
from mailwright.sandbox.identity.senders import read_sender, represent
import json

release = load_product().releases.newest
for keys in (("keyId", "signingKey"), ("keyId",)):
    properties = [{"key": key, "value": "v"} for key in (*keys, "body")]
    body = {"provider": "HTTP", "providerURL": "https://x", "authType": "signed_key", "properties": properties}
    try:
        sender = read_sender(json.dumps(body).encode(), "v2", release, name=None, ignore_unknown=False)
        print(sender.authType, [entry["key"] for entry in represent(sender, "v2", release)["properties"]])
    except Refused as refused:
        print(refused.code)
"""
    run = copy.python("-c", code)
    assert run.stdout.splitlines() == ["SIGNED_KEY ['body', 'keyId']", "NSM-65022"], run.stderr


def test_the_reference_page(copy: Copy) -> None:
    assert "SIGNED_KEY" in copy.read("docs/reference/releases.md")


def test_no_code_decides_by_the_name_of_a_kind() -> None:
    """Kinds stand in texts for people; where one is compared, or looked for in a list, the schema has to say what makes it so."""
    kinds = {*json.loads((ROOT / "schema" / "auth-types.json").read_text(encoding="utf-8"))["types"]}
    for path in (ROOT / "generator" / "mailwright").rglob("*.py"):
        if "predicates" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare | ast.MatchValue | ast.Dict | ast.Set):
                named = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
                assert not named & kinds, f"{path.name}:{node.lineno}"
