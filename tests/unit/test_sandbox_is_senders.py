"""The stand-in's idea of a sender: what each release takes, stores and shows, also held against the payload schemas."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.product.product import load_product
from mailwright.product.releases import Release
from mailwright.sandbox.identity.refusals import SENTENCES, Refused
from mailwright.sandbox.identity.senders import StoredSender, read_sender, represent
from mailwright.validation.payloads import line_of
from mailwright.validation.schemas import validator
from products import ALL, load_schema, parse_release
from sandbox_requests import BASIC, CLIENT, HEADERS, HTTP, SMTP, V1, entries

OLD = ("6.0.0", "6.1.0", "7.0.0", "7.1.0")


def read(body: Any, version: str, release: str, *, name: str | None = None, ignore_unknown: bool = False) -> StoredSender:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_sender(raw, version, parse_release(release), name=name, ignore_unknown=ignore_unknown)


def outcome(body: Any, version: str, release: str, **options: Any) -> str:
    """Return ``ok`` or the code."""
    try:
        read(body, version, release, **options)
    except Refused as refused:
        return str(refused.code)
    return "ok"


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a body without fields or properties."""
    left = {name: value for name, value in body.items() if name not in names}
    return {**left, "properties": [entry for entry in body["properties"] if entry["key"] not in names]}


def blanked(body: dict[str, Any], key: str) -> dict[str, Any]:
    properties = [{**entry, "value": " "} if entry["key"] == key else entry for entry in body["properties"]]
    return {**body, "properties": properties}


@pytest.mark.parametrize("release", OLD)
def test_before_7_2_the_service_asks_for_nothing(release: str) -> None:
    assert outcome({"fromAddress": "x", "properties": []}, "v1", release) == "ok"
    assert outcome(without(V1, "mail.smtp.replyTo"), "v1", release) == "ok"


def test_v1_of_7_3_asks_for_nothing_again() -> None:
    assert outcome({"fromAddress": "x", "properties": []}, "v1", "7.3.0") == "ok"


@pytest.mark.parametrize(
    "name", ["smtpServerHost", "smtpPort", "userName", "password", "mail.smtp.signature", "mail.smtp.replyTo"]
)
def test_v1_of_7_2_asks_for_everything(name: str) -> None:
    assert outcome(V1, "v1", "7.2.0") == "ok"
    assert outcome(without(V1, name), "v1", "7.2.0") == "NSM-65022"


@pytest.mark.parametrize("release", [release.version for release in ALL if release.tenant_api])
def test_the_rest_layer_of_v1(release: str) -> None:
    assert outcome({"fromAddress": "x"}, "v1", release) == "SE-50000"
    assert outcome({"fromAddress": "x", "properties": None}, "v1", release) == "SE-50000"
    assert outcome({"properties": []}, "v1", release) == "UE-10000"
    assert outcome({**V1, "properties": [{"key": "a"}]}, "v1", release) == "UE-10000"
    assert outcome({**V1, "smtpPort": "587"}, "v1", release) == "ok"
    assert outcome({**V1, "smtpPort": "ssl"}, "v1", release) == "UE-10000"
    assert outcome({**V1, "fromAddress": ["x"]}, "v1", release) == "UE-10000"
    for raw in (b"{", b"[]", b"", b'"x"'):
        assert outcome(raw, "v1", release) == "UE-10000"


@pytest.mark.parametrize(("version", "body"), [("v1", V1), ("v2", BASIC)])
def test_fields_that_are_not_known(version: str, body: dict[str, Any]) -> None:
    extra = {**body, "colour": "red"}
    assert outcome(extra, version, "7.3.0") == "UE-10000"
    assert outcome(extra, version, "7.3.0", ignore_unknown=True) == "ok"
    assert outcome({**body, "name": "EmailPublisher"}, version, "7.3.0", name="EmailPublisher") == "UE-10000"


@pytest.mark.parametrize("release", ["7.2.0", "7.3.0"])
@pytest.mark.parametrize(
    "name",
    ["smtpServerHost", "smtpPort", "fromAddress", "authType", "mail.smtp.signature", "mail.smtp.replyTo", "userName", "password"],
)
def test_v2_asks_for_everything(release: str, name: str) -> None:
    assert outcome(BASIC, "v2", release) == "ok"
    assert outcome(without(BASIC, name), "v2", release) == "NSM-65022"
    assert outcome({**BASIC, name: " "} if name in BASIC and name != "smtpPort" else blanked(BASIC, name), "v2", release) in (
        "NSM-65022",
        "ok" if name == "smtpPort" else "",
    )


