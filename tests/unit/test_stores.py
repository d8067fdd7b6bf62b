"""Stores of secrets: what a spec may say of them, and what is read of them, when, how often, and what is told where they fail."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from commands import Run
from mailwright.base.errors import ExitCode, Unresolved, UnsafeToWrite
from mailwright.base.extras import installing
from mailwright.editor.knowing import definition, meaning, offers
from mailwright.editor.texts import Position, Text
from mailwright.operations.ready import prepare
from mailwright.operations.servers import Connection
from mailwright.spec import load_spec
from mailwright.spec.references import Reference, StorePath, store_path
from mailwright.stores import Secrets, reading
from mailwright.stores.interface import Content, Settings, Store, StoreError
from mailwright.stores.reading import GROUP, load_kind, picked

CANARY = "canary-c0ffee-horse"
PYTHON = sys.executable
TENANT = {
    "from_address": "no-reply@acme.example",
    "signature": "Acme",
    "reply_to": "help@acme.example",
    "hostname": "127.0.0.1",
    "port": 1,
    "username": "acme",
}
Write = Callable[[Mapping[str, Any]], Path]


@pytest.fixture
def spec(tmp_path: Path) -> Write:
    """Return a function that writes a spec with one tenant, and returns its path."""

    def write(changes: Mapping[str, Any]) -> Path:
        tenant = {**TENANT, "password": "$store{team/mail/acme#password}"}
        path = tmp_path / "email.json"
        document = {"mailwright": 1, "product": {"version": "7.3.0"}, "tenants": {"acme.example": tenant}, **changes}
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        return path

    return write


class Fake:
    """A kind of store whose contents are given; it counts what it is asked.

    Args:
        contents: What lies at each path; an exception is raised.
    """

    def __init__(self, contents: Mapping[str, Any], opens: StoreError | None = None) -> None:
        self.contents, self.opens = contents, opens
        self.opened: list[str] = []
        self.read_paths: list[str] = []

    def __call__(self, settings: Settings) -> Store:
        self.opened.append(settings.name)
        settings.hide(settings.environment.get("STORE_LOGIN", ""))
        if self.opens is not None:
            raise self.opens
        return self

    def read(self, path: str) -> Content:
        self.read_paths.append(path)
        time.sleep(0.01)
        found: Any = self.contents[path]
        found = found.pop(0) if isinstance(found, list) else found
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fake]:
    """Return a function that makes a fake the only kind there is."""
    monkeypatch.setattr(reading, "PAUSE", 0.001)

    def make(contents: Mapping[str, Any], opens: StoreError | None = None) -> Fake:
        made = Fake(contents, opens)
        monkeypatch.setattr(reading, "load_kind", lambda _: made)
        return made

    return make


TEAM = {"stores": {"team": {"kind": "acme.fake", "retries": 2}}}


def resolve(path: Path, reference: str = "$store{team/mail/acme#password}", env: Mapping[str, str] | None = None) -> str:
    secret = Secrets(environment=env or {}).of(load_spec(path))(reference)
    assert secret is not None
    assert secret.reference == reference
    return secret.reveal()


# the grammar


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("team/mail/acme#password", ("team", "mail/acme", "password")),
        ("team/a", ("team", "a", "")),
        ("t.e-am_1/a b/c.d:e@f#g.h", ("t.e-am_1", "a b/c.d:e@f", "g.h")),
        ("team/arn:aws:secretsmanager:eu:1:secret:mail-x#p", ("team", "arn:aws:secretsmanager:eu:1:secret:mail-x", "p")),
    ],
)
def test_what_a_reference_names(name: str, parts: tuple[str, str, str]) -> None:
    found = store_path(name)
    assert found == StorePath(*parts)
    assert str(found) == f"$store{{{name}}}"
    assert Reference("store", name).shown == f"$store{{{name}}}"


@pytest.mark.parametrize(
    "name", ["", "team", "team/", "/a", "team/../a", "team//a", "team/a/", "team/a#", "te am/a", "team/a?b", "team/./a"]
)
def test_what_names_nothing(name: str) -> None:
    assert store_path(name) is None


def findings(run: Run, path: Path) -> list[tuple[str, str, str | None]]:
    (file,) = run("validate", path, "--format", "json").json["files"]
    return [(item["rule"], item["message"], item["hint"]) for item in file["findings"] if item["severity"] == "error"]


@pytest.mark.parametrize(
    ("reference", "stores", "message", "hint"),
    [
        ("$store{teem/a#b}", ["team"], "the spec has no store `teem`", "did you mean `team`?"),
        ("$store{other/a#b}", ["team"], "the spec has no store `other`", "it has `team`"),
        ("$store{team/a#b}", [], "the spec has no store `team`", "say in `stores:` what it is (docs/stores.md)"),
        ("$store{team/a}", ["team"], "a secret of the store `team` has fields: one must be named", "write #field at its end"),
        (
            "$store{team}",
            ["team"],
            "a reference to a store is $store{NAME/path#field}",
            "NAME is one of the spec's `stores`, without `..` in the path",
        ),
        ("x$store{team/a#b}", ["team"], "a reference must be the whole value", None),
    ],
)
def test_wrong_references(run: Run, spec: Write, reference: str, stores: list[str], message: str, hint: str | None) -> None:
    named = {name: {"kind": "vault", "address": "https://vault.example.com"} for name in stores}
    tenants = {"acme.example": {**TENANT, "password": reference}}
    assert findings(run, spec({"stores": named, "tenants": tenants})) == [("MW401", message, hint)]


def test_a_misspelt_reference_is_seen(run: Run, spec: Write) -> None:
    tenants = {"acme.example": {**TENANT, "password": "$stroe{team/mail/acme#password}"}}
    path = spec({**TEAM, "tenants": tenants})
    (file,) = run("validate", path, "--format", "json").json["files"]
    (found,) = (item for item in file["findings"] if item["rule"] == "MW503")
    assert found["hint"] == "a secret can be $env{NAME}, $file{name} or $store{NAME/path#field}"


def test_only_a_secret_may_come_from_a_store(run: Run, spec: Write) -> None:
    tenants = {"acme.example": {**TENANT, "password": "a-real-one", "username": "$store{team/a#b}"}}
    assert findings(run, spec({**TEAM, "tenants": tenants})) == [
        ("MW401", "only a secret may be a reference here", "write the value itself")
    ]


def test_what_goes_into_a_servers_file_comes_from_no_store(run: Run, spec: Write) -> None:
    sender = {"from_address": "a@b.example", "hostname": "h", "port": 587, "username": "u", "password": "$store{team/a#b}"}
    path = spec({**TEAM, "global": sender, "tenants": {}})
    message = "the server does not know $store{}"
    assert ("MW401", message, "use $secret{alias} or $env{NAME}") in findings(run, path)
    assert message in run("render", path).stderr


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ({"kind": "valt", "address": "https://v.example"}, "`kind` must be"),
        ({"kind": "vault"}, "`address` is missing"),
        ({"kind": "vault", "address": "http://vault.example.com"}, "`address` must be an https URL"),
        ({"kind": "vault", "address": "https://u:p@vault.example.com"}, "`address` must be an https URL"),
        ({"kind": "vault", "address": "https://v.example", "token": CANARY}, "unknown key `token`"),
        ({"kind": "openbao", "address": "https://v.example", "auth": "approle"}, "`role_id` is missing"),
        ({"kind": "command", "command": "pass show x"}, "`command` must be a list"),
        (
            {"kind": "kubernetes", "folder": "a", "namespace": "b"},
            "`namespace` cannot be set beside `folder`: kubectl is not asked then",
        ),
        ({"kind": "aws", "timeout": 0}, "`timeout` must be"),
        ({}, "`kind` is missing"),
    ],
)
def test_what_the_schema_says_of_stores(run: Run, spec: Write, store: Mapping[str, Any], message: str) -> None:
    path = spec({"stores": {"team": store}})
    result = run("validate", path)
    assert message in result.stdout
    assert CANARY not in result.output
    assert result.code == 1


def test_the_schema_and_the_entry_points_have_the_same_kinds() -> None:
    schema = json.loads((Path(__file__).parents[2] / "schema" / "spec.schema.json").read_text(encoding="utf-8"))
    kinds = set(schema["$defs"]["store-kind"]["anyOf"][0]["enum"])
    assert kinds == {point.name for point in entry_points(group=GROUP)}
    assert {f"store-{kind}" for kind in kinds - {"openbao"}} < {*schema["$defs"]}
    assert all(callable(load_kind(kind)) for kind in kinds)


def test_a_kind_that_nobody_brings(spec: Write) -> None:
    with pytest.raises(Unresolved, match=r"the store `team` is of the kind `acme\.pass`, which no installed package brings"):
        resolve(spec({"stores": {"team": {"kind": "acme.pass"}}}))


@pytest.mark.parametrize(
    ("kind", "library", "extra"),
    [
        ({"kind": "vault", "address": "https://v.example"}, "hvac", "vault"),
        ({"kind": "aws"}, "boto3", "aws"),
        ({"kind": "azure", "address": "https://v.example"}, "azure.identity", "azure"),
        ({"kind": "google", "project": "p"}, "google.cloud.secretmanager", "google"),
        ({"kind": "keyring"}, "keyring", "keyring"),
    ],
)
def test_a_library_that_is_missing_names_its_extra(
    spec: Write, monkeypatch: pytest.MonkeyPatch, kind: Mapping[str, Any], library: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(Unresolved, match="which is not installed") as caught:
        resolve(spec({"stores": {"team": kind}}))
    assert caught.value.hint == installing(extra)


# what is read, and how often


def test_each_store_is_opened_once_and_each_path_is_read_once(spec: Write, fake: Callable[..., Fake]) -> None:
    store = fake({"mail/acme": {"password": "one", "other": "two"}, "b": {"x": "three"}})
    resolver = Secrets(environment={}).of(load_spec(spec(TEAM)))
    barrier = threading.Barrier(8)

    def ask(number: int) -> str:
        barrier.wait(60)
        found = resolver(["$store{team/mail/acme#password}", "$store{team/mail/acme#other}", "$store{team/b#x}"][number % 3])
        assert found is not None
        return found.reveal()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(set(pool.map(ask, range(8)))) == ["one", "three", "two"]
    assert store.opened == ["team"]
    assert sorted(store.read_paths) == ["b", "mail/acme"]


def test_two_environments_that_mean_the_same_store_read_it_once(spec: Write, fake: Callable[..., Fake]) -> None:
    store = fake({"mail/acme": {"password": "one"}})
    path = spec({**TEAM, "environments": {"a": {}, "b": {"stores": {"team": {"timeout": 5}}}, "c": {}}})
    secrets = Secrets(environment={})
    for name in ("a", "b", "c"):
        assert secrets.of(load_spec(path, name))("$store{team/mail/acme#password}") is not None
    assert len(store.opened) == len(store.read_paths) == 2


def test_nothing_is_opened_that_is_not_needed(run: Run, spec: Write, fake: Callable[..., Fake]) -> None:
    store = fake({})
    path = spec(TEAM)
    assert run("validate", path).code == 0
    assert run("render", path, "-o", path.parent / "out").code == 0
    prepare(load_spec(spec({**TEAM, "api": {"client_id": "c", "client_secret": "a-real-one"}})), SERVER, with_secrets=False)
    assert store.opened == []


SERVER = Connection(server="https://is.example.com:9443")


def test_plan_reads_what_the_api_needs(spec: Write, fake: Callable[..., Fake]) -> None:
    store = fake({"api": {"secret": CANARY}})
    api = {"client_id": "c", "client_secret": "$store{team/api#secret}"}
    prepare(load_spec(spec({**TEAM, "api": api})), SERVER, with_secrets=False)
    assert store.read_paths == ["api"]


def test_what_fails_once_is_not_asked_again(spec: Write, fake: Callable[..., Fake]) -> None:
    store = fake({"mail/acme": StoreError("has nothing there")})
    resolver = Secrets(environment={}).of(load_spec(spec(TEAM)))
    for _ in range(3):
        with pytest.raises(Unresolved, match="the store `team` has nothing there"):
            resolver("$store{team/mail/acme#password}")
    assert store.read_paths == ["mail/acme"]


@pytest.mark.parametrize(("failures", "reads"), [(1, 2), (2, 3), (3, 3)])
def test_what_may_go_better_is_tried_again_a_few_times(spec: Write, fake: Callable[..., Fake], failures: int, reads: int) -> None:
    busy = [StoreError("is not able to answer now", temporary=True) for _ in range(failures)]
    store = fake({"mail/acme": [*busy, {"password": "one"}]})
    if failures < 3:
        assert resolve(spec(TEAM)) == "one"
    else:
        with pytest.raises(Unresolved, match="is not able to answer now"):
            resolve(spec(TEAM))
    assert len(store.read_paths) == reads


def test_one_refused_login_is_one_cause_for_all_tenants(spec: Write, fake: Callable[..., Fake]) -> None:
    store = fake({}, StoreError("refuses the login", "permission denied"))
    tenants = {f"t{n}.example": {**TENANT, "password": f"$store{{team/{n}#p}}"} for n in range(30)}
    path = spec({**TEAM, "api": {"client_id": "c", "client_secret": "a-real-one"}, "tenants": tenants})
    with pytest.raises(UnsafeToWrite) as caught:
        prepare(load_spec(path), SERVER)
    assert caught.value.message == (
        "the secret password of t0.example cannot be resolved: $store{team/0#p}: "
        "the store `team` refuses the login: it says: permission denied (and 29 tenants more)"
    )
    assert caught.value.exit_code is ExitCode.UNSAFE
    assert store.opened == ["team"]


def test_verify_says_once_that_a_store_is_down(run: Run, spec: Write, fake: Callable[..., Fake]) -> None:
    fake({}, opens=StoreError("is not there", temporary=True))
    tenants = {f"{name}.example": {**TENANT, "password": f"$store{{team/{name}#password}}"} for name in "abc"}
    result = run("verify", str(spec({**TEAM, "tenants": tenants})))
    assert (result.code, result.stdout) == (8, "")
    assert result.stderr.count("the store `team` is not there") == 1
    assert result.stderr.endswith("2 more could not be checked for the same reason\n")


def test_an_error_names_the_place_of_the_reference(run: Run, spec: Write, fake: Callable[..., Fake]) -> None:
    fake({"mail/acme": {"pasword": CANARY}})
    path = spec({**TEAM, "api": {"client_id": "c", "client_secret": "a-real-one"}})
    line, text = next((n, t) for n, t in enumerate(path.read_text().splitlines(), 1) if "$store" in t)
    where = f"{path}:{line}:{text.index(': ') + 3}: "
    for command in (["verify", path], ["apply", path, "--server", "https://is.example.com:9443"]):
        result = run(*command)
        assert result.code == ExitCode.UNSAFE
        assert where in result.stderr
        assert "the store `team` has no field `password` there" in result.stderr
        assert "did you mean #pasword?" in result.stderr
        assert CANARY not in result.output


def test_a_secret_of_a_store_is_written_nowhere(run: Run, spec: Write, fake: Callable[..., Fake], tmp_path: Path) -> None:
    store = fake({"mail/acme": {"password": CANARY}})
    result = run("render", spec(TEAM), "-o", tmp_path / "out", "--with-secrets")
    assert result.code == ExitCode.UNSAFE
    assert "stores are read by `apply`, `plan` and `verify` alone" in result.stderr
    assert store.opened == []


# what is picked, and what is said


@pytest.mark.parametrize(
    ("content", "field", "value"),
    [
        ("horse", "", "horse"),
        ('{"a": "x"}', "a", "x"),
        ("{}", "", "{}"),
        ('\ufeff{"a": "x"}', "a", "x"),
        ('["a"]', "", '["a"]'),
        ({"a": "x"}, "a", "x"),
        ({"a": 12}, "a", "12"),
        ({"a.b": "x", "a": {"b": "y"}}, "a.b", "x"),
        ({"a": {"b": {"c": "y"}}}, "a.b.c", "y"),
        ({"a": {"b.c": "y"}}, "a.b.c", "y"),
        ("horse\n", "", "horse"),
        ({"a": {"b": "x\r\n"}}, "a.b", "x"),
        ('{"a": "x\\n"}', "a", "x"),
        ("two\nlines\n\n", "", "two\nlines\n"),
    ],
)
def test_what_is_picked(content: Content, field: str, value: str) -> None:
    assert picked(content, field) == value


@pytest.mark.parametrize(
    ("content", "field", "why"),
    [
        ("horse", "a", "has one text there, without fields"),
        ("[1]", "a", "has one text there, without fields"),
        ({"a": "x"}, "", "has fields there: one must be named"),
        ('{"username": "u", "password": "x"}', "", "has fields there: one must be named"),
        ('\ufeff{"password": "x"}', "", "has fields there: one must be named"),
        ("{}", "a", "has no field `a` there"),
        ({"a": "x"}, "b", "has no field `b` there"),
        ({"a": {"b": "x"}}, "a", "has something there that is no text"),
        ({"a": True}, "a", "has something there that is no text"),
        ({"a": None}, "a.b", "has no field `a.b` there"),
        ({"a": " \n"}, "a", "has an empty text there"),
        ("x" * 65537, "", "has a text there that is larger than 64 KiB"),
    ],
)
def test_what_cannot_be_picked(content: Content, field: str, why: str) -> None:
    found = picked(content, field)
    assert isinstance(found, StoreError)
    assert found.why == why


def test_the_way_to_a_field_that_is_misspelt() -> None:
    deep: Content = {"a": "x"}
    for _ in range(5000):
        deep = {"acme": deep}
    for content, field, hint in (
        ({"acme": {"password": "x", "port": 25}, "beta": {}}, "acme.pasword", "did you mean #acme.password?"),
        ({"acme": {"user": "x"}}, "beta.password", None),
        (deep, "q.z", None),
    ):
        found = picked(content, field)
        assert isinstance(found, StoreError)
        assert found.hint == hint


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("permission\x1b[31m denied\r\n", "permission [31m denied"),
        (f"no such user {CANARY}", None),
        (f"login {CANARY[::-1]}", None),
        ("the login is a-login-token", None),
        (f"denied: Bearer {'0123456789abcdef' * 2}", None),
        ("denied: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtIn0.c2ln", None),
        ("denied: ya29.a0AfB_byC0ffee", None),
        ("denied: a bearer token is needed", "denied: a bearer token is needed"),
        ("x" * 400, "x" * 300 + "…"),
        ("", ""),
    ],
)
def test_a_stores_words_are_made_safe(spec: Write, fake: Callable[..., Fake], said: str, shown: str | None) -> None:
    fake({"ok": {"p": CANARY}, "bad": StoreError("refuses", said)})
    resolver = Secrets(environment={"STORE_LOGIN": "a-login-token"}).of(load_spec(spec(TEAM)))
    resolver("$store{team/ok#p}")
    with pytest.raises(Unresolved) as caught:
        resolver("$store{team/bad#p}")
    words = "; its words would repeat a secret" if shown is None else shown and f": it says: {shown}"
    assert caught.value.message == f"the store `team` refuses{words}"
    for secret in (CANARY, CANARY[::-1], "a-login-token", "\x1b"):
        assert secret not in str(caught.value)


class Restless:
    """A kind of somebody else's that does what none should."""

    def __init__(self, read: Callable[[], Any]) -> None:
        self.read = lambda _: read()

    def close(self) -> None:
        print(CANARY)
        sys.exit(CANARY)


