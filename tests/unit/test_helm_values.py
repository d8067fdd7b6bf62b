"""The values of the vendor's chart: what it will write of them is held to the rules, and a spec is said as far as they can say it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mailwright.base.places import Place
from mailwright.product.product import load_product
from mailwright.rendering.helm_values import helm_values
from mailwright.spec import load_spec
from mailwright.spec.references import KEEP

if TYPE_CHECKING:
    from commands import Run

VALUES = {
    "enabled": True,
    "fromAddress": "a@b.example",
    "username": "u",
    "hostname": "smtp.example.com",
    "port": 587,
    "password": "$env{P}",
    "enableStartTls": True,
}
AS = ("validate", "-", "--as", "helm-values", "--product-version", "7.1.0", "--format", "json", "--ignore", "MW110,MW3")


def values(change: dict[str, Any], **more: Any) -> str:
    email = {name: value for name, value in {**VALUES, **change}.items() if value is not None}
    return yaml.dump({"deploymentToml": {"outputAdapter": {"email": email}}, **more}, sort_keys=False)


def found(run: Run, text: str) -> list[tuple[str, int, str]]:
    result = run(*AS, stdin=text)
    return [(each["rule"], each["line"], each["message"]) for each in result.json["files"][0]["findings"]]


def test_the_table_is_of_keys_that_there_are() -> None:
    product = load_product()
    assert all(entry["key"] in product.adapter for entry in product.data("helm-values")["values"].values())


def test_what_is_good(run: Run) -> None:
    assert found(run, values({})) == []


@pytest.mark.parametrize(
    ("change", "rule", "line", "message"),
    [
        ({"hostname": "R&D"}, "MW202", 7, "not well-formed"),
        ({"username": "a<b"}, "MW202", 6, "not well-formed"),
        ({"port": "x"}, "MW002", 8, "`port` must be a whole number"),
        ({"port": 0}, "MW002", 8, "`port`"),
        ({"enableStartTls": "yes"}, "MW002", 10, "`enableStartTls` must be true or false"),
        ({"enableAuthentication": False}, "MW101", 11, "unknown key `enableAuthentication`"),
        ({"signature": "S"}, "MW002", 11, "the chart has no value `signature`"),
        ({"enabled": False}, "MW002", 4, "`enabled` is not true"),
        ({"password": "canary-x"}, "MW501", 9, "clear text"),
    ],
)
def test_what_is_not(change: dict[str, Any], rule: str, line: int, message: str, run: Run) -> None:
    (first, *others) = [each for each in found(run, values(change)) if each[0] == rule]
    assert (first[:2], message in first[2]) == ((rule, line), True), (first, others)
    assert "canary" not in run(*AS, stdin=values(change)).output


def test_the_chart_s_own_misspelling_is_told_as_its_own(run: Run) -> None:
    result = run(*AS, stdin=values({"enableAuthentication": False, "usrname": "x"}))
    hints = {each["rule"]: each["hint"] for each in result.json["files"][0]["findings"]}
    assert (
        hints["MW101"] == "it is the chart that misspells it; `mailwright post-render` writes what the chart's values cannot say"
    )
    assert hints["MW002"] == "did you mean `username`?"


@pytest.mark.parametrize(("password", "rules"), [("plain", ["MW002"]), ("QmFzZTY0IHRleHQgb2YgYSBzZWNyZXQ=", [])])
def test_with_the_secret_store(password: str, rules: list[str], run: Run) -> None:
    text = values({"password": password}, deployment={"secretStore": {"enabled": True}})
    assert [rule for rule, _, message in found(run, text) if "encrypted" in message] == rules


@pytest.mark.parametrize("text", ["a: 1\n", "deploymentToml: {outputAdapter: {email: x}}\n", "[]\n"])
def test_what_holds_none_of_them(text: str, run: Run) -> None:
    (finding,) = found(run, text)
    assert "no mapping at `deploymentToml.outputAdapter.email`" in finding[2]


# -- a spec as values

GLOBAL = {"from_address": "a@b.example", "hostname": "h.example", "port": 587, "username": "R&D", "password": "$env{P}"}


def rendered(run: Run, tmp_path: Path, **change: Any) -> tuple[int, dict[str, Any], str]:
    sender = {
        name: value
        for name, value in {**GLOBAL, "signature": "S", "reply_to": "a@b.example", **change}.items()
        if value is not None
    }
    path = tmp_path / "email.yaml"
    path.write_text(json.dumps({"mailwright": 1, "product": {"version": "7.1.0"}, "global": sender}), encoding="utf-8")
    result = run("render", path, "--to", "helm-values")
    parsed = yaml.safe_load(result.stdout) if result.stdout else None
    return result.code, parsed and parsed["deploymentToml"]["outputAdapter"]["email"], result.stderr


def test_what_the_values_say_of_a_spec(run: Run, tmp_path: Path) -> None:
    code, email, said = rendered(run, tmp_path)
    assert email == {
        "enabled": True,
        "fromAddress": "a@b.example",
        "username": "<![CDATA[R&D]]>",
        "hostname": "h.example",
        "port": 587,
        "password": "$env{P}",
    }
    assert (code, "`global.signature` is not in the values" in said, "`global.reply_to`" in said) == (1, True, True)
    assert found(run, values(email)) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"enable_authentication": False}, "the chart writes `enableAuthentication`, which the server does not know"),
        ({"password": "canary-literal"}, "a literal secret is never printed"),
        ({"username": 'a"b'}, "a quotation mark"),
        ({"custom_properties": {"mail.smtp.timeout": 1}}, "the chart has no value for it"),
    ],
)
def test_what_they_cannot_say(change: dict[str, Any], why: str, run: Run, tmp_path: Path) -> None:
    code, _, said = rendered(run, tmp_path, **change)
    assert (code, why in said, "canary" in said) == (1, True, False), said


def test_what_is_always_so_is_no_loss(run: Run, tmp_path: Path) -> None:
    assert "enable_authentication" not in rendered(run, tmp_path, enable_authentication=True)[2]


ANEW = "what each file has cannot be kept: the chart rewrites the file"
ENDS = "a quotation mark, a backslash or a line break may end the text that the chart puts it into"
LITERAL = "a literal secret is never printed: write $env{NAME}, or give the chart the value by hand"
NONE = "the chart has no value for it"
STAYS = "the chart writes `enableAuthentication`, which the server does not know: it stays true"


@pytest.mark.parametrize(
    ("parts", "said", "missing"),
    [
        ({}, {}, []),
        ({"global": {"port": 587, "from_address": "a@b"}}, {"fromAddress": "a@b", "port": 587}, []),
        ({"global": {"username": "{{x}}"}}, {"username": "&#123;&#123;x&#125;&#125;"}, []),
        ({"global": {"username": KEEP}}, {}, [(5, 3, "global.username", ANEW)]),
        ({"global": {"password": "$secret{p}", "enable_start_tls": False}}, {"password": "$secret{p}", "enableStartTls": False}, []),
        ({"global": {"password": "lit"}}, {}, [(5, 3, "global.password", LITERAL)]),
        ({"global": {"username": 'a"b'}}, {}, [(5, 3, "global.username", ENDS)]),
        ({"global": {"username": "a\\b"}}, {}, [(5, 3, "global.username", ENDS)]),
        ({"global": {"username": "a\nb"}}, {}, [(5, 3, "global.username", ENDS)]),
        ({"global": {"enable_authentication": True}}, {}, []),
        ({"global": {"enable_authentication": "TRUE"}}, {}, []),
        ({"global": {"enable_authentication": False}}, {}, [(5, 3, "global.enable_authentication", STAYS)]),
        ({"global": {"signature": "S", "port": 25}}, {"port": 25}, [(5, 3, "global.signature", NONE)]),
        ({"tenant_loading": {"idle_minutes": 5}}, {}, [(4, 2, "tenant_loading", NONE)]),
        ({"secrets": {"p": "QQ=="}}, {}, [(4, 2, "secrets", NONE)]),
    ],
)  # fmt: skip
def test_what_becomes_a_value(
    parts: dict[str, Any], said: dict[str, Any], missing: list[tuple[int, int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "email.json"
    path.write_text(
        json.dumps({"mailwright": 1, "product": {"version": "7.1.0"}, **parts}, indent=1).replace(
            ': {\n  "version": "7.1.0"\n }', ': {"version": "7.1.0"}'
        ),
        encoding="utf-8",
    )
    found = helm_values(load_spec(path))
    assert list(found.values.items()) == [("enabled", True), *said.items()]
    assert list(found.missing) == [(Place(str(path), line, column), name, why) for line, column, name, why in missing]
    email = yaml.safe_load("\n".join(found.lines()))["deploymentToml"]["outputAdapter"]["email"]
    assert email == {"enabled": True, **said}
