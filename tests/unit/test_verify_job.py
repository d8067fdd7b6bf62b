"""What runs verify in a cluster: Kubernetes' own schemas take it, it may do nothing but what it needs, and no secret is in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kubernetes_schemas import wrong

if TYPE_CHECKING:
    from commands import Result, Run

IMAGE = f"registry.example.com/mailwright@sha256:{'0' * 64}"
CANARY = "canary-5ecret"
SENDER = {
    "from_address": "a@b.example",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "u",
    "password": "$env{SMTP_PASSWORD}",
    "signature": "S",
    "reply_to": "a@b.example",
}
URL = {"url": "https://c.example/", "body": "{}"}
HTTP = {"provider": "HTTP", "from_address": "a@c.example", "signature": "C", "reply_to": "a@c.example", "http": URL}
SPEC: dict[str, Any] = {
    "mailwright": 1,
    "product": {"version": "7.3.0"},
    "global": SENDER,
    "owner": "team",
    "allow_env": ["SMTP_PASSWORD"],
    "stores": {"mounted": {"kind": "kubernetes", "folder": "/run/mail/"}, "team": {"kind": "vault", "address": "https://v.example"}},
    "kubernetes": {
        "env": {
            "SMTP_PASSWORD": {"secret": "relay", "key": "password"},
            "MAILWRIGHT_SECRET_TOKEN": {"secret": "relay", "key": "token"},
            "OTHER": {"secret": "other", "key": "x"},
        },
        "secret": "mail-secrets",
        "trust_store": {"secret": "is-store", "password_key": "pass"},
    },
    "tenants": {
        "b.example": {**SENDER, "hostname": "smtp2.example.com", "port": 2525, "password": "$store{mounted/tenants#b}"},
        "c.example": HTTP,
    },
    "environments": {"prod": {"global": {"port": 465}}, "dev": {"global": {"password": CANARY}}},
}  # fmt: skip


def merged(base: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    base = deepcopy(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        base[name] = merged(base.get(name), value)
    return {name: value for name, value in base.items() if value is not None}


@pytest.fixture
def render(run: Run, tmp_path: Path) -> Callable[..., Result]:
    def rendered(*options: str, change: Any = None, to: str = "cronjob", image: str = IMAGE) -> Result:
        (tmp_path / "email.json").write_text(json.dumps(merged(SPEC, change or {})), encoding="utf-8")
        images = ["--image", image] if image else []
        result = run("render", "email.json", "--to", to, *images, *options, cwd=tmp_path)
        assert CANARY not in result.output
        return result

    return rendered


def objects(result: Result) -> dict[str, Any]:
    assert (result.code, result.stderr) == (0, ""), result.stderr
    found = {each["kind"]: each for each in yaml.safe_load_all(result.stdout)}
    assert wrong(result.stdout) == []
    return found


def template(found: dict[str, Any]) -> Any:
    work = found["CronJob"]["spec"]["jobTemplate"] if "CronJob" in found else found["Job"]
    return work["spec"]["template"]["spec"]


# -- what it may do

POD = {
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "restartPolicy": "Never",
    "securityContext.runAsNonRoot": True,
    "securityContext.runAsUser": 65532,
    "securityContext.runAsGroup": 65532,
    "securityContext.seccompProfile.type": "RuntimeDefault",
    "hostNetwork": None,
    "hostPID": None,
    "hostIPC": None,
    "serviceAccountName": None,
    "containers.0.securityContext.allowPrivilegeEscalation": False,
    "containers.0.securityContext.readOnlyRootFilesystem": True,
    "containers.0.securityContext.capabilities": {"drop": ["ALL"]},
    "containers.0.securityContext.privileged": None,
    "containers.0.terminationMessagePolicy": "FallbackToLogsOnError",
    "containers.0.resources.limits.memory": "256Mi",
    "containers.1": None,
    "initContainers": None,
}
"""What a pod must have, and with None what it must not: the Pod Security Standard "restricted", and more."""


def at(value: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def lacking(pod: Any) -> list[str]:
    """Return the traits that a pod does not have; volumes are read-only, and none leads to the node."""
    found = [path for path, value in POD.items() if at(pod, path) != value]
    found += [mount["name"] for mount in pod["containers"][0]["volumeMounts"] if not mount.get("readOnly")]
    found += [volume["name"] for volume in pod["volumes"] if not set(volume) & {"configMap", "secret"}]
    modes = [volume["secret"]["defaultMode"] for volume in pod["volumes"] if "secret" in volume]
    return found + [str(mode) for mode in modes if mode & 0o337]


@pytest.mark.parametrize("to", ["job", "cronjob"])
def test_the_pod_may_do_nothing_but_what_it_needs(to: str, render: Callable[..., Result]) -> None:
    assert lacking(template(objects(render(to=to)))) == []


def test_each_trait_that_is_missing_is_noticed(render: Callable[..., Result]) -> None:
    pod = template(objects(render()))
    for path, value in POD.items():
        other = deepcopy(pod)
        *way, last = path.split(".")
        owner = at(other, ".".join(way)) if way else other
        if isinstance(owner, list):
            owner.append({})
        elif value is None:
            owner[last] = True
        else:
            del owner[last]
        assert lacking(other), path


def test_the_way_out_is_dns_and_the_relays_ports(render: Callable[..., Result]) -> None:
    found = objects(render())
    policy = found["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"], "both are closed but for what is named"
    assert policy.keys() == {"podSelector", "policyTypes", "egress"}
    dns = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
    assert policy["egress"] == [{"ports": dns}, {"ports": [{"protocol": "TCP", "port": port} for port in (587, 2525)]}]
    work = found["CronJob"]["spec"]["jobTemplate"]["spec"]
    assert policy["podSelector"]["matchLabels"] == work["template"]["metadata"]["labels"]
    assert [port["port"] for port in objects(render("--env", "prod"))["NetworkPolicy"]["spec"]["egress"][1]["ports"]] == [
        465,
        2525,
    ]


def test_the_port_of_a_second_try_is_reached_too(render: Callable[..., Result]) -> None:
    own = {"mail.smtp.socketFactory.class": "javax.net.ssl.SSLSocketFactory", "mail.smtp.socketFactory.port": "465"}
    result = render(change={"global": {"custom_properties": own}, "tenants": {"b.example": None}})
    assert [port["port"] for port in objects(result)["NetworkPolicy"]["spec"]["egress"][1]["ports"]] == [465, 587]


def test_the_token_endpoint_is_reached_too(render: Callable[..., Result]) -> None:
    token = {
        "auth_type": "CLIENT_CREDENTIAL",
        "token_endpoint": "https://login.example.com/token",
        "client_id": "i",
        "client_secret": "$env{SMTP_PASSWORD}",
        "scopes": "s",
        "username": None,
        "password": None,
    }
    result = render(change={"global": token, "tenants": {"b.example": None}, "product": {"version": "7.3.0"}})
    assert [port["port"] for port in objects(result)["NetworkPolicy"]["spec"]["egress"][1]["ports"]] == [443, 587]


# -- what it runs


def test_a_job_is_tried_again_only_where_that_can_help(render: Callable[..., Result]) -> None:
    found = objects(render(to="job"))["Job"]
    rules = found["spec"]["podFailurePolicy"]["rules"]
    assert found["spec"]["backoffLimit"] == 1
    assert rules[0] == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert rules[1] == {"action": "FailJob", "onExitCodes": {"operator": "NotIn", "values": [3, 7]}}
    assert (found["spec"]["activeDeadlineSeconds"], found["spec"]["ttlSecondsAfterFinished"]) == (600, 86_400)


def test_the_deadline_grows_with_the_senders(render: Callable[..., Result]) -> None:
    change = {"tenants": {f"t{at}.example": {**SENDER, "username": f"u{at}"} for at in range(60)}}
    assert objects(render(to="job", change=change))["Job"]["spec"]["activeDeadlineSeconds"] == 2 * 16 * 40


def test_a_cronjob(render: Callable[..., Result]) -> None:
    found = objects(render("--namespace", "mail", "--name", "relay-check", "--schedule", "*/30 6-22 * * mon-fri"))
    assert {(each["metadata"]["name"], each["metadata"]["namespace"]) for each in found.values()} == {("relay-check", "mail")}
    spec = found["CronJob"]["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == ("*/30 6-22 * * mon-fri", "Etc/UTC", "Forbid")
    assert spec["startingDeadlineSeconds"] == 600
    assert objects(render())["CronJob"]["spec"]["schedule"] == "17 4 * * *"


def test_the_same_spec_gives_the_same_bytes_and_another_job_has_another_name(render: Callable[..., Result]) -> None:
    first, again, other = (render(to="job", change=change) for change in ({}, {}, {"global": {"signature": "T"}}))
    assert first.stdout == again.stdout
    names = [objects(each)["Job"]["metadata"]["name"] for each in (first, other)]
    assert names[0] != names[1], "nobody may change a Job that is there"
    assert all(name.startswith("mailwright-verify-") for name in names)


def test_what_the_config_map_holds(render: Callable[..., Result]) -> None:
    spec = yaml.safe_load(objects(render("--env", "prod"))["ConfigMap"]["data"]["email.yaml"])
    assert spec["global"] == {**SENDER, "port": 465}
    assert list(spec["tenants"]) == ["b.example"], "what sends by HTTP has no handshake"
    assert spec["environments"] == {"prod": None}
    assert not {"kubernetes", "owner", "api"} & set(spec)


def test_where_the_secrets_come_from(render: Callable[..., Result]) -> None:
    aliases = {"password": "$secret{relay_password}", "custom_properties": {"mail.smtp.sasl.mechanisms": "$secret{token}"}}
    pod = template(objects(render("--env", "prod", change={"global": aliases})))
    container = pod["containers"][0]
    assert [(each["name"], each["valueFrom"]["secretKeyRef"]) for each in container["env"]] == [
        ("MAILWRIGHT_SECRET_TOKEN", {"name": "relay", "key": "token"})
    ]
    assert {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]} == {
        "spec": "/etc/mailwright/spec",
        "secrets": "/etc/mailwright/secrets",
        "trust-store": "/etc/mailwright/trust-store",
        "store-1": "/run/mail/tenants",
    }
    assert {volume["name"]: volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume} == {
        "secrets": "mail-secrets",
        "trust-store": "is-store",
        "store-1": "tenants",
    }
    items = {volume["name"]: [item["key"] for item in volume["secret"].get("items", ())] for volume in pod["volumes"][1:]}
    assert items == {"secrets": ["relay_password"], "trust-store": ["client-truststore.p12", "pass"], "store-1": []}
    assert container["args"] == [
        *("verify", "/etc/mailwright/spec/email.yaml", "--env", "prod", "--secrets-dir", "/etc/mailwright/secrets"),
        *("--trust-store", "/etc/mailwright/trust-store/client-truststore.p12"),
        *("--trust-store-password-file", "/etc/mailwright/trust-store/pass"),
        *("--require-auth", "--format", "json", "--summary-file", "/dev/termination-log"),
    ]


# -- what is refused

REFUSED: dict[str, tuple[Any, str]] = {
    "a literal": ({"global": {"password": CANARY}}, "`global` holds a secret"),
    "a literal property": ({"global": {"custom_properties": {"mail.x": CANARY}}}, "`global` holds a secret"),
    "a tenant's literal": ({"tenants": {"b.example": {"password": CANARY}}}, "b.example"),
    "a variable": ({"kubernetes": {"env": {"SMTP_PASSWORD": None}}}, "`kubernetes: {env: {SMTP_PASSWORD:"),
    "an alias": ({"kubernetes": {"secret": None}, "global": {"password": "$secret{p}"}}, "`kubernetes: {secret: NAME}`"),
    "a store": ({"tenants": {"b.example": {"password": "$store{team/x#y}"}}}, "the pod cannot ask"),
    "a relative folder": ({"stores": {"mounted": {"folder": "x"}}}, "the pod cannot ask"),
    "what a file keeps": ({"global": {"password": "$keep{}"}}, "keeps what a file has"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_refused(change: Any, said: str, render: Callable[..., Result]) -> None:
    result = render(change=change)
    assert (result.code, result.stdout) == (8, ""), result.output
    assert said in result.stderr


@pytest.mark.parametrize("most", [500, 90])
def test_more_than_a_config_map_holds(most: int, render: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailwright.operations.in_cluster.MAX_CONFIG_MAP", most)
    result = render(change={"tenants": {"d.example": {**SENDER, "username": "d"}}})
    assert (result.code, result.stdout) == (8, "")
    assert "larger than a ConfigMap can be" in result.stderr


def options() -> Iterator[tuple[list[str], str]]:
    for image in ("", "<image>", "REGISTRY/mailwright", "a b", "a@sha256:12"):
        yield ["--image", image], "--image"
    yield ["--name", "A"], "--name"
    yield ["--namespace", "a.b"], "--namespace"
    yield ["--schedule", "daily"], "--schedule"
    yield ["--schedule", "* * * *"], "--schedule"
    yield ["--to", "job", "--schedule", "@daily"], "--schedule"
    yield ["--to", "helm-values"], "go with --to job or cronjob"
    yield ["--all-env"], "one environment"
    yield ["-o", "x"], "without -o"


@pytest.mark.parametrize(("words", "said"), list(options()), ids=lambda each: " ".join(each) if isinstance(each, list) else "")
def test_options_that_are_none(words: list[str], said: str, render: Callable[..., Result]) -> None:
    result = render(*words)
    assert (result.code, result.stdout) == (2, ""), result.output
    assert said in result.stderr


def test_without_an_image_it_says_how_one_is_built(render: Callable[..., Result]) -> None:
    result = render(image="")
    assert (result.code, "docs/container.md" in result.stderr) == (2, True)


def test_the_options_go_with_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "email.json").write_text(json.dumps(SPEC), encoding="utf-8")
    assert run("render", "email.json", "--image", IMAGE, cwd=tmp_path).code == 2
