"""Merging as an operation: what the command and the role hand on, and what it refuses in their place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.errors import MailwrightError, SpecError, UnsafeToWrite
from mailwright.base.writing import FileChanged
from mailwright.operations import merge as operation
from mailwright.operations.merge import ATTEMPTS, FileMerge, MergeReport, merge, merging
from mailwright.product.product import load_product
from mailwright.spec import Spec, load_spec

Write = Callable[[str, str], Path]

SENDER = {
    "from_address": "a@example.com",
    "hostname": "h",
    "username": "u",
    "password": "$secret{smtp}",
    "signature": "S",
    "reply_to": "b@example.com",
}
TABLE = "[output_adapter.email]\n" + "".join(f'{name} = "{value}"\n' for name, value in SENDER.items())
ENCRYPTED = '\n[secrets]\nsmtp = "QQ=="\n'


@pytest.fixture
def spec(write: Write) -> Spec:
    return load_spec(write("email.json", json.dumps({"mailwright": 1, "global": SENDER})))


def outcome(report: MergeReport) -> tuple[int, bool, int]:
    return report.exit_code, bool(report.written), report.left_alone


# -- for which releases


def test_the_releases_that_files_are_for(spec: Spec) -> None:
    releases = load_product().releases
    every, one = merging(spec), merging(spec, product_version="7.0.0")
    assert (every.releases, every.release) == (tuple(releases), releases.newest)
    assert not every.keep_unmanaged
    assert ([release.version for release in one.releases], one.release.version) == (["7.0.0"], "7.0.0")


@pytest.mark.parametrize(
    ("document", "empty"),
    [
        ({"global": SENDER}, False),
        ({}, True),
        ({"secrets": {"smtp": "QQ=="}}, False),
        ({"keep_unmanaged": True, "global": {"password": "$keep{}"}}, False),
    ],
)
def test_what_says_nothing_of_a_file(document: dict[str, Any], empty: bool, write: Write) -> None:
    assert merging(load_spec(write("email.json", json.dumps({"mailwright": 1, **document})))).is_empty is empty


# -- what is written


@pytest.mark.parametrize("keep", [False, True])
def test_keys_that_the_spec_does_not_have(keep: bool, spec: Spec, write: Write) -> None:
    file = write("deployment.toml", f"{TABLE}port = 25\n{ENCRYPTED}")
    assert outcome(merge(spec, [str(file)], keep_unmanaged=keep)) == (0, not keep, 0)
    assert ("port = 25" in file.read_text()) is keep


@pytest.mark.parametrize("check", [False, True])
def test_a_check_writes_nothing(check: bool, spec: Spec, write: Write) -> None:
    file, same = write("deployment.toml", ENCRYPTED), write("same.toml", TABLE + ENCRYPTED)
    assert outcome(merge(spec, [str(file)], check=check)) == ((1, False, 0) if check else (0, True, 0))
    assert (file.read_text() == ENCRYPTED) is check
    assert outcome(merge(spec, [str(same)], check=check)) == (0, False, 0)


@pytest.mark.parametrize(
    ("text", "check", "words", "also"),
    [
        ("", False, "merged", False),
        ("", True, "in sync", False),
        (TABLE, False, "merged", True),
        (TABLE, True, "in sync", True),
    ],
)
@pytest.mark.parametrize("version", [None, "7.2.0"])
def test_why_a_file_is_not_written(
    text: str, check: bool, words: str, also: bool, version: str | None, spec: Spec, write: Write
) -> None:
    file, other = write("deployment.toml", text), write("other.toml", ENCRYPTED)
    report = merge(spec, [str(file), str(other)], check=check, product_version=version)
    refused = report.results[0][1]
    assert isinstance(refused, UnsafeToWrite)
    assert refused.message.startswith(f"not {words}: the server would not start: ")
    assert refused.message.endswith("; nor does it with the file as it is") is also
    assert (str(refused.place), refused.place.line if refused.place else 0) == (str(file), 0)
    hints = (refused.hint or "").split("; ")
    assert hints[0].startswith("give the alias smtp its encrypted text")
    assert ("--product-version V asks about one release" in hints) is (version is None)
    assert hints[-1] == "--allow-unstartable writes it anyway"
    assert (file.read_text(), other.read_text(), report.written) == (text, ENCRYPTED, ())
    assert report.left_alone == (0 if check else 1)
    assert outcome(merge(spec, [str(other), str(file)], check=False, allow_unstartable=True)) == (0, True, 0)


def test_a_secret_whose_only_copy_would_go(spec: Spec, write: Write) -> None:
    text = TABLE.replace("$secret{smtp}", "canary-clear") + ENCRYPTED
    file = write("deployment.toml", text)
    (_, refused), *_ = merge(spec, [str(file)], backups=0).results
    assert isinstance(refused, UnsafeToWrite)
    assert refused.message.startswith("`password` is here in clear text")
    assert (str(refused.place), refused.hint, file.read_text()) == (str(file), "leave out `--backup 0`", text)
    assert outcome(merge(spec, [str(file)], backups=0, check=True)) == (1, False, 0)
    assert outcome(merge(spec, [str(file)], backups=1)) == (0, True, 0)


# -- somebody else writes it meanwhile


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1, ATTEMPTS])
def test_a_file_that_others_keep_writing(times: int, spec: Spec, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file, real, calls = write("deployment.toml", ENCRYPTED), operation.write_again, list[int]()

    def changing(name: str, before: bytes, *rest: Any, **options: Any) -> Any:
        calls.append(len(calls) + 1)
        if len(calls) <= times:
            file.write_text(f"{ENCRYPTED}# {len(calls)}\n")
            raise FileChanged("was changed")
        return real(name, before, *rest, **options)

    monkeypatch.setattr(operation, "write_again", changing)
    ((_, result),) = merge(spec, [str(file)]).results
    assert f"# {times}\n" in file.read_text()
    if times < ATTEMPTS:
        assert isinstance(result, FileMerge)
        assert (result.written is not None, len(calls), "hostname" in file.read_text()) == (True, times + 1, True)
    else:
        assert isinstance(result, UnsafeToWrite)
        assert (result.message, result.hint) == ("others keep writing it; nothing was merged", "run it again")
        assert (str(result.place), len(calls)) == (str(file), ATTEMPTS)


def test_what_is_done_in_part(spec: Spec, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other, real = write("one.toml", ENCRYPTED), write("other.toml", ENCRYPTED), operation.write_again

    def failing(name: str, *rest: Any, **options: Any) -> Any:
        if name == str(other):
            raise UnsafeToWrite("is in the way")
        return real(name, *rest, **options)

    monkeypatch.setattr(operation, "write_again", failing)
    told = list[tuple[str, bool]]()
    report = merge(
        spec, [str(one), str(other)], each=lambda name, result: told.append((name, isinstance(result, MailwrightError)))
    )
    assert (report.exit_code, report.in_part, report.written, report.results) == (7, True, (str(one),), ())
    assert told == [(str(one), False), (str(other), True)]


# -- secrets for the cipher tool


@pytest.mark.parametrize(
    ("text", "secrets", "lines"),
    [
        ("", {"smtp": "canary"}, ['smtp = "[canary]"']),
        (ENCRYPTED, {"smtp": "canary"}, ['smtp = "QQ=="']),
        (ENCRYPTED, {"smtp": "x", "b": "two words", "a": "one"}, ['smtp = "QQ=="', 'a = "[one]"', 'b = "[two words]"']),
        ('[secrets]\nsmtp = "[old]"\n', {"smtp": "new"}, ['smtp = "[old]"']),
        ("", {"smtp": "\u00e9"}, ['smtp = "[\u00e9]"']),
    ],
)
def test_secrets_in_brackets(text: str, secrets: dict[str, str], lines: list[str], spec: Spec) -> None:
    """Those that a file does not have: product/placeholders.md#not-encrypted-yet."""
    found = merging(spec, plain_secrets=secrets).into("deployment.toml", text.encode())
    _, _, behind = found.content.decode().partition("[secrets]\n")
    assert behind.splitlines() == lines
    assert "canary" not in repr(found) + repr(merging(spec, plain_secrets=secrets))


