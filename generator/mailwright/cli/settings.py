"""``mailwright settings``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

import click

from ..base.errors import UsageError
from ..base.hints import did_you_mean
from ..operations.settings import PER_FILE_IGNORES, Settings
from ..report.settings import DEFAULT, ENVIRONMENT, FILE, Holding, settings_json, settings_text
from .configured import Setting, configured
from .options import output_format


@click.command()
@click.argument("name", metavar="[COMMAND]", required=False)
@output_format("text", "json")
def command(name: str | None, format_: str) -> None:
    """Show which settings apply, and where they come from.

    Options that a pipeline or a team sets once are settings. The command line wins, then the environment (MAILWRIGHT_ and the option's
    name), then the file .mailwright.toml. The nearest such file counts: the one in the current folder, or else in a folder above it.
    Its paths are relative to its folder. MAILWRIGHT_SETTINGS names another file; if it is empty, no file is read.

    With COMMAND, all settings of that command are shown; without it, only those that are set.

    \b
    Examples:
      mailwright settings
      mailwright settings verify --format json
      mailwright schema settings > settings.schema.json
    """
    root = click.get_current_context().find_root()
    options = dict(_options(root))
    if name is not None and name not in options:
        hint = f"{did_you_mean(name, options)} these have: {', '.join(options)}".lstrip()
        raise UsageError("no command of that name has settings", hint=hint)
    settings = configured(root)
    holding = list(_set(options, settings) if name is None else _of(name, options[name], settings))
    file = settings.path if settings else None
    if format_ == "json":
        click.echo(settings_json(file, holding))
    else:
        for line in settings_text(file, holding):
            click.echo(line)


def _options(root: click.Context) -> Iterator[tuple[str, list[Setting]]]:
    """Yield the commands that have settings, with these."""
    assert isinstance(root.command, click.Group)
    for name in root.command.list_commands(root):
        made = root.command.get_command(root, name)
        options = [each for each in made.params if isinstance(each, Setting)] if made else []
        if options and name != "settings":
            yield name, options


def _set(options: Mapping[str, list[Setting]], settings: Settings | None) -> Iterator[Holding]:
    """Yield what the environment and the file say."""
    variables = dict.fromkeys((each.key, each.envvar) for own in options.values() for each in own)
    said = {
        key: Holding(key, os.environ[variable], ENVIRONMENT, variable) for key, variable in variables if os.environ.get(variable)
    }
    yield from said.values()
    for key, found in settings or ():
        if key.rpartition(".")[2] not in said:
            yield Holding(key, found.value, FILE, place=found.place)


def _of(name: str, options: Iterable[Setting], settings: Settings | None) -> Iterator[Holding]:
    """Yield every setting of a command, and what the file says of single files."""
    for option in options:
        found = settings.of(name, option.key) if settings and option.in_file else None
        value = os.environ.get(option.envvar)
        if value:
            yield Holding(option.key, value, ENVIRONMENT, option.envvar)
        elif found is not None:
            yield Holding(option.key, found.value, FILE, place=found.place)
        else:
            yield Holding(option.key, option.plain_default, DEFAULT)
    if name == "validate" and settings and (found := settings.of(name, PER_FILE_IGNORES)):
        yield Holding(PER_FILE_IGNORES, found.value, FILE, place=found.place)
