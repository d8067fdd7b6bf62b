"""Every hostile server with user names and passwords that are the engine's own words: nothing that is decided may depend on them.

The servers are met once, over sockets; what came of each step is recorded, and handed to the machine again with each word. Each server
gets the words of its own report and a share of the others; with ``MAILWRIGHT_WORDS=all`` it gets all of them, which takes minutes.
"""

from __future__ import annotations

import ast
import json
import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hostile import HOST, Hostile
from test_hostile_servers import CA, ROWS, SLACK, TIMEOUT, Row

from mailwright.base.places import Place
from mailwright.verification import handshake
from mailwright.verification.check import Checker, Handshaking, Options
from mailwright.verification.client import client_settings
from mailwright.verification.handshake import Cause, Event, Settings
from mailwright.verification.inputs import EffectiveSender
from mailwright.verification.message import make_message
from mailwright.verification.truststores import parse_trust_store
from products import ALL

pytestmark = [pytest.mark.network, pytest.mark.timeout(1800)]

ORDINARY = "canary-0f-no-meaning"
USER = "mailer@example.com"
RECORDED = threading.local()


def own_words() -> list[str]:
    """Return every text of the engine, whole and word by word, and single letters and digits."""
    tree = ast.parse(Path(handshake.__file__).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    texts -= {
        str(ast.get_docstring(node, clean=False)) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    words = {word for text in texts for word in re.findall(r"[\w.-]+", text)}
    sentences = {cause.sentence for cause in Cause} | {cause.value for cause in Cause}
    return sorted(filter(None, words | sentences | set("aest0123459")))


WORDS = own_words()
SHARE = 1 if os.environ.get("MAILWRIGHT_WORDS") == "all" else 60


def words_for(number: int, usual: dict[str, Any]) -> list[str]:
    told = [[phase["cause"], phase["detail"]] for phase in usual["phases"] if phase["status"] == "failed"]
    own = set(re.findall(r"[\w.-]+", json.dumps(told)))
    return sorted({*WORDS[number % SHARE :: SHARE], *(own & set(WORDS) if SHARE > 1 else ())})


def settings_for(row: Row, port: int) -> Settings:
    """Return the settings of a row, as the command makes them from its options."""
    changes = dict(re.findall(r"(\S+): (\S+)", row.custom))
    properties = {
        "mail.smtp.from": "a@example.com",
        "mail.smtp.host": HOST,
        "mail.smtp.port": str(port),
        "mail.smtp.user": USER,
        "mail.smtp.password": ORDINARY,
        "mail.smtp.auth": "true",
        "mail.smtp.starttls.enable": "true",
        **changes,
    }
    options = dict(zip(row.options[::2], row.options[1::2], strict=False))
    settings = client_settings(
        properties,
        ALL.newest,
        ca_pem=CA.ca_pem,
        timeout=TIMEOUT if row.seconds else SLACK,
        allow_unverified="--allow-unverified" in row.options,
    )
    recipient = options.get("--rcpt", options.get("--send-test-to", ""))
    message = make_message(properties, recipient).content if "--send-test-to" in options else b""
    deadline = float(options.get("--deadline", settings.deadline))
    return settings._replace(recipient=f"<{recipient}>" if recipient else "", message=message, deadline=deadline)


class Recorder(handshake._Wire):
    """Keep what came of each step, a list a connection."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._kept: list[Event] = []
        RECORDED.connections.append(self._kept)

    def perform(self, step: handshake.Step) -> Event:
        event = super().perform(step)
        self._kept.append(event)
        return event


class Player:
    """Do what a recorder kept."""

    def __init__(self, *_: object) -> None:
        self._events = iter(next(RECORDED.played))

    def perform(self, step: handshake.Step) -> Event:
        return next(self._events)

    def close(self) -> None:
        """Nothing is open."""


Met = tuple[Settings, list[list[Event]]]


def meet(row: Row) -> Met:
    RECORDED.connections = []
    with Hostile(*row.talks) as server:
        settings = settings_for(row, server.port)
        handshake.probe(settings)
    return settings, RECORDED.connections


@pytest.fixture(scope="module")
def met() -> Iterator[dict[str, Met]]:
    """All servers, met at once; from then on the recorded is played."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handshake, "_Wire", Recorder)
        with ThreadPoolExecutor(12) as pool:
            found = dict(zip(ROWS, pool.map(meet, ROWS.values()), strict=True))
        patch.setattr(handshake, "_Wire", Player)
        yield found


STORE = parse_trust_store(CA.ca_pem.encode(), "ca.pem")


def verdict(settings: Settings, connections: list[list[Event]]) -> dict[str, Any]:
    RECORDED.played = iter(connections)
    sender = EffectiveSender("global", {}, Place("email.yaml"), ALL.newest)
    checked = Checker(Options(), STORE).check(Handshaking(settings, None, sender))
    return checked.to_json()


def decided(document: dict[str, Any]) -> Any:
    """Return what was decided: all but a peer's words, and sentences that hold some."""
    phases = [
        {name: value for name, value in phase.items() if name not in ("reply", "ms", "detail")} for phase in document["phases"]
    ]
    findings = [(finding["code"], finding["severity"]) for finding in document["findings"]]
    client = {**document["client"], "error": document["client"]["error"] is None}
    tls = document["tls"] and {name: document["tls"].get(name) for name in ("version", "cipher", "verified", "anchor")}
    return phases, findings, client, tls, document["exit_code"]


def assert_own_words_stand(found: dict[str, Any], usual: dict[str, Any]) -> None:
    """A peer's words may be masked, the engine's may not."""
    for phase, before in zip(found["phases"], usual["phases"], strict=True):
        sentence = Cause(phase["cause"]).sentence
        if phase["detail"] != before["detail"]:
            assert "<sent>" in phase["detail"]
            assert not sentence or "{}" in sentence
            for part in sentence.split("{}"):
                assert part in phase["detail"]
        assert phase["reply"] == before["reply"] or "<sent>" in phase["reply"]
    for finding, before in zip(found["findings"], usual["findings"], strict=True):
        assert finding["message"] == before["message"] or "<sent>" in finding["message"]


@pytest.mark.parametrize("name", list(ROWS))
def test_every_verdict_is_the_same(name: str, met: dict[str, Met]) -> None:
    settings, connections = met[name]
    usual = verdict(settings, connections)
    assert usual["exit_code"] in (ROWS[name].code, 3), "a busy machine may be too late for the verdict, and 3 is one too"
    assert ROWS[name].finding in ["", *(finding["code"] for finding in usual["findings"])]
    assert ORDINARY not in json.dumps(usual)
    for word in words_for(list(ROWS).index(name), usual):
        for changed in (settings._replace(password=word, token=word), settings._replace(username=word)):
            found = verdict(changed, connections)
            assert decided(found) == decided(usual), word
            assert_own_words_stand(found, usual)


def test_there_are_words_of_each_kind() -> None:
    """Else what passes above says little."""
    assert {"injected", "STARTTLS", "timed", "AUTH", "ok", "failed", "a", "5", "timed-out", "LOGIN"} <= set(WORDS)
    assert Cause.INJECTED.sentence in WORDS
    assert len(WORDS) > 300