def test_v2_tolerates_a_missing_list_and_half_entries() -> None:
    assert outcome({**SMTP, "authType": "BASIC"}, "v2", "7.3.0") == "NSM-65022"
    stored = read({**BASIC, "properties": [*BASIC["properties"], {"key": "a"}, {"key": " ", "value": "b"}]}, "v2", "7.3.0")
    assert set(stored.properties) == {"mail.smtp.signature", "mail.smtp.replyTo", "userName", "password"}


@pytest.mark.parametrize("name", ["clientId", "clientSecret", "tokenEndpoint"])
def test_client_credentials_are_whole(name: str) -> None:
    assert outcome(CLIENT, "v2", "7.2.0") == outcome(CLIENT, "v2", "7.3.0") == "ok"
    assert outcome(without(CLIENT, name), "v2", "7.2.0") == outcome(without(CLIENT, name), "v2", "7.3.0") == "NSM-65022"


def test_scopes_are_asked_for_by_7_2_alone() -> None:
    assert outcome(without(CLIENT, "scopes"), "v2", "7.2.0") == "NSM-65022"
    assert outcome(without(CLIENT, "scopes"), "v2", "7.3.0") == "ok"


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("BEARER", {"accessToken": "t"}), ("API_KEY", {"apiKeyHeader": "X-Key", "apiKeyValue": "k"}), ("NONE", {})],
)
def test_the_types_of_7_3(kind: str, needed: dict[str, str]) -> None:
    for base in ({**SMTP, "properties": HEADERS}, {**HTTP, "properties": entries(body="b")}):
        body = {**base, "authType": kind, "properties": base["properties"] + entries(**needed)}
        assert outcome(body, "v2", "7.3.0") == "ok"
        assert outcome(body, "v2", "7.2.0") in ("NSM-65022", "UE-10000")
        for key in needed:
            assert outcome(without(body, key), "v2", "7.3.0") == "NSM-65022"


def test_case_of_the_type_and_types_that_are_none() -> None:
    assert outcome({**BASIC, "authType": "basic"}, "v2", "7.3.0") == "ok"
    assert outcome({**BASIC, "authType": "LOGIN"}, "v2", "7.3.0") == "NSM-65022"


def test_http_providers() -> None:
    assert outcome(HTTP, "v2", "7.3.0") == "ok"
    assert outcome(HTTP, "v2", "7.2.0") == "UE-10000"
    assert outcome(without(HTTP, "providerURL"), "v2", "7.3.0") == "NSM-65022"
    assert outcome(without(HTTP, "body"), "v2", "7.3.0") == "NSM-65022"
    for key, value, expected in (
        ("http.client.method", "PUT", "ok"),
        ("http.client.method", "GET", "NSM-65022"),
        ("contentType", "FORM", "ok"),
        ("contentType", "XML", "NSM-65022"),
    ):
        assert outcome({**HTTP, "properties": [*HTTP["properties"], {"key": key, "value": value}]}, "v2", "7.3.0") == expected
    assert outcome({**HTTP, "provider": None}, "v2", "7.3.0") == "SE-50000"
    for other in ("SES", "", " "):
        assert outcome({**HTTP, "provider": other}, "v2", "7.3.0") == "UE-10000"


def test_the_last_of_two_entries_wins_and_reserved_ones_vanish() -> None:
    more = [*entries(a="1", streamName="s", version="9", type="t"), {"key": "a", "value": "2"}, {"key": "flag", "value": True}]
    for version, body in (("v1", V1), ("v2", BASIC)):
        stored = read({**body, "properties": [*body["properties"], *more]}, version, "7.3.0")
        assert {"a": "2", "flag": "true"}.items() <= dict(stored.properties).items()
        assert not {"streamName", "version", "type"} & set(stored.properties)


def test_masks_are_stored_as_they_are() -> None:
    assert read({**V1, "password": "********"}, "v1", "7.2.0").properties["password"] == "********"


def shown(sender: StoredSender, version: str, release: str) -> dict[str, Any]:
    answer = represent(sender, version, parse_release(release))
    return {**answer, "properties": {entry["key"]: entry["value"] for entry in answer["properties"]}}


