"""The stand-in held against the API definitions, ours and the vendor's: every operation, what is sent and what comes back.

Where the two differ, the facts say that the server differs from its own definition: each such place is listed with its fact. One that
is not listed fails the test, and so does one that is listed but does not occur.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema_path import SchemaPath
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.request.validators import V30RequestValidator
from openapi_core.validation.response.validators import V30ResponseValidator

from mailwright.sandbox.ca import Authority
from mailwright.sandbox.identity import Behaviour, SandboxIs, TenantSettings
from product_files import SOURCES, VENDOR, sender_definition, tenant_definition
from products import ALL
from sandbox_requests import BASIC, HTTP, V1, Answer, Asker

pytestmark = pytest.mark.network

ACME, NAME = "acme.example", "EmailPublisher"
SENDERS, TENANTS = "/notification-senders/email", "/tenants"
AUTHORITY = Authority()
RELEASES = [release.version for release in ALL if release.tenant_api]


@dataclass
class Observer:
    """Ask the stand-in below *prefix* and note how each exchange differs from the definition."""

    ask: Asker
    prefix: str
    document: dict[str, Any]

    def __post_init__(self) -> None:
        # Its paths begin at the prefix; who may call is not what it says (product/api.md#openapi-scopes), and the library has no
        # OAuth2.
        path = SchemaPath.from_dict({**self.document, "servers": [{"url": "https://localhost"}], "security": []})
        self.request_errors = V30RequestValidator(path).iter_errors
        self.response_errors = V30ResponseValidator(path).iter_errors
        self.deviations: set[tuple[str, str]] = set()
        self.operations: set[tuple[str, str]] = set()

    def __call__(self, label: str, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        headers = self.ask.admin(self.prefix) | ({"Content-Type": "application/json"} if raw is not None else {})
        answer = self.ask(method, self.prefix + path, body, raw=raw, headers=headers)
        where, _, query = path.partition("?")
        request = MockRequest(
            "https://localhost",
            method.lower(),
            where,
            args=dict(pair.split("=") for pair in query.replace("+", " ").split("&") if pair),
            headers=headers,
            data=raw if raw is not None else None if body is None else json.dumps(body).encode(),
            content_type="application/json" if raw is not None or body is not None else "",
        )
        response = MockResponse(
            answer.body,
            answer.status,
            {"Content-Type": answer.headers.get("Content-Type", "")},
            answer.headers.get("Content-Type", ""),
        )
        valid = not list(self.request_errors(request))
        if list(self.response_errors(request, response)):
            self.deviations.add((label, "answer"))
        if valid and answer.status in (400, 500):
            self.deviations.add((label, "refused"))
        if not valid and answer.status < 300:
            self.deviations.add((label, "accepted"))
        self.operations.add((method, where))
        return answer


def operations(document: dict[str, Any], prefix: str) -> set[tuple[str, str]]:
    """Return the operations of a definition below *prefix*: method and path."""
    methods = {"get", "post", "put", "delete", "head", "patch"}
    paths = {path: node for path, node in document["paths"].items() if path == prefix or path.startswith(prefix + "/")}
    return {(method.upper(), path) for path, node in paths.items() for method in node if method in methods}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    left = {name: value for name, value in body.items() if name not in names}
    return {**left, "properties": [entry for entry in body["properties"] if entry["key"] not in names]}


def use_senders(see: Observer, body: dict[str, Any]) -> None:
    """Call every operation on email senders, in every way that the facts speak of."""
    one = f"{SENDERS}/{NAME}"
    see("list nothing", "GET", SENDERS)
    see("create", "POST", SENDERS, {**body, "name": NAME})
    see("create again", "POST", SENDERS, body)
    see("create another name", "POST", SENDERS, {**body, "name": "Other"})
    see("list", "GET", SENDERS)
    see("read", "GET", one)
    see("replace", "PUT", one, body)
    see("read unknown", "GET", f"{SENDERS}/Other")
    see("delete unknown", "DELETE", f"{SENDERS}/Other")
    see("replace unknown", "PUT", f"{SENDERS}/Other", body)
    see("no JSON", "PUT", one, raw=b"{")
    see("port as text", "PUT", one, {**body, "smtpPort": "587"})
    see("without address", "PUT", one, without(body, "fromAddress"))
    see("without properties", "PUT", one, {name: value for name, value in body.items() if name != "properties"})
    see("half an entry", "PUT", one, {**body, "properties": [*body["properties"], {"key": "half"}]})
    see("sparse", "PUT", one, {"fromAddress": "no-reply@acme.example", "properties": []})
    see("unknown field", "PUT", one, {**body, "colour": "red"})
    see("delete", "DELETE", one)


def use_newer_senders(see: Observer) -> None:
    """Call what only v2 of 7.3.0 has."""
    one, bare = f"{SENDERS}/{NAME}", without(HTTP, "fromAddress")
    see("create without address", "POST", SENDERS, without(BASIC, "fromAddress"))
    see("create HTTP without address", "POST", SENDERS, bare)
    see("replace by HTTP", "PUT", one, HTTP)
    see("read HTTP", "GET", one)
    see("replace by HTTP without address", "PUT", one, bare)
    see("HTTP without type", "PUT", one, without(HTTP, "authType"))
    see("null as provider", "PUT", one, {**BASIC, "provider": None})


def use_super_tenant(see: Observer, body: dict[str, Any]) -> None:
    """Call every operation for the super tenant."""
    for method, path in (
        ("GET", SENDERS),
        ("POST", SENDERS),
        *((verb, f"{SENDERS}/{NAME}") for verb in ("GET", "PUT", "DELETE")),
    ):
        see("super tenant", method, path, body if method in ("POST", "PUT") else None)


# What differs, and the fact that says so. "answer": it is not as the definition has it. "refused": the definition is content with the
# request, the server is not. "accepted": the other way round.

Deviations = dict[tuple[str, str], str]
EVERYWHERE: Deviations = {
    ("super tenant", "answer"): "product/api.md#super-tenant: 405 with an empty body, the definition has one",
    ("replace unknown", "refused"): "product/api.md#nsm-65010: 400 NSM-65010, not 404",
    ("port as text", "accepted"): "product/api.md#port-as-text: Jackson converts it",
    (
        "unknown field",
        "refused",
    ): "product/api.md#unknown-fields: probably 400 until 7.0.0, unsure later; refused here unless switched",
}
V1_EVERYWHERE: Deviations = {("without properties", "refused"): "product/api.md#properties: 500 SE-50000"}
V1_7_2: Deviations = {("sparse", "refused"): "product/api.md#validation-7-2-0: all rules hold"}
V2_EVERYWHERE: Deviations = {
    ("half an entry", "accepted"): "product/api.md#properties, product/api.md#required-fields: dropped, no bean validation",
    ("without properties", "refused"): "product/api.md#rule-4, product/api.md#rule-5, product/api.md#rule-8",
    ("sparse", "refused"): "product/api.md#rule-1, product/api.md#rule-2, product/api.md#rule-6",
}
V2_7_3: Deviations = {
    ("create without address", "refused"): "product/api.md#rule-3",
    ("create HTTP without address", "answer"): "product/api.md#rule-13; none is asked for, the answer's schema requires it",
    ("replace by HTTP without address", "accepted"): "product/api.md#rule-13, product/api.md#required-fields: no bean validation",
    ("replace by HTTP without address", "answer"): "product/api.md#rule-13",
    ("HTTP without type", "refused"): "product/api.md#rule-6",
}


def expected_of_senders(version: str, release: str) -> Deviations:
    found = EVERYWHERE | (V1_EVERYWHERE if version == "v1" else V2_EVERYWHERE)
    if (version, release) == ("v1", "7.2.0"):
        found = found | V1_7_2
    return found | V2_7_3 if (version, release) == ("v2", "7.3.0") else found


@pytest.mark.parametrize(
    ("release", "version"), [(release, "v1") for release in RELEASES] + [(release, "v2") for release in RELEASES[-2:]]
)
@pytest.mark.parametrize("source", SOURCES)
def test_email_senders(source: str, release: str, version: str) -> None:
    document = sender_definition(source, version, release)
    body = V1 if version == "v1" else BASIC
    with SandboxIs([ACME], product_version=release, authority=AUTHORITY) as server:
        see = Observer(Asker(server), f"/t/{ACME}/api/server/{version}", document)
        above = Observer(Asker(server), f"/t/carbon.super/api/server/{version}", document)
        use_senders(see, body)
        if (version, release) == ("v2", "7.3.0"):
            use_newer_senders(see)
        use_super_tenant(above, body)
    assert see.deviations | above.deviations == set(expected_of_senders(version, release))
    assert {(method, path.replace(NAME, "{sender-name}")) for method, path in above.operations} == operations(document, SENDERS)


def new_tenant(**changes: Any) -> dict[str, Any]:
    owner = {"username": "kim", "email": "kim@new.example", "provisioningMethod": "inline-password", "password": "kim-pass"}
    return {"domain": "new.example", "owners": [owner], **changes}


DOMAINS = dict.fromkeys(("new.example", "free.example"), "{tenant-domain}")


def use_tenants(see: Observer) -> dict[str, str]:
    """Call every operation on tenants that the stand-in has; return which ids stood for which part of a path."""
    see("create", "POST", TENANTS, new_tenant())
    see("create again", "POST", TENANTS, new_tenant())
    see("a capital", "POST", TENANTS, new_tenant(domain="New.example"))
    see("no owner", "POST", TENANTS, {"domain": "other.example"})
    see("no password", "POST", TENANTS, new_tenant(domain="b.example", owners=[{**new_tenant()["owners"][0], "password": ""}]))
    see("list", "GET", TENANTS)
    see("page", "GET", f"{TENANTS}?limit=1&offset=1&sortOrder=desc&sortBy=domainName")
    see("filter", "GET", f"{TENANTS}?filter=domainName+sw+new")
    see("odd filter", "GET", f"{TENANTS}?filter=domainName")
    tenant = see("by domain", "GET", f"{TENANTS}/domain/new.example").json
    see("head", "HEAD", f"{TENANTS}/domain/new.example")
    see("head of nothing", "HEAD", f"{TENANTS}/domain/free.example")
    see("unknown domain", "GET", f"{TENANTS}/domain/free.example")
    see("unknown id", "GET", f"{TENANTS}/ID")
    path = f"{TENANTS}/{tenant['id']}"
    see("by id", "GET", path)
    owner = see("owners", "GET", f"{path}/owners").json[0]["id"]
    see("owner", "GET", f"{path}/owners/{owner}")
    see("unknown owner", "GET", f"{path}/owners/OTHER")
    see("new owner", "PUT", f"{path}/owners/{owner}", {"email": "k@new.example", "firstname": "K", "lastname": "M"})
    see("deactivate", "PUT", f"{path}/lifecycle-status", {"activated": False})
    see("delete", "DELETE", f"{path}/metadata")
    return {tenant["id"]: "{tenant-id}", "ID": "{tenant-id}", owner: "{owner-id}", "OTHER": "{owner-id}", **DOMAINS}


EXPECTED_OF_TENANTS: Deviations = {
    ("create again", "refused"): "product/tenant-management.md#tm-60009: 400 TM-60009, not 409",
    ("a capital", "refused"): "product/tenant-management.md#domain: the definition does not say what a domain may hold",
    ("no password", "refused"): "product/tenant-management.md#owner-password: TM-60013",
    ("odd filter", "refused"): "product/tenant-management.md#filter: TM-60022",
    ("head of nothing", "answer"): "product/tenant-management.md#head-by-domain: 404 = free; no answer to HEAD has a body",
    ("unknown domain", "refused"): "product/tenant-management.md#tm-60014: 400 TM-60015, not 404",
    ("unknown id", "refused"): "product/tenant-management.md#tm-60014: 400 TM-60014, not 404",
    ("unknown owner", "refused"): "product/tenant-management.md#tm-60020: TM-60020",
    (
        "deactivate",
        "accepted",
    ): "product/tenant-management.md#put-status: the body is {activated}, the definition requires another field",
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("release", ["7.2.0", "7.3.0"])
def test_tenants(release: str, source: str) -> None:
    document = tenant_definition(source)
    settings = Behaviour(tenants=TenantSettings(deletion=True))
    with SandboxIs([ACME], product_version=release, authority=AUTHORITY, settings=settings) as server:
        see = Observer(Asker(server), "/api/server/v1", document)
        parts = use_tenants(see)
    assert see.deviations == set(EXPECTED_OF_TENANTS)
    called = {(method, "/".join(parts.get(part, part) for part in path.split("/"))) for method, path in see.operations}
    assert called == operations(document, TENANTS)


@pytest.mark.parametrize("source", SOURCES)
def test_a_tenant_that_is_half_there_and_one_too_many(source: str) -> None:
    document = tenant_definition(source)
    settings = Behaviour(tenants=TenantSettings(partial=True, limit=1))
    with SandboxIs([], authority=AUTHORITY, settings=settings) as server:
        see = Observer(Asker(server), "/api/server/v1", document)
        assert see("half", "POST", TENANTS, new_tenant()).status == 206
        assert see("too many", "POST", TENANTS, new_tenant(domain="b.example")).status == 403
    assert see.deviations == set()


@pytest.mark.parametrize("source", SOURCES)
def test_the_observer_sees_what_is_wrong(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of another shape, and a status that the definition lacks, do not pass."""
    document = sender_definition(source, "v2", "7.3.0")
    monkeypatch.setattr("mailwright.sandbox.identity.application.represent", lambda *_: {"name": 5})
    with SandboxIs([ACME], authority=AUTHORITY) as server:
        server.put(ACME, BASIC, version="v2")
        see = Observer(Asker(server), f"/t/{ACME}/api/server/v2", document)
        see("wrong shape", "GET", SENDERS)
        see("no such method", "PATCH", SENDERS)
    assert see.deviations == {("wrong shape", "answer"), ("no such method", "answer")}


