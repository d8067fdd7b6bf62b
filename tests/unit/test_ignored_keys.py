"""A value that a release ignores is not held against it: what the schema says of a key holds for the releases that have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import Run
from products import ALL, KNOWN, load_adapter

Write = Callable[[str, str], Path]
TOKEN = '[output_adapter.email]\nauth_type = "CLIENT_CREDENTIAL"\nfrom_address = "a@b.example"\n'
SPEC = """\
mailwright: 1
global: {from_address: a@b.example, hostname: smtp.b.example, username: a, password: "$secret{x}", KEY}
"""


def said(run: Run, path: Path, *options: str) -> list[dict[str, Any]]:
    (file,) = run("validate", path, "--format", "json", "--select", "MW002", *options).json["files"]
    findings: list[dict[str, Any]] = file["findings"]
    return findings


def test_what_a_key_asks_for_is_asked_where_the_key_is_known(run: Run, write: Write) -> None:
    path = write("deployment.toml", TOKEN)
    assert said(run, path, "--product-version", "7.1.0") == []
    assert len(said(run, path, "--product-version", "7.2.0")) == 4
    found = said(run, path)
    assert [(item["releases"], item["severity"]) for item in found] == [(["7.2.0", "7.3.0"], "error")] * 4


@pytest.mark.parametrize("key", [key for key in load_adapter().scalars if key.since != KNOWN[0]], ids=lambda key: key.name)
def test_a_wrong_value_is_wrong_for_the_releases_that_have_the_key(key: Any, run: Run, write: Write) -> None:
    having = [release.version for release in ALL if key.known_to(release)]
    toml = write("deployment.toml", f"[output_adapter.email]\n{key.name} = false\n")
    spec = write("email.yaml", SPEC.replace("KEY", f"{key.name}: false"))
    for path, dotted in ((toml, f"output_adapter.email.{key.name}"), (spec, f"global.{key.name}")):
        assert [item["releases"] for item in said(run, path) if item["path"] == dotted] == [having]


def test_a_spec_is_refused_for_the_key_that_is_ignored_and_not_for_what_it_would_need(run: Run, write: Write) -> None:
    path = write("email.yaml", SPEC.replace("KEY", "auth_type: CLIENT_CREDENTIAL"))
    older = run("render", path, "--product-version", "7.1.0")
    assert (older.code, "this release ignores it\n" in older.stderr, "missing" in older.stderr) == (2, True, False)
    for options in (["--product-version", "7.2.0"], []):
        result = run("render", path, *options)
        assert (result.code, "`client_id` is missing (and 3 more)" in result.stderr) == (2, True)
