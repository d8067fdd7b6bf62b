"""Plans: what the server makes of a request is no difference, everything else is, and no value shows that should not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailwright.base.places import Source
from mailwright.product.product import load_product
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json
from mailwright.tenants.comparable import expected, observed, state_of
from mailwright.tenants.planning import Action, TenantPlan, UpdateSecrets, field_label, plan_removal, plan_sender
from products import parse_release

NAMES = load_product().payload_names
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


def plan(
    sender: dict[str, Any], shown: dict[str, Any] | None, release: str = "7.3.0", owner: str | None = None, **options: Any
) -> TenantPlan:
    document = read_json(Source("spec", json.dumps({"mailwright": 1, "tenants": {"acme.example": sender}})))
    payload = tenant_payload(next(iter(make_spec("spec", document).tenants)), parse_release(release), owner=owner)
    before = observed(shown, payload.version, NAMES) if shown is not None else None
    return plan_sender(payload, before, names=NAMES, release=parse_release(release), **options)


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


OAUTH = {
    **{name: value for name, value in SENDER.items() if name not in ("username", "password")},
    "auth_type": "CLIENT_CREDENTIAL",
    "client_id": "0b2c",
    "client_secret": "$env{MAILWRIGHT_X}",
    "token_endpoint": "https://login.example.com/token",
    "scopes": "mail.send",
}
OAUTH_V2: dict[str, Any] = {
    **V2,
    "authType": "CLIENT_CREDENTIAL",
    "properties": [
        {"key": "clientId", "value": "0b2c"},
        {"key": "tokenEndpoint", "value": "https://login.example.com/token"},
        {"key": "scopes", "value": "mail.send"},
        *V2["properties"][1:],
    ],
}
HTTP = {
    "provider": "HTTP",
    "from_address": "a@b",
    "http": {"url": "https://x.example/s", "body": "b", "auth": {"type": "BEARER", "access_token": "$env{MAILWRIGHT_X}"}},
}
HTTP_V2: dict[str, Any] = {
    "name": "EmailPublisher",
    "provider": "HTTP",
    "providerURL": "https://x.example/s",
    "fromAddress": "a@b",
    "authType": "BEARER",
    "properties": [{"key": "body", "value": "b"}],
}
SENT = "the password will be sent"


def states(shown: dict[str, Any] | None, version: str = "v2") -> str:
    return state_of(observed(shown, version, NAMES) if shown is not None else None)


@pytest.mark.parametrize("new_tenant", [False, True])
@pytest.mark.parametrize(("secret", "sent"), [("$env{MAILWRIGHT_X}", [SENT]), (None, [])])
def test_the_whole_plan_of_a_creation(new_tenant: bool, secret: str | None, sent: list[str]) -> None:
    sender = {name: value for name, value in {**SENDER, "password": secret}.items() if value is not None}
    wanted = TenantPlan(
        "acme.example",
        Action.CREATE,
        notes=(*(["the tenant will be created"] if new_tenant else []), *sent),
        summary="EmailPublisher, smtp.example.com:587 as acme",
        state="absent",
        new_tenant=new_tenant,
    )
    assert plan(sender, None, new_tenant=new_tenant) == wanted
    assert plan(SENDER, None).new_tenant is False


def test_the_whole_plan_of_a_sender_that_is_there() -> None:
    assert plan(SENDER, V2) == TenantPlan("acme.example", Action.UNCHANGED, state=states(V2))
    always = plan(SENDER, V2, update_secrets=UpdateSecrets.ALWAYS)
    assert always == TenantPlan("acme.example", Action.UPDATE, notes=(SENT,), state=states(V2))
    bare = {name: value for name, value in SENDER.items() if name not in ("username", "password")}
    no_user = {**V2, "properties": V2["properties"][1:]}
    assert plan(bare, no_user, update_secrets=UpdateSecrets.ALWAYS) == TenantPlan(
        "acme.example", Action.UNCHANGED, state=states(no_user)
    )
    assert plan({**bare, "port": 25}, no_user).notes == ()  # nothing is secret: nothing is sent


def test_the_whole_plan_of_a_removal() -> None:
    mine = with_property(V2, "mailwright.owner", "me")
    assert plan_removal("a.example", observed(mine, "v2", NAMES), "me") == TenantPlan(
        "a.example",
        Action.DELETE,
        notes=("the spec has no such tenant; it falls back to the server's global sender",),
        summary="EmailPublisher, smtp.example.com:587 as acme",
        state=states(mine),
    )
    assert plan_removal("a.example", observed(V2, "v2", NAMES), "me") == TenantPlan(
        "a.example", Action.UNCHANGED, state=states(V2)
    )
    assert plan_removal("a.example", None, "me") == TenantPlan("a.example", Action.UNCHANGED, state="absent")


@pytest.mark.parametrize(
    ("shown", "summary"),
    [
        (V2, "EmailPublisher, smtp.example.com:587 as acme"),
        (OAUTH_V2, "EmailPublisher, smtp.example.com:587 as 0b2c"),
        ({**V2, "properties": []}, "EmailPublisher, smtp.example.com:587"),
        ({"name": "EmailPublisher", "fromAddress": "a@b"}, "EmailPublisher, the global host:global port"),
        (HTTP_V2, "EmailPublisher, https://x.example/s as BEARER"),
        (
            {**HTTP_V2, "providerURL": "https://u:p@x.example/s?key=k#f"},
            "EmailPublisher, https://‹…>@x.example/s?key=‹…> as BEARER",
        ),
        ({**HTTP_V2, "providerURL": "https://[x"}, "EmailPublisher, https://[x as BEARER"),
    ],
)
def test_a_sender_in_a_few_words(shown: dict[str, Any], summary: str) -> None:
    mine = with_property({"properties": [], **shown}, "mailwright.owner", "me")
    assert plan_removal("a.example", observed(mine, "v2", NAMES), "me").summary == summary


def test_a_v1_sender_in_a_few_words() -> None:
    mine = with_property(V1, "mailwright.owner", "me")
    assert plan_removal("a.example", observed(mine, "v1", NAMES), "me").summary == "EmailPublisher, smtp.example.com:587 as acme"


@pytest.mark.parametrize(
    ("sender", "shown", "notes"),
    [
        ({}, {**V2, "smtpServerHost": "b.example.com", "smtpPort": 25}, ("! its password will be sent to a new host",)),
        ({}, {**V2, "smtpServerHost": "b.example.com"}, ("! its password will be sent to a new host",)),
        (
            {"enable_start_tls": True},
            with_property({**V2, "smtpPort": 25}, "mail.smtp.starttls.enable", "FALSE"),
            ("! its password will be sent over another kind of connection",),
        ),
        (
            {},
            with_property(V2, "mail.smtp.starttls.enable", "TRUE"),
            ("! its password will be sent over another kind of connection",),
        ),
        ({"port": None}, V2, (SENT,)),  # a port that is given up is sent nothing
    ],
)
def test_the_worst_new_way_is_told(sender: dict[str, Any], shown: dict[str, Any], notes: tuple[str, ...]) -> None:
    asked = {name: value for name, value in {**SENDER, **sender}.items() if value is not None}
    assert plan(asked, shown).notes == notes


def test_a_change_of_the_authentication_type_is_told() -> None:
    told = "the authentication type changes, by one PUT"
    found = plan(OAUTH, V2)
    assert changes(found) == {
        "authType": ("BASIC", "CLIENT_CREDENTIAL"),
        "clientId": (None, "0b2c"),
        "tokenEndpoint": (None, "https://login.example.com/token"),
        "scopes": (None, "mail.send"),
        "userName": ("acme", None),
    }
    assert found.notes == ("! its secrets will be sent to a new host", told)
    asked = {**OAUTH, "api_version": "v2"}
    older = [note for note in plan(asked, {name: V2[name] for name in V2 if name != "provider"}, "7.2.0").notes if told in note]
    assert older == [f"{told}; the server keeps the former type's secrets in its store (product/api.md#auth-type-change)"]
    assert plan({**OAUTH, "port": 25}, OAUTH_V2).notes == ("! its secrets will be sent to another port",)  # no change of the type
    assert not any(told in note for note in plan(SENDER, {**V1, "authType": "CLIENT_CREDENTIAL", "smtpPort": 25}, "6.0.0").notes)


def test_other_owners_and_other_properties_are_told_where_they_are() -> None:
    them, mark = with_property(V2, "mailwright.owner", "them"), "the sender carries another owner's mark, which goes"
    assert plan(SENDER, them, owner="them").notes == ()
    assert plan(SENDER, them).notes == (SENT, mark)
    assert plan(SENDER, V2, owner="me").notes == (SENT,)
    theirs = with_property(V2, "their.own", "x")
    assert plan(SENDER, theirs).notes == (SENT, "properties that are not the spec's are removed, since PUT replaces everything")
    known = with_property(V2, "mail.smtp.auth", "true")  # a property of the adapter's: not somebody else's
    assert plan(SENDER, known).notes == (SENT,)


@pytest.mark.parametrize(
    ("url", "shown_url"),
    [
        ("https://y.example/t", "https://y.example/t"),
        ("https://user@y.example:8443/t", "https://‹…>@y.example:8443/t"),
        ("https://user:p@ss@y.example/t?sig=1#part", "https://‹…>@y.example/t?sig=‹…>"),
        ("https://u:p@[y", "https://‹…>@[y"),
    ],
)
def test_a_destination_shows_without_what_can_hold_credentials(url: str, shown_url: str) -> None:
    found = plan(HTTP, {**HTTP_V2, "providerURL": url})
    assert changes(found) == {"providerURL": (shown_url, "https://x.example/s")}
    assert found.notes == ("! its secrets will be sent to a new host",)


def test_fields_are_named_as_people_know_them() -> None:
    names = ["mailwright.secretVersion", "mailwright.owner", "smtpPort"]
    assert list(map(field_label, names)) == ["secret_version", "owner", "smtpPort"]