BRACKETS = "the secret `smtp`: brackets, quotation marks, backslashes and control characters may not survive the cipher tool"


@pytest.mark.parametrize(
    ("alias", "secret", "message", "hint"),
    [
        ("a.b", "x", "the alias of a secret must be letters, digits and `_`", None),
        ("", "x", "the alias of a secret must be letters, digits and `_`", None),
        *(
            ("smtp", secret, BRACKETS, "encrypt it by hand, and give its encrypted text")
            for secret in ("", "a[", "a]", 'a"', "a\\", "a\n")
        ),
    ],
)
@pytest.mark.parametrize("text", ["", ENCRYPTED], ids=["not there", "there"])
def test_secrets_that_the_tool_may_not_read(
    alias: str, secret: str, message: str, hint: str | None, text: str, spec: Spec
) -> None:
    with pytest.raises(UnsafeToWrite) as caught:
        merging(spec, plain_secrets={alias: secret}).into("deployment.toml", text.encode())
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_file_that_cannot_be_merged_into_is_named(spec: Spec) -> None:
    for secrets in ({}, {"smtp": "x"}):
        with pytest.raises(MailwrightError) as caught:
            merging(spec, plain_secrets=secrets).into("their.toml", b"output_adapter = 1\n")
        assert str(caught.value.place).startswith("their.toml:1:")


def test_a_spec_with_errors_is_merged_into_nothing(write: Write) -> None:
    with pytest.raises(SpecError):
        merging(load_spec(write("email.json", json.dumps({"mailwright": 1, "global": {**SENDER, "port": "x"}}))))
