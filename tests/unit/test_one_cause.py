"""What several keys of a deployment.toml refer to, and what is not there, is one finding with its places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from commands import Run

Write = Callable[[str, str], Path]
TOML = """\
[output_adapter.email]
username = "FIRST"
password = "FIRST"
signature = "OTHER"
"""


def test_one_cause_is_told_once(run: Run, write: Write) -> None:
    path = write("deployment.toml", TOML.replace("FIRST", "$secret{x}").replace("OTHER", "$secret{y}"))
    arguments = ["validate", path, "--select", "MW201"]
    (file,) = run(*arguments, "--format", "json").json["files"]
    first, second = file["findings"]
    assert (first["line"], [at["line"] for at in first["also"]]) == (2, [3])
    assert (second["line"], "also" in second) == (4, False)
    assert "(also at 3:12)" in run(*arguments).stdout


def test_two_causes_are_two(run: Run, write: Write) -> None:
    path = write("deployment.toml", TOML.replace("FIRST", "{{1+1}}").replace("OTHER", "A"))
    (file,) = run("validate", path, "--format", "json", "--select", "MW201").json["files"]
    assert [item["line"] for item in file["findings"]] == [2, 3]  # each has its own fix
