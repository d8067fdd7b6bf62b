"""Kubernetes secrets: the files of mounted volumes, or what kubectl reads. A key is a field."""

from __future__ import annotations

import base64
import json
from binascii import Error as NotBase64
from pathlib import Path
from typing import Any

from ...base.patterns import pattern
from ..interface import Content, Settings, Store, StoreError
from ..programs import MAX_OUTPUT, environment, run

_NAME = pattern(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
_LOGGED = pattern(r"[EFIW][0-9]{4} [0-9:.]+ ")
"""How lines begin that kubectl logs before it says what is wrong."""

_PREFIXES = ("KUBE", "AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "XDG_")


class _Mounted:
    """Volumes under a folder, each under its secret's name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> Content:
        volume = self._folder / path
        if not volume.is_dir():
            raise StoreError("has no such secret", hint="is its volume mounted?")
        found = {file.name: file for file in volume.iterdir() if file.is_file() and not file.name.startswith("..")}
        for file in found.values():  # Kubernetes keeps links in a volume, and they stay in it
            if not file.resolve().is_relative_to(self._folder.resolve()):
                raise StoreError("has a file there that leads out of its folder")
        try:
            return {name: _text(file.read_bytes()[: MAX_OUTPUT + 1]) for name, file in found.items()}
        except OSError:
            raise StoreError("has a file there that cannot be read") from None


class _Kubectl:
    """Secrets as kubectl reads them."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._variables = settings, environment(settings, _PREFIXES)
        options = {name: settings.text(name) for name in ("context", "namespace")}
        kubeconfig = settings.path("kubeconfig")
        options["kubeconfig"] = str(kubeconfig.absolute()) if kubeconfig else ""
        self._argv = [
            settings.text("binary", "kubectl"),
            *(f"--{name}={value}" for name, value in options.items() if value),
            f"--request-timeout={settings.timeout:g}s",
            "get",
            "secret",
            "--output=json",
            "--",
        ]

    def read(self, path: str) -> Content:
        if not _NAME.match(path):
            raise StoreError("takes the name of a secret as its path")
        try:
            text = run(self._settings, [*self._argv, path], self._variables, self._settings.folder)
        except StoreError as error:
            error.said = "\n".join(line for line in error.said.splitlines() if not _LOGGED.match(line))
            raise
        try:
            found: Any = json.loads(text)
            data = found.get("data") or {}
            return {name: _text(base64.b64decode(value, validate=True)) for name, value in data.items()}
        except (ValueError, RecursionError, AttributeError, TypeError, NotBase64):
            raise StoreError("gives something that is no secret of Kubernetes") from None


def _text(data: bytes) -> str | None:
    """Return a value as a text, None where it is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def open_kubernetes(settings: Settings) -> Store:
    """Return mounted volumes, where a folder is named, else what asks kubectl."""
    folder = settings.path("folder")
    return _Kubectl(settings) if folder is None else _Mounted(folder)
