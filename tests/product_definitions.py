"""API definitions of this project's own, with the paths, answers and schemas that the vendor's have for email senders and tenants.

They say what the vendor's definitions say, mistakes included: tests list where the server, and so the stand-in and the payload schemas,
differ (product/api.md#openapi-silent, product/traps.md#openapi-tenants). Where the vendor's files are present a test compares the two.
"""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]
TEXT: Node = {"type": "string"}
WHOLE: Node = {"type": "integer"}
NO_BODY: Node = {"description": "nothing"}


def ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def array(of: Node) -> Node:
    return {"type": "array", "items": of}


def record(*required: str, **properties: Node) -> Node:
    return {"type": "object", **({"required": list(required)} if required else {}), "properties": properties}


def body(schema: Node, *, required: bool = True, example: Any = None) -> Node:
    content: Node = {"schema": schema, **({"example": example} if example is not None else {})}
    return {"content": {"application/json": content}, **({"required": True} if required else {})}


def answers(success: dict[str, Node | None], *errors: str) -> Node:
    """Return an operation's answers: those of success with their schema, and the errors, of which 401 and 403 have no body."""
    found: Node = {status: NO_BODY if schema is None else answer(schema) for status, schema in success.items()}
    return found | {status: NO_BODY if status in ("401", "403") else answer(ref("Error")) for status in errors}


def answer(schema: Node) -> Node:
    return {"description": "JSON", "content": {"application/json": {"schema": schema}}}


def parameter(name: str, where: str, schema: Node = TEXT) -> Node:
    return {"name": name, "in": where, "schema": schema, **({"required": True} if where == "path" else {})}


