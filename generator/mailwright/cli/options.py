"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import UsageError
from ..releases import Release, parse_release

if TYPE_CHECKING:
    from ..spec import Spec

F = TypeVar("F", bound=Callable[..., Any])

VERSION_VARIABLE = "MAILWRIGHT_PRODUCT_VERSION"


def product_version(function: F) -> F:
    """Add ``--product-version``."""
    return click.option("--product-version", metavar="V", help="The product release, e.g. 7.2.0. [MAILWRIGHT_PRODUCT_VERSION]")(
        function
    )


def output_format(*names: str) -> Callable[[F], F]:
    """Add ``--format``."""
    return click.option(
        "--format", "format_", type=click.Choice(names), default=names[0], show_default=True, help="How the result is printed."
    )


def asked_release(option: str | None) -> Release | None:
    """Return the release that the option or the environment names, None if neither does.

    Raises:
        UsageError: no version, or two that differ.
    """
    variable = os.environ.get(VERSION_VARIABLE) or None
    releases = [parse_release(text) for text in (option, variable) if text]
    if len(releases) == 2 and releases[0].version != releases[1].version:
        raise UsageError(
            f"--product-version says {releases[0].version}, {VERSION_VARIABLE} says {releases[1].version}",
            hint="leave one of them out",
        )
    return releases[0] if releases else None


def checked_spec(path: str, environment: str | None, release: Release | None) -> Spec:
    """Read a spec and make sure that it validates: nothing is made from one that does not.

    Raises:
        SpecError: it has errors; the first is told, `mailwright validate` tells all.
        InputError, UsageError: as ``load_spec``.
    """
    from ..spec import read_document
    from ..validation.specs import validated_spec

    return validated_spec(path, read_document(path), environment, release)[0]
