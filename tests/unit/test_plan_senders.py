"""Plans: what the server makes of a request is no difference, everything else is, and no value shows that should not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailwright.releases import parse_release
from mailwright.rendering.payloads import payload_names, tenant_payload
from mailwright.source import Source
from mailwright.spec import make_spec
from mailwright.spec.jsondoc import read_json
from mailwright.tenants.planning import Action, TenantPlan, plan_removal, plan_sender
from mailwright.tenants.senders import expected, observed, state_of

NAMES = payload_names()
SENDER = {
    "from_address": "a@acme.example",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "acme",
    "password": "$env{MAILWRIGHT_X}",
    "signature": "Acme",
    "reply_to": "help@acme.example",
    "secret_version": 3,
}
V2: dict[str, Any] = {
    "name": "EmailPublisher",
    "provider": "SMTP",
    "fromAddress": "a@acme.example",
    "smtpServerHost": "smtp.example.com",
    "smtpPort": 587,
    "authType": "BASIC",
    "properties": [
        {"key": "userName", "value": "acme"},
        {"key": "mail.smtp.replyTo", "value": "help@acme.example"},
        {"key": "mail.smtp.signature", "value": "Acme"},
        {"key": "mailwright.secretVersion", "value": "3"},
    ],
}
V1: dict[str, Any] = {
    **{name: V2[name] for name in ("name", "fromAddress", "smtpServerHost", "smtpPort")},
    "userName": "acme",
    "password": "canary-of-the-server",
    "properties": V2["properties"][1:],
}


def plan(sender: dict[str, Any], shown: dict[str, Any] | None, release: str = "7.3.0", owner: str | None = None) -> TenantPlan:
    document = read_json(Source("spec", json.dumps({"mailwright": 1, "tenants": {"acme.example": sender}})))
    payload = tenant_payload(next(iter(make_spec("spec", document).tenants)), parse_release(release), owner=owner)
    before = observed(shown, payload.version, NAMES) if shown is not None else None
    return plan_sender(payload, before, names=NAMES, release=parse_release(release))


def changes(found: TenantPlan) -> dict[str, tuple[object, object]]:
    return {change.field: (change.before, change.after) for change in found.changes}


def with_property(shown: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**shown, "properties": [*(item for item in shown["properties"] if item["key"] != key), {"key": key, "value": value}]}


@pytest.mark.parametrize(
    "shown",
    [
        V2,
        {**V2, "smtpPort": "587"},
        {**V2, "authType": "basic"},
        {name: V2[name] for name in V2 if name != "authType"},
        {name: V2[name] for name in V2 if name != "provider"},
        {**V2, "providerURL": None},
        {**V2, "providerURL": ""},
        {**V2, "createdAt": "a field of a release to come"},
        {**V2, "properties": list(reversed(V2["properties"]))},
        with_property(V2, "streamName", "id_gov_notify_stream"),
        with_property(V2, "their.own", " "),
        with_property(V2, "their.own", None),
    ],
)
def test_what_the_server_makes_of_it_is_no_difference(shown: dict[str, Any]) -> None:
    assert plan(SENDER, shown).action is Action.UNCHANGED


@pytest.mark.parametrize("release", ["6.0.0", "7.1.0", "7.2.0"])
def test_v1(release: str) -> None:
    assert plan(SENDER, V1, release).action is Action.UNCHANGED
    missing = {name: value for name, value in V1.items() if name != "password"}
    assert changes(plan(SENDER, missing, release)) == {"password": (None, "<secret>")}
    bare = {name: value for name, value in SENDER.items() if name not in ("username", "password")}
    assert changes(plan(bare, V1, release)) == {"password": ("<secret>", None), "userName": ("acme", None)}


def test_the_password_of_v1_is_dropped() -> None:
    sender = observed(V1, "v1", NAMES)
    assert "canary-of-the-server" not in repr(sender)
    other = observed({**V1, "password": "another"}, "v1", NAMES)
    assert (sender, state_of(sender)) == (other, state_of(other))
    assert "canary" not in repr(plan({**SENDER, "username": "new"}, V1, "6.0.0"))


@pytest.mark.parametrize(
    ("sender", "expected_changes", "note"),
    [
        ({"hostname": "b.example.com"}, {"smtpServerHost": ("smtp.example.com", "b.example.com")}, "! … to a new host"),
        ({"port": 25}, {"smtpPort": (587, 25)}, "! … to another port"),
        (
            {"enable_start_tls": False},
            {"mail.smtp.starttls.enable": (None, "false")},
            "! … over another kind of connection",
        ),
        ({"secret_version": 4}, {"mailwright.secretVersion": ("3", "4")}, "the password will be sent"),
        ({"signature": "New"}, {"mail.smtp.signature": ("Acme", "New")}, "the password will be sent"),
        ({"username": "new"}, {"userName": ("acme", "new")}, "the password will be sent"),
    ],
)
def test_updates(sender: dict[str, Any], expected_changes: dict[str, Any], note: str) -> None:
    found = plan({**SENDER, **sender}, V2)
    assert (found.action, changes(found)) == (Action.UPDATE, expected_changes)
    assert found.notes == (note.replace("…", "its password will be sent"),)


def test_absent_on_both_sides_is_equal_and_one_side_is_not() -> None:
    bare = {name: value for name, value in SENDER.items() if name != "secret_version"}
    shown = {**V2, "properties": V2["properties"][:-1]}
    assert plan(bare, shown).action is Action.UNCHANGED
    assert changes(plan(bare, V2)) == {"mailwright.secretVersion": ("3", None)}
    assert changes(plan(SENDER, shown)) == {"mailwright.secretVersion": (None, "3")}
    assert changes(plan(SENDER, V2, owner="me")) == {"mailwright.owner": (None, "me")}
    assert plan(SENDER, with_property(V2, "mailwright.owner", "me"), owner="me").action is Action.UNCHANGED


def test_another_owners_mark_is_told() -> None:
    found = plan(SENDER, with_property(V2, "mailwright.owner", "them"), owner="me")
    assert "the sender carries another owner's mark, which goes" in found.notes


def test_properties_of_others_are_removed_and_not_shown() -> None:
    found = plan(SENDER, with_property(V2, "their.own", "canary-value"))
    assert changes(found) == {"their.own": ("‹…>", None)}
    assert "properties that are not the spec's are removed, since PUT replaces everything" in found.notes


def test_a_v1_write_over_an_oauth_sender_is_told() -> None:
    shown = {**V1, "properties": [*V1["properties"], {"key": "clientId", "value": "i"}]}
    assert (
        "v1 turns this CLIENT_CREDENTIAL sender into a BASIC one (product/api.md#v1-over-v2)"
        in plan(SENDER, shown, "7.2.0").notes
    )


def test_an_http_senders_defaults_are_no_difference() -> None:
    sender = {"provider": "HTTP", "from_address": "a@b", "http": {"url": "https://x.example/s", "body": "b"}}
    entries = [{"key": "body", "value": "b"}]
    shown = {
        "provider": "HTTP",
        "providerURL": "https://x.example/s",
        "fromAddress": "a@b",
        "authType": "NONE",
        "properties": entries,
    }
    assert plan(sender, shown).action is Action.UNCHANGED
    full = [*entries, {"key": "http.client.method", "value": "POST"}, {"key": "contentType", "value": "JSON"}]
    assert plan(sender, {**shown, "properties": full, "smtpPort": 0}).action is Action.UNCHANGED
    other = plan(sender, {**shown, "properties": [{"key": "body", "value": "Authorization: canary"}]})
    assert changes(other) == {"body": ("‹…>", "‹…>")}


def test_removal_goes_by_the_mark() -> None:
    for shown, owner, action in (
        (V2, "me", Action.UNCHANGED),
        (with_property(V2, "mailwright.owner", "them"), "me", Action.UNCHANGED),
        (with_property(V2, "mailwright.owner", "me"), "me", Action.DELETE),
    ):
        assert plan_removal("acme.example", observed(shown, "v2", NAMES), owner).action is action
    assert plan_removal("acme.example", None, "me").action is Action.UNCHANGED


def test_a_creation_says_what_it_makes() -> None:
    found = plan(SENDER, None)
    assert (found.action, found.state, found.changes) == (Action.CREATE, "absent", ())
    assert found.summary == "EmailPublisher, smtp.example.com:587 as acme"


def test_a_release_that_logs_credentials_is_told() -> None:
    note = "this release writes the credentials of v2 senders into its log (product/api.md#leak-log)"
    for shown in (None, V2):
        asked = {**SENDER, "api_version": "v2", "port": 25}
        assert note in plan(asked, shown, "7.2.0").notes
        assert note not in plan(asked, shown, "7.3.0").notes


def test_the_state_is_that_of_what_is_compared() -> None:
    document = read_json(Source("spec", json.dumps({"mailwright": 1, "tenants": {"acme.example": SENDER}})))
    payload = tenant_payload(next(iter(make_spec("spec", document).tenants)), parse_release("7.3.0"))
    assert expected(payload, NAMES).digest == observed(V2, "v2", NAMES).digest
    assert observed({**V2, "smtpPort": 25}, "v2", NAMES).digest != observed(V2, "v2", NAMES).digest
