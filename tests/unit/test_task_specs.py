"""The specs of tasks: what a role's options hold, over what a file says; and which environments and release they are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from mailwright.base.errors import SpecError, UsageError
from mailwright.base.places import Place
from mailwright.operations.specs import INLINE, asked_release, checked, chosen_environments, plain, spec_of_task
from products import parse_release

FILE_SPEC = {"mailwright": 1, "owner": "file", "global": {"port": 25}, "tenants": {"f.example": {"port": 1}}}


@pytest.mark.parametrize(
    ("options", "from_file", "document"),
    [
        ({}, False, {"mailwright": 1}),
        ({"owner": None, "sender": None, "tenants": None, "overrides": None}, False, {"mailwright": 1}),
        (
            {"sender": {"port": 587}, "owner": "task", "allow_env": ["A*"]},
            False,
            {"mailwright": 1, "owner": "task", "allow_env": ["A*"], "global": {"port": 587}},
        ),
        (
            {"tenants": [{"domain": "b.example", "port": 2}, {"domain": "a.example"}]},
            False,
            {"mailwright": 1, "tenants": {"b.example": {"port": 2}, "a.example": {}}},
        ),
        ({}, True, FILE_SPEC),
        ({"owner": "task"}, True, {**FILE_SPEC, "owner": "task"}),
        ({"sender": {"hostname": "h"}}, True, {**FILE_SPEC, "global": {"hostname": "h"}}),
        ({"tenants": []}, True, {**FILE_SPEC, "tenants": {}}),
        ({"overrides": {"hostname": "node"}}, True, {**FILE_SPEC, "global": {"port": 25, "hostname": "node"}}),
        ({"overrides": {"port": None}, "sender": {"port": 1}}, False, {"mailwright": 1, "global": {}}),
    ],
)
def test_the_spec_of_a_task(
    options: dict[str, Any], from_file: bool, document: dict[str, Any], write: Callable[[str, str], Path]
) -> None:
    path = str(write("email.json", json.dumps(FILE_SPEC))) if from_file else None
    spec = spec_of_task(options, path)
    tenants = {tenant.domain: tenant.sender for tenant in spec.tenants}
    assert (spec.document, tenants) == (
        {name: part for name, part in document.items() if name != "tenants"},
        document.get("tenants", {}),
    )
    assert spec.path == (path or INLINE)
    assert str(spec.place()).startswith(path or INLINE)


@pytest.mark.parametrize("environment", ["prod", "", None])
def test_the_environment_of_a_task(environment: str | None, write: Callable[[str, str], Path]) -> None:
    document = {**FILE_SPEC, "environments": {"prod": {"global": {"port": 465}}}}
    spec = spec_of_task({"environment": environment}, str(write("email.json", json.dumps(document))))
    assert (spec.environment, spec.sender) == ((environment, {"port": 465}) if environment else (None, {"port": 25}))


NO_LIST = "tenants: a list of mappings is needed, each with its `domain`"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tenants": "a"}, NO_LIST),
        ({"tenants": {"a.example": {}}}, NO_LIST),
        ({"tenants": ["a.example"]}, NO_LIST),
        ({"tenants": [{"port": 1}]}, NO_LIST),
        ({"tenants": [{"domain": 1}]}, NO_LIST),
        ({"tenants": [{"domain": "a"}, {"domain": "a"}]}, "tenants: a domain is there twice"),
        ({"overrides": ["a"]}, "a mapping is needed"),
    ],
)
def test_what_is_no_spec_of_a_task(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec_of_task(options, None)
    assert (caught.value.message, caught.value.place) == (said, Place(INLINE))


class Text(str):
    """As Ansible's own texts are in some of its releases."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "as_plain"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (0.5, 0.5),
        (Text("a"), "a"),
        ({Text("a"): (1, Text("b"))}, {"a": [1, "b"]}),
        ({1: MappingProxyType({"c": []})}, {"1": {"c": []}}),
        (b"x", [120]),
        (Path("p"), "p"),
    ],
)
def test_plain_data(value: object, as_plain: object) -> None:
    found = plain(value)
    assert found == as_plain
    assert type(found) is type(as_plain)


@pytest.mark.parametrize(
    ("asked", "all_env", "document", "chosen"),
    [
        ([], False, {}, (None,)),
        (["a", "b", "a"], False, {}, ("a", "b")),
        ([], True, {"environments": {"b": {}, "a": {}}}, ("b", "a")),
    ],
)
def test_the_environments_to_work_on(
    asked: list[str], all_env: bool, document: dict[str, Any], chosen: tuple[str | None, ...]
) -> None:
    assert chosen_environments(asked, document, all_env=all_env) == chosen


NONE = ("--all-env: the spec has no environments", None)


@pytest.mark.parametrize(
    ("asked", "document", "said"),
    [
        ([], {}, NONE),
        ([], {"environments": {}}, NONE),
        ([], {"environments": ["a"]}, NONE),
        ([], ["environments"], NONE),
        (["a"], {"environments": {"a": {}}}, ("--env and --all-env contradict each other", "leave one of them out")),
    ],
)
def test_all_environments_of_a_spec_without(asked: list[str], document: Any, said: tuple[str, str | None]) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_environments(asked, document, all_env=True)
    assert (caught.value.message, caught.value.hint) == said


RELAY = {
    "from_address": "a@example.com",
    "hostname": "h",
    "enable_authentication": False,
    "signature": "S",
    "reply_to": "a@b.example",
}


@pytest.mark.parametrize(
    ("written", "asked", "release"),
    [(None, None, None), ("7.1.0", None, "7.1.0"), (None, "7.0.0", "7.0.0"), ("7.1.0", "7.1.0", "7.1.0")],
)
def test_the_release_of_a_spec(
    written: str | None, asked: str | None, release: str | None, write: Callable[[str, str], Path]
) -> None:
    product = {"product": {"version": written}} if written else {}
    spec = spec_of_task({"sender": RELAY}, str(write("email.json", json.dumps({"mailwright": 1, **product}))))
    found = checked(spec, asked)
    assert (found and found.version) == release
    assert asked_release(asked) == (parse_release(asked) if asked else None)
