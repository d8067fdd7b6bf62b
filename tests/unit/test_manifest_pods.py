"""Which containers see a file, and which variables they have: on both sides of each boundary."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailwright.base.places import Source
from mailwright.manifests.embedded import embedded_in
from mailwright.manifests.nodes import Mapping, read_stream
from mailwright.manifests.pods import Known, pods_in, variable


def stream(*documents: dict[str, Any]) -> str:
    return "".join(f"---\n{json.dumps(document)}\n" for document in documents)


def held(kind: str = "ConfigMap", **metadata: str) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "conf", **metadata}, "data": {"deployment.toml": "YQ=="}}


def deployment(volume: dict[str, Any], mount: dict[str, Any], **metadata: str) -> dict[str, Any]:
    container = {"name": "is", "volumeMounts": [{"name": "other"}, {"name": "v", **mount}]}
    spec = {"containers": [container], "volumes": [{"name": "v", **volume}]}
    return {"kind": "Deployment", "metadata": {"name": "d", **metadata}, "spec": {"template": {"spec": spec}}}


MAP, SECRET = {"configMap": {"name": "conf"}}, {"secret": {"secretName": "conf"}}


@pytest.mark.parametrize(
    ("object_", "volume", "mount", "sees"),
    [
        (held(), MAP, {}, True),
        (held(), SECRET, {}, False),
        (held(), {"configMap": {"name": "other"}}, {}, False),
        (held("Secret"), SECRET, {}, True),
        (held("Secret"), MAP, {}, False),
        (held("Secret"), {"secret": {"name": "conf"}}, {}, False),
        (held(), {"projected": {"sources": [{"secret": {"name": "x"}}, MAP]}}, {}, True),
        (held("Secret"), {"projected": {"sources": [{"secret": {"name": "conf"}}]}}, {}, True),
        (held("Secret"), {"projected": {"sources": [SECRET]}}, {}, False),
        (held(), {"configMap": {"name": "conf", "items": [{"key": "deployment.toml", "path": "conf/d.toml"}]}}, {}, True),
        (held(), {"configMap": {"name": "conf", "items": [{"key": "other", "path": "deployment.toml"}]}}, {}, False),
        (held(), MAP, {"subPath": "deployment.toml"}, True),
        (held(), MAP, {"subPath": "/deployment.toml/"}, True),
        (held(), MAP, {"subPath": "deployment"}, False),
        (
            held(),
            {"configMap": {"name": "conf", "items": [{"key": "deployment.toml", "path": "c/d.toml"}]}},
            {"subPath": "c"},
            True,
        ),
    ],
)
def test_who_sees_a_file(object_: dict[str, Any], volume: dict[str, Any], mount: dict[str, Any], sees: bool) -> None:
    source = Source("", stream(object_, deployment(volume, mount)))
    documents = read_stream(source)
    (file,), (pod,) = embedded_in(source, documents), pods_in(documents)
    running, first = pod.containers(file)
    assert ([each.text("name") for each in running], first) == (["is"] if sees else [], [])
    assert (pod.title, pod.renewed) == ("Deployment d", True)


@pytest.mark.parametrize(
    ("one", "other", "sees"), [("", "", True), ("a", "", True), ("", "a", True), ("a", "a", True), ("a", "b", False)]
)
def test_namespaces(one: str, other: str, sees: bool) -> None:
    source = Source("", stream(held(namespace=one), deployment(MAP, {}, namespace=other)))
    documents = read_stream(source)
    (file,), (pod,) = embedded_in(source, documents), pods_in(documents)
    assert bool(pod.containers(file)[0]) is sees


def entries(kind: str, part: str, *names: str, name: str = "env", namespace: str = "") -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"kind": kind, "metadata": metadata, part: dict.fromkeys(names, "x")}


FROM_MAP, FROM_SECRET = {"configMapRef": {"name": "env"}}, {"secretRef": {"name": "env"}}


@pytest.mark.parametrize(
    ("container", "objects", "known"),
    [
        ({"env": [{"name": "OTHER"}, {"name": "PASSWORD"}]}, (), Known.YES),
        ({"env": [{"name": "OTHER"}]}, (), Known.NO),
        ({}, (entries("ConfigMap", "data", "PASSWORD"),), Known.NO),
        ({"envFrom": [FROM_MAP]}, (entries("ConfigMap", "data", "PASSWORD"),), Known.YES),
        ({"envFrom": [FROM_MAP]}, (entries("ConfigMap", "data", "OTHER"),), Known.NO),
        ({"envFrom": [FROM_MAP]}, (entries("Secret", "data", "PASSWORD"),), Known.UNSURE),
        ({"envFrom": [FROM_MAP]}, (), Known.UNSURE),
        ({"envFrom": [FROM_SECRET]}, (entries("Secret", "data", "PASSWORD"),), Known.YES),
        ({"envFrom": [FROM_SECRET]}, (entries("Secret", "stringData", "PASSWORD"),), Known.YES),
        ({"envFrom": [FROM_SECRET]}, (entries("ConfigMap", "data", "PASSWORD"),), Known.UNSURE),
        ({"envFrom": [FROM_SECRET]}, (entries("Secret", "data", "PASSWORD", name="x"),), Known.UNSURE),
        ({"envFrom": [{"prefix": "PASS", **FROM_MAP}]}, (entries("ConfigMap", "data", "WORD"),), Known.YES),
        ({"envFrom": [{"prefix": "PASS", **FROM_MAP}]}, (entries("ConfigMap", "data", "PASSWORD"),), Known.NO),
        ({"envFrom": [{"prefix": "MY_", **FROM_MAP}]}, (), Known.NO),
        ({"envFrom": [{}, FROM_MAP]}, (entries("ConfigMap", "data", "PASSWORD", namespace="a"),), Known.YES),
        ({"envFrom": [FROM_MAP]}, (entries("ConfigMap", "data", "PASSWORD", namespace="b"),), Known.UNSURE),
        (
            {"envFrom": [FROM_MAP]},
            (entries("ConfigMap", "data", "PASSWORD", namespace="a"), entries("ConfigMap", "data", "OTHER")),
            Known.UNSURE,
        ),
    ],
)
def test_whether_a_container_has_a_variable(container: dict[str, Any], objects: tuple[Any, ...], known: Known) -> None:
    first, *documents = read_stream(Source("", stream(container, *objects)))
    assert isinstance(first, Mapping)
    assert variable(first, "PASSWORD", documents, "a") is known


def test_a_pod_that_does_not_say_its_namespace() -> None:
    container, *documents = read_stream(
        Source("", stream({"envFrom": [FROM_MAP]}, entries("ConfigMap", "data", "P", namespace="b")))
    )
    assert isinstance(container, Mapping)
    assert variable(container, "P", documents) is Known.YES
