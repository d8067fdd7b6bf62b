"""Merging: the table says what the spec says, every other byte stays, twice is once."""

from __future__ import annotations

import errno
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mailwright.base import writing
from mailwright.base.atomic import replace_file
from mailwright.base.places import Source
from mailwright.cli import run
from mailwright.deployment import parse_deployment, read_deployment
from mailwright.deployment.values import toml_value
from mailwright.engine.effective import effective
from mailwright.rendering.fragment import NodeSettings, expected_properties, node_settings
from mailwright.rendering.merging import Merged, MergeRefused, merge
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json
from product_files import SOURCES, deployment_files
from products import ALL, NEWEST

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo" / "deployment.toml"

SENDERS: dict[str, dict[str, Any]] = {
    "basic": {"from_address": "a@example.com", "hostname": "smtp.example.com", "port": 587, "username": "u", "password": "p"},
    "no authentication": {"from_address": "a@example.com", "hostname": "relay", "enable_authentication": False},
    "troublesome": {
        "from_address": "a@example.com",
        "hostname": "h",
        "username": "R&D",
        "password": "{{1+1}}]]><&$env{X}'\"\\",
        "signature": "A <b> & {% c %}",
    },
    "custom properties": {
        "from_address": "a@example.com",
        "hostname": "h",
        "username": "u",
        "password": "$secret{smtp_password}",
        "custom_properties": {"mail.smtp.timeout": 10000, "mail.smtp.starttls.required": True, "x&y": "1<2"},
    },
    "oauth": {
        "from_address": "a@example.com",
        "hostname": "h",
        "auth_type": "CLIENT_CREDENTIAL",
        "client_id": "i",
        "client_secret": "s&",
        "token_endpoint": "https://x.example/t?a=1&b=2",
        "scopes": "a b",
    },
    "references": {
        "from_address": "$ref{server.admin_email}",
        "hostname": "$sys{mail.host}",
        "port": "$env{SMTP_PORT}",
        "username": "$env{SMTP_USER}",
        "password": "$secret{smtp_password}",
        "signature": "A & $env{NAME}",
    },
    "minimal": {"from_address": "a@example.com", "hostname": "h", "username": "u", "password": "p"},
}


def settings(sender: dict[str, Any], **rest: Any) -> NodeSettings:
    document = read_json(Source("spec", json.dumps({"mailwright": 1, "global": sender, **rest})))
    return node_settings(make_spec("spec", document))


def merged(text: str, sender: dict[str, Any], **rest: Any) -> Merged:
    return merge(Source("deployment.toml", text), settings(sender, **rest))


def outside(before: str, after: str) -> None:
    """Every line of *before* stands in *after*, in its order."""
    rest = iter(after.splitlines(keepends=True))
    assert all(line in rest for line in before.splitlines(keepends=True))


@pytest.mark.parametrize("sender", SENDERS.values(), ids=list(SENDERS))
def test_the_demo_file(sender: dict[str, Any]) -> None:
    before = DEMO.read_text(encoding="utf-8")
    once = merged(before, sender)
    outside(before, once.text)
    assert once.text.rstrip().splitlines()[-2] == "[secrets]"
    twice = merged(once.text, sender)
    assert (twice.text, twice.changed) == (once.text, ())
    for release in ALL:
        view = effective(parse_deployment(once.text), release, partial=True)
        for name, text in expected_properties(sender, release).items():
            assert view.text_of(name) == text


