"""What a store holds goes into the handshake and into the request, and into no report, plan, result, cache or log: in every format, at -vvv.

What each kind of store does with it is in test_stores_vault.py, test_stores_programs.py and test_stores_clouds.py, under ``no_trace``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.sandbox.smtp import SandboxSmtp

if TYPE_CHECKING:
    from sites import MakeSite

    from commands import Run

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("no_trace")]
CANARY = "canary-c0ffee-horse"
FORMATS = ("text", "json", "junit", "markdown", "html", "prometheus", "nagios")


def stores(folder: Path) -> dict[str, Any]:
    """Return two stores: one that gives what lies outside the folder, and one that prints it, repeats it in its words, and fails."""
    give = f"print({CANARY[::-1]!r}[::-1])"
    refuse = f"import sys; secret = {CANARY[::-1]!r}[::-1]; print(secret); sys.exit('it was ' + secret)"
    return {
        name: {"kind": "command", "command": [sys.executable, "-c", script, "{path}"], "timeout": 60, "retries": 0}
        for name, script in {"team": give, "shut": refuse}.items()
    }


def tenant(reference: str, port: int) -> dict[str, Any]:
    return {
        "from_address": "no-reply@acme.example",
        "signature": "Acme",
        "reply_to": "help@acme.example",
        "hostname": "localhost",
        "port": port,
        "username": "mailer",
        "password": reference,
    }


@pytest.mark.parametrize("form", FORMATS)
def test_verify(run: Run, tmp_path: Path, form: str) -> None:
    with SandboxSmtp(username="mailer", password=CANARY) as server:
        (tmp_path / "ca.pem").write_text(server.ca_pem, encoding="ascii")
        for reference, code in (("$store{team/relay}", 0), ("$store{shut/relay}", 8), ("$store{team/relay#field}", 8)):
            spec = {
                "mailwright": 1,
                "product": {"version": "7.3.0"},
                "stores": stores(tmp_path),
                "tenants": {"acme.example": tenant(reference, server.port)},
            }
            (tmp_path / "email.json").write_text(json.dumps(spec), encoding="utf-8")
            result = run("verify", "email.json", "--ca-file", "ca.pem", "--require-auth", "--format", form, "-vvv", cwd=tmp_path)
            assert result.code == ((3 if code else 0) if form == "nagios" else code), result.output
            assert CANARY not in result.output
            assert CANARY[::-1] not in result.output


@pytest.mark.parametrize("reference", ["$store{team/relay}", "$store{shut/relay}"])
def test_plan_and_apply(make_site: MakeSite, reference: str) -> None:
    site = make_site("acme.example")
    site.spec |= {"stores": stores(site.folder), "tenants": {"acme.example": tenant(reference, 587)}}
    given = reference.startswith("$store{team")
    said = [site("plan", "--format", form, "-vvv") for form in ("text", "json", "markdown")]
    said.append(site("plan", "-o", "saved.plan", "-vvv"))
    said.append(site("apply", "-vvv", "-o", "result.json", "--format", "json"))
    assert [result.code for result in said[:4]] == [0] * 4
    assert said[-1].code == (0 if given else 8)
    assert (CANARY in json.dumps(site.server.stored())) is given
    assert given or site.wrote() == []
    for result in said:
        assert CANARY not in result.output
        assert CANARY[::-1] not in result.output
