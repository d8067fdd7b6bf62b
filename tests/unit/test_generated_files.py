"""What `make generate` writes is what is committed; the copies are regular files, since links do not survive every checkout and archive."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mailwright.generate import writing as generate

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "ansible", "benchmarks", "docs", "examples", "generator", "schema", "templates", "tests")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout's files that are made, and what they are made from."""
    for name in ("ansible", "docs", "generator", "schema", "templates", "tests/data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_nothing_committed_is_stale() -> None:
    assert generate.stale(ROOT) == []


@pytest.mark.parametrize(("copy", "source"), generate.COPIES.items())
def test_a_copy_is_its_source_byte_by_byte(copy: str, source: str) -> None:
    for path in (ROOT / copy, ROOT / source):
        assert path.is_file()
        assert not path.is_symlink()
    assert (ROOT / copy).read_bytes() == (ROOT / source).read_bytes()


def test_no_file_is_a_symbolic_link() -> None:
    walked = [path for top in FOLDERS for path in (ROOT / top).rglob("*")]
    assert len(walked) > 300
    assert [str(path.relative_to(ROOT)) for path in walked if path.is_symlink()] == []


def test_git_has_no_symbolic_link() -> None:
    """A checkout with ``core.symlinks=false`` shows a link as a file, so that the walk would not find it."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        return  # an archive: the walk has said it
    listed = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line for line in listed.splitlines() if line.startswith("120000")] == []


# what `make check` says, and what `make generate` mends


def _link(copy: Path, source: Path) -> None:
    copy.unlink()
    copy.symlink_to(os.path.relpath(source, copy.parent))


def _path_in_place_of_code(copy: Path, source: Path) -> None:
    copy.write_text(os.path.relpath(source, copy.parent))


def _other_line_ends(copy: Path, source: Path) -> None:
    copy.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))


def test_a_copy_that_is_none_is_found_and_mended(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tree)
    copy, source = "generator/mailwright/verification/handshake.py", "ansible/plugins/module_utils/smtp_handshake.py"
    before = (tree / source).read_bytes()
    for damage in (_link, _path_in_place_of_code, _other_line_ends, lambda copy, source: copy.unlink()):
        damage(tree / copy, tree / source)
        assert generate.main(["--check"]) == 1
        said = capsys.readouterr().err
        assert said == f"{copy} is stale: it is a copy of {source}, the one to edit; run `make generate`\n"
        assert generate.main([]) == 0
        assert not (tree / copy).is_symlink()
        assert (tree / copy).read_bytes() == (tree / source).read_bytes() == before
    assert generate.main(["--check"]) == 0


def test_every_other_file_is_checked_too(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tree)
    (tree / "docs/reference/keys.md").write_text("# Keys\n")
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/reference/keys.md is stale; run `make generate`\n"


def test_the_picture_of_the_rooms_shows_every_import(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tree)
    picture = tree / "docs/architecture.svg"
    assert "modules of deployment import product" not in picture.read_text(encoding="utf-8")
    with (tree / "generator/mailwright/deployment/java.py").open("a", encoding="utf-8") as file:
        file.write("\ndef later() -> None:\n    from .. import product\n")
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/architecture.svg is stale; run `make generate`\n"
    assert generate.main([]) == 0
    modules = len(list((tree / "generator/mailwright/deployment").glob("*.py")))
    assert f"1 of {modules} modules of deployment import product" in picture.read_text(encoding="utf-8")
