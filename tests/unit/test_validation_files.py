"""Whole files and their findings: tests/data/valid has none, each file of tests/data/invalid has those of its sibling.

The sibling ``NAME.findings.json`` holds ``options`` (those of ``validate``) and the exact ``findings``, as ``--format json`` prints them.
Run with MAILWRIGHT_UPDATE_FINDINGS=1 to write them anew, and read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.adapter import load_adapter
from mailwright.deployment import parse_deployment
from mailwright.report.text import finding_lines
from mailwright.rules import CATALOGUE
from mailwright.validation import validate

if TYPE_CHECKING:
    from conftest import Run

DATA = Path(__file__).resolve().parents[1] / "data"
SUFFIXES = (".toml", ".yaml", ".json")


def files(folder: str) -> list[Path]:
    found = sorted(path for path in (DATA / folder).iterdir() if path.suffix in SUFFIXES)
    return [path for path in found if not path.name.endswith(".findings.json")]


def sibling(path: Path) -> Path:
    return path.with_name(f"{path.stem}.findings.json")


def expected(path: Path) -> dict[str, Any]:
    return json.loads(sibling(path).read_text(encoding="utf-8")) if sibling(path).is_file() else {"options": [], "findings": []}


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


VALID, INVALID = files("valid"), files("invalid")


@pytest.mark.parametrize("path", VALID, ids=names(VALID))
def test_valid_files_have_no_findings(path: Path, run: Run) -> None:
    result = run("validate", path, "--format", "json", *expected(path)["options"])
    assert (result.json["files"], result.stderr, result.code) == ([{"file": str(path), "findings": []}], "", 0)


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_invalid_files_have_exactly_their_findings(path: Path, run: Run) -> None:
    wanted = expected(path)
    result = run("validate", path.name, "--format", "json", *wanted["options"], cwd=path.parent)
    (file,) = result.json["files"]
    if os.environ.get("MAILWRIGHT_UPDATE_FINDINGS"):
        text = json.dumps({"options": wanted["options"], "findings": file["findings"]}, indent=2, ensure_ascii=False)
        sibling(path).write_text(text + "\n", encoding="utf-8")
    assert file["findings"] == wanted["findings"]
    assert result.code == (1 if any(finding["severity"] == "error" for finding in wanted["findings"]) else 0)


def test_every_rule_occurs() -> None:
    assert {finding["rule"] for path in INVALID for finding in expected(path)["findings"]} == set(CATALOGUE)


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_no_message_holds_a_value(path: Path) -> None:
    """Every value in these files holds `zq`; keys do too where they might be values in the wrong place, but are plain names."""
    for finding in expected(path)["findings"]:
        shown = f"{finding['message']} {finding['hint']}"
        for public in ("`zq`", "`zqümlaut`", "`zq-alias`", "$secret{zq_missing}", "`mail.smtp.zq`", "ZQ_FORBIDDEN"):
            shown = shown.replace(public, "")
        assert "zq" not in shown.lower()


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_no_excerpt_holds_a_value_that_is_not_public(path: Path) -> None:
    options = dict(zip(expected(path)["options"][::2], expected(path)["options"][1::2], strict=True))
    found = validate(path, kind=options.get("--as"), product_version=options.get("--product-version"))
    adapter = load_adapter()
    for finding in found:
        if finding.excerpt and "zq" in finding.excerpt.text.replace("$secret{zq_missing}", ""):
            deployment = parse_deployment(path.read_text(encoding="utf-8"))
            leaf = next(leaf for leaf in deployment.leaves if deployment.place(leaf.key_span).line == finding.place.line)
            key = adapter.get(leaf.path[2]) if len(leaf.path) == 3 else adapter.listed.get(leaf.path[-1])
            assert leaf.path[-1].startswith("mail.smtp.zq") or (key is not None and not key.secret)
        for line in finding_lines(finding):
            assert "\n" not in line


def test_findings_are_in_the_order_of_the_file() -> None:
    for path in INVALID:
        places = [(finding["line"], finding["column"]) for finding in expected(path)["findings"]]
        if not path.stem.startswith("spec-csv"):
            assert places == sorted(places)
