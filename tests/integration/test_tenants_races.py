"""Somebody else writes at the same time, answers get lost, the source changes, the user interrupts: what is written, and what is said."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from tenant_specs import basic

from mailwright.rendering.payloads import tenant_payload
from mailwright.sandbox.identity import parse_faults
from mailwright.spec import load_spec
from mailwright.tenants.client import TenantApi
from products import parse_release

if TYPE_CHECKING:
    from collections.abc import Callable

    from sites import MakeSite, Site

pytestmark = pytest.mark.network


def body_of(site: Site, **changes: Any) -> dict[str, Any]:
    """Return a sender as the API takes it."""
    path = site.folder / "other.json"
    path.write_text(json.dumps({"mailwright": 1, "tenants": {"t0.example": basic(0, **changes)}}))
    payload = tenant_payload(next(iter(load_spec(path).tenants)), parse_release("7.3.0"))
    return payload.complete(dict.fromkeys(payload.secrets, "written-by-somebody-else"))


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Return a function that lets something happen right after the first read of a tenant."""

    def arrange(happens: Callable[[], None]) -> None:
        original, left = TenantApi.read, [happens]

        async def read(self: TenantApi, *arguments: Any) -> Any:
            sender = await original(self, *arguments)
            if left:
                left.pop()()
            return sender

        monkeypatch.setattr(TenantApi, "read", read)

    return arrange


@pytest.mark.usefixtures("quick")
def test_a_sender_that_appears_before_the_post_is_replaced(make_site: MakeSite, meanwhile: Any) -> None:
    site = make_site("t0.example")
    site.spec["tenants"] = {"t0.example": basic(0)}
    meanwhile(lambda: site.server.put("t0.example", body_of(site, signature="Other"), version="v2"))
    assert site("apply").code == 0
    assert site.wrote() == [("POST", "t0.example"), ("PUT", "t0.example")]
    assert site.stored("t0.example")["properties"]["mail.smtp.signature"] == "Tenant 0"


@pytest.mark.usefixtures("quick")
def test_a_sender_that_goes_before_the_put_is_made_anew(make_site: MakeSite, meanwhile: Any) -> None:
    site = make_site("t0.example")
    site.spec["tenants"] = {"t0.example": basic(0)}
    site.server.put("t0.example", body_of(site, signature="Other"), version="v2")
    meanwhile(site.server._registry.senders.clear)
    assert site("apply").code == 0
    assert site.wrote() == [("PUT", "t0.example"), ("POST", "t0.example")]
    assert site("plan", "--check").code == 0


def test_a_sender_that_goes_before_its_deletion_is_no_failure(make_site: MakeSite, meanwhile: Any) -> None:
    site = make_site("t0.example", "t1.example")
    site.spec |= {"owner": "platform", "tenants": {"t0.example": basic(0), "t1.example": basic(1)}}
    assert site("apply").code == 0
    del site.spec["tenants"]["t1.example"]
    meanwhile(lambda: site.server._registry.senders.pop("t1.example"))
    assert site("apply", "--prune").code == 0


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("faults", ["reset=0.4", "502=0.4", "504=0.2,reset=0.2", "500=0.2,503=0.3,429=0.2,retry-after=0"])
def test_lost_answers_after_the_write_make_no_second_sender(make_site: MakeSite, faults: str) -> None:
    """Requests are carried out and their answers lost: every tenant ends in line or as a failure that the next run mends."""
    site = make_site(*(f"t{number}.example" for number in range(30)), faults=parse_faults(f"{faults},after=1.0"))
    site.spec["tenants"] = {f"t{number}.example": basic(number) for number in range(30)}
    first = site("apply", "-o", "result.jsonl")
    assert first.code in (0, 7)
    lines = [json.loads(line) for line in (site.folder / "result.jsonl").read_text().splitlines()]
    unconfirmed = [line for line in lines if str(line["error"]).startswith("was written, and cannot be read")]
    assert len(lines) - len(unconfirmed) == len({line["domain"] for line in lines}) == 30
    assert all(line["domain"] in site.server.stored() for line in lines if line["outcome"] == "done")
    site.server.set_faults(None)
    assert site("apply").code == 0
    assert site("plan", "--check").code == 0
    assert all(site.stored(f"t{number}.example")["fromAddress"] == f"no-reply@t{number}.example" for number in range(30))


