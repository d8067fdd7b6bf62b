"""The objects of Kubernetes that run ``mailwright verify`` in a cluster: a ConfigMap, a NetworkPolicy, and a Job or a CronJob.

The pod may do nothing but what the run needs: no root, nothing to write to but its termination message, no token of the cluster's, no
capability, and no way out but to DNS and to the ports of the relays. It meets the Pod Security Standard "restricted".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from ..base.values import dataclass, field
from ..base.yaml_text import yaml_text

SPEC_FILE = "email.yaml"
MOUNTED = "/etc/mailwright"
TERMINATION_MESSAGE = "/dev/termination-log"
SCHEDULE = "17 4 * * *"
"""Once a day, at a minute that few others take."""

_USER = 65532
"""The user of the image (Containerfile)."""

_RETRIED = (3, 7)
"""Exit codes of which another try can come to more: nobody answered, or not all could be checked. A wrong password is not tried twice."""

_LEAST_SECONDS, _DAY = 300, 86_400


@dataclass(frozen=True, slots=True)
class FromSecret:
    """A value of a Secret: its name, and its key."""

    secret: str
    key: str


@dataclass(frozen=True, slots=True)
class VerifyJob:
    """What is to run, and with what.

    Attributes:
        image: The image's reference.
        name: What the objects are called; *namespace*: where they are, empty for the caller's own.
        schedule: When, in cron's words; empty for a Job, which runs once.
        spec: The text of the spec; it holds no secret.
        environment: The environment that the run names.
        ports: The TCP ports of relays and token endpoints.
        variables: Environment variables that come from Secrets.
        aliases, alias_secret: The keys of one Secret that the run has as files.
        volumes: Folders of the container that have whole Secrets.
        trust_store, trust_store_password: The server's trust store, and its password.
        seconds: The time that all checks together may take.
    """

    image: str
    name: str
    namespace: str
    schedule: str
    spec: str = field(repr=False)
    environment: str | None
    ports: tuple[int, ...]
    variables: tuple[tuple[str, FromSecret], ...] = ()
    aliases: tuple[str, ...] = ()
    alias_secret: str = ""
    volumes: tuple[tuple[str, str], ...] = ()
    trust_store: FromSecret | None = None
    trust_store_password: FromSecret | None = None
    seconds: int = 0

    @property
    def arguments(self) -> list[str]:
        """What the image's entry point is given."""
        words = ["verify", f"{MOUNTED}/spec/{SPEC_FILE}"]
        words += ["--env", self.environment] if self.environment else []
        words += ["--secrets-dir", f"{MOUNTED}/secrets"] if self.aliases else []
        words += ["--trust-store", f"{MOUNTED}/trust-store/{self.trust_store.key}"] if self.trust_store else []
        if self.trust_store_password:
            words += ["--trust-store-password-file", f"{MOUNTED}/trust-store/{self.trust_store_password.key}"]
        return [*words, "--require-auth", "--format", "json", "--summary-file", TERMINATION_MESSAGE]


def verify_job_yaml(job: VerifyJob) -> str:
    """Return the objects as YAML, the same for the same run."""
    return "---\n".join(yaml_text(item, blocks=True) for item in _objects(job))


def _objects(job: VerifyJob) -> Iterator[dict[str, Any]]:
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _metadata(job, job.name), "data": {SPEC_FILE: job.spec}}
    yield {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _metadata(job, job.name),
        "spec": _policy(job),
    }
    work = _work(job)
    if job.schedule:
        yield {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": _metadata(job, job.name),
            "spec": {
                "schedule": job.schedule,
                "timeZone": "Etc/UTC",
                "concurrencyPolicy": "Forbid",
                "startingDeadlineSeconds": 600,
                "successfulJobsHistoryLimit": 1,
                "failedJobsHistoryLimit": 3,
                "jobTemplate": {"metadata": {"labels": _labels(job)}, "spec": work},
            },
        }
    else:  # nobody may change a Job's pods once it is there: what runs something else has another name
        digest = sha256(json.dumps([work, job.spec]).encode()).hexdigest()[:8]
        work = {"ttlSecondsAfterFinished": _DAY, **work}
        metadata = _metadata(job, f"{job.name}-{digest}")
        yield {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": work}


def _metadata(job: VerifyJob, name: str) -> dict[str, Any]:
    return {"name": name, **({"namespace": job.namespace} if job.namespace else {}), "labels": _labels(job)}


def _labels(job: VerifyJob) -> dict[str, str]:
    named = {"name": "mailwright", "instance": job.name, "component": "verify"}
    return {f"app.kubernetes.io/{key}": value for key, value in named.items()}


def _policy(job: VerifyJob) -> dict[str, Any]:
    """Return what lets the pods ask DNS and reach the ports of the relays; a policy cannot name the relays themselves, only addresses."""
    dns = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    relays = [{"protocol": "TCP", "port": port} for port in job.ports]
    return {
        "podSelector": {"matchLabels": _labels(job)},
        "policyTypes": ["Ingress", "Egress"],
        "egress": [{"ports": dns}, *([{"ports": relays}] if relays else [])],
    }


def _work(job: VerifyJob) -> dict[str, Any]:
    return {
        "backoffLimit": 1,
        "podFailurePolicy": {
            "rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
                {"action": "FailJob", "onExitCodes": {"operator": "NotIn", "values": list(_RETRIED)}},
            ]
        },
        "activeDeadlineSeconds": 2 * max(job.seconds, _LEAST_SECONDS),
        "template": {"metadata": {"labels": _labels(job)}, "spec": _pod(job)},
    }


def _pod(job: VerifyJob) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 5,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(job)],
        "volumes": list(_volumes(job)),
    }


def _container(job: VerifyJob) -> dict[str, Any]:
    variables = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": source.secret, "key": source.key}}}
        for name, source in job.variables
    ]
    folders = [(volume["name"], f"{MOUNTED}/{volume['name']}") for volume in _volumes(job)]
    mounted = dict(zip(_store_names(job), (path for path, _ in job.volumes), strict=True))
    return {
        "name": "verify",
        "image": job.image,
        "args": job.arguments,
        **({"env": variables} if variables else {}),
        "resources": {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # What verify writes there, and where it did not come to that the end of its log: a spec or a secret that cannot be read.
        "terminationMessagePath": TERMINATION_MESSAGE,
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": name, "mountPath": mounted.get(name, path), "readOnly": True} for name, path in folders],
    }


def _volumes(job: VerifyJob) -> Iterator[dict[str, Any]]:
    yield {"name": "spec", "configMap": {"name": job.name}}
    if job.aliases:
        yield {"name": "secrets", "secret": _secret(job.alias_secret, job.aliases)}
    if job.trust_store:
        keys = [each.key for each in (job.trust_store, job.trust_store_password) if each]
        yield {"name": "trust-store", "secret": _secret(job.trust_store.secret, tuple(dict.fromkeys(keys)))}
    for name, (_, secret) in zip(_store_names(job), job.volumes, strict=True):
        yield {"name": name, "secret": _secret(secret)}


def _store_names(job: VerifyJob) -> list[str]:
    return [f"store-{number}" for number, _ in enumerate(job.volumes, 1)]


def _secret(name: str, keys: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a volume's source that the pod's group can read, and nobody writes."""
    items = [{"key": key, "path": key} for key in keys]
    return {"secretName": name, "defaultMode": 0o440, **({"items": items} if items else {})}
