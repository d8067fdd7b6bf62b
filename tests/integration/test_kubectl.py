"""What the real kubectl makes goes through ``post-render``, and kubectl reads what comes out; no cluster is needed for that."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kubernetes_schemas import wrong
from mailwright.operations.post_render import DIGEST
from peers import program

if TYPE_CHECKING:
    from commands import Run

SPEC = {
    "mailwright": 1,
    "product": {"version": "7.1.0"},
    "global": {
        "from_address": "a@b.example",
        "hostname": "smtp.example.com",
        "port": 587,
        "username": "u",
        "password": "$env{SMTP_PASSWORD}",
        "signature": "R&D “team” \\ {{x}}",
        "reply_to": "a@b.example",
    },
    "kubernetes": {"env": {"SMTP_PASSWORD": {"secret": "relay", "key": "password"}}},
}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: is}
spec:
  selector: {matchLabels: {app: is}}
  template:
    metadata: {labels: {app: is}}
    spec:
      containers:
      - name: is
        image: is
        volumeMounts: [{name: conf, mountPath: /conf}]
      volumes: [{name: conf, configMap: {name: is-conf}}]
"""
TOML = '# ours  \n[server]\nhostname = "is"\n\n[output_adapter.email]\nhostname = "old"\n'


def kubectl(*arguments: str, cwd: Path, stdin: str | None = None, path: str = "") -> str:
    own = {"PATH": path + os.environ["PATH"], "HOME": str(cwd), "KUBECONFIG": os.devnull}
    command = [program("kubectl"), *arguments]
    return subprocess.run(command, cwd=cwd, env=own, input=stdin, capture_output=True, text=True, check=True, timeout=240).stdout


def read(text: str, folder: Path) -> dict[str, Any]:
    """Return objects as kubectl reads them, by their kinds."""
    out = kubectl("label", "--local", "-f", "-", "read=yes", "-o", "json", cwd=folder, stdin=text)
    decoder, found, at = json.JSONDecoder(), {}, 0
    while at < len(out):
        item, end = decoder.raw_decode(out, at)
        found |= {each["kind"]: each for each in item.get("items", [item])}
        at = end + len(out[end:]) - len(out[end:].lstrip())
    return found


@pytest.mark.parametrize("generator", ["configMapGenerator", "secretGenerator"])
def test_kustomize_and_back(generator: str, run: Run, tmp_path: Path) -> None:
    held = "Secret" if generator == "secretGenerator" else "ConfigMap"
    resource = DEPLOYMENT.replace("configMap: {name", "secret: {secretName") if held == "Secret" else DEPLOYMENT
    (tmp_path / "is.yaml").write_text(resource, encoding="utf-8")
    (tmp_path / "deployment.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "email.yaml").write_text(json.dumps(SPEC), encoding="utf-8")
    (tmp_path / "kustomization.yaml").write_text(
        f"resources: [is.yaml]\n{generator}:\n- name: is-conf\n  files: [deployment.toml]\n", encoding="utf-8"
    )
    made = kubectl("kustomize", ".", cwd=tmp_path)
    result = run("post-render", tmp_path / "email.yaml", stdin=made)
    assert result.code == 0, result.stderr
    before, after = read(made, tmp_path), read(result.stdout, tmp_path)

    assert run("merge", tmp_path / "email.yaml", tmp_path / "deployment.toml").code == 0
    text = (tmp_path / "deployment.toml").read_bytes()
    if held == "Secret":
        from base64 import b64decode

        assert b64decode(after[held]["data"].pop("deployment.toml")) == text
    else:
        assert after[held]["data"].pop("deployment.toml").encode() == text
    del before[held]["data"]["deployment.toml"]
    template = after["Deployment"]["spec"]["template"]
    assert template["metadata"].pop("annotations") == {DIGEST: sha256(text).hexdigest()}
    wanted = {"name": "SMTP_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "relay", "key": "password"}}}
    assert template["spec"]["containers"][0].pop("env") == [wanted]
    assert after == before


EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "kubernetes" / "kustomize"
DOCKER = """\
#!/bin/sh
# Stands in for docker: the image's program, with the same standard input and output, and none of the caller's environment.
echo "$*" > {asked}
exec env -i {python} -m mailwright post-render
"""


def test_a_function_that_the_real_kustomize_calls(run: Run, tmp_path: Path) -> None:
    """kubectl's kustomize runs functions as containers alone; docker is a stand-in, what both say to each other is real."""
    shutil.copytree(EXAMPLE, tmp_path / "kustomize")
    folder, bin_ = tmp_path / "kustomize", tmp_path / "bin"
    (folder / "is.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (folder / "deployment.toml").write_text(TOML, encoding="utf-8")
    bin_.mkdir()
    docker = DOCKER.format(asked=shlex.quote(str(tmp_path / "asked")), python=shlex.quote(sys.executable))
    (bin_ / "docker").write_text(docker, encoding="utf-8")
    (bin_ / "docker").chmod(0o755)
    made = kubectl("kustomize", "--enable-alpha-plugins", ".", cwd=folder, path=f"{bin_}:")
    assert (tmp_path / "asked").read_text(encoding="utf-8").split()[-1] == "registry.example.com/mailwright-post-render"
    assert wrong(made) == []

    spec = yaml.safe_load((EXAMPLE / "mailwright.yaml").read_text(encoding="utf-8"))["spec"]
    (tmp_path / "email.yaml").write_text(yaml.dump(spec), encoding="utf-8")
    assert run("merge", tmp_path / "email.yaml", folder / "deployment.toml").code == 0
    text = (folder / "deployment.toml").read_text(encoding="utf-8")
    after = {each["kind"]: each for each in yaml.safe_load_all(made)}
    assert after["ConfigMap"]["data"] == {"deployment.toml": text}
    template = after["Deployment"]["spec"]["template"]
    assert template["metadata"]["annotations"] == {DIGEST: sha256(text.encode()).hexdigest()}
    wanted = {"name": "SMTP_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "smtp-relay", "key": "password"}}}
    assert template["spec"]["containers"][0]["env"] == [wanted]
    name = after["ConfigMap"]["metadata"]["name"]  # kustomize names it by what it holds now, and the pods mount that one
    assert template["spec"]["volumes"] == [{"name": "conf", "configMap": {"name": name}}]
    assert name.startswith("is-conf-")

    broken = (folder / "mailwright.yaml").read_text(encoding="utf-8").replace("hostname:", "hostnam:")
    (folder / "mailwright.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        kubectl("kustomize", "--enable-alpha-plugins", ".", cwd=folder, path=f"{bin_}:")
    assert "hostnam" in caught.value.stderr
    assert caught.value.stdout == ""
