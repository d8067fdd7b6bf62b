"""The pre-commit hooks, as a team has them: pre-commit installs this checkout and runs it in a repository of theirs.

Installing takes the package registry; after that the hooks run where no socket opens.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from peers import locked, require

if TYPE_CHECKING:
    from commands import Run

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CANARY = "canary-In5ecure-Pa55word"

SPEC = f"""\
mailwright: 1
product: {{version: "7.3.0"}}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  port: 587
  username: no-reply
  password: {CANARY}
  signature: Example
  reply_to: support@example.com
"""
TENANTS = SPEC + "tenants_from: [tenants/*.csv]\nenvironments:\n  prod: {global: {hostname: smtp.prod.example.com}}\n"
CSV = f"domain,from_address,hostname,port,signature,reply_to,username,password\na.example,a@a.example,h,587,A,a@a.example,a,{CANARY}\n"
BAD_SPEC = SPEC.replace("hostname", "host")
DEPLOYMENT = f"""\
[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "smtp.example.com"
port = 587
username = "no-reply"
password = "{CANARY}"
signature = "Example"
reply_to = "support@example.com"
"""
# A deployment.toml does not say what it is for, and try-repo takes no arguments for a hook.
RELEASE = {"MAILWRIGHT_PRODUCT_VERSION": "7.3.0"}
BAD_DEPLOYMENT = DEPLOYMENT.replace("hostname", "host")

SEEN = {
    "email.yaml": SPEC,
    "conf/email-prod.yml": SPEC,
    "mailwright.toml": "mailwright = 1\nglobal = {from_address = 'a@b.example', username = 'a', password = 'b'}\n",
    "team.mailwright.json": json.dumps({"mailwright": 1}),
    "deployment.toml": DEPLOYMENT,
    "nodes/2/deployment.toml": DEPLOYMENT,
    "nodes/deployment.node3.toml": DEPLOYMENT,
}
NOT_SEEN = {
    "compose.yaml": "services: {}\n",
    "locales/emails.yaml": "en: {}\n",
    "email.json": "{}\n",
    "tenants/a.yaml": "a.example: {}\n",
    "tenants.csv": "domain\n",
    "deployment.toml.j2": "{% if x %}\n",
    "pyproject.toml": "[project]\n",
    "rendered/deployment.fragment.toml": "[output_adapter.email]\n",
    "k8s/deployment.yaml": "kind: Deployment\n",
}

# Every process that a hook starts says that it started, and opens no socket.
GUARD = """\
import os, sys
with open(os.environ["GUARD_LOG"], "a") as log:
    print(sys.prefix, file=log)
def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise RuntimeError("a hook used the network")
sys.addaudithook(refuse)
"""

Done = subprocess.CompletedProcess[str]


def program(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """Run a program without what git, pre-commit and mailwright would take from this environment; its streams come as one."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "MAILWRIGHT_", "PYTHON"))
    }
    who = {f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**own, **who, "GIT_CONFIG_GLOBAL": os.devnull, "NO_COLOR": "1", **(env or {})}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )


