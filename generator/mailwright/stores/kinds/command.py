"""A command of the team's own: it prints the secret, or a JSON object with it."""

from __future__ import annotations

import json

from ..interface import Content, Settings, Store, StoreError
from ..programs import environment, run

PATH = "{path}"


class _Command:
    def __init__(self, settings: Settings) -> None:
        command = settings.values.get("command")
        self._argv = [str(part) for part in command] if isinstance(command, list) else []
        if not self._argv:
            raise StoreError("needs `command`: a program and its arguments")
        self._settings, self._variables = settings, environment(settings)
        self._folder = settings.path("folder") or settings.folder

    def read(self, path: str) -> Content:
        program, *arguments = self._argv
        if path.startswith("-") and PATH in arguments:  # the program would take it for an option
            raise StoreError("takes no path that begins with a hyphen")
        text = run(self._settings, [program, *(part.replace(PATH, path) for part in arguments)], self._variables, self._folder)
        if self._settings.text("output", "text") == "text":
            return text
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise StoreError("prints no JSON object")
        return found


def open_command(settings: Settings) -> Store:
    """Return a store that asks a program."""
    return _Command(settings)