def document(paths: Node, schemas: Node) -> Node:
    info = {"title": "A stand-in's API", "version": "v1"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


# -- email senders


def senders(api: str, release: str) -> Node:
    """Return the definition of ``/notification-senders/email`` of an API version, as a release has it."""
    http = api == "v2" and release == "7.3.0"
    own: Node = {"userName": TEXT, "password": TEXT} if api == "v1" else {"authType": TEXT}
    provider: Node = {"provider": {**TEXT, "enum": ["SMTP", "HTTP"], "default": "SMTP"}, "providerURL": TEXT} if http else {}
    entries = array(ref("Properties"))
    fields: Node = {**provider, "smtpServerHost": TEXT, "smtpPort": WHOLE, "fromAddress": TEXT, **own, "properties": entries}
    named: Node = {"name": TEXT, **fields}
    schemas = {
        "EmailSender": record("fromAddress", "name", **named),
        "EmailProviderList": array(ref("EmailSender")),
        "EmailSenderAdd": record(*([] if http else ["fromAddress"]), **named),
        "EmailSenderUpdateRequest": record("fromAddress", **fields),
        "Properties": record("key", "value", key=TEXT, value=TEXT),
        "Error": record(code=TEXT, message=TEXT, traceId=TEXT),
    }
    post, put = _examples(api)
    all_errors = ("400", "401", "403", "404", "405", "500")
    one: Node = {"parameters": [parameter("sender-name", "path")]}
    paths = {
        "/notification-senders/email": {
            "get": {"responses": answers({"200": ref("EmailProviderList")}, *all_errors)},
            "post": {
                "requestBody": body(ref("EmailSenderAdd"), required=False, example=post),
                "responses": answers({"201": ref("EmailSender")}, *all_errors, "409"),
            },
        },
        "/notification-senders/email/{sender-name}": {
            "get": one | {"responses": answers({"200": ref("EmailSender")}, *all_errors)},
            "put": one
            | {
                "requestBody": body(ref("EmailSenderUpdateRequest"), example=put),
                "responses": answers({"200": ref("EmailSender")}, *all_errors),
            },
            "delete": one | {"responses": answers({"204": None}, *all_errors)},
        },
    }
    return document(paths, schemas)


def _examples(api: str) -> tuple[Node, Node]:
    """Return bodies with what the vendor's examples have, and without what they lack: signature and reply-to."""
    switch = {"key": "mail.smtp.starttls.enable", "value": True}
    if api == "v1":
        both: Node = {"fromAddress": "no-reply@acme.example", "userName": "acme", "password": "example", "properties": [switch]}
        return both, both
    login = [{"key": "userName", "value": "acme"}, {"key": "password", "value": "example"}]
    server: Node = {"smtpServerHost": "smtp.acme.example", "smtpPort": 587, "authType": "BASIC"}
    address: Node = {"fromAddress": "no-reply@acme.example"}
    return {**address, **server, "properties": [switch, *login]}, {**address, "properties": [switch]}


# -- tenants


def tenants() -> Node:
    """Return the definition of ``/tenants``, as of 7.2.0."""
    status = record(activated={"type": "boolean"})
    claims: Node = {"additionalClaims": array(ref("AdditionalClaims"))}
    names: Node = {"email": TEXT, "firstname": TEXT, "lastname": TEXT}
    listed: Node = {"id": TEXT, "name": TEXT, "domain": TEXT, "owners": array(ref("OwnerResponse"))}
    shown: Node = {**listed, "createdDate": TEXT, "lifecycleStatus": status, "region": TEXT}
    page: Node = {"totalResults": WHOLE, "startIndex": WHOLE, "count": WHOLE, "links": array(record(href=TEXT, rel=TEXT))}
    owner: Node = {"username": TEXT, "password": TEXT, **names, "provisioningMethod": TEXT, **claims}
    schemas = {
        "Tenant": record(**shown),
        "Page": record(**page, tenants=array(ref("Tenant"))),
        "TenantModel": record("domain", "owners", name=TEXT, domain=TEXT, owners=array(ref("Owner"))),
        # What it requires, it does not have; what the server reads, it does not require: product/tenant-management.md#put-status.
        "TenantPutModel": {**status, "required": ["lifecycleStatus"]},
        "Owner": record("username", "email", "provisioningMethod", **owner),
        "OwnerPutModel": record("email", "firstname", "lastname", password=TEXT, **names, **claims),
        "OwnerInfoResponse": record(id=TEXT, username=TEXT, **names, **claims),
        "OwnerResponse": record(id=TEXT, username=TEXT),
        "AdditionalClaims": record(claim=TEXT, value=TEXT),
        "Error": {**record("code", "message", code=TEXT, message=TEXT, traceId=TEXT)},
    }
    number: Node = {**WHOLE, "minimum": 0}
    order: Node = {**TEXT, "enum": ["asc", "desc"]}
    wanted = [("limit", number), ("offset", number), ("sortOrder", order), ("sortBy", TEXT), ("filter", TEXT)]
    errors = ("400", "401", "403", "404", "500")
    tenant, domain = [parameter("tenant-id", "path")], [parameter("tenant-domain", "path")]
    one_owner = [*tenant, parameter("owner-id", "path")]
    partial = answer(ref("Error"))
    paths: Node = {
        "/tenants": {
            "get": {
                "parameters": [parameter(name, "query", schema) for name, schema in wanted],
                "responses": answers({"200": ref("Page")}, *errors),
            },
            "post": {
                "requestBody": body(ref("TenantModel")),
                "responses": {**answers({"201": None}, "400", "401", "403", "409", "500"), "206": partial},
            },
        },
        "/tenants/{tenant-id}": {"get": {"parameters": tenant, "responses": answers({"200": ref("Tenant")}, *errors)}},
        "/tenants/domain/{tenant-domain}": {
            "get": {"parameters": domain, "responses": answers({"200": ref("Tenant")}, *errors)},
            "head": {"parameters": domain, "responses": answers({"200": None}, *errors)},
        },
        "/tenants/{tenant-id}/lifecycle-status": {
            "put": {
                "parameters": tenant,
                "requestBody": body(ref("TenantPutModel")),
                "responses": answers({"200": None}, "400", "401", "403", "409", "500"),
            }
        },
        "/tenants/{tenant-id}/owners": {
            "get": {"parameters": tenant, "responses": answers({"200": array(ref("OwnerResponse"))}, *errors)}
        },
        "/tenants/{tenant-id}/owners/{owner-id}": {
            "get": {
                "parameters": [*one_owner, parameter("additionalClaims", "query")],
                "responses": answers({"200": ref("OwnerInfoResponse")}, *errors),
            },
            "put": {
                "parameters": one_owner,
                "requestBody": body(ref("OwnerPutModel")),
                "responses": {**answers({"200": None}, *errors), "206": partial},
            },
        },
        "/tenants/{tenant-id}/metadata": {"delete": {"parameters": tenant, "responses": answers({"204": None}, *errors)}},
    }
    return document(paths, schemas)
