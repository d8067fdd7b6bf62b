"""``effective`` as an operation: for which release, with which variables, and of which files."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.errors import UnreadableInput, UsageError
from mailwright.engine.effective import Outcome
from mailwright.operations.effective import effective, effective_in

Write = Callable[[str, str], Path]

TEXT = '[output_adapter.email]\nhostname = "$env{HOST}"\nusername = "$sys{user}"\nsignature = "S"\n'


@pytest.mark.parametrize(
    ("version", "options", "values"),
    [
        ("7.2.0", {}, {"host": "$env{HOST}", "user": "$sys{user}", "signature": "S"}),
        ("7.2.0", {"system": {"user": "me"}}, {"host": "$env{HOST}", "user": "$sys{user}"}),  # neither is known here
        ("7.2.0", {"environment": {"HOST": "h"}, "system": {"user": "me"}}, {"host": "h", "user": "me"}),
        ("5.9.0", {}, {"host": "$env{HOST}", "signature": None}),
    ],
)
def test_what_a_server_loads(version: str, options: dict[str, Any], values: dict[str, str | None], write: Write) -> None:
    view = effective(write("deployment.toml", TEXT), version, **options)
    assert view.outcome is Outcome.OK, view.reason
    assert {name: view.text_of(f"mail.smtp.{name}") for name in values} == values


def test_a_variable_that_is_not_set_where_all_are_known(write: Write) -> None:
    assert effective(write("deployment.toml", TEXT), "7.2.0", environment={}).outcome is Outcome.ABORT


@pytest.mark.parametrize("name", ["email.yaml", "email.yml", "email.json", "EMAIL.YAML"])
def test_a_spec_is_no_deployment_toml(name: str, write: Write) -> None:
    path = write(name, "{}")
    with pytest.raises(UsageError) as caught:
        effective(path, "7.2.0")
    assert caught.value.message == "this command reads deployment.toml files, and manifests that hold one"
    assert (str(caught.value.place), caught.value.hint) == (str(path), "`mailwright render` shows what a spec stands for")


@pytest.mark.parametrize(("text", "refused"), [("mailwright: 1\nglobal: {}\n", True), (TEXT, False)])
def test_what_comes_through_a_pipe_is_known_by_its_text(text: str, refused: bool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(text,))
    writer.start()
    if refused:
        with pytest.raises(UsageError, match="and manifests that hold one"):
            effective(tmp_path / "pipe", "7.2.0")
    else:
        assert effective(tmp_path / "pipe", "7.2.0").text_of("mail.smtp.signature") == "S"
    writer.join()


def test_what_cannot_be_looked_at(write: Write, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        effective(tmp_path / "missing.toml", "7.2.0")
    with pytest.raises(UsageError):
        effective(write("deployment.toml", TEXT), "no version")


CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}}}
data:
  deployment.toml: |
    [output_adapter.email]
    signature = '{name}'
"""


def config_map(*names: str) -> str:
    return "---\n".join(CONFIG_MAP.format(name=name) for name in names)


def test_a_manifest_of_one_and_of_several(write: Write) -> None:
    one, two = write("one.yaml", config_map("a")), write("two.yaml", config_map("a", "b"))
    assert effective(one, "7.2.0").text_of("mail.smtp.signature") == "a"
    with pytest.raises(UsageError) as caught:
        effective(two, "7.2.0")
    assert (caught.value.message, str(caught.value.place), caught.value.hint) == (
        "holds 2 deployment.toml",
        str(two),
        "hand over the manifest of one",
    )
    views = effective_in(two, "7.2.0")
    assert [(name, view.text_of("mail.smtp.signature")) for name, view in views] == [
        (f"{two}: ConfigMap {name}, deployment.toml", name) for name in ("a", "b")
    ]
