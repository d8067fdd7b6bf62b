"""`render --format jsonl` and `json`: one stream of many tenants, whole or not at all, without secrets where they would be seen."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from commands import Run
from mailwright.base.errors import UnsafeToWrite
from mailwright.operations.render import check, printable_fragment, render, write_all
from mailwright.rendering.folder import Rendered
from mailwright.spec import load_spec
from products import inlined

Write = Callable[[str, str], Path]

LINE, DOCUMENT = (Draft202012Validator(inlined("report", f"/$defs/{name}")) for name in ("render-line", "render"))
SPEC = """
mailwright: 1
product: {version: "7.3.0"}
defaults: {hostname: smtp.example.com, port: 587}
tenants_from: [t.csv]
"""
HEADER = "domain,from_address,signature,reply_to,username,password\n"


def row(number: int, password: str = "$env{MAILWRIGHT_P}") -> str:
    return (
        f't{number}.example,no-reply@t{number}.example,"Tenant ""{number}"", %s",help@t{number}.example,user{number},{password}\n'
    )


@pytest.fixture
def spec(write: Write) -> Path:
    write("t.csv", HEADER + "".join(map(row, range(5))))
    return write("spec.yaml", SPEC)


def objects(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_a_tenant_with_what_posting_it_takes(spec: Path, run: Run) -> None:
    result = run("render", spec, "--format", "jsonl")
    assert (result.code, result.stderr) == (0, "")
    lines = objects(result.stdout)
    for line in lines:
        LINE.validate(line)
    assert lines[3] == {
        "schema_version": 1,
        "domain": "t3.example",
        "api_version": "v2",
        "method": "POST",
        "path": "/t/t3.example/api/server/v2/notification-senders/email",
        "payload": {
            "name": "EmailPublisher",
            "provider": "SMTP",
            "fromAddress": "no-reply@t3.example",
            "smtpServerHost": "smtp.example.com",
            "smtpPort": 587,
            "authType": "BASIC",
            "properties": [
                {"key": "userName", "value": "user3"},
                {"key": "mail.smtp.signature", "value": 'Tenant "3", %s'},
                {"key": "mail.smtp.replyTo", "value": "help@t3.example"},
            ],
        },
        "secrets": {"password": "$env{MAILWRIGHT_P}"},
    }
    assert [line["domain"] for line in lines] == [f"t{number}.example" for number in range(5)]


def test_the_stream_holds_what_the_files_hold(spec: Path, run: Run, tmp_path: Path) -> None:
    assert run("render", spec, "-o", tmp_path / "out").code == 0
    for line in objects(run("render", spec, "--format", "jsonl").stdout):
        stem = tmp_path / "out" / "tenants" / f"{line['domain']}.v2"
        assert json.loads(stem.with_name(f"{stem.name}.json").read_text()) == line["payload"]
        assert json.loads(stem.with_name(f"{stem.name}.secrets.json").read_text()) == line["secrets"]


def test_one_document_with_the_fragment(write: Write, run: Run) -> None:
    sender = 'global: {from_address: a@example.com, hostname: h, username: u, password: "$secret{x}"}\n'
    other = '{from_address: %s, hostname: h, port: 25, username: u, password: "$env{MAILWRIGHT_P}", signature: S, reply_to: r@b}'
    tenants = f"tenants: {{a.example/o/0b: {other % 'é@b'}, b.example: {other % 'a@b'}}}\n"
    environments = "environments: {none: {tenants: {a.example/o/0b: null, b.example: null}}, e: {}}\n"
    spec = write("spec.yaml", f"mailwright: 1\n{sender}{tenants}{environments}")
    result = run("render", spec, "--format", "json")
    DOCUMENT.validate(result.json)
    (only,) = result.json["specs"]
    assert '[output_adapter.email]\nfrom_address = "a@example.com"' in only["fragment"]
    assert [(tenant["path"], tenant["payload"]["fromAddress"]) for tenant in only["tenants"]] == [
        ("/t/a.example/o/api/server/v2/notification-senders/email", "é@b"),
        ("/t/b.example/api/server/v2/notification-senders/email", "a@b"),
    ]
    several = run("render", spec, "--format", "json", "--all-env").json
    DOCUMENT.validate(several)
    assert [(entry["environment"], len(entry["tenants"])) for entry in several["specs"]] == [("none", 0), ("e", 2)]
    lines = objects(run("render", spec, "--format", "jsonl", "--all-env").stdout)
    assert [(line["environment"], line["domain"]) for line in lines] == [("e", "a.example/o/0b"), ("e", "b.example")]


def test_a_literal_secret_is_masked_and_a_resolved_one_goes_into_a_file_alone(write: Write, run: Run, tmp_path: Path) -> None:
    write("t.csv", HEADER + row(1) + row(2) + row(3) + row(4, "canary-literal"))
    spec, out = write("spec.yaml", SPEC), tmp_path / "payloads.jsonl"
    printed = run("render", spec, "--format", "jsonl")
    assert printed.code == 0
    assert "canary" not in printed.output
    assert objects(printed.stdout)[3]["secrets"] == {"password": "<secret>"}
    assert run("render", spec, "--format", "jsonl", "--with-secrets").code == 2
    unresolved = run("render", spec, "--format", "jsonl", "--with-secrets", "-o", out)
    assert (unresolved.code, out.exists(), "canary" in unresolved.output) == (8, False, False)
    assert unresolved.stderr.splitlines() == [
        f"mailwright: {tmp_path / 't.csv'}:2:1: the secret password of t1.example cannot be resolved: $env{{MAILWRIGHT_P}}",
        "  hint: set the environment variable, or put the file into --secrets-dir",
    ]
    done = run("render", spec, "--format", "jsonl", "--with-secrets", "-o", out, env={"MAILWRIGHT_P": 'canary-"p'})
    assert (done.code, done.output, stat.S_IMODE(out.stat().st_mode)) == (0, "", 0o600)
    lines = objects(out.read_text())
    assert [line["payload"]["properties"][-1]["value"] for line in lines] == ['canary-"p'] * 3 + ["canary-literal"]
    assert not any("secrets" in line for line in lines)


HTTP = "mailwright: 1\ntenants: {%s}\n"
SENDER = "{provider: HTTP, from_address: a@b, http: {url: %s, body: canary-body, auth: {type: NONE}}}"


@pytest.mark.parametrize("format_", ["json", "jsonl"])
def test_what_might_be_a_secret_is_refused_before_anything_is_printed(
    format_: str, write: Write, run: Run, tmp_path: Path
) -> None:
    good = "a.example: {from_address: a@b, hostname: h, port: 25, username: u, password: p, signature: S, reply_to: r@b}"
    spec = write("spec.yaml", HTTP % f"{good}, z.example: {SENDER % 'https://x.example/send'}")
    result = run("render", spec, "--format", format_, "--product-version", "7.3.0")
    assert (result.code, result.stdout, "canary" in result.output) == (8, "", False)
    assert result.stderr.splitlines() == [
        f"mailwright: {spec}:2:{spec.read_text().splitlines()[1].index('z.example') + 1}: "
        "the payload of z.example holds what can be a secret (body): that is never printed",
        "  hint: use -o, which writes a file that only you can read",
    ]
    out = tmp_path / "file"
    assert run("render", spec, "--format", format_, "--product-version", "7.3.0", "-o", out).code == 0
    assert "canary-body" in out.read_text()


def test_a_fragment_with_a_secret_is_refused_in_print(write: Write, run: Run) -> None:
    spec = write(
        "spec.yaml", "mailwright: 1\nglobal: {from_address: a@example.com, hostname: h, username: u, password: canary}\n"
    )
    result = run("render", spec, "--format", "json")
    assert (result.code, result.stdout, "canary" in result.output) == (8, "", False)


@pytest.mark.parametrize(("version", "code"), [("7.1.0", 0), ("7.2.0", 2), ("7.3.0", 2)])
@pytest.mark.parametrize("asked", [(), ("--format", "json"), ("--format", "jsonl")], ids=["folder", "json", "jsonl"])
def test_a_payload_that_the_server_does_not_take_is_not_rendered(
    asked: tuple[str, ...], version: str, code: int, write: Write, run: Run, tmp_path: Path
) -> None:
    """The same finding as of `validate`, also of a row like many that are in order; 6.0.0 to 7.1.0 take such a sender."""
    rows = [row(number) for number in range(4)] + [row(4).replace("user4", "")]
    write("t.csv", HEADER + "".join(rows))
    spec, out = write("spec.yaml", SPEC.replace("7.3.0", version)), tmp_path / "out"
    result = run("render", spec, "-o", out, *asked)
    assert (result.code, out.exists()) == (code, code == 0), result.output
    said = "t.csv:6:1: MW002: `username` is missing: the server does not accept such a sender without it"
    assert (said in result.stderr) == (code == 2)
    assert run("validate", spec).code == bool(code)


def test_what_the_api_refuses_of_a_tenant_does_not_concern_the_nodes(write: Write, run: Run) -> None:
    write("t.csv", HEADER + row(4).replace("user4", ""))
    spec = write("spec.yaml", SPEC + "tenant_loading: {idle_minutes: 60}\n")
    assert run("merge", spec, write("deployment.toml", "")).code == 0
    assert run("render", spec).code == 0  # which prints the fragment alone
    assert run("render", spec, "--to", "helm-values").code == 1


@pytest.mark.parametrize("text", [" ", "\t", "\u00a0", "\u2003"])
def test_a_blank_text_in_a_row_like_others_is_looked_at(text: str, write: Write, run: Run) -> None:
    """Rows of one shape are checked by their texts alone: all that the server asks of a text is that it is not blank."""
    write("t.csv", HEADER + "".join(map(row, range(4))) + row(4).replace("user4", text))
    spec = write("spec.yaml", SPEC)
    assert run("render", spec, "--format", "jsonl").code == (2 if run("validate", spec).code else 0)
    assert run("validate", spec).code == 1


def test_a_file_is_written_whole_or_not_at_all(spec: Path, write: Write, run: Run, tmp_path: Path) -> None:
    out = write("out.jsonl", "what was there\n")
    out.chmod(0o644)
    (tmp_path / "link").symlink_to(out)
    write("t.csv", HEADER + row(1) + "t2.example,nobody,S,r@b,u,p\n")
    assert run("render", spec, "--format", "jsonl", "-o", out).code == 2
    assert out.read_text() == "what was there\n"
    write("t.csv", HEADER + row(1))
    assert run("render", spec, "--format", "jsonl", "-o", tmp_path / "link").code == 0
    assert (len(objects(out.read_text())), stat.S_IMODE(out.stat().st_mode)) == (1, 0o600)
    assert (tmp_path / "link").is_symlink()
    folder = run("render", spec, "--format", "jsonl", "-o", tmp_path)
    assert (folder.code, "it is a folder" in folder.stderr) == (2, True)
    nowhere = run("render", spec, "--format", "jsonl", "-o", tmp_path / "no" / "file")
    assert (nowhere.code, "cannot be written" in nowhere.stderr) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "out.jsonl", "spec.yaml", "t.csv"]


def test_check_is_for_folders(spec: Path, run: Run) -> None:
    assert run("render", spec, "--format", "jsonl", "--check", "-o", spec.parent / "x").code == 2


# -- the source is read twice


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        (HEADER + row(0) + row(1, "canary-other") + row(2), "t.csv:3:1"),
        (HEADER + row(0) + row(1), "spec.yaml:2:1"),
        (HEADER, "spec.yaml:2:1"),
        (HEADER + row(0) + row(1) + row(2) + row(3), "t.csv:5:1"),
        (HEADER + row(0) + row(2) + row(1), "t.csv:3:1"),
        (HEADER.replace("signature,reply_to", "reply_to,signature") + row(0) + row(1) + row(2), "t.csv:2:1"),
    ],
    ids=["a cell", "one fewer", "none left", "one more", "another order", "other columns"],
)
def test_a_source_that_changes_after_it_was_checked_is_refused(changed: str, where: str, write: Write, tmp_path: Path) -> None:
    write("t.csv", HEADER + row(0) + row(1) + row(2))
    checked = check(load_spec(write("spec.yaml", SPEC)))
    write("t.csv", changed)
    with pytest.raises(UnsafeToWrite) as caught:
        write_all(tmp_path / "out", checked.files())
    assert caught.value.message == "the spec's files changed while they were worked on"
    assert caught.value.hint == "run it again"
    assert str(caught.value.place) == f"{tmp_path}/{where}"
    assert list((tmp_path / "out").rglob("*")) == []


# -- the folder


def files(*names: str) -> list[Rendered]:
    return [Rendered(f"tenants/{name}", f"{name}\n") for name in names]


def test_a_folder_that_somebody_else_makes_in_the_meantime_stays(tmp_path: Path) -> None:
    def others() -> Any:
        yield from files("a.json")
        (tmp_path / "tenants").mkdir()
        (tmp_path / "tenants" / "theirs").write_text("x")

    with pytest.raises(UnsafeToWrite):
        write_all(tmp_path, others())
    assert [path.name for path in tmp_path.rglob("*")] == ["tenants", "theirs"]


def test_names_that_are_one_to_the_file_system_are_one_file(tmp_path: Path) -> None:
    assert write_all(tmp_path, iter(files("a.json", "a.json"))) == (2, 1)
    assert [path.name for path in (tmp_path / "tenants").iterdir()] == ["a.json"]


KILLED = """
import os, signal, sys
from pathlib import Path
from mailwright.operations.render import write_all
from mailwright.rendering.folder import Rendered

