"""Environments know their server: which one is talked to, which is refused, and what several environments at once come to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tenant_specs import basic

from mailwright.sandbox.identity import SandboxIs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sites import MakeSite, Site

    from commands import Result, Run

pytestmark = pytest.mark.network

DOMAINS = ("t0.example", "t1.example")


class Two:
    """Two servers, production and staging, and one spec for both."""

    def __init__(self, prod: Site, staging: SandboxIs, run: Run) -> None:
        self.prod, self.staging, self._site, self._run = prod.server, staging, prod, run
        prod.env["MAILWRIGHT_STAGING_SECRET"] = staging.client_secret
        (prod.folder / "staging.pem").write_text(staging.ca_pem, encoding="ascii")
        prod.spec["tenants"] = {domain: basic(number) for number, domain in enumerate(DOMAINS)}
        self.spec = prod.spec
        self.environments: dict[str, Any] = {
            "prod": {"server": self.prod.url, "ca_file": "ca.pem"},
            "staging": {
                "server": staging.url,
                "ca_file": "staging.pem",
                "api": {"client_secret": "$env{MAILWRIGHT_STAGING_SECRET}", "super": None},
                "defaults": {"hostname": "relay.staging.example.com"},
                "tenants": {domain: {"hostname": "relay.staging.example.com"} for domain in DOMAINS},
            },
        }
        prod.spec["environments"] = self.environments

    def __call__(self, *arguments: str) -> Result:
        """Run a command with the spec; nothing secret may be in what it prints."""
        (self._site.folder / "spec.json").write_text(json.dumps(self.spec), encoding="utf-8")
        command, *rest = arguments
        result = self._run(command, *rest, env=self._site.env, cwd=self._site.folder)
        assert not any(secret in result.output for secret in self._site.env.values())
        return result

    def requests(self) -> tuple[int, int]:
        """Return how many requests production and staging got, and begin anew."""
        counts = (len(self.prod.requests), len(self.staging.requests))
        self.prod.forget_requests()
        self.staging.forget_requests()
        return counts


@pytest.fixture
def two(make_site: MakeSite, run: Run) -> Iterator[Two]:
    with SandboxIs(DOMAINS) as staging:
        yield Two(make_site(*DOMAINS), staging, run)


def test_plan_and_apply_take_the_server_from_the_environment(two: Two) -> None:
    assert two("apply", "spec.json", "--env", "staging").code == 0
    prod, staging = two.requests()
    assert (prod, staging > 0) == (0, True)
    hosts = {each["EmailPublisher"]["smtpServerHost"] for each in two.staging.stored().values()}
    assert hosts == {"relay.staging.example.com"}
    assert two("plan", "spec.json", "--env", "staging", "--check").code == 0
    assert two("plan", "spec.json", "--env", "prod", "--check").code == 1


@pytest.mark.parametrize("command", ["plan", "apply", "status"])
@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (["--env", "staging"], "the environment `staging` is for a different server"),
        ([], "this server is the environment `prod`'s, and the spec without an environment"),
        (["--env", "unbound"], "this server is the environment `prod`'s, and the environment `unbound`"),
    ],
)
def test_another_environments_server_is_refused(two: Two, command: str, environment: list[str], said: str) -> None:
    two.environments["unbound"] = {}
    options = ["--server", two.prod.url.upper().replace("HTTPS", "https") + "/", "--ca-file", "ca.pem"]
    result = two(command, "spec.json", *environment, *options)
    assert (result.code, two.requests()) == (8, (0, 0))
    assert said in result.stderr
    assert "--server-override" in result.stderr
    two.environments["staging"]["api"] = {}
    assert two(command, "spec.json", *environment, *options, "--server-override").code == (command == "status")  # they differ
    assert two.requests()[0] > 0


def test_a_server_that_no_environment_names_is_taken_where_the_environment_names_none(two: Two) -> None:
    del two.environments["prod"]
    two.environments["new"] = {}
    for environment in ([], ["--env", "new"]):
        assert two("plan", "spec.json", *environment, "--server", two.prod.url, "--ca-file", "ca.pem").code == 0


@pytest.mark.parametrize(
    ("environment", "hint"),
    [([], "which has one for: `prod`, `staging`"), (["--env", "unbound"], "environments: {unbound: {server")],
)
def test_no_server_is_named(two: Two, environment: list[str], hint: str) -> None:
    two.environments["unbound"] = {}
    result = two("plan", "spec.json", *environment)
    assert (result.code, "no server is named" in result.stderr, hint in result.stderr) == (2, True, True)


@pytest.mark.parametrize(
    "url", ["http://is.example.com", "https://user:pw@is.example.com", "https://is.example.com?x=1", "https://"]
)
def test_a_server_that_is_none_is_told_at_its_place(two: Two, url: str) -> None:
    two.environments["prod"]["server"] = url
    result = two("plan", "spec.json", "--env", "prod")
    assert result.code == 2
    assert result.stderr.startswith("mailwright: spec.json:1:")
    assert "pw" not in result.stderr
    found = two("validate", "spec.json", "--format", "json").json["files"][0]["findings"]
    assert "environments.prod.server" in {finding["path"] for finding in found if finding["severity"] == "error"}


def test_several_environments_are_planned_each_against_its_own_server(two: Two) -> None:
    assert two("apply", "spec.json", "--env", "prod").code == 0
    two.requests()
    result = two("plan", "spec.json", "--all-env", "--check")
    assert result.code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"prod: {two.prod.url}"
    assert lines[2] == "0 to create, 0 to update, 0 to delete, 2 unchanged"
    assert lines[3] == f"staging: {two.staging.url}"
    assert lines[-1] == "2 to create, 0 to update, 0 to delete, 0 unchanged"
    assert min(two.requests()) > 0
    objects = [json.loads(line) for line in two("plan", "spec.json", "--all-env", "--format", "json").stdout.splitlines()]
    assert [(item["environment"], item["domain"], item["action"]) for item in objects] == [
        *(("prod", domain, "unchanged") for domain in DOMAINS),
        *(("staging", domain, "create") for domain in DOMAINS),
    ]


def test_several_environments_are_one_page(two: Two) -> None:
    assert two("apply", "spec.json", "--env", "prod").code == 0
    two.environments["gone"] = {"server": "https://localhost:1", "ca_file": "ca.pem"}
    result = two("plan", "spec.json", "--all-env", "--format", "html")
    assert result.code == 3
    assert result.stdout.count("<!doctype html>") == 1
    assert "2 to create, 0 to update, 0 to delete, 2 tenants unchanged" in result.stdout
    assert "gone, https://localhost:1: not planned" in result.stdout
    assert 'scope="row">t0.example' in result.stdout
    alone = two("plan", "spec.json", "--env", "gone", "--format", "html")
    assert (alone.code, alone.stdout) == (3, "")


def test_one_environment_that_cannot_be_planned_does_not_hide_the_others(two: Two) -> None:
    two.environments["gone"] = {"server": "https://localhost:1", "ca_file": "ca.pem"}
    result = two("plan", "spec.json", "--env", "gone", "--env", "prod", "--env", "gone", "--format", "json")
    first, *rest = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.code, first["environment"], first["domain"], first["error"]["code"]) == (3, "gone", None, "unreachable")
    assert [item["environment"] for item in rest] == ["prod", "prod"]
    two.environments["staging"]["api"]["client_secret"] = "$env{MAILWRIGHT_PASSWORD}"
    assert two("plan", "spec.json", "--all-env").code == 9, "unreachable, and refused"


def test_nobody_is_asked_before_every_environment_is_checked(two: Two) -> None:
    two.environments["broken"] = {"server": two.staging.url, "ca_file": "staging.pem", "tenants": {"t0.example": {"port": 0}}}
    result = two("plan", "spec.json", "--env", "prod", "--env", "broken")
    assert (result.code, two.requests()) == (2, (0, 0))


@pytest.mark.parametrize(
    "options",
    [
        ["--env", "prod", "--all-env"],
        ["--all-env", "--out", "plan"],
        ["--all-env", "--server", "https://localhost:1"],
        ["--env", "nowhere"],
    ],
)
def test_what_does_not_go_together(two: Two, options: list[str]) -> None:
    assert (two("plan", "spec.json", *options).code, two.requests()) == (2, (0, 0))


def test_all_env_needs_environments(two: Two) -> None:
    del two.spec["environments"]
    result = two("plan", "spec.json", "--all-env")
    assert (result.code, result.stderr) == (2, "mailwright: --all-env: the spec has no environments\n")


def test_import_takes_the_server_from_the_environment(two: Two) -> None:
    assert two("apply", "spec.json", "--env", "staging").code == 0
    two.requests()
    result = two("import", "--api", "spec.json", "--env", "staging", "--tenant", "t0.example")
    assert (result.code, two.requests()[0]) == (0, 0)
    assert "relay.staging.example.com" in result.stdout
    refused = two("import", "--api", "spec.json", "--env", "staging", "--server", two.prod.url, "--tenant", "t0.example")
    assert (refused.code, two.requests()) == (8, (0, 0))


def test_the_result_file_names_the_environment(two: Two) -> None:
    assert two("apply", "spec.json", "--env", "prod", "--result", "result.jsonl").code == 0
    lines = (two._site.folder / "result.jsonl").read_text().splitlines()
    assert {json.loads(line)["environment"] for line in lines} == {"prod"}


def test_tasks_of_ansible_are_bound_the_same_way(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    from mailwright.base.errors import UnsafeToWrite
    from mailwright.operations.apply import apply
    from mailwright.operations.ready import prepare
    from mailwright.operations.servers import Connection
    from mailwright.operations.specs import spec_of_task

    for name, value in two._site.env.items():
        monkeypatch.setenv(name, value)
    path = two._site.folder / "spec.json"
    path.write_text(json.dumps(two.spec))
    spec = spec_of_task({"environment": "staging"}, str(path))
    with pytest.raises(UnsafeToWrite, match="is for a different server"):
        prepare(spec, Connection(two.prod.url, ca_file=str(path.with_name("ca.pem"))))
    assert two.requests() == (0, 0)
    assert apply(prepare(spec)).exit_code == 0
    assert two.requests()[0] == 0
