"""What a merge returns, whole: the text, what changed, what is wrong with it, and whose fault that is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailwright.base.errors import UnsafeToWrite
from mailwright.base.places import Source
from mailwright.deployment import parse_deployment
from mailwright.rendering.edits import foreign
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
        ("[[output_adapter.email]]\n" + LINES, "its table must be rewritten"),
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
        ("tenant_mgt = 1\n", "this key holds a value where a table is needed", "remove the line", (1, 1)),
        ("x = 1\n[[tenant_mgt]]\ny = 1\n", "this is an array of tables where a table is needed", None, (2, 1)),
        ("x = 1\nsecrets = 'x'\n", "this key holds a value where a table is needed", "remove the line", (2, 1)),
        ("[[secrets]]\n", "this is an array of tables where a table is needed", None, (1, 1)),
    ],
)
def test_what_is_no_table(text: str, message: str, hint: str | None, place: tuple[int, int]) -> None:
    with pytest.raises(MergeRefused) as caught:
        merged(text, tenant_loading={"idle_minutes": 60}, secrets={"smtp": "QUJD"}, **{"global": SENDER})
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
        (TABLE + LINES + "[[output_adapter.email.deep]]\nx = 1\n", TABLE + LINES),
        (TABLE + LINES + "custom_properties = {}\n", TABLE + LINES + "custom_properties = {}\n"),
        (TABLE + LINES + "custom_properties = { 'a.b' = 1 }\n", TABLE + LINES),
    ],
)
def test_what_the_spec_does_not_have_goes(before: str, after: str | None) -> None:
    found = merged(before, "7.2.0", **{"global": SENDER})
    assert found.text == (before.replace(", x = 1", "") if after is None else after)
    assert merged(before, "7.2.0", keep=True, **{"global": SENDER}).text == before


ANEW = 'from_address = "a@example.com"\nusername = "u"\npassword = "p"\nhostname = "h"\n'


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[output_adapter]\nemail = 'x'\nother = 1\n", f"[output_adapter]\nother = 1\n\n{TABLE}{ANEW}"),
        (
            "[a]\n[[output_adapter.email]]\n# c\nport = 1\n[[output_adapter.email]]\nport = 2\n[b]\n",
            f"[a]\n{TABLE}{ANEW}\n# c\n[b]\n",
        ),
        (f"{TABLE}{LINES}custom_properties = 'x'\n[b]\n", f"{TABLE}{ANEW}\n[b]\n"),
        (f"{TABLE}{LINES}[[output_adapter.email.custom_properties]]\n'a.b' = 1\n[b]\n", f"{TABLE}{ANEW}\n[b]\n"),
        (f"{TABLE}port = 1\n{LINES}port = 2\n[b]\n", f"{TABLE}{ANEW}\n[b]\n"),
        (f"{TABLE}{LINES}{TABLE}port = 1\n[b]\n", f"{TABLE}{ANEW}\n[b]\n"),
        (f"{TABLE}{LINES}[[output_adapter.http]]\nx = 1\n", f"{TABLE}{LINES}[[output_adapter.http]]\nx = 1\n"),
    ],
)
def test_a_table_that_the_server_does_not_read_is_written_anew(before: str, after: str, keep: bool) -> None:
    found = merged(before, "7.2.0", keep=keep, **{"global": SENDER})
    assert found.text == after
    assert merged(found.text, "7.2.0", keep=keep, **{"global": SENDER}).changed == ()


@pytest.mark.parametrize("below", ["password.x = {}\n", "password.x.y = 1\n", "password = {x = {}}\n", "password.x.y = {}\n"])
def test_what_stands_below_a_key_that_is_written(below: str) -> None:
    others = LINES.replace('password = "p"\n', "")
    assert merged(TABLE + others + below, "7.2.0", **{"global": SENDER}).text == TABLE + LINES


def test_a_header_that_gets_keys_stays_as_it_is() -> None:
    before = f"{TABLE}{LINES}\n[ output_adapter.email.custom_properties ] # mine\n'a.b' = 1\n"
    sender = {**SENDER, "custom_properties": {"mail.smtp.timeout": 1}}
    assert merged(before, "7.2.0", **{"global": sender}).text == before.replace("a.b", "mail.smtp.timeout")


LOADING = {"tenant_loading": {"idle_minutes": 60}}
WHOLE = {"global": SENDER}


@pytest.mark.parametrize(
    ("text", "spec", "message", "hint", "place"),
    [
        ("[server]\nx = 1\nx = 2\n", WHOLE, "this key is defined twice", None, (3, 1)),
        ("[server]\nx = yes\n", WHOLE, "this is not a TOML value", 'put strings in quotes: "…"', (2, 5)),
        (f"{TABLE}port = 1\n[output_adapter.http]\nx = 1\nx = 2\n", WHOLE, "this key is defined twice", None, (5, 1)),
        (f"{TABLE}port = 1\nport = 2\n[a]\nx = 1\nx = 2\n", WHOLE, "this key is defined twice", None, (6, 1)),
        (f"{TABLE}port = 1\n{TABLE}x = 1\n[a]\n[a]\n", WHOLE, "this table is defined twice", None, (6, 1)),
        (f"{TABLE}port = 1\nport = 2\n", LOADING, "this key is defined twice", None, (3, 1)),
        (f"{TABLE}port = 1\n{TABLE}x = 1\n", LOADING, "this table is defined twice", None, (3, 1)),
    ],
)
def test_what_the_parser_refuses(text: str, spec: dict[str, Any], message: str, hint: str | None, place: tuple[int, int]) -> None:
    """Only what the merge writes anew may be wrong."""
    with pytest.raises(MergeRefused) as caught:
        merged(text, **spec)
    assert (caught.value.message, caught.value.hint) == (f"the server's parser refuses this file: {message}", hint)
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == place


@pytest.mark.parametrize(
    ("written", "stays"),
    [
        ("hostname = 'h'", True),
        ('hostname = """h"""', True),
        ("hostname = '<![CDATA[h]]>'", True),
        ("hostname = '&#104;'", True),
        ("hostname = '&#104'", False),
        ("hostname = '<h>'", False),
        ("hostname = '{{h}}'", False),
        ("hostname = 'H'", False),
        ("hostname = ['h']", False),
        ("port = 0x19", True),
        ("port = '25'", False),
        ("port = 26", False),
    ],
)
def test_a_value_in_other_words_stays(written: str, stays: bool) -> None:
    name = written.partition(" ")[0]
    sender = {**SENDER, "port": 25}
    before = f"{TABLE}{LINES}port = 25\n"
    before = "".join(f"{written}\n" if line.startswith(f"{name} =") else f"{line}\n" for line in before.splitlines())
    found = merged(before, "7.2.0", **{"global": sender})
    assert (found.text == before, found.changed) == (stays, () if stays else (f"output_adapter.email.{name}",))


def test_only_the_adapters_texts_become_xml() -> None:
    """An alias that is written like a reference is another alias."""
    before = "[secrets]\nsmtp = 'QU&#74;D'\n"
    assert merged(before, "7.2.0", secrets={"smtp": "QUJD"}).text == '[secrets]\nsmtp = "QUJD"\n'


OTHERS = f"x = 1\n[output_adapter.http]\ny = '\udcff'\n{TABLE}port = 1\n[z]\n'\udcfe' = '\udcff'\n"


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("port = 1", "port = 2\nown = 1", True),
        ("port = 1\n", "", True),
        (f"{TABLE}port = 1\n", "", True),
        ("[z]", "# said\n[z]", True),
        ("x = 1", "x = 2", False),
        ("x = 1", "x = 01", False),
        ("x = 1\n", "", False),
        ("y = '", "y2 = '", False),
        ("y = '", "y = 'y", False),
        ("http", "https", False),
        ("y = '\udcff'", "y = '\udcfe'", False),
        ("'\udcfe' =", "'\udcfd' =", False),
        ("[z]\n", "[z]\nw = 1\n", False),
    ],
)
def test_what_counts_as_foreign(old: str, new: str, same: bool) -> None:
    files = [parse_deployment(text) for text in (OTHERS, OTHERS.replace(old, new, 1))]
    first, second = (foreign(file, wanted(**WHOLE)) for file in files)
    assert (first == second) is same


def test_what_is_to_stay_counts_as_foreign() -> None:
    keeping = wanted(**{"global": {"hostname": "h", "password": "$keep{}"}})
    texts = [f"{TABLE}hostname = 'h'\npassword = '{word}'\n" for word in ("p", "q")]
    assert foreign(parse_deployment(texts[0]), keeping) != foreign(parse_deployment(texts[1]), keeping)
    assert foreign(parse_deployment(texts[0]), wanted(**WHOLE)) == foreign(parse_deployment(texts[1]), wanted(**WHOLE))


def test_a_fault_names_a_release_once() -> None:
    """`secrets` is put aside twice, as a text and as nothing."""
    (fault,) = merged("[[secrets]]\nx = 1\n", "7.2.0", **LOADING).faults
    assert (fault.reason, fault.releases, fault.before) == ("`secrets` must be a table", ("7.2.0",), True)
    (fault,) = merged("[[secrets]]\nx = 1\n", **LOADING).faults
    assert (fault.releases, fault.everywhere) == (tuple(release.version for release in ALL), True)


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
