"""``mailwright import --server`` against the stand-in: the spec that it makes plans to nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailwright.sandbox.ca import Authority
from mailwright.sandbox.identity import Behaviour, SandboxIs, SandboxTenant, parse_faults
from sandbox_requests import BASIC, CLIENT, HTTP, V1, entries

pytestmark = pytest.mark.network

AUTHORITY = Authority()
ACME, BETA, GAMMA, EMPTY, FOREIGN = (f"{name}.example" for name in ("acme", "beta", "gamma", "empty", "foreign"))
ORGANIZATION = f"{ACME}/o/0b2c"
CANARIES = ("v1-pass", "v2-pass", "s3cret", "t0ken", "c4nary")


def start(release: str, **options: Any) -> SandboxIs:
    tenants = [SandboxTenant(ACME, organizations=("0b2c",)), BETA, GAMMA, EMPTY]
    tenants.append(SandboxTenant(FOREIGN, client_id="other", client_secret="other"))
    return SandboxIs(tenants, product_version=release, authority=AUTHORITY, client_secret="c4nary-client", **options)


class Shell:
    """Run commands against a stand-in, with its authority and credentials."""

    def __init__(self, run: Any, folder: Path, server: SandboxIs, release: str) -> None:
        self.run, self.folder = run, folder
        self.ca, self.api = folder / "ca.pem", folder / "api.yaml"
        self.ca.write_text(server.ca_pem, encoding="ascii")
        login = {"client_id": server.client_id, "client_secret": "$env{MAILWRIGHT_CLIENT}"}
        document = {"mailwright": 1, "product": {"version": release}, "api": {**login, "super": login}}
        self.api.write_text(yaml.safe_dump(document), encoding="utf-8")
        self.server = server
        self.env = {"MAILWRIGHT_CLIENT": server.client_secret}

    def __call__(self, *arguments: str | Path) -> Any:
        result = self.run(*arguments, "--server", self.server.url, "--ca-file", self.ca, env=self.env)
        for canary in CANARIES:
            assert canary not in result.output
        return result

    def import_all(self, output: Path, *arguments: str | Path) -> Any:
        return self("import", "--api", self.api, "-o", output, *arguments)


@pytest.mark.parametrize(("release", "version"), [("6.1.0", "v1"), ("7.1.0", "v1"), ("7.2.0", "v1"), ("7.3.0", "v2")])
def test_what_was_imported_plans_to_nothing(run: Any, tmp_path: Path, release: str, version: str) -> None:
    bodies = [V1, V1, V1] if version == "v1" else [BASIC, CLIENT, HTTP]
    with start(release) as server:
        for domain, body in zip((ACME, BETA, GAMMA), bodies, strict=True):
            server.put(domain, {**body, "properties": body["properties"] + entries(mailwright_owner="team")}, version=version)
        shell, spec = Shell(run, tmp_path, server, release), tmp_path / "email.yaml"
        result = shell.import_all(spec)
        assert result.code == 0, result.output
        assert "tenants without a sender of their own: 1" in result.stderr
        assert "tenants that refuse these credentials and were not looked at: 1" in result.stderr
        text = spec.read_text(encoding="utf-8")
        assert not [canary for canary in CANARIES if canary in text]
        assert set(yaml.safe_load(text)["tenants"]) == {ACME, BETA, GAMMA}
        planned = shell("plan", spec, "--check", "--prune")
        assert planned.code == 0, planned.output
        assert "0 to create, 0 to update, 0 to delete, 3 unchanged" in planned.stdout
        assert {method for method, _ in server.counts()} <= {"GET", "POST"}


def test_named_tenants_and_organizations(run: Any, tmp_path: Path) -> None:
    with start("7.3.0") as server:
        for realm in (ACME, BETA, ORGANIZATION):
            server.put(realm, BASIC, version="v2")
        shell = Shell(run, tmp_path, server, "7.3.0")
        result = shell("import", "--api", shell.api, "--tenant", ORGANIZATION, "--tenant", BETA)
        assert result.code == 0, result.output
        assert list(yaml.safe_load(result.stdout)["tenants"]) == [ORGANIZATION, BETA]
        refused = shell("import", "--api", shell.api, "--tenant", FOREIGN, "--tenant", BETA)
        assert refused.code == 4
        assert list(yaml.safe_load(refused.stdout)["tenants"]) == [BETA]


def test_json_lines_for_many_tenants(run: Any, tmp_path: Path) -> None:
    with start("7.3.0", settings=Behaviour(empty_list=404)) as server:
        for number in range(40):
            server.add_tenant(f"t{number:02}.example")
            server.put(f"t{number:02}.example", BASIC, version="v2")
        shell, lines = Shell(run, tmp_path, server, "7.3.0"), tmp_path / "tenants.jsonl"
        assert shell.import_all(lines).code == 0
        records = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
        assert [record["domain"] for record in records] == [f"t{number:02}.example" for number in range(40)]
        spec = tmp_path / "email.yaml"
        document = {**yaml.safe_load(shell.api.read_text(encoding="utf-8")), "tenants_from": ["tenants.jsonl"]}
        spec.write_text(yaml.safe_dump(document), encoding="utf-8")
        planned = shell("plan", spec, "--check")
        assert (planned.code, "40 unchanged" in planned.stdout) == (0, True), planned.output


def test_a_server_that_fails_and_echoes(run: Any, tmp_path: Path) -> None:
    with start("7.1.0", faults=parse_faults(f"echo,failing={BETA},503=0.2,retry-after=0,reset=0.1,seed=3")) as server:
        server.put(ACME, V1, version="v1")
        shell = Shell(run, tmp_path, server, "7.1.0")
        result = shell("import", "--api", shell.api, "--tenant", ACME, "--tenant", BETA)
        assert result.code == 6
        assert BETA in result.stderr
        assert list(yaml.safe_load(result.stdout)["tenants"]) == [ACME]


def test_one_cause_that_fails_everybody_is_told_once(run: Any, tmp_path: Path) -> None:
    with start("7.3.0") as server:
        shell = Shell(run, tmp_path, server, "7.3.0")
        shell.env = {"MAILWRIGHT_CLIENT": "another"}
        for count, told in ((5, "2 tenants more, for the same reason: "), (60, "mailwright: 32 tenants in a row failed alike, ")):
            named = [part for number in range(count) for part in ("--tenant", f"t{number}.example")]
            result = shell.import_all(tmp_path / f"{count}.yaml", *named)
            assert result.code == 4
            assert told in result.stderr
            assert "  hint: credentials are per tenant" in result.stderr
            assert len(result.stderr.splitlines()) < 12
        assert not (tmp_path / "60.yaml").exists(), "the rest was not read"
        assert len({request.tenant for request in server.requests}) < 60


def test_listing_takes_the_super_tenants_credentials(run: Any, tmp_path: Path) -> None:
    with start("7.3.0") as server:
        shell = Shell(run, tmp_path, server, "7.3.0")
        document = yaml.safe_load(shell.api.read_text(encoding="utf-8"))
        del document["api"]["super"]
        shell.api.write_text(yaml.safe_dump(document), encoding="utf-8")
        result = shell.import_all(tmp_path / "email.yaml")
        assert (result.code, "api.super" in result.stderr) == (2, True)
        assert not (tmp_path / "email.yaml").exists()


def test_a_file_that_exists_is_told_before_the_server_is_asked(run: Any, tmp_path: Path) -> None:
    with start("7.3.0") as server:
        shell = Shell(run, tmp_path, server, "7.3.0")
        result = shell.import_all(shell.ca)
        assert (result.code, "cannot be written" in result.stderr) == (2, True)
        assert server.requests == []


def test_the_same_import_twice_is_the_same_file(run: Any, tmp_path: Path) -> None:
    with start("7.3.0", latency=0.002) as server:
        for domain in ("a-b.example", "a.b.example", "a_b.example"):
            server.add_tenant(domain)
            server.put(domain, BASIC, version="v2")
        shell = Shell(run, tmp_path, server, "7.3.0")
        for name in ("one.yaml", "two.yaml"):
            assert shell.import_all(tmp_path / name).code == 0
        assert (tmp_path / "one.yaml").read_bytes() == (tmp_path / "two.yaml").read_bytes()
        assert "MAILWRIGHT_A_B_EXAMPLE_PASSWORD_3" in (tmp_path / "one.yaml").read_text(encoding="utf-8")


def test_an_odd_answer_is_an_error_of_that_tenant(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with start("7.3.0") as server:
        server.put(ACME, BASIC, version="v2")
        monkeypatch.setattr(
            "mailwright.sandbox.identity.application.represent", lambda *_: {"name": "EmailPublisher", "properties": "c4nary"}
        )
        shell = Shell(run, tmp_path, server, "7.3.0")
        result = shell("import", "--api", shell.api, "--tenant", ACME)
        assert (result.code, "not a list of key and value" in result.stderr) == (2, True)