def repository(folder: Path, files: Mapping[str, str]) -> Path:
    """Make a git repository of some files, all of them staged."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    stage(folder, new=True)
    return folder


def stage(folder: Path, *, new: bool = False) -> None:
    for command in (["init", "-q"], ["add", "-A"])[0 if new else 1 :]:
        done = program("git", *command, cwd=folder)
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This working tree as a commit of its own: what is tracked, and what is not yet."""
    require("git", ROOT / ".git")
    folder = tmp_path_factory.mktemp("checkout")
    list_files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(list_files, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_symlink() or (ROOT / name).is_file():  # a file may be deleted and not yet staged
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    stage(folder, new=True)
    assert program("git", "commit", "-q", "-m", "the working tree", cwd=folder).returncode == 0
    return folder


PreCommit = Callable[..., Done]
Hooks = Callable[..., Done]


@pytest.fixture(scope="module")
def pre_commit(package_index: None, tmp_path_factory: pytest.TempPathFactory) -> PreCommit:
    """Run pre-commit with a home of its own; its environments lie there, of releases that the lock has."""
    home = tmp_path_factory.mktemp("home")
    (home / "constraints.txt").write_text("".join(f"{pin}\n" for pin in locked("dev")), encoding="utf-8")
    own = {f"PIP_{name}": str(home / "constraints.txt") for name in ("CONSTRAINT", "BUILD_CONSTRAINT")}
    own |= {"PRE_COMMIT_HOME": str(home), "PIP_DEFAULT_TIMEOUT": "10", "PIP_RETRIES": "1"}

    def run_pre_commit(*arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
        done = program(BIN / "pre-commit", *arguments, cwd=cwd, env={**own, **(env or {})})
        assert CANARY not in done.stdout
        return done

    return run_pre_commit


@pytest.fixture(scope="module")
def hooks(checkout: Path, pre_commit: PreCommit, tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    """Run a hook with options of its own on what is staged; the environment is built once, and what follows is offline."""
    guard = tmp_path_factory.mktemp("guard")
    (guard / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    log = guard / "log"
    revision = program("git", "rev-parse", "HEAD", cwd=checkout).stdout.strip()

    def configure(folder: Path, *entries: Mapping[str, Any]) -> None:
        config = {"repos": [{"repo": str(checkout), "rev": revision, "hooks": list(entries)}]}
        (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")

    first = repository(tmp_path_factory.mktemp("first"), {})
    configure(first, {"id": "mailwright-validate"}, {"id": "mailwright-render-check"})
    built = pre_commit("install-hooks", cwd=first)
    assert built.returncode == 0, built.stdout

    def run_hook(folder: Path, hook: Mapping[str, Any], *arguments: str) -> Done:
        log.unlink(missing_ok=True)
        configure(folder, hook)
        stage(folder)
        environment = {"PYTHONPATH": str(guard), "GUARD_LOG": str(log)}
        done = pre_commit("run", *arguments, cwd=folder, env=environment)
        started = log.read_text(encoding="utf-8").splitlines()
        assert any("/py_env-" in line for line in started) != ("Skipped" in done.stdout), "the guard was in the hook"
        return done

    return run_hook


def render(run: Run, folder: Path, *arguments: str) -> None:
    assert run("render", *arguments, cwd=folder).code == 0


# -- try-repo: what a team runs before it takes the hooks


def test_try_repo_with_good_files(checkout: Path, pre_commit: PreCommit, run: Run, tmp_path: Path) -> None:
    """Both hooks as they come, on a repository that keeps to their names."""
    repository(tmp_path, {"email.yaml": SPEC, "deployment.toml": DEPLOYMENT, "other.yaml": "a: [1]\n"})
    render(run, tmp_path, "email.yaml", "-o", "rendered")
    stage(tmp_path)
    done = pre_commit("try-repo", checkout, "--all-files", "--verbose", cwd=tmp_path, env=RELEASE)
    assert done.returncode == 0, done.stdout
    assert re.findall(r"^(mailwright [a-z -]+?)\.+(\w+)$", done.stdout, re.MULTILINE) == [
        ("mailwright render --check", "Passed"),
        ("mailwright validate", "Passed"),
    ]
    assert "2 files" in done.stdout


def test_try_repo_with_bad_files(checkout: Path, pre_commit: PreCommit, tmp_path: Path) -> None:
    files = {"email.yaml": BAD_SPEC, "a/deployment.toml": BAD_DEPLOYMENT, "b/deployment.toml": DEPLOYMENT, "other.yaml": "]\n"}
    repository(tmp_path, files)
    command = ["try-repo", checkout, "mailwright-validate", "--files", *files]
    done = pre_commit(*command, cwd=tmp_path, env=RELEASE)
    assert done.returncode == 1, done.stdout
    assert set(re.findall(r"^(\S+?):\d+:\d+: MW\d+ error", done.stdout, re.MULTILINE)) == {"email.yaml", "a/deployment.toml"}
    assert "in 3 files" in done.stdout


# -- mailwright-validate


def test_which_files_are_seen(hooks: Hooks, tmp_path: Path) -> None:
    folder = repository(tmp_path, {**SEEN, **NOT_SEEN})
    done = hooks(folder, {"id": "mailwright-validate", "args": ["--format", "json"], "verbose": True}, "--all-files")
    found = json.loads(done.stdout[done.stdout.index("{\n") : done.stdout.rindex("}") + 1])
    assert sorted(each["file"] for each in found["files"]) == sorted(SEEN), done.stdout


def test_only_what_changed_is_checked(hooks: Hooks, tmp_path: Path) -> None:
    folder = repository(tmp_path, {"deployment.toml": BAD_DEPLOYMENT, "email.yaml": SPEC})
    assert program("git", "commit", "-q", "-m", "before there were hooks", cwd=folder).returncode == 0
    (folder / "email.yaml").write_text(SPEC + "owner: team\n", encoding="utf-8")
    assert hooks(folder, {"id": "mailwright-validate"}).returncode == 0
    assert hooks(folder, {"id": "mailwright-validate"}, "--all-files").returncode == 1


def test_other_names_and_arguments(hooks: Hooks, tmp_path: Path) -> None:
    """A spec that was named otherwise, checked with its tenants' files: these are no specs, the hook only has to be woken by them."""
    folder = repository(tmp_path, {"senders/main.yaml": TENANTS, "senders/tenants/a.csv": CSV})
    assert "Skipped" in hooks(folder, {"id": "mailwright-validate"}, "--all-files").stdout
    own = {
        "id": "mailwright-validate",
        "files": "^senders/",
        "pass_filenames": False,
        "args": ["senders/main.yaml", "--env", "prod"],
    }
    assert hooks(folder, own, "--all-files").returncode == 0
    (folder / "senders/tenants/a.csv").write_text(CSV.replace("A,a@", "A,"), encoding="utf-8")
    (folder / "senders/tenants/b.csv").write_text(CSV, encoding="utf-8")
    done = hooks(folder, own, "--files", "senders/tenants/b.csv")
    assert done.returncode == 1
    assert "senders/tenants/b.csv:2" in done.stdout


# -- mailwright-render-check

PROD = {"id": "mailwright-render-check", "args": ["email.yaml", "--env", "prod", "-o", "rendered"]}


@pytest.fixture
def rendered(run: Run, tmp_path: Path) -> Path:
    folder = repository(tmp_path, {"email.yaml": TENANTS, "tenants/a.csv": CSV, "notes.txt": "-"})
    render(run, folder, "email.yaml", "--env", "prod", "-o", "rendered")
    return folder


def test_a_folder_in_sync(hooks: Hooks, rendered: Path) -> None:
    done = hooks(rendered, PROD, "--all-files")
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout
    assert "Skipped" in hooks(rendered, PROD, "--files", "notes.txt").stdout


CHANGES = {
    "spec": ("email.yaml", "smtp.prod.example.com", "relay.example.com", "deployment.fragment.toml: differs"),
    "tenants": ("tenants/a.csv", "587", "2587", "tenants/a.example.v2.json: differs"),
    "rendered": (
        "rendered/deployment.fragment.toml",
        "smtp.prod.example.com",
        "relay.example.com",
        "deployment.fragment.toml: differs",
    ),
    "secret": ("rendered/deployment.fragment.toml", CANARY, f"{CANARY}-2", "deployment.fragment.toml: differs"),
}


@pytest.mark.parametrize(("name", "before", "after", "message"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_on_one_side_only(hooks: Hooks, rendered: Path, name: str, before: str, after: str, message: str) -> None:
    """Any of the three kinds of files wakes the hook, alone."""
    text = (rendered / name).read_text(encoding="utf-8")
    assert before in text
    (rendered / name).write_text(text.replace(before, after), encoding="utf-8")
    done = hooks(rendered, PROD, "--files", name)
    assert done.returncode == 1
    assert message in done.stdout


# -- this repository's own hooks


def test_the_own_hooks_are_make_check() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe
    wanted = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"].removesuffix(" --force-exclude") for repo in config["repos"] for hook in repo["hooks"]]
    assert [line for line in wanted if not any(line.startswith(entry) for entry in entries)] == []


def test_the_own_hooks_run(checkout: Path, pre_commit: PreCommit) -> None:
    """Without mypy, which `make check` has run; ruff and the linter of imports are there wherever that ran."""
    skipped = ["mypy"] if (BIN / "ruff").exists() else ["mypy", "ruff-check", "ruff-format", "lint-imports"]
    (checkout / ".venv").symlink_to(BIN.parent)
    try:
        environment = {"SKIP": ",".join(skipped), "PYTHONPATH": str(checkout / "generator")}
        done = pre_commit("run", "--all-files", cwd=checkout, env=environment)
    finally:
        (checkout / ".venv").unlink()
    assert done.returncode == 0, done.stdout
    assert len(re.findall("Passed$", done.stdout, re.MULTILINE)) == 6 - len(skipped)
