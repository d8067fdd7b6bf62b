"""A spec and its environments: JSON Merge Patch (RFC 7396), inheritance, and places that name the file and line of the overlay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.base.errors import SpecError, UsageError
from mailwright.base.nodes import Json, PlacedList, PlacedMap, merge_patch, place_of
from mailwright.base.places import Place, Source
from mailwright.spec import load_spec, parse_document

Write = Callable[[str, str], Path]


def placed(value: Any, file: str = "x") -> Json:
    """Return plain data as nodes that all stand at one place."""
    place = Place(file, 1, 1)
    if isinstance(value, dict):
        return PlacedMap({key: placed(item, file) for key, item in value.items()}, place=place)
    if isinstance(value, list):
        return PlacedList([placed(item, file) for item in value], place=place, places=[place] * len(value))
    return value


# -- RFC 7396, appendix A

APPENDIX = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("base", "patch", "expected"), APPENDIX, ids=range(1, len(APPENDIX) + 1))
def test_rfc_7396_appendix(base: Any, patch: Any, expected: Any) -> None:
    assert merge_patch(placed(base), placed(patch)) == expected


DATA = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", max_size=1),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


def rfc(target: Any, patch: Any) -> Any:
    """The RFC's own pseudo-code."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = rfc(target.get(name), value)
    return target


@given(DATA, DATA)
def test_merging_is_what_the_rfc_says_and_changes_nothing(base: Any, patch: Any) -> None:
    left, right = placed(base), placed(patch)
    assert merge_patch(left, right) == rfc(base, patch)
    assert (left, right) == (base, patch)


def document(text: str, name: str) -> Json:
    return parse_document(Source(name, text))


def test_each_value_keeps_the_place_it_came_from() -> None:
    base = document("a: 1\nb:\n  c: 2\n  d: 3\n", "base.yaml")
    merged = merge_patch(base, document("\nb: {d: 4,\n  e: {f: 5}}\n", "over.yaml"))
    assert place_of(merged, ("a",)) == Place("base.yaml", 1, 4)
    assert place_of(merged, ("b", "c")) == Place("base.yaml", 3, 6)
    assert place_of(merged, ("b", "d"), key=True) == Place("over.yaml", 2, 5)
    assert place_of(merged, ("b", "d")) == Place("over.yaml", 2, 8)
    assert place_of(merged, ("b", "e", "f")) == Place("over.yaml", 3, 10)


def test_a_patch_of_a_patch_keeps_three_places() -> None:
    texts = ["a: {b: 1, c: 1, d: 1}\n", "\na: {c: 2, d: 2}\n", "\n\na: {d: 3}\n"]
    first, second, third = (document(text, f"{number}.yaml") for number, text in enumerate(texts))
    merged = merge_patch(merge_patch(first, second), third)
    assert [str(place_of(merged, ("a", name))) for name in "bcd"] == ["0.yaml:1:8", "1.yaml:2:8", "2.yaml:3:8"]


# -- whole specs

SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
owner: platform
global:
  hostname: smtp.example.com
  port: 587
allow_env: [A_*]
defaults:
  hostname: relay.example.com
  port: 587
tenants:
  acme.example: {from_address: a@acme.example, port: 2525}
  beta.example: {from_address: b@beta.example}
  gone.example: {from_address: c@gone.example}
environments:
  dev:
  prod:
    owner: ~
    global: {hostname: smtp.prod.example.com, port: null, username: prod}
    allow_env: [B_*]
    defaults: {port: 25}
    tenants:
      acme.example: {port: 465, signature: Acme}
      gone.example: null
      absent.example: null
      new.example:
        from_address: n@new.example
  bare: {defaults: null, tenants: null}
"""


def test_the_base(write: Write) -> None:
    spec = load_spec(write("spec.yaml", SPEC))
    assert (spec.environment, spec.environments) == (None, ("dev", "prod", "bare"))
    assert spec.sender == {"hostname": "smtp.example.com", "port": 587}
    assert spec.product_version == "7.3.0"
    tenants = {tenant.domain: tenant.sender for tenant in spec.tenants}
    assert tenants == {
        "acme.example": {"hostname": "relay.example.com", "port": 2525, "from_address": "a@acme.example"},
        "beta.example": {"hostname": "relay.example.com", "port": 587, "from_address": "b@beta.example"},
        "gone.example": {"hostname": "relay.example.com", "port": 587, "from_address": "c@gone.example"},
    }


def test_an_environment(write: Write) -> None:
    """defaults, then the tenant, then the environment's defaults, then its entry."""
    spec = load_spec(write("spec.yaml", SPEC), "prod")
    assert spec.document == {
        "mailwright": 1,
        "product": {"version": "7.3.0"},
        "global": {"hostname": "smtp.prod.example.com", "username": "prod"},
        "allow_env": ["B_*"],
    }
    assert spec.defaults == {"hostname": "relay.example.com", "port": 25}
    tenants = {tenant.domain: tenant.sender for tenant in spec.tenants}
    assert list(tenants) == ["acme.example", "beta.example", "new.example"]
    assert (tenants["acme.example"]["port"], tenants["acme.example"]["signature"]) == (465, "Acme")
    assert tenants["beta.example"]["port"] == 25
    assert tenants["new.example"] == {"hostname": "relay.example.com", "port": 25, "from_address": "n@new.example"}