@pytest.mark.parametrize("source", SOURCES)
def test_shipped_files(source: str) -> None:
    for file in set(deployment_files(source).values()):
        before = read_deployment(str(file)).source.text
        for name, sender in [*SENDERS.items(), ("tenant loading", SENDERS["basic"])]:
            rest = {"tenant_loading": {"idle_minutes": 60}} if name == "tenant loading" else {}
            once = merged(before, sender, **rest)
            assert once.text.startswith(before.rstrip("\n"))
            assert merged(once.text, sender, **rest).changed == ()
            after = parse_deployment(once.text)
            for release in ALL:
                view = effective(after, release, partial=True)
                expected = expected_properties(sender, release)
                assert {key: view.text_of(key) for key in expected} == expected
            assert not rest or "[tenant_mgt]\ntenant_idle_timeout = 60\n" in once.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[output_adapter.email]\nK"),
        ("[a]\nx = 1", "[a]\nx = 1\n\n[output_adapter.email]\nK"),
        ("[output_adapter.email]", "[output_adapter.email]\nK"),
        ("[output_adapter.email]\n\n# about b\n[b]\n", "[output_adapter.email]\nK\n# about b\n[b]\n".replace("K\n", "K\n\n", 1)),
        ('[output_adapter.email]\r\nhost = "x" # c\r\n\r\n[b]\r\n', "[output_adapter.email]\r\nK\r\n\r\n[b]\r\n"),
        ("[output_adapter.email]\nhostname = 'h' # why\n", '[output_adapter.email]\nhostname = "smtp.example.com" # why\nREST'),
        (
            "[a]\n\n# kept\n[secrets]\nx = 'y'\n",
            "[a]\n\n[output_adapter.email]\nK\n# kept\n[secrets]\nx = 'y'\n".replace("K\n", "K\n\n", 1),
        ),
        ("\n[secrets]\nx = 'y'\n", "\n[output_adapter.email]\nK\n\n[secrets]\nx = 'y'\n"),
        ("[a]\n  # kept\n[secrets]\nx = 'y'\n", "[a]\n[output_adapter.email]\nK\n\n  # kept\n[secrets]\nx = 'y'\n"),
        ("\noutput_adapter.email.signature = 'x'\n[a]\n", "\n[a]\n\n[output_adapter.email]\nK"),
        ("output_adapter.http.x = 1\n[a]\n", "output_adapter.http.x = 1\nDOTTED[a]\n"),
        ("[output_adapter]\nx = 1\n\n[b]\n", "[output_adapter]\nx = 1\n\n[output_adapter.email]\nK\n\n[b]\n"),
        ("[output_adapter]\nx = 1\n[b]\n", "[output_adapter]\nx = 1\n\n[output_adapter.email]\nK\n\n[b]\n"),
    ],
    ids=[
        "empty",
        "no final newline",
        "header alone",
        "before a comment",
        "CRLF",
        "comment kept",
        "before secrets",
        "secrets behind a blank line",
        "an indented comment above secrets",
        "a blank line above what goes",
        "a neighbour's dotted key",
        "a blank line below the parent",
        "nothing between the parent and the next",
    ],
)
def test_where_keys_go(before: str, after: str) -> None:
    sender = SENDERS["basic"]
    lines = [f"{item.key} = {item.value}" for item in settings(sender).settings]
    newline = "\r\n" if "\r\n" in before else "\n"
    rest = newline.join(line for line in lines if not line.startswith("hostname")) + newline
    expected = (
        after.replace("REST", rest)
        .replace("DOTTED", "".join(f"output_adapter.email.{line}{newline}" for line in lines))
        .replace("K" + newline, newline.join(lines) + newline)
        .replace("K", newline.join(lines) + newline)
    )
    assert merged(before, sender).text == expected


SPELLINGS = {
    "dotted": "[output_adapter]\nemail.port = 1\nemail.host = 'x'\n\n[b]\nx = 1\n",
    "dotted deeper": "[output_adapter]\nemail.custom_properties.'a.b' = 1\nother = 1\n",
    "inline": "[output_adapter]\nemail = { port = 1, host = 'x', 'hostname' = 'y' } # why\nx = 1\n",
    "inline empty": "[output_adapter]\nemail = {}\n",
    "inline nested": "[output_adapter]\nemail = { custom_properties = { 'a.b' = 1, 'mail.smtp.timeout' = 2 } }\n",
    "top level": "output_adapter.email.port = 1\n[server]\na = 1\n",
    "quoted": '[ \'output_adapter\' . "email" ]\n"port" = 1\n',
    "array of tables": "[a]\n[[output_adapter.email]]\nport = 1\n[[output_adapter.email]]\nport = 2\n[b]\nx = 1\n",
    "inline child": "[output_adapter.email]\ncustom_properties = { 'a.b' = 1 }\n[b]\n",
    "dotted child": "[output_adapter.email]\ncustom_properties.'a.b' = 1\n",
    "child of unquoted": "[output_adapter.email]\n[output_adapter.email.custom_properties.mail.smtp]\ntimeout = 1\n",
    "key twice": "[output_adapter.email]\nport = 1\nport = 2\n[b]\n",
    "table twice": "[output_adapter.email]\nport = 1\n# kept\n[output_adapter.email]\nhostname = 'h'\n",
    "child first": "[output_adapter.email.custom_properties]\n'q' = 1\n[output_adapter.email]\nhostname = 'h'\n",
    "two spellings": "[output_adapter]\nemail.port = 1\n[output_adapter.email]\nhostname = 'h'\n",
    "a value": "[output_adapter]\nemail = 'x'\nother = 1\n",
    "a key that is a table": "[output_adapter.email]\n[output_adapter.email.password]\nx = 1\n",
    "secrets not last": "[secrets]\na = 'x'\n[output_adapter]\nfoo = '1'\n[b]\nq = 1\n",
    "multi-line value": '[output_adapter.email]\npassword = """a\nb"""\nport = 1\n',
    "the real neighbour": "[[output_adapter.custom_output_adapter]]\ntype = 'x'\n[output_adapter.custom_output_adapter.properties]\na = 'b'\n",
}


