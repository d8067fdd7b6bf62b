"""The version stands in one place; a tree is a release when all that must agree with it does; `make version` makes it one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import versions
from mailwright import __version__

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = """\
# Changelog

## Unreleased

## 1.2.0 - 2026-02-01

### Added

- More.

## [1.1.0] - 2026-01-01

- Less.
"""


def tree(root: Path, *, version: str = "1.2.0", changelog: str = CHANGELOG, released: str | None = "1.2.0") -> Path:
    """Make what of a checkout says which version it is, as a commit."""
    files = {
        versions.PLACE: f'"""Doc."""\n\n__version__ = "{version}"\n',
        Path("CHANGELOG.md"): changelog,
        Path("ansible/galaxy.yml"): f"name: x\nversion: {version}\n",
        Path("docs/a.md"): f"rev: v{version}\nuses: x@sha # v7.0.1\npip install ./mailwright-{version}-py3-none-any.whl\n",
        Path("ansible/CHANGELOG.md"): "# Notes\n\n## v{}\n".format(released.replace(".", r"\.")) if released else "# Notes\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    commit = ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--no-gpg-sign", "-m", "t"]
    for words in (["init", "--quiet"], ["add", "--all"], commit):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    return root


def test_this_tree_agrees_with_itself() -> None:
    assert versions.stated(ROOT) == __version__
    assert versions.problems(ROOT, __version__, released=False) == []
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dynamic"]


def test_pages_and_examples_name_this_release() -> None:
    """Whatever names a release of mailwright names this one: `make version` finds and changes all of them."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout of git")
    named = versions.mentions(ROOT)
    assert {Path("docs/pre-commit.md"), Path("examples/pipelines/gitlab-ci.yml")} <= named.keys()
    assert set().union(*named.values()) == {__version__}


@pytest.mark.parametrize("place", ["docs", "templates", "examples", "README.md", "ansible"])
def test_no_page_names_the_version_otherwise(place: str) -> None:
    """A tag or a file that ``mentions`` does not know would stay behind; `version_added` is history."""
    files = [path for path in [ROOT / place, *(ROOT / place).rglob("*")] if path.is_file()]
    files = [path for path in files if not {"product", "__pycache__"} & {*path.relative_to(ROOT).parts}]
    for path in files:
        text = versions._MENTION.sub("", path.read_bytes().decode("utf-8", "replace"))
        lines = [line for line in text.splitlines() if re.search(rf"v{re.escape(__version__)}(?![\d.])", line)]
        assert [line for line in lines if "uses: " not in line] == [], path


def test_a_release(tmp_path: Path) -> None:
    assert versions.problems(tree(tmp_path), "1.2.0") == []


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"version": "1.1.0"}, "says 1.1.0, not 1.2.0"),
        ({"changelog": CHANGELOG.replace(" - 2026-02-01", "")}, "no `## 1.2.0 - YYYY-MM-DD`"),
        ({"changelog": CHANGELOG.replace("### Added\n\n- More.\n", "")}, "no `## 1.2.0 - YYYY-MM-DD`"),
        (
            {"changelog": CHANGELOG.replace("[1.1.0]", "1.3.0").replace("1.2.0", "1.1.0").replace("1.3.0", "1.2.0")},
            "stands above",
        ),
        ({"changelog": CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- Newer.\n")}, "under Unreleased"),
        ({"released": None}, "no section v1.2.0"),
    ],
)
def test_no_release(tmp_path: Path, wrong: dict[str, str], word: str) -> None:
    (said,) = versions.problems(tree(tmp_path, **wrong), "1.2.0")  # type: ignore[arg-type]
    assert word in said


def test_a_tree_with_changes_is_no_release(tmp_path: Path) -> None:
    (tree(tmp_path) / "new.txt").write_text("", encoding="utf-8")
    assert [text.partition(":")[0] for text in versions.problems(tmp_path, "1.2.0")] == [
        "there are changes that are not committed"
    ]
    (tmp_path / "ansible/changelogs/fragments").mkdir(parents=True)
    (tmp_path / "ansible/changelogs/fragments/more.yml").write_text("", encoding="utf-8")
    assert any("fragments" in text for text in versions.problems(tmp_path, "1.2.0"))
    (tmp_path / "docs/a.md").write_text("git+https://git.example.com/mailwright.git@v1.1.0", encoding="utf-8")
    assert any("docs/a.md names release 1.1.0" in text for text in versions.problems(tmp_path, "1.2.0"))
    (tmp_path / "ansible/galaxy.yml").write_text("version: 1.1.0\n", encoding="utf-8")
    assert any("galaxy.yml" in text for text in versions.problems(tmp_path, "1.2.0"))


@pytest.mark.parametrize("version", ["1.2", "v1.2.0", "1.2.0rc1", "01.2.0", "1.2.0-1", ""])
def test_no_version(tmp_path: Path, version: str) -> None:
    assert len(versions.problems(tmp_path, version)) == 1


def test_writing_a_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unreleased = CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- Newest.\n")
    root = tree(tmp_path, changelog=unreleased)
    told = []
    monkeypatch.setattr(versions, "_write_collection", lambda *given: told.append(given))
    versions.write(root, "1.10.0", "2026-03-01")
    assert told == [(root / "ansible", "1.10.0", "2026-03-01")]
    assert versions.stated(root) == "1.10.0"
    page = (root / "docs/a.md").read_text(encoding="utf-8")
    assert page == "rev: v1.10.0\nuses: x@sha # v7.0.1\npip install ./mailwright-1.10.0-py3-none-any.whl\n"
    sections = versions.sections((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert list(sections.items())[:2] == [("Unreleased", (None, "")), ("1.10.0", ("2026-03-01", "- Newest."))]
    with pytest.raises(versions.Refused, match="nothing stands under Unreleased"):
        versions.write(root, "1.11.0", "2026-03-02")
    with pytest.raises(versions.Refused, match=r"1\.10\.0 is released, and 1\.9\.0 is not above it"):
        versions.write(root, "1.9.0", "2026-03-02")
    with pytest.raises(versions.Refused, match="Semantic Versioning"):
        versions.write(root, "1.11", "2026-03-02")


def test_the_notes_of_a_release(tmp_path: Path) -> None:
    assert versions.notes(tree(tmp_path), "1.2.0") == "### Added\n\n- More."
    with pytest.raises(versions.Refused, match=r"nothing of 1\.3\.0"):
        versions.notes(tmp_path, "1.3.0")


def test_the_collection_has_the_licence() -> None:
    assert (ROOT / "ansible" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_command_says_what_is_wrong() -> None:
    program = [sys.executable, str(ROOT / "tools" / "release")]
    done = subprocess.run([*program, "build", "99.0.0", "--draft"], capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stdout) == (1, "")
    assert "`make version VERSION=99.0.0` writes it" in done.stderr
    assert "Traceback" not in done.stderr
