"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ..base.errors import UsageError
from ..product.product import load_product
from ..product.releases import Release
from ..report.formats import FORMATS
from .choices import OneOf
from .configured import Setting, setting

if TYPE_CHECKING:
    from ..operations.settings import Found

F = TypeVar("F", bound=Callable[..., Any])

VERSION_VARIABLE = "MAILWRIGHT_PRODUCT_VERSION"


def product_version(function: F) -> F:
    """Add ``--product-version``."""
    versions = load_product().releases.versions
    said = f"The product release, {versions[0]} to {versions[-1]}."
    return setting("--product-version", metavar="V", help=said)(function)


def one_environment(function: F) -> F:
    """Add ``--env`` for a command that works on one environment; two are refused: of two, the last would win in silence."""
    return environment_option("The environment.")(function)


def environment_option(said: str) -> Callable[[F], F]:
    """Add ``--env`` as ``one_environment`` does, with a help of its own."""
    return setting("--env", "environment", in_file=False, metavar="E", multiple=True, callback=_the_only_one, help=said)


def _the_only_one(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> str | None:
    if len(set(values)) > 1:
        raise UsageError("--env: this command works on one environment", hint="run it once for each")
    return values[0] if values else None


def several_environments(function: F) -> F:
    """Add ``--env``, which may be repeated, and ``--all-env``."""
    function = click.option("--all-env", is_flag=True, help="Use every environment of the spec.")(function)
    said = "The environment; may be repeated."
    return click.option("--env", "environments", cls=_Environments, in_file=False, multiple=True, metavar="E", help=said)(
        function
    )


class _Environments(Setting):
    """``--env`` beside ``--all-env``, which goes before what the environment says."""

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        value, source = super().consume_value(ctx, opts)
        if source is ParameterSource.ENVIRONMENT and opts.get("all_env") is True:
            return (), ParameterSource.DEFAULT
        return value, source


class _Output(click.Option):
    """An option with a spelling of before that goes on working and that no help names."""

    def __init__(self, *names: Any, before: str | None = None, **attributes: Any) -> None:
        super().__init__(*names, **attributes)
        self._before = before

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        if self._before:
            parser.add_option(obj=self, opts=[self._before], dest=self.name)


def output_option(metavar: str, said: str, *, before: str | None = None) -> Callable[[F], F]:
    """Add ``-o``/``--output``, the one name of where a result is written; *before* is what the option was called once."""
    return click.option("-o", "--output", cls=_Output, metavar=metavar, help=said, before=before)


def output_format(*names: str) -> Callable[[F], F]:
    """Add ``--format``."""
    return click.option(
        "--format",
        "format_",
        cls=_Format,
        type=OneOf(names),
        default=names[0],
        show_default=True,
        help="The format of the output.",
    )


class _Format(Setting):
    """``--format``: the environment and the file speak to every command, so that what only others print is passed over."""

    def value_from_envvar(self, ctx: click.Context) -> Any:
        value = super().value_from_envvar(ctx)
        return None if self._is_for_others(value) else value

    def said(self, ctx: click.Context) -> Found | None:
        found = super().said(ctx)
        return None if found is None or self._is_for_others(found.value) else found

    def _is_for_others(self, value: Any) -> bool:
        own: Sequence[str] = getattr(self.type, "choices", ())
        return value not in own and any(value in formats for formats in FORMATS.values())


def asked_version(option: str | None) -> str | None:
    """Return the version that the option or the environment names, as it is written there; raises as ``asked_release``."""
    return (option or os.environ.get(VERSION_VARIABLE)) if asked_release(option) else None


def asked_release(option: str | None) -> Release | None:
    """Return the release that the option or the environment names, None if neither does.

    Raises:
        UsageError: no version, or two that differ.
    """
    variable = os.environ.get(VERSION_VARIABLE) or None
    releases = [load_product().releases.parse(text) for text in (option, variable) if text]
    if len(releases) == 2 and releases[0].version != releases[1].version:
        raise UsageError(
            f"--product-version says {releases[0].version}, {VERSION_VARIABLE} says {releases[1].version}",
            hint="leave one of them out",
        )
    return releases[0] if releases else None
