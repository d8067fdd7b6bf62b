"""What may be shown: one rule, wherever a value stands."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailwright
from mailwright.base.secret import HIDDEN, LITERAL_SECRET
from mailwright.base.shown import shown_dotted, shown_key, shown_text
from mailwright.deployment import parse_deployment
from mailwright.engine.shown import shown_value
from mailwright.product.product import load_product
from mailwright.rendering.folder import shown_lines
from mailwright.rendering.payloads import shown_entry

PACKAGE = Path(mailwright.__file__).parent
CANARY = "correct horse battery"


@given(st.text(min_size=1), st.booleans(), st.booleans())
def test_a_secret_and_what_is_not_known_never_show(text: str, secret: bool, numeric: bool) -> None:
    shown = shown_text(text, text, known=False, secret=secret, numeric=numeric)
    assert shown == HIDDEN
    assert shown_text(text, text, known=True, secret=True, numeric=numeric) == LITERAL_SECRET


@pytest.mark.parametrize(
    ("value", "numeric", "shown"),
    [
        ("relay.example.com", False, "relay.example.com"),
        (587, True, "587"),
        (True, True, "True"),
        ("587 ", True, "587 "),
        ("5_87", True, "5_87"),
        ("yes", True, "yes"),
        ("", True, ""),
        (" ", True, HIDDEN),
        (CANARY, True, HIDDEN),
        ([CANARY], False, HIDDEN),
        ({"a": CANARY}, False, HIDDEN),
        (f"https://u:{CANARY}@h.example/x", False, f"https://{HIDDEN}@h.example/x"),
        ("x" * 120, False, "x" * 120),
        ("x" * 121, False, HIDDEN),
        ("a\nb", False, HIDDEN),
        ("a\u202eb", False, HIDDEN),
    ],
)
def test_a_value_whose_key_is_known(value: object, numeric: bool, shown: str) -> None:
    assert shown_text(value, str(value), known=True, numeric=numeric) == shown


def test_a_reference_shows_wherever_it_stands() -> None:
    for known in (True, False):
        assert shown_text("$env{X}", '"$env{X}"', known=known, secret=True, reference=True) == '"$env{X}"'


@pytest.mark.parametrize(("name", "shown"), [("a-b_c.d/e", "`a-b_c.d/e`"), ("a b", HIDDEN), ("", HIDDEN), ("x" * 101, HIDDEN)])
def test_a_name_shows_where_it_looks_like_one(name: str, shown: str) -> None:
    assert shown_key(name) == shown
    assert shown_dotted("a", name, 1) == ".".join(part for part in ("a", shown.strip("`") if name else "", "1") if part)


def shown_in_file(line: str) -> str:
    deployment = parse_deployment(f"[output_adapter.email]\n{line}\n")
    (leaf,) = deployment.leaves
    return shown_value(deployment, leaf, load_product().adapter)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("port = 587", "587"),
        ('port = "587"', '"587"'),
        (f'port = "{CANARY}"', HIDDEN),
        (f'enable_start_tls = "{CANARY}"', HIDDEN),
        (f'hostname = ["{CANARY}"]', HIDDEN),
        (f'password = "{CANARY}"', LITERAL_SECRET),
        ('password = "$secret{p}"', '"$secret{p}"'),
        (f'password = "$secret{{{CANARY}}}"', LITERAL_SECRET),
        (f'passwort = "{CANARY}"', HIDDEN),
        (f'hostname = """{CANARY}\n"""', HIDDEN),
    ],
)
def test_a_deployment(line: str, shown: str) -> None:
    assert shown_in_file(line) == shown


def test_a_payload() -> None:
    names = load_product().payload_names
    assert shown_entry(names, "smtpPort", 587) == "587"
    assert shown_entry(names, "smtpPort", CANARY) == HIDDEN
    assert shown_entry(names, "password", CANARY) == LITERAL_SECRET
    assert shown_entry(names, "password", "$env{P}") == '"$env{P}"'
    assert shown_entry(names, "password", f"$env{{{CANARY}}}") == LITERAL_SECRET
    assert shown_entry(names, "x-api-key", CANARY) == HIDDEN
    assert shown_entry(names, "body", CANARY) == HIDDEN
    assert shown_entry(names, "fromAddress", "Ü@x.example") == '"Ü@x.example"'
    assert shown_entry(names, "fromAddress", "12345678", longest=10) == '"12345678"'
    assert shown_entry(names, "fromAddress", "123456789", longest=10) == HIDDEN
    assert shown_entry(names, "fromAddress", "a\u2028b") == '"a\u2028b"'
    assert shown_entry(names, "fromAddress", "a\u2028b", longest=10) == HIDDEN


def test_the_difference_to_a_folder_shows_no_more() -> None:
    """What lies in the folder may be anything."""
    text = json.dumps({"password": CANARY, "apiKey": CANARY, "smtpPort": 25, "properties": [{"key": "body", "value": CANARY}]})
    assert shown_lines("tenants/a.v2.json", text, load_product()) == [
        f"password: {LITERAL_SECRET}",
        f"apiKey: {HIDDEN}",
        "smtpPort: 25",
        f"body: {HIDDEN}",
    ]


def test_no_other_module_takes_credentials_out_of_what_it_shows() -> None:
    homes = {PACKAGE / "base" / "urls.py", PACKAGE / "base" / "shown.py"}
    users = [
        path
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and "without_credentials" in {name.name for name in node.names}
    ]
    assert {path.relative_to(PACKAGE).as_posix() for path in users if path not in homes} == set()
