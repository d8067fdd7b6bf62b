"""What a spec wants of a node's deployment.toml: every key, its text and its place; and what a payload says for a key."""

from __future__ import annotations

from typing import Any

import pytest

from mailwright.base.errors import MailwrightError, SpecError
from mailwright.base.places import Source
from mailwright.deployment import parse_deployment
from mailwright.rendering.fragment import (
    EAGER,
    IDLE,
    LOADING_TABLE,
    check_written,
    expected_properties,
    node_settings,
    render_fragment,
)
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import Spec, make_spec
from mailwright.spec.documents import parse_document
from products import load_adapter, parse_release

HEAD = "mailwright: 1\n"
SENDER = """global:
  username: R&D
  hostname: h
  port: 25
  custom_properties:
    x&y: 1<2
    mail.smtp.timeout: 10000
"""


def spec(text: str) -> Spec:
    return make_spec("email.yaml", parse_document(Source("email.yaml", HEAD + text)))


EMAIL = ("output_adapter", "email")
CUSTOM = (*EMAIL, "custom_properties")


@pytest.mark.parametrize(
    ("text", "wanted", "absent", "keeps"),
    [
        ("", [], [], False),
        (
            SENDER,
            [
                (EMAIL, "username", "username", '"<![CDATA[R&D]]>"', 3),
                (EMAIL, "hostname", "hostname", '"h"', 4),
                (EMAIL, "port", "port", "25", 5),
                (CUSTOM, "mail.smtp.timeout", "'mail.smtp.timeout'", "10000", 8),
                (CUSTOM, "x&#38;y", "'x&#38;y'", '"<![CDATA[1<2]]>"', 7),
            ],
            [],
            False,
        ),
        ("keep_unmanaged: true\n", [], [], True),
        ("keep_unmanaged: false\n", [], [], False),
        (
            "secrets:\n  b: QkI=\n  a: QUE=\n",
            [(("secrets",), "a", "a", '"QUE="', 4), (("secrets",), "b", "b", '"QkI="', 3)],
            [],
            False,
        ),
    ],
)
def test_the_settings_of_a_spec(text: str, wanted: list[Any], absent: list[Any], keeps: bool) -> None:
    found = node_settings(spec(text))
    told = [(item.table, item.name, item.key, item.value, item.place and item.place.line) for item in found.settings]
    assert (told, list(found.absent), found.keep_unmanaged) == (wanted, absent, keeps)


@pytest.mark.parametrize(
    ("loading", "value"), [("{idle_minutes: 30}", "30"), ("{eager: [a.example, '!b.example']}", '"a.example,!b.example"')]
)
def test_the_policy_for_tenants(loading: str, value: str) -> None:
    found = node_settings(spec(f"tenant_loading: {loading}\n"))
    ((item,), (absent,)) = found.settings, found.absent
    assert (item.value, item.key, item.place and item.place.line) == (value, item.name, 2)
    assert {item.path, absent} == {(*LOADING_TABLE, IDLE), (*LOADING_TABLE, EAGER)}
    assert item.path != absent


def test_a_fragment_says_where_the_spec_has_its_keys() -> None:
    text = render_fragment(spec(SENDER + "secrets: {a: QUE=}\n"))
    assert 'hostname = "h"  # email.yaml:4\n' in text
    assert "'mail.smtp.timeout' = 10000  # email.yaml:8\n" in text
    assert text.endswith('[secrets]\na = "QUE="\n')


def test_there_is_nothing_to_write() -> None:
    with pytest.raises(SpecError) as caught:
        render_fragment(spec("keep_unmanaged: true\n"))
    assert caught.value.message == "the spec has no `global`: there is nothing to write into deployment.toml"
    assert caught.value.hint == "the tenants' payloads are written by `mailwright render SPEC -o DIR`"


@pytest.mark.parametrize(("version", "custom"), [("5.9.0", False), ("5.10.0", True)])
def test_the_properties_that_a_server_must_have(version: str, custom: bool) -> None:
    sender = spec(SENDER).sender
    assert sender is not None
    expected = {"mail.smtp.user": "R&D", "mail.smtp.host": "h", "mail.smtp.port": "25"}
    more = {"x&y": "1<2", "mail.smtp.timeout": "10000"} if custom else {}
    assert expected_properties(sender, parse_release(version)) == {**expected, **more}


def test_what_does_not_read_back_is_a_bug() -> None:
    wanted = node_settings(spec(SENDER))
    with pytest.raises(MailwrightError) as caught:
        check_written(parse_deployment("[output_adapter.email]\nhostname = 'h'\n"), wanted, parse_release("7.2.0"))
    assert caught.value.message == "the written text does not read back as the spec says; nothing was written"
    assert caught.value.hint == "please report this as a bug, with the release and the key's name"


TENANT = """tenants:
  a.example: {from_address: x@a.example, signature: S, reply_to: r@a.example, hostname: h, port: "587", username: u, password: $P}
""".replace("$P", '"$env{MAILWRIGHT_P}"')


@pytest.mark.parametrize(("version", "port"), [("7.1.0", 587), ("7.3.0", "587")])
def test_what_a_payload_says_for_a_key(version: str, port: object) -> None:
    (tenant,) = spec(TENANT).tenants
    payload, keys = tenant_payload(tenant, parse_release(version)), load_adapter()
    said = {name: payload.value(keys.get(name)) for name in ("from_address", "hostname", "signature", "password", "auth_type")}
    assert {name: said[name] for name in ("from_address", "hostname", "signature", "password")} == {
        "from_address": "x@a.example",
        "hostname": "h",
        "signature": "S",
        "password": None,
    }
    assert str(payload.value(keys["port"])) == str(port)
    assert payload.value(None) is None
