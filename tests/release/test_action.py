"""The action of GitHub and the component of GitLab: their steps run as shell, where a runner would run them, against the stand-ins."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailwright import __version__
from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp
from peers import fetch, pip, require

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
COMPONENT = ROOT / "templates" / "email-senders" / "template.yml"
SPEC = """\
mailwright: 1
product: {{version: "7.3.0"}}
environments: {{prod: {{server: "{server}"}}}}
defaults: {{hostname: localhost, port: {port}}}
api: {{client_id: mailwright, client_secret: "$env{{MAILWRIGHT_CLIENT_SECRET}}"}}
tenants:
  acme.example: {{from_address: a@acme.example, signature: A, reply_to: b@acme.example, username: mailer, password: "$env{{MAILWRIGHT_ACME}}"}}
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, package_index: None) -> Path:
    """A runner's folder for temporary files, with what the action installs: fetched once."""
    folder = tmp_path_factory.mktemp("runner")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "mailwright"], check=True)
    lock = ["install", "--require-hashes", "--requirement", ROOT / "requirements" / "runtime.txt", "pip"]
    python = folder / "mailwright" / "bin" / "python"
    fetch("packages that the action takes", pip("--python", python, *lock[:-1]), seconds=120, cwd=folder)
    fetch("pip", pip("--python", python, "install", "pip"), seconds=60, cwd=folder)
    return folder


def act(
    runner: Path, work: Path, inputs: dict[str, str], env: dict[str, str], event: str = "push"
) -> tuple[int, dict[str, str], str]:
    """Run the action's own step as a runner does: return its code, its outputs and what it said."""
    step = next(step for step in ACTION["runs"]["steps"] if step.get("id") == "run")
    given = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()} | inputs
    assert given.keys() == ACTION["inputs"].keys()
    values = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value) for name, value in step["env"].items()
    }
    values = {name: re.sub(r"\$\{\{ github[^}]*\}\}", "https://git.example.com/pull/1", value) for name, value in values.items()}
    output = work / "outputs"
    output.write_text("", encoding="utf-8")
    fake = {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_EVENT_NAME": event,
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(work / "summary.md"),
        "RUNNER_TEMP": str(runner),
        "PATH": f"{work / 'bin'}:{os.environ['PATH']}",
        "HOME": str(work),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=work, env={**fake, **values, **env}, capture_output=True, text=True, timeout=120)
    outputs = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
    return done.returncode, outputs, done.stdout + done.stderr


@pytest.mark.network
def test_the_action_validates_plans_applies_and_verifies(runner: Path, tmp_path: Path) -> None:
    with (
        SandboxIs(["acme.example"], product_version="7.3.0") as server,
        SandboxSmtp(username="mailer", password="of the sandbox") as relay,
    ):
        (tmp_path / "email.yaml").write_text(SPEC.format(server=server.url, port=relay.port), encoding="utf-8")
        (tmp_path / "is.pem").write_text(server.ca_pem, encoding="ascii")
        (tmp_path / "mail.pem").write_text(relay.ca_pem, encoding="ascii")
        secrets = {"MAILWRIGHT_CLIENT_SECRET": server.client_secret, "MAILWRIGHT_ACME": "of the sandbox"}
        code, outputs, said = act(runner, tmp_path, {"command": "validate"}, {}, "pull_request")
        assert (code, outputs["exit-code"]) == (0, "0"), said
        assert json.loads(Path(outputs["report"]).read_text(encoding="utf-8"))["version"] == "2.1.0"
        where = {"environment": "prod", "ca-file": "is.pem"}
        code, outputs, said = act(
            runner, tmp_path, {"command": "plan", **where}, {"MAILWRIGHT_CLIENT_SECRET": server.client_secret}
        )
        assert (code, outputs["report"]) == (0, "comment.md"), said
        comment = (tmp_path / "comment.md").read_text(encoding="utf-8")
        assert "acme.example" in comment
        assert comment == (tmp_path / "summary.md").read_text(encoding="utf-8")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > gh.txt\n', encoding="utf-8")
        (tmp_path / "bin" / "gh").chmod(0o755)
        assert act(runner, tmp_path, {"command": "comment"}, {"GH_TOKEN": "canary"}, "pull_request")[0] == 0
        assert (tmp_path / "gh.txt").read_text(encoding="utf-8").split()[2:] == [
            "https://git.example.com/pull/1",
            "--edit-last",
            "--create-if-none",
            "--body-file",
            "comment.md",
        ]
        code, outputs, said = act(runner, tmp_path, {"command": "apply", **where}, secrets)
        assert code == 0, said
        assert json.loads(Path(outputs["report"]).read_text(encoding="utf-8").splitlines()[0])["outcome"] == "done", said
        code, outputs, said = act(runner, tmp_path, {"command": "verify", "environment": "prod", "ca-file": "mail.pem"}, secrets)
        assert (code, outputs["exit-code"]) == (0, "0"), said
        assert "<testsuites" in Path(outputs["report"]).read_text(encoding="utf-8")


