"""Texts made with Jinja2: the fragment of deployment.toml and the reference pages.

Every value goes through a filter of its own kind (``toml``, ``json``); an undefined name is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import resources
from ..deployment.values import toml_value

if TYPE_CHECKING:
    from jinja2 import Environment


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
    environment = _environment(folder)
    environment.filters.update(toml=toml_value, json=lambda value: json.dumps(value, ensure_ascii=False), **(filters or {}))
    return environment.get_template(name).render(**values)


def stream_template(name: str, *, markup: Collection[str] = (), **values: Any) -> Iterator[str]:
    """Yield what a template of HTML comes to, in pieces: every value is escaped, but for those named in *markup*, which are texts of ours."""
    from markupsafe import Markup

    environment = _environment(autoescape=True)
    ours = {known: Markup(values[known]) for known in markup}  # noqa: S704 -- files of this package
    yield from environment.get_template(name).generate(**{**values, **ours})


def _environment(folder: Path | None = None, *, autoescape: bool = False) -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    where = folder or resources.path("templates")
    return Environment(
        loader=FunctionLoader(lambda wanted: (where / wanted).read_text(encoding="utf-8")),
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 -- the other outputs are TOML, YAML and Markdown; the filters quote every value
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
