"""SOPS files: the program ``sops`` decrypts one, and prints it as JSON; nothing is written."""

from __future__ import annotations

import json

from ..interface import Content, Settings, Store, StoreError
from ..programs import environment, run

_PREFIXES = ("SOPS_", "AWS_", "AZURE_", "GOOGLE_", "VAULT_", "HUAWEICLOUD_")
_NAMES = ("GNUPGHOME", "GPG_TTY", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK")


class _Sops:
    def __init__(self, settings: Settings) -> None:
        self._settings, self._variables = settings, environment(settings, _PREFIXES, _NAMES)
        self._folder = settings.path("folder") or settings.folder
        self._program = settings.text("binary", "sops")

    def read(self, path: str) -> Content:
        file = self._folder / path
        if not file.is_file():
            raise StoreError("has no such file")
        if not file.resolve().is_relative_to(self._folder.resolve()):
            raise StoreError("has a file there that leads out of its folder")
        argv = [self._program, "decrypt", "--output-type", "json", str(file.absolute())]
        text = run(self._settings, argv, self._variables, self._settings.folder)
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise StoreError("has a file there whose content is no mapping")
        return found


def open_sops(settings: Settings) -> Store:
    """Return a folder of SOPS files."""
    return _Sops(settings)