def test_the_action_fails_where_mailwright_does(runner: Path, tmp_path: Path) -> None:
    (tmp_path / "a b.yaml").write_text("mailwright: 1\nglobal: {host: x}\n", encoding="utf-8")
    code, outputs, said = act(runner, tmp_path, {"command": "validate", "files": "a b.yaml\n\n"}, {})
    assert (code, outputs["exit-code"]) == (1, "1")
    assert "::error" in said


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment"])
def test_the_action_refuses_triggers_that_give_strangers_secrets(event: str, tmp_path: Path) -> None:
    code, outputs, said = act(tmp_path, tmp_path, {"command": "apply"}, {}, event)
    assert (code, outputs) == (2, {})
    assert f"refuses the trigger {event}" in said


def test_an_input_is_never_run(tmp_path: Path) -> None:
    hostile = "$(touch hacked)`touch hacked`'; touch hacked; \""
    for name in ACTION["inputs"]:
        code, _, _ = act(tmp_path, tmp_path, {"command": "no", name: hostile}, {})
        assert code == 2
    assert not (tmp_path / "hacked").exists()
    assert all("${{" not in step.get("run", "") for step in ACTION["runs"]["steps"])


# -- the component


def jobs(inputs: dict[str, str]) -> dict[str, Any]:
    """Return the component's jobs with its inputs filled in, as GitLab does before it reads them."""
    head, text = COMPONENT.read_text(encoding="utf-8").split("\n---\n", 1)
    known = yaml.safe_load(head)["spec"]["inputs"]
    given = {name: entry["default"] for name, entry in known.items() if "default" in entry} | inputs
    document: dict[str, Any] = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: str(given[found[1]]), text))
    return document


GIVEN = {"requirements": "mailwright.txt", "wheel": "https://files.example.com/mailwright.whl"}


def test_gitlabs_schema_takes_the_component(tmp_path: Path) -> None:
    (tmp_path / "ci.yml").write_text(yaml.safe_dump(jobs(GIVEN)), encoding="utf-8")
    (tmp_path / "broken.yml").write_text(yaml.safe_dump(jobs(GIVEN) | {"x": {"script": 1}}), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "check_jsonschema", "--no-cache", "--builtin-schema", "vendor.gitlab-ci"]
    codes = [subprocess.run([*command, tmp_path / name], capture_output=True).returncode for name in ("ci.yml", "broken.yml")]
    assert codes == [0, 1]


def test_inputs_of_the_component_are_variables_alone() -> None:
    text = COMPONENT.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    places = [line.split(":")[0].strip() for line in text.splitlines() if "$[[" in line]
    assert set(places) == {"image", *jobs(GIVEN)[".mailwright"]["variables"]}
    apply = jobs(GIVEN)["mailwright-apply"]
    assert (apply["rules"][0]["when"], apply["interruptible"]) == ("manual", False)
    plan = jobs(GIVEN)["mailwright-plan"]["rules"][0]["if"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in plan, "a fork's merge request is no place for secrets"


@pytest.mark.network
def test_the_component_installs_by_hash_and_runs(dist: Path, tmp_path: Path) -> None:
    require("bash")
    (wheel,) = dist.glob("*.whl")
    (tmp_path / "mailwright.txt").write_bytes((dist / f"mailwright-{__version__}.requirements.txt").read_bytes())
    job = jobs(GIVEN | {"wheel": str(wheel)})
    with (
        SandboxIs(["acme.example"], product_version="7.3.0") as server,
        SandboxSmtp(username="mailer", password="of the sandbox") as relay,
    ):
        (tmp_path / "email.yaml").write_text(SPEC.format(server=server.url, port=relay.port), encoding="utf-8")
        (tmp_path / "is.pem").write_text(server.ca_pem, encoding="ascii")
        (tmp_path / "mail.pem").write_text(relay.ca_pem, encoding="ascii")
        own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
        values = job[".mailwright"]["variables"] | {"ENVIRONMENT": "prod", "CA_FILE": "is.pem", "TRUST_STORE": "mail.pem"}
        secrets = {"MAILWRIGHT_CLIENT_SECRET": server.client_secret, "MAILWRIGHT_ACME": "of the sandbox"}
        names = [name for name in job if name.startswith("mailwright-")]
        assert names == [f"mailwright-{command}" for command in ("validate", "plan", "apply", "verify")]
        lines = [
            line for script in [job[".mailwright"]["before_script"], *(job[name]["script"] for name in names)] for line in script
        ]
        fetch(
            "packages that the component takes",
            ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
            seconds=180,
            cwd=tmp_path,
            env=own | values | secrets,
        )
    assert json.loads((tmp_path / "gl-code-quality-report.json").read_text(encoding="utf-8")) == []
    assert "acme.example" in (tmp_path / "plan.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "result.jsonl").read_text(encoding="utf-8").splitlines()[0])["outcome"] == "done"
    verified = (tmp_path / "verify.xml").read_text(encoding="utf-8")
    assert 'failures="0"' in verified
    assert "acme.example" in verified
