"""``post-render``: a spec merged into manifests, the pods that mount them made anew, and nothing else changed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from manifests import config_map, written

from mailwright.base.places import Source
from mailwright.manifests.embedded import read_embedded
from mailwright.operations.post_render import DIGEST

if TYPE_CHECKING:
    from commands import Run

TEXT = '[server]\nhostname = "is"  # ours\n\n[output_adapter.email]\nhostname = "old.example"\n\n[other]\nx = 1\n'
GLOBAL = {
    "from_address": "a@b.example",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "u",
    "password": "$env{SMTP_PASSWORD}",
    "signature": "S",
    "reply_to": "a@b.example",
}
WIRED = {"env": {"SMTP_PASSWORD": {"secret": "relay", "key": "password"}}}
SHAPES = written(TEXT)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return save(tmp_path / "email.yaml")


def save(path: Path, **more: Any) -> Path:
    document = {"mailwright": 1, "product": {"version": "7.1.0"}, "global": GLOBAL, "kubernetes": WIRED, **more}
    path.write_text(json.dumps({name: part for name, part in document.items() if part is not None}), encoding="utf-8")
    return path


def merged(run: Run, spec: Path, tmp_path: Path, text: str = TEXT) -> str:
    """Return what `merge` makes of the file."""
    path = tmp_path / "deployment.toml"
    path.write_text(text, encoding="utf-8")
    assert run("merge", spec, path, "--backup", "0").code == 0
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHAPES)
def test_each_file_is_merged_into_as_merge_does(name: str, spec: Path, tmp_path: Path, run: Run) -> None:
    result = run("post-render", spec, stdin=SHAPES[name])
    (found,) = read_embedded(Source("", result.stdout))
    assert (result.code, found.text) == (0, merged(run, spec, tmp_path)), result.stderr
    (before,) = read_embedded(Source("", SHAPES[name]))
    assert result.stdout[: found.scalar.start] == SHAPES[name][: before.scalar.start]
    assert result.stdout[found.end :] == SHAPES[name][before.end :]
    again = run("post-render", spec, stdin=result.stdout)
    assert (again.stdout, "in sync" in again.stderr) == (result.stdout, True)
    assert [run("post-render", spec, "--check", stdin=each).code for each in (SHAPES[name], result.stdout)] == [1, 0]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("literal", "|\n    [server]\n"),
        ("literal, deep", "|2\n    [server]\n"),
        ("folded", "|\n    [server]\n"),
        ("double quoted", '"[server]\\nhostname = \\"is\\"  # ours\\n\\n['),
        ("single quoted", '"[server]\\n'),
        ("base64", "W3Nl"),
        ("base64, over lines", "W3Nl"),
        ("CRLF", "|\r\n    [server]\r\n"),
    ],
)
def test_how_it_is_written(name: str, begins: str, spec: Path, run: Run) -> None:
    result = run("post-render", spec, stdin=SHAPES[name])
    (found,) = read_embedded(Source("", result.stdout))
    assert result.stdout[found.scalar.start :].startswith(begins)


def test_what_a_block_cannot_say_is_quoted(spec: Path, run: Run) -> None:
    for text in ("\ta = 1\n", "# nothing", "# \u2028\n", ""):
        shape = config_map("|\n    " + text if text == "# nothing" else json.dumps(text))
        result = run("post-render", spec, stdin=shape)
        (found,) = read_embedded(Source("", result.stdout))
        assert found.text.startswith(text)
        assert "smtp.example.com" in found.text


# -- pods

MOUNT = {"name": "conf", "mountPath": "/x/deployment.toml", "subPath": "deployment.toml"}
VOLUME: dict[str, Any] = {"name": "conf", "configMap": {"name": "is-conf"}}


def workload(
    kind: str = "Deployment", *, mount: Any = MOUNT, volume: Any = VOLUME, metadata: Any = None, **container: Any
) -> dict[str, Any]:
    spec = {"containers": [{"name": "is", "volumeMounts": [mount], **container}], "volumes": [volume]}
    template = {"metadata": metadata or {"labels": {"app": "is"}}, "spec": spec}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "is"}, "spec": spec}
    inner = {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "is"}, "spec": inner}


def stream(*documents: dict[str, Any]) -> str:
    return SHAPES["literal"] + "".join(f"---\n{yaml.dump(each, sort_keys=False)}" for each in documents)


def pod_of(text: str, kind: str = "Deployment") -> dict[str, Any]:
    (item,) = [each for each in yaml.safe_load_all(text) if each and each["kind"] == kind]
    if kind == "Pod":
        return item
    spec = item["spec"]["jobTemplate"]["spec"] if kind == "CronJob" else item["spec"]
    return spec["template"]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "CronJob", "Pod"])
def test_pods_carry_the_digest_of_what_they_mount(kind: str, spec: Path, tmp_path: Path, run: Run) -> None:
    result = run("post-render", spec, stdin=stream(workload(kind)))
    digest = sha256(merged(run, spec, tmp_path).encode()).hexdigest()
    assert pod_of(result.stdout, kind)["metadata"]["annotations"] == {DIGEST: digest}, result.stderr
    how = "keep the old file until somebody replaces them" if kind in ("ReplicaSet", "Pod") else "will be replaced"
    assert f"{kind} is: its pods {how}" in result.stderr
    assert "anew" not in run("post-render", spec, stdin=result.stdout).stderr


def test_who_makes_pods_anew(spec: Path, run: Run) -> None:
    for kind, asked, renewed in (
        ("StatefulSet", {"type": "OnDelete"}, False),
        ("StatefulSet", {"type": "RollingUpdate"}, True),
        ("DaemonSet", {"type": "OnDelete"}, False),
        ("ReplicationController", {}, False),
        ("Rollout", {}, True),
    ):
        item = workload(kind)
        item["spec"]["updateStrategy"] = asked
        said = run("post-render", spec, stdin=stream(item)).stderr
        assert [f"{kind} is: its pods will be replaced" in said, "keep the old file" in said] == [renewed, not renewed], said


ITEM = {"key": "deployment.toml", "path": "d/x"}
MOUNTED = {
    "whole": ({"name": "conf", "mountPath": "/x"}, VOLUME, True),
    "subPath": (MOUNT, VOLUME, True),
    "another subPath": ({**MOUNT, "subPath": "log4j2.properties"}, VOLUME, False),
    "items": ({**MOUNT, "subPath": "d/x"}, {"name": "conf", "configMap": {"name": "is-conf", "items": [ITEM]}}, True),
    "other items": (MOUNT, {"name": "conf", "configMap": {"name": "is-conf", "items": [{**ITEM, "key": "other"}]}}, False),
    "projected": (MOUNT, {"name": "conf", "projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "is-conf"}}]}}, True),
    "another map": (MOUNT, {"name": "conf", "configMap": {"name": "other"}}, False),
    "a secret": (MOUNT, {"name": "conf", "secret": {"secretName": "is-conf"}}, False),
    "not mounted": ({**MOUNT, "name": "other"}, VOLUME, False),
}  # fmt: skip


@pytest.mark.parametrize("name", MOUNTED)
def test_which_pods_mount_it(name: str, spec: Path, run: Run) -> None:
    mount, volume, mounts = MOUNTED[name]
    result = run("post-render", spec, stdin=stream(workload(mount=mount, volume=volume)))
    assert ((DIGEST in result.stdout), "no pod in the manifests mounts" in result.stderr) == (mounts, not mounts), result.stderr


def test_namespaces_tell_them_apart(spec: Path, run: Run) -> None:
    held = SHAPES["literal"].replace("  name: is-conf\n", "  name: is-conf\n  namespace: a\n")
    for namespace, mounts in (("a", True), ("b", False), (None, True)):
        item = workload()
        if namespace:
            item["metadata"]["namespace"] = namespace
        assert (DIGEST in run("post-render", spec, stdin=f"{held}---\n{yaml.dump(item)}").stdout) is mounts


def test_a_job_is_left_alone(spec: Path, run: Run) -> None:
    assert DIGEST not in run("post-render", spec, stdin=stream(workload("Job"))).stdout


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("metadata:\n  annotations:\n    a: b  # c\n", "metadata:\n  annotations:\n    {}: {}\n    a: b  # c\n"),
        ("metadata:\n  labels: {{}}\n", "metadata:\n  annotations:\n    {}: {}\n  labels: {{}}\n"),
        ("metadata: {{labels: {{}}}}\n", 'metadata: {{"annotations": {{"{}": {}}}, labels: {{}}}}\n'),
        ("metadata: {{}}\n", 'metadata: {{"annotations": {{"{}": {}}}}}\n'),
        ("metadata:\n", 'metadata: {{"annotations": {{"{}": {}}}}}\n'),
        ("metadata:\n  annotations: {{a: b}}\n", 'metadata:\n  annotations: {{"{}": {}, a: b}}\n'),
        ("metadata:\n  annotations: ~ # x\n", 'metadata:\n  annotations: {{"{}": {}}} # x\n'),
        ("", "metadata:\n  annotations:\n    {}: {}\n"),
    ],
)  # fmt: skip
def test_where_the_annotation_goes(before: str, after: str, spec: Path, tmp_path: Path, run: Run) -> None:
    def text(metadata: str) -> str:
        block = "".join(f"    {line}\n" for line in metadata.splitlines())
        env = "        env:\n        - {name: SMTP_PASSWORD, value: x}\n"
        spec_ = "    spec:\n      containers:\n      - name: is\n" + env + "        volumeMounts:\n        - name: c\n"
        volume = "      volumes:\n      - name: c\n        configMap: {name: is-conf}\n"
        return f"---\nkind: Deployment\nspec:\n  template:\n{block}{spec_}{volume}"

    digest = json.dumps(sha256(merged(run, spec, tmp_path).encode()).hexdigest())
    result = run("post-render", spec, stdin=SHAPES["literal"] + text(before.format()))
    assert result.stdout.endswith(text(after.format(DIGEST, digest))), result.output


# -- environment variables


def test_variables_come_from_the_secret_that_the_spec_names(spec: Path, run: Run) -> None:
    wanted = {"name": "SMTP_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "relay", "key": "password"}}}
    for container, env in (
        ({}, [wanted]),
        ({"env": []}, [wanted]),
        ({"env": None}, [wanted]),
        ({"env": [{"name": "A", "value": "b"}]}, [wanted, {"name": "A", "value": "b"}]),
        ({"env": [{"name": "SMTP_PASSWORD", "value": "mine"}]}, [{"name": "SMTP_PASSWORD", "value": "mine"}]),
    ):
        result = run("post-render", spec, stdin=stream(workload(**container)))
        assert pod_of(result.stdout)["spec"]["containers"][0]["env"] == env, result.output
        assert run("post-render", spec, stdin=result.stdout).stdout == result.stdout


def test_where_a_variable_comes_from_is_said(spec: Path, run: Run) -> None:
    result = run("post-render", spec, stdin=stream(workload()))
    assert "Deployment is, container is: SMTP_PASSWORD comes from Secret relay, key password\n" in result.stderr
    assert "SMTP_PASSWORD would come from Secret relay" in run("post-render", spec, "--check", stdin=stream(workload())).stderr
    said = "SMTP_PASSWORD is set already, and kept: not from Secret relay, key password, as the spec says"
    for reference, is_said in (
        ({"value": "x"}, True),
        ({"valueFrom": {"secretKeyRef": {"name": "other", "key": "password"}}}, True),
        ({"valueFrom": {"secretKeyRef": {"name": "relay", "key": "password"}}}, False),
    ):
        result = run("post-render", spec, stdin=stream(workload(env=[{"name": "SMTP_PASSWORD", **reference}])))
        assert (result.code, said in result.stderr) == (0, is_said), result.output


def test_a_template_is_said_to_be_one(spec: Path, run: Run) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n"
    result = run("post-render", spec, stdin=text)
    assert (result.code, result.stdout, "this is a Helm template" in result.stderr) == (2, "", True), result.output


def test_without_one_the_server_would_not_start(tmp_path: Path, run: Run) -> None:
    spec = save(tmp_path / "email.yaml", kubernetes=None)
    result = run("post-render", spec, stdin=stream(workload()))
    assert (result.code, result.stdout) == (8, "")
    assert "container is of Deployment is has no environment variable SMTP_PASSWORD" in result.stderr
    assert "<stdin>:29:9: " in result.stderr
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"SMTP_PASSWORD": "canary"}}
    from_secret = workload(envFrom=[{"secretRef": {"name": "s"}}])
    assert run("post-render", spec, stdin=stream(from_secret, secret)).code == 0
    assert "is not known here" in run("post-render", spec, stdin=stream(from_secret)).stderr
    del secret["stringData"]
    assert run("post-render", spec, stdin=stream(from_secret, secret)).code == 8


def test_a_variable_of_another_namespace_is_another_one(tmp_path: Path, run: Run) -> None:
    spec = save(tmp_path / "email.yaml", kubernetes=None)

    def secret(namespace: str, key: str) -> dict[str, Any]:
        return {"kind": "Secret", "metadata": {"name": "s", "namespace": namespace}, "stringData": {key: "x"}}

    pod = workload(envFrom=[{"secretRef": {"name": "s"}}])
    has, lacks = secret("a", "SMTP_PASSWORD"), secret("b", "OTHER")
    for namespace, code, unsure in (("a", 0, False), ("b", 8, False), ("c", 0, True), ("", 0, True)):
        pod["metadata"]["namespace"] = namespace
        for order in ((has, lacks), (lacks, has)):
            result = run("post-render", spec, stdin=stream(pod, *order))
            assert (result.code, "is not known here" in result.stderr) == (code, unsure), (namespace, result.stderr)


def test_a_file_that_an_init_container_copies(spec: Path, tmp_path: Path, run: Run) -> None:
    """The server runs in a container that never sees the ConfigMap, and it is that one which needs the variable."""
    shared = {"name": "shared", "mountPath": "/shared"}
    first = {"name": "copy", "volumeMounts": [MOUNT, shared]}
    item = workload(mount=shared)
    pod = item["spec"]["template"]["spec"]
    pod["initContainers"], pod["volumes"] = [first], [VOLUME, {"name": "shared", "emptyDir": {}}]
    pod["containers"].append({"name": "sidecar"})
    result = run("post-render", spec, stdin=stream(item))
    after = pod_of(result.stdout)["spec"]
    wanted = {"name": "SMTP_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "relay", "key": "password"}}}
    assert [each.get("env") for each in (*after["initContainers"], *after["containers"])] == [None, [wanted], None]
    assert DIGEST in result.stdout
    assert run("post-render", spec, stdin=result.stdout).stdout == result.stdout
    alone = save(tmp_path / "alone.yaml", kubernetes=None)
    assert (
        "container is: whether it has the environment variable SMTP_PASSWORD is not"
        in run("post-render", alone, stdin=stream(item)).stderr
    )
    pod["containers"].pop(0)
    said = run("post-render", spec, stdin=stream(item)).stderr
    assert "only init containers mount the file: which container needs the spec's environment variables is not known" in said


def test_what_is_immutable_is_said_to_be(spec: Path, run: Run) -> None:
    held = SHAPES["literal"] + "immutable: true\n"
    result = run("post-render", spec, stdin=held)
    said = "is immutable: a cluster that has it takes no other content under the same name"
    assert (result.code, result.stderr.count(said)) == (0, 1)
    assert said not in run("post-render", spec, stdin=result.stdout).stderr
    assert said not in run("post-render", spec, stdin=SHAPES["literal"] + "immutable: false\n").stderr


# -- what is refused


def test_what_would_not_start_is_not_printed(tmp_path: Path, run: Run) -> None:
    spec = save(tmp_path / "email.yaml", **{"global": {**GLOBAL, "password": "$secret{unknown}"}})
    result = run("post-render", spec, stdin=stream(workload()))
    assert (result.code, result.stdout) == (8, "")
    assert "<stdin>:7:20: not merged: the server would not start" in result.stderr
    assert "no manifest is printed" in result.stderr


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", 2, "is empty"),
        ("apiVersion: v1\nkind: Service\n", 2, "holds no deployment.toml"),
        ("a: [\n", 2, "<stdin>:2:1: is not valid YAML"),
        (
            config_map('"[output_adapter.email]\\nhostname = \\"{{ .Values.x }}\\"\\n"'),
            2,
            "<stdin>:7:58: this is a Helm template",
        ),
        (config_map('"[server\\n"'), 2, "<stdin>:7:"),
        (config_map("no base64!", "data", "Secret"), 2, "<stdin>:7:20: the value is no base64"),
    ],
)
def test_what_cannot_be_merged_into(text: str, code: int, message: str, spec: Path, run: Run) -> None:
    result = run("post-render", spec, stdin=text)
    assert (result.code, result.stdout, message in result.stderr) == (code, "", True), result.stderr


def test_no_secret_is_told(tmp_path: Path, run: Run) -> None:
    text = TEXT.replace('"old.example"', '"h"\npassword = "canary-old"')
    for name, shape in written(text).items():
        spec = save(tmp_path / "email.yaml")
        result = run("post-render", spec, "-vvv", stdin=shape)
        assert "canary" not in result.stderr, name
        assert "the clear text of `password` is not in what was written" in result.stderr
        assert "canary" not in run("post-render", spec, "--check", stdin=shape).output


# -- as a KRM function


def test_a_function_of_kustomize(run: Run, tmp_path: Path) -> None:
    inline = {"mailwright": 1, "product": {"version": "7.1.0"}, "global": GLOBAL, "kubernetes": WIRED}
    save(tmp_path / "email.yaml")
    held = yaml.safe_load(SHAPES["literal"])
    texts = []
    for config in ({"spec": inline}, {"data": {"path": "email.yaml"}}, {"spec": {"path": "email.yaml"}}):
        items = {
            "apiVersion": "config.kubernetes.io/v1",
            "kind": "ResourceList",
            "items": [held, workload()],
            "functionConfig": config,
        }
        result = run("post-render", stdin=yaml.dump(items, sort_keys=False), cwd=tmp_path)
        out = yaml.safe_load(result.stdout)
        assert [each["severity"] for each in out["results"]] == ["info"], result.output
        assert out["results"][0]["message"].startswith("deployment.toml: changed: ")
        assert DIGEST in out["items"][1]["spec"]["template"]["metadata"]["annotations"]
        texts.append(out["items"][0]["data"]["deployment.toml"])
        assert run("post-render", stdin=result.stdout, cwd=tmp_path).stdout == result.stdout
    assert len(set(texts)) == 1
    wrong = {**items, "functionConfig": {"spec": {**inline, "globl": {}}}}
    result = run("post-render", stdin=yaml.dump(wrong, sort_keys=False))
    assert (result.code, "<stdin>:" in result.stderr, result.stdout) == (2, True, "")
    for config, code in ({}, 2), (None, 2):
        assert run("post-render", stdin=yaml.dump({**items, "functionConfig": config})).code == code
    assert "name a SPEC" in run("post-render", stdin=SHAPES["literal"]).stderr
    contained = run("post-render", stdin=yaml.dump({**items, "functionConfig": {"data": {"path": "none.yaml"}}}), cwd=tmp_path)
    assert contained.code == 2
    assert "none.yaml: cannot be read" in contained.stderr
    assert "write the spec itself under `spec`" in contained.stderr


def test_what_a_function_tells(run: Run, tmp_path: Path) -> None:
    """Whose file it merged into and what is to be known; the environment beside the path; what is wrong at its line."""
    save(tmp_path / "email.yaml", environments={"prod": {"global": {"hostname": "prod.example.com"}}})
    held = yaml.safe_load(SHAPES["literal"])
    held["metadata"]["namespace"] = "identity"
    items = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [held]}
    for config in ({"data": {"path": "email.yaml", "env": "prod"}}, {"spec": {"path": "email.yaml"}, "env": "prod"}):
        given = yaml.dump({**items, "functionConfig": config}, sort_keys=False)
        out = yaml.safe_load(run("post-render", stdin=given, cwd=tmp_path).stdout)
        assert "prod.example.com" in out["items"][0]["data"]["deployment.toml"]
        merged_, warned = out["results"]
        named = {"apiVersion": "v1", "kind": "ConfigMap", "name": "is-conf", "namespace": "identity"}
        assert (merged_["severity"], merged_["resourceRef"]) == ("info", named)
        assert (warned["severity"], "no pod in the manifests mounts ConfigMap is-conf" in warned["message"]) == ("warning", True)
    document = {"mailwright": 1, "global": {**GLOBAL, "port": "many"}, "allow_env": ["SMTP_*"]}
    given = yaml.dump({**items, "functionConfig": {"spec": document}}, sort_keys=False)
    line = given.splitlines().index("      port: many") + 1
    assert f"<stdin>:{line}:13: " in run("post-render", stdin=given, cwd=tmp_path).stderr
    said = run("post-render", stdin=yaml.dump({**items, "functionConfig": {"spec": {}}})).stderr
    assert "the functionConfig names no spec" in said
    assert "hint: `spec:` with the spec itself, or `data: {path: email.yaml, env: prod}`" in said
