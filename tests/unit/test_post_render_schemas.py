"""What ``post-render`` writes is what Kubernetes takes: its own JSON schemas hold it: each kind of pod, each way to write a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from manifests import written

from kubernetes_schemas import wrong
from mailwright.operations.post_render import DIGEST

if TYPE_CHECKING:
    from commands import Run

TEXT = '[server]\nhostname = "is"\n'
SPEC = {
    "mailwright": 1,
    "product": {"version": "7.1.0"},
    "global": {
        "from_address": "a@b.example",
        "hostname": "smtp.example.com",
        "port": 587,
        "username": "u",
        "password": "$env{SMTP_PASSWORD}",
        "signature": "S",
        "reply_to": "a@b.example",
    },
}
WIRED = {"env": {"SMTP_PASSWORD": {"secret": "relay", "key": "password"}}}
VERSIONS = {"Pod": "v1", "ReplicationController": "v1", "CronJob": "batch/v1", "Job": "batch/v1"}
ENVS: dict[str, Any] = {
    "none": None,
    "empty": [],
    "another": [{"name": "A", "value": "1"}],
    "the same": [{"name": "SMTP_PASSWORD", "value": "x"}],
}
METADATA: tuple[dict[str, Any], ...] = ({}, {"annotations": None}, {"annotations": {}}, {"annotations": {"a": "b"}})


def workload(kind: str, metadata: dict[str, Any], env: Any, *, held: str = "ConfigMap") -> dict[str, Any]:
    """Return an object with pods that mount the file in two containers, of which one begins first."""
    mount = {"name": "conf", "mountPath": "/x/deployment.toml", "subPath": "deployment.toml"}
    server = {"name": "is", "image": "is", "volumeMounts": [mount], **({} if env is None else {"env": env})}
    volume = {"configMap": {"name": "is-conf"}} if held == "ConfigMap" else {"secret": {"secretName": "is-conf"}}
    once = {"restartPolicy": "Never"} if kind in ("CronJob", "Job") else {}
    spec = {
        "initContainers": [{**server, "name": "first"}],
        "containers": [server],
        "volumes": [{"name": "conf", **volume}],
        **once,
    }
    named = {"apiVersion": VERSIONS.get(kind, "apps/v1"), "kind": kind}
    if kind == "Pod":
        return {**named, "metadata": {"name": "is", **metadata}, "spec": spec}
    template = {"metadata": {"labels": {"app": "is"}, **metadata}, "spec": spec}
    if kind == "CronJob":
        inner: dict[str, Any] = {"schedule": "0 * * * *", "jobTemplate": {"spec": {"template": template}}}
    elif kind in ("Job", "ReplicationController"):
        inner = {"template": template}
    else:
        inner = {"selector": {"matchLabels": {"app": "is"}}, "template": template}
        inner |= {"serviceName": "is"} if kind == "StatefulSet" else {}
    return {**named, "metadata": {"name": "is"}, "spec": inner}


def taken(run: Run, folder: Path, manifests: str, *, wired: bool = True) -> str:
    """Return what comes out of manifests, which Kubernetes takes as it took them before."""
    spec = folder / "email.json"
    spec.write_text(json.dumps({**SPEC, **({"kubernetes": WIRED} if wired else {})}), encoding="utf-8")
    assert wrong(manifests) == []
    result = run("post-render", spec, stdin=manifests)
    assert (result.code, result.stdout != manifests) == (0, True), result.output
    assert wrong(result.stdout) == []
    return str(result.stdout)


@pytest.mark.parametrize(
    "kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "CronJob", "Pod", "Job"]
)
def test_every_kind_of_pod(kind: str, run: Run, tmp_path: Path) -> None:
    both = zip(METADATA, ENVS.items(), (True, False, False, True), strict=True)
    stream = written(TEXT)["literal"]
    for metadata, (_, env), flow in both:
        document = yaml.dump(workload(kind, metadata, env), sort_keys=False, default_flow_style=flow)
        stream += f"---\n{document}"
    out = taken(run, tmp_path, stream)
    containers = 0 if kind == "Job" else 3
    assert (out.count("secretKeyRef"), out.count(DIGEST)) == (containers, 0 if kind == "Job" else len(METADATA))
    unwired = f"{written(TEXT)['literal']}---\n{yaml.dump(workload(kind, {}, ENVS['the same']))}"
    assert "secretKeyRef" not in taken(run, tmp_path, unwired, wired=False)


@pytest.mark.parametrize("name", written(TEXT))
def test_every_way_to_write_a_file(name: str, run: Run, tmp_path: Path) -> None:
    shape = written(TEXT)[name].replace("name: no\n", "name: other\n").replace("\t", "  ")  # what PyYAML reads as Kubernetes does
    if name == "aliased":  # an anchor that stands where Kubernetes has a place for it
        shape = shape.partition("\n")[2].replace("  other: x\n", f"  other: &a {json.dumps(TEXT)}\n")
    held = "Secret" if "kind: Secret" in shape else "ConfigMap"
    pods = json.dumps(workload("Deployment", {}, None, held=held))
    if name.startswith("base64"):  # a Secret's other values are base64, too
        shape = shape.replace(": x\n", ": eA==\n").replace(": y\n", ": eQ==\n")
    out = taken(run, tmp_path, f"{shape.rstrip()}\n---\n{pods}\n")
    assert ("secretKeyRef" in out, DIGEST in out) == (True, True)


def test_the_items_of_a_function(run: Run, tmp_path: Path) -> None:
    items = [yaml.safe_load(written(TEXT)["literal"]), workload("Deployment", {}, None)]
    config = {"apiVersion": "mailwright.example/v1", "kind": "PostRender", "spec": {**SPEC, "kubernetes": WIRED}}
    given = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items, "functionConfig": config}
    for form in (yaml.dump(given), json.dumps(given)):
        assert wrong(form) == []
        result = run("post-render", stdin=form, cwd=tmp_path)
        out = yaml.safe_load(result.stdout)
        assert ("secretKeyRef" in str(out["items"]), DIGEST in str(out["items"])) == (True, True), result.output
        assert wrong(result.stdout) == []
