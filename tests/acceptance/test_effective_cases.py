"""`effective` says what the product's own engine says: every measured text, on every line of releases."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.deployment import parse_deployment
from mailwright.engine.effective import Outcome, effective
from products import parse_release

if TYPE_CHECKING:
    from commands import Run

FILE = Path(__file__).resolve().parents[1] / "data" / "effective-cases.json"
LINES = {
    "5.9.0": ["5.9.0"],
    "5.10.0": ["5.10.0", "5.11.0"],
    "6.0.0": ["6.0.0", "6.1.0"],
    "7.0.0": ["7.0.0", "7.1.0"],
    "7.2.0": ["7.2.0", "7.3.0"],
}
HASH_ORDER = "spelling-array"  # its properties depend on the order of a hash map: only that it goes wrong is certain
MEANT = {"mail.smtp.from": "no-reply@example.com", "mail.smtp.host": "smtp.example.com"}


@cache
def cases() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_the_file_holds_what_it_says() -> None:
    """Without this the parametrised tests below could shrink to nothing unnoticed."""
    assert len(cases()["cases"]) == 91
    assert all(set(case["expect"]) == set(LINES) for case in cases()["cases"].values())


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("name", cases()["cases"])
def test_outcome_and_properties(name: str, line: str) -> None:
    case = cases()["cases"][name]
    expected = case["expect"][line]
    for version in LINES[line]:
        view = effective(parse_deployment(case["toml"]), parse_release(version), environment=cases()["env"])
        assert view.outcome.value == expected["outcome"], view.reason
        properties = {item.name: item.text for item in view.properties}
        if name == HASH_ORDER:
            assert any(properties[key] != text for key, text in MEANT.items())
            assert view.unsure
        else:
            assert properties == expected.get("properties", {})
        assert (view.outcome is Outcome.OK) == (view.reason is None)


@pytest.mark.parametrize("line", LINES)
def test_through_the_command_line(line: str, run: Run, tmp_path: Path) -> None:
    """All texts in one run: JSON Lines in the order of the files, the exit code of the worst."""
    files = [tmp_path / f"{number}.toml" for number in range(len(cases()["cases"]))]
    for file, case in zip(files, cases()["cases"].values(), strict=True):
        file.write_bytes(case["toml"].encode())
    options = ["--show-secrets", "--resolve-env", "--format", "json", "--product-version", line]
    result = run("effective", *files, *options, env=cases()["env"])
    views = [json.loads(text) for text in result.stdout.splitlines()]
    assert result.code == 1
    assert [view["file"] for view in views] == list(map(str, files))
    for name, view in zip(cases()["cases"], views, strict=True):
        expected = cases()["cases"][name]["expect"][line]
        assert (name, view["outcome"]) == (name, expected["outcome"])
        if name != HASH_ORDER:
            assert (name, view["properties"]) == (name, expected.get("properties", {}))
