"""What `validate` looks at, and what it leaves out: folders, patterns, --select, --ignore, --strict, comments, --fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str | bytes], Path]
BAD = "[output_adapter.email]\nhost = 'smtp.example.com'\npassword = 'zq&canary'\n"
ONE = ("--product-version", "7.2.0", "--format", "json")


def rules(result: object, file: int = 0) -> list[str]:
    return [finding["rule"] for finding in result.json["files"][file]["findings"]]  # type: ignore[attr-defined]


def test_a_folder_gives_what_is_ours(run: Run, write: Write, tmp_path: Path) -> None:
    write("a/deployment.toml", BAD)
    write("a/other.toml", "[tool.black]\nline-length = 88\n")
    write("a/node.toml", "[server]\nx = 1\n[output_adapter.email]\nport = 25\n")
    write("b/spec.yaml", "# a comment\nmailwright: 1\n")
    write("b/compose.yaml", "services: {mailwright: {image: x}}\n")
    write("b/spec.json", '{"mailwright": 1}')
    write(".git/deployment.toml", BAD)
    result = run("validate", tmp_path, *ONE)
    names = [str(Path(file["file"]).relative_to(tmp_path)) for file in result.json["files"]]
    assert names == ["a/deployment.toml", "a/node.toml", "b/spec.json", "b/spec.yaml"]


def test_patterns_and_files_named_twice(run: Run, write: Write, tmp_path: Path) -> None:
    path = write("a/deployment.toml", BAD)
    result = run("validate", tmp_path / "**" / "deployment.toml", path, *ONE)
    assert [file["file"] for file in result.json["files"]] == [str(path)]
    assert run("validate", tmp_path / "*.nothing").code == 2
    (tmp_path / "empty").mkdir()
    assert "contains no spec" in run("validate", tmp_path / "empty").stderr


def test_select_ignore_and_strict(run: Run, write: Write) -> None:
    path = write("deployment.toml", BAD)
    assert set(rules(run("validate", path, *ONE, "--select", "MW1"))) == {"MW101", "MW110"}
    assert "MW101" not in rules(run("validate", path, *ONE, "--ignore", "mw101,MW2"))
    quiet = run("validate", path, *ONE, "--select", "MW110")
    assert quiet.code == 0
    strict = run("validate", path, *ONE, "--select", "MW110", "--strict")
    assert (strict.code, {finding["severity"] for finding in strict.json["files"][0]["findings"]}) == (1, {"error"})
    assert run("validate", path, "--select", "XX1").code == 2


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        (BAD.replace("smtp.example.com'", "smtp.example.com' # mailwright: ignore[MW101]"), {"MW101"}),
        (BAD.replace("host =", "# mailwright: ignore[MW101]\nhost ="), {"MW101"}),
        ("# mailwright: ignore-file[MW110, MW101]\n" + BAD, {"MW101", "MW110"}),
        (BAD.replace("canary'", "canary' # mailwright: ignore"), {"MW202", "MW501"}),
    ],
)
def test_comments_silence_what_they_name(text: str, gone: set[str], run: Run, write: Write) -> None:
    before = set(rules(run("validate", write("a.toml", BAD), *ONE)))
    after = set(rules(run("validate", write("b.toml", text), *ONE)))
    assert before - after == gone & before
    assert gone <= before


def test_fix_and_diff(run: Run, write: Write) -> None:
    path = write("deployment.toml", BAD.replace("\n", "\r\n"))
    shown = run("validate", path, "--product-version", "7.2.0", "--diff")
    assert (shown.code, path.read_bytes()) == (1, BAD.replace("\n", "\r\n").encode())
    assert "would fix" in shown.stderr
    fixed = run("validate", path, "--product-version", "7.2.0", "--fix", "--diff")
    assert fixed.code == 0
    wanted = BAD.replace("host =", "hostname =").replace("'zq&canary'", '"<![CDATA[zq&canary]]>"').replace("\n", "\r\n")
    assert path.read_bytes() == wanted.encode()
    for result in (shown, fixed):
        assert "canary" not in result.output
    assert run("validate", path, "--product-version", "7.2.0", "--fix").stderr == ""


def test_several_reasons_why_the_server_does_not_come_up(run: Run, write: Write) -> None:
    text = "[output_adapter.email]\nusername = 'a&b'\npassword = '{{1+1}}'\nsignature = 'a<b'\nreply_to = '$ref{server.nope}'\n"
    found = run("validate", write("deployment.toml", text), *ONE, "--select", "MW2").json["files"][0]["findings"]
    assert [(finding["rule"], finding["line"]) for finding in found] == [("MW202", 2), ("MW201", 3), ("MW202", 4), ("MW201", 5)]
