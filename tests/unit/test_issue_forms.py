"""Whoever opens an issue is asked for what is needed, and told to keep secrets out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / ".github"
FORMS = sorted(path for path in (FOLDER / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form(form: Path) -> None:
    text = form.read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    assert document.keys() == {"name", "description", "labels", "body"}
    fields = {item["id"]: item for item in document["body"] if item["type"] != "markdown"}
    assert len(fields) == len(document["body"]) - 1
    assert "**No secrets, please**" in document["body"][0]["attributes"]["value"]
    assert "`mailwright --version`" in fields["version"]["attributes"]["description"]
    assert "`--format json`" in text


def test_what_is_asked_of_a_pull_request() -> None:
    text = (FOLDER / "pull_request_template.md").read_text(encoding="utf-8")
    assert [word for word in ("make check", "CHANGELOG.md", "No secret", "--format json", "--version") if word not in text] == []


def test_vulnerabilities_go_elsewhere() -> None:
    config = yaml.safe_load((FOLDER / "ISSUE_TEMPLATE" / "config.yml").read_text(encoding="utf-8"))
    assert config["blank_issues_enabled"] is False
    assert [link["url"].rpartition("/security/")[2] for link in config["contact_links"]] == ["advisories/new"]
