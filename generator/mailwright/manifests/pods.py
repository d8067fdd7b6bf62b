"""Pod templates: which of their containers see a file of a ConfigMap or a Secret, and which environment variables these have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from ..base.values import dataclass, field
from .embedded import Embedded
from .nodes import Mapping, Node, objects

_TEMPLATES = (("spec", "template"), ("spec", "jobTemplate", "spec", "template"))
"""Where objects have their pods, also those of kinds that others define. Not a Job's: nobody may change it once it is there, and its
pods read the file when they start anyway."""

_LEFT = ("Pod", "ReplicaSet", "ReplicationController")
"""Kinds whose pods nobody makes anew when what they are made of changes."""


class Known(Enum):
    """Whether a container has an environment variable."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    """It takes all of an object's entries, and that object is not in the stream, or there are several that may be meant."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod template, and the object that it belongs to; *renewed*: its pods are made anew when the template changes."""

    kind: str
    namespace: str
    name: str
    template: Mapping = field(repr=False)
    renewed: bool = True

    @property
    def title(self) -> str:
        """What the object is called."""
        return f"{self.kind} {self.name}".strip()

    def containers(self, embedded: Embedded) -> tuple[list[Mapping], list[Mapping]]:
        """Return the containers that see a file: those that run, and those that only begin."""
        if self.namespace and embedded.namespace and self.namespace != embedded.namespace:
            return [], []
        seen = dict(self._volumes(embedded))
        both = (self.template.mappings("spec", "containers"), self.template.mappings("spec", "initContainers"))
        running, first = ([each for each in found if _mounts(each, seen)] for found in both)
        return running, first

    def beside(self, first: Sequence[Mapping]) -> list[Mapping]:
        """Return the running containers that share a volume with others, and so may read what these copied there."""
        shared = {mount.text("name") for each in first for mount in each.mappings("volumeMounts")}
        found = self.template.mappings("spec", "containers")
        return [each for each in found if any(mount.text("name") in shared for mount in each.mappings("volumeMounts"))]

    def _volumes(self, embedded: Embedded) -> Iterator[tuple[str, str]]:
        """Yield the volumes that hold a file, and what it is called there."""
        for volume in self.template.mappings("spec", "volumes"):
            for part in (volume, *volume.mappings("projected", "sources")):
                path = _path_in(part, embedded, projected=part is not volume)
                if path is not None:
                    yield volume.text("name"), path


def _path_in(part: Mapping, embedded: Embedded, *, projected: bool) -> str | None:
    kind, name = ("configMap", "name") if embedded.kind == "ConfigMap" else ("secret", "name" if projected else "secretName")
    held = part.get(kind)
    if not isinstance(held, Mapping) or held.text(name) != embedded.name:
        return None
    items = list(held.mappings("items"))
    if not items:
        return embedded.key
    return next((item.text("path") for item in items if item.text("key") == embedded.key), None)


def _mounts(container: Mapping, volumes: dict[str, str]) -> bool:
    for mount in container.mappings("volumeMounts"):
        path = volumes.get(mount.text("name"))
        inner = mount.text("subPath").strip("/")
        if path is not None and (not inner or path == inner or path.startswith(f"{inner}/")):
            return True
    return False


def pods_in(documents: list[Node]) -> Iterator[Pod]:
    """Yield the pod templates of a stream."""
    for item in objects(documents):
        kind, template = item.text("kind"), _template_of(item)
        if template is not None:
            renewed = kind not in _LEFT and item.text("spec", "updateStrategy", "type") != "OnDelete"
            yield Pod(kind, item.text("metadata", "namespace"), item.text("metadata", "name"), template, renewed)


def _template_of(item: Mapping) -> Mapping | None:
    if item.text("kind") == "Job":
        return None
    found = [item] if item.text("kind") == "Pod" else [item.get(*path) for path in _TEMPLATES]
    return next((each for each in found if isinstance(each, Mapping) and any(each.mappings("spec", "containers"))), None)


def variable(container: Mapping, name: str, documents: list[Node], namespace: str = "") -> Known:
    """Say whether a container has an environment variable; *namespace*: its pod's, empty where that is not said."""
    if any(entry.text("name") == name for entry in container.mappings("env")):
        return Known.YES
    unsure = False
    for source in container.mappings("envFrom"):
        prefix = source.text("prefix")
        for kind, held in (("ConfigMap", source.get("configMapRef")), ("Secret", source.get("secretRef"))):
            if isinstance(held, Mapping) and name.startswith(prefix):
                has = [name.removeprefix(prefix) in keys for keys in _keys_of(documents, kind, namespace, held.text("name"))]
                if has and all(has):
                    return Known.YES
                unsure = unsure or not has or any(has)
    return Known.UNSURE if unsure else Known.NO


def comes_from(container: Mapping, name: str, secret: str, key: str) -> bool:
    """Say whether a container has an environment variable from a key of a Secret; of two entries of a name the last counts."""
    found = [entry for entry in container.mappings("env") if entry.text("name") == name]
    reference = found[-1].get("valueFrom", "secretKeyRef") if found else None
    return isinstance(reference, Mapping) and (reference.text("name"), reference.text("key")) == (secret, key)


def _keys_of(documents: list[Node], kind: str, namespace: str, name: str) -> Iterator[set[str]]:
    """Yield the keys of each object that may be meant: the same name in another namespace is another one."""
    for item in objects(documents):
        held = item.text("metadata", "namespace")
        if (
            item.text("kind") == kind
            and item.text("metadata", "name") == name
            and (held == namespace or not (held and namespace))
        ):
            parts = (item.get("data"), item.get("stringData"))
            yield {str(getattr(key, "value", "")) for part in parts if isinstance(part, Mapping) for key, _ in part.entries}