class Failing(Mapping[str, Any]):
    """Values that fail when they are looked at."""

    def __getitem__(self, name: str) -> Any:
        raise RuntimeError(CANARY)

    def __iter__(self) -> Iterator[str]:
        return iter(["password"])

    def __len__(self) -> int:
        return 1


def raising(error: BaseException) -> Callable[[], Any]:
    def read() -> Any:
        raise error

    return read


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (lambda: sys.exit(CANARY), "cannot be read: its kind fails with SystemExit"),
        (raising(BaseException(CANARY)), "cannot be read: its kind fails with BaseException"),
        (Failing, "cannot be read: its kind fails with RuntimeError"),
        (lambda: {"password": f"{CANARY}\ud800"}, "has something there that is no text"),
        (lambda: None, "has something there that is no text"),
        (lambda: 42, "has something there that is no text"),
        (raising(StoreError("refuses", CANARY.encode())), "refuses"),  # type: ignore[arg-type]
    ],
)
def test_a_kind_of_others_that_breaks_is_exit_8(
    spec: Write, monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], why: str
) -> None:
    monkeypatch.setattr(reading, "load_kind", lambda _: lambda _: Restless(read))
    with pytest.raises(Unresolved) as caught:
        resolve(spec(TEAM))
    assert (caught.value.message, caught.value.exit_code) == (f"the store `team` {why}", ExitCode.UNSAFE)


