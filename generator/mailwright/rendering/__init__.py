"""Texts made with Jinja2: the fragment of deployment.toml and the reference pages.

Every value goes through a filter of its own kind (``toml``, ``json``); an undefined name is an error.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .. import _resources


def render_template(name: str, *, folder: Path | None = None, **values: Any) -> str:
    """Render a template of ``templates/``.

    Args:
        name: The template's file name.
        folder: Where it lies; None takes the packaged templates.
        values: What the template is given.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    from ..facts import linked

    where = folder or _resources.path("templates")
    environment = Environment(
        loader=FunctionLoader(lambda wanted: (where / wanted).read_text(encoding="utf-8")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 -- the outputs are TOML, YAML and Markdown; the filters quote every value
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(toml=toml_value, json=lambda value: json.dumps(value, ensure_ascii=False), linked=linked)
    return environment.get_template(name).render(**values)


def toml_value(value: object) -> str:
    """Return a scalar as TOML 0.5 text: integers and booleans bare, texts in the quotes that need the least escaping."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"no TOML scalar: {type(value).__name__}")
    if (
        "'" not in value
        and all(char == "\t" or (char >= " " and char != "\x7f") for char in value)
        and ("\\" in value or '"' in value)
    ):
        return f"'{value}'"
    return (
        '"'
        + "".join(_ESCAPES.get(char) or (char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}") for char in value)
        + '"'
    )


def toml_key(name: str) -> str:
    """Return a key in quotes, as the names of mail-client properties must stand (product/xml.md#quoted-name)."""
    return f"'{name}'" if "'" not in name else toml_value(name)


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
