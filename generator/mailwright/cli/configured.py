"""Options that the environment and ``.mailwright.toml`` can set as well: the command line goes first, then the environment, then the file.

The file is looked for when the first such option is not given otherwise, and read once in a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ..base.errors import UsageError
from ..base.upwards import SETTINGS_FILE, find_upwards

if TYPE_CHECKING:
    from ..operations.settings import Found, Settings

F = TypeVar("F", bound=Callable[..., Any])

FILE_VARIABLE = "MAILWRIGHT_SETTINGS"
"""Names the file of settings; empty for none."""

_META = f"{__name__}.settings"


class Setting(click.Option):
    """Such an option: ``--ca-file`` is MAILWRIGHT_CA_FILE and ``ca-file``.

    Args:
        in_file: Whether the file can say it.

    Attributes:
        key: Its name in the file.
        plain_default: What holds where nobody says anything; None for nothing.
    """

    def __init__(self, names: Any, *, in_file: bool = True, **attributes: Any) -> None:
        super().__init__(names, show_envvar=True, **attributes)
        self.key = max(self.opts, key=len).removeprefix("--")
        self.in_file = in_file
        self.envvar: str = f"MAILWRIGHT_{self.key.upper().replace('-', '_')}"
        self.plain_default = attributes.get("default", False if attributes.get("is_flag") else None)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        value, source = super().consume_value(ctx, opts)
        if source is ParameterSource.DEFAULT and not ctx.resilient_parsing:
            found = self.said(ctx)
            if found is not None:
                return found.value, ParameterSource.DEFAULT_MAP
        return value, source

    def handle_parse_result(self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]) -> tuple[Any, list[str]]:
        try:
            return super().handle_parse_result(ctx, opts, args)
        except click.BadParameter as error:
            found = self.said(ctx) if ctx.get_parameter_source(self.name or "") is ParameterSource.DEFAULT_MAP else None
            if found is None:
                raise
            raise UsageError(f"`{self.key}` for {ctx.info_name}: {error.message}", place=found.place) from None

    def get_error_hint(self, ctx: click.Context | None) -> str:
        said = ctx is not None and ctx.get_parameter_source(self.name or "") is ParameterSource.ENVIRONMENT
        return self.envvar if said else click.Parameter.get_error_hint(self, ctx)

    def said(self, ctx: click.Context) -> Found | None:
        """Return what the file says."""
        settings = configured(ctx) if self.in_file else None
        return settings.of(ctx.info_name or "", self.key) if settings else None


def setting(*names: str, **attributes: Any) -> Callable[[F], F]:
    """Add such an option."""
    return click.option(*names, cls=Setting, **attributes)


def configured(ctx: click.Context) -> Settings | None:
    """Return the settings that hold in the current folder; None where there is no file of them.

    Raises:
        InputError: the file cannot be read, or is wrong.
    """
    if _META not in ctx.meta:
        path = _find()
        ctx.meta[_META] = None
        if path:
            from ..operations.settings import read_settings

            ctx.meta[_META] = read_settings(path)
    found: Settings | None = ctx.meta[_META]
    return found


def _find() -> str | None:
    named = os.environ.get(FILE_VARIABLE)
    if named is not None:
        return named or None
    path, passed = find_upwards(SETTINGS_FILE)
    for each in passed:
        click.echo(f"mailwright: skipped: {each} belongs to another user; {FILE_VARIABLE}={each} takes it", err=True)
    return path


def is_typed(name: str) -> bool:
    """Say whether an option of the running command stands on the command line."""
    return _distance(name) == 0


def is_from_file(name: str) -> bool:
    """Say whether the file has set an option of the running command."""
    return _distance(name) in (2, 3)


def nearest(*names: str) -> frozenset[str]:
    """Return which of the running command's options are said nearest to it: of two that contradict each other, the nearer one is meant."""
    said = {name: _distance(name) for name in names}
    return frozenset(name for name, distance in said.items() if distance == min(said.values()))


def _distance(name: str) -> int:
    """Return from how far an option comes: the command line, the environment, the command's table in the file, the file; nowhere."""
    ctx = click.get_current_context()
    source = ctx.get_parameter_source(name)
    if source is ParameterSource.DEFAULT_MAP:
        option = next(each for each in ctx.command.params if each.name == name)
        found = option.said(ctx) if isinstance(option, Setting) else None
        return 2 if found is not None and found.own else 3
    return 0 if source is ParameterSource.COMMANDLINE else 1 if source is ParameterSource.ENVIRONMENT else 4