def test_what_a_kind_of_others_prints_reaches_nobody(
    spec: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read() -> Any:
        print(CANARY)
        sys.stdout.buffer.write(CANARY.encode())
        print(CANARY, file=sys.stderr)
        logging.getLogger("kind").error(CANARY)
        return {"password": CANARY}

    monkeypatch.setattr(reading, "load_kind", lambda _: lambda _: Restless(read))
    path = spec(TEAM)
    with Secrets(environment={}) as secrets:
        secret = secrets.of(load_spec(path))("$store{team/mail/acme#password}")
        print("the run's own")
        print("and its errors", file=sys.stderr)
    assert secret is not None
    assert secret.reveal() == CANARY
    assert capsys.readouterr() == ("the run's own\n", "and its errors\n")


def test_a_kind_of_others_has_a_time_limit(spec: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(reading, "load_kind", lambda _: lambda _: Restless(never.wait))
    path = spec({"stores": {"team": {"kind": "acme.fake", "timeout": 1, "retries": 0}}})
    with pytest.raises(Unresolved, match="the store `team` does not answer within 1 s"):
        resolve(path)
    never.set()


def test_an_exception_that_nobody_expects_says_its_type_alone(spec: Write, fake: Callable[..., Fake]) -> None:
    fake({"mail/acme": RuntimeError(CANARY)})
    with pytest.raises(Unresolved, match="its kind fails with RuntimeError") as caught:
        resolve(spec(TEAM))
    seen: BaseException | None = caught.value
    while seen is not None:
        assert CANARY not in repr(seen)
        seen = seen.__context__ or seen.__cause__


# a policy


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"stores": ["other"]}, "the policy forbids the store `team`"),
        ({"store_kinds": ["vault"]}, "the policy forbids the store `team`: its kind is none of those allowed"),
        ({"stores": []}, "the policy forbids the store `team`"),
        ({"stores": ["team"], "store_kinds": ["acme.fake"]}, None),
    ],
)
@pytest.mark.parametrize("with_secrets", [True, False])
@pytest.mark.parametrize("where", ["password", "api"])
def test_a_policy_forbids_stores(
    spec: Write,
    fake: Callable[..., Fake],
    tmp_path: Path,
    policy: Mapping[str, Any],
    said: str | None,
    with_secrets: bool,
    where: str,
) -> None:
    store = fake({"mail/acme": {"password": "a-real-one"}})
    rules = tmp_path / "policy.json"
    rules.write_text(json.dumps({"mailwright_policy": 1, **policy}), encoding="utf-8")
    reference = "$store{team/mail/acme#password}"
    api = {"client_id": "c", "client_secret": reference if where == "api" else "a-real-one"}
    tenants = {"acme.example": {**TENANT, "password": reference if where == "password" else "a-real-one"}}
    loaded = load_spec(spec({**TEAM, "api": api, "tenants": tenants}))
    if said is None:
        prepare(loaded, SERVER, policy=str(rules), with_secrets=with_secrets)
        return
    with pytest.raises(UnsafeToWrite, match=said):
        prepare(loaded, SERVER, policy=str(rules), with_secrets=with_secrets)
    assert store.opened == []


