"""What follows from a misspelt key is no second mistake."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.product.product import load_product
from mailwright.validation.schemas import schema_errors
from products import inlined


@pytest.mark.parametrize("pointer", ["", "/$defs/tenant"])
def test_what_a_misspelt_key_was_meant_to_be_is_not_missing_too(pointer: str) -> None:
    """One mistake is one finding; a key that nothing stands for is missing all the same."""
    adapter = {"from_address": "a@a.example", "hostname": "h", "port": 25, "enable_authentication": False}
    sender = {**adapter, "signature": "A", "reply_to": "r@a.example"} if pointer else adapter

    def said(sender: dict[str, Any]) -> list[str]:
        document = sender if pointer else {"mailwright": 1, "global": sender}
        return [
            error.message
            for error in schema_errors(Draft202012Validator(inlined("spec", pointer)), document, load_product().adapter)
        ]

    def misspelt(name: str, wrong: str) -> dict[str, Any]:
        return {wrong if key == name else key: value for key, value in sender.items()}

    assert said(sender) == []
    assert said(misspelt("from_address", "from_adress")) == ["unknown key `from_adress`"]
    assert said({key: value for key, value in sender.items() if key != "from_address"}) == ["`from_address` is missing"]
    assert sorted(said(misspelt("from_address", "colour"))) == ["`from_address` is missing", "unknown key `colour`"]


def test_other_names_of_the_adapters_keys_mean_nothing_beside_them() -> None:
    """`secret` is a word for the sender's password, not for the one of the API's administrator: --fix would write a wrong key."""
    document = {"mailwright": 1, "api": {"client_id": "c", "secret": "$env{MAILWRIGHT_S}"}}
    found = schema_errors(Draft202012Validator(inlined("spec")), document, load_product().adapter)
    assert [error.intended for error in found if error.path[-1:] == ("secret",)] == [None]
