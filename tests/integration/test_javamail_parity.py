"""JavaMail and the handshake, against the same servers with the same properties: they must agree.

``MAILWRIGHT_PARITY=5000`` compares as many random combinations instead of a hundred; ``MAILWRIGHT_PARITY_SEED`` chooses others.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from javamail.certificates import Certificates
from javamail.chance import chances
from javamail.client import STORE_PASSWORD, JavaMail
from javamail.parity import NAMES, Bench, Comparison, Scenario
from javamail.relay import HOST
from javamail.scenarios import scenarios

from peers import ACTIVATION, JAVAMAIL, require

pytestmark = [pytest.mark.network, pytest.mark.timeout(3600)]

AT_ONCE = 8


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    require("java", "javac", "keytool", JAVAMAIL, ACTIVATION)
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    with JavaMail(tmp_path_factory.mktemp("javamail"), certificates.anchors, NAMES) as javamail:
        yield bench_of(javamail, certificates)


def bench_of(javamail: JavaMail, certificates: Certificates) -> Bench:
    context = lru_cache(certificates.context)
    return Bench(
        javamail,
        certificates.trusted,
        lambda relay: context(relay.certificate, relay.lowest, relay.highest, relay.ciphers, demands=relay.demands),
    )


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process resolve the names that JavaMail's process resolves."""
    ask = socket.getaddrinfo

    def answer(host: Any, *arguments: Any, **options: Any) -> Any:
        known = NAMES.get(str(host).lower(), (host,))
        return [found for address in known for found in ask(address, *arguments, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def compared(bench: Bench, cases: list[Scenario]) -> list[Comparison]:
    """Compare all; the table goes to the test's output."""
    with socket.socket() as closed, ThreadPoolExecutor(AT_ONCE) as pool:
        closed.bind((HOST, 0))  # bound, and nobody listens
        done = list(pool.map(lambda case: bench.compare(case, closed.getsockname()[1]), cases))
        for at, one in enumerate(done):
            late = one.error == "hung" or "timed out" in one.error
            if one.problem and late:  # a JVM that has just started, on a busy machine: by itself, and with more time
                done[at] = bench.compare(replace(one.scenario, patience=5 * one.scenario.patience), closed.getsockname()[1])
    print(f"   {'scenario':52} {'JavaMail':29} | handshake")
    for one in done:
        print(one)
    return done


def assert_equal(done: list[Comparison]) -> None:
    problems = [
        f"{one.scenario.name}: {one.problem}\n    {one.scenario}\n    {one.error!r}\n    {one.report.client}"
        for one in done
        if one.problem
    ]
    assert not problems, f"{len(problems)} of {len(done)}\n" + "\n".join(problems)


def test_named_scenarios(bench: Bench, names: None) -> None:
    cases = list(scenarios())
    assert len({case.name for case in cases}) == len(cases) > 40
    done = compared(bench, cases)
    assert {one.javamail.outcome for one in done} == {"connected", "failed"}
    assert any(one.javamail.cleartext_credentials for one in done)
    assert_equal(done)


def test_a_key_store_of_the_jvm(tmp_path: Path, names: None) -> None:
    """With a certificate in ``javax.net.ssl.keyStore`` the client sends it, but for hosts that it is told to trust: so it is predicted."""
    require("java", "javac", "keytool", JAVAMAIL, ACTIVATION)
    certificates = Certificates(tmp_path)
    options = {"keyStore": certificates.key_store("client-use", STORE_PASSWORD), "keyStorePassword": STORE_PASSWORD}
    cases = [replace(case, patience=15) for case in scenarios() if case.name.startswith("client certificate demanded")]
    with JavaMail(
        tmp_path, certificates.anchors, NAMES, *(f"-Djavax.net.ssl.{name}={value}" for name, value in options.items())
    ) as javamail:
        done = compared(bench_of(javamail, certificates), cases)
    connected = {one.scenario.name: one.javamail.outcome == "connected" for one in done}
    assert connected == {name: "trust=*" not in name for name in connected}
    assert len(connected) == 10
    for one in done:
        client = one.report.client
        assert (client.outcome, client.basis) == ("failed", "predicted" if connected[one.scenario.name] else "observed")


def test_random_combinations(bench: Bench, names: None) -> None:
    cases = chances(int(os.environ.get("MAILWRIGHT_PARITY", "100")), int(os.environ.get("MAILWRIGHT_PARITY_SEED", "1")))
    assert_equal(compared(bench, cases))
