"""``import`` as an operation: files by their kinds, and what a server has, from the stand-in in this process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import ENV, InProcess, Site, answer

from mailwright.base.errors import InputError, SpecError, UsageError
from mailwright.operations.import_ import import_deployment, import_provider, import_server, is_adapters_xml
from mailwright.sandbox.identity import SandboxTenant
from mailwright.tenants import runs
from sandbox_requests import BASIC, entries

Write = Callable[[str, str], Path]
ACME, BETA, EMPTY, FOREIGN = (f"{name}.example" for name in ("acme", "beta", "empty", "foreign"))
TOML = '[output_adapter.email]\nhostname = "h.example"\npassword = "canary-lit"\n'
XML = (
    '<outputEventAdaptersConfig xmlns="http://wso2.org/carbon/eventadaptormanager"><adapterConfig type="email">'
    '<property key="mail.smtp.host">h.example</property></adapterConfig></outputEventAdaptersConfig>'
)
PROVIDER = """\
name: EmailPublisher
provider: SMTP
fromAddress: a@acme.example
smtpServerHost: smtp.example.com
smtpPort: 587
authType: BASIC
properties:
  - {key: userName, value: mailer}
  - {key: password, value: ""}
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A server with a sender, one that names its owner, an empty tenant, and one of somebody else's."""
    foreign = SandboxTenant(FOREIGN, client_id="other", client_secret="other")
    made = Site(tmp_path, ACME, BETA, EMPTY, foreign)
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    made.server.put(ACME, BASIC, version="v2")
    made.server.put(BETA, {**BASIC, "properties": BASIC["properties"] + entries(mailwright_owner="team")}, version="v2")

    def open_transport(*_: object) -> InProcess:
        made.transport = InProcess(made.server, made.limits, made.strike)
        return made.transport

    monkeypatch.setattr(runs, "Transport", open_transport)
    return made


def summary(found: Any) -> tuple[list[str], dict[str, str], int, int]:
    return (
        [tenant.domain for tenant in found.tenants],
        {name: failure.code for name, failure in found.failures.items()},
        found.empty,
        found.not_looked_at,
    )


def test_all_that_a_server_lists(site: Site) -> None:
    found = import_server(site.prepared())
    assert summary(found) == ([ACME, BETA], {}, 1, 1)
    assert found.release.version == "7.3.0"
    assert found.parts == {"api": site.spec["api"]}


@pytest.mark.parametrize(
    ("domains", "wanted"),
    [
        ((BETA, ACME), ([BETA, ACME], {}, 0, 0)),
        ((EMPTY,), ([], {}, 1, 0)),
        ((ACME, FOREIGN), ([ACME], {FOREIGN: "authentication"}, 0, 0)),
    ],
)
def test_tenants_that_are_named(domains: tuple[str, ...], wanted: Any, site: Site) -> None:
    assert summary(import_server(site.prepared(), domains)) == wanted


def test_a_tenant_that_cannot_be_read(site: Site) -> None:
    site.strike = lambda method, path: answer(500) if f"/t/{BETA}/api" in path else None
    assert summary(import_server(site.prepared())) == ([ACME], {BETA: "refused"}, 1, 1)


def test_a_server_that_does_not_list(site: Site) -> None:
    del site.spec["api"]["super"]
    with pytest.raises(SpecError, match="no credentials to list the tenants with"):
        import_server(site.prepared())


@pytest.mark.parametrize("where", ["client_secret", "super"])
def test_no_literal_secret_of_the_credentials_goes_on(where: str, site: Site) -> None:
    if where == "super":
        site.spec["api"]["super"]["password"] = ENV["MAILWRIGHT_A"]
    else:
        site.spec["api"]["client_secret"] = ENV["MAILWRIGHT_C"]
    assert import_server(site.prepared()).parts == {}


def test_what_goes_with_the_credentials(site: Site) -> None:
    more = {"allow_env": ["X_*", "Y"], "stores": {"team": {"kind": "command", "command": ["x", "{path}"]}}}
    site.spec |= {**more, "owner": "team"}
    assert import_server(site.prepared()).parts == {"api": site.spec["api"], **more}


def test_a_file_keeps_its_secrets_unless_it_is_told_to(write: Write) -> None:
    path = write("deployment.toml", TOML)
    assert "canary" not in str(import_deployment(path).document)
    assert "canary-lit" in str(import_deployment(path, keep_secrets=True).document)


@pytest.mark.parametrize(("name", "text"), [("output-event-adapters.xml", XML), ("OUTPUT.XML", XML)])
def test_the_adapters_of_old_releases(name: str, text: str, write: Write) -> None:
    assert "h.example" in str(import_deployment(write(name, text)).document)


@pytest.mark.parametrize(
    ("name", "data", "xml"),
    [
        ("a.xml", b"\xff", True),
        ("a.toml", XML.encode(), False),
        ("pipe", XML.encode(), True),
        ("pipe", TOML.encode(), False),
        ("pipe", b"# \xff\n", False),
        ("pipe", b"\n<x>\xff</x>\n", True),
    ],
)
def test_which_file_is_xml(name: str, data: bytes, xml: bool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert is_adapters_xml(str(tmp_path / name), data) is xml


def test_a_provider_of_the_vendors_cli(write: Write) -> None:
    found = import_provider(write("EmailProvider.yaml", PROVIDER), ACME, product_version="7.3.0")
    assert summary(found) == ([ACME], {}, 0, 0)
    assert (found.release and found.release.version, found.keywords) == ("7.3.0", False)
    assert import_provider(write("b.yml", PROVIDER.replace("mailer", '"{{USER}}"')), BETA).keywords is True
    with pytest.raises(InputError):
        import_provider(write("c.yaml", "[]\n"), ACME)
    with pytest.raises(UsageError):
        import_provider(write("d.yaml", PROVIDER), ACME, product_version="x")