@pytest.mark.parametrize("sender", SENDERS.values(), ids=list(SENDERS))
@pytest.mark.parametrize("before", SPELLINGS.values(), ids=list(SPELLINGS))
def test_every_spelling(before: str, sender: dict[str, Any]) -> None:
    once = merged(before, sender)
    after = parse_deployment(once.text)
    assert after.problems == ()
    tomllib.loads(once.text)
    view = effective(after, NEWEST, partial=True)
    for name, text in expected_properties(sender, NEWEST).items():
        assert view.text_of(name) == text
    assert view.ignored == ()
    twice = merged(once.text, sender)
    assert (twice.text, twice.changed) == (once.text, ())
    kept = ("[b]", "[a]", "other", "foo", "# kept", "[server]", "a = ", "q = ", "type", "[secrets]")
    for line in before.splitlines():
        if line.startswith(kept):
            assert line in once.text.splitlines()


EXTENDED = {
    "by a header": "[output_adapter]\nemail = { port = 1 }\n[output_adapter.email.custom_properties]\n'mail.smtp.timeout' = 2\n",
    "by a header that says nothing": "[output_adapter]\nemail = { port = 1 }\n[output_adapter.email.custom_properties]\n[b]\nx = 1\n",
    "by dotted keys": "[output_adapter]\nemail = { port = 1 }\nemail.custom_properties.'mail.smtp.timeout' = 2\n",
}


@pytest.mark.parametrize("sender", SENDERS.values(), ids=list(SENDERS))
@pytest.mark.parametrize("before", EXTENDED.values(), ids=list(EXTENDED))
def test_an_inline_table_that_is_extended(before: str, sender: dict[str, Any]) -> None:
    """TOML forbids it, and the server's parser takes it: what has a header of its own is written below that."""
    once = merged(before, sender)
    after = parse_deployment(once.text)
    view = effective(after, NEWEST, partial=True)
    for name, text in expected_properties(sender, NEWEST).items():
        assert view.text_of(name) == text
    twice = merged(once.text, sender)
    assert (twice.text, twice.changed) == (once.text, ())


@pytest.mark.parametrize("text", ["]]>", "a\rb", "<![CDATA[{{x}}]]>", "{{x}}", "a&b", "&#36;env{X}", "x<!-- y -->z"])
def test_a_text_that_the_server_reads_otherwise_is_not_taken_for_the_same(text: str) -> None:
    plain = {"<![CDATA[{{x}}]]>": "{{x}}", "&#36;env{X}": "x", "x<!-- y -->z": "xz"}.get(text, text)
    once = merged(f"[output_adapter.email]\nsignature = {toml_value(text)}\n", {**SENDERS["basic"], "signature": plain})
    assert effective(parse_deployment(once.text), NEWEST).text_of("mail.smtp.signature") == plain


def test_keys_that_the_spec_does_not_have_can_stay() -> None:
    text = "[output_adapter.email]\nhost = 'x'\nsignature = 'S'\n"
    kept = merge(Source("deployment.toml", text), settings(SENDERS["basic"]), keep_unmanaged=True)
    assert kept.text.startswith(text)
    assert "host" not in merged(text, SENDERS["basic"]).text.split("hostname")[0]


@pytest.mark.parametrize(
    "text",
    [
        "[output_adapter.email]\nport = yes\n",
        "[server]\nx = 1\nx = 2\n",
        "[a.b]\nc = 1\n[a]\nd = 1\n",
        "[output_adapter.email]\nport = 1\n[output_adapter.http]\nx = 1\nx = 2\n",  # managed keys stand beside it
    ],
)
def test_what_the_server_refuses_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(MergeRefused) as caught:
        merged(text, SENDERS["basic"])
    assert caught.value.place is not None
    assert caught.value.place.line > 0


def test_bytes_that_are_no_utf8_stay(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"# caf\xe9\n[a]\nx = '\xff'\n")
    result = merge(read_deployment(str(file)).source, settings(SENDERS["basic"]), NEWEST)
    assert result.text.encode("utf-8", "surrogateescape").startswith(b"# caf\xe9\n[a]\nx = '\xff'\n")