def test_places_in_an_environment(write: Write) -> None:
    path = write("spec.yaml", SPEC)
    spec = load_spec(path, "prod")
    assert spec.place("global", "hostname") == Place(str(path), 19, 24)
    assert spec.place("global", "hostname", key=True) == Place(str(path), 19, 14)
    assert spec.place("product", "version") == Place(str(path), 2, 20)
    acme, _, new = spec.tenants
    assert acme.place == Place(str(path), 12, 3)
    assert place_of(acme.sender, ("port",)) == Place(str(path), 23, 28)
    assert place_of(acme.sender, ("from_address",)) == Place(str(path), 12, 32)
    assert place_of(acme.sender, ("hostname",)) == Place(str(path), 9, 13)
    assert new.place == Place(str(path), 26, 7)


def test_null_removes_whole_parts(write: Write) -> None:
    spec = load_spec(write("spec.yaml", SPEC), "bare")
    assert spec.defaults is None
    assert list(spec.tenants) == []


def test_an_empty_environment_is_the_base(write: Write) -> None:
    path = write("spec.yaml", SPEC)
    assert load_spec(path, "dev").document == load_spec(path).document


def test_walking_the_tenants_twice_gives_the_same(write: Write) -> None:
    spec = load_spec(write("spec.yaml", SPEC), "prod")
    assert list(spec.tenants) == list(spec.tenants)


@pytest.mark.parametrize("name", ["nope", "", "prod "])
def test_an_unknown_environment(name: str, write: Write) -> None:
    with pytest.raises(UsageError, match="no environment") as caught:
        load_spec(write("spec.yaml", SPEC), name)
    assert "`prod`" in (caught.value.hint or "")


NO_SPECS = {
    "a-list": ("[1]\n", "1:1", "not a spec"),
    "a-text": ("x\n", "1:1", "not a spec"),
    "empty": ("", "1:1", "not a spec"),
    "without-the-key": ("global: {}\n", "1:1", "not a spec"),
    "another-format": ("global: {}\nmailwright: 2\n", "2:13", "`mailwright: 1` only"),
    "true-is-not-1": ("mailwright: true\n", "1:13", "`mailwright: 1` only"),
    "text-is-not-1": ("mailwright: '1'\n", "1:13", "`mailwright: 1` only"),
}


@pytest.mark.parametrize(("text", "place", "message"), NO_SPECS.values(), ids=NO_SPECS.keys())
def test_what_is_no_spec(text: str, place: str, message: str, write: Write) -> None:
    path = write("spec.yaml", text)
    with pytest.raises(SpecError, match=message) as caught:
        load_spec(path)
    assert str(caught.value.place) == f"{path}:{place}"


def test_an_environment_must_be_a_mapping(write: Write) -> None:
    path = write("spec.yaml", "mailwright: 1\nenvironments: {e: [1]}\n")
    with pytest.raises(SpecError, match="must be a mapping") as caught:
        load_spec(path, "e")
    assert str(caught.value.place) == f"{path}:2:19"


@pytest.mark.parametrize("entry", ["5", "[1]", "text"])
def test_an_environments_tenant_must_be_a_mapping(entry: str, write: Write) -> None:
    """It must not vanish without a word."""
    for domain in ("a.example", "b.example"):
        path = write(
            "spec.yaml", f"mailwright: 1\ntenants: {{a.example: {{}}}}\nenvironments: {{e: {{tenants: {{{domain}: {entry}}}}}}}\n"
        )
        with pytest.raises(SpecError, match="not a mapping"):
            list(load_spec(path, "e").tenants)


def test_repr_holds_nothing_of_the_spec(write: Write) -> None:
    path = write("spec.yaml", "mailwright: 1\nglobal: {password: canary}\ntenants: {a.example: {password: canary}}\n")
    spec = load_spec(path)
    (tenant,) = spec.tenants
    for thing in (spec, spec.tenants, tenant):
        assert "canary" not in repr(thing)
        assert "canary" not in str(thing)
