"""The source before any request: secrets that are none, credentials, digests, passes that must agree; windows, words of a server."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.base.errors import MailwrightError, SpecError, UnreadableInput, UnsafeToWrite, UsageError
from mailwright.operations.ready import prepare
from mailwright.operations.servers import Connection
from mailwright.spec import load_spec
from mailwright.spec.resolving import Resolver
from mailwright.tenants.credentials import Login, Task, sender_scopes
from mailwright.tenants.peer import refusal, spoken
from mailwright.tenants.preparing import Preparation
from mailwright.tenants.transport import Answer, server_address, tls_context
from mailwright.tenants.unsafe import unsafe_secret
from mailwright.tenants.window import AHEAD, stream, windowed
from products import parse_release

Write = Callable[[str, str], Path]
TENANT = {
    "from_address": "a@acme.example",
    "hostname": "h.example",
    "port": 587,
    "username": "u",
    "password": "$env{MAILWRIGHT_P}",
    "signature": "S",
    "reply_to": "r@acme.example",
}
LOGIN = {"client_id": "c", "client_secret": "$env{MAILWRIGHT_C}"}
ENV = {"MAILWRIGHT_P": "a-real-password", "MAILWRIGHT_C": "a-real-client-secret", "MAILWRIGHT_S": "another"}


def prepared(write: Write, spec: dict[str, Any], env: dict[str, str] | None = None, *, with_secrets: bool = True) -> Preparation:
    document = {"mailwright": 1, "product": {"version": "7.3.0"}, "api": LOGIN, "tenants": {"acme.example": TENANT}, **spec}
    path = write("spec.json", json.dumps(document))
    loaded = load_spec(path)
    release = parse_release(str(loaded.product_version))
    store = Resolver(environment=ENV if env is None else env, spec_folder=path.parent)
    return Preparation(loaded, release, store, with_secrets=with_secrets)


def digest(*arguments: Any) -> str:
    ready = prepared(*arguments)
    ready.check()
    return ready.digest


MASKS = ("", " ", "\t\n", "***", "********", "●●●●", "xxxx", "XXXXXX", "...", "‹…>", "…", " ******** ", "[REDACTED]", "redacted")
PLACEHOLDERS = ("<secret>", "<your password>", "{{KEY}}", "${KEY}", "$secret{x}", "$env{X}", "%PASSWORD%", "__PASSWORD__")
PROMISES = ("changeme", "CHANGE-ME", "todo")


@pytest.mark.parametrize("text", [*MASKS, *PLACEHOLDERS, *PROMISES])
def test_what_is_no_secret(text: str) -> None:
    assert unsafe_secret(text) is not None


@pytest.mark.parametrize(
    "text",
    ["a", "pa**word", "x", "xx", "xyzzy", "a<b>c", "<a", "p${x", "correct horse {{x}}", "100%", "$ecret", "a..", "Secret1", "-"],
)
def test_what_may_be_one(text: str) -> None:
    assert unsafe_secret(text) is None


@given(st.text(st.characters(min_codepoint=48, max_codepoint=122), min_size=12))
def test_generated_passwords_are_secrets(text: str) -> None:
    if unsafe_secret(text):
        assert len(set(text)) == 1 or text[0] in "<@_[" or text.lower() in ("redacted",)


def test_the_digest_of_a_spec_is_without_its_secrets(write: Write) -> None:
    first = digest(write, {})
    assert digest(write, {}, {**ENV, "MAILWRIGHT_P": "rotated-password"}) == first
    literal = {"acme.example": {**TENANT, "password": "a literal one"}}
    second = digest(write, {"tenants": literal})
    literal["acme.example"]["password"] = "another literal one"
    assert digest(write, {"tenants": literal}) == second != first
    for change in ({"port": 25}, {"password": "$env{MAILWRIGHT_S}"}, {"secret_version": 1}):
        assert digest(write, {"tenants": {"acme.example": {**TENANT, **change}}}) != first
    for spec in ({"owner": "x"}, {"product": {"version": "7.2.0"}}, {"tenants": {}}, {"api": {**LOGIN, "client_id": "d"}}):
        assert digest(write, spec) != first


def test_every_problem_is_told_at_once(write: Write) -> None:
    tenants = {f"t{number}.example": {**TENANT, "password": f"$env{{MAILWRIGHT_NOWHERE_{number}}}"} for number in range(12)}
    with pytest.raises(UnsafeToWrite) as caught:
        prepared(write, {"tenants": tenants}).check()
    assert caught.value.message.count("cannot be resolved: $env{MAILWRIGHT_NOWHERE_") == 10
    assert caught.value.message.endswith("and 2 more")


def test_a_secret_that_many_refer_to_is_one_problem(write: Write) -> None:
    tenants = {f"t{number}.example": {**TENANT, "password": "$env{MAILWRIGHT_NOWHERE}"} for number in range(40)}
    with pytest.raises(UnsafeToWrite) as caught:
        prepared(write, {"tenants": tenants}).check()
    assert caught.value.message == (
        "the secret password of t0.example cannot be resolved: $env{MAILWRIGHT_NOWHERE} (and 39 tenants more)"
    )


def test_a_client_secret_that_is_not_set_is_told_once_at_its_own_line(write: Write) -> None:
    api = {"client_id": "c", "client_secret": "$env{MAILWRIGHT_NOWHERE}"}
    tenants = {f"t{number}.example": TENANT for number in range(40)}
    with pytest.raises(UnsafeToWrite) as caught:
        prepared(write, {"api": api, "tenants": tenants}).check()
    assert caught.value.place is not None
    text = Path(caught.value.place.file).read_text()
    assert caught.value.place.column == text.index('"$env{MAILWRIGHT_NOWHERE}"') + 1
    assert caught.value.message.count("\n") == 0
    assert "api.client_secret" in caught.value.message


def test_credentials_that_nobody_has_are_told_once(write: Write) -> None:
    tenants = {f"t{number}.example": TENANT for number in range(40)}
    with pytest.raises(SpecError) as caught:
        prepared(write, {"api": {}, "tenants": tenants}).check()
    assert caught.value.message == "there are no credentials for the tenants' API (and 39 tenants more)"


@pytest.mark.parametrize(
    ("api", "own", "kind", "name"),
    [
        (LOGIN, None, Login.OAUTH, "c"),
        ({"user": "admin@{domain}", "password": "$env{MAILWRIGHT_S}"}, None, Login.BASIC, "admin@acme.example"),
        (LOGIN, {"user": "root@{domain}", "password": "$env{MAILWRIGHT_S}"}, Login.BASIC, "root@acme.example"),
        (LOGIN, {"client_id": "own", "client_secret": "$env{MAILWRIGHT_S}"}, Login.OAUTH, "own"),
        (LOGIN, {"client_id": "own"}, Login.OAUTH, "own"),
    ],
)
def test_credentials(write: Write, api: dict[str, str], own: dict[str, str] | None, kind: Login, name: str) -> None:
    tenant = {**TENANT, **({"api": own} if own else {})}
    ready = prepared(write, {"api": api, "tenants": {"acme.example": tenant}})
    ready.check()
    (job,) = ready.jobs()
    assert (job.credentials.kind, job.credentials.name) == (kind, name)
    assert "another" not in repr(job)
    assert "a-real" not in repr(job)


@pytest.mark.parametrize("api", [{}, {"client_id": "c"}, {"user": "u"}, {"super": LOGIN}])
def test_credentials_that_are_not_there(write: Write, api: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        prepared(write, {"api": api}).check()


def test_a_pass_that_sees_something_else_stops(write: Write, tmp_path: Path) -> None:
    rows = tmp_path / "t.jsonl"
    lines = [json.dumps({"domain": f"t{number}.example", **TENANT}) for number in range(4)]
    for changed in (
        lines[:3],
        [*lines, lines[0].replace("t0", "t9")],
        [*lines[:2], lines[2].replace("587", "588"), lines[3]],
        lines[::-1],
    ):
        rows.write_text("\n".join(lines))
        ready = prepared(write, {"tenants": {}, "tenants_from": "t.jsonl"})
        ready.check()
        rows.write_text("\n".join(changed))
        with pytest.raises(UnsafeToWrite, match="changed while they were worked on"):
            list(ready.jobs())


def test_the_plan_does_not_resolve_the_senders_secrets(write: Write) -> None:
    ready = prepared(write, {}, {"MAILWRIGHT_C": "a-real-client-secret"}, with_secrets=False)
    ready.check()
    assert [dict(job.secrets) for job in ready.jobs()] == [{}]


def test_scopes() -> None:
    """product/api.md#scopes-7"""
    assert sender_scopes(Task.READ, parse_release("7.0.0"), organization=False) == "internal_notification_senders_view"
    assert sender_scopes(Task.PRUNE, parse_release("6.1.0"), organization=False).split() == [
        f"internal_config_mgt_{verb}" for verb in ("view", "add", "update", "delete")
    ]
    assert sender_scopes(Task.WRITE, parse_release("7.3.0"), organization=True).split() == [
        f"internal_org_notification_senders_{verb}" for verb in ("view", "create", "update")
    ]


