"""Texts made with Jinja2: the fragment of deployment.toml and the reference pages.

Every value goes through a filter of its own kind (``toml``, ``json``); an undefined name is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..base import resources
from ..deployment.values import toml_value


def render_template(
    name: str, *, folder: Path | None = None, filters: Mapping[str, Callable[..., str]] | None = None, **values: Any
) -> str:
    """Render a template of ``templates/``.

    Args:
        name: The template's file name.
        folder: Where it lies; None takes the packaged templates.
        filters: Filters that it has besides.
        values: What the template is given.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    where = folder or resources.path("templates")
    environment = Environment(
        loader=FunctionLoader(lambda wanted: (where / wanted).read_text(encoding="utf-8")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 -- the outputs are TOML, YAML and Markdown; the filters quote every value
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(toml=toml_value, json=lambda value: json.dumps(value, ensure_ascii=False), **(filters or {}))
    return environment.get_template(name).render(**values)