def test_a_source_that_changes_on_the_way_is_not_written(make_site: MakeSite, meanwhile: Any) -> None:
    site = make_site(*(f"t{number}.example" for number in range(3)))
    lines = [json.dumps({"domain": f"t{number}.example", **basic(number)}) for number in range(3)]
    path = site.folder / "tenants.jsonl"
    path.write_text("\n".join(lines))
    del site.spec["tenants"]
    site.spec["tenants_from"] = "tenants.jsonl"
    assert site("apply").code == 0
    changed = [line.replace("smtp.example.com", "evil.example.com") for line in lines]
    original = path.read_text()

    def swap() -> None:
        path.write_text("\n".join(changed))

    from mailwright.tenants.transport import Transport

    reach = Transport.reach

    async def late(self: Transport) -> None:
        swap()
        await reach(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "reach", late)
        site.server.forget_requests()
        result = site("apply")
    assert (result.code, site.wrote()) == (8, [])
    assert "the spec's files changed while they were worked on" in result.stderr
    path.write_text(original)
    assert site("plan", "--check").code == 0


def test_expired_and_revoked_tokens_are_bought_anew(make_site: MakeSite, meanwhile: Any) -> None:
    site = make_site("t0.example")
    site.spec["tenants"] = {"t0.example": basic(0)}
    meanwhile(site.server.revoke_tokens)
    assert site("apply").code == 0
    assert site.server.counts()["POST", 401] == 1


def test_interrupted(make_site: MakeSite) -> None:
    site = make_site(*(f"t{number}.example" for number in range(200)), latency=0.05)
    site.spec["tenants"] = {f"t{number}.example": basic(number) for number in range(200)}
    (site.folder / "spec.json").write_text(json.dumps(site.spec))
    command = [sys.executable, "-m", "mailwright", "apply", "spec.json", "--server", site.server.url, "--ca-file", "ca.pem"]
    process = subprocess.Popen(
        command, cwd=site.folder, env={**os.environ, **site.env}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while len(site.server.stored()) < 40:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 130
    far = r"(\d+ of 200 tenants, 0 failed\n)*"  # now and then, on a busy machine
    told = r"interrupted: \d+ of 200 tenants are in line, 0 failed(, \d+ cut off)?; run it again: it goes on with the others\n"
    assert re.fullmatch(far + told, said)
    site.server.set_latency(0)
    assert site("apply").code == 0
    assert site("plan", "--check").code == 0


def test_the_work_goes_on_when_nobody_reads_its_output(make_site: MakeSite) -> None:
    site = make_site(*(f"t{number}.example" for number in range(60)))
    site.spec["tenants"] = {f"t{number}.example": basic(number) for number in range(60)}
    (site.folder / "spec.json").write_text(json.dumps(site.spec))
    command = [sys.executable, "-m", "mailwright", "apply", "spec.json", "--server", site.server.url, "--ca-file", "ca.pem"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command, cwd=site.folder, env={**os.environ, **site.env}, stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    said = re.sub(r"\d+ of 60 tenants, 0 failed\n", "", done.stderr)  # now and then, on a busy machine
    assert (done.returncode, said, len(site.server.stored())) == (0, "", 60)


def test_a_result_file_that_cannot_be_written(make_site: MakeSite) -> None:
    site = make_site("t0.example")
    site.spec["tenants"] = {"t0.example": basic(0)}
    assert (site("apply", "-o", "missing/result.jsonl").code, site.server.requests) == (2, [])
    full = site("apply", "-o", "/dev/full")
    assert (full.code, "/dev/full: cannot be written: No space left on device" in full.stderr) == (2, True)


@pytest.mark.usefixtures("quick")
def test_a_server_that_goes_away_stops_the_run(make_site: MakeSite) -> None:
    site = make_site(*(f"t{number}.example" for number in range(100)))
    site.spec["tenants"] = {f"t{number}.example": basic(number) for number in range(100)}
    site.server.set_faults(parse_faults("reset=1.0"))
    result = site("apply", "--concurrency", "4")
    assert result.code == 3
    assert "8 tenants in a row failed alike, the rest was not touched: https://localhost:" in result.stderr
    assert len({request.tenant for request in site.server.requests}) < 100
