"""What is shipped: the wheel and the collection hold everything; what both need is the same file in each."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from peers import require

ROOT = Path(__file__).resolve().parents[2]
PAGES = {f"docs/{folder}/{page.name}" for folder in ("product", "rules") for page in (ROOT / "docs" / folder).iterdir()}
INSTALLED = {
    "hostname": (
        "hostname: SMTP server",
        "What the product does:",
        "an empty string means `localhost`",
        "product/keys.md#hostname",
    ),
    "MW202": ("MW202 (error", "Nothing is escaped.", "product/xml.md#not-escaped"),
    "starttls-opportunistic": (
        "starttls-opportunistic: ",
        "STARTTLS is opportunistic",
        "`mailwright explain product/mail-client.md`",
    ),
    "product/xml.md#ampersand": ("`a&b`. ", "not well-formed", "R measured"),
    "product/xml.md": ("# From `deployment.toml` to XML",),
}
"""What `explain` of an installed wheel says of a name: how it begins, and words that are in it."""
SHARED = {"verification/handshake.py": "smtp_handshake.py", "base/atomic.py": "atomic_write.py"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("mailwright-*.whl"))


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collection")
    galaxy = str(Path(sys.executable).parent / "ansible-galaxy")
    build = [galaxy, "collection", "build", str(ROOT / "ansible"), "--output-path", str(folder)]
    environment = {**os.environ, "ANSIBLE_HOME": str(tmp_path_factory.mktemp("home"))}
    done = subprocess.run(build, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("mailwright-wso2is-*.tar.gz"))


def test_the_wheel_is_complete(wheel: Path, tmp_path: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for schema in (ROOT / "schema").glob("*.json"):
        assert f"mailwright/_data/schema/{schema.name}" in names
    for template in filter(Path.is_file, (ROOT / "templates").rglob("*")):
        assert f"mailwright/_data/{template.relative_to(ROOT).as_posix()}" in names
    assert "mailwright/_data/ansible/roles/email_sender/tasks/main.yml" in names
    for page in PAGES:
        assert f"mailwright/_data/{page}" in names
    assert "mailwright/py.typed" in names


def test_an_installed_wheel_works(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)], check=True
    )
    program = (
        f"import sys; sys.path.insert(0, {str(target)!r}); import mailwright; from mailwright.cli import main; "
        f"assert mailwright.__file__.startswith({str(target)!r}); main(['explain', *sys.argv[1:]])"
    )
    for name, words in INSTALLED.items():
        done = subprocess.run([sys.executable, "-c", program, name], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(words[0])
        assert all(word in done.stdout for word in words)


@pytest.mark.parametrize("name", ["MW202", "product/xml.md#ampersand"])
def test_an_editable_install_explains_from_the_checkout(name: str, tmp_path: Path) -> None:
    """The environment of the tests is one."""
    program = (
        "import sys; import mailwright; from mailwright.cli import main; "
        f"assert mailwright.__file__.startswith({str(ROOT)!r}); main(['explain', *sys.argv[1:]])"
    )
    done = subprocess.run([sys.executable, "-c", program, name], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in INSTALLED[name])


def test_the_source_distribution_has_the_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    with tarfile.open(next(tmp_path.glob("mailwright-*.tar.gz"))) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert names >= PAGES


def test_the_shared_files_are_the_same_regular_files(wheel: Path, collection: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    with tarfile.open(collection) as tar:
        for ours, theirs in SHARED.items():
            member = tar.getmember(f"plugins/module_utils/{theirs}")
            assert member.isfile()
            file = tar.extractfile(member)
            assert file is not None
            source = (ROOT / "ansible" / "plugins" / "module_utils" / theirs).read_bytes()
            digests = {hashlib.sha256(data).hexdigest() for data in (file.read(), archive.read(f"mailwright/{ours}"), source)}
            assert len(digests) == 1
            assert (archive.getinfo(f"mailwright/{ours}").external_attr >> 16) & 0o170000 in (0, 0o100000)


WORKS = """
import sys
sys.path.insert(0, "generator")
from mailwright.cli import run
sys.exit(run(["merge", "email.yaml", "deployment.toml"]) or run(["verify", "--help"]))
"""
SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
global: {from_address: a@b.example, hostname: h, port: 587, username: u, password: p, signature: S, reply_to: a@b.example}
"""


@pytest.mark.parametrize("kind", ["clone", "zip"])
def test_a_checkout_without_symbolic_links_works(tmp_path: Path, kind: str) -> None:
    """As on Windows, and as an archive that was unpacked by a program that knows no links."""
    require("git", ROOT / ".git")
    checkout, archive = tmp_path / "checkout", tmp_path / "archive.zip"
    clone = ["git", "clone", "--quiet", "-c", "core.symlinks=false", str(ROOT), str(checkout)]
    command = clone if kind == "clone" else ["git", "archive", "--output", str(archive), "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if kind == "zip":
        zipfile.ZipFile(archive).extractall(checkout)
    (checkout / "email.yaml").write_text(SPEC, encoding="utf-8")
    (checkout / "deployment.toml").write_text('[server]\nhostname = "h"\n', encoding="utf-8")
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}  # for the backup
    done = subprocess.run([sys.executable, "-I", "-c", WORKS], cwd=checkout, env=environment, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
    assert "[output_adapter.email]" in (checkout / "deployment.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["tarball", "folder", "git"])
def test_the_collection_installs_and_knows_its_module(collection: Path, tmp_path: Path, kind: str) -> None:
    binaries = Path(sys.executable).parent
    if kind == "git":
        require("git", ROOT / ".git")
    source = {"tarball": str(collection), "folder": str(ROOT / "ansible"), "git": f"git+file://{ROOT}#/ansible/"}[kind]
    install = [str(binaries / "ansible-galaxy"), "collection", "install", "--offline", "-p", str(tmp_path), source]
    environment = {**os.environ, "ANSIBLE_HOME": str(tmp_path / "home"), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(install, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(tmp_path)
    document = [str(binaries / "ansible-doc"), "mailwright.wso2is.deployment_toml"]
    done = subprocess.run(document, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "validates a spec on the controller" in " ".join(done.stdout.split()).lower()


def test_make_keeps_what_it_made(tmp_path: Path) -> None:
    """An environment's Python that is made on the way to a stamp would be removed as an intermediate file."""
    (tmp_path / "requirements").mkdir()
    for name in (
        "Makefile",
        "pyproject.toml",
        "requirements/dev.txt",
        "requirements/demo.txt",
        "requirements/lowest.txt",
        "requirements/release.txt",
    ):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for target in ("demo", "test", "check", "test-newest", "test-lowest", "lock", "release"):
        done = subprocess.run(["make", "--dry-run", target], cwd=tmp_path, capture_output=True, text=True, timeout=240)
        assert "-m venv .venv" in done.stdout, done.stderr
        assert not re.search(r"^rm ", done.stdout, re.MULTILINE)