@pytest.mark.parametrize("where", ["password", "alias"])
def test_verify_keeps_to_a_policy(run: Run, spec: Write, fake: Callable[..., Fake], tmp_path: Path, where: str) -> None:
    store = fake({"mail/acme": {"password": "a-real-one"}})
    (tmp_path / "policy.json").write_text(json.dumps({"mailwright_policy": 1, "store_kinds": ["vault"]}), encoding="utf-8")
    reference = "$store{team/mail/acme#password}"
    sender = {**TENANT, "password": reference if where == "password" else "$secret{mail}"}
    more = {"tenants": {"acme.example": sender}} if where == "password" else {"global": sender, "tenants": {}}
    path = spec({**TEAM, "verify_secrets": {"mail": reference}, **more})
    result = run("verify", str(path), "--policy", tmp_path / "policy.json")
    assert (result.code, result.stdout, store.opened) == (8, "", []), result.output
    assert "the policy forbids the store `team`: its kind is none of those allowed" in result.stderr


# a command of the team's own


def command(script: str, **more: Any) -> dict[str, Any]:
    return {"stores": {"team": {"kind": "command", "command": [PYTHON, "-c", script, "{path}"], "timeout": 60, **more}}}


def test_a_command_prints_the_secret(spec: Write) -> None:
    path = spec(command("import sys; print('of ' + sys.argv[1])"))
    assert resolve(path, "$store{team/mail/acme; echo $HOME}".replace("$H", "H").replace(";", ",")) == "of mail/acme, echo HOME"


