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
    ("loading", "value", "column"),
    [("{idle_minutes: 30}", "30", 32), ("{eager: [a.example, '!b.example']}", '"a.example,!b.example"', 25)],
)
def test_the_policy_for_tenants(loading: str, value: str, column: int) -> None:
    found = node_settings(spec(f"tenant_loading: {loading}\n"))
    ((item,), (absent,)) = found.settings, found.absent
    assert item.place is not None
    assert (item.value, item.key, item.place.line, item.place.column) == (value, item.name, 2, column)
    assert {item.path, absent} == {(*LOADING_TABLE, IDLE), (*LOADING_TABLE, EAGER)}
    assert item.path != absent


KEPT = """global:
  hostname: h
  username: $keep{}
  custom_properties:
    a&b: $keep{}
    mail.smtp.timeout: 1
"""


def test_what_stays_as_the_file_has_it() -> None:
    found = node_settings(spec(KEPT))
    assert {path: place.line for path, place in found.kept.items()} == {(*EMAIL, "username"): 4, (*CUSTOM, "a&#38;b"): 6}
    assert [(item.path, item.place and item.place.line) for item in found.settings] == [
        ((*EMAIL, "hostname"), 3),
        ((*CUSTOM, "mail.smtp.timeout"), 7),
    ]
    assert found.sender == {"hostname": "h", "custom_properties": {"mail.smtp.timeout": 1}}
    text = render_fragment(spec(KEPT))
    assert "# `username` is not here: the spec leaves it as each file has it.\n" in text
    assert text.count(" is not here: ") == 2
    assert '\nhostname = "h"  # email.yaml:3\n' in text


def test_an_environment_says_where_it_has_what_is_written() -> None:
    """Also where something else of the sender stays as the file has it."""
    text = f"{KEPT}environments:\n  prod:\n    global:\n      hostname: p\n      custom_properties: {{mail.smtp.timeout: 2}}\n"
    found = node_settings(make_spec("email.yaml", parse_document(Source("email.yaml", HEAD + text)), environment="prod"))
    assert [(item.value, item.place and item.place.line) for item in found.settings] == [('"p"', 11), ("2", 12)]


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
    assert caught.value.place is not None
    assert caught.value.place.file == "email.yaml"


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


LOADING = "tenant_loading: {idle_minutes: 60}\n"


@pytest.mark.parametrize(
    ("text", "written", "good"),
    [
        (LOADING, "[tenant_mgt]\ntenant_idle_timeout = 60\n", True),
        (LOADING, "[tenant_mgt]\ntenant_idle_timeout = 61\n", False),
        (LOADING, "", False),
        (LOADING, "[tenant_mgt]\ntenant_idle_timeout = 60\neager_loading_tenants = '*'\n", False),
        (LOADING, "[tenant_mgt]\ntenant_idle_timeout = 60\nother = '*'\n", True),
        (LOADING, "[tenant_mgt]\ntenant_idle_timeout = 60\n[output_adapter.email]\nhostname = '&'\n", True),
        (SENDER + LOADING, render_fragment(spec(SENDER + LOADING)), True),
        (SENDER + LOADING, render_fragment(spec(SENDER + LOADING)).replace('"h"', "'h'"), True),
        (SENDER + LOADING, render_fragment(spec(SENDER + LOADING)).replace('"h"', "'g'"), False),
        (SENDER + LOADING, render_fragment(spec(SENDER + LOADING)).replace("= 60", "= 6"), False),
        (SENDER + LOADING, render_fragment(spec(SENDER + LOADING)).replace("<![CDATA[R&D]]>", "R&D"), False),
        (SENDER + LOADING, render_fragment(spec(SENDER + LOADING)).replace("<![CDATA[R&D]]>", "R&amp;D"), True),
        (SENDER + LOADING, render_fragment(spec(SENDER + LOADING)).replace("= 10000", "= 1000"), False),
    ],
)
def test_what_reads_back(text: str, written: str, good: bool) -> None:
    wanted, release = node_settings(spec(text)), parse_release("7.2.0")
    if good:
        check_written(parse_deployment(written), wanted, release)
    else:
        with pytest.raises(MailwrightError, match="does not read back"):
            check_written(parse_deployment(written), wanted, release)


TENANT = """tenants:
  a.example: {from_address: x@a.example, signature: S, reply_to: r@a.example, hostname: h, port: "587", username: u, password: $P}
""".replace("$P", '"$env{MAILWRIGHT_P}"')


@pytest.mark.parametrize("version", ["7.1.0", "7.3.0"])
def test_what_a_payload_says_for_a_key(version: str) -> None:
    (tenant,) = spec(TENANT).tenants
    payload, keys = tenant_payload(tenant, parse_release(version)), load_adapter()
    said = {name: payload.value(keys.get(name)) for name in ("from_address", "hostname", "signature", "password", "auth_type")}
    assert {name: said[name] for name in ("from_address", "hostname", "signature", "password")} == {
        "from_address": "x@a.example",
        "hostname": "h",
        "signature": "S",
        "password": None,
    }
    assert repr(payload.value(keys["port"])) == "587"  # a number, though the spec has a text
    assert payload.value(None) is None