# -- our definitions and the vendor's


def shape(node: Any) -> Any:
    """Return a definition without its words, with references followed: what a validator goes by."""

    def walk(node: Any, root: dict[str, Any]) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                target: Any = root
                for part in node["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
                return walk(target, root)
            left = {key: walk(value, root) for key, value in node.items() if key not in WORDS}
            return {key: sorted(value) if key == "required" and isinstance(value, list) else value for key, value in left.items()}
        if isinstance(node, list):
            return [walk(item, root) for item in node]
        return node

    return walk(node["paths"], node)


WORDS = {
    "description", "summary", "example", "examples", "operationId", "tags", "style", "explode", "security", "readOnly", "headers",
    "format", "x-wso2-request",
}  # fmt: skip


def unordered(node: Any) -> Any:
    """Return a definition in which an optional parameter may say that it is optional."""
    if isinstance(node, dict):
        return {key: unordered(value) for key, value in node.items() if (key, value) != ("required", False)}
    return [unordered(item) for item in node] if isinstance(node, list) else node


def only(definition: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return a definition with the paths at and below *prefix* alone."""
    paths = {path: node for path, node in definition["paths"].items() if path == prefix or path.startswith(prefix + "/")}
    return {**definition, "paths": paths}


if VENDOR.is_dir():

    def test_our_definitions_say_what_the_vendors_say() -> None:
        for version, releases in (("v1", RELEASES), ("v2", ["7.2.0", "7.3.0"])):
            for release in releases:
                theirs = only(sender_definition("vendor", version, release), SENDERS)
                assert shape(sender_definition("ours", version, release)) == shape(theirs)
        theirs = only(tenant_definition("vendor"), TENANTS)
        assert unordered(shape(tenant_definition("ours"))) == unordered(shape(theirs))
