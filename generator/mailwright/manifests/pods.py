"""Pod templates: which of their containers see a file of a ConfigMap or a Secret, and which environment variables these have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from ..base.values import dataclass, field
from .embedded import Embedded
from .nodes import Mapping, Node, objects

_TEMPLATES: dict[str, tuple[str, ...]] = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
"""Where objects have their pods. Not a Job's: nobody may change it once it is there, and its pods read the file when they start anyway."""


class Known(Enum):
    """Whether a container has an environment variable."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    """It takes all of an object's entries, and that object is not in the stream."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod template, and the object that it belongs to."""

    kind: str
    namespace: str
    name: str
    template: Mapping = field(repr=False)

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
        path = _TEMPLATES.get(item.text("kind"))
        template = item.get(*path) if path is not None else None
        if isinstance(template, Mapping):
            yield Pod(item.text("kind"), item.text("metadata", "namespace"), item.text("metadata", "name"), template)


def variable(container: Mapping, name: str, documents: list[Node]) -> Known:
    """Say whether a container has an environment variable."""
    if any(entry.text("name") == name for entry in container.mappings("env")):
        return Known.YES
    unsure = False
    for source in container.mappings("envFrom"):
        prefix = source.text("prefix")
        for kind, held in (("ConfigMap", source.get("configMapRef")), ("Secret", source.get("secretRef"))):
            if isinstance(held, Mapping) and name.startswith(prefix):
                keys = _keys_of(objects(documents), kind, held.text("name"))
                if keys is None:
                    unsure = True
                elif name.removeprefix(prefix) in keys:
                    return Known.YES
    return Known.UNSURE if unsure else Known.NO


def _keys_of(items: Iterable[Mapping], kind: str, name: str) -> set[str] | None:
    for item in items:
        if item.text("kind") == kind and item.text("metadata", "name") == name:
            parts = (item.get("data"), item.get("stringData"))
            return {str(getattr(key, "value", "")) for part in parts if isinstance(part, Mapping) for key, _ in part.entries}
    return None
