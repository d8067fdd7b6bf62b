"""A kustomization: the deployment.toml texts that it makes ConfigMaps and Secrets of."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.places import Place, Source
from ..base.values import dataclass
from .embedded import Embedded, is_ours
from .nodes import Mapping, Scalar, Sequence, read_stream
from .scalars import layout_of

_GENERATORS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that becomes a deployment.toml: its path from the kustomization's folder, and where that is said."""

    path: str
    place: Place


def generated(source: Source) -> Iterator[Embedded | NamedFile]:
    """Yield what a kustomization makes a deployment.toml of: files that it names, texts that it holds.

    Raises:
        SyntaxInput: it is no YAML, with the place.
    """
    documents = [each for each in read_stream(source) if isinstance(each, Mapping)]
    for document in documents:
        for name, kind in _GENERATORS.items():
            for generator in document.mappings(name):
                for scalar in _scalars(generator, "files"):
                    key, _, path = scalar.value.rpartition("=")
                    if is_ours(key or path.rpartition("/")[2]):
                        yield NamedFile(path, source.place(scalar.start))
                for scalar in _scalars(generator, "literals"):
                    key, equals, text = scalar.value.partition("=")
                    if equals and is_ours(key):
                        yield _literal(source, kind, generator.text("name"), scalar, key, text)


def _scalars(generator: Mapping, name: str) -> Iterator[Scalar]:
    found = generator.get(name)
    yield from (item for item in (found.items if isinstance(found, Sequence) else ()) if isinstance(item, Scalar))


def _literal(source: Source, kind: str, name: str, scalar: Scalar, key: str, text: str) -> Embedded:
    layout = layout_of(source.text, scalar)
    prefix = f"{key}="
    if layout is not None:
        text = layout.text[len(prefix) :]
        layout = layout.behind(len(prefix))
    end = layout.end if layout else scalar.end
    return Embedded(source, kind, "", name, key, text, scalar, layout, encoded=False, flow=True, end=end, prefix=prefix)
