"""``render --to job``: what runs ``verify`` of a spec in a cluster, with the spec in a ConfigMap and its secrets where the cluster has them.

The ConfigMap has one environment, with the tenants in it, and of the spec what ``verify`` reads. Nothing in it is a secret: what refers to
one is wired to a Secret, by ``kubernetes:`` in the spec, and what cannot be wired is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ..base.errors import MailwrightError, UnsafeToWrite, UsageError
from ..base.nodes import PlacedMap, place_of_text
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.secret import Secret
from ..base.shown import shown_key
from ..base.yaml_text import yaml_text
from ..product.auth_types import is_http
from ..rendering.folder import holds_literal
from ..rendering.verify_job import FromSecret, VerifyJob, verify_job_yaml
from ..spec import Spec, make_spec
from ..spec.references import KEEP, Reference, references_in, store_path
from ..spec.yaml_reader import read_yaml
from ..verification.check import Checker, Handshaking, Options
from ..verification.fleet import FleetLimits
from ..verification.inputs import EffectiveSender, Inputs, iter_senders
from .specs import checked, plain

MAX_CONFIG_MAP = 1_000_000
"""Bytes of a spec; a ConfigMap holds 1 MiB."""

_SMALLEST = 50
"""Bytes that a tenant takes at least."""

_READ = ("mailwright", "product", "global", "stores", "verify_secrets", "allow_env")
_NAME = pattern(r"[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?\Z")
_NAMESPACE = pattern(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
_IMAGE = pattern(r"[a-z0-9][a-z0-9._:/-]*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\Z")
_KEY = pattern(r"[-._A-Za-z0-9]{1,253}\Z")
_CRON = pattern(r"@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)\Z|[0-9*/,?-]+(?: [0-9A-Za-z*/,?-]+){4}\Z")


def verify_in_cluster(
    spec: Spec, *, image: str, name: str, namespace: str = "", schedule: str = "", product_version: str | None = None
) -> str:
    """Return the manifests that verify a spec's senders in a cluster.

    Args:
        spec: The spec, with the environment that is meant.
        image: The image's reference.
        name: What the objects are called.
        namespace: Where they are; empty for the caller's.
        schedule: When, for a CronJob; empty for a Job.
        product_version: The product release; None takes the spec's.

    Raises:
        UsageError: an option is none.
        MailwrightError: the spec has errors, or no sender to verify.
        UnsafeToWrite: it holds a secret, or refers to one that the pod would not have.
    """
    _check_words(image, name, namespace, schedule)
    release = checked(spec, product_version)
    if holds_literal(spec.sender, spec.product.adapter):
        raise _literal("`global`", spec.place("global", key=True))
    document = _document(spec, release.version if release and product_version else None)
    text = yaml_text(document)
    if len(text.encode()) > MAX_CONFIG_MAP:
        raise _too_large(spec)
    inner = make_spec(spec.path, read_yaml(Source(spec.path, text)), spec.environment, product=spec.product)
    jobs = list(_jobs(Inputs((inner,), (), release, product=spec.product)))
    wiring = _Wiring(spec, document)
    alias_secret = wiring.part.get("secret")
    rounds = -(-len({job.key for job in jobs}) // FleetLimits().per_host)
    return verify_job_yaml(
        VerifyJob(
            image,
            name,
            namespace,
            schedule,
            text,
            spec.environment,
            tuple(sorted({port for job in jobs for port in _ports(job)})),
            variables=tuple(wiring.variables.items()),
            aliases=tuple(wiring.aliases),
            alias_secret=str(alias_secret or ""),
            volumes=tuple(wiring.volumes.items()),
            **_trust_store(wiring.part, inner.product.releases.newest.trust_store if release is None else release.trust_store),
            seconds=int(rounds * max((job.settings.deadline for job in jobs), default=0)),
        )
    )


def _check_words(image: str, name: str, namespace: str, schedule: str) -> None:
    if not _IMAGE.match(image):
        raise UsageError("--image is not an image reference", hint="REGISTRY/NAME@sha256:DIGEST, or REGISTRY/NAME:TAG")
    if not _NAME.match(name):
        raise UsageError("--name must be lower-case letters, digits and `-`, 42 at most")
    if namespace and not _NAMESPACE.match(namespace):
        raise UsageError("--namespace must be lower-case letters, digits and `-`, 63 at most")
    if schedule and not _CRON.match(schedule):
        raise UsageError("--schedule must be five cron fields, or a word like @daily", hint='--schedule "17 4 * * *"')


def _document(spec: Spec, version: str | None) -> dict[str, Any]:
    """Return what verify reads of a spec, as plain data: one environment, and the tenants that send by SMTP."""
    document: dict[str, Any] = {part: plain(spec.document[part]) for part in _READ if part in spec.document}
    if version is not None:
        document["product"] = {**document.get("product", {}), "version": version}
    tenants: dict[str, Any] = {}
    for each in spec.tenants:
        if not is_http(each.sender.get("provider")):
            if holds_literal(each.sender, spec.product.adapter):
                raise _literal(f"the tenant {shown_key(each.domain)}", each.place)
            tenants[each.domain] = plain(each.sender)
            if len(tenants) * _SMALLEST > MAX_CONFIG_MAP:
                raise _too_large(spec)
    if tenants:
        document["tenants"] = tenants
    if spec.environment is not None:
        document["environments"] = {spec.environment: None}
    return document


def _literal(whose: str, place: Place) -> UnsafeToWrite:
    return UnsafeToWrite(
        f"{whose} holds a secret, or a property that might be one, in clear text: that is never written into a ConfigMap",
        place=place,
        hint="write $env{NAME} in the spec, and say under `kubernetes` which Secret has it",
    )


def _too_large(spec: Spec) -> UnsafeToWrite:
    hint = "split the spec, and make a job of each part"
    return UnsafeToWrite("the spec and its tenants are larger than a ConfigMap can be", place=Place(spec.path), hint=hint)


def _jobs(inputs: Inputs) -> Iterator[Handshaking]:
    """Yield the handshakes as they will be, but for the secrets."""
    checker = Checker(Options(), secrets=lambda _: lambda reference: Secret("-", reference))
    for sender in iter_senders(inputs):
        if isinstance(sender, MailwrightError):
            raise sender
        if isinstance(sender, EffectiveSender):
            yield checker.job(sender)


def _ports(job: Handshaking) -> Iterator[int]:
    yield job.settings.port
    if job.settings.fallback:
        yield job.settings._replace(**job.settings.fallback).port
    if job.request is not None:
        endpoint = urlsplit(job.request.endpoint)
        yield endpoint.port or (80 if endpoint.scheme.lower() == "http" else 443)


def _trust_store(part: PlacedMap, file: Any) -> dict[str, FromSecret]:
    said = part.get("trust_store")
    if not isinstance(said, PlacedMap):
        return {}
    secret, password = str(said["secret"]), said.get("password_key")
    named = {"trust_store": FromSecret(secret, str(said.get("key") or file["file"]))}
    return {**named, **({"trust_store_password": FromSecret(secret, str(password))} if password else {})}


class _Wiring:
    """Where the pod has what a document refers to.

    Raises:
        UnsafeToWrite: it would not have something.
    """

    def __init__(self, spec: Spec, document: Any) -> None:
        self._spec = spec
        part = spec.document.get("kubernetes")
        self.part = part if isinstance(part, PlacedMap) else PlacedMap(place=spec.place())
        env = self.part.get("env")
        self._env = env if isinstance(env, PlacedMap) else PlacedMap(place=spec.place())
        self.variables: dict[str, FromSecret] = {}
        self.aliases: dict[str, None] = {}
        self.volumes: dict[str, str] = {}
        stores = document.get("stores")
        self._stores = stores if isinstance(stores, dict) else {}
        self._elsewhere = set(document.get("verify_secrets") or ())
        for reference in dict.fromkeys(_references({**document, "stores": None})):
            self._wire(reference)
        self.variables = dict(sorted(self.variables.items()))

    def _wire(self, reference: Reference) -> None:
        kind, name = reference
        if str(reference) == KEEP:
            raise self._missing(reference, "keeps what a file has, and the pod has no such file", "write where the secret is")
        if kind == "env":
            if not self._from_env(name):
                self._refuse_variable(reference, name)
        elif kind in ("secret", "file"):
            if kind == "secret" and (name in self._elsewhere or self._from_env(f"MAILWRIGHT_SECRET_{name.upper()}")):
                return
            if not self.part.get("secret") or not _KEY.match(name):
                raise self._missing(
                    reference,
                    "is in no Secret that the spec names",
                    f"`kubernetes: {{secret: NAME}}`: the one with the key {name}",
                )
            self.aliases[name] = None
        elif kind == "store":
            self._mount(reference)

    def _from_env(self, name: str) -> bool:
        found = self._env.get(name)
        if isinstance(found, PlacedMap):
            self.variables[name] = FromSecret(str(found["secret"]), str(found["key"]))
        return isinstance(found, PlacedMap)

    def _refuse_variable(self, reference: Reference, name: str) -> None:
        hint = f"`kubernetes: {{env: {{{name}: {{secret: NAME, key: KEY}}}}}}`"
        raise self._missing(reference, "is no variable of the pod's", hint)

    def _mount(self, reference: Reference) -> None:
        path = store_path(reference.name)
        store = self._stores.get(path.store) if path else None
        folder = store.get("folder") if isinstance(store, dict) and store.get("kind") == "kubernetes" else None
        if path is None or not isinstance(folder, str) or not folder.startswith("/"):
            named = shown_key(path.store) if path else "it"
            raise self._missing(
                reference,
                f"is in a store that the pod cannot ask: it has no login for {named}, and no way to it",
                "a store of the kind kubernetes with an absolute `folder` is mounted; or use $env{NAME}",
            )
        self.volumes[f"{folder.rstrip('/')}/{path.path}"] = path.path

    def _missing(self, reference: Reference, why: str, hint: str) -> UnsafeToWrite:
        place = place_of_text(self._spec.whole, str(reference)) or self._spec.place()
        return UnsafeToWrite(f"{reference.shown} {why}", place=place, hint=hint)


def _references(value: Any) -> Iterator[Reference]:
    if isinstance(value, str):
        yield from references_in(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
