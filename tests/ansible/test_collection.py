"""The collection as others see it: ansible-lint's production profile, the playbooks' syntax with the example inventory, every plugin's page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(sys.executable).parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections with a copy, since ansible-lint goes by the path."""
    folder = tmp_path_factory.mktemp("collections")
    target = folder / "ansible_collections" / "mailwright" / "wso2is"
    shutil.copytree(ROOT / "ansible", target, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _run(installed: Path, *command: str, cwd: Path | None = None) -> str:
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{BINARIES}:{os.environ['PATH']}",
        "HOME": str(installed),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run([str(BINARIES / command[0]), *command[1:]], env=environment, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_ansible_lint_has_nothing_to_say(installed: Path) -> None:
    folder = installed / "ansible_collections" / "mailwright" / "wso2is"
    said = _run(installed, "ansible-lint", "--nocolor", "--offline", "--profile", "production", cwd=folder)
    assert "Passed: 0 failure(s), 0 warning(s)" in said


# Those of ansible-test's that download nothing.
SANITY = (
    "action-plugin-docs compile empty-init ignores line-endings no-assert no-get-exception no-illegal-filenames"
    " no-smart-quotes replace-urlopen shebang symlinks use-argspec-type-path use-compat-six"
)


def test_ansible_test_sanity(installed: Path) -> None:
    folder = installed / "ansible_collections" / "mailwright" / "wso2is"
    tests = [part for name in SANITY.split() for part in ("--test", name)]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    said = _run(installed, "ansible-test", "sanity", *tests, "--python", python, "--color", "no", cwd=folder)
    assert 'Running sanity test "use-compat-six"' in said


@pytest.mark.network
@pytest.mark.timeout(900)
def test_the_integration_targets(installed: Path) -> None:
    """Each plugin and the role at work on this machine, by ansible-test; it downloads nothing."""
    collection = installed / "ansible_collections" / "mailwright" / "wso2is"
    shown = {path.name for path in (collection / "tests" / "integration" / "targets").iterdir()}
    plugins = {path.stem for path in (ROOT / "ansible" / "plugins" / "modules").glob("*.py")}
    assert shown - {"setup_stand_ins"} == plugins | {"role_email_sender"}
    said = _run(installed, "ansible-test", "integration", "--python", "default", "--color", "no", cwd=collection)
    for target in sorted(plugins | {"role_email_sender"}):
        ran = said.split(f"Running {target} integration test role", 1)[1].split("PLAY RECAP", 1)[0]
        assert "All assertions passed" in ran, target


@pytest.mark.parametrize("name", ["site", "verify", "drift", "rollback"])
def test_the_playbooks_with_the_example_inventory(installed: Path, name: str) -> None:
    inventory = str(ROOT / "examples" / "ansible" / "inventory")
    hosts = _run(installed, "ansible-playbook", "-i", inventory, f"mailwright.wso2is.{name}", "--list-hosts")
    assert "is-2.example.com" in hosts


def test_the_example_inventory_knows_its_environments(installed: Path) -> None:
    known = json.loads(_run(installed, "ansible-inventory", "-i", str(ROOT / "examples" / "ansible" / "inventory"), "--list"))
    variables = known["_meta"]["hostvars"]
    assert variables["is-staging-1.example.com"]["email_sender_environment"] == "staging"
    assert variables["is-2.example.com"]["email_sender_environment"] == "prod"
    assert variables["is-2.example.com"]["email_sender_overrides"] == {"hostname": "relay-2.example.com"}


def test_every_plugin_and_the_role_have_a_page(installed: Path) -> None:
    names = sorted(path.stem for path in (ROOT / "ansible" / "plugins" / "modules").glob("*.py"))
    pages = json.loads(_run(installed, "ansible-doc", "--json", *(f"mailwright.wso2is.{name}" for name in names)))
    for name in names:
        page = pages[f"mailwright.wso2is.{name}"]
        assert page["doc"]["short_description"]
        assert page["examples"]
        assert page["return"]
        attributes = page["doc"]["attributes"]
        assert attributes.keys() == {"check_mode", "diff_mode", "platform"}
        assert attributes["check_mode"]["support"] == "full"
        shows_differences = "_supports_diff = True" in (ROOT / "ansible" / "plugins" / "action" / f"{name}.py").read_text(
            encoding="utf-8"
        )
        assert attributes["diff_mode"]["support"] == ("full" if shows_differences else "none")
        assert {see["module"] for see in page["doc"]["seealso"] if "module" in see} <= {
            f"mailwright.wso2is.{other}" for other in names
        }
    actions = sorted(path.stem for path in (ROOT / "ansible" / "plugins" / "action").glob("*.py"))
    assert actions == names
    role = _run(installed, "ansible-doc", "-t", "role", "mailwright.wso2is.email_sender")
    assert "email_sender_overrides" in role
