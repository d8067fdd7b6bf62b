"""The repository has one address, wherever it is named: in metadata, pages, forms, templates and code."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from mailwright.base.resources import REPOSITORY

ROOT = Path(__file__).resolve().parents[2]
OWN = re.compile(
    r"https://(?:git(?:hub|lab)\.com|codeberg\.org|bitbucket\.org)/(?:mail-?wright[\w.-]*/[\w.-]+|[\w.-]+/mail-?wright(?:\.git)?\b)",
    re.IGNORECASE,
)


def test_every_file_names_the_same_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no checkout of git")
    named: dict[str, set[str]] = {}
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            for address in OWN.findall((ROOT / name).read_bytes().decode("utf-8", "replace")):
                named.setdefault(address.rstrip(".").removesuffix(".git"), set()).add(name)
    assert named.keys() == {REPOSITORY}, {address: files for address, files in named.items() if address != REPOSITORY}
    assert {"pyproject.toml", "ansible/galaxy.yml", "ansible/README.md", "SECURITY.md"} <= named[REPOSITORY]


def test_the_check_would_see_another() -> None:
    assert OWN.findall("https://github.com/someone/mailwright") == ["https://github.com/someone/mailwright"]
    assert OWN.findall("at https://github.com/Mailwright/mail-wright, and https://gitlab.com/mailwright/mailwright.git") == [
        "https://github.com/Mailwright/mail-wright",
        "https://gitlab.com/mailwright/mailwright.git",
    ]


def test_the_metadata_lead_into_it() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    galaxy = yaml.safe_load((ROOT / "ansible" / "galaxy.yml").read_text(encoding="utf-8"))
    assert urls.keys() == {"Homepage", "Documentation", "Repository", "Issues", "Changelog"}
    addresses = [*urls.values(), *(galaxy[name] for name in ("repository", "documentation", "homepage", "issues"))]
    assert [address for address in addresses if not address.startswith(REPOSITORY)] == []
    for address in addresses:
        path = re.sub(r"^(/tree|/blob)/main/?", "", address.removeprefix(REPOSITORY))
        assert path in ("", "/issues") or (ROOT / path).exists(), address
