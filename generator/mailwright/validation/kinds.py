"""What a file is, by its name and by how it begins: nothing of it is read as YAML or TOML here."""

from __future__ import annotations

import os
import re

from ..base.errors import UnreadableInput
from ..base.patterns import pattern
from ..base.reading import ending, is_stream, read_bytes
from ..base.upwards import SETTINGS_FILE

DOCUMENTS = (".yaml", ".yml", ".json", ".toml")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "kustomization")
_SPEC = pattern(rb"""^\{?["']?mailwright["']?\s*[:=]\s*["']?\d""", re.MULTILINE)
_OBJECT = pattern(rb"""^(?:[ \t]*|- |[{\[ \t]*)["']?apiVersion["']?\s*:|[{,]\s*"apiVersion"\s*:""", re.MULTILINE)
_OTHERS = (
    (
        pattern(rb"^(?:configMapGenerator|secretGenerator)\s*:", re.MULTILINE),
        "a kustomization is read beside the files that it names; a pipe takes what `kubectl kustomize FOLDER` prints",
    ),
    (pattern(rb"^deploymentToml\s*:", re.MULTILINE), "the values of the vendor's chart: `mailwright validate --as helm-values`"),
)
_KIND = pattern(rb"""["']?\bkind["']?\s*:""")


def is_named_like_a_spec(name: str) -> bool:
    """Say whether a file's name alone says that it is a spec."""
    stem, ending = os.path.splitext(os.path.basename(name).lower())
    if stem + ending == SETTINGS_FILE:
        return False
    return ending in DOCUMENTS and (stem == "mailwright" or stem.endswith(".mailwright"))


def is_kustomization(name: str) -> bool:
    """Say whether a file says how kustomize builds a folder."""
    return os.path.basename(name).lower() in _KUSTOMIZATIONS


def is_manifest_file(name: str) -> bool:
    """Say the same of a file that was not read yet; what cannot be read is none: who reads it says so."""
    if not (is_kustomization(name) or name.lower().endswith(DOCUMENTS[:3]) or is_stream(name)):
        return False
    try:
        return is_manifest(name, read_bytes(name))
    except UnreadableInput:
        return False


def is_manifest(name: str, data: bytes) -> bool:
    """Say whether a file holds Kubernetes objects, or says how kustomize makes them."""
    if is_kustomization(name):
        return True
    if is_named_like_a_spec(name) or b"apiVersion" not in data or _SPEC.search(data):
        return False
    if not (_OBJECT.search(data) and _KIND.search(data)):
        return False
    return ending(name, data.decode("utf-8", "replace")) in DOCUMENTS[:3]


def way_of_others(data: bytes) -> str | None:
    """Return what to do with a document of Helm's or of kustomize's that cannot be read as what it was taken for."""
    return next((hint for begins, hint in _OTHERS if begins.search(data)), None)