def test_v1_gives_the_password_back_and_v2_does_not() -> None:
    by_v1, by_v2 = read(V1, "v1", "7.3.0"), read(BASIC, "v2", "7.3.0")
    assert (shown(by_v1, "v1", "7.3.0")["password"], shown(by_v2, "v1", "7.3.0")["password"]) == ("v1-pass", "v2-pass")
    for sender in (by_v1, by_v2):
        answer = shown(sender, "v2", "7.3.0")
        assert "password" not in answer
        assert "pass" not in json.dumps(answer)
        assert (answer["authType"], answer["properties"]["userName"], answer["provider"]) == ("BASIC", "acme", "SMTP")
    assert "provider" not in shown(by_v2, "v2", "7.2.0")
    assert not {"userName", "password"} & set(shown(by_v2, "v1", "7.3.0")["properties"])


@pytest.mark.parametrize(("body", "secret"), [(CLIENT, "s3cret"), (HTTP, "t0ken")])
def test_other_secrets_are_never_shown(body: dict[str, Any], secret: str) -> None:
    sender = read(body, "v2", "7.3.0")
    assert secret in json.dumps(dict(sender.properties))
    for version in ("v1", "v2"):
        assert secret not in json.dumps(represent(sender, version, parse_release("7.3.0")))


def test_before_7_2_any_property_comes_back() -> None:
    sender = read({**V1, "properties": entries(clientSecret="seen")}, "v1", "7.1.0")
    assert shown(sender, "v1", "7.1.0")["properties"] == {"clientSecret": "seen"}
    assert shown(sender, "v1", "7.2.0")["properties"] == {}


def test_every_code_has_a_sentence() -> None:
    assert all(Refused(400, code).document("t") for code in SENTENCES)


# Held against tenant-sender.v1 and .v2: they were made from the same facts by other hands.

LINES = [
    (version, release, name)
    for version in ("v1", "v2")
    for release in ALL
    if (line := line_of(version, release))
    for name in (None, "EmailPublisher")
]
VALUES = st.sampled_from(
    ["x", "", " ", "BASIC", "bearer", "NONE", "API_KEY", "LOGIN", "POST", "GET", "JSON", "HTTP", "SMTP", "25"]
)
KEYS = [
    "userName",
    "password",
    "clientId",
    "clientSecret",
    "tokenEndpoint",
    "scopes",
    "accessToken",
    "apiKeyHeader",
    "apiKeyValue",
]
KEYS += ["body", "http.client.method", "contentType", "mail.smtp.signature", "mail.smtp.replyTo", "other"]
FIELDS = ["name", "smtpServerHost", "smtpPort", "fromAddress", "userName", "password", "authType", "provider", "providerURL"]


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.pop(name, None)


def put(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.update({name: value})


def set_property(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        kept = [entry for entry in body.get("properties", ()) if entry["key"] != key]
        body["properties"] = kept if value is None else [*kept, {"key": key, "value": str(value)}]

    return change


CHANGES = st.one_of(
    st.builds(drop, st.sampled_from([*FIELDS, "properties"])),
    st.builds(put, st.sampled_from(FIELDS), VALUES),
    st.builds(put, st.just("smtpPort"), st.integers(-1, 70_000)),
    st.builds(set_property, st.sampled_from(KEYS), st.none() | VALUES),
)


@given(st.sampled_from(LINES), st.sampled_from([V1, BASIC, CLIENT, HTTP]), st.lists(CHANGES, max_size=3))
def test_schema_and_stand_in_agree(line: tuple[str, Release, str | None], base: dict[str, Any], changes: list[Any]) -> None:
    version, release, name = line
    body = copy.deepcopy(base)
    for change in changes:
        change(body)
    if (version == "v1") != (base is V1):
        body = {field: value for field, value in body.items() if field in load_fields(version, release)}
    pointer = f"/$defs/{line_of(version, release)}{'-put' if name else ''}"
    accepted = outcome(body, version, release.version, name=name) == "ok"
    assert accepted == validator(load_product(), f"tenant-sender.{version}", pointer).is_valid(body)


def load_fields(version: str, release: Release) -> set[str]:
    return set(load_schema(f"tenant-sender.{version}")["$defs"][str(line_of(version, release))]["properties"])
