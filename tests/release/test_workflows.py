"""Workflows, the action and what `init` writes, as the tools that judge such files see them: nothing to say, and each would say something."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailwright.operations.init import COMPANIONS, companions
from peers import require

ROOT = Path(__file__).resolve().parents[2]
ZIZMOR = ROOT / ".venv-release" / "bin" / "zizmor"
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PIPELINE = ROOT / "examples" / "pipelines" / "github-actions.yaml"


def load(path: Path) -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def page() -> str:
    """Return the workflow that docs/pipelines.md shows."""
    text = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
    return text.partition("<!-- file: .github/workflows/email.yaml -->\n```yaml\n")[2].partition("```\n")[0]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that zizmor looks at, with the examples, what `init` writes, and the page's workflow where a team has it."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / ".github", folder / ".github")
    shutil.copy(ROOT / "action.yml", folder)
    (folder / "page" / ".github" / "workflows").mkdir(parents=True)
    (folder / "page" / ".github" / "workflows" / "email.yaml").write_text(page(), encoding="utf-8")
    spec = 'mailwright: 1\nproduct: {version: "7.3.0"}\nglobal: {hostname: smtp.example.com}\n'
    for file in companions("email.yaml", spec, [*COMPANIONS]):
        path = folder / "init" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    (folder / "example" / ".github" / "workflows").mkdir(parents=True)
    shutil.copy(PIPELINE, folder / "example" / ".github" / "workflows" / "email.yaml")
    return folder


def zizmor(folder: Path) -> list[str]:
    """Return the kinds of what it finds."""
    require(ZIZMOR)
    command = [
        ZIZMOR,
        "--offline",
        "--no-progress",
        "--no-config",
        "--strict-collection",
        "--format=json",
        "--collect=all",
        folder,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.stdout, done.stderr
    return [finding["ident"] for finding in json.loads(done.stdout) if not finding["ignored"]]


def test_zizmor(checkout: Path) -> None:
    assert zizmor(checkout) == []


def test_zizmor_would_see_the_action(checkout: Path, tmp_path: Path) -> None:
    text = (checkout / "action.yml").read_text(encoding="utf-8")
    script = 'run: bash "$GITHUB_ACTION_PATH/tools/action/run.sh"'
    assert script in text
    (tmp_path / "action.yml").write_text(text.replace(script, "run: echo ${{ inputs.files }}"), encoding="utf-8")
    assert zizmor(tmp_path) == ["template-injection"]


def test_zizmor_would_see(checkout: Path, tmp_path: Path) -> None:
    shutil.copytree(checkout, tmp_path / "copy")
    workflow = tmp_path / "copy" / "init" / ".github" / "workflows" / "email.yaml"
    text = re.sub(r"@[0-9a-f]{40}", "@v1", workflow.read_text(encoding="utf-8")).replace("permissions: {}\n", "")
    workflow.write_text(text.replace('"email.yaml"', "${{ github.head_ref }}"), encoding="utf-8")
    assert {"unpinned-uses", "template-injection"} <= set(zizmor(tmp_path / "copy"))


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / "action.yml"], ids=lambda path: path.stem)
def test_the_vendors_schema(path: Path) -> None:
    schema = "vendor.github-workflows" if path in WORKFLOWS else "vendor.github-actions"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "check_jsonschema",
        "--no-cache",
        "--builtin-schema",
        schema,
    ]
    done = subprocess.run([*command, path], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", [*WORKFLOWS, PIPELINE], ids=lambda path: path.stem)
def test_what_is_used_is_pinned_and_permissions_are_few(path: Path) -> None:
    text, workflow = path.read_text(encoding="utf-8"), load(path)
    used = re.findall(r"uses: (?!\./)(\S+?)@(\S+) # (\S+)", text)
    assert len(used) == len(re.findall(r"uses: (?!\./)", text)) > 0
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) and re.match(r"v\d+\.\d+\.\d+", version) for _, commit, version in used)
    assert workflow["permissions"] == {}
    assert {"pull_request_target", "workflow_run", "issue_comment"}.isdisjoint(workflow[True])
    for job in workflow["jobs"].values():
        assert "permissions" in job
        for step in job.get("steps", ()):
            assert "${{" not in step.get("run", ""), "an expression in a script is a way in"
            if "actions/checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_one_action_has_one_commit() -> None:
    """Here, in the examples, and in what `init` writes."""
    files = [*WORKFLOWS, PIPELINE, ROOT / "templates" / "init" / "github.yaml.j2"]
    used = {
        found for path in files for found in re.findall(r"uses: (?!\./)(\S+@\S+ # v[\d.]+)", path.read_text(encoding="utf-8"))
    }
    names = [each.partition("@")[0] for each in used]
    assert sorted(set(names)) == sorted(names)


def test_only_the_release_may_write_and_only_what_it_needs() -> None:
    written = {
        (name, permission)
        for path in WORKFLOWS
        for name, job in load(path)["jobs"].items()
        for permission, level in job["permissions"].items()
        if level == "write"
    }
    ways_out = {("attest", "id-token"), ("attest", "attestations"), ("publish", "id-token"), ("page", "contents")}
    assert written == ways_out
    release = load(FOLDER / "release.yml")
    assert release[True] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}
    assert release["jobs"]["publish"]["environment"] == "pypi"
    assert "vars.PUBLISH == 'pypi'" in release["jobs"]["publish"]["if"]
    assert "secrets." not in "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)


def test_the_workflow_does_what_make_release_does() -> None:
    scripts = [step["run"] for step in load(FOLDER / "release.yml")["jobs"]["build"]["steps"] if "run" in step]
    assert 'make release PYTHON=python VERSION="${GITHUB_REF_NAME#v}"' in scripts
    done = subprocess.run(["make", "--dry-run", "release", "VERSION=1.2.3"], cwd=ROOT, capture_output=True, text=True)
    assert "tools/release build 1.2.3" in done.stdout
    assert "tools/release judge 1.2.3" in done.stdout
    assert "bash .ci/run" in [step.get("run") for step in load(FOLDER / "ci.yml")["jobs"]["everything"]["steps"]]
