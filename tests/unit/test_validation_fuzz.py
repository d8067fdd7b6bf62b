"""Validation of anything at all: only this project's own errors, every finding with a place, nothing of the values in a message."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailwright.base.errors import MailwrightError
from mailwright.base.findings import Finding, unite
from mailwright.base.places import Place, Source
from mailwright.deployment import parse_deployment
from mailwright.product.product import load_product
from mailwright.rules.catalogue import CATALOGUE
from mailwright.spec import parse_document
from mailwright.validation.deployments import check_deployment
from mailwright.validation.payloads import check_payload
from mailwright.validation.specs import check_spec
from products import ALL, KNOWN, inlined, load_adapter, parse_release

KEYS = [
    "mailwright",
    "product",
    "version",
    "java",
    "global",
    "tenant_loading",
    "idle_minutes",
    "eager",
    "secrets",
    "owner",
    "defaults",
]
KEYS += [
    "api",
    "super",
    "user",
    "allow_env",
    "tenants",
    "environments",
    "prod",
    "a.example",
    "carbon.super",
    "provider",
    "http",
    "auth",
]
KEYS += ["type", "url", "body", "create", "api_version", "properties", "key", "value", *load_adapter()]
CANARY = "c4nary"
SCALARS = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        -1,
        587,
        1.5,
        1e999,
        10**25,
        "",
        CANARY,
        f"{CANARY}@x",
        "$env{A}",
        "$secret{a}",
        f"x$file{{{CANARY} y}}",
        "$ref{",
        "\0",
        "HTTP",
        "CLIENT_CREDENTIAL",
        "v1",
        "7.2.0",
        "5.0.0",
        "*",
        "!a",
        f"\n{CANARY}",
        "é" * 200,
    ]
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=5),
    max_leaves=25,
)
SPECS = st.dictionaries(st.sampled_from(KEYS), TREES, max_size=8).map(lambda tree: {"mailwright": 1, **tree})
ENVIRONMENTS = st.dictionaries(
    st.sampled_from(["prod", "dev"]), st.dictionaries(st.sampled_from(KEYS), TREES, max_size=4), max_size=2
)
TENANTS = st.dictionaries(
    st.sampled_from(["a.example", "b.example", "UPPER"]), st.dictionaries(st.sampled_from(KEYS), TREES), max_size=3
)


def names_shown() -> set[str]:
    """Return the names of a spec whose values the schema lets be shown, wherever they stand."""
    shown: set[str] = set()
    kept: set[str] = set()
    rest: list[Any] = [inlined("spec")]
    while rest:
        schema = rest.pop()
        if isinstance(schema, dict):
            for name, value in schema.get("properties", {}).items():
                (kept if value.get("writeOnly") or value.get("x-opaque") else shown).add(name)
            rest += schema.values()
        elif isinstance(schema, list):
            rest += schema
    return shown - kept


PUBLIC = names_shown()
WHOLE_REFERENCE = re.compile(r"\$(?:secret|env|sys|ref|file)\{[^{}]*\}")


def findings_of(tree: Any) -> list[Finding]:
    text = json.dumps(tree)
    found: list[Finding] = []
    try:
        found = check_spec("spec.json", parse_document(Source("spec.json", text)))
    except MailwrightError as error:
        refused = str(error)
    else:
        refused = ""
    assert CANARY not in refused
    for finding in found:
        assert finding.place.line >= 1
        assert CANARY not in repr(replace(finding, excerpt=None))
        if finding.excerpt and CANARY in finding.excerpt.text:  # of a key that the schema knows and does not mark as a secret
            name, _, value = finding.excerpt.text.partition(": ")
            if name.startswith("- "):  # an item of a list: its path says of which
                name, value = re.sub(r"\W*\d+\W*\Z", "", finding.path or "").rpartition(".")[2], name.removeprefix("- ")
            assert CANARY not in name
            assert name in PUBLIC or WHOLE_REFERENCE.fullmatch(value), finding
    return found


def sendable(tree: Any) -> bool:
    return "Infinity" not in json.dumps(tree)


@given(SPECS.filter(sendable))
@example({"mailwright": 1, "allow_env": [f"x$file{{{CANARY} y}}"]})
def test_any_tree_is_a_spec_with_findings_or_none(tree: dict[str, Any]) -> None:
    findings_of(tree)


@given(ENVIRONMENTS.filter(sendable), TENANTS.filter(sendable), st.sampled_from([None, "5.10.0", "7.1.0", "7.3.0"]))
@example({"prod": {"mailwright": CANARY}}, {}, None)
@example({}, {"a.example": {"http": {"url": f"x$file{{{CANARY} y}}"}}}, None)
def test_any_environments_and_tenants(environments: Any, tenants: Any, version: str | None) -> None:
    findings_of({"mailwright": 1, "product": {"version": version}, "tenants": tenants, "environments": environments})


@given(TREES.filter(sendable), st.sampled_from(["v1", "v2"]))
@example({"provider": CANARY}, "v1")
def test_any_tree_is_a_payload_with_findings_or_none(tree: Any, version: str) -> None:
    names = load_product().payload_names
    found: list[Finding] = []
    refused = ""
    try:
        found = check_payload("p.json", parse_document(Source("p.json", json.dumps(tree))), version, ALL)
    except MailwrightError as error:
        refused = str(error)
    assert CANARY not in refused
    for finding in found:
        assert CANARY not in repr(replace(finding, excerpt=None))
        if finding.excerpt and CANARY in finding.excerpt.text:  # of a field or property that is known and no secret
            name, _, value = re.sub(r'^\{"key": (.*), "value": (.*)\}$', r"\1: \2", finding.excerpt.text).partition(": ")
            assert json.loads(name) in names.known - names.secret - names.opaque or WHOLE_REFERENCE.fullmatch(
                json.loads(value)
            ), finding


@given(st.dictionaries(st.sampled_from(list(load_adapter())), TREES, max_size=6).filter(sendable))
def test_a_wrong_global_is_never_silent(sender: dict[str, Any]) -> None:
    """Whatever is no text, number or truth value in a scalar key is found."""
    found = findings_of({"mailwright": 1, "global": sender})
    adapter = load_adapter()
    wrong = {name for name, value in sender.items() if isinstance(value, dict | list) and not adapter[name].is_table}
    assert wrong <= {(finding.path or "").removeprefix("global.").split(".")[0] for finding in found}


# -- findings of several releases


def test_uniting_the_findings_of_releases() -> None:
    one, two = (CATALOGUE["MW101"].at(Place("f", line, 1), "m") for line in (1, 2))
    united = unite((release.version, [one, two] if release.has("7.0.0") else [one]) for release in ALL)
    assert [finding.releases for finding in united] == [(), ("7.0.0", "7.1.0", "7.2.0", "7.3.0")]
    assert unite([("7.3.0", [two, one, one])]) == [one, two]
    assert unite([]) == []


# -- versions

VERSIONS = {
    "7.3.0": ("7.3.0", False),
    " 7.2.0 ": ("7.2.0", False),
    "7.2": ("7.2.0", True),
    "7.2.0.15": ("7.2.0", True),
    "7.2.0-SNAPSHOT": ("7.2.0", True),
    "7.4.0": ("7.4.0", True),  # a preview: by its own number alone
    "7.4": ("7.4.0", True),
    "7.4.0-m1": ("7.4.0", True),
    "7.4.1": ("7.3.0", True),
    "7.3.9": ("7.3.0", True),
    "10.0.0": ("7.3.0", True),
    "7.2.5": ("7.2.0", True),
    "5.9.0": ("5.9.0", False),
    "6.0": ("6.0.0", True),
}


@pytest.mark.parametrize(("text", "expected"), VERSIONS.items(), ids=VERSIONS)
def test_versions(text: str, expected: tuple[str, bool]) -> None:
    release = parse_release(text)
    assert release.version == expected[0]
    if text not in ("7.2", "6.0"):  # a version without its zero is the same version
        assert (release.unsure is not None) == expected[1]


@pytest.mark.parametrize("text", ["", "x", "7", "5.8.0", "4.7.1", "7.2.x", "1" * 5000, "7..2", "v7.2.0", "٧.٢.٠"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(MailwrightError) as caught:
        parse_release(text)
    assert int(caught.value.exit_code) == 2


def test_releases_are_ordered() -> None:
    assert [release.version for release in sorted(ALL, reverse=True)] == list(KNOWN[::-1])
    assert parse_release("5.10.0").has("5.9.0")
    assert not parse_release("5.9.0").has("5.10.0")


# -- large and hostile files

SIZE = 1 << 15
EMAIL = "[output_adapter.email]\n"
HOSTILE = {
    "unknown-keys": EMAIL + "".join(f"k{number} = 1\n" for number in range(3000)),
    "custom-templates": EMAIL
    + "[output_adapter.email.custom_properties]\n"
    + "".join(f"'p{number}' = '{{{{ server.x }}}}'\n" for number in range(1000)),
    "foreign-keys": "[server]\n" + "".join(f"k{number} = 1\n" for number in range(10_000)),
    "references": "[server]\nx = '1'\n" + "".join(f"k{number} = '$ref{{server.x}}'\n" for number in range(5000)),
    "chain-of-references": "[server]\nk0 = '1'\n"
    + "".join(f"k{number} = '$ref{{server.k{number - 1}}}'\n" for number in range(1, 2000)),
    "long-password": f"{EMAIL}password = '{'x' * SIZE * 16}'\n",
    "templates-in-a-value": f"{EMAIL}password = '{'{{ a }}' * (SIZE // 4)}'\n",
    "secrets-in-a-value": f"{EMAIL}password = '{'$secret{a}' * SIZE}'\n",
    "references-in-a-value": f"{EMAIL}password = '{'$ref{a}' * SIZE}'\n",
    "brackets-in-a-secret": f"{EMAIL}password = '$secret{{a}}'\n[secrets]\na = '{'[' * SIZE * 16}'\n",
    "marks-in-a-value": f"{EMAIL}hostname = '{'<' * SIZE}'\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_deployments_are_validated_in_time(text: str) -> None:
    """For the oldest and the newest release: linear work is done in a second or so, quadratic work would take minutes."""
    begin = time.process_time()
    check_deployment(parse_deployment(text), [parse_release(KNOWN[0]), parse_release(KNOWN[-1])])
    assert time.process_time() - begin < 15
