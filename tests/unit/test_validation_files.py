"""Whole files and their findings: tests/data/valid has no errors, each file of tests/data/invalid has what its sibling says.

The files MWnnn.* are the examples of the rules' pages (`make generate`).

The sibling ``NAME.findings.json`` holds ``options`` (those of ``validate``) and the exact ``findings``, as ``--format json`` prints them.
Run with MAILWRIGHT_UPDATE_FINDINGS=1 to write them anew, and read the difference.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.deployment import parse_deployment
from mailwright.operations.validate import validate
from mailwright.report.findings import finding_lines
from mailwright.rules.catalogue import CATALOGUE
from mailwright.rules.pages import load_page
from products import load_adapter

if TYPE_CHECKING:
    from commands import Run

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
PUBLIC = {key.name for key in load_adapter().values() if not key.secret} | {"-", "domain", "version", "java", "api_version"}
"""What the excerpt of a spec may show the value of."""


@pytest.mark.parametrize("path", VALID, ids=names(VALID))
def test_valid_files_have_no_errors(path: Path, run: Run) -> None:
    """Short examples lack what other rules warn of; their siblings say which."""
    assert_findings(path, run)
    found = expected(path)["findings"]
    assert path.stem not in {finding["rule"] for finding in found}
    assert {finding["severity"] for finding in found} <= {"warning", "info"}


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_invalid_files_have_exactly_their_findings(path: Path, run: Run) -> None:
    assert_findings(path, run)
    assert not path.stem.startswith("MW") or path.stem in {finding["rule"] for finding in expected(path)["findings"]}


def options_of(path: Path) -> list[str]:
    return list(load_page(path.stem).options) if path.stem in CATALOGUE else expected(path)["options"]


def assert_findings(path: Path, run: Run) -> None:
    wanted = {**expected(path), "options": options_of(path)}
    result = run("validate", path.name, "--format", "json", *wanted["options"], cwd=path.parent)
    (file,) = result.json["files"]
    if os.environ.get("MAILWRIGHT_UPDATE_FINDINGS"):
        text = json.dumps({"options": wanted["options"], "findings": file["findings"]}, indent=2, ensure_ascii=False)
        sibling(path).write_text(text + "\n", encoding="utf-8")
    assert file["findings"] == wanted["findings"]
    assert result.code == (1 if any(finding["severity"] == "error" for finding in wanted["findings"]) else 0)


def test_every_rule_occurs() -> None:
    assert {finding["rule"] for path in INVALID for finding in expected(path)["findings"]} == set(CATALOGUE)
    assert {path.stem for path in VALID if path.stem.startswith("MW")} == set(CATALOGUE)


def test_what_can_be_mended_says_so() -> None:
    fixable = {finding["rule"] for path in INVALID for finding in expected(path)["findings"] if finding["fixable"]}
    assert fixable == {rule.id for rule in CATALOGUE.values() if rule.fixable}


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_fixing_mends_what_it_says_and_is_stable(path: Path, run: Run, tmp_path: Path) -> None:
    """Nothing fixable is left, the rest of the findings is what it was, and a second run changes nothing."""
    wanted = expected(path)
    shutil.copytree(path.parent / "parts", tmp_path / "parts")
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    first = run("validate", copy.name, "--fix", "--format", "json", *options_of(path), cwd=tmp_path)
    after = first.json["files"][0]["findings"]
    mended = {finding["rule"] for finding in wanted["findings"] if finding["fixable"]}
    assert not [finding for finding in after if finding["fixable"]]
    new = {finding["rule"] for finding in after} - {finding["rule"] for finding in wanted["findings"]}
    assert not [finding for finding in after if finding["rule"] in new and finding["severity"] == "error"]
    text = copy.read_bytes()
    assert (text != path.read_bytes()) == bool(mended)
    again = run("validate", copy.name, "--fix", "--format", "json", *options_of(path), cwd=tmp_path)
    assert (again.json["files"][0]["findings"], copy.read_bytes()) == (after, text)
    assert_untouched(path.read_text(encoding="utf-8"), text.decode("utf-8"), len(mended))


def assert_untouched(before: str, after: str, mended: int) -> None:
    """Lines that no fix speaks of stay, byte for byte and in their order."""
    changed = [
        tag
        for tag, *_ in difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False).get_opcodes()
        if tag != "equal"
    ]
    assert len(changed) <= 3 * mended


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
    options = [option for option in options_of(path) if option != "--resolve-env"]
    given = dict(zip(options[::2], options[1::2], strict=True))
    found = validate(path, kind=given.get("--as"), product_version=given.get("--product-version"))
    adapter = load_adapter()
    for finding in found:
        for line in finding_lines(finding):
            assert "\n" not in line
        if finding.excerpt and "zq" in finding.excerpt.text.replace("$secret{zq_missing}", ""):
            if path.suffix != ".toml":
                name, _, value = finding.excerpt.text.partition(": ")
                assert "zq" not in value or name in PUBLIC or re.fullmatch(r"\$[a-z]+\{[^{}]*\}", value), finding
                continue
            deployment = parse_deployment(path.read_text(encoding="utf-8"))
            leaf = next(leaf for leaf in deployment.leaves if deployment.place(leaf.key_span).line == finding.place.line)
            key = adapter.get(leaf.path[2]) if len(leaf.path) == 3 else adapter.listed.get(leaf.path[-1])
            assert leaf.path[-1].startswith("mail.smtp.zq") or (key is not None and not key.secret)


def test_findings_are_in_the_order_of_the_file() -> None:
    for path in INVALID:
        places = [(finding["line"], finding["column"]) for finding in expected(path)["findings"]]
        if not path.stem.startswith("spec-csv"):
            assert places == sorted(places)
