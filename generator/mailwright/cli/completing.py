"""What a shell offers while a command is typed: what an option takes, its metavar says, and so each kind of value has one list.

Only shells ask (``mailwright completion``). Nothing here fails: where a file cannot be read there is nothing to offer.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, add_completion_class

from ..base.errors import MailwrightError

MOST = 500
"""Tenants that are offered."""


class _Offered(click.types.StringParamType):
    """A text, for which some are offered."""

    def __init__(self, offer: Callable[[click.Context, str], Iterable[CompletionItem]]) -> None:
        self._offer = offer

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return list(self._offer(ctx, incomplete))


class _Bash(BashComplete):
    """Bash takes ``--env=prod`` for three words."""

    def get_completion_args(self) -> tuple[list[str], str]:
        words, begun = super().get_completion_args()
        return [word for word in words if word != "="], begun.removeprefix("=")


class _Fish(FishComplete):
    """A text that is offered may hold commas."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')


add_completion_class(_Bash)
add_completion_class(_Fish)


def offer(command: click.Command) -> click.Command:
    """Have a command, and those below it, offer what their parameters take."""
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        offer(inner)
    for parameter in command.params:
        metavar = (parameter.metavar or parameter.name or "").strip("[].").upper()
        if metavar in OFFERED and type(parameter.type) is click.types.StringParamType:
            parameter.type = _Offered(OFFERED[metavar])
    return command


def _files(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    yield CompletionItem(begun, type="file")


def _named_files(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    """Offer files behind ``NAME=``, which a shell does not know as such."""
    name, equals, path = begun.partition("=")
    if not equals:
        yield CompletionItem(begun, type="file")
        return
    folder, first = os.path.split(path)
    with suppress(OSError):
        for entry in islice(sorted(os.scandir(folder or "."), key=lambda entry: entry.name), MOST):
            if entry.name.startswith(first) and (first or not entry.name.startswith(".")):
                yield CompletionItem(f"{name}={os.path.join(folder, entry.name)}{'/' * entry.is_dir()}")


def _folders(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    yield CompletionItem(begun, type="dir")


def _releases(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    from ..product.product import load_product

    return _beginning(begun, dict.fromkeys(load_product().releases.lines, ""))


def _presets(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    from ..operations.init import presets
    from ..product.product import load_product

    return _beginning(begun, presets(load_product()))


def _faults(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    with suppress(ImportError):  # the stand-ins are an extra
        from ..sandbox.smtp.faults import Fault

        yield from _beginning(begun, {fault.word: fault.value for fault in Fault})


def _rules(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    from ..rules.catalogue import CATALOGUE

    before, comma, last = begun.rpartition(",")
    for item in _beginning(last.upper(), {name: rule.title for name, rule in CATALOGUE.items()}):
        yield CompletionItem(before + comma + item.value, help=item.help)


def _explained(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    from ..product.product import load_product
    from ..rules.catalogue import CATALOGUE
    from ..verification.codes import CODES

    adapter = load_product().adapter
    known = {name: key.title for name, key in adapter.items()} | {name: key.title for name, key in adapter.listed.items()}
    yield from _beginning(begun, known | CODES)
    yield from _beginning(begun.upper(), {name: rule.title for name, rule in CATALOGUE.items()})


def _environments(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    from ..spec import read_document

    for name in _specs():
        with suppress(MailwrightError):
            document = read_document(name)
            environments = document.get("environments") if isinstance(document, dict) else None
            if isinstance(environments, dict):
                yield from _beginning(begun, dict.fromkeys(environments, ""))


def _tenants(_: click.Context, begun: str) -> Iterator[CompletionItem]:
    from ..spec import load_spec

    yield from _beginning(begun, {"carbon.super": "the global sender"})
    for name in _specs():
        with suppress(MailwrightError):
            domains = (tenant.domain for tenant in load_spec(name).tenants)
            yield from (CompletionItem(domain) for domain in islice((each for each in domains if each.startswith(begun)), MOST))


def _specs() -> Iterator[str]:
    """Yield the documents that stand on the line, before what is typed or behind it."""
    line = os.environ.get("COMP_WORDS", "")
    try:
        words = shlex.split(line)
    except ValueError:  # a quotation mark is still open
        words = line.split()
    for word in words:
        if word.lower().endswith((".yaml", ".yml", ".json", ".toml")) and os.path.isfile(word):
            yield word


def _beginning(begun: str, known: dict[str, str]) -> Iterator[CompletionItem]:
    return (CompletionItem(name, help=title or None) for name, title in known.items() if name.startswith(begun))


OFFERED: dict[str, Callable[[click.Context, str], Iterable[CompletionItem]]] = {
    **dict.fromkeys(("FILE", "FILES", "SPEC", "PEM", "DEPLOYMENT.TOML", "RESULTS"), _files),
    **dict.fromkeys(("ENV=]FILE", "ENV/]NAME=FILE"), _named_files),
    **dict.fromkeys(("DIR", "FOLDER"), _folders),
    "V": _releases,
    "PRESET": _presets,
    "FAULT": _faults,
    "RULES": _rules,
    "E": _environments,
    "DOMAIN": _tenants,
    "KEY|RULE|CODE|FACT": _explained,
}
"""What is offered, by metavar."""
