"""The Java that a spec names, held against what each release's start script accepts (product/node.md#java): both sides of each end."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.operations.validate import validate
from products import KNOWN, parse_release

ENDS = [
    (version, java, accepted)
    for version in KNOWN
    for oldest, newest in [(parse_release(version).java["oldest"], parse_release(version).java.get("newest"))]
    for java, accepted in [(oldest - 1, False), (oldest, True), (newest or 99, True), *([(newest + 1, False)] if newest else [])]
    if java >= 7
]


def said(folder: Path, product: str, **options: str) -> list[tuple[str, str, tuple[str, ...]]]:
    (folder / "email.yaml").write_text(f"mailwright: 1\nproduct: {product}\n", encoding="utf-8")
    found = validate(folder / "email.yaml", **options)  # type: ignore[arg-type]
    return [(finding.severity.value, finding.message, finding.releases) for finding in found if finding.rule == "MW006"]


@pytest.mark.parametrize(("version", "java", "accepted"), ENDS)
def test_both_sides_of_each_end(tmp_path: Path, version: str, java: int, accepted: bool) -> None:
    found = said(tmp_path, f'{{version: "{version}", java: {java}}}')
    assert len(found) == (0 if accepted else 1)
    for severity, message, _ in found:
        assert severity == "warning"
        assert message.startswith(f"this release does not start on Java {java}: its start script accepts Java ")
        assert ("unsure" in message) == ("unsure" in parse_release(version).java)


def test_without_a_release_each_that_does_not_accept_it_is_named(tmp_path: Path) -> None:
    found = said(tmp_path, "{java: 17}")
    named = {version for _, _, releases in found for version in releases}
    assert named == {version for version, java, ok in ENDS if not ok and java == 12} | {KNOWN[-1]}


@pytest.mark.parametrize("java", ["text", "true", "17.0"])
def test_what_is_no_number_is_the_schemas_business(tmp_path: Path, java: str) -> None:
    assert said(tmp_path, f'{{version: "7.3.0", java: {java}}}') == []
