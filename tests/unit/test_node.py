"""What the role learns of a node from its deployment.toml, before it touches anything there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailwright.base.errors import UnsafeToWrite, UsageError
from mailwright.base.places import Source
from mailwright.deployment import parse_deployment
from mailwright.engine.effective import Effective, Outcome
from mailwright.operations.node import node_details, secrets_state, version_for
from mailwright.spec import Spec, make_spec
from mailwright.spec.documents import parse_document
from products import NEWEST

PATH = "/opt/wso2is/repository/conf/deployment.toml"
JKS = {"name": "client-truststore.jks", "type": "JKS"}
P12 = {"name": "client-truststore.p12", "type": "PKCS12"}
HEALTH = "https://localhost:{}/api/health-check/v1.0/health"
NO_OFFSET = "`[server] offset` is not a number: the port of the health page is not known"


@pytest.mark.parametrize(
    ("text", "version", "store", "port", "unsure"),
    [
        ("", "7.1.0", JKS, 9443, []),
        ("", "7.2.0", P12, 9443, []),
        ("[server]\noffset = 2\n", "7.2.0", P12, 9445, []),
        ('[server]\noffset = "3"\n', "7.2.0", P12, 9446, []),
        ('[server]\noffset = "$env{OFFSET}"\n', "7.2.0", P12, 9443, [NO_OFFSET]),
        ("[server]\noffset = -1\n", "7.2.0", P12, 9443, [NO_OFFSET]),
        ("[other]\noffset = 2\n", "7.2.0", P12, 9443, []),
        ('[truststore]\nfile_name = "own.p12"\n', "7.0.0", {"name": "own.p12", "type": "JKS"}, 9443, []),
        ('[truststore]\ntype = "PKCS12"\n', "7.0.0", {"name": "client-truststore.jks", "type": "PKCS12"}, 9443, []),
    ],
)
def test_what_a_file_says_of_its_server(text: str, version: str, store: dict[str, str], port: int, unsure: list[str]) -> None:
    found = node_details(text.encode(), PATH, version)
    assert (found["trust_store"], found["health_url"], found["unsure"]) == (store, HEALTH.format(port), unsure)
    assert isinstance(found["effective"], Effective)
    assert found["effective"].outcome is Outcome.OK


def test_a_version_that_is_not_known() -> None:
    found = node_details(b"[server]\noffset = 1\n", PATH, None)
    assert found["unsure"] == [f"the product version is not known: assumed to behave like {NEWEST.version}"]
    assert (found["trust_store"], found["health_url"]) == (P12, HEALTH.format(9444))
    with pytest.raises(UsageError):
        node_details(b"", PATH, "x")


def test_a_node_without_the_file() -> None:
    assert node_details(None, PATH, "7.0.0") == {"trust_store": JKS, "health_url": HEALTH.format(9443), "unsure": []}


def test_a_file_that_is_no_text_is_looked_at_all_the_same() -> None:
    found = node_details(b'[server]\noffset = 1\nname = "\xff"\n', PATH, "7.2.0")
    assert found["health_url"] == HEALTH.format(9444)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", {"secrets_last": True, "plain_secrets": [], "lines": 1}),
        ("[a]\nx = 1\n", {"secrets_last": True, "plain_secrets": [], "lines": 3}),
        ('[a]\nx = 1\n[secrets]\np = "QQ=="\n', {"secrets_last": True, "plain_secrets": [], "lines": 5}),
        ('[secrets]\np = "QQ=="\n[a]\nx = 1\n', {"secrets_last": False, "plain_secrets": [], "lines": 5}),
        ('[a]\n[secrets]\np = "[plain]"\n', {"secrets_last": True, "plain_secrets": ["p"], "lines": 4}),
        (
            '[secrets]\np = "[plain"\nq = "plain]"\nr = "x[y]z"\ns = 1\n',
            {"secrets_last": True, "plain_secrets": ["r"], "lines": 6},
        ),
        ('[secrets]\np = "QQ=="\n# a remark\n', {"secrets_last": False, "plain_secrets": [], "lines": 4}),
        ('[secrets]\np = "QQ=="\n  # a remark\n', {"secrets_last": False, "plain_secrets": [], "lines": 4}),
        ('[secrets]\np = "QQ=="  # a remark\n', {"secrets_last": False, "plain_secrets": [], "lines": 3}),
        ('[secrets] # a remark\np = "QQ=="\n', {"secrets_last": False, "plain_secrets": [], "lines": 3}),
        ('[secrets]\np = "QQ=="\nq = "[a # b]"\n', {"secrets_last": True, "plain_secrets": ["q"], "lines": 4}),
        ('# a remark\n[secrets]\np = "QQ=="\n', {"secrets_last": True, "plain_secrets": [], "lines": 4}),
        ("secrets = 1\n", {"secrets_last": True, "plain_secrets": [], "lines": 2}),
    ],
)
def test_what_the_cipher_tool_meets(text: str, state: dict[str, Any]) -> None:
    """It truncates the file where anything but secrets stands behind them: product/placeholders.md#truncates."""
    assert secrets_state(parse_deployment(text)) == state
    if text:
        found = node_details(text.encode(), PATH, "7.2.0")
        assert {name: found[name] for name in state} == state


def spec_for(version: str | None) -> Spec:
    product = {} if version is None else {"product": {"version": version}}
    text = json.dumps({"mailwright": 1, **product, "global": {}}, indent=2)
    return make_spec("email.json", parse_document(Source("email.json", text)))


@pytest.mark.parametrize(
    ("own", "asked", "found", "version"),
    [
        (None, None, None, None),
        (None, None, "7.1.0", "7.1.0"),
        (None, "7.0.0", "7.1.0", "7.0.0"),
        ("7.2.0", None, None, None),
        ("7.2.0", None, "7.2.0", None),
        ("7.2.0.15", None, "7.2.0", None),
        ("7.2.0", "7.2.0", "7.1.0", "7.2.0"),
        (NEWEST.version, None, "99.0.0", None),
    ],
)
def test_the_release_that_a_node_goes_by(own: str | None, asked: str | None, found: str | None, version: str | None) -> None:
    assert version_for(spec_for(own), asked, found) == version


@pytest.mark.parametrize(("own", "found"), [("7.3.0", "7.2.0"), ("7.2.0", "7.3.0"), ("7.2.0", "99.0.0")])
def test_a_spec_for_another_release_than_the_nodes(own: str, found: str) -> None:
    with pytest.raises(UnsafeToWrite) as caught:
        version_for(spec_for(own), None, found)
    error = caught.value
    assert error.message == f"the spec is for {own}, but {found} is installed on the node"
    assert (error.place and error.place.line) == 4
    assert f"set product_version (the role's email_sender_product_version) to {own} too" in str(error.hint)


@pytest.mark.parametrize("own", ["seven", "5.8.0"])
def test_a_specs_release_that_is_none_or_too_old(own: str) -> None:
    with pytest.raises(UsageError):
        version_for(spec_for(own), None, "7.2.0")


@pytest.mark.parametrize("own", [None, "7.2.0"])
@pytest.mark.parametrize("found", ["5.8.0", "seven"])
def test_a_nodes_release_that_is_none_or_too_old(own: str | None, found: str) -> None:
    with pytest.raises(UnsafeToWrite) as caught:
        version_for(spec_for(own), None, found)
    assert caught.value.message.startswith(f"bin/version.txt on the node names `{found}`: ")
    assert "set product_version (the role's email_sender_product_version) to what is installed" in str(caught.value.hint)
    assert version_for(spec_for(own), "7.2.0", found) == "7.2.0"