def test_nothing_secret_in_its_repr() -> None:
    result = merged("", {**SENDERS["basic"], "password": "canary-7f3a"})
    assert "canary-7f3a" in result.text
    assert "canary-7f3a" not in repr(result) + repr(settings({**SENDERS["basic"], "password": "canary-7f3a"}))


LOADING = {
    "absent": ("[a]\nx = 1\n", {"idle_minutes": 60}, "[tenant_mgt]\ntenant_idle_timeout = 60\n"),
    "changed": (
        "[tenant_mgt]\ntenant_idle_timeout = 30 # c\nkept = 1\n",
        {"idle_minutes": 60},
        "tenant_idle_timeout = 60 # c\nkept = 1\n",
    ),
    "eager": (
        "[tenant_mgt]\ntenant_idle_timeout = 30\nkept = 1\n",
        {"eager": ["*", "!a.example"]},
        '[tenant_mgt]\nkept = 1\neager_loading_tenants = "*,!a.example"\n',
    ),
    "idle again": ("[tenant_mgt]\neager_loading_tenants = '*'\n", {"idle_minutes": 5}, "[tenant_mgt]\ntenant_idle_timeout = 5\n"),
}


@pytest.mark.parametrize(("before", "loading", "after"), LOADING.values(), ids=list(LOADING))
def test_the_tenant_loading_policy(before: str, loading: dict[str, Any], after: str) -> None:
    once = merged(before, SENDERS["basic"], tenant_loading=loading)
    assert after in once.text
    assert merged(once.text, SENDERS["basic"], tenant_loading=loading).changed == ()
    assert merged(before, SENDERS["basic"]).text.startswith(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a]\nx = 1\n", '\n[secrets]\nsmtp_password = "QUJD"\n'),
        ("[a]\nx = 1\n\n[secrets]\nother = 'x'\n", "[secrets]\nother = 'x'\nsmtp_password = \"QUJD\"\n"),
        ("[secrets]\nsmtp_password = 'old'\n[a]\nx = 1\n", '[secrets]\nsmtp_password = "QUJD"\n[a]\nx = 1\n'),
    ],
    ids=["absent", "added last", "replaced, not moved"],
)
def test_the_aliases_of_secrets(before: str, after: str) -> None:
    once = merged(before, SENDERS["custom properties"], secrets={"smtp_password": "QUJD"})
    assert once.text.endswith(after)
    assert effective(parse_deployment(once.text), NEWEST).outcome.value == "ok"
    assert merged(once.text, SENDERS["custom properties"], secrets={"smtp_password": "QUJD"}).changed == ()


def test_several_files_several_of_them_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "email.json"
    spec.write_text(json.dumps({"mailwright": 1, "global": SENDERS["basic"]}), encoding="utf-8")
    texts = {"good": "[a]\nx = 1\n", "refused": "[a]\nx = 1\nx = 2\n", "fine": "[output_adapter]\nemail.port = 1\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    files = [str(tmp_path / f"{name}.toml") for name in ("good", "refused", "missing", "fine")]
    assert run(["merge", str(spec), *files]) == 2
    captured = capsys.readouterr()
    assert "refused.toml:3:1" in captured.err
    assert "missing.toml: cannot be read" in captured.err
    assert "nothing was merged" in captured.err
    assert captured.out == ""
    assert {name: (tmp_path / f"{name}.toml").read_text(encoding="utf-8") for name in texts} == texts
    assert not list(tmp_path.glob("*.bak"))
    assert run(["merge", str(spec), files[0], files[3]]) == 0
    assert run(["merge", "--check", str(spec), files[0], files[3]]) == 0


def test_files_of_which_one_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "email.json"
    spec.write_text(json.dumps({"mailwright": 1, "global": SENDERS["basic"]}), encoding="utf-8")
    files = [str(tmp_path / f"{name}.toml") for name in "abc"]
    for name in files:
        Path(name).write_text("[a]\nx = 1\n", encoding="utf-8")

    def replace(path: str, *arguments: Any, **options: Any) -> Any:
        if path == files[1]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace_file(path, *arguments, **options)

    monkeypatch.setattr(writing, "replace_file", replace)
    assert run(["merge", str(spec), *files]) == 7
    captured = capsys.readouterr()
    assert f"merged in part: {files[0]}, {files[2]} changed" in captured.err
    assert Path(files[1]).read_text(encoding="utf-8") == "[a]\nx = 1\n"
    assert run(["merge", "--check", str(spec), *files]) == 1
