"""Credentials in the URLs of a spec, a payload or a deployment.toml: what is said about them. No message holds a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from ..base.findings import Excerpt, Finding
from ..base.nodes import Json, place_of
from ..base.places import Place
from ..base.shown import shown_dotted
from ..base.urls import has_login, is_url, secret_parameters
from ..product.product import Product
from ..rules.reading import LOGIN_IN_URL, SECRET_IN_URL
from .excerpts import spec_excerpt
from .references import iter_texts, secret_paths


def check_urls(product: Product, root: Json, place: Place, prefix: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield what is wrong with the URLs below a node, but for those in secrets and in templates of the user's own.

    Args:
        product: The product.
        root: A tenant's sender, or a part of a spec (then *prefix* ends in its name) or of a payload.
        place: Where it stands, for what has no place of its own.
    """
    apart = _not_urls(product)
    for path, text in iter_texts(root):
        whole = (*prefix, *path)
        if is_url(text) and path not in apart and whole not in apart:
            yield from check_url(
                text, place_of(root, path) or place, shown_dotted(*whole), spec_excerpt(product, root, path, prefix)
            )


@cache
def _not_urls(product: Product) -> frozenset[tuple[str | int, ...]]:
    return frozenset((*secret_paths(product), *(("http", *part.path) for part in product.http_parts if part.opaque)))


def may_be_wrong(text: str) -> bool:
    """Say whether ``check_url`` has something to say about a text."""
    return is_url(text) and (has_login(text) or bool(secret_parameters(text)))


def check_url(text: str, place: Place, path: str, excerpt: Excerpt | None = None) -> Iterator[Finding]:
    """Yield what is wrong with a text if it is a URL with a secret in it.

    Args:
        path: Its dotted key path, for an output.
        excerpt: The line to show, with nothing secret in it.
    """
    if not is_url(text):
        return
    if has_login(text):
        message = "the URL contains a user name or a password: whatever handles the URL stores, shows and logs it"
        hint = "remove it: use `http.auth` for an HTTP provider, `client_id` and `client_secret` for a token endpoint"
        yield LOGIN_IN_URL.at(place, message, hint=hint, path=path, excerpt=excerpt)
    names = secret_parameters(text)
    if names:
        shown = ", ".join(f"`{name}`" for name in names)
        message = f"the URL's query contains a secret, judging by the name: {shown}"
        yield SECRET_IN_URL.at(place, message, hint="send it as a header: `http.auth`", path=path, excerpt=excerpt)
