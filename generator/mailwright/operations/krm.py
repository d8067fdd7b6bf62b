"""A KRM function's input: a ``ResourceList``, whose ``functionConfig`` says which spec is merged into its items."""

from __future__ import annotations

from ..base.errors import InputError, UnreadableInput, UsageError
from ..base.nodes import Json, Marks, PlacedList, PlacedMap
from ..base.places import Place, Source
from ..manifests.nodes import RESOURCE_LIST, Mapping, Node, Scalar, read_stream
from ..spec import Spec, load_spec, make_spec
from ..spec.yaml_reader import read_yaml


def spec_of_function(source: Source, environment: str | None = None) -> Spec:
    """Return the spec of a function's configuration: under ``spec`` itself, or the path to it as ``path`` in ``spec`` or ``data``.

    Args:
        source: The ResourceList.
        environment: The environment; None takes ``env`` beside the path, or beside ``spec``.

    Raises:
        UsageError: it is none, or has no such configuration.
        InputError: the spec cannot be read.
    """
    lists = [item for item in read_stream(source) if isinstance(item, Mapping) and item.text("kind") == RESOURCE_LIST]
    if not lists:
        raise UsageError(
            "name a SPEC: standard input is not a ResourceList with a functionConfig that has one", place=Place(source.name)
        )
    config = lists[0].get("functionConfig")
    for part in ("spec", "data"):
        found = config.get(part) if isinstance(config, Mapping) else None
        if not isinstance(config, Mapping) or not isinstance(found, Mapping):
            continue
        asked = environment or found.text("env") or config.text("env") or None
        if found.get("mailwright") is not None:
            document = _placed(source, found)
            assert isinstance(document, PlacedMap)
            rest = {name: value for name, value in document.items() if name != "env"}
            return make_spec(source.name, PlacedMap(rest, place=document.place, origin=document.origin), asked)
        if path := found.text("path"):
            try:
                return load_spec(path, asked)
            except UnreadableInput as error:
                if error.place == Place(path):
                    error.hint = error.hint or "a container sees no files of yours: write the spec itself under `spec`"
                raise
    hint = "`spec:` with the spec itself, or `data: {path: email.yaml, env: prod}`"
    raise InputError("the functionConfig names no spec", place=source.place(lists[0].start), hint=hint)


def _placed(source: Source, node: Node) -> Json:
    """Return a part of a stream as a spec is read, with places."""
    place = source.place(node.start)
    if isinstance(node, Scalar):
        if node.style or node.tag:
            return node.value
        try:
            return read_yaml(Source(source.name, node.value))
        except InputError as error:
            error.place = place
            raise
    if isinstance(node, Mapping):
        marks, items = Marks(), dict[str, Json]()
        for key, value in node.entries:
            name = key.value if isinstance(key, Scalar) else ""
            items[name] = _placed(source, value)
            marks.keys[name], marks.values[name] = source.place(key.start), source.place(value.start)
        return PlacedMap(items, place=place, origin=marks)
    places = [source.place(item.start) for item in node.items]
    return PlacedList([_placed(source, item) for item in node.items], place=place, places=places)