def test_a_command_prints_json(spec: Write) -> None:
    assert resolve(spec(command('print(\'{"password": "x y"}\')', output="json"))) == "x y"
    with pytest.raises(Unresolved, match="prints no JSON object"):
        resolve(spec(command("print('[1]')", output="json")))


def test_a_command_gets_no_more_of_the_environment_than_is_said(spec: Write) -> None:
    script = "import json, os; print(json.dumps({'password': ' '.join(sorted(os.environ)), **os.environ}))"
    path = spec(command(script, output="json", env=["WANTED"]))
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "WANTED": "yes", "MAILWRIGHT_SECRET": CANARY, "LC_ALL": "C.UTF-8"}
    names = set(resolve(path, env=env).split())
    assert names - {"LC_CTYPE"} == {"PATH", "HOME", "WANTED", "LC_ALL"}
    assert resolve(path, "$store{team/x#WANTED}", env=env) == "yes"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("import sys; sys.exit('no such entry')", "cannot be read: its program ended with 1: it says: no such entry"),
        ("import os; os.kill(os.getpid(), 9)", "cannot be read: its program was ended by signal 9"),
        ("print('x' * 1200000)", "says more than 1 MiB"),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "gives something that is no UTF-8 text"),
        ("print()", "has an empty text there"),
        (
            f"import sys; print('{CANARY}'); sys.exit('{CANARY} is locked')",
            "cannot be read: its program ended with 1; its words would repeat a secret",
        ),
        (
            "import os, sys; sys.exit(os.environ['PIN'])",
            "cannot be read: its program ended with 1; its words would repeat a secret",
        ),
    ],
)
def test_a_command_that_fails(spec: Write, script: str, why: str) -> None:
    with pytest.raises(Unresolved) as caught:
        resolve(spec(command(script, env=["PIN"])), "$store{team/x}", env={"PIN": "4711-0815-pin"})
    assert caught.value.message.startswith(f"the store `team` {why}")
    assert CANARY not in str(caught.value)
    assert "4711" not in str(caught.value)