def files():
    yield Rendered("deployment.fragment.toml", "x")
    for number in range(3):
        yield Rendered(f"tenants/{number}.json", "x" * 1000)
    os.kill(os.getpid(), int(sys.argv[2]))

write_all(Path(sys.argv[1]), files())
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_leaves_nothing_that_is_not_whole(sent: signal.Signals, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(int(sent))], check=False, capture_output=True, timeout=240)
    assert done.returncode != 0
    assert not (tmp_path / "tenants").exists()
    assert sum(path.name.endswith(".tmp") for path in tmp_path.iterdir()) == (1 if sent == signal.SIGKILL else 0)
    assert write_all(tmp_path, iter([Rendered("deployment.fragment.toml", "x"), *files("a.json")])) == (2, 1)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.json", "deployment.fragment.toml", "tenants"]


def test_a_folder_that_is_there_is_mended_file_by_file(tmp_path: Path) -> None:
    assert write_all(tmp_path, iter(files("a.json", "b.json", "d.json"))) == (3, 3)
    (tmp_path / "tenants" / "b.json").write_text("changed")
    before = os.stat(tmp_path / "tenants" / "a.json").st_ino
    assert write_all(tmp_path, iter(files("a.json", "b.json", "c.json", "d.json"))) == (4, 2)
    assert {path.name: path.read_text() for path in (tmp_path / "tenants").iterdir()} == {
        f"{name}.json": f"{name}.json\n" for name in "abcd"
    }
    assert os.stat(tmp_path / "tenants" / "a.json").st_ino == before


