"""What a merge returns, whole: the text, what changed, what is wrong with it, and whose fault that is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailwright.base.errors import UnsafeToWrite
from mailwright.base.places import Source
from mailwright.rendering.fragment import NodeSettings, node_settings
from mailwright.rendering.merging import Merged, MergeRefused, managed_lines, merge
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json
from products import ALL

TABLE = "[output_adapter.email]\n"
SENDER = {"from_address": "a@example.com", "hostname": "h", "username": "u", "password": "p"}
LINES = 'from_address = "a@example.com"\nhostname = "h"\nusername = "u"\npassword = "p"\n'
ALIAS = LINES.replace('"p"', '"$secret{smtp}"')


def wanted(**spec: Any) -> NodeSettings:
    return node_settings(make_spec("spec.json", read_json(Source("spec.json", json.dumps({"mailwright": 1, **spec})))))


def merged(text: str, *releases: str, encrypted: tuple[str, ...] = (), keep: bool = False, **spec: Any) -> Merged:
    chosen = [release for release in ALL if not releases or release.version in releases]
    return merge(Source("f.toml", text), wanted(**spec), chosen, encrypted=encrypted, keep_unmanaged=keep)


def test_in_sync() -> None:
    assert merged(TABLE + LINES, **{"global": SENDER}) == Merged(TABLE + LINES, ())


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("p", "$env{X}", ("password",)),
        ("p", "$secret{smtp}", ("password",)),
        ("p", "q", ()),  # somebody's decision
        ("$env{X}", "$env{Y}", ()),
        ("", "$env{Y}", ()),
        ("p", None, ("password",)),
    ],
)
def test_secrets_that_are_lost(old: str, new: str | None, lost: tuple[str, ...]) -> None:
    text = TABLE + LINES.replace('"p"', json.dumps(old)) + "\n[secrets]\nsmtp = 'QUJD'\n"
    sender = {name: value for name, value in {**SENDER, "password": new}.items() if value is not None}
    sender |= {"enable_authentication": False} if new is None else {}
    found = merged(text, "7.2.0", **{"global": sender})
    assert (found.secrets_lost, found.faults, found.undefined, found.bracketed) == (lost, (), (), ())


def test_aliases_that_are_not_there_or_not_encrypted() -> None:
    sender = {**SENDER, "password": "$secret{smtp}"}
    missing = merged(TABLE + ALIAS, "7.2.0", **{"global": sender})
    assert (missing.undefined, missing.bracketed, missing.before_starts) == (("smtp",), (), False)
    plain = TABLE + ALIAS + "\n[secrets]\nsmtp = '[p]'\nother = '[q]'\n"
    bracketed = merged(plain, "7.2.0", **{"global": sender})
    assert (bracketed.undefined, bracketed.bracketed) == ((), ("smtp",))
    assert bracketed.refusal is not None
    # What the cipher tool is going to encrypt is no reason to refuse; what it is not asked to, and keys of other tables, are.
    assert merged(plain, "7.2.0", encrypted=("smtp", "other"), **{"global": sender}) == Merged(plain, ())
    assert merged(plain, "7.2.0", encrypted=("other",), **{"global": sender}).bracketed == ("smtp",)
    elsewhere = plain.replace("[secrets]", "[x]\nsmtp = 1\n[secrets]")
    assert merged(elsewhere, "7.2.0", encrypted=("smtp",), **{"global": sender}).faults == ()


def test_a_refusal_says_for_which_releases() -> None:
    sender = {**SENDER, "password": "$secret{smtp}"}
    text = TABLE + ALIAS
    everywhere = merged(text, **{"global": sender}).refusal
    one = merged(text, "7.2.0", **{"global": sender}).refusal
    two = merged(text, "7.1.0", "7.2.0", **{"global": sender}).refusal
    assert everywhere is not None
    assert one == everywhere
    assert two == f"{everywhere} (on 7.1.0, 7.2.0)"


def test_whose_fault_it_is() -> None:
    """A key of the adapter that the spec does not have is the merge's, unless it is to stay as it is."""
    stray = TABLE + LINES + "signature = '$ref{nothing.there}'\n"
    assert [fault.ours for fault in merged(stray, "7.2.0", keep=True, **{"global": SENDER}).faults] == [False]
    assert merged(stray, "7.2.0", **{"global": SENDER}).faults == ()  # removed
    kept = TABLE + LINES.replace('"p"', '"$ref{nothing.there}"')
    found = merged(kept, "7.2.0", **{"global": {**SENDER, "password": "$keep{}"}})
    assert [(fault.ours, fault.before) for fault in found.faults] == [(False, True)]
    guessed = merged(
        "", "7.2.0", **{"global": {**SENDER, "signature": "$ref{nothing.there}"}}
    )  # perhaps a default of the product
    assert [(fault.ours, fault.before, fault.releases) for fault in guessed.faults] == [(False, False, ("7.2.0",))]
    loading = TABLE + "password = 'R&D'\n"
    other = merged(loading, "7.2.0", tenant_loading={"idle_minutes": 60})
    assert [(fault.ours, fault.before) for fault in other.faults] == [(False, True)]
    assert other.refusal is None
    assert (other.problem, other.broken_before, other.starts) == (other.faults[0].reason, other.faults, False)
    assert (guessed.broken_before, guessed.problem) == ((), guessed.faults[0].reason)
    undefined = merged("", "7.2.0", **{"global": {**SENDER, "password": "$secret{p}"}})
    assert (undefined.problem, undefined.broken_before) == (undefined.refusal, ())
    assert undefined.refusal is not None
    assert (merged("", "7.2.0", **{"global": SENDER}).problem, merged("", "7.2.0", **{"global": SENDER}).broken_before) == (
        None,
        (),
    )