# -- the wire's helpers


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://is.example.com", "https://is.example.com:443"),
        ("https://is.example.com:9443/", "https://is.example.com:9443"),
        ("https://[::1]:9443/base/", "https://[::1]:9443/base"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    assert server_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "https://a:x",
        "https://u:p@a",
        "https://a?b",
        "https://a#b",
        "a",
        "",
        "https://[",
        "ftp://a",
        "https://a..b",
        f"https://{'a' * 64}.b",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        server_address(url)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "not PEM", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"])
def test_what_are_no_authorities(write: Write, content: str) -> None:
    with pytest.raises(UnreadableInput):
        tls_context(str(write("ca.pem", content)))


def test_a_bundle_with_remarks(write: Write) -> None:
    pytest.importorskip("trustme")
    from mailwright.sandbox.ca import Authority

    one, two = Authority().ca_pem, Authority().ca_pem
    assert len(tls_context(str(write("ca.pem", f"# Größe\n{one}\n# and\n{two}"))).get_ca_certs()) == 2


secrets = st.text(min_size=8, max_size=40).filter(lambda text: len("".join(filter(str.isalnum, text))) >= 6)


@given(secrets, st.sampled_from(["{}", "x {} y", "Basic {}", "{}{}"]), st.integers(0, 5))
def test_no_form_of_what_was_sent_is_shown(secret: str, frame: str, form: int) -> None:
    forms = [
        secret,
        json.dumps(secret),
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode(),
        secret.upper(),
        secret[::-1],
    ]
    said = frame.replace("{}", forms[form])
    for body in (said.encode(), json.dumps({"code": "X-1", "description": said}).encode()):
        shown = spoken(Answer(400, body), [secret])
        assert forms[form] not in shown
        assert secret not in shown


@pytest.mark.parametrize("secret", ['a"b', 'p"ss', "\\", 'geh"m', "a&b"])
def test_a_short_secret_that_is_echoed_in_json_is_not_shown(secret: str) -> None:
    once = json.dumps(f"no: {secret}")
    for body in (once, json.dumps({"description": once}), f'{{"description": {once}}}', f"<p>{once}</p>"):
        assert "<sent>" in spoken(Answer(400, body.encode()), [secret])


def test_a_long_page_is_cut_after_it_is_masked() -> None:
    secret = "0123456789abcdef"
    for size in range(4060, 4110):
        assert "01234567" not in spoken(Answer(502, b" " * 4000 + b"x" * (size - 4000) + secret.encode()), [secret])
    assert len(refusal("GET", Answer(500, b"y" * 100_000), []).message) < 500


@given(st.integers(1, 5), st.integers(0, 200), st.randoms(use_true_random=False))
def test_results_come_in_order_and_not_too_many_at_once(concurrency: int, count: int, chance: random.Random) -> None:
    running, most, taken, given_out = 0, 0, 0, 0

    async def source() -> AsyncIterator[int]:
        nonlocal taken
        for number in range(count):
            taken += 1
            assert taken - given_out <= AHEAD * concurrency + 1
            yield number

    async def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        running -= 1
        return number

    async def main() -> list[int]:
        nonlocal given_out
        results = []
        async with aclosing(windowed(source(), work, concurrency=concurrency)) as found:
            async for result in found:
                given_out += 1
                results.append(result)
        return results

    assert asyncio.run(main()) == list(range(count))
    assert most <= concurrency


def test_an_error_ends_a_window_and_what_is_in_work() -> None:
    cancelled = []

    async def work(number: int) -> int:
        if number == 3:
            raise MailwrightError("stop")
        try:
            await asyncio.sleep(0 if number < 3 else 30)
        except asyncio.CancelledError:
            cancelled.append(number)
            raise
        return number

    async def main() -> None:
        async with aclosing(windowed(stream(range(100)), work, concurrency=8)) as found:
            async for _ in found:
                pass

    with pytest.raises(MailwrightError, match="stop"):
        asyncio.run(main())
    assert cancelled


def test_the_hint_for_a_version_names_the_newest_release(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    older = parse_release("6.1.0")
    monkeypatch.setattr("mailwright.product.releases.Releases.newest", older)
    path = write("email.json", json.dumps({"mailwright": 1}))
    with pytest.raises(UsageError) as caught:
        prepare(load_spec(path), Connection("https://is.example.com"))
    assert '{version: "6.1.0"}' in str(caught.value.hint)
