"""The files of a release, as this commit makes them: the same to the byte anywhere, content with themselves, and at work where nothing else is.

They are made by what ``make release`` runs, as a draft: the changelogs need no date.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from mailwright import __version__
from mailwright.sandbox.smtp import SandboxSmtp
from peers import fetch, pip, require

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv-release" / "bin"
FILES = {
    f"mailwright-{__version__}-py3-none-any.whl",
    f"mailwright-{__version__}.tar.gz",
    f"mailwright-{__version__}.requirements.txt",
    f"mailwright-{__version__}.cdx.json",
    f"mailwright-wso2is-{__version__}.tar.gz",
    "SHA256SUMS",
}
SPEC = """\
mailwright: 1
product: {{version: "7.2.0"}}
global:
  from_address: no-reply@example.com
  hostname: localhost
  port: {port}
  username: mailer
  password: $secret{{smtp_password}}
  signature: Example
  reply_to: support@example.com
  custom_properties: {{mail.smtp.starttls.required: true, mail.smtp.ssl.checkserveridentity: true}}
"""


def build(checkout: Path, output: Path, **environment: str) -> None:
    command = [TOOLS / "python", checkout / "tools" / "release", "build", "--draft", __version__, "-o", output]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_another_folder_day_and_user_make_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    checkout, again = tmp_path / "elsewhere" / "checkout", tmp_path / "again"
    subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True, capture_output=True)
    (checkout / "schema" / "left-lying-about.json").write_text("{}", encoding="utf-8")
    before = os.umask(0o077)
    try:
        build(checkout, again, TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="7")
    finally:
        os.umask(before)
    assert {path.name for path in dist.iterdir()} == {path.name for path in again.iterdir()} == FILES
    assert [name for name in sorted(FILES) if (dist / name).read_bytes() != (again / name).read_bytes()] == []


def test_a_mistake_in_the_commit_shows(dist: Path, tmp_path: Path) -> None:
    """What is compared depends on the commit: on its time, and on every file."""
    build(ROOT, tmp_path, SOURCE_DATE_EPOCH="1000000000")
    same = {name for name in FILES if (dist / name).read_bytes() == (tmp_path / name).read_bytes()}
    assert same == set()


def test_a_version_and_its_release(tmp_path: Path) -> None:
    """`make version`, a commit, `make release`: in a clone, with nothing of the release's tools on the PATH."""
    require("git", ROOT / ".git", TOOLS / "antsibull-changelog")
    checkout, output, version = tmp_path / "checkout", tmp_path / "dist", "98.7.6"
    subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True, capture_output=True)
    changelog = checkout / "CHANGELOG.md"
    news = changelog.read_text(encoding="utf-8").replace("## Unreleased\n", "## Unreleased\n\n### Fixed\n\n- News.\n", 1)
    changelog.write_text(news, encoding="utf-8")
    fragments = checkout / "ansible" / "changelogs" / "fragments"
    fragments.mkdir(exist_ok=True)
    (fragments / "news.yml").write_text("bugfixes:\n  - site - news.\n", encoding="utf-8")
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    tool = [TOOLS / "python", checkout / "tools" / "release"]
    author = ["-c", "user.name=t", "-c", "user.email=t@example.com"]

    def run(*words: str | Path, environment: dict[str, str] = bare) -> str:
        done = subprocess.run(words, cwd=checkout, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(*tool, "version", version, "--date", "2026-01-31")
    run(sys.executable, "-m", "mailwright.generate", environment={**os.environ, "PYTHONPATH": str(checkout / "generator")})
    run("git", *author, "commit", "--quiet", "--all", "--no-gpg-sign", "--message", f"mailwright {version}")
    assert run("git", "status", "--porcelain") == ""
    run(*tool, "build", version, "-o", output)
    assert {path.name for path in output.iterdir()} == {name.replace(__version__, version) for name in FILES}
    assert "- News." in run(*tool, "notes", version)


def test_a_changelog_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    require("git", ROOT / ".git", TOOLS / "antsibull-changelog")
    subprocess.run(["git", "clone", "--quiet", ROOT, tmp_path / "checkout"], check=True, capture_output=True)
    checkout = tmp_path / "checkout"
    changelog = checkout / "CHANGELOG.md"
    changelog.write_text(
        changelog.read_text(encoding="utf-8").replace("Unreleased\n", "Unreleased\n\n- News.\n", 1), encoding="utf-8"
    )
    (checkout / "ansible" / "changelogs" / "config.yaml").write_text("sections: 1\n", encoding="utf-8")
    before = subprocess.run(["git", "diff"], cwd=checkout, capture_output=True).stdout
    command = [TOOLS / "python", checkout / "tools" / "release", "version", "98.7.6"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr.partition("antsibull-changelog failed:")[0]) == (1, False)
    assert subprocess.run(["git", "diff"], cwd=checkout, capture_output=True).stdout == before


def test_other_peoples_tools_are_content(dist: Path) -> None:
    command = [TOOLS / "python", ROOT / "tools" / "release", "judge", __version__, "-o", dist]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, ""), done.stdout + done.stderr