def test_a_command_that_is_not_there(spec: Write) -> None:
    with pytest.raises(Unresolved, match="needs the program `no-such-program`, which is not there"):
        resolve(spec({"stores": {"team": {"kind": "command", "command": ["no-such-program"]}}}), "$store{team/x}")


def test_a_command_that_hangs_is_ended_with_all_that_it_started(spec: Write, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    hanging = {"kind": "command", "command": ["/bin/sh", "-c", f"sleep 60 & echo $! > {mark}; wait"], "timeout": 2, "retries": 0}
    started = time.monotonic()
    with pytest.raises(Unresolved, match="does not answer within 2 s"):
        resolve(spec({"stores": {"team": hanging}}), "$store{team/x}", env={"PATH": os.environ["PATH"]})
    assert time.monotonic() - started < 30
    assert _is_gone(int(mark.read_text(encoding="utf-8")))


def _is_gone(pid: int) -> bool:
    """Say whether a process ends; nobody may be there to reap it, so a zombie is one that has."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


def test_a_path_is_no_option_of_a_command(spec: Write) -> None:
    with pytest.raises(Unresolved, match="takes no path that begins with a hyphen"):
        resolve(spec(command("print(1)")), "$store{team/-rf}")


# mounted volumes of Kubernetes


def test_mounted_volumes(spec: Write, tmp_path: Path) -> None:
    """Laid out as the kubelet does: the keys are links to a hidden folder's, which is a link to the newest."""
    volume = tmp_path / "mnt" / "mail-acme"
    (volume / "..2026").mkdir(parents=True)
    (volume / "..2026" / "password").write_text("a b\n", encoding="utf-8")
    (volume / "..2026" / "blob").write_bytes(b"\xff")
    (volume / "..data").symlink_to("..2026")
    for name in ("password", "blob"):
        (volume / name).symlink_to(f"..data/{name}")
    path = spec({"stores": {"team": {"kind": "kubernetes", "folder": "mnt"}}})
    assert resolve(path, "$store{team/mail-acme#password}") == "a b"
    for reference, why in {
        "$store{team/mail-acme#pass}": "has no field `pass` there",
        "$store{team/mail-acme#blob}": "has something there that is no text",
        "$store{team/other#password}": "has no such secret",
    }.items():
        with pytest.raises(Unresolved, match=why):
            resolve(path, reference)
    (tmp_path / "outside").write_text(CANARY, encoding="utf-8")
    (volume / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(Unresolved, match="leads out of its folder"):
        resolve(path, "$store{team/mail-acme#link}")


# editors, and explain

YAML = """mailwright: 1
stores:
  team: {kind: vault, address: "https://vault.example.com"}
  cluster:
    kind: kubernetes

tenants:
  acme.example:
    password: $store{team/mail/acme#password}
    username: $store{
"""


def test_what_an_editor_is_told() -> None:
    text = Text("email.yaml", YAML)
    line = next(number for number, each in enumerate(text.lines) if "team/mail" in each)
    at = Position(line, text.lines[line].index("mail/"))
    assert meaning(text, at) == "$store{team/mail/acme#password}: the field `password` of `mail/acme` in the store `team` (vault)"
    found = definition(text, at)
    assert found is not None
    assert (found.line, found.column) == (3, 3)
    broken = Text("email.yaml", YAML.replace("    username: $store{\n", ""))
    typing = Position(line, len("    password: $store{"))
    assert {(each.text, each.detail) for each in offers(broken, typing)} == {
        ("team/", "a store of this spec: vault"),
        ("cluster/", "a store of this spec: kubernetes"),
    }
    keys = {each.label for each in offers(Text("email.yaml", YAML.replace("kubernetes\n", "kubernetes\n    ")), Position(5, 4))}
    assert {"folder", "namespace", "timeout"} <= keys
    assert "kind" not in keys  # it is there already


@pytest.mark.parametrize(
    ("key", "title"), [("secret_id_env", "Variable with the secret id"), ("command", "Command"), ("kind", "Kind")]
)
def test_explain_tells_of_a_stores_key(run: Run, key: str, title: str) -> None:
    assert run("explain", f"stores.team.{key}").stdout.startswith(f"{key}: {title} (a key of the spec)")


# what verify takes for the server's own aliases

GLOBAL = {"from_address": "a@b.example", "hostname": "127.0.0.1", "port": 1, "username": "u", "password": "$secret{smtp}"}


@pytest.mark.network
def test_verify_takes_an_alias_from_a_store(run: Run, spec: Write, fake: Callable[..., Fake], tmp_path: Path) -> None:
    store = fake({"relay": {"password": "from-the-store"}})
    path = spec({**TEAM, "global": GLOBAL, "tenants": {}, "verify_secrets": {"smtp": "$store{team/relay#password}"}})
    loaded = load_spec(path)
    file = tmp_path / "deployment.toml"

    def value(resolver: Any) -> str | None:
        secret = resolver("$secret{smtp}")
        return secret.reveal() if secret else None

    assert value(Secrets(environment={}).of(loaded)) == "from-the-store"
    assert value(Secrets(environment={}).of(None, loaded)) == "from-the-store", "of a deployment.toml beside the spec"
    assert value(Secrets(environment={}).of(None)) is None
    assert value(Secrets(environment={"MAILWRIGHT_SECRET_SMTP": "from-the-variable"}).of(loaded)) == "from-the-variable"
    (tmp_path / "smtp").write_text("from-the-folder", encoding="utf-8")
    assert value(Secrets(tmp_path, {}).of(loaded)) == "from-the-folder"
    before = len(store.read_paths)
    assert run("render", path, "-o", tmp_path / "out").code == 0
    assert run("verify", path).code == ExitCode.UNREACHABLE
    assert len(store.read_paths) == before + 1
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in GLOBAL.items())
    file.write_text(f'[output_adapter.email]\n{text}[secrets]\nsmtp = "QmFzZTY0"\n', encoding="utf-8")
    assert run("verify", path, file, "--product-version", "7.3.0").code == ExitCode.UNREACHABLE
    assert len(store.read_paths) == before + 2


def test_verify_says_where_the_reference_of_an_alias_stands(run: Run, spec: Write, fake: Callable[..., Fake]) -> None:
    fake({"relay": StoreError("refuses the login", "permission denied")})
    path = spec({**TEAM, "global": GLOBAL, "tenants": {}, "verify_secrets": {"smtp": "$store{team/relay#password}"}})
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if '"smtp"' in text)
    result = run("verify", path)
    assert result.code == ExitCode.UNSAFE
    assert f"{path}:{line}:" in result.stderr
    assert "the store `team` refuses the login: it says: permission denied" in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CANARY, "must be a reference that mailwright resolves: a secret is not written into a spec"),
        ("$secret{other}", "must be a reference that mailwright resolves: a secret is not written into a spec"),
        ("$env{HOME}", "the environment variable HOME is not allowed here"),
        ("$store{other/a#b}", "the spec has no store `other`"),
    ],
)
def test_what_stands_for_an_alias_is_a_reference(run: Run, spec: Write, text: str, message: str) -> None:
    path = spec({**TEAM, "tenants": {}, "verify_secrets": {"smtp": text}})
    assert [said for rule, said, _ in findings(run, path) if rule == "MW401"] == [message]
    assert CANARY not in run("validate", path).output