def test_a_key_that_stays_and_overrides() -> None:
    text = TABLE + LINES + "\n[output_adapter.email.custom_properties]\n'mail.smtp.host' = \"other\"\n"
    with pytest.raises(UnsafeToWrite) as caught:
        merged(text, "7.2.0", keep=True, **{"global": {**SENDER, "hostname": "new"}})
    assert caught.value.message == "a key that stays in the file overrides what the spec says of mail.smtp.host"
    assert caught.value.hint == "remove that key, or merge without keeping what the spec does not have"
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line) == ("f.toml", 8)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file has none"),
        (TABLE + LINES.replace('password = "p"\n', ""), "the file has none"),
        ("[[output_adapter.email]]\n" + LINES, "its table must be written anew"),
    ],
)
def test_what_is_to_stay_and_is_not_there(text: str, why: str) -> None:
    with pytest.raises(UnsafeToWrite) as caught:
        merged(text, **{"global": {**SENDER, "password": "$keep{}"}})
    assert caught.value.message == f"the spec leaves `password` as the file has it, but {why}"
    assert caught.value.hint == "give the secret in the spec, e.g. as $secret{alias} or $env{NAME}"
    assert caught.value.place is not None
    assert caught.value.place.file == "spec.json"


@pytest.mark.parametrize(
    ("text", "message", "hint", "place"),
    [
        ("output_adapter = 1\n", "this key holds a value where a table is needed", "remove the line", (1, 1)),
        ("x = 1\n[[output_adapter]]\n", "this is an array of tables where a table is needed", None, (2, 1)),
    ],
)
def test_what_is_no_table(text: str, message: str, hint: str | None, place: tuple[int, int]) -> None:
    with pytest.raises(MergeRefused) as caught:
        merged(text, **{"global": SENDER})
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == place


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '[output_adapter]\nemail = {from_address = "a@example.com", hostname = "h", username = "u", password = "p", x = 1}\n',
            None,
        ),
        (TABLE + LINES + "x.y = 1\n", TABLE + LINES),
        (TABLE + LINES + "hostname2.z = 1\n[output_adapter.email.deep]\nx = 1\n", TABLE + LINES),
        (TABLE + LINES + "[output_adapter.email.deep]\n", TABLE + LINES + "[output_adapter.email.deep]\n"),
        (
            TABLE + LINES + "[output_adapter.email.deep]\nx = 1\n[output_adapter.other]\nx = 1\n",
            TABLE + LINES + "[output_adapter.other]\nx = 1\n",
        ),
        (TABLE + LINES + "[output_adapter.email.custom_properties]\n'mail.smtp.timeout' = 1\n", TABLE + LINES),
    ],
)
def test_what_the_spec_does_not_have_goes(before: str, after: str | None) -> None:
    found = merged(before, "7.2.0", **{"global": SENDER})
    assert found.text == (before.replace(", x = 1", "") if after is None else after)
    assert merged(before, "7.2.0", keep=True, **{"global": SENDER}).text == before


def test_the_managed_lines_of_a_file() -> None:
    text = (
        TABLE
        + LINES
        + "own = 1\n[tenant_mgt]\ntenant_idle_timeout = 30\nother = 1\n[secrets]\nsmtp = 'QUJD'\nx = 'QUJD'\n[z]\ny = 1\n"
    )
    source = Source("f.toml", text)
    sender = [
        'output_adapter.email.from_address = "a@example.com"',
        'output_adapter.email.hostname = "h"',
        'output_adapter.email.username = "u"',
        "output_adapter.email.password = <secret>",
        "output_adapter.email.own = ‹…>",
    ]
    assert managed_lines(source, wanted(**{"global": SENDER})) == sender
    assert managed_lines(source, wanted(tenant_loading={"idle_minutes": 60})) == ["tenant_mgt.tenant_idle_timeout = 30"]
    both = wanted(**{"global": SENDER, "secrets": {"smtp": "QUJD"}})
    assert managed_lines(source, both) == [*sender, "secrets.smtp = ‹…>"]
    adopted = wanted(keep_unmanaged=True, **{"global": {"password": "$keep{}"}})
    assert managed_lines(source, adopted) == sender