# -- memory

PEAK = """
import resource, sys
from mailwright.cli import run
sys.stdout = open(sys.argv[2], "w", encoding="utf-8")
assert run(["render", sys.argv[1], "--format", "jsonl"]) == 0
try:  # of this program alone: ru_maxrss counts what started it too
    with open("/proc/self/status", encoding="utf-8") as file:
        found = [int(line.split()[1]) for line in file if line.startswith("VmHWM")]
except OSError:
    found = []
sys.stderr.write(str(found[0] if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""


def test_many_tenants_take_no_more_memory_than_few(write: Write, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        write("t.csv", HEADER + "".join(map(row, range(count))))
        command = [sys.executable, "-c", PEAK, write("spec.yaml", SPEC), tmp_path / "out"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
        assert len((tmp_path / "out").read_text(encoding="utf-8").splitlines()) == count
        return int(done.stderr)

    few, many = peak(200), peak(20_000)
    assert many - few < 6 * 1024  # KiB; the payloads alone are 12 MiB


def test_what_is_rendered_by_an_operation(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("t.csv", HEADER + row(0))
    spec = load_spec(write("spec.yaml", SPEC))
    files = list(render(spec))
    assert [(file.name, file.private) for file in files] == [
        ("tenants/t0.example.v2.json", False),
        ("tenants/t0.example.v2.secrets.json", False),
    ]
    monkeypatch.setenv("MAILWRIGHT_P", "canary-of-the-tenant")
    (file,) = render(spec, with_secrets=True)
    assert (file.name, file.private, "canary-of-the-tenant" in file.text) == ("tenants/t0.example.v2.json", True, True)


def test_a_fragment_that_may_be_printed(write: Write) -> None:
    text = 'mailwright: 1\nproduct: {version: "7.3.0"}\nglobal: {from_address: a@b.example, hostname: h, username: u, password: "%s"}\n'
    fragment = printable_fragment(load_spec(write("spec.yaml", text % "$secret{p}")))
    assert 'password = "$secret{p}"' in fragment
    path = write("literal.yaml", text % "canary-lit")
    with pytest.raises(UnsafeToWrite) as caught:
        printable_fragment(load_spec(path))
    assert str(caught.value.place) == f"{path}:3:1"
    assert caught.value.message.startswith("the fragment holds a secret, or a property that might be one, in clear text")
