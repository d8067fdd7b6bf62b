"""What a shape says is what the schema says: the checker that remembers shapes against the one that does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.validation.schemas import schema_errors, validator
from mailwright.validation.shapes import ShapeChecker

PARTS = [
    ("spec", "/$defs/tenant"),
    ("tenant-sender.v1", "/$defs/6.0.0"),
    ("tenant-sender.v1", "/$defs/7.2.0"),
    ("tenant-sender.v2", "/$defs/7.2.0"),
    ("tenant-sender.v2", "/$defs/7.3.0"),
]
WORDS = ("BASIC", "basic", "CLIENT_CREDENTIAL", "HTTP", "SMTP", "POST", "PUT", "JSON", "true", "v1", "587")
NAMES = ("mail.smtp.signature", "mail.smtp.replyTo", "userName", "password", "body")
ODD = ("a@b", "h.example", "$env{MAILWRIGHT_X}", "", " ", "a\nb", "\u00a0", "é")
SPEC = (
    "from_address",
    "hostname",
    "port",
    "username",
    "password",
    "signature",
    "reply_to",
    "auth_type",
    "provider",
    "http",
    "api",
)
OAUTH = ("client_id", "client_secret", "token_endpoint", "scopes", "secret_version", "nope")
FIELDS = ("name", "fromAddress", "smtpServerHost", "smtpPort", "userName", "authType", "providerURL")
texts = st.sampled_from([*WORDS, *NAMES, *ODD])
values = st.one_of(texts, st.integers(-1, 70000), st.booleans(), st.none(), st.just(1.0), st.just(587.5))
keys = st.sampled_from([*SPEC, *OAUTH, *FIELDS])
nested = st.dictionaries(st.sampled_from(["url", "body", "auth", "type", "method", "x"]), values, max_size=4)
entries = st.lists(st.fixed_dictionaries({"key": texts}, optional={"value": values}), max_size=6)
documents = st.one_of(
    st.dictionaries(keys, values | nested, max_size=10),
    st.fixed_dictionaries(
        {"fromAddress": texts, "properties": entries},
        optional=dict.fromkeys(
            ("name", "smtpServerHost", "smtpPort", "authType", "provider", "providerURL", "userName", "password"), values
        ),
    ),
    st.fixed_dictionaries(
        {"from_address": texts, "signature": texts, "reply_to": texts},
        optional=dict.fromkeys(("hostname", "port", "username", "password", "auth_type", "enable_start_tls", "provider"), values),
    ),
)


@pytest.mark.parametrize(("name", "pointer"), PARTS)
def test_the_same_errors(name: str, pointer: str) -> None:
    remembering, plain = ShapeChecker(name, pointer), validator(name, pointer)

    @given(st.lists(documents, min_size=1, max_size=8))
    def check(many: list[Any]) -> None:
        for document in many:
            wanted = [(error.path, error.message) for error in schema_errors(plain, document)]
            assert [(error.path, error.message) for error in remembering.errors(document)] == wanted

    check()
    assert remembering._sound


def test_a_schema_that_asks_more_is_checked_in_full() -> None:
    checker = ShapeChecker("spec", "/properties/tenant_loading")  # uniqueItems compares texts with each other
    assert not checker._sound
    assert checker.errors({"eager": ["*", "!a.example"]}) == []
    assert len(checker.errors({"eager": ["a", "a"]})) == 1


def test_many_tenants_of_one_shape_are_checked_once() -> None:
    checker = ShapeChecker("spec", "/$defs/tenant")
    for number in range(100):
        assert (
            checker.errors({"from_address": f"a{number}@b", "signature": "S", "reply_to": "r@x", "hostname": f"h{number}"}) == []
        )
    assert len(checker._valid) == 1
