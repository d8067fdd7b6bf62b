"""`explain` knows every key of a spec by the path that a finding shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from commands import Run
from mailwright.product.product import load_product
from mailwright.report.spec_keys import spec_key
from products import inlined


def paths(node: dict[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[str]:
    for name, child in node.get("properties", {}).items():
        if "." not in name and "title" in child:
            yield ".".join((*prefix, name))
            yield from paths(child, (*prefix, name))


TOP = [(path, 'environments."a.b".') for path in paths(inlined("spec")) if path != "mailwright"]
BELOW = [(path, "environments.prod.tenants.acme.example.") for path in paths(inlined("spec", "/$defs/sender"))]


@pytest.mark.parametrize(("path", "prefix"), TOP + BELOW)
def test_every_key_is_known(path: str, prefix: str) -> None:
    for whole in (path, prefix + path):
        found = spec_key(whole, load_product().schemas)
        assert found is not None
        assert found[0] == path.rpartition(".")[2]


@pytest.mark.parametrize(
    ("path", "first", "word"),
    [
        ("http.auth.type", "type: ", '"BEARER"'),
        ('tenants."acme.example".http.auth.type', "type: ", '"BEARER"'),
        ("tenants.acme.example.port", "port: SMTP port", "587"),
        ("environments.prod.global.hostname", "hostname: SMTP server", "smtp.example.com"),
        ("environments.prod.tenants.acme.example.create", "create: ", "keys"),
        ("environments.prod.server", "server: ", "https://"),
        ("ca_file", "ca_file: ", "ca/prod.pem"),
        ("global.custom_properties.mail.smtp.timeout", "mail.smtp.timeout: ", "example"),
        ("product.version", "version: Version (a key of the spec)", "quotation marks"),
        ("tenant_loading", "tenant_loading: Tenant loading", "idle_minutes"),
        ("owner", "owner: ", "example"),
    ],
)
def test_explain(path: str, first: str, word: str, run: Run) -> None:
    result = run("explain", path)
    assert (result.code, result.stdout.startswith(first), word in result.stdout) == (0, True, True)


def test_what_is_no_key_is_still_none(run: Run) -> None:
    assert spec_key("environments.prod.nope", load_product().schemas) is None
    assert spec_key("", load_product().schemas) is None
    assert run("explain", "tenants.a.example.nope").code == 2