# the end of a run


def test_what_was_opened_is_given_back_once(spec: Write, fake: Callable[..., Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    store = fake({"mail/acme": {"password": "x y"}})
    closed: list[Fake] = []

    def close(self: Fake) -> None:
        closed.append(self)

    monkeypatch.setattr(Fake, "close", close, raising=False)
    path = load_spec(spec(TEAM))
    with Secrets(environment={}) as secrets:
        resolver = secrets.of(path)
        assert closed == []
        assert resolver("$store{team/mail/acme#password}") is not None
        assert resolver("$store{team/mail/acme#password}") is not None
    assert (store.opened, store.read_paths, closed) == (["team"], ["mail/acme"], [store])
    secrets.close()
    assert closed == [store]
    assert resolver("$store{team/mail/acme#password}") is not None
    assert (store.opened, store.read_paths) == (["team"] * 2, ["mail/acme"] * 2)


def test_what_was_not_opened_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.Reader, "__init__", None)
    with Secrets(environment={}):
        pass


@pytest.mark.parametrize(
    ("reference", "shown", "why"),
    [
        ("$store{team}", "$store{‹…>}", "a reference to a store is $store{NAME/path#field}"),
        ("$store{other/a}", "$store{other/a}", "the spec has no store `other`"),
        ("$store{odd/a}", "$store{odd/a}", "the spec has no store `odd`"),
    ],
)
def test_a_reference_to_no_store(spec: Write, reference: str, shown: str, why: str) -> None:
    path = spec({"stores": {"team": {"kind": "command", "command": ["x"]}, "odd": 1}})
    for document in (path, spec({})):
        with pytest.raises(Unresolved) as caught:
            Secrets(environment={}).of(load_spec(document))(reference)
        assert (caught.value.message, caught.value.reference) == (why, shown)
