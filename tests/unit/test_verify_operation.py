"""``verify`` as an operation: what its options come to, which senders it checks, and handshakes that somebody else holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keystores import DER, ONE, PASSWORD, jks
from mailwright.base.errors import InputError, MailwrightError, UnreadableInput, UsageError
from mailwright.operations import verify as operation
from mailwright.operations.verify import Handshake, Verification, check_numbers, read_trust_store, verify, verify_from_node
from mailwright.spec import Spec, load_spec
from mailwright.verification.check import Checked, Options
from mailwright.verification.fleet import FleetLimits
from mailwright.verification.handshake import Client, Phase, Report, Settings
from mailwright.verification.inputs import NotApplicable

Write = Callable[[str, str | bytes], Path]


@pytest.mark.parametrize(
    ("number", "taken"),
    [(None, True), (0.001, True), (3600, True), (3600.5, False), (0, False), (-1, False), (math.inf, False), (math.nan, False)],
)
def test_numbers(number: float | None, taken: bool) -> None:
    if taken:
        check_numbers(deadline=number, rate=1)
        return
    with pytest.raises(UsageError, match=r"^--rate must be a number above 0, up to 3600$"):
        check_numbers(deadline=1, rate=number)


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, Options(10.0, None, False, False, "", False, True)),
        ({"timeout": 2.5, "deadline": 9.0}, Options(2.5, 9.0, False, False, "", False, True)),
        ({"allow_cleartext": True}, Options(10.0, None, True, False, "", False, True)),
        ({"allow_unverified": True}, Options(10.0, None, False, True, "", False, True)),
        ({"rcpt": "a@b.example"}, Options(10.0, None, False, False, "a@b.example", False, True)),
        ({"send_test_to": "a@b.example"}, Options(10.0, None, False, False, "a@b.example", True, True)),
        ({"describe": False}, Options(10.0, None, False, False, "", False, False)),
    ],
)
def test_how_handshakes_are_held(given: dict[str, Any], options: Options) -> None:
    assert Handshake(**given).options() == options


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"timeout": 0.0}, "--timeout must be a number above 0, up to 3600", None),
        ({"deadline": math.inf}, "--deadline must be a number above 0, up to 3600", None),
        ({"rcpt": "a@b", "send_test_to": "a@b"}, "--send-test-to asks for its recipient already", "leave --rcpt out"),
        ({"rcpt": ""}, "an address must be bare, like someone@example.com", None),
        ({"send_test_to": "Me <a@b>"}, "an address must be bare, like someone@example.com", None),
    ],
)
def test_options_that_are_none(given: dict[str, Any], message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        Handshake(**given).options()
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_the_trust_store_and_its_password(write: Write) -> None:
    path = str(write("store.jks", jks(list(DER.items()))))
    for text in (PASSWORD.reveal(), PASSWORD.reveal() + "\n", PASSWORD.reveal() + "\r\n"):
        assert read_trust_store(path, str(write("password", text))).name == "store.jks"
    for text in (PASSWORD.reveal() + "\n\n", PASSWORD.reveal() + " ", "wrong"):
        with pytest.raises(InputError):
            read_trust_store(path, str(write("password", text)))
    with pytest.raises(UsageError, match=r"^--trust-store-password-file is not UTF-8 text$"):
        read_trust_store(path, str(write("password", b"\xff")))
    with pytest.raises(UnreadableInput):
        read_trust_store(path, str(write("password", b"x" * 4097)))
    pem = str(write("ca.pem", ONE.ca_pem))
    assert read_trust_store(pem).name == "ca.pem"
    store = Handshake(trust_store=pem).store()
    assert store is not None
    assert (store.name, Handshake(trust_store=store).store() is store, Handshake().store()) == ("ca.pem", True, None)


SPEC = """
mailwright: 1
product: {version: "7.3.0"}
global: {from_address: a@b.example, hostname: h.example, port: 587, username: u, password: $secret{p}, signature: S, reply_to: a@b.example}
tenants:
  a.example: {from_address: a@a.example, hostname: a.example.net, signature: A, reply_to: r@a.example}
  b.example: {from_address: a@b.example, signature: B, reply_to: r@b.example, password: $env{MAILWRIGHT_NOWHERE_B}}