def test_the_judges_judge(dist: Path, tmp_path: Path) -> None:
    shutil.copytree(dist, tmp_path / "dist")
    (tmp_path / "dist" / f"mailwright-{__version__}.cdx.json").write_text("{}", encoding="utf-8")
    (tmp_path / "dist" / f"mailwright-{__version__}.tar.gz").write_bytes(b"no archive")
    command = [TOOLS / "python", ROOT / "tools" / "release", "judge", __version__, "-o", tmp_path / "dist"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "twine" in done.stderr
    assert f"SHA256SUMS: mailwright-{__version__}.cdx.json" in done.stderr


def test_the_bill_of_materials_names_what_is_installed(dist: Path) -> None:
    bill = json.loads((dist / f"mailwright-{__version__}.cdx.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["metadata"]["component"]["version"]) == ("CycloneDX", __version__)
    named = {(part["name"].lower(), part["version"]) for part in bill["components"]}
    lock = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    assert named == set(re.findall(r"(?m)^([a-z0-9-]+)==([^\s;]+)", lock))
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])


def test_the_collection_lists_what_it_has(dist: Path) -> None:
    with tarfile.open(dist / f"mailwright-wso2is-{__version__}.tar.gz") as tar:
        names = set(tar.getnames())
        listed = json.load(tar.extractfile("FILES.json"))  # type: ignore[arg-type]
    assert {entry["name"] for entry in listed["files"]} - {"."} == names - {"FILES.json", "MANIFEST.json"}


# -- where nothing else is


def pythons() -> list[str]:
    """Return the Pythons of this machine that mailwright says it runs on, one of each release."""
    found = {sys.version_info[:2]: sys.executable}
    for minor in range(11, 16):
        places = [shutil.which(f"python3.{minor}"), *sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))]
        for place in filter(None, places):
            asked = subprocess.run(
                [place, "-c", "import ensurepip, sys; print(sys.version_info[1])"], capture_output=True, text=True
            )
            if asked.stdout.strip() == str(minor):
                found.setdefault((3, minor), str(place))
    return [found[version] for version in sorted(found)]


@pytest.mark.network
@pytest.mark.usefixtures("package_index")
@pytest.mark.parametrize(
    ("python", "kind"),
    [*((python, "alone") for python in pythons()), (sys.executable, "by-hash")],
    ids=lambda value: Path(value).parents[1].name if "/" in value else value,
)
def test_the_wheel_in_an_empty_environment(dist: Path, tmp_path: Path, python: str, kind: str) -> None:
    """Nothing but what the package declares; and as users are told to install it, every file by its hash."""
    subprocess.run([python, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    program, installer = tmp_path / "venv" / "bin" / "mailwright", pip("--python", tmp_path / "venv" / "bin" / "python")
    what: list[str | Path] = [dist / f"mailwright-{__version__}-py3-none-any.whl"]
    if kind == "by-hash":
        what = ["--require-hashes", "--find-links", dist, "-r", dist / f"mailwright-{__version__}.requirements.txt"]
    fetch(
        "packages that the wheel takes",
        [*installer, "install", "--no-compile", "--only-binary=:all:", *what],
        seconds=120,
        cwd=tmp_path,
    )
    with SandboxSmtp(username="mailer", password="of the sandbox") as server:
        (tmp_path / "ca.pem").write_text(server.ca_pem, encoding="ascii")
        (tmp_path / "email.yaml").write_text(SPEC.format(port=server.port), encoding="utf-8")
        (tmp_path / "smtp_password").write_text("of the sandbox", encoding="utf-8")
        verify = ["verify", "email.yaml", "--ca-file", "ca.pem", "--secrets-dir", ".", "--require-auth", "--format", "json"]
        said = {}
        for words in (["--help"], ["validate", "email.yaml"], verify):
            alone = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
            done = subprocess.run([program, *words], cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=240)
            assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
            said[words[0]] = done.stdout
    (sender,) = json.loads(said["verify"])["senders"]
    assert sender["client"]["authenticated"] is True
