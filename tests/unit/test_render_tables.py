"""Tenants of tables are checked and rendered by what they have in common: as if each of them were the only one, byte for byte."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.base.errors import MailwrightError
from mailwright.base.secret import LITERAL_SECRET, Secret
from mailwright.product.releases import Release
from mailwright.rendering.folder import iter_rendered
from mailwright.rendering.payloads import tenant_payload
from mailwright.rendering.tenants import Resolve, TenantTexts
from mailwright.report.rendered import payload_entry
from mailwright.spec import Spec, load_spec
from mailwright.spec.references import whole_reference
from mailwright.validation.alike import Alike
from mailwright.validation.specs import spec_errors
from products import parse_release

GOOD = {
    "from_address": ["no-reply@acme.example", "Ü <a@b.example>", "%s@x %d %%", '"@\\', "a\u2028@b", "0@1"],
    "signature": [
        "Acme",
        " ",
        "R&D {{team}}",
        "%(x)s",
        "https://acme.example/",
        "a\nb",
        "12",
        "x:y@z",
        "https://h.example/?api_key=1",
        "\\u0041",
        "\u00a0",
    ],
    "reply_to": ["help@acme.example", "@"],
    "username": ["acme", "  ", "007", "https://u:p@h.example/", "\t", "\U0001f600"],
    "password": ["$env{MAILWRIGHT_A}", "$env{MAILWRIGHT_B}", "$file{a}", "canary-%s", " ", "$env{MAILWRIGHT_É}"],
    "hostname": ["smtp.example.com", "::1"],
    "port": ["587", "25", 465],
    "secret_version": ["1", "2", 3],
    "enable_start_tls": ["true", "FALSE", True],
}
BAD = {
    "from_address": ["nobody", "$env{MAILWRIGHT_A}"],
    "signature": ["$secret{x}", "https://u:p@h.example/?token=abc"],
    "reply_to": ["nobody", "$keep{}"],
    "username": ["$env{MAILWRIGHT_A}", "$file{../x}"],
    "password": ["$env{OTHER}", "$env{ALLOWED_1}", "$file{../x}", "x$env{MAILWRIGHT_A}", "$env{MAILWRIGHT_$secret{x}", "$env{}"],
    "hostname": ["a b", "a/b"],
    "port": ["x", "99999999", "1.5", 587.0, True],
    "provider": ["HTTP", "smtp", "other"],
    "auth_type": ["CLIENT_CREDENTIAL", "basic"],
    "client_id": ["i"],
    "client_secret": ["$env{MAILWRIGHT_A}"],
    "token_endpoint": ["https://login.example.com/t", "ftp://x"],
    "scopes": ["a b"],
    "api_version": ["v1", "v2", "v3"],
    "http.url": ["https://x.example/send"],
    "http.body": ["{{body}}"],
    "http.auth.type": ["bearer", "NONE"],
    "http.auth.access_token": ["$env{MAILWRIGHT_A}"],
    "api.client_id": ["c", "$env{MAILWRIGHT_A}"],
    "create.owner.username": ["o", "admin"],
    "sgnature": ["a misspelt key"],
}
ALL = {name: [*GOOD.get(name, []) * 8, *BAD.get(name, [])] for name in {**GOOD, **BAD}}


FEW = ("port", "secret_version", "enable_start_tls", "provider", "auth_type", "api_version", "http.auth.type")
"""Columns that most tables have the same value in."""


@st.composite
def specs(draw: st.DrawFn, values: dict[str, list[Any]]) -> tuple[dict[str, Any], str, str]:
    """A spec, and the name and the text of its table: few sets of columns, and many rows of each."""
    names = sorted(values)
    sender = st.fixed_dictionaries({}, optional={name: st.sampled_from(values[name]) for name in names if "." not in name})
    document: dict[str, Any] = {"mailwright": 1, "allow_env": ["ALLOWED_*"], "tenants_from": ["t.*"]}
    base = {"from_address": "a@b", "signature": "S", "reply_to": "r@b", "hostname": "h", "port": 587}
    document["defaults"] = {**base, **(draw(sender) if draw(st.integers(0, 3)) == 0 else {})}
    often = st.sampled_from([name for name in names if name in GOOD])
    columns = st.lists(often, unique=True, max_size=6) | st.lists(st.sampled_from(names), unique=True, max_size=6)
    shapes = draw(st.lists(columns, min_size=1, max_size=2))
    domains = [f"t{number}.example" for number in range(draw(st.integers(4, 20)))]
    if draw(st.booleans()):
        domains[draw(st.integers(0, len(domains) - 1))] = draw(
            st.sampled_from(["acme.example/o/0b-2C", "Acme x", "carbon.super"])
        )
    cells = {name: st.sampled_from(values[name]) for name in names}
    cells |= {name: st.just(draw(cells[name])) for name in names if name in FEW or draw(st.integers(0, 9)) == 0}
    rows = [{"domain": domain, **{name: draw(cells[name]) for name in draw(st.sampled_from(shapes))}} for domain in domains]
    patch = draw(sender)
    removed = dict.fromkeys(draw(st.lists(st.sampled_from(["signature", "username", "port"]), max_size=2)))
    document["environments"] = {"e": {"defaults": {**patch, **removed}, "tenants": {domains[-1]: draw(sender)}}}
    if draw(st.booleans()):
        document["owner"] = "team %s"
    if draw(st.booleans()):
        return document, "t.csv", _csv(rows)
    for row in rows:
        for name in [name for name in row if "." in name]:
            value, *_, last = row.pop(name), *name.split(".")
            row.setdefault(name.split(".")[0], {})[last] = value
    return document, "t.jsonl", "".join(json.dumps(row, ensure_ascii=draw(st.booleans())) + "\n" for row in rows)


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    columns = [name for name in columns if not any(other.startswith(f"{name}.") for other in columns)]
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _loaded(folder: Path, made: tuple[dict[str, Any], str, str]) -> Iterator[Spec]:
    document, name, text = made
    for each in folder.glob("t.*"):
        each.unlink()
    (folder / name).write_text(text, encoding="utf-8", newline="")
    (folder / "spec.json").write_text(json.dumps(document), encoding="utf-8")
    for environment in (None, "e"):
        yield load_spec(folder / "spec.json", environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


some = settings(max_examples=max(settings.default.max_examples // 5, 20))  # each has many rows
RELEASES = st.sampled_from(["6.0.0", "7.2.0", "7.3.0"])


TEXTS = ("from_address", "signature", "reply_to", "username", "password", "hostname")
ROW = {
    "from_address": "a@b",
    "signature": "S",
    "reply_to": "r@b",
    "username": "u",
    "password": "$env{MAILWRIGHT_A}",
    "hostname": "h",
}


@pytest.mark.parametrize("jsonl", [False, True], ids=["csv", "jsonl"])
@pytest.mark.parametrize(("name", "value"), [(name, value) for name in TEXTS for value in BAD[name]])
def test_one_bad_cell_among_many_rows_is_found_where_it_stands(folder: Path, name: str, value: str, *, jsonl: bool) -> None:
    rows: list[dict[str, Any]] = [{"domain": f"t{number}.example", **ROW} for number in range(6)]
    rows[4] |= {name: value}
    document = {"mailwright": 1, "tenants_from": ["t.*"], "environments": {"e": {"defaults": {name: GOOD[name][0]}}}}
    table = ("t.jsonl", "".join(json.dumps(row) + "\n" for row in rows)) if jsonl else ("t.csv", _csv(rows))
    base, patched = _loaded(folder, (document, *table))
    found = spec_errors(base, None)
    assert {finding.place.line for finding in found} == {5 if jsonl else 6}
    with mock.patch.object(Alike, "sound", return_value=False):
        assert found == spec_errors(base, None)
    assert spec_errors(patched, None) == []  # the environment has another value in its place


@some
@given(made=specs(ALL), version=RELEASES | st.none())
def test_what_is_wrong_is_what_each_alone_has_wrong(
    folder: Path, made: tuple[dict[str, Any], str, str], version: str | None
) -> None:
    release = parse_release(version) if version else None
    for spec in _loaded(folder, made):
        found = spec_errors(spec, release)
        with mock.patch.object(Alike, "sound", return_value=False):
            assert found == spec_errors(spec, release)


def one_by_one(spec: Spec, release: Release, resolve: Resolve | None) -> Iterator[tuple[str, str]]:
    """How payloads were made before, a tenant at a time."""
    owner = spec.document.get("owner")
    for tenant in spec.tenants:
        payload = tenant_payload(tenant, release, owner=owner if isinstance(owner, str) else None)
        stem = f"tenants/{payload.domain.replace('/', '@')}.{payload.version}"
        body: Any = payload.body
        if resolve is not None:
            body = payload.complete({place: _revealed(resolve, text) for place, text in payload.secrets.items()})
        yield f"{stem}.json", json.dumps(body, indent=2, ensure_ascii=False) + "\n"
        if resolve is None:
            listed = {place.name: text if whole_reference(text) else LITERAL_SECRET for place, text in payload.secrets.items()}
            yield f"{stem}.secrets.json", json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def _revealed(resolve: Resolve, text: str) -> str:
    secret = resolve(text) if whole_reference(text) else Secret(text)
    assert secret is not None
    return secret.reveal()


def _resolve(reference: str) -> Secret | None:
    return Secret(f"canary of %s {reference}", reference)


@some
@given(made=specs(ALL), version=RELEASES, resolved=st.booleans())
def test_what_is_rendered_is_what_each_alone_comes_to(
    folder: Path, made: tuple[dict[str, Any], str, str], version: str, *, resolved: bool
) -> None:
    release, resolve = parse_release(version), _resolve if resolved else None
    for spec in _loaded(folder, made):
        files = [(file.name, file.text) for file in iter_rendered(spec, release, spec.tenants.rows(), resolve=resolve)]
        assert files == list(one_by_one(spec, release, resolve))
        printed = TenantTexts(spec, release, payload_entry(spec.environment, line=True), resolve=resolve)
        lines = [json.loads(line) for (line,) in printed.all(spec.tenants.rows())]
        bodies = [json.loads(text) for name, text in files if not name.endswith(".secrets.json")]
        assert [line["payload"] for line in lines] == bodies
        assert [line["domain"] for line in lines] == [tenant.domain for tenant in spec.tenants]


@some
@given(made=specs(GOOD))
def test_a_text_that_is_refused_in_print_is_refused_wherever_it_stands(
    folder: Path, made: tuple[dict[str, Any], str, str]
) -> None:
    def outcomes(spec: Spec, *, alone: bool) -> list[str]:
        texts = TenantTexts(spec, None, payload_entry(line=True), printed=True)
        out = []
        for row in spec.tenants.rows():
            if alone:
                row.shape = None
            try:
                out += texts.of(row)
            except MailwrightError as error:
                out.append(f"{error.place}: {error.message}")
        return out

    for spec in _loaded(folder, made):
        assert outcomes(spec, alone=False) == outcomes(spec, alone=True)
