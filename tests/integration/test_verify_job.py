"""The container of ``render --to job`` as a process of its own, with the arguments and the files that the manifest gives it, against Postfix.

It runs as the image's user, may write no file but the termination message, and that one up to the 4096 bytes that Kubernetes keeps.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from mailserver import ADDRESS, HOST, PASSWORD, USER, MailServer

from keystores import jks
from mailwright.sandbox.ca import Authority
from peers import program

if TYPE_CHECKING:
    from commands import Run

pytestmark = pytest.mark.network

MOST = 4096
"""Bytes of a termination message."""


def as_user(user: int) -> dict[str, Any]:
    """Return what has a program run as a user; nothing where it may not, or cannot read this checkout."""
    if os.geteuid() != 0:
        return {}
    other = {"user": user, "group": user, "extra_groups": []}
    try:
        subprocess.run(
            [sys.executable, "-c", "import mailwright.cli"], capture_output=True, timeout=240, cwd="/", check=True, **other
        )
    except (PermissionError, subprocess.CalledProcessError):
        return {}
    return other


@dataclass
class Pod:
    """What a kubelet makes of a pod template, as far as it is folders and variables.

    Args:
        pod: The pod's spec.
        config: The data of ConfigMaps by their names; *secrets* those of Secrets.
        folder: The root of the container's own files.
    """

    pod: Any
    config: dict[str, dict[str, bytes]]
    secrets: dict[str, dict[str, bytes]]
    folder: Path

    def run(self) -> tuple[int, str, str, str]:
        """Return exit code, stdout, stderr and the termination message."""
        (container,) = self.pod["containers"]
        volumes = {volume["name"]: self._files(volume) for volume in self.pod["volumes"]}
        for mount in container["volumeMounts"]:
            self._write(self.folder / mount["mountPath"].lstrip("/"), volumes[mount["name"]])
        message = self.folder / container["terminationMessagePath"].lstrip("/")
        message.parent.mkdir(parents=True)
        message.touch()
        message.chmod(0o666)  # as the kubelet makes it
        before = self._seen()
        sources = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container.get("env", ())}
        variables = {name: self.secrets[source["name"]][source["key"]].decode() for name, source in sources.items()}
        own = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
        mounted = [mount["mountPath"] for mount in container["volumeMounts"]]
        arguments = [self._here(word, [*mounted, container["terminationMessagePath"]]) for word in container["args"]]
        user = self.pod["securityContext"]["runAsUser"]
        command = ["bash", "-c", f'ulimit -f {MOST // 1024}; exec "$@"', "-", sys.executable, "-m", "mailwright", *arguments]
        done = subprocess.run(
            command, env={**own, **variables}, cwd=self.folder, capture_output=True, text=True, timeout=240, **as_user(user)
        )
        assert self._seen() == before, "nothing is written but the message"
        return done.returncode, done.stdout, done.stderr, message.read_text(encoding="utf-8")

    def _seen(self) -> list[str]:
        return sorted(str(path) for path in self.folder.rglob("*"))

    def _files(self, volume: Any) -> dict[str, bytes]:
        if "configMap" in volume:
            return self.config[volume["configMap"]["name"]]
        held = self.secrets[volume["secret"]["secretName"]]
        items = volume["secret"].get("items")
        return held if items is None else {item["path"]: held[item["key"]] for item in items}

    def _write(self, folder: Path, files: dict[str, bytes]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o444)

    def _here(self, word: str, paths: list[str]) -> str:
        return f"{self.folder}{word}" if any(word == path or word.startswith(f"{path}/") for path in paths) else word


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that every user may look into, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="mailwright-pod-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def spec(relay: MailServer, **more: Any) -> dict[str, Any]:
    sender = {"from_address": ADDRESS, "hostname": HOST, "port": relay.ports["submission"], "username": USER}
    written = {"signature": "R&D:\n- “team” #1", "reply_to": ADDRESS}
    return {
        "mailwright": 1,
        "product": {"version": "7.2.0"},
        "allow_env": ["SMTP_PASSWORD"],
        "global": {**sender, "password": "$secret{relay}", **written},
        "tenants": {"acme.example": {**sender, "password": "$env{SMTP_PASSWORD}", **written, "signature": "A"}},
        "kubernetes": {
            "env": {"SMTP_PASSWORD": {"secret": "smtp", "key": "password"}},
            "secret": "aliases",
            "trust_store": {"secret": "store", "key": "relays.jks", "password_key": "pass"},
        },
        "environments": {"prod": {}},
        **more,
    }


def pod_of(run: Run, document: dict[str, Any], root: Path, tmp_path: Path, authority: Authority, **secrets: str) -> Pod:
    """Return the pod of the Job that a spec comes to."""
    (tmp_path / "email.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    result = run(
        "render", "email.yaml", "--env", "prod", "--to", "job", "--image", "registry.example.com/mailwright:1", cwd=tmp_path
    )
    assert (result.code, result.stderr) == (0, "")
    assert PASSWORD not in result.stdout
    found = {each["kind"]: each for each in yaml.safe_load_all(result.stdout)}
    config = {found["ConfigMap"]["metadata"]["name"]: {key: text.encode() for key, text in found["ConfigMap"]["data"].items()}}
    held = {
        "smtp": {"password": secrets.get("smtp", PASSWORD).encode()},
        "aliases": {"relay": PASSWORD.encode(), "unrelated": b"x"},
        "store": {"relays.jks": jks([("ca", ssl.PEM_cert_to_DER_cert(authority.ca_pem))], "changed"), "pass": b"changed"},
    }
    return Pod(found["Job"]["spec"]["template"]["spec"], config, held, root)


def test_the_container_verifies(relay: MailServer, relay_authority: Authority, run: Run, tmp_path: Path, root: Path) -> None:
    pod = pod_of(run, spec(relay), root, tmp_path, relay_authority)
    code, out, err, message = pod.run()
    report = json.loads(out)
    assert (code, err) == (0, ""), out + err
    assert [(each["name"], each["environment"], each["exit_code"]) for each in report["senders"]] == [
        ("global", "prod", 0),
        ("acme.example", "prod", 0),
    ]
    for sender in report["senders"]:
        assert sender["client"]["authenticated"] is True
        assert sender["client"]["basis"] == "observed", "the server's own trust store decides"
    assert message == "2 of 2 senders verified\n"
    assert PASSWORD not in out + message
    mounted = {path.name for path in root.rglob("*") if path.is_file()}
    assert "unrelated" not in mounted, "only what the spec refers to"


def test_what_fails_is_the_exit_code_and_the_message(
    relay: MailServer, relay_authority: Authority, run: Run, tmp_path: Path, root: Path
) -> None:
    pod = pod_of(run, spec(relay), root, tmp_path, relay_authority, smtp="wrong")
    code, out, _, message = pod.run()
    assert code == 4
    assert [each["exit_code"] for each in json.loads(out)["senders"]] == [0, 4]
    assert message == "1 of 2 senders verified, 1 failed (exit 4); acme.example FAILED: AUTH\n"


def test_the_longest_message_is_kept_whole(
    relay: MailServer, relay_authority: Authority, run: Run, tmp_path: Path, root: Path
) -> None:
    sender = spec(relay)["tenants"]["acme.example"]
    tenants = {f"{'x' * 60}.{'y' * 60}.{'z' * 60}.t{at}.example": {**sender, "port": 1} for at in range(40)}
    code, _, _, message = pod_of(run, spec(relay, tenants=tenants), root, tmp_path, relay_authority).run()
    assert code == 3
    assert message.endswith(", 35 more\n")
    assert len(message.encode()) < MOST


def test_where_nothing_can_be_read_the_log_says_why(
    relay: MailServer, relay_authority: Authority, run: Run, tmp_path: Path, root: Path
) -> None:
    pod = pod_of(run, spec(relay), root, tmp_path, relay_authority)
    pod.secrets["store"]["pass"] = b"wrong"
    code, out, err, message = pod.run()
    assert (code, out, message) == (2, "", ""), "so that Kubernetes takes the end of the log"
    assert "relays.jks" in err


def test_kubectl_reads_it(run: Run, tmp_path: Path) -> None:
    document = {**spec(MailServer(b"", {"submission": 587})), "tenants": {}}
    (tmp_path / "email.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    for target in ("job", "cronjob"):
        result = run("render", "email.yaml", "--to", target, "--image", "registry.example.com/mailwright:1", cwd=tmp_path)
        own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KUBECONFIG": os.devnull}
        command = [program("kubectl"), "label", "--local", "-f", "-", "read=yes", "-o", "name"]
        done = subprocess.run(command, env=own, input=result.stdout, capture_output=True, text=True, timeout=240)
        assert (done.returncode, len(done.stdout.split())) == (0, 3), done.stderr
