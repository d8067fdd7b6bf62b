"""Phase 5 of the engine's model: placeholders, in the order and with the oddities of the server.

product/placeholders.md#forms, product/placeholders.md#secrets-table.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.deployment import parse_deployment
from mailwright.engine import Abort
from mailwright.engine.effective import Effective, Outcome, effective
from mailwright.engine.placeholders import java_replacement
from mailwright.spec.references import mentioned
from products import ALL, parse_release

OLD, MIDDLE, NEW = "5.11.0", "6.1.0", "7.3.0"
# A `$` in them has a backslash in front: as it is, it ends the start (below).
ENV = {"PLAIN": "from-env", "EMPTY": "", "NESTED": r"\$env{PLAIN}", "TO_REF": r"\$ref{server.name}", "SECRET": r"\$secret{nope}"}
SYS = {"plain": "from-sys", "empty": "", "to_env": r"\$env{PLAIN}", "a.b": "dotted"}


def view_of(toml: str, version: str = NEW, *, resolve: bool = True, env: dict[str, str] | None = None) -> Effective:
    return effective(
        parse_deployment(toml), parse_release(version), environment={**ENV, **(env or {})} if resolve else None, system=SYS
    )


def password(value: str, rest: str = "", **options: object) -> Effective:
    return view_of(f"[output_adapter.email]\npassword = {value}\n{rest}", **options)  # type: ignore[arg-type]


RESOLVED = {
    "env": ("'$env{PLAIN}'", "from-env"),
    "sys": ("'$sys{plain}'", "from-sys"),
    "inside-a-text": ("'($env{PLAIN}-$sys{a.b})'", "(from-env-dotted)"),
    "twice": ("'$env{PLAIN}$env{PLAIN}'", "from-envfrom-env"),
    "empty-env": ("'a$env{EMPTY}b'", "ab"),
    "sys-before-env": ("'$sys{to_env}'", "from-env"),
    "env-is-not-looked-at-again": ("'$env{NESTED}'", "$env{PLAIN}"),
    "env-again-if-named-behind": ("'$env{NESTED}$env{PLAIN}'", "from-envfrom-env"),
    "env-before-ref": ("'$env{TO_REF}'", "srv"),
    "env-may-carry-a-secret-mark": ("'$env{SECRET}'", "$secret{nope}"),
    "ref": ("'$ref{server.name}'", "srv"),
    "ref-of-an-integer": ("'$ref{server.offset}'", "3"),
    "ref-of-a-float": ("'x$ref{server.ratio}'", "x1.0E10"),
    "ref-of-a-date": ("'$ref{server.since}'", "1979-05-27"),
    "ref-of-a-truth-value-replaces-all": ("'x$ref{server.on}y'", "true"),
    "ref-of-a-list-replaces-all": ("'x$ref{server.list}y'", "[a, b]"),
    "ref-of-a-ref": ("'$ref{server.again}'", "srv!"),
    "ref-of-a-default": ("'$ref{output_adapter.email.username}'", "abcd"),
    "dollar-in-a-ref-is-harmless": ("'$ref{server.dollar}'", "a$1\\b"),
    "unclosed": ("'$env{PLAIN'", "$env{PLAIN"),
    "unknown-kind": ("'$foo{x}${x}$ENV{x}'", "$foo{x}${x}$ENV{x}"),
    "dollar-in-the-file": ("'a$1b$\\\\'", "a$1b$\\\\"),
    "in-a-list": ("['$env{PLAIN}', 'b']", "[from-env, b]"),
    "not-in-a-list-in-a-list": ("[['$env{NOPE}'], ['b']]", "[[$env{NOPE}], [b]]"),
    "secret": ("'$secret{alias}'", "$secret{alias}"),
    "secret-with-dots-in-quotes": ("'$secret{a.b}'", "$secret{a.b}"),
}
SERVER = """[server]
name = "srv"
offset = 3
ratio = 1e10
since = 1979-05-27
on = true
list = ["a", "b"]
again = "$ref{server.name}!"
dollar = 'a$1\\b'
[secrets]
alias = "QmFzZTY0"
'a.b' = "QmFzZTY0"
"""


@pytest.mark.parametrize(("value", "expected"), RESOLVED.values(), ids=RESOLVED.keys())
def test_what_placeholders_become(value: str, expected: str) -> None:
    view = password(value, SERVER)
    assert (view.outcome, view.text_of("mail.smtp.password"), view.reason) == (Outcome.OK, expected, None)


ABORTS = {
    "env-undefined": ("'$env{NOPE}'", "environment variable NOPE"),
    "env-undefined-in-a-list": ("['$env{NOPE}']", "environment variable NOPE"),
    "sys-undefined": ("'$sys{nope}'", "system property nope"),
    "sys-empty": ("'$sys{empty}'", "system property empty"),
    "ref-unknown": ("'$ref{server.nope}'", "$ref{server.nope}"),
    "ref-to-a-table": ("'$ref{server}'", "$ref{server}"),
    "ref-to-itself": ("'$ref{output_adapter.email.password}'", "circle"),
    "ref-loop": ("'$ref{server.loop}'", "circle"),
    "secret-unknown": ("'$secret{nope}'", "$secret{nope}"),
    "secret-plain": ("'$secret{plain}'", "not encrypted"),
    "secret-plain-over-lines": ("'$secret{lines}'", "not encrypted"),
    "secret-in-a-list": ("['$secret{nope}']", "$secret{nope}"),
}
TROUBLE = """[server]
loop = "$ref{output_adapter.email.password}"
[secrets]
plain = "x[plain text]y"
lines = "[plain\\ntext]"
"""


@pytest.mark.parametrize(("value", "reason"), ABORTS.values(), ids=ABORTS.keys())
def test_what_ends_the_start(value: str, reason: str) -> None:
    view = password(value, TROUBLE if "loop" in value or "plain" in value or "lines" in value else "")
    assert view.outcome is Outcome.ABORT
    assert reason in (view.reason or "")
    assert view.properties == ()


def test_a_loop_in_a_foreign_table_ends_the_start_too() -> None:
    assert view_of("[a]\nb = '$ref{a.c}'\nc = '$ref{a.b}'\n").outcome is Outcome.ABORT


def test_a_foreign_reference_to_a_product_default_does_not() -> None:
    assert view_of("[keystore]\npath = '$ref{keystore.primary.file_name}'\n").outcome is Outcome.OK


def test_an_unused_alias_in_square_brackets_is_harmless() -> None:
    assert password("'x'", "[secrets]\na = '[plain]'\n").outcome is Outcome.OK


def test_one_good_alias_makes_the_other_one_unsure() -> None:
    toml = "[output_adapter.email]\npassword = '$secret{good}'\nusername = '$secret{bad}'\n[secrets]\ngood = 'x'\n"
    view = view_of(toml)
    assert view.outcome is Outcome.ABORT
    assert view.unsure


SECRETS = {
    "integer": "[secrets]\na = 1\n",
    "truth-value": "[secrets]\na = true\n",
    "date": "[secrets]\na = 1979-05-27\n",
    "list": "[secrets]\na = ['x']\n",
    "no-table": "secrets = 'x'\n",
    "array-of-tables": "[[secrets]]\na = 'x'\n",
}


@pytest.mark.parametrize("toml", SECRETS.values(), ids=SECRETS.keys())
def test_secrets_must_be_a_table_of_texts(toml: str) -> None:
    assert view_of(toml).outcome is Outcome.ABORT


def test_a_secret_whose_name_needs_escapes_is_harmless() -> None:
    assert view_of("[secrets]\n'ä' = 'x'\n").outcome is Outcome.OK


RUNTIME = "[runtime_secrets]\nenable = {}\n"
RUNTIME_OUTCOMES = {
    "string": ('"true"', {OLD: Outcome.ABORT, MIDDLE: Outcome.OK, NEW: Outcome.OK}),
    "any-case": ('"True"', {OLD: Outcome.ABORT, MIDDLE: Outcome.OK, NEW: Outcome.OK}),
    "false": ('"false"', {OLD: Outcome.ABORT, MIDDLE: Outcome.ABORT, NEW: Outcome.ABORT}),
    "truth-value": ("true", {OLD: Outcome.ABORT, MIDDLE: Outcome.ABORT, NEW: Outcome.ABORT}),
}


@pytest.mark.parametrize(("value", "outcomes"), RUNTIME_OUTCOMES.values(), ids=RUNTIME_OUTCOMES.keys())
def test_runtime_secrets_by_release(value: str, outcomes: dict[str, Outcome]) -> None:
    for version, outcome in outcomes.items():
        assert password("'$secret{nope}'", RUNTIME.format(value), version=version).outcome is outcome


def test_runtime_secrets_are_nothing_to_an_older_release() -> None:
    assert view_of(RUNTIME.format("true"), OLD).outcome is Outcome.OK


@pytest.mark.parametrize(("alias", "works"), [("a.b", {NEW}), ('"a.b"', {OLD, MIDDLE}), ("'a.b'", set())])
def test_aliases_in_quotes_by_release(alias: str, works: set[str]) -> None:
    """7.0.0 and later take the quotation marks off; before, they were part of the name."""
    for version in (OLD, MIDDLE, NEW):
        view = password(f"'''$secret{{{alias}}}'''", "[secrets]\n'a.b' = 'x'\n", version=version)
        assert (view.outcome is Outcome.OK) == (version in works)


def test_tables_in_arrays_by_release() -> None:
    toml = "[[other]]\nx = '$env{NOPE}'\n"
    outcomes = {release.version: view_of(toml, release.version).outcome for release in ALL}
    assert {version for version, outcome in outcomes.items() if outcome is Outcome.OK} == {"5.9.0", "5.10.0", "5.11.0"}


def test_keys_are_not_resolved() -> None:
    view = view_of("[output_adapter.email.custom_properties]\n'$env{NOPE}' = 'x'\n")
    assert view.text_of("$env{NOPE}") == "x"


def test_without_an_environment_placeholders_stay_and_are_listed() -> None:
    view = password("'$env{A}$sys{b}$ref{server.name}'", "[server]\nname = 'srv'\n", resolve=False)
    assert view.text_of("mail.smtp.password") == "$env{A}$sys{b}srv"
    assert view.unresolved == ("$env{A}", "$sys{b}")


def test_an_odd_name_is_not_shown() -> None:
    """What stands between the braces might be a password with `$env{` in it."""
    view = password("'$env{can ary}'", resolve=False)
    assert view.unresolved == ("$env{‹…>}",)
    reason = password("'$env{can ary}'").reason or ""
    assert "can ary" not in reason


# -- the replacement text of String.replaceAll

REPLACEMENTS = {
    "plain": ("abc", "abc"),
    "whole-match": ("a$0b", "a[match]b"),
    "whole-match-and-a-digit": ("$01", "[match]1"),
    "backslash-drops": (r"a\b", "ab"),
    "backslash-backslash": (r"a\\b", r"a\b"),
    "backslash-dollar": (r"a\$b", "a$b"),
}


@pytest.mark.parametrize(("value", "expected"), REPLACEMENTS.values(), ids=REPLACEMENTS.keys())
def test_replacement_texts(value: str, expected: str) -> None:
    assert java_replacement(value, "[match]") == expected
    assert password("'x$env{V}y'", env={"V": value}).text_of("mail.smtp.password") == f"x{expected}y".replace(
        "[match]", "$env{V}"
    )


@pytest.mark.parametrize("value", ["a$b", "$1", "${x}", "a$", "a\\", "$$"])
def test_replacement_texts_that_java_refuses(value: str) -> None:
    with pytest.raises(Abort):
        java_replacement(value, "[match]")
    assert password("'$env{V}'", env={"V": value}).outcome is Outcome.ABORT


@given(st.text())
def test_replacement_texts_never_surprise(value: str) -> None:
    try:
        out = java_replacement(value, "")
    except Abort:
        assert "$" in value or value.endswith("\\")
    else:
        assert "\\" in value or out == value.replace("$0", "")


@given(st.lists(st.sampled_from(["$env{", "}", "x", "$", "{", "$ref{"])).map("".join))
def test_names_are_what_stands_between_the_marks(text: str) -> None:
    """As commons-lang's substringsBetween: from a mark to the next closing brace, then on behind it."""
    names = mentioned(text, "env")
    assert all("}" not in name for name in names)
    assert len(names) <= text.count("$env{")
    assert bool(names) == ("}" in text[text.find("$env{") :] and "$env{" in text)


# -- values that insert each other


def test_references_that_double_and_double_do_not_fill_the_memory() -> None:
    lines = ["[server]", "x0 = 'lollollollol'"]
    lines += [
        f"x{step} = '{'$ref{server.x' + str(step - 1) + '}'}{'$ref{server.x' + str(step - 1) + '}'}'" for step in range(1, 64)
    ]
    view = view_of("\n".join(lines))
    assert view.outcome is Outcome.ABORT
    assert view.unsure