"""


def spec_of(write: Write) -> Spec:
    text = SPEC.replace("$secret{p}", '"$secret{p}"').replace("$env{MAILWRIGHT_NOWHERE_B}", '"$env{MAILWRIGHT_NOWHERE_B}"')
    return load_spec(write("email.yaml", text))


class Held:
    """Holds handshakes, and keeps the settings of each call."""

    def __init__(self) -> None:
        self.calls: list[list[Settings]] = []

    def __call__(self, wanted: list[Settings]) -> list[Report]:
        self.calls.append(wanted)
        phases = (Phase("AUTH", "ok", 235),)
        return [Report("", each.host, each.port, "node", phases, None, (), (), Client("connected"), (), 0) for each in wanted]


def told(results: list[Any]) -> list[tuple[str, str]]:
    return [(each.report.name, each.report.host) if isinstance(each, Checked) else (type(each).__name__, "") for each in results]


def test_handshakes_that_a_node_holds(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, held = spec_of(write), Held()
    results = verify_from_node(spec, held, secrets={"p": "canary"}, handshake=Handshake(timeout=3.0))
    assert told(results) == [("global", "h.example"), ("a.example", "a.example.net"), ("b.example", "h.example")]
    (wanted,) = held.calls
    assert [(each.host, each.password, each.timeout) for each in wanted] == [
        ("h.example", "canary", 3.0),
        ("a.example.net", "canary", 3.0),
        ("h.example", None, 3.0),
    ]


def test_equal_handshakes_are_held_once(write: Write) -> None:
    text = SPEC.replace("$secret{p}", '"$secret{p}"').replace(", password: $env{MAILWRIGHT_NOWHERE_B}", "")
    held = Held()
    results = verify_from_node(load_spec(write("email.yaml", text)), held, secrets={"P": "canary"})
    assert told(results) == [("global", "h.example"), ("a.example", "a.example.net"), ("b.example", "h.example")]
    assert [[each.host for each in wanted] for wanted in held.calls] == [["h.example", "a.example.net"]]


def test_a_nodes_own_file_says_what_its_sender_is(write: Write) -> None:
    spec, held = spec_of(write), Held()
    text = b'[output_adapter.email]\nhostname = "node.example"\nusername = "\xff"\n'
    results = verify_from_node(spec, held, deployment=("node/deployment.toml", text), tenants=["a.example", "carbon.super"])
    assert told(results)[1:] == [("a.example", "a.example.net")]
    assert len(results) == 2
    assert [each.host for each in held.calls[0]][-1] == "a.example.net"


def test_nothing_to_check(write: Write) -> None:
    alone = load_spec(write("email.yaml", 'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants_from: t.jsonl\n'))
    write("t.jsonl", "")
    held = Held()
    with pytest.raises(InputError, match=r"^there is no sender to check$"):
        verify_from_node(alone, held)
    assert held.calls == []


def test_what_is_no_handshake_stands_at_its_place(write: Write) -> None:
    """Nobody is asked: a sender over HTTP, and one whose secret cannot be read, each with its number."""
    text = SPEC[: SPEC.index("tenants:")].replace("$secret{p}", '"$secret{p}"') + (
        "tenants:\n  http.example:\n    provider: HTTP\n    from_address: a@http.example\n"
        '    http: {url: "https://m.example/x", body: "x", auth: {type: NONE}}\n'
        '  smtp.example: {from_address: a@a.example, signature: A, reply_to: r@a.example, password: "$file{none}"}\n'
    )
    path = write("email.yaml", text)
    found = verify([str(path)], tenants=["http.example"])
    assert isinstance(found, Verification)
    assert found.total is None
    ((number, result),) = list(found)
    assert dict(verify([str(path)], tenants=["http.example"]).jobs()) == {1: result}
    assert (number, isinstance(result, NotApplicable), found.total, found.several, found.streamed) == (1, True, 1, True, False)
    jobs = dict(verify([str(path)]).jobs())
    assert list(jobs) == [1, 2, 3]
    assert isinstance(jobs[2], NotApplicable)


@pytest.mark.parametrize("rate", [0, 3601])
def test_a_rate_that_is_none(write: Write, rate: float) -> None:
    path = str(write("email.yaml", "mailwright: 1\n"))
    with pytest.raises(UsageError, match="--rate must be"):
        verify([path], limits=FleetLimits(1, 1, rate=rate))


def test_a_folder_of_secrets_that_is_none(write: Write, tmp_path: Path) -> None:
    path = str(write("email.yaml", "mailwright: 1\n"))
    with pytest.raises(MailwrightError, match=r"--secrets-dir"):
        verify([path], secrets_dir=str(tmp_path / "none"))


def test_hosts_are_told_apart_and_senders_counted(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: list[str | None] = []

    class Fleet:
        def __init__(self, work: Any, host: Callable[[Any], str | None], limits: FleetLimits) -> None:
            self.host, self.limits = host, limits

        def run(self, items: Iterator[Any]) -> Iterator[Any]:
            hosts.extend(self.host(item) for item in items)
            yield from ()

    monkeypatch.setattr(operation, "Fleet", Fleet)
    found = verify([spec_of(write).path])
    assert (list(found), hosts, found.total) == ([], ["h.example", "a.example.net", "h.example"], 3)
    write("t.jsonl", "")
    found = verify([str(write("empty.yaml", 'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants_from: t.jsonl\n'))])
    assert (list(found), found.total) == ([], 0)


def test_the_release_and_the_file_are_those_that_were_named(write: Write) -> None:
    text = SPEC[: SPEC.index("tenants:")].replace("$secret{p}", '"$secret{p}"').replace('product: {version: "7.3.0"}\n', "")
    spec = load_spec(write("email.yaml", text))
    for version, unsure in (("7.2.0", False), (None, True)):
        (result,) = verify_from_node(spec, Held(), product_version=version, secrets={"p": "x"})
        assert isinstance(result, Checked)
        assert ("unsure" in {finding.code for finding in result.findings}) is unsure
    (error,) = verify_from_node(spec, Held(), deployment=("node/deployment.toml", b"x = [1,\n"), product_version="7.2.0")
    assert isinstance(error, MailwrightError)
    assert error.place is not None
    assert error.place.file == "node/deployment.toml"
