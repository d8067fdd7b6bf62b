"""``mailwright explain``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import click

from ..base.errors import UsageError
from ..base.hints import did_you_mean
from ..base.shown import shown_key
from ..product.facts import INDEX, fact, facts_of, page_text, pages
from ..product.product import load_product
from ..report.explained import explain_code, explain_fact, explain_key, explain_rule, rules_json, rules_text
from ..report.spec_keys import explain_spec_key, spec_key
from ..rules.catalogue import CATALOGUE
from ..rules.pages import load_page
from ..verification.codes import BASIS, CODES
from .choices import OneOf


@click.command()
@click.argument("name", metavar="KEY|RULE|CODE|FACT", required=False)
@click.option("--all", "every", is_flag=True, help="List the rules.")
@click.option("--format", "format_", type=OneOf(("text", "json")), default="text", help="With --all, or a rule: as JSON.")
def command(name: str | None, every: bool, format_: str) -> None:
    """Explain a key, a rule, a finding of verify, or a fact about the product.

    A key is the adapter's or the spec's, with or without the path that a finding shows.

    Facts about the product come with their evidence, and with the page to read on. `explain product/xml.md` prints that page, and
    `explain product` the list of pages.

    \b
    Examples:
      mailwright explain hostname
      mailwright explain mail.smtp.starttls.required
      mailwright explain http.auth.type
      mailwright explain MW101
      mailwright explain starttls-opportunistic
      mailwright explain product/xml.md#ampersand
      mailwright explain --all --format json
    """
    if every == (name is not None):
        raise UsageError(
            "name a key, a rule, a finding of verify or a fact, or --all", hint="`mailwright explain --all` lists the rules"
        )
    if every or format_ == "json":
        _rules(CATALOGUE if name is None else [name.upper()], format_)
        return
    assert name is not None
    product = load_product()
    adapter = product.adapter
    wanted = name.removeprefix(f"{adapter.flat}.").removeprefix(f"{adapter.table.name}.").strip("'\"")
    if wanted in adapter:
        lines = explain_key(adapter[wanted])
    elif wanted in adapter.listed:
        lines = explain_key(adapter.listed[wanted], listed=True)
    elif name.upper() in CATALOGUE:
        lines = explain_rule(load_page(name.upper()))
    elif name.lower() in CODES:
        lines = explain_code(name.lower(), CODES[name.lower()], *BASIS.get(name.lower(), ()))
    elif name.removeprefix("docs/").partition("/")[0] == "product":
        lines = _product(name)
    elif name.partition("#")[0] in pages():  # as the pages of this project show a citation
        lines = _product(f"product/{name}")
    elif found := spec_key(name, product.schemas):
        lines = _spec_key(*found)
    elif meant := adapter.meant(wanted):
        click.echo(f"{shown_key(wanted)} is not a key: the server ignores it. Did you mean:\n")
        lines = explain_key(adapter[meant])
    else:
        rules = (
            f"rules: {', '.join(CATALOGUE)}" if name.upper().startswith("MW") else "`mailwright explain --all` lists the rules"
        )
        known = did_you_mean(wanted, [*CODES, *CATALOGUE, *adapter.listed, *adapter], f"keys: {', '.join(adapter)}; {rules}")
        raise UsageError(f"{shown_key(name)} is neither a key nor a rule, nor a finding of verify", hint=known)
    for line in lines:
        click.echo(line)


def _rules(names: Iterable[str], format_: str) -> None:
    """Print rules."""
    if not CATALOGUE.keys() >= {*names}:
        raise UsageError("--format json goes with --all, or with a rule")
    pages = [load_page(name) for name in names]
    if format_ == "json":
        click.echo(rules_json(pages))
        return
    for line in rules_text(pages):
        click.echo(line)


def _spec_key(name: str, node: dict[str, Any]) -> Iterator[str]:
    """Return the page of a key that a spec has: the adapter's, or its own."""
    adapter = load_product().adapter
    if "x-source" in node and name in adapter:
        return explain_key(adapter[name])
    if name in adapter.listed:
        return explain_key(adapter.listed[name], listed=True)
    return explain_spec_key(name, node)


def _product(name: str) -> Iterator[str]:
    """Yield a page on the product, or one fact of it."""
    name = name.removeprefix("docs/")
    page, _, anchor = name.removeprefix("product").strip("/").partition("#")
    try:
        if not anchor:
            return iter(page_text(page or INDEX).splitlines())
        return explain_fact(fact(name))
    except KeyError:
        known = [*facts_of(page)] if page in pages() else [f"product/{each}" for each in pages()]
        close = get_close_matches(name, known, n=3, cutoff=0.4) or known
        raise UsageError("no fact on the product has that name", hint=f"there is: {', '.join(close)}") from None
